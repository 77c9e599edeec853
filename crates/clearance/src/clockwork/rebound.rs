use crate::audit::Actor;
use crate::connector::Rebound;
use crate::documents::{Change, Loaded, Paging, Select, list};
use crate::failure::Failure;
use crate::ports::{Moment, Ports, Store};
use crate::provisioning::{Job, retry, waiting_for_the_group};
use crate::time::Timestamp;

use super::sweep;

/// Lets go on what waited for a tool's group.
pub(super) async fn run<P: Ports>(ports: &P) -> Result<u64, Failure> {
    sweep(ports, |_| Select::all(), |rebound: Loaded<Rebound>, _| go_on(ports, rebound)).await
}

/// Each job in a commit of its own. What gets stuck again stays so: only what waited before the group was bound is tried.
async fn go_on<P: Ports>(ports: &P, rebound: Loaded<Rebound>) -> Result<(), Failure> {
    // What got stuck in the very millisecond of the binding goes on, too.
    let before = Timestamp::from_millisecond(rebound.at.as_millisecond().saturating_add(1));
    for select in waiting_for_the_group(rebound.tool, before) {
        sweep(ports, |_| select.clone(), |job: Loaded<Job>, moment| again(ports, job, moment)).await?;
        let left = list::<Job>(ports.store(), select, &Paging { after: None, limit: Some(1) }).await?;
        if !left.items.is_empty() {
            // Somebody else changed one of them: the next pass looks again.
            return Ok(());
        }
    }
    let mut change = Change::new();
    change.remove(&rebound);
    ports.store().commit(change.into_commit()?).await?;
    Ok(())
}

async fn again<P: Ports>(ports: &P, job: Loaded<Job>, moment: Moment) -> Result<(), Failure> {
    let mut change = Change::new();
    retry(ports.store(), &mut change, &moment, &Actor::System, &job).await?;
    ports.store().commit(change.into_commit()?).await?;
    Ok(())
}
