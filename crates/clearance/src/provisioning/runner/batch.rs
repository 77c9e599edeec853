//! Which jobs are next at a connector: those for which somebody waits before the others, as many as the provider bears, and no removal that
//! the brake holds.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use audit_log::Value;

use super::calls::Calls;
use super::health::{self, Gate};
use super::prepare::{Prepared, stop};
use super::read::{ReadJob, read_all};
use super::{JobOutcome, Ran};
use crate::audit::{Actor, EventKind};
use crate::connector::{
    Connector, ConnectorHealth, ConnectorPace, Hold, ProviderGroup, RemovalWindow, typed_secret,
};
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::{ConnectorId, ToolId};
use crate::limits::Denied;
use crate::ports::{Environment as _, MAX_PAGE, Moment, Ports, Secret, Store};
use crate::provisioning::claims::Claims;
use crate::provisioning::job::{Job, Lane};
use crate::settings;
use crate::time::Timestamp;

/// Times that a batch is decided anew when somebody else changed what it rests on.
const TRIES: usize = 8;
/// Tools of which removals are counted in one commit: each is a document, and an entry where the brake takes hold.
const TOOLS: usize = 8;
/// Jobs taken over from a runner that is gone in one commit.
const TAKEN_OVER: usize = 16;
/// Minutes after which a removal that the brake holds is looked at again.
const HELD_MINUTES: i64 = 5;
/// Minutes in which removals are counted for the brake.
const WINDOW_MINUTES: i64 = 60;
/// Removals within the window that never set the brake.
const FREE_REMOVALS: u32 = 10;

/// What is next.
pub(super) enum Batch {
    /// These, at a connector; and more at a time when the provider bears them.
    Jobs { at: Arc<At>, jobs: Vec<ReadJob>, more_at: Option<Timestamp> },
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
    /// The secret that was typed for the connector, if it could be read.
    pub(super) secret: Option<Secret>,
    /// The groups of the batch's tools.
    pub(super) groups: BTreeMap<ToolId, ProviderGroup>,
}

impl At {
    /// `last` is where the batch before was carried out.
    async fn of<P: Ports>(
        ports: &P,
        connector: Connector,
        health: ConnectorHealth,
        jobs: &[Loaded<Job>],
        last: Option<&Self>,
    ) -> Result<Self, Failure> {
        let store = ports.store();
        // Nothing else is ever kept at a place where a secret was.
        let known = last.filter(|last| last.connector.provider == connector.provider);
        let secret = match known.and_then(|last| last.secret.clone()) {
            Some(secret) => Some(secret),
            None => typed_secret(ports, &connector).await.ok().flatten(),
        };
        let mut groups = BTreeMap::new();
        for tool in jobs.iter().map(|job| job.tool) {
            if let Entry::Vacant(place) = groups.entry(tool)
                && let Some(group) = load::<ProviderGroup>(store, &tool.to_string()).await?
            {
                place.insert(group.into_inner());
            }
        }
        Ok(Self { connector, health, secret, groups })
    }
}

/// The next jobs, at most so many, claimed: none that this or another runner is at.
///
/// # Errors
/// The store's.
pub(super) async fn next<P: Ports>(
    ports: &P,
    id: ConnectorId,
    room: usize,
    calls: &mut Calls,
    ran: &mut Ran,
) -> Result<Batch, Failure> {
    let store = ports.store();
    for _ in 0..TRIES {
        let now = ports.environment().now();
        let Some(connector) = load::<Connector>(store, &id.to_string()).await? else {
            return Ok(Batch::Nothing);
        };
        let stored = match calls.take_claims() {
            Some(claims) => Some(claims),
            None => load::<Claims>(store, &id.to_string()).await?,
        };
        let claims = stored.as_deref().map_or_else(|| Claims::none(id), |claims| calls.still(claims));
        if let Some(stored) = &stored
            && take_over(store, stored, &claims, calls, now).await?
        {
            calls.look_from_the_start();
            continue;
        }
        let (mut room, mut probing) = (room, false);
        let health = health::of(store, id).await?;
        match Gate::of(&connector, &health, now) {
            Gate::Open => {}
            Gate::Closed(until) => return Ok(Batch::Later(until)),
            Gate::Stop(reason) => {
                let jobs = due(store, &claims, calls, usize::from(MAX_PAGE), now).await?;
                if jobs.is_empty() {
                    return Ok(Batch::Nothing);
                }
                for job in &jobs {
                    let moment = Moment::draw(ports.environment());
                    match stop(ports, &moment, job, reason).await {
                        Ok(Prepared::Settled(outcome)) => ran.count(outcome),
                        Ok(Prepared::Call(_)) | Err(Failure::Refused(_)) => {}
                        Err(failure) if failure.is_conflict() => ran.count(JobOutcome::Lost),
                        Err(failure) => return Err(failure),
                    }
                }
                continue;
            }
            Gate::Probe => {
                if !calls.under_way().is_empty() || !health::take_try(ports, id).await? {
                    return Ok(Batch::Nothing);
                }
                (room, probing) = (1, true);
            }
        }
        let jobs = due(store, &claims, calls, room, now).await?;
        if jobs.is_empty() {
            if probing && health::try_out(ports, &connector).await? {
                ran.resumed += health::resume(ports, id).await?;
                continue;
            }
            return Ok(Batch::Nothing);
        }
        let moment = Moment::draw(ports.environment());
        match reserve(ports, &connector, jobs, (stored.as_ref(), &claims), &moment).await {
            Ok(Reserved { jobs, more_at: Some(until), .. }) if jobs.is_empty() => {
                return Ok(Batch::Later(until));
            }
            Ok(Reserved { jobs, .. }) if jobs.is_empty() => {}
            Ok(Reserved { jobs, claims, more_at }) => {
                let at = At::of(ports, connector.into_inner(), health, &jobs, calls.at()).await?;
                let at = Arc::new(at);
                calls.begin(&jobs, claims, &at);
                let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
                return match read_all(ports, id, jobs).await {
                    Ok(jobs) => Ok(Batch::Jobs { at, jobs, more_at }),
                    Err(failure) => {
                        for job in ids {
                            calls.end(job);
                        }
                        Err(failure)
                    }
                };
            }
            Err(failure) if failure.is_conflict() => {}
            Err(failure) => return Err(failure),
        }
    }
    // Others are at it, too.
    Ok(if calls.under_way().is_empty() { Batch::Later(ports.environment().now()) } else { Batch::Nothing })
}

/// Notes of jobs whose runner is gone that nobody knows what came of the attempt: so they are tried again. Whether there were claims of that
/// kind.
async fn take_over(
    store: &impl Store,
    stored: &Loaded<Claims>,
    claims: &Claims,
    calls: &Calls,
    now: Timestamp,
) -> Result<bool, Failure> {
    let lost = claims.lost(now).filter(|claim| !calls.under_way().contains(&claim.job));
    let lost: Vec<_> = lost.take(TAKEN_OVER).collect();
    if lost.is_empty() {
        return Ok(false);
    }
    let mut change = Change::new();
    for claim in &lost {
        let job = load::<Job>(store, &claim.job.to_string()).await?;
        if let Some(job) = job.filter(|job| claim.is_of(job)) {
            change.update(&job, &job.unanswered(claim, now)?);
        }
    }
    let jobs = lost.iter().map(|claim| claim.job).collect();
    change.update(stored, &stored.without(&jobs));
    change.commit_if_first(store).await?;
    Ok(true)
}

/// Jobs that are due and nobody is at, those for which somebody waits first. When they are fewer than there is room for, there are no others.
async fn due(
    store: &impl Store,
    claims: &Claims,
    calls: &mut Calls,
    room: usize,
    now: Timestamp,
) -> Result<Vec<Loaded<Job>>, Failure> {
    let mut jobs = Vec::new();
    for lane in [Lane::Interactive, Lane::Sweep] {
        let wanted = room - jobs.len();
        if wanted == 0 {
            break;
        }
        let after = calls.place(lane).after.take();
        let mut found = due_behind(store, claims, calls, (lane, after.as_deref()), (wanted, now)).await?;
        if after.is_some() && found.0.len() < wanted {
            found = due_behind(store, claims, calls, (lane, None), (wanted, now)).await?;
        } else {
            calls.place(lane).after = after;
        }
        calls.place(lane).more = found.1;
        jobs.extend(found.0);
    }
    Ok(jobs)
}

/// Jobs of a lane that are due and nobody is at, behind a cursor, and whether there may be more.
async fn due_behind(
    store: &impl Store,
    claims: &Claims,
    calls: &Calls,
    (lane, after): (Lane, Option<&str>),
    (wanted, now): (usize, Timestamp),
) -> Result<(Vec<Loaded<Job>>, bool), Failure> {
    // What is due this very millisecond is due.
    let until = Timestamp::from_millisecond(now.as_millisecond().saturating_add(1));
    let select = Select::by(&Job::BY_DUE, [Job::lane_of(claims.connector, lane)]).until(until);
    let under_way = |key: &str| key.parse().is_ok_and(|job| calls.under_way().contains(&job));
    // What is under way stays due until it is known what came of it: it is read past at the start, and none of it is behind the cursor.
    let limit = if after.is_some() { wanted } else { wanted + calls.under_way().len() };
    let limit = Some(u16::try_from(limit).unwrap_or(MAX_PAGE).min(MAX_PAGE));
    let mut paging = Paging { after: after.map(str::to_owned), limit };
    let mut jobs = Vec::new();
    loop {
        let page = documents::list_without::<Job>(store, select.clone(), &paging, under_way).await?;
        let mut free = page.items.into_iter().filter(|job| !claims.hold(job, now));
        jobs.extend(free.by_ref().take(wanted - jobs.len()));
        let more = page.next.is_some() || free.next().is_some();
        if page.next.is_none() || jobs.len() == wanted {
            return Ok((jobs, more));
        }
        paging.after = page.next;
    }
}

/// Jobs that are claimed, with the provider's allowance for them.
struct Reserved {
    jobs: Vec<Loaded<Job>>,
    /// As they are stored by now, if that is known.
    claims: Option<Loaded<Claims>>,
    /// When there is more of the allowance, if it was not enough for all.
    more_at: Option<Timestamp>,
}

/// Claims jobs, takes the provider's allowance for them, and counts removals for the brake, in one commit; jobs that the brake holds are put
/// off.
async fn reserve<P: Ports>(
    ports: &P,
    connector: &Connector,
    jobs: Vec<Loaded<Job>>,
    (before, claims): (Option<&Loaded<Claims>>, &Claims),
    moment: &Moment,
) -> Result<Reserved, Failure> {
    let (store, now) = (ports.store(), moment.now);
    let mut change = Change::new();
    let mut brakes = Brakes::default();
    let (mut passed, mut held) = (Vec::new(), Vec::new());
    let stored = load::<ConnectorPace>(store, &connector.id.to_string()).await?;
    let pace = stored.as_deref().cloned().unwrap_or_else(|| ConnectorPace::at_rest(connector.id, now));
    let allowance = pace.allowance(connector, now);
    let (mut level, mut denied) = (pace.level, None);
    for job in jobs {
        let counts = job.brakes() && job.attempts_made == 0;
        if counts && brakes.has_no_room_for(job.tool) {
            break;
        }
        let admitted = match level.admit(allowance, 1, now) {
            Ok(admitted) => admitted,
            Err(Denied::Until(until)) => {
                denied = Some(until);
                break;
            }
            Err(Denied::TooMany) => break,
        };
        if counts && !brakes.passes(store, job.tool, now).await? {
            held.push(job);
        } else {
            level = admitted;
            passed.push(job);
        }
    }
    let mut after = None;
    if !passed.is_empty() {
        change.upsert(stored.as_ref(), &ConnectorPace { level, ..pace });
        let with = claims.with(passed.iter().map(|job| &**job), now);
        change.upsert(before, &with);
        after = before.map(|before| before.replaced_by(with));
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
    Ok(Reserved { jobs: passed, claims: after, more_at: denied })
}

/// The brakes of the tools in a batch.
#[derive(Default)]
struct Brakes {
    groups: BTreeMap<ToolId, Option<(Loaded<ProviderGroup>, ProviderGroup)>>,
    share: Option<u32>,
}

impl Brakes {
    fn has_no_room_for(&self, tool: ToolId) -> bool {
        self.groups.len() >= TOOLS && !self.groups.contains_key(&tool)
    }

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
