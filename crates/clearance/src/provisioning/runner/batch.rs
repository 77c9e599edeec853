//! Which jobs are next at a connector: those for which somebody waits before the others, as many as the provider bears, and no removal that
//! the brake holds.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use audit_log::Value;

use super::claim::{Claimed, stop};
use super::health::{self, Gate};
use super::{JobOutcome, Ran};
use crate::audit::{Actor, EventKind};
use crate::connector::{Connector, ConnectorHealth, ConnectorPace, Hold, ProviderGroup, RemovalWindow};
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::{ConnectorId, JobId, ToolId};
use crate::limits::Denied;
use crate::ports::{Environment as _, MAX_PAGE, Moment, Ports, Store};
use crate::provisioning::job::{Job, Lane};
use crate::settings;
use crate::time::Timestamp;

/// Times that a batch is decided anew when somebody else changed what it rests on.
const TRIES: usize = 8;
/// Minutes after which a removal that the brake holds is looked at again.
const HELD_MINUTES: i64 = 5;
/// Minutes in which removals are counted for the brake.
const WINDOW_MINUTES: i64 = 60;
/// Removals within the window that never set the brake.
const FREE_REMOVALS: u32 = 10;

/// What is next.
pub(super) enum Batch {
    /// These, at a connector; and more at a time when the provider bears them.
    Jobs { at: Arc<At>, jobs: Vec<Loaded<Job>>, more_at: Option<Timestamp> },
    /// Something, at this time.
    Later(Timestamp),
    /// Nothing.
    Nothing,
}

/// Where a batch is carried out, as it was when the batch was taken.
pub(super) struct At {
    /// The connector.
    pub(super) connector: Connector,
    /// How it fares.
    pub(super) health: ConnectorHealth,
    /// The groups of the batch's tools.
    pub(super) groups: BTreeMap<ToolId, ProviderGroup>,
}

impl At {
    async fn of(
        store: &impl Store,
        connector: Connector,
        health: ConnectorHealth,
        jobs: &[Loaded<Job>],
    ) -> Result<Self, Failure> {
        let mut groups = BTreeMap::new();
        for tool in jobs.iter().map(|job| job.tool) {
            if let Entry::Vacant(place) = groups.entry(tool)
                && let Some(group) = load::<ProviderGroup>(store, &tool.to_string()).await?
            {
                place.insert(group.into_inner());
            }
        }
        Ok(Self { connector, health, groups })
    }
}

/// The next jobs, at most so many, but none that is under way.
///
/// # Errors
/// The store's.
pub(super) async fn next<P: Ports>(
    ports: &P,
    id: ConnectorId,
    room: usize,
    busy: &BTreeSet<JobId>,
    ran: &mut Ran,
) -> Result<Batch, Failure> {
    let store = ports.store();
    for _ in 0..TRIES {
        let now = ports.environment().now();
        let Some(connector) = load::<Connector>(store, &id.to_string()).await? else {
            return Ok(Batch::Nothing);
        };
        let (mut room, mut probing) = (room, false);
        let health = health::of(store, id).await?;
        match Gate::of(&connector, &health, now) {
            Gate::Open => {}
            Gate::Closed(until) => return Ok(Batch::Later(until)),
            Gate::Stop(reason) => {
                let jobs = due(store, id, usize::from(MAX_PAGE), busy, now).await?;
                if jobs.is_empty() {
                    return Ok(Batch::Nothing);
                }
                for job in &jobs {
                    let moment = Moment::draw(ports.environment());
                    match stop(ports, &moment, job, reason).await {
                        Ok(Claimed::Settled(outcome)) => ran.count(outcome),
                        Ok(Claimed::Call(_)) | Err(Failure::Refused(_)) => {}
                        Err(failure) if failure.is_conflict() => ran.count(JobOutcome::Lost),
                        Err(failure) => return Err(failure),
                    }
                }
                continue;
            }
            Gate::Probe => {
                if !busy.is_empty() || !health::take_try(ports, id).await? {
                    return Ok(Batch::Nothing);
                }
                (room, probing) = (1, true);
            }
        }
        let jobs = due(store, id, room, busy, now).await?;
        if jobs.is_empty() {
            if probing && health::try_out(ports, &connector).await? {
                ran.resumed += health::resume(ports, id).await?;
                continue;
            }
            return Ok(Batch::Nothing);
        }
        let moment = Moment::draw(ports.environment());
        match reserve(ports, &connector, jobs, &moment).await {
            Ok((jobs, Some(until))) if jobs.is_empty() => return Ok(Batch::Later(until)),
            Ok((jobs, None)) if jobs.is_empty() => {}
            Ok((jobs, more_at)) => {
                let at = Arc::new(At::of(store, connector.into_inner(), health, &jobs).await?);
                return Ok(Batch::Jobs { at, jobs, more_at });
            }
            Err(failure) if failure.is_conflict() => {}
            Err(failure) => return Err(failure),
        }
    }
    // Others are at it, too.
    Ok(if busy.is_empty() { Batch::Later(ports.environment().now()) } else { Batch::Nothing })
}

/// Jobs that are due, those for which somebody waits first.
async fn due(
    store: &impl Store,
    connector: ConnectorId,
    room: usize,
    busy: &BTreeSet<JobId>,
    now: Timestamp,
) -> Result<Vec<Loaded<Job>>, Failure> {
    let mut jobs = Vec::new();
    // What is due this very millisecond is due.
    let until = Timestamp::from_millisecond(now.as_millisecond().saturating_add(1));
    for lane in [Lane::Interactive, Lane::Sweep] {
        if jobs.len() == room {
            break;
        }
        let limit = u16::try_from(room - jobs.len()).unwrap_or(MAX_PAGE).min(MAX_PAGE);
        let mut paging = Paging { after: None, limit: Some(limit) };
        // What is under way is hardly ever due: only until it is claimed.
        loop {
            let select = Select::by(&Job::BY_DUE, [Job::lane_of(connector, lane)]).until(until);
            let page = documents::list::<Job>(store, select, &paging).await?;
            let wanted = room.saturating_sub(jobs.len());
            jobs.extend(page.items.into_iter().filter(|job| !busy.contains(&job.id)).take(wanted));
            if page.next.is_none() || jobs.len() == room {
                break;
            }
            paging.after = page.next;
        }
    }
    Ok(jobs)
}

/// Takes the provider's allowance for jobs, and counts removals for the brake, in one commit; jobs that the brake holds are put off. With the
/// jobs for which it was enough comes when there is more of it, if it was not enough for all.
async fn reserve<P: Ports>(
    ports: &P,
    connector: &Connector,
    jobs: Vec<Loaded<Job>>,
    moment: &Moment,
) -> Result<(Vec<Loaded<Job>>, Option<Timestamp>), Failure> {
    let (store, now) = (ports.store(), moment.now);
    let mut change = Change::new();
    let mut brakes = Brakes::default();
    let (mut passed, mut held) = (Vec::new(), Vec::new());
    let stored = load::<ConnectorPace>(store, &connector.id.to_string()).await?;
    let pace = stored.as_deref().cloned().unwrap_or_else(|| ConnectorPace::at_rest(connector.id, now));
    let allowance = pace.allowance(connector, now);
    let (mut level, mut denied) = (pace.level, None);
    for job in jobs {
        let admitted = match level.admit(allowance, 1, now) {
            Ok(admitted) => admitted,
            Err(Denied::Until(until)) => {
                denied = Some(until);
                break;
            }
            Err(Denied::TooMany) => break,
        };
        if job.brakes() && job.attempts_made == 0 && !brakes.passes(store, job.tool, now).await? {
            held.push(job);
        } else {
            level = admitted;
            passed.push(job);
        }
    }
    if !passed.is_empty() {
        change.upsert(stored.as_ref(), &ConnectorPace { level, ..pace });
    }
    brakes.write(&mut change, now);
    if !change.is_empty() {
        store.commit(change.into_commit()?).await?;
    }
    for job in held {
        let mut change = Change::new();
        change.update(&job, &job.put_off(now.plus_minutes(HELD_MINUTES))?);
        change.commit_if_first(store).await?;
    }
    Ok((passed, denied))
}

/// The brakes of the tools in a batch.
#[derive(Default)]
struct Brakes {
    groups: BTreeMap<ToolId, Option<(Loaded<ProviderGroup>, ProviderGroup)>>,
    share: Option<u32>,
}

impl Brakes {
    /// Counts a removal that nobody asked for; whether it may begin.
    async fn passes(&mut self, store: &impl Store, tool: ToolId, now: Timestamp) -> Result<bool, Failure> {
        if let Entry::Vacant(place) = self.groups.entry(tool) {
            let group = load::<ProviderGroup>(store, &tool.to_string()).await?;
            place.insert(group.map(|before| {
                let mut group = ProviderGroup::clone(&before);
                if group.removals.since.plus_minutes(WINDOW_MINUTES) <= now {
                    group.removals = RemovalWindow { since: now, count: 0 };
                }
                (before, group)
            }));
        }
        let share = match self.share {
            Some(share) => share,
            None => {
                *self.share.insert(u32::from(settings::current(store).await?.removal_share_percent.get()))
            }
        };
        let Some(Some((_, group))) = self.groups.get_mut(&tool) else { return Ok(true) };
        if group.hold.is_some() {
            return Ok(false);
        }
        let most = u64::from(group.members) * u64::from(share) / 100;
        if u64::from(group.removals.count) + 1 > most.max(u64::from(FREE_REMOVALS)) {
            group.hold = Some(Hold { since: now, removals: group.removals.count, members: group.members });
            return Ok(false);
        }
        group.removals.count = group.removals.count.saturating_add(1);
        Ok(true)
    }

    fn write(&self, change: &mut Change, now: Timestamp) {
        for (before, after) in self.groups.values().flatten() {
            if **before == *after {
                continue;
            }
            change.update(before, after);
            if let (None, Some(hold)) = (before.hold, after.hold) {
                let facts = Value::object([
                    ("tool", Value::from(after.tool.to_string())),
                    ("removals", Value::from(hold.removals)),
                    ("members", Value::from(hold.members)),
                ]);
                change.record(now, &Actor::System, EventKind::ProviderGroupHoldSet, facts);
            }
        }
    }
}
