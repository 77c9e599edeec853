//! Provisioning: jobs that bring access about or take it away. Manual tasks are jobs that a named person does; the others are done through a
//! connector.

pub(crate) mod alarm;
mod attempt;
mod attest;
mod claims;
mod follow_up;
mod job;
mod lifecycle;
pub mod operations;
mod queue;
mod resume;
mod runner;
mod seats;
mod second_look;
mod view;

pub use alarm::{AlarmLevel, RemovalAlarm};
pub use attempt::{Attempt, AttemptOutcome, WaitReason};
pub(crate) use attest::attest;
pub use claims::{Claim, Claims};
pub use follow_up::FollowUpReason;
pub use job::{Completion, Job, JobState, Lane, Subject, Task, Work, open_task};
pub use queue::{cancel, queue, queue_provision_again, queue_removal_of_account};
pub(crate) use resume::{follow_up, found_gone, retry, waiting_for_the_group, waits_for_the_group};
pub use runner::{Ran, connectors, run_connector, run_connector_and_tell, run_due};
pub use seats::Recipient;
pub(crate) use seats::named as with_seat_named;
pub use second_look::SecondLook;
pub use view::{AttemptView, JobView};
