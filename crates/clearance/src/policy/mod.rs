//! Policy: numbered versions of typed rules, and their evaluation.

mod default;
mod document;
mod evaluate;
mod facts;
mod lint;
pub mod operations;
mod rule;
mod snapshot;
mod widening;

pub use default::default_rules;
pub use document::{ActivePolicy, PolicySlice, PolicyVersion, active_version, digest, rule_value, rules_for};
pub use evaluate::{Evaluation, MatchedRule, Outcome, PlannedStage, evaluate};
pub use facts::{Facts, ToolFacts};
pub use lint::{Finding, FindingCode, Severity, lint};
pub use rule::{Approvers, Conditions, Effect, PlacedRule, Quorum, Rule, StageRule};
pub use snapshot::Snapshot;
pub use widening::{Widening, Witness, widening};
