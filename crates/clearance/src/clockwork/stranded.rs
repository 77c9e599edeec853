//! Open stages that nobody can decide any more, because people left, groups and owners changed, or somebody stands in for whoever asks: they
//! fall to administrators. When not even administrators can decide, they are told.
//!
//! The log says when people changed, so no command has to. All pending requests are looked at then, and once a day in any case.

use std::collections::BTreeSet;

use audit_log::Value;
use serde::{Deserialize, Serialize};

use crate::approval::{WaitingRequest, asks_administrators_alone, to_administrators};
use crate::audit::by_time::fields;
use crate::audit::{Actor, EventKind};
use crate::documents::{self, Change, Document, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::notices;
use crate::ports::{Attributes, Environment as _, Kind, MAX_LOG_PAGE, Moment, Ports, Store};
use crate::request::{OpenStage, Request};
use crate::time::Timestamp;

use super::PAGE;

/// Hours between two looks when nobody changes.
const REST_HOURS: i64 = 24;
/// Pages of the log, and of requests, that one pass goes through, so that what is due by time does not wait.
const PAGES: usize = 50;

/// Events after which somebody may not decide any more who did.
const CHANGES: &[EventKind] = &[
    EventKind::PersonAdded,
    EventKind::PersonChanged,
    EventKind::PersonDeactivated,
    EventKind::PersonErasureStarted,
    EventKind::ToolChanged,
    EventKind::SettingsChanged,
    EventKind::DelegationPut,
    EventKind::DelegationEnded,
];

/// How far it was looked whether pending requests can be decided.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ApproverCheck {
    /// Entries of the log that were looked at for changes of people.
    seen: u64,
    /// Where the walk through pending requests goes on.
    after: Option<String>,
    /// Whether a walk is under way, or is to begin.
    walking: bool,
    /// When the next walk begins in any case.
    rests_until: Option<Timestamp>,
}

impl ApproverCheck {
    /// The only key.
    pub const KEY: &'static str = "site";
}

impl Document for ApproverCheck {
    const KIND: &'static Kind = &Kind { name: "approver_check", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Looks at pending requests when people have changed; answers of how many stages something was said.
pub(super) async fn run<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let (store, now) = (ports.store(), ports.environment().now());
    let before = load::<ApproverCheck>(store, ApproverCheck::KEY).await?;
    let mut check = before.as_deref().cloned().unwrap_or_default();
    let (seen, changed) = changes(store, check.seen).await?;
    let is_due = check.rests_until.is_none_or(|until| until <= now);
    if changed {
        // What was walked through before people changed is walked through again.
        (check.walking, check.after) = (true, None);
    }
    check.walking |= is_due;
    if !check.walking {
        // Nothing that matters was written: where the next look begins is not worth a commit each time.
        if seen.saturating_sub(check.seen) >= u64::from(MAX_LOG_PAGE) {
            check.seen = seen;
            save(store, before.as_ref(), &check).await?;
        }
        return Ok(0);
    }
    check.seen = seen;
    let mut said = 0;
    for _ in 0..PAGES {
        let paging = Paging { after: check.after.take(), limit: Some(PAGE) };
        let select = Select::by(&Request::BY_STATE, ["pending"]);
        let page = documents::list::<Request>(store, select, &paging).await?;
        for request in page.items {
            match look(ports, request).await {
                Ok(noted) => said += u64::from(noted),
                // Somebody decides or changes it now: it is looked at when the next change or day comes.
                Err(Failure::Refused(_)) => {}
                Err(failure) if failure.is_conflict() => {}
                Err(failure) => return Err(failure),
            }
        }
        check.after = page.next;
        if check.after.is_none() {
            check.walking = false;
            check.rests_until = Some(now.plus_minutes(REST_HOURS * 60));
            break;
        }
        if ports.environment().is_time_up() {
            break;
        }
    }
    save(store, before.as_ref(), &check).await?;
    Ok(said)
}

async fn save(
    store: &impl Store,
    before: Option<&Loaded<ApproverCheck>>,
    check: &ApproverCheck,
) -> Result<(), Failure> {
    let mut change = Change::new();
    change.upsert(before, check);
    // Another host looks, too: either place will do.
    change.commit_if_first(store).await?;
    Ok(())
}

/// How far the log was read, and whether people changed since.
async fn changes(store: &impl Store, seen: u64) -> Result<(u64, bool), Failure> {
    let wanted: BTreeSet<&str> = CHANGES.iter().map(|kind| kind.as_str()).collect();
    let (mut seen, mut changed) = (seen, false);
    for _ in 0..PAGES {
        let entries = store.log_entries(seen, MAX_LOG_PAGE).await?;
        let Some(last) = entries.last() else { break };
        seen = last.index.saturating_add(1);
        for entry in &entries {
            changed |= wanted.contains(fields(entry)?.kind.as_ref());
        }
    }
    Ok((seen, changed))
}

/// Looks whether anybody can decide a pending request; whether something came of it.
async fn look<P: Ports>(ports: &P, request: Loaded<Request>) -> Result<bool, Failure> {
    let (store, moment) = (ports.store(), Moment::draw(ports.environment()));
    let waiting = WaitingRequest::load(store, request, moment.now).await?;
    let open = waiting.request.pending_review()?.open.clone();
    let mut change = Change::new();
    if waiting.is_decidable(store, &open).await? {
        if open.stranded_since.is_none() {
            return Ok(false);
        }
        // Somebody can again.
        waiting.pass_to(&mut change, OpenStage { stranded_since: None, ..open })?;
        store.commit(change.into_commit()?).await?;
        return Ok(true);
    }
    let alone = asks_administrators_alone(&open);
    let mut next = if alone { open.clone() } else { to_administrators(&open, moment.now) };
    let stranded = !waiting.is_decidable(store, &next).await?;
    if alone && (!stranded || open.stranded_since.is_some()) {
        return Ok(false);
    }
    let facts = |open: &OpenStage| {
        Value::object([
            ("request", Value::from(waiting.request.id.to_string())),
            ("stage", Value::from(open.number)),
        ])
    };
    if !alone {
        let event = EventKind::ApprovalFellToAdministrators;
        change.record(moment.now, &Actor::System, event, facts(&open));
    }
    if stranded {
        next.stranded_since = Some(moment.now);
        change.record(moment.now, &Actor::System, EventKind::ApprovalStranded, facts(&open));
        notices::request_stranded(&mut change, &moment, waiting.request.id);
    }
    let told = next.approvers();
    let passed = waiting.pass_to(&mut change, next)?;
    if !stranded {
        notices::stage_waits(&mut change, waiting.circle(), &moment, &passed, &told);
    }
    store.commit(change.into_commit()?).await?;
    Ok(true)
}
