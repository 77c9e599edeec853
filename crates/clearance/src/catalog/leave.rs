use super::put::record;
use super::tool::{Fulfilment, Ownership, Tool};
use crate::audit::{Actor, EventKind};
use crate::documents::{Change, Paging, Select, list};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::ports::{MAX_PAGE, Moment, Store};
use crate::proposal::Agreed;

/// Lets go of somebody who left: they own no tool any more, and give and take no seat by hand. What was theirs to do is for a tool's other
/// owners and administrators, until somebody else is named.
pub(crate) async fn let_go(store: &impl Store, person: PersonId, moment: &Moment) -> Result<(), Failure> {
    let mut paging = Paging { after: None, limit: Some(MAX_PAGE) };
    loop {
        let page = list::<Tool>(store, Select::all(), &paging).await?;
        for tool in &page.items {
            let assigned = tool.fulfilment == (Fulfilment::Manual { assignee: Some(person) });
            let owned = tool.owners.contains(&person);
            if !assigned && !owned {
                continue;
            }
            let mut without = Tool { version: tool.version.saturating_add(1), ..Tool::clone(tool) };
            let mut change = Change::new();
            if assigned {
                without.fulfilment = Fulfilment::Manual { assignee: None };
            }
            if owned {
                without.owners.remove(&person);
                change.remove_unrevised::<Ownership>(Ownership::key_of(person, tool.id));
            }
            change.update(tool, &without);
            let agreed = Agreed::alone(Actor::System);
            record(&mut change, moment.now, (&agreed, false), EventKind::ToolChanged, &without);
            store.commit(change.into_commit()?).await?;
        }
        paging.after = page.next;
        if paging.after.is_none() {
            return Ok(());
        }
    }
}
