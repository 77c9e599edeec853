//! Evaluation: a pure, total function of a policy's rules and a request's snapshot.
//!
//! All matching rules combine and the strictest wins: deny beats stages, stages beat auto-approval, stages add up, caps take the minimum.
//! A request that no rule matches needs an administrator.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule::{Approvers, Effect, Escalation, PlacedRule, Quorum, StageRule};
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
    /// Days after which it times out: then the fallback takes over, or, if there is none, the request lapses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_days: Option<Days>,
    /// Who takes over then, in place of everybody else. 0 to 8.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub fallback: BTreeSet<Approvers>,
    /// Who may decide as well, after some days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
    /// Days after which those who can act are reminded, again and again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminder_days: Option<Days>,
}

impl PlannedStage {
    /// Whether it asks the same of the same people at the same times. What it is called and how often they are reminded is no difference.
    pub fn asks_the_same(&self, other: &Self) -> bool {
        (&self.approvers, self.quorum, self.timeout_days, &self.fallback, &self.escalation)
            == (&other.approvers, other.quorum, other.timeout_days, &other.fallback, &other.escalation)
    }

    /// Everybody whom it names, now or later.
    pub fn names(&self) -> impl Iterator<Item = &Approvers> {
        let escalation = self.escalation.iter().flat_map(|escalation| &escalation.approvers);
        self.approvers.iter().chain(escalation).chain(&self.fallback)
    }
}

impl From<&StageRule> for PlannedStage {
    fn from(rule: &StageRule) -> Self {
        Self {
            name: rule.name.clone(),
            approvers: rule.approvers.clone(),
            quorum: rule.quorum,
            timeout_days: rule.timeout_days,
            fallback: rule.fallback.clone(),
            escalation: rule.escalation.clone(),
            reminder_days: rule.reminder_days,
        }
    }
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
        let stage = PlannedStage::from(stage);
        if !stages.iter().any(|known| known.asks_the_same(&stage)) {
            stages.push(stage);
        }
    }
}

/// What a request needs that no rule matches, and a stage that would be left with nobody.
pub(crate) fn administrators() -> Vec<PlannedStage> {
    let rule = |name| StageRule::new(name, BTreeSet::from([Approvers::Administrators]), Quorum::Any);
    Line::parse("Administrator approval").map(|name| PlannedStage::from(&rule(name))).into_iter().collect()
}
