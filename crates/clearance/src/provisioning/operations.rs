//! `jobs.list`, `jobs.alarm`, `jobs.get`, `jobs.retry`, `jobs.attest`, `jobs.cancel`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::alarm::{AlarmLevel, RemovalAlarm, first_stuck, stuck};
use super::attest::attest;
use super::claims::UnderWay;
use super::job::{Job, JobState, Work};
use super::resume::{retry, waiting_grant};
use super::view::{AttemptView, JobStateName, JobView, is_cancellable, may_see, view};
use crate::authorization::CallerKind::{Administrator, Approver, Auditor, Console, Owner, Requester};
use crate::authorization::CallerKinds;
use crate::catalog::Tool;
use crate::connector::operations::Count;
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::grant::{EndReason, Ending, begin_end};
use crate::ids::{JobId, ToolId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::ports::{Ports, Store};
use crate::refusal::{Code, Refusal, not_found};
use crate::settings::operations::Nothing;
use crate::time::Timestamp;

/// `jobs.list`.
#[derive(Debug)]
pub struct List;

/// What `jobs.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListJobs {
    /// Only this state; any, the newest first, when not given.
    #[serde(default)]
    pub state: Option<JobStateName>,
    /// Only removals that are stuck, the longest first.
    #[serde(default)]
    pub stuck: bool,
    /// Only of this tool.
    #[serde(default)]
    pub tool: Option<ToolId>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "jobs.list";
    const SUMMARY: &'static str = "Jobs, oldest first, or newest first in any state: all for administrators and auditors, else those to be done by hand by the caller";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds =
        CallerKinds::of(&[Requester, Approver, Owner, Administrator, Auditor, Console]);
    type Input = ListJobs;
    type Output = documents::List<JobView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListJobs,
    ) -> Result<Decision<Self::Output>, Failure> {
        let store = context.store();
        let now = context.moment.now;
        let under_way = UnderWay::read(store).await?;
        let by_hand = !context.admission.sees_all();
        let wanted = |job: &Job| {
            input.tool.is_none_or(|tool| job.tool == tool)
                && input.state.is_none_or(|state| JobStateName::of(job, &under_way, now) == state)
                && (!by_hand || matches!(job.work, Work::Manual { .. }))
        };
        let select = match input.state {
            _ if input.stuck => Some(stuck(now)),
            Some(state) => state.select(),
            None => Some(Select::by(&Job::BY_TIME, ["all"]).descending()),
        };
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let page = match select {
            None => running(store, &under_way, wanted).await?,
            // One page of every job there is: nobody has the whole history searched for the few that are theirs.
            Some(select) if by_hand && input.state.is_none() => {
                let mut page = documents::list::<Job>(store, select, &paging).await?;
                page.items.retain(|job| wanted(job));
                page
            }
            Some(select) => documents::list_where(store, select, paging, wanted).await?,
        };
        let mut names = Names::new(store);
        let people = page.items.iter().flat_map(|job| [job.person(), job.assignee()]).flatten().collect();
        names.look_up(people, page.items.iter().map(|job| job.tool).collect()).await?;
        let mut items = Vec::new();
        for job in &page.items {
            if may_see(&context.admission, job, names.tool_itself(job.tool).await?) {
                items.push(view(&mut names, store, &context.admission, (job, &under_way), now).await?);
            }
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

/// The jobs that runners are at, oldest first: no more than are under way at once.
async fn running(
    store: &impl Store,
    under_way: &UnderWay,
    wanted: impl Fn(&Job) -> bool,
) -> Result<documents::List<Loaded<Job>>, Failure> {
    let mut items = Vec::new();
    for job in under_way.jobs() {
        items.extend(load::<Job>(store, &job.to_string()).await?.filter(|job| wanted(job)));
    }
    items.sort_by_key(|job| (job.queued_at, job.id));
    Ok(documents::List { items, next: None })
}

/// `jobs.alarm`.
#[derive(Debug)]
pub struct Alarm;

/// Removals that are stuck, and who was told.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AlarmView {
    /// How loudly people are told.
    pub level: AlarmLevel,
    /// Since when the first of them is stuck.
    pub since: Timestamp,
    /// How many are, as far as one page shows.
    pub removals: Count,
    /// Times that people were told of it.
    pub told: u32,
    /// When they were told last; none before the clockwork has come to it.
    pub told_at: Option<Timestamp>,
}

/// What `jobs.alarm` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AlarmAnswer {
    /// None while no removal is stuck.
    pub alarm: Option<AlarmView>,
}

impl Operation for Alarm {
    const NAME: &'static str = "jobs.alarm";
    const SUMMARY: &'static str =
        "Whether access that should have been taken away was not, since when, and how often people were told";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = Nothing;
    type Output = AlarmAnswer;

    async fn run<P: Ports>(context: &Context<'_, P>, _: &Nothing) -> Result<Decision<AlarmAnswer>, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let page = first_stuck(store, now).await?;
        let Some(since) = page.items.first().and_then(|job| job.stuck_since(now)) else {
            return Ok(Decision::answer(AlarmAnswer { alarm: None }));
        };
        let told = load::<RemovalAlarm>(store, RemovalAlarm::KEY).await?;
        let alarm = AlarmView {
            level: AlarmLevel::of(since, now),
            since,
            removals: Count::of(page.items.len(), page.next.is_some()),
            told: told.as_ref().map_or(0, |alarm| alarm.told),
            told_at: told.as_ref().map(|alarm| alarm.told_at),
        };
        Ok(Decision::answer(AlarmAnswer { alarm: Some(alarm) }))
    }
}

/// What operations on one job take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneJob {
    /// Which job.
    pub job: JobId,
}

/// What operations on one job answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobAnswer {
    /// The job as stored now.
    pub job: JobView,
}

async fn required<P: Ports>(context: &Context<'_, P>, id: JobId) -> Result<Loaded<Job>, Failure> {
    Ok(load::<Job>(context.store(), &id.to_string()).await?.ok_or_else(|| not_found("task"))?)
}

async fn answer<P: Ports>(context: &Context<'_, P>, job: &Job) -> Result<JobAnswer, Failure> {
    let store = context.store();
    let (admission, now) = (&context.admission, context.moment.now);
    let under_way = UnderWay::read(store).await?;
    Ok(JobAnswer { job: view(&mut Names::new(store), store, admission, (job, &under_way), now).await? })
}

/// `jobs.get`.
#[derive(Debug)]
pub struct Get;

/// A job with its attempts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobWithAttempts {
    /// The job.
    pub job: JobView,
    /// The last 20 attempts, oldest first.
    pub attempts: Vec<AttemptView>,
}

impl Operation for Get {
    const NAME: &'static str = "jobs.get";
    const SUMMARY: &'static str = "One job with its attempts";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds =
        CallerKinds::of(&[Requester, Approver, Owner, Administrator, Auditor, Console]);
    type Input = OneJob;
    type Output = JobWithAttempts;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneJob,
    ) -> Result<Decision<JobWithAttempts>, Failure> {
        let job = required(context, input.job).await?;
        let tool = load::<Tool>(context.store(), &job.tool.to_string()).await?;
        if !may_see(&context.admission, &job, tool.as_deref()) {
            return Err(not_found("task").into());
        }
        let attempts = job.attempts.iter().map(AttemptView::from).collect();
        Ok(Decision::answer(JobWithAttempts { job: answer(context, &job).await?.job, attempts }))
    }
}

/// `jobs.retry`.
#[derive(Debug)]
pub struct Retry;

impl Operation for Retry {
    const NAME: &'static str = "jobs.retry";
    const SUMMARY: &'static str = "Try a job again that needs follow-up or waits for its next attempt";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = OneJob;
    type Output = JobAnswer;

    async fn run<P: Ports>(context: &Context<'_, P>, input: &OneJob) -> Result<Decision<JobAnswer>, Failure> {
        let job = required(context, input.job).await?;
        let mut change = Change::new();
        let actor = context.admission.actor()?;
        let retried = retry(context.store(), &mut change, &context.moment, &actor, &job).await?;
        Ok(Decision::change(answer(context, &retried).await?, change))
    }
}

/// `jobs.attest`.
#[derive(Debug)]
pub struct Attest;

impl Operation for Attest {
    const NAME: &'static str = "jobs.attest";
    const SUMMARY: &'static str = "Attest that a job is done by hand: the seat exists, or is gone";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Approver, Owner, Administrator]);
    type Input = OneJob;
    type Output = JobAnswer;

    async fn run<P: Ports>(context: &Context<'_, P>, input: &OneJob) -> Result<Decision<JobAnswer>, Failure> {
        let job = required(context, input.job).await?;
        let mut change = Change::new();
        let (attested, _) = attest(context, &mut change, &job).await?;
        Ok(Decision::change(answer(context, &attested).await?, change))
    }
}

/// `jobs.cancel`.
#[derive(Debug)]
pub struct Cancel;

impl Operation for Cancel {
    const NAME: &'static str = "jobs.cancel";
    const SUMMARY: &'static str =
        "Give up access that does not work yet: its job is cancelled, and the access ends";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = OneJob;
    type Output = JobAnswer;

    async fn run<P: Ports>(context: &Context<'_, P>, input: &OneJob) -> Result<Decision<JobAnswer>, Failure> {
        let store = context.store();
        let job = required(context, input.job).await?;
        let grant = waiting_grant(store, &job).await?.filter(|grant| is_cancellable(&job, Some(grant)));
        let Some(grant) = grant else {
            let message = "only a job that gives access which does not work yet can be cancelled";
            return Err(Refusal::new(Code::JobState, message).with("state", job.state_name()).into());
        };
        let tool = load::<Tool>(store, &job.tool.to_string()).await?.ok_or_else(|| not_found("tool"))?;
        let reason = match job.state {
            JobState::NeedsFollowUp { .. } => EndReason::RejectedByProvider,
            _ => EndReason::Revoked,
        };
        let ending = Ending::with_task(store, &grant, &tool, Some(job.clone())).await?;
        let mut change = Change::new();
        begin_end(&mut change, &context.moment, &context.admission.actor()?, &ending, reason)?;
        let cancelled = job.cancel(context.moment.now)?;
        Ok(Decision::change(answer(context, &cancelled).await?, change))
    }
}
