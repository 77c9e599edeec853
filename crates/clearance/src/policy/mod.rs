//! Policy: numbered versions of typed rules, and their evaluation.

mod default;
mod document;
mod evaluate;
pub mod operations;
mod rule;

pub use default::default_rules;
pub use document::{ActivePolicy, PolicySlice, PolicyVersion, active_version, rules_for};
pub use evaluate::{Evaluation, MatchedRule, Outcome, PlannedStage, Snapshot, evaluate};
pub use rule::{Approvers, Conditions, Effect, PlacedRule, Quorum, Rule, StageRule};
