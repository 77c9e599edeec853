//! Who is named by what leaves the site, and the register of it.

use std::collections::BTreeSet;

use super::export::Export;
use super::register::ExportRegister;
use crate::documents::{Change, Paging, Select, list};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::operations::MAX_ATTEMPTS;
use crate::ports::{MAX_PAGE, Ports, Store as _, StoreError};

/// Documents of one commit.
const IN_ONE_COMMIT: usize = 18;

/// Registers that an export names these people, before it does. Who is registered already stays so.
pub(super) async fn register<P: Ports>(
    ports: &P,
    export: &Export,
    people: impl IntoIterator<Item = PersonId>,
) -> Result<(), Failure> {
    let mut people: BTreeSet<PersonId> = people.into_iter().collect();
    for _ in 0..MAX_ATTEMPTS {
        let mut after = None;
        loop {
            let select = Select::all().from(format!("{}:", export.id)).until(format!("{};", export.id));
            let paging = Paging { after, limit: Some(MAX_PAGE) };
            let page = list::<ExportRegister>(ports.store(), select, &paging).await?;
            for registered in page.items {
                people.remove(&registered.person);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let all: Vec<PersonId> = people.iter().copied().collect();
        // Together they share few disk syncs.
        let commits = all.chunks(IN_ONE_COMMIT).map(|chunk| async move {
            let mut change = Change::new();
            for person in chunk {
                change.insert(&ExportRegister {
                    export: export.id,
                    person: *person,
                    by: export.by,
                    at: export.made_at,
                    scope: export.scope,
                });
            }
            Ok::<_, Failure>(ports.store().commit(change.into_commit()?).await.map(|_| ()))
        });
        let mut conflict = false;
        for outcome in futures_util::future::join_all(commits).await {
            match outcome? {
                Ok(()) => {}
                // Another download of the same export was first.
                Err(StoreError::Conflict) => conflict = true,
                Err(error) => return Err(error.into()),
            }
        }
        if !conflict {
            return Ok(());
        }
    }
    Err(StoreError::Conflict.into())
}
