//! Lint: what is wrong with a policy, each with a request that shows it.
//!
//! A pure function of rules and what the site knows now. Only requests that somebody could make now are looked at: of tools that are not
//! retired, with their risk, tags, data classes and maximum. For each tool and set of data classes a rule is looked at with the least
//! that makes it match: one of its groups, and one day more than `longer_than`. That is enough, because with more of either only more
//! rules match, and what hides a rule there hides it everywhere.

mod conditions;
mod effects;
mod requests;

use schemars::JsonSchema;
use serde::Serialize;

use super::facts::Facts;
use super::rule::PlacedRule;
use super::snapshot::Snapshot;
use crate::ids::{PersonId, RuleId};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $severity:ident;)*) => {
        /// What is wrong. Stable: programs may rely on the names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum FindingCode { $($(#[$doc])* $variant,)* }

        impl FindingCode {
            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }
        }
    };
}

codes! {
    /// No request can fulfil the rule's conditions.
    ContradictoryConditions = Error;
    /// The rule names a tool that is not in the catalogue.
    UnknownTool = Error;
    /// The rule names a group that does not exist.
    UnknownGroup = Error;
    /// The rule names a person who does not exist or has left.
    UnknownPerson = Error;
    /// Requests can fulfil the rule's conditions, but none that can be made now, or what it does never shows.
    UnreachableRule = Warning;
    /// Nobody could decide a stage; it falls to administrators.
    StageWithoutApprovers = Warning;
    /// A stage wants more approvals than people may give; it falls to administrators.
    QuorumTooLarge = Warning;
    /// A stage times out and nobody takes it over: the request lapses.
    TimeoutWithoutFallback = Warning;
    /// A tool of high or restricted risk is approved without anybody.
    AutoApprovalOfHighRisk = Warning;
    /// The cap is the longest duration there is: it limits nothing.
    AutoApprovalWithoutCap = Warning;
    /// The cap is above what the tool allows at all.
    CapAboveMaximum = Warning;
    /// The review of a grant would be due before the grant begins.
    ReviewLongerThanGrant = Warning;
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A policy with it is not published.
    Error,
    /// Somebody should look at it.
    Warning,
}

/// Something that is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub code: FindingCode,
    /// In which rule.
    pub rule: RuleId,
    /// In which of its stages, from 0.
    pub stage: Option<usize>,
    /// What it means, in a sentence or two.
    pub sentence: String,
    /// A request that shows it. Of rules that nothing matches: the nearest there is.
    pub example: Snapshot,
    /// Who makes it, where it matters.
    pub requester: Option<PersonId>,
}

/// What is wrong with a policy, in the order of its rules.
pub fn lint(rules: &[PlacedRule], facts: &Facts) -> Vec<Finding> {
    let site = requests::Site::new(rules, facts);
    let mut findings = Vec::new();
    let mut in_order: Vec<&PlacedRule> = rules.iter().collect();
    in_order.sort_by_key(|placed| placed.place);
    for placed in in_order {
        let rule = &placed.rule;
        let before = findings.len();
        conditions::unknown(rule, facts, &mut findings);
        if let Some(contradiction) = conditions::contradiction(rule) {
            findings.push(Finding {
                code: FindingCode::ContradictoryConditions,
                rule: rule.id,
                stage: None,
                sentence: format!("No request can match this rule: {contradiction}."),
                example: requests::nearest(rule, facts),
                requester: None,
            });
            continue;
        }
        let requests = site.requests(rule);
        let names_unknown_tool =
            findings.iter().skip(before).any(|finding| finding.code == FindingCode::UnknownTool);
        if requests.is_empty() && names_unknown_tool {
            // That it matches nothing was said with the tool's name.
            continue;
        }
        effects::unreachable(rule, &requests, facts, &mut findings);
        effects::stages(rule, &requests, facts, &mut findings);
        effects::automatic(rule, &requests, &mut findings);
    }
    findings
}
