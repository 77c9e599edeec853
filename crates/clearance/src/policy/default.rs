use std::collections::BTreeSet;

use super::rule::{Approvers, Conditions, Effect, PlacedRule, Quorum, Rule, StageRule};
use crate::catalog::{DataClass, Risk};
use crate::failure::Failure;
use crate::ids::RuleId;
use crate::text::Line;
use crate::time::Days;

fn line(text: &str) -> Result<Line, Failure> {
    Line::parse(text).map_err(|error| Failure::Defect(format!("`{text}` {error}")))
}

fn stage(name: &str, approvers: Approvers) -> Result<StageRule, Failure> {
    Ok(StageRule::new(line(name)?, BTreeSet::from([approvers]), Quorum::Any))
}

fn rule(name: &str, when: Conditions, then: Effect) -> Result<Rule, Failure> {
    Ok(Rule { id: RuleId::of_name(name), name: line(name)?, when, then })
}

fn of_risk(risk: Risk) -> Conditions {
    Conditions { risks: Some(BTreeSet::from([risk])), ..Conditions::default() }
}

/// The policy of a fresh site: low risk with harmless data for a month needs nobody, medium the tool's owner, high the owner and
/// security, restricted is denied. Whatever else is asked for needs an administrator, as with every policy.
///
/// # Errors
/// [`Failure::Defect`] when a text that ships is wrong; a test calls it.
pub fn default_rules() -> Result<Vec<PlacedRule>, Failure> {
    let rules = [
        rule(
            "Restricted tools are not available",
            of_risk(Risk::Restricted),
            Effect::Deny { reason: line("This tool is restricted; choose another one from the catalogue")? },
        )?,
        rule(
            "Low risk, harmless data, up to 30 days",
            Conditions {
                only_data_classes: Some(BTreeSet::from([DataClass::Public, DataClass::Internal])),
                ..of_risk(Risk::Low)
            },
            Effect::AutoApprove { max_days: Days::of(30) },
        )?,
        rule(
            "Medium risk needs the tool owner",
            of_risk(Risk::Medium),
            Effect::RequireStages { stages: vec![stage("Tool owner", Approvers::ToolOwners)?] },
        )?,
        rule(
            "High risk needs owner and security",
            of_risk(Risk::High),
            Effect::RequireStages {
                stages: vec![
                    stage("Tool owner", Approvers::ToolOwners)?,
                    stage("Security", Approvers::Security)?,
                ],
            },
        )?,
    ];
    Ok((0..).zip(rules).map(|(place, rule)| PlacedRule { place, rule }).collect())
}
