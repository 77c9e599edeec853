//! The draft of the next policy version: one for the site, changed by its administrators until it is published or thrown away.

mod bounds;
mod document;
pub mod operations;

pub use bounds::{MAX_RULE_BYTES, MAX_RULES};
pub use document::{Draft, DraftPart, PolicyDraft};
