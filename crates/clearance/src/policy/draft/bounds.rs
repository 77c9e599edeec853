use std::collections::BTreeSet;

use crate::approval::MAX_SELECTORS;
use crate::policy::{Effect, PlacedRule, Quorum, Rule, StageRule};
use crate::refusal::{Code, Refusal};

/// Most rules of a policy.
pub const MAX_RULES: usize = 1_000;
/// Most bytes of one rule as JSON: many fit into a document.
pub const MAX_RULE_BYTES: usize = 32 * 1024;
/// Most bytes of all rules: they are committed with the draft they belong to.
const MAX_BYTES: usize = 1024 * 1024;
/// Most stages of one rule.
const MAX_STAGES: usize = 8;

fn invalid(rule: &Rule, problem: &str) -> Refusal {
    Refusal::new(Code::InvalidPolicy, format!("the rule `{}` {problem}", rule.name)).with("rule", rule.id)
}

/// Refuses what no policy may be.
///
/// # Errors
/// [`Code::InvalidPolicy`].
pub(super) fn check(rules: &[PlacedRule]) -> Result<(), Refusal> {
    if rules.len() > MAX_RULES {
        return Err(Refusal::new(Code::InvalidPolicy, format!("a policy has at most {MAX_RULES} rules")));
    }
    let (mut ids, mut bytes) = (BTreeSet::new(), 0_usize);
    for PlacedRule { rule, .. } in rules {
        if !ids.insert(rule.id) {
            return Err(invalid(rule, "is there twice"));
        }
        let length = serde_json::to_string(rule).map_or(usize::MAX, |text| text.len());
        bytes = bytes.saturating_add(length);
        if length > MAX_RULE_BYTES {
            return Err(invalid(rule, "is too large; name fewer tools, groups and people in one rule"));
        }
        let Effect::RequireStages { stages } = &rule.then else { continue };
        if stages.is_empty() || stages.len() > MAX_STAGES {
            return Err(invalid(rule, "must have 1 to 8 stages"));
        }
        for stage in stages {
            if stage.approvers.is_empty() || stage.approvers.len() > MAX_SELECTORS {
                return Err(invalid(rule, "must name 1 to 8 approvers in each stage"));
            }
            check_times(rule, stage)?;
            if stage.quorum == Quorum::AtLeast(0) {
                return Err(invalid(rule, "must want at least one approval in each stage"));
            }
        }
    }
    if bytes > MAX_BYTES {
        return Err(Refusal::new(Code::InvalidPolicy, "the rules are too large together"));
    }
    Ok(())
}

/// Refuses what a stage cannot do with time.
fn check_times(rule: &Rule, stage: &StageRule) -> Result<(), Refusal> {
    if stage.fallback.len() > MAX_SELECTORS {
        return Err(invalid(rule, "must name at most 8 who take over a stage"));
    }
    if !stage.fallback.is_empty() && stage.timeout_days.is_none() {
        return Err(invalid(rule, "says who takes over a stage, but not after how many days"));
    }
    let Some(escalation) = &stage.escalation else { return Ok(()) };
    if escalation.approvers.is_empty() || stage.approvers.union(&escalation.approvers).count() > MAX_SELECTORS
    {
        return Err(invalid(
            rule,
            "must name 1 to 8 approvers in each stage, those of its escalation included",
        ));
    }
    if stage.timeout_days.is_some_and(|timeout| timeout <= escalation.after_days) {
        return Err(invalid(rule, "escalates a stage when it has timed out already"));
    }
    Ok(())
}
