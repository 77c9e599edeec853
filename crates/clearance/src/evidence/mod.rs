//! Evidence that leaves the site, and the register of whom it named.
//!
//! An operation makes an export: it settles what it is of and under which size of the log. The content is made while it is downloaded, a
//! piece at a time and in constant memory: [`Pack`] for evidence, [`RequestTable`] for requests.

mod anchors;
mod export;
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

pub use export::{EXPORT_MINUTES, Export};
pub use pack::Pack;
pub use register::{ExportRegister, ExportScope};
pub use requests::RequestTable;
pub use selection::WIDENING_DAYS;
