//! Evidence that leaves the site, and the register of whom it named.
//!
//! An operation makes an export: it settles what it is of and under which size of the log. The content, [`ExportContent`], is made a piece at
//! a time and in constant memory: while it is downloaded, or, where no call lasts long enough for that, by [`run_due`], step by step, into
//! pieces that are kept for a day.

mod anchors;
mod content;
mod export;
pub mod making;
mod named;
pub mod operations;
mod pack;
mod policies;
mod register;
mod report;
mod requests;
mod selection;
mod span;
mod story;
mod survey;
mod tables;
mod topics;

pub use content::ExportContent;
pub use export::{EXPORT_MINUTES, Export, ExportState, KEPT_HOURS, Making, StopReason};
pub use making::{ExportPass, ExportPiece, run_due};
pub(crate) use making::{forget_outdated, forget_person};
pub use pack::Pack;
pub use register::{ExportRegister, ExportScope};
pub use requests::RequestTable;
pub use selection::WIDENING_DAYS;
