//! Evaluation: a pure, total function of a policy's rules and a request's snapshot.
//!
//! All matching rules combine and the strictest wins: deny beats stages, stages beat auto-approval, stages add up, caps take the minimum.
//! A request that no rule matches needs an administrator.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule::{Approvers, Effect, PlacedRule, Quorum, StageRule};
use super::snapshot::Snapshot;
use crate::ids::RuleId;
use crate::text::Line;
use crate::time::Days;

/// A stage that the outcome demands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct PlannedStage {
    /// What people call it.
    pub name: Line,
    /// Who may decide.
    pub approvers: BTreeSet<Approvers>,
    /// How many must approve.
    pub quorum: Quorum,
}

/// What follows from the rules that matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Outcome {
    /// Denied, with every reason.
    Denied {
        /// The matching rules' reasons.
        reasons: Vec<Line>,
    },
    /// Approved at once.
    AutoApproved {
        /// The smallest of the matching rules' caps.
        max_days: Days,
    },
    /// People decide, stage after stage.
    Stages {
        /// At least one.
        stages: Vec<PlannedStage>,
    },
}

/// A rule that matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MatchedRule {
    /// Its id.
    pub id: RuleId,
    /// Its name in that version.
    pub name: Line,
}

/// An evaluation, as kept with the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evaluation {
    /// The policy version that was active.
    pub policy_version: u32,
    /// Rules that matched, in the policy's order.
    pub matched: Vec<MatchedRule>,
    /// What follows.
    pub outcome: Outcome,
}

/// Whether a rule takes part in a request's evaluation.
pub(super) fn matches(rule: &PlacedRule, request: &Snapshot) -> bool {
    let within_cap = match &rule.rule.then {
        Effect::AutoApprove { max_days } => request.days_in_all <= *max_days,
        Effect::Deny { .. } | Effect::RequireStages { .. } => true,
    };
    within_cap && rule.rule.when.hold(request)
}

/// Evaluates a request. Total: every request has an outcome; deterministic: the same input has the same one.
///
/// `rules` may come in any order; their places decide.
pub fn evaluate<'a>(
    policy_version: u32,
    rules: impl IntoIterator<Item = &'a PlacedRule>,
    request: &Snapshot,
) -> Evaluation {
    let mut matched: Vec<_> = rules.into_iter().filter(|rule| matches(rule, request)).collect();
    matched.sort_by_key(|rule| (rule.place, rule.rule.id));
    let mut reasons = Vec::new();
    let mut stages: Vec<PlannedStage> = Vec::new();
    let mut cap: Option<Days> = None;
    for rule in &matched {
        match &rule.rule.then {
            Effect::Deny { reason } => reasons.push(reason.clone()),
            Effect::AutoApprove { max_days } => cap = Some(cap.map_or(*max_days, |cap| cap.min(*max_days))),
            Effect::RequireStages { stages: demanded } => add_stages(&mut stages, demanded),
        }
    }
    let outcome = match (reasons.is_empty(), stages.is_empty(), cap) {
        (false, _, _) => Outcome::Denied { reasons },
        (true, false, _) => Outcome::Stages { stages },
        (true, true, Some(max_days)) => Outcome::AutoApproved { max_days },
        (true, true, None) => Outcome::Stages { stages: administrators() },
    };
    let matched = matched
        .into_iter()
        .map(|rule| MatchedRule { id: rule.rule.id, name: rule.rule.name.clone() })
        .collect();
    Evaluation { policy_version, matched, outcome }
}

/// Adds demanded stages; one that asks the same of the same people as an earlier one is the same stage.
fn add_stages(stages: &mut Vec<PlannedStage>, demanded: &[StageRule]) {
    for stage in demanded {
        let known =
            stages.iter().any(|known| known.approvers == stage.approvers && known.quorum == stage.quorum);
        if !known {
            stages.push(PlannedStage {
                name: stage.name.clone(),
                approvers: stage.approvers.clone(),
                quorum: stage.quorum,
            });
        }
    }
}

/// What a request needs that no rule matches, and a stage that would be left with nobody.
pub(crate) fn administrators() -> Vec<PlannedStage> {
    Line::parse("Administrator approval")
        .map(|name| PlannedStage {
            name,
            approvers: BTreeSet::from([Approvers::Administrators]),
            quorum: Quorum::Any,
        })
        .into_iter()
        .collect()
}
