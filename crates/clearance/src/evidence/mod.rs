//! Evidence that leaves the site, and the register of whom it named.

mod register;

pub use register::{ExportRegister, ExportScope};
