//! Provisioning: jobs that bring access about or take it away. Manual tasks are jobs that a named person does.

mod follow_up;
mod job;
pub mod operations;
mod queue;

pub use follow_up::FollowUpReason;
pub use job::{Job, JobState, Task, open_task};
pub use queue::{cancel, queue};
