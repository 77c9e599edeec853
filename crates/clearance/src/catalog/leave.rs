use super::operations::record;
use super::tool::{Fulfilment, Tool};
use crate::audit::{Actor, EventKind};
use crate::documents::{Change, Paging, Select, list};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::ports::{MAX_PAGE, Moment, Store};

/// Lets go of somebody who gives and takes seats by hand: what comes next is for the tools' owners and administrators, until somebody else is
/// named.
pub(crate) async fn unassign(store: &impl Store, person: PersonId, moment: &Moment) -> Result<(), Failure> {
    let mut paging = Paging { after: None, limit: Some(MAX_PAGE) };
    loop {
        let page = list::<Tool>(store, Select::all(), &paging).await?;
        for tool in &page.items {
            if tool.fulfilment != (Fulfilment::Manual { assignee: Some(person) }) {
                continue;
            }
            let fulfilment = Fulfilment::Manual { assignee: None };
            let version = tool.version.saturating_add(1);
            let unassigned = Tool { fulfilment, version, ..Tool::clone(tool) };
            let mut change = Change::new();
            change.update(tool, &unassigned);
            record(&mut change, moment.now, &Actor::System, EventKind::ToolChanged, &unassigned);
            store.commit(change.into_commit()?).await?;
        }
        paging.after = page.next;
        if paging.after.is_none() {
            return Ok(());
        }
    }
}
