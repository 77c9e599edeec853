//! Before the app is uninstalled: access ends if that is switched on; either way the log says how much there still is.

use audit_log::Value;

use crate::audit::{Actor, EventKind};
use crate::documents::{self, Change, Paging, Select};
use crate::failure::Failure;
use crate::grant::{EndReason, Grant, revoke};
use crate::ports::{Environment as _, MAX_PAGE, Moment, Ports, Store as _};
use crate::settings;

/// What was left to do before uninstalling, and what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Uninstalled {
    /// Grants that began to end.
    pub ending: u32,
    /// Grants that have not ended: whoever keeps the access must take it away by hand.
    pub unended: u32,
}

/// Ends all access if settings say so, as far as the host's time goes, and notes what is left. May run twice.
///
/// # Errors
/// The store's.
pub async fn uninstalling<P: Ports>(ports: &P) -> Result<Uninstalled, Failure> {
    let store = ports.store();
    let ends = settings::current(store).await?.jira.end_on_uninstall;
    let (mut done, mut after) = (Uninstalled::default(), None);
    loop {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let page = documents::list::<Grant>(store, Select::by(&Grant::BY_TIME, ["all"]), &paging).await?;
        for grant in page.items.iter().filter(|grant| !grant.is_ended()) {
            done.unended += 1;
            if ends && grant.is_live() && !ports.environment().is_time_up() {
                let moment = Moment::draw(ports.environment());
                match revoke(store, grant, &Actor::System, &moment, EndReason::Revoked).await {
                    Ok(()) => done.ending += 1,
                    // Somebody else ended it.
                    Err(Failure::Refused(_)) => {}
                    Err(failure) if failure.is_conflict() => {}
                    Err(failure) => return Err(failure),
                }
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut change = Change::new();
    let facts = Value::object([("ending", Value::from(done.ending)), ("unended", Value::from(done.unended))]);
    change.record(ports.environment().now(), &Actor::System, EventKind::SiteUninstalling, facts);
    store.commit(change.into_commit()?).await?;
    Ok(done)
}
