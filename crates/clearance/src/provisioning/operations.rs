//! `jobs.list`, `jobs.attest`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::job::{Job, Task};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Approver, Auditor, Console, Owner, Requester};
use crate::authorization::{Admission, CallerKinds};
use crate::catalog::{Tool, ToolRef};
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::grant::{Grant, attest_provisioned, settle_removal};
use crate::ids::{GrantId, JobId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, PersonRef};
use crate::ports::{Ports, Store};
use crate::refusal::not_found;
use crate::request::Holding;
use crate::time::Timestamp;

/// The states by which jobs can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobStateName {
    /// Waits to be done.
    Queued,
    /// Done.
    Succeeded,
    /// Not needed any more.
    Cancelled,
}

impl JobStateName {
    fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Succeeded => "succeeded",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A job as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// What it is to bring about.
    pub task: Task,
    /// `queued`, `succeeded` or `cancelled`.
    pub state: String,
    /// For which grant.
    pub grant: GrantId,
    /// For whom.
    pub person: PersonRef,
    /// Of which tool.
    pub tool: ToolRef,
    /// Who is to do it.
    pub assignee: Option<PersonRef>,
    /// Since when it waits or waited.
    pub queued_at: Timestamp,
    /// Whether the caller may attest it now.
    pub may_attest: bool,
}

/// Whether the caller may do and attest a job: whom it names, the tool's owners, administrators.
fn may_do(admission: &Admission, job: &Job, tool: Option<&Tool>) -> bool {
    let owner = |id| tool.is_some_and(|tool| tool.owners.contains(&id));
    admission.is(Administrator)
        || admission.person_id().is_some_and(|id| job.assignee == Some(id) || owner(id))
}

async fn view<S: Store>(
    names: &mut Names<'_, S>,
    store: &S,
    admission: &Admission,
    job: &Job,
) -> Result<JobView, Failure> {
    let tool = load::<Tool>(store, &job.tool.to_string()).await?;
    Ok(JobView {
        id: job.id,
        task: job.task,
        state: job.state_name().to_owned(),
        grant: job.grant,
        person: names.person(job.person).await?,
        tool: names.tool(job.tool).await?,
        assignee: match job.assignee {
            Some(person) => Some(names.person(person).await?),
            None => None,
        },
        queued_at: job.queued_at,
        may_attest: job.state_name() == "queued" && may_do(admission, job, tool.as_deref()),
    })
}

/// `jobs.list`.
#[derive(Debug)]
pub struct List;

/// What `jobs.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListJobs {
    /// Only this state; `queued` when not given.
    #[serde(default)]
    pub state: Option<JobStateName>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "jobs.list";
    const SUMMARY: &'static str =
        "Tasks, oldest first: all for administrators and auditors, else those the caller may do";
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
        let state = input.state.unwrap_or(JobStateName::Queued).as_str();
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let page = documents::list::<Job>(store, Select::by(&Job::BY_STATE, [state]), &paging).await?;
        let mut names = Names::new(store);
        let mut items = Vec::new();
        for job in &page.items {
            let shown = context.admission.sees_all()
                || may_do(
                    &context.admission,
                    job,
                    load::<Tool>(store, &job.tool.to_string()).await?.as_deref(),
                );
            if shown {
                items.push(view(&mut names, store, &context.admission, job).await?);
            }
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

/// `jobs.attest`.
#[derive(Debug)]
pub struct Attest;

/// What `jobs.attest` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttestJob {
    /// The task that is done.
    pub job: JobId,
}

/// What `jobs.attest` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct JobAnswer {
    /// The task as stored now.
    pub job: JobView,
}

impl Operation for Attest {
    const NAME: &'static str = "jobs.attest";
    const SUMMARY: &'static str = "Attest that a manual task is done: the seat exists, or is gone";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Approver, Owner, Administrator]);
    type Input = AttestJob;
    type Output = JobAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &AttestJob,
    ) -> Result<Decision<JobAnswer>, Failure> {
        let store = context.store();
        let job = load::<Job>(store, &input.job.to_string()).await?.ok_or_else(|| not_found("task"))?;
        let mut change = Change::new();
        attest(context, &mut change, &job).await?;
        let attested = job.attest(context.admission.actor()?, context.moment.now)?;
        let job = view(&mut Names::new(store), store, &context.admission, &attested).await?;
        Ok(Decision::change(JobAnswer { job }, change))
    }
}

/// Attests a task and moves its grant on; the grant as it stands then.
pub(crate) async fn attest<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    job: &Loaded<Job>,
) -> Result<Grant, Failure> {
    let store = context.store();
    let tool = load::<Tool>(store, &job.tool.to_string()).await?;
    if !may_do(&context.admission, job, tool.as_deref()) {
        return Err(not_found("task").into());
    }
    let actor = context.admission.actor()?;
    let attested = job.attest(actor, context.moment.now)?;
    change.update(job, &attested);
    change.record(context.moment.now, &actor, EventKind::JobAttested, super::queue::facts(job));
    let grant = load::<Grant>(store, &job.grant.to_string()).await?.ok_or_else(|| not_found("grant"))?;
    match job.task {
        Task::Provision => Ok(attest_provisioned(change, &context.moment, &actor, &grant)?),
        Task::Deprovision => {
            let holding = load::<Holding>(store, &Holding::key_of(grant.person, grant.tool)).await?;
            Ok(settle_removal(change, &context.moment, &actor, &grant, holding.as_ref())?)
        }
    }
}
