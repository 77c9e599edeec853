//! People whom a provider has deactivated have left.

use std::collections::BTreeSet;

use super::Cause;
use crate::audit::Actor;
use crate::documents::load;
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people::{self, Person};
use crate::ports::{Moment, Ports};
use crate::settings;

/// As many may leave at once, however small the group.
const FEW: usize = 10;

/// What came of the people whom a provider calls deactivated.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// How many have left by that.
    pub(super) people: u32,
    /// Set when there were too many, and nobody was touched.
    pub(super) doubt: Option<Cause>,
}

/// Begins for each what a deactivation begins.
///
/// Only what the provider calls deactivated is taken for that, never a suspension nor silence. A provider that calls more of a group
/// deactivated than [`removal_share_percent`](crate::settings::Settings::removal_share_percent) may be wrong: then nobody leaves by it until an
/// administrator has looked. The last administrator stays.
pub(super) async fn all<P: Ports>(
    ports: &P,
    deactivated: &BTreeSet<PersonId>,
    members: u32,
) -> Result<Left, Failure> {
    let percent = usize::from(settings::current(ports.store()).await?.removal_share_percent.get());
    let mut active = Vec::new();
    for person in deactivated {
        let known = load::<Person>(ports.store(), &person.to_string()).await?;
        active.extend(known.filter(|person| person.is_active()).map(|person| person.id));
    }
    let share = usize::try_from(members).unwrap_or(usize::MAX).saturating_mul(percent) / 100;
    if active.len() > FEW.max(share) {
        return Ok(Left { people: 0, doubt: Some(Cause::TooManyDeactivated) });
    }
    let mut left = Left::default();
    for person in active {
        let moment = Moment::draw(ports.environment());
        let change = match people::leave(ports.store(), person, &Actor::System, &moment).await {
            Ok(Some(change)) => change,
            Ok(None) | Err(Failure::Refused(_)) => continue,
            Err(failure) => return Err(failure),
        };
        // The next check sees it again.
        if change.commit_if_first(ports.store()).await? {
            left.people += 1;
        }
    }
    Ok(left)
}
