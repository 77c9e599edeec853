//! Whoever answers for an exception is told two weeks before it ends.

use super::document::Exception;
use super::view::answered;
use crate::documents::{self, Change, Select};
use crate::drift::Finding;
use crate::failure::Failure;
use crate::notices::{self, AboutException};
use crate::ports::{Environment as _, Moment, Ports};
use crate::time::{Days, Timestamp};

/// Days before its end.
const DAYS_BEFORE: Days = Days::of(14);

/// Tells of what ends within two weeks and was not told of before: what ends from `told_until` on. Answers until which end all is told.
///
/// Telling and noting that it was done are two commits: killed between them, it tells again, never not at all.
///
/// # Errors
/// The store's.
pub(crate) async fn tell_until<P: Ports>(ports: &P, told_until: Timestamp) -> Result<Timestamp, Failure> {
    let (store, now) = (ports.store(), ports.environment().now());
    let until = now.plus_days(DAYS_BEFORE);
    let from = told_until.max(now);
    let mut owners = Vec::new();
    let people = Select::by(&Exception::BY_STATE, ["in_force"]).from(from).until(until);
    for exception in documents::all::<Exception>(store, people).await? {
        owners.push((AboutException::Person(exception.id), exception.owner));
    }
    let findings = Select::by(&Finding::BY_END, ["ending"]).from(from).until(until);
    for finding in documents::all::<Finding>(store, findings).await? {
        if let Some((_, owner, _)) = answered(&finding) {
            owners.push((AboutException::Finding(finding.id), owner));
        }
    }
    for (about, owner) in owners {
        let moment = Moment::draw(ports.environment());
        let mut change = Change::new();
        notices::exception_ends(&mut change, &moment, about, owner);
        change.commit_if_first(store).await?;
    }
    Ok(until)
}
