//! Policy: numbered versions of typed rules, and their evaluation.

mod by_tool;
mod default;
mod difference;
mod document;
pub mod draft;
mod evaluate;
mod facts;
mod lint;
mod mentioned;
pub mod operations;
pub mod publish;
pub mod replay;
mod rule;
mod site_facts;
mod snapshot;
mod subject;
mod widening;

pub use by_tool::ByTool;
pub use default::default_rules;
pub use difference::Difference;
pub use document::{
    ActivePolicy, PolicySlice, PolicyVersion, SliceSet, active_version, all_rules, digest, rule_value,
    rules_for,
};
pub use evaluate::{Evaluation, MatchedRule, Outcome, PlannedStage, evaluate};
pub use facts::{Facts, ToolFacts};
pub use lint::{Finding, FindingCode, Severity, lint};
pub use mentioned::Mentioned;
pub use rule::{Approvers, Conditions, Effect, Escalation, PlacedRule, Quorum, Rule, StageRule};
pub use site_facts::site_facts;
pub(crate) use site_facts::{people_facts, tool_facts};
pub use snapshot::Snapshot;
pub use widening::{ChangedRequester, Widening, Witness, people_widening, tool_widening, widening};
