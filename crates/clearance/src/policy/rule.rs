use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::snapshot::Snapshot;
use crate::catalog::{DataClass, Risk};
use crate::ids::{GroupId, PersonId, RuleId, ToolId};
use crate::text::Line;
use crate::time::Days;

/// One rule: when its conditions hold, its effect takes part in the outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its id; stays the same from version to version.
    pub id: RuleId,
    /// What people call it.
    pub name: Line,
    /// When it takes part.
    pub when: Conditions,
    /// What it does then.
    pub then: Effect,
}

/// Conditions: all that are given must hold. A rule without conditions always matches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// The tool is one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<BTreeSet<ToolId>>,
    /// The tool's risk is one of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risks: Option<BTreeSet<Risk>>,
    /// The tool has at least one of these tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeSet<Line>>,
    /// The requester is in at least one of these groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requester_groups: Option<BTreeSet<GroupId>>,
    /// At least one declared data class is among these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub any_data_class: Option<BTreeSet<DataClass>>,
    /// Every declared data class is among these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_data_classes: Option<BTreeSet<DataClass>>,
    /// The duration is longer than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longer_than: Option<Days>,
    /// Whether the request proposes a tool that is not in the catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_tool: Option<bool>,
}

impl Conditions {
    /// Whether they hold for a request.
    pub fn hold(&self, request: &Snapshot) -> bool {
        fn holds<T>(condition: Option<&T>, test: impl FnOnce(&T) -> bool) -> bool {
            condition.is_none_or(test)
        }
        holds(self.tools.as_ref(), |tools| request.tool.is_some_and(|tool| tools.contains(&tool)))
            && holds(self.risks.as_ref(), |risks| risks.contains(&request.risk))
            && holds(self.tags.as_ref(), |tags| !tags.is_disjoint(&request.tags))
            && holds(self.requester_groups.as_ref(), |groups| !groups.is_disjoint(&request.requester_groups))
            && holds(self.any_data_class.as_ref(), |classes| !classes.is_disjoint(&request.data_classes))
            && holds(self.only_data_classes.as_ref(), |classes| request.data_classes.is_subset(classes))
            && holds(self.longer_than.as_ref(), |days| request.days > *days)
            && holds(self.new_tool.as_ref(), |new| request.tool.is_none() == *new)
    }
}

/// What a matching rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Effect {
    /// The request is denied.
    Deny {
        /// What the requester is told.
        reason: Line,
    },
    /// The request is approved at once, unless another rule is stricter.
    AutoApprove {
        /// Longest access, counted from first activation; above it the rule does not match.
        max_days: Days,
    },
    /// People decide.
    RequireStages {
        /// In this order; at least one.
        stages: Vec<StageRule>,
    },
}

/// A stage that a rule demands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StageRule {
    /// What people call it.
    pub name: Line,
    /// Who may decide: whoever any of these means. 1 to 8.
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

impl StageRule {
    /// A stage that waits as long as the request does.
    pub fn new(name: Line, approvers: BTreeSet<Approvers>, quorum: Quorum) -> Self {
        Self {
            name,
            approvers,
            quorum,
            timeout_days: None,
            fallback: BTreeSet::new(),
            escalation: None,
            reminder_days: None,
        }
    }

    /// Everybody whom it names, now or later.
    pub fn names(&self) -> impl Iterator<Item = &Approvers> {
        let escalation = self.escalation.iter().flat_map(|escalation| &escalation.approvers);
        self.approvers.iter().chain(escalation).chain(&self.fallback)
    }
}

/// Who may decide a stage as well, once it has waited for some days. Nobody is taken away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// After how many days.
    pub after_days: Days,
    /// Who. 1 to 8, together with those who may decide anyway.
    pub approvers: BTreeSet<Approvers>,
}

/// Whom a stage means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Approvers {
    /// One person.
    Person(PersonId),
    /// The active members of a group.
    Group(GroupId),
    /// The tool's owners.
    ToolOwners,
    /// The requester's manager, as it was when they asked.
    Manager,
    /// The security group named in settings.
    Security,
    /// The administrators who act as approvers, a group named in settings.
    Administrators,
}

/// How many of those who may decide must approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quorum {
    /// One.
    Any,
    /// This many.
    AtLeast(u8),
    /// Everybody who may decide when the stage opens.
    All,
}

/// A rule with its place in the policy version: stages of several rules follow one another in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedRule {
    /// From 0.
    pub place: u32,
    /// The rule.
    pub rule: Rule,
}
