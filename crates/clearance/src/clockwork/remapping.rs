use crate::audit::Actor;
use crate::catalog::Tool;
use crate::documents::{Change, Loaded, Select, load};
use crate::failure::Failure;
use crate::grant::Grant;
use crate::identity::Remapping;
use crate::ports::{Moment, Ports, Store};
use crate::provisioning::queue_provision_again;

use super::sweep;

/// Lets access follow to the accounts that people have now.
pub(super) async fn run<P: Ports>(ports: &P) -> Result<u64, Failure> {
    sweep(ports, |_| Select::all(), |remapping: Loaded<Remapping>, moment| follow(ports, remapping, moment))
        .await
}

/// One grant in each commit; the next pass sees to the others if somebody else changes something meanwhile.
async fn follow<P: Ports>(ports: &P, remapping: Loaded<Remapping>, moment: Moment) -> Result<(), Failure> {
    let (store, key) = (ports.store(), crate::documents::Document::key(&*remapping));
    let mut current = Some(remapping);
    let mut number = 0;
    while let Some(remapping) = current {
        number += 1;
        let moment = moment.part(number);
        let mut change = Change::new();
        let mut left = Remapping::clone(&remapping);
        if let Some(id) = left.grants.pop_first()
            && let Some(grant) = load::<Grant>(store, &id.to_string()).await?
            && let Some(tool) = load::<Tool>(store, &grant.tool.to_string()).await?
        {
            queue_provision_again(store, &mut change, &moment, &Actor::System, &grant, &tool).await?;
        }
        if left.grants.is_empty() {
            change.remove(&remapping);
        } else {
            change.update(&remapping, &left);
        }
        store.commit(change.into_commit()?).await?;
        current = load::<Remapping>(store, &key).await?;
    }
    Ok(())
}
