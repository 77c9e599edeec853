//! People whom a provider has deactivated have left.

use std::collections::BTreeSet;

use crate::audit::Actor;
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people;
use crate::ports::{Moment, Ports, Store as _, StoreError};

/// Begins for each what a deactivation begins; how many were active.
///
/// Only what the provider calls deactivated is taken for that, never a suspension nor silence. The last administrator stays: somebody must be
/// left to look.
pub(super) async fn all<P: Ports>(ports: &P, deactivated: &BTreeSet<PersonId>) -> Result<u32, Failure> {
    let mut left = 0;
    for person in deactivated {
        let moment = Moment::draw(ports.environment());
        let change = match people::leave(ports.store(), *person, &Actor::System, &moment).await {
            Ok(Some(change)) => change,
            Ok(None) | Err(Failure::Refused(_)) => continue,
            Err(failure) => return Err(failure),
        };
        match ports.store().commit(change.into_commit()?).await {
            Ok(_) => left += 1,
            // The next check sees it again.
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(left)
}
