//! Jobs come and go with an entry in the log, in the commit of the change that needs them.

use audit_log::Value;

use super::job::{Job, Task};
use crate::audit::{Actor, EventKind};
use crate::catalog::Tool;
use crate::documents::{Change, Loaded};
use crate::grant::Grant;
use crate::ports::Moment;
use crate::refusal::Refusal;

/// Queues what is to be done for a grant.
pub fn queue(change: &mut Change, moment: &Moment, actor: &Actor, task: Task, grant: &Grant, tool: &Tool) {
    let job = Job::queue(moment, task, grant, tool);
    change.insert(&job);
    change.record(moment.now, actor, EventKind::JobQueued, facts(&job));
}

/// Cancels a job that is not needed any more.
///
/// # Errors
/// [`crate::refusal::Code::JobState`] unless it waits.
pub fn cancel(change: &mut Change, moment: &Moment, actor: &Actor, job: &Loaded<Job>) -> Result<(), Refusal> {
    let cancelled = job.cancel(moment.now)?;
    change.update(job, &cancelled);
    change.record(moment.now, actor, EventKind::JobCancelled, facts(&cancelled));
    Ok(())
}

/// Which job, for which grant, to bring about what: what every entry about a job holds.
pub(super) fn facts(job: &Job) -> Value {
    Value::object([
        ("job", Value::from(job.id.to_string())),
        ("grant", Value::from(job.grant.to_string())),
        ("task", Value::from(job.task.as_str())),
    ])
}
