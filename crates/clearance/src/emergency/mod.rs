//! Emergency access: a path of its own, for people of one group and tools that administrators marked, during an incident.
//!
//! Access is given at once and for a short, fixed time. Everybody who answers for it is told at once; the holder writes down afterwards
//! what it was used for, and somebody else looks at that. It gives nothing that data classes, usage policies or the catalogue forbid, and
//! it never extends access that somebody has.

mod budget;
mod document;
mod note;
pub mod operations;
mod review;
mod settings;
mod view;

pub use budget::EmergencyBudget;
pub use document::{Emergency, EmergencyNote, EmergencyReview, EmergencyState, Verdict};
pub use note::AddNote;
pub(crate) use operations::check_offered;
pub use review::Review;
pub(crate) use review::forget_person;
pub use settings::{EmergencySettings, EmergencyUse};
pub use view::EmergencyView;
