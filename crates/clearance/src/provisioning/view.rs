use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::alarm::AlarmLevel;
use super::attempt::Attempt;
use super::claims::UnderWay;
use super::follow_up::FollowUpReason;
use super::job::{Job, JobState, Lane, Task, Work};
use crate::authorization::Admission;
use crate::authorization::CallerKind::{Administrator, Console};
use crate::catalog::{Tool, ToolRef};
use crate::connector::{ConnectorRef, ProviderGroup, connector_ref};
use crate::documents::{Select, load};
use crate::failure::Failure;
use crate::grant::Grant;
use crate::ids::{GrantId, JobId};
use crate::people::{Names, PersonRef};
use crate::ports::Store;
use crate::time::Timestamp;

/// Who does a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    /// A person, who attests it.
    Manual,
    /// This program, through a connector.
    Connected,
}

/// Where a job stands, as people see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobStateName {
    /// Waits to be done.
    Queued,
    /// A call is under way.
    Running,
    /// Is tried again by itself.
    WaitingRetry,
    /// Somebody must look after it.
    NeedsFollowUp,
    /// Done.
    Succeeded,
    /// Not needed any more.
    Cancelled,
}

impl JobStateName {
    /// That of a job: a runner may be at what waits.
    pub(super) fn of(job: &Job, under_way: &UnderWay, now: Timestamp) -> Self {
        match job.state {
            _ if job.waits() && under_way.has(job, now) => Self::Running,
            JobState::Queued { .. } => Self::Queued,
            JobState::WaitingRetry { .. } => Self::WaitingRetry,
            JobState::NeedsFollowUp { .. } => Self::NeedsFollowUp,
            JobState::Succeeded { .. } => Self::Succeeded,
            JobState::Cancelled { .. } => Self::Cancelled,
        }
    }

    /// The jobs among which those that stand there are found; those that a runner is at are found by their claims.
    pub(super) fn select(self) -> Option<Select> {
        let stored = match self {
            Self::Running => return None,
            Self::Queued => "queued",
            Self::WaitingRetry => "waiting_retry",
            Self::NeedsFollowUp => "needs_follow_up",
            Self::Succeeded => "succeeded",
            Self::Cancelled => "cancelled",
        };
        Some(Select::by(&Job::BY_STATE, [stored]))
    }
}

/// A job as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// What it is to bring about.
    pub task: Task,
    /// Who does it.
    pub kind: WorkKind,
    /// Where it stands.
    pub state: JobStateName,
    /// For which grant.
    pub grant: Option<GrantId>,
    /// For whom.
    pub person: Option<PersonRef>,
    /// Of which tool.
    pub tool: ToolRef,
    /// Through which connector.
    pub connector: Option<ConnectorRef>,
    /// Who is to do it.
    pub assignee: Option<PersonRef>,
    /// Since when it waits or waited.
    pub queued_at: Timestamp,
    /// When it is tried, if that is known.
    pub due_at: Option<Timestamp>,
    /// When it is looked whether whom it took out of the group still is.
    pub second_look_at: Option<Timestamp>,
    /// Attempts made, second looks among them.
    pub attempts: u32,
    /// Why it waits, or needs somebody.
    pub reason: Option<&'static str>,
    /// What an administrator can do about that.
    pub what_to_do: Option<&'static str>,
    /// Whether the brake holds it until somebody lets it go on.
    pub held: bool,
    /// Since when access has not been taken away that should have been.
    pub stuck_since: Option<Timestamp>,
    /// How loudly people are told of that.
    pub alarm: Option<AlarmLevel>,
    /// Whether it goes first.
    pub lane: Lane,
    /// Whether the caller may attest it now.
    pub may_attest: bool,
    /// Whether the caller may have it tried again now.
    pub may_retry: bool,
    /// Whether the caller may cancel it now; the access that it was to give ends with it.
    pub may_cancel: bool,
}

/// One attempt of a job as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AttemptView {
    /// When it began.
    pub started_at: Timestamp,
    /// When it was over.
    pub ended_at: Timestamp,
    /// What came of it.
    pub outcome: &'static str,
    /// Why.
    pub reason: Option<&'static str>,
    /// What people can do about it.
    pub what_to_do: Option<&'static str>,
    /// The provider's names for the requests that were made, for its support.
    pub provider_request_ids: Vec<String>,
}

impl From<&Attempt> for AttemptView {
    fn from(attempt: &Attempt) -> Self {
        Self {
            started_at: attempt.started_at,
            ended_at: attempt.ended_at,
            outcome: attempt.outcome.as_str(),
            reason: attempt.outcome.reason(),
            what_to_do: attempt.outcome.what_to_do(),
            provider_request_ids: attempt.provider_request_ids.clone(),
        }
    }
}

/// Whether a job is the caller's to do by hand: whom it names, the tool's owners, administrators.
fn may_do(admission: &Admission, job: &Job, tool: Option<&Tool>) -> bool {
    let owner = |id| tool.is_some_and(|tool| tool.owners.contains(&id));
    admission.is(Administrator)
        || admission.person_id().is_some_and(|id| job.assignee() == Some(id) || owner(id))
}

/// Whether the caller sees a job: all for who sees all, else what is theirs to do by hand.
pub(super) fn may_see(admission: &Admission, job: &Job, tool: Option<&Tool>) -> bool {
    admission.sees_all() || (matches!(job.work, Work::Manual { .. }) && may_do(admission, job, tool))
}

/// Whether the caller may attest a job now.
pub(super) fn may_attest(admission: &Admission, job: &Job, tool: Option<&Tool>) -> bool {
    match (job.work, job.state) {
        (Work::Manual { .. }, JobState::Queued { .. } | JobState::NeedsFollowUp { .. }) => {
            may_do(admission, job, tool)
        }
        (Work::Connected { .. }, JobState::NeedsFollowUp { reason, .. }) => {
            // What was given to nobody known could not be taken away again.
            let known = job.task == Task::Deprovision || reason != FollowUpReason::NoIdentity;
            admission.is(Administrator) && known
        }
        _ => false,
    }
}

/// Whether an administrator may cancel a job: one that gives access which does not work yet.
pub(super) fn is_cancellable(job: &Job, grant: Option<&Grant>) -> bool {
    job.is_open()
        && job.task == Task::Provision
        && grant.is_some_and(|grant| grant.is_live() && grant.activated_at().is_none())
}

/// A job as the caller sees it.
pub(super) async fn view<S: Store>(
    names: &mut Names<'_, S>,
    store: &S,
    admission: &Admission,
    (job, under_way): (&Job, &UnderWay),
    now: Timestamp,
) -> Result<JobView, Failure> {
    let may_attest = may_attest(admission, job, names.tool_itself(job.tool).await?);
    let (reason, what_to_do) = match job.state {
        JobState::WaitingRetry { reason, .. } => (Some(reason.as_str()), Some(reason.what_to_do())),
        JobState::NeedsFollowUp { reason, .. } => (Some(reason.as_str()), Some(reason.what_to_do())),
        _ => (None, None),
    };
    let held = job.waits() && job.attempts_made == 0 && job.brakes() && {
        let group = load::<ProviderGroup>(store, &job.tool.to_string()).await?;
        group.is_some_and(|group| group.hold.is_some())
    };
    let administrator = admission.is(Administrator) || admission.is(Console);
    let may_cancel = administrator && job.is_open() && job.task == Task::Provision && {
        let grant = super::resume::waiting_grant(store, job).await?;
        is_cancellable(job, grant.as_deref())
    };
    Ok(JobView {
        id: job.id,
        task: job.task,
        kind: match job.work {
            Work::Manual { .. } => WorkKind::Manual,
            Work::Connected { .. } => WorkKind::Connected,
        },
        state: JobStateName::of(job, under_way, now),
        grant: job.grant(),
        person: match job.person() {
            Some(person) => Some(names.person(person).await?),
            None => None,
        },
        tool: names.tool(job.tool).await?,
        connector: match job.connector() {
            Some(connector) => Some(connector_ref(store, connector).await?),
            None => None,
        },
        assignee: match job.assignee() {
            Some(person) => Some(names.person(person).await?),
            None => None,
        },
        queued_at: job.queued_at,
        due_at: match job.state {
            JobState::Queued { due_at } | JobState::WaitingRetry { due_at, .. } => {
                job.connector().map(|_| due_at)
            }
            _ => None,
        },
        second_look_at: job.second_look.as_ref().map(|look| look.due_at),
        attempts: job.attempts_made,
        reason,
        what_to_do,
        held,
        stuck_since: job.stuck_since(now),
        alarm: job.stuck_since(now).map(|since| AlarmLevel::of(since, now)),
        lane: job.lane,
        may_attest,
        may_retry: administrator
            && matches!(job.state, JobState::WaitingRetry { .. } | JobState::NeedsFollowUp { .. }),
        may_cancel,
    })
}
