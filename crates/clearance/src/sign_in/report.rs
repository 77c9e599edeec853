//! The platform's cycle for personal data: every app says of which accounts it keeps some, and is told of which it must go.

use super::jira_account::{KnownJiraAccount, REPORT_DAYS, name_of, unavailable};
use crate::audit::Actor;
use crate::authorization::Caller;
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::operations::{Call, perform};
use crate::people::{Person, leave};
use crate::ports::{AccountReport, Environment as _, Jira as _, MAX_REPORTED_ACCOUNTS, Moment, Ports};
use crate::time::Timestamp;

/// What one pass reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reported {
    /// Accounts reported.
    pub reported: u32,
    /// Accounts whose people are being erased because of it.
    pub erased: u32,
    /// Accounts that were deactivated: their people leave.
    pub left: u32,
}

/// Reports every account that is due, has those erased of whom nothing may be kept, and reads the names of the others anew.
///
/// # Errors
/// The store's, also when Jira does not answer. What was reported stays so.
pub async fn report_accounts<P: Ports>(ports: &P) -> Result<Reported, Failure> {
    let store = ports.store();
    let (mut pass, mut after) = (Reported::default(), None);
    loop {
        let now = ports.environment().now();
        let paging = Paging { after, limit: u16::try_from(MAX_REPORTED_ACCOUNTS).ok() };
        let page = documents::list::<KnownJiraAccount>(store, Select::all(), &paging).await?;
        let due: Vec<_> = page.items.iter().filter(|known| known.report_at <= now).collect();
        if !due.is_empty() {
            let reports = due
                .iter()
                .map(|known| AccountReport { account: known.account.clone(), updated_at: known.read_at });
            let erase =
                ports.jira().report_accounts(&reports.collect::<Vec<_>>()).await.map_err(unavailable)?;
            for known in due {
                pass.reported += 1;
                if erase.contains(&known.account) {
                    // Noted as reported only when the erasure has begun.
                    let input = serde_json::json!({ "account": known.account }).to_string();
                    let call = Call {
                        operation: "people.account_deleted",
                        caller: Caller::System,
                        input: input.as_bytes(),
                        idempotency_key: None,
                    };
                    perform(ports, call).await?;
                    pass.erased += 1;
                } else {
                    pass.left += u32::from(read_anew(ports, known, now).await?);
                }
            }
        }
        after = page.next;
        if after.is_none() || ports.environment().is_time_up() {
            return Ok(pass);
        }
    }
}

/// Reads what Jira says of an account now; whether its person leaves because of it.
async fn read_anew<P: Ports>(
    ports: &P,
    known: &Loaded<KnownJiraAccount>,
    now: Timestamp,
) -> Result<bool, Failure> {
    let store = ports.store();
    let found = ports.jira().account(&known.account).await.map_err(unavailable)?;
    let active = found.as_ref().is_none_or(|found| found.active);
    let mut change = if active { Change::new() } else { leaving(ports, known).await? };
    let left = !change.is_empty();
    if let (true, Some(found)) = (active, found)
        && let Some(person) = load::<Person>(store, &known.person.to_string()).await?
    {
        let name = name_of(found.name.as_deref())?;
        if person.is_active() && person.name != name {
            change.update(&person, &Person { name, ..Person::clone(&person) });
        }
    }
    let report_at = now.plus_minutes(REPORT_DAYS * 24 * 60);
    change.update(known, &KnownJiraAccount { read_at: now, report_at, ..KnownJiraAccount::clone(known) });
    // What somebody changed meanwhile is read at the next pass.
    Ok(change.commit_if_first(store).await? && left)
}

async fn leaving<P: Ports>(ports: &P, known: &KnownJiraAccount) -> Result<Change, Failure> {
    let moment = Moment::draw(ports.environment());
    let change = leave(ports.store(), known.person, &Actor::System, &moment).await?;
    Ok(change.unwrap_or_default())
}
