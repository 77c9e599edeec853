//! What is wrong with what a rule does, among the other rules and with people and tools of now.

use std::collections::BTreeSet;

use super::requests::{Request, Said, nearest};
use super::{Finding, FindingCode};
use crate::catalog::Risk;
use crate::ids::PersonId;
use crate::policy::{Approvers, Effect, Facts, Quorum, Rule, StageRule};
use crate::time::Days;

/// A rule that matches nothing that can be asked for now, or never has a say because a stricter one matches wherever it does.
pub(super) fn unreachable(rule: &Rule, requests: &[Request<'_>], facts: &Facts, findings: &mut Vec<Finding>) {
    let wanted = Said::by(&rule.then);
    if requests.iter().any(|request| request.said == wanted) {
        return;
    }
    let (sentence, example) = match requests.first() {
        None => {
            let sentence =
                "Nothing that can be asked for now matches this rule: no tool of the catalogue fits.";
            (sentence, nearest(rule, facts))
        }
        Some(request) => {
            let sentence = match request.said {
                Said::Denied => "This rule never has a say: wherever it matches, another one denies.",
                Said::Stages | Said::Approved => {
                    "This rule never has a say: wherever it matches, a stricter one matches, too."
                }
            };
            (sentence, request.snapshot.clone())
        }
    };
    let sentence = sentence.to_owned();
    let code = FindingCode::UnreachableRule;
    findings.push(Finding { code, rule: rule.id, stage: None, sentence, example, requester: None });
}

/// Stages that nobody could decide.
pub(super) fn stages(rule: &Rule, requests: &[Request<'_>], facts: &Facts, findings: &mut Vec<Finding>) {
    let Effect::RequireStages { stages } = &rule.then else { return };
    for (number, stage) in stages.iter().enumerate() {
        let mut found = None;
        let mut known = BTreeSet::new();
        for request in requests {
            let owners = request.owners();
            if !known.insert(owners.clone()) {
                continue;
            }
            let fallback = || shortage(stage, &stage.fallback, " of those who take over", facts, &owners);
            found = shortage(stage, &stage.approvers, "", facts, &owners)
                .or_else(|| if stage.fallback.is_empty() { None } else { fallback() })
                .map(|shortage| (shortage, request));
            if found.is_some() {
                break;
            }
        }
        if let Some(((code, requester, sentence), request)) = found {
            let example = request.snapshot.clone();
            findings.push(Finding { code, rule: rule.id, stage: Some(number), sentence, example, requester });
        }
        if let (Some(days), true, Some(request)) =
            (stage.timeout_days, stage.fallback.is_empty(), requests.first())
        {
            findings.push(Finding {
                code: FindingCode::TimeoutWithoutFallback,
                rule: rule.id,
                stage: Some(number),
                sentence: format!(
                    "The stage `{}` times out after {days}, and nobody takes it over: the request lapses.",
                    stage.name
                ),
                example: request.snapshot.clone(),
                requester: None,
            });
        }
    }
}

/// Why a stage falls to administrators, and for whose request. Whoever asks and those who stand in for them do not decide it.
fn shortage(
    stage: &StageRule,
    approvers: &BTreeSet<Approvers>,
    whom: &str,
    facts: &Facts,
    owners: &BTreeSet<PersonId>,
) -> Option<(FindingCode, Option<PersonId>, String)> {
    // Of a manager it is only known that there should be one.
    let manager = PersonId::of_name("whoever is the requester's manager");
    let people = facts.people(approvers, owners, Some(manager));
    let too_few = |left: usize, when: &str| {
        let (code, problem) = match stage.quorum {
            Quorum::AtLeast(wanted) if left > 0 => (
                FindingCode::QuorumTooLarge,
                format!("wants {wanted} approvals, and {left}{whom} could give one{when}"),
            ),
            Quorum::Any | Quorum::All | Quorum::AtLeast(_) => {
                (FindingCode::StageWithoutApprovers, format!("has nobody{whom} who could decide it{when}"))
            }
        };
        (code, format!("The stage `{}` {problem}: it falls to administrators.", stage.name))
    };
    if stage.quorum.required(people.len()).is_none() {
        let (code, sentence) = too_few(people.len(), "");
        return Some((code, None, sentence));
    }
    // One of its people asks, and with them go those who stand in for them.
    people.iter().filter(|person| **person != manager).find_map(|person| {
        let delegates = facts.delegates.get(person);
        let stands_in = |other: &&PersonId| delegates.is_some_and(|delegates| delegates.contains(*other));
        let gone = people.iter().filter(|other| *other == person || stands_in(other)).count();
        let left = people.len().saturating_sub(gone);
        stage.quorum.required(left).is_none().then(|| {
            let when = if gone > 1 {
                " when one of its own people asks, whom another one stands in for"
            } else {
                " when one of its own people asks"
            };
            let (code, sentence) = too_few(left, when);
            (code, Some(*person), sentence)
        })
    })
}

/// Automatic approval of what somebody should look at.
pub(super) fn automatic(rule: &Rule, requests: &[Request<'_>], findings: &mut Vec<Finding>) {
    let Effect::AutoApprove { max_days: cap } = rule.then else { return };
    let mut find = |code, request: Option<&Request<'_>>, at: Option<Days>, sentence: String| {
        let Some(request) = request else { return };
        let mut example = request.snapshot.clone();
        if let Some(days) = at {
            (example.days, example.days_in_all) = (days, days);
        }
        findings.push(Finding { code, rule: rule.id, stage: None, sentence, example, requester: None });
    };
    let approved = || requests.iter().filter(|request| request.said == Said::Approved);
    let high = approved().find(|request| request.snapshot.risk >= Risk::High);
    if let Some(request) = high {
        let sentence =
            format!("This rule approves a tool of {} risk without anybody.", request.snapshot.risk.as_str());
        find(FindingCode::AutoApprovalOfHighRisk, high, None, sentence);
    }
    if cap == Days::MAX {
        let sentence = "The cap is the longest duration there is: it limits nothing.".to_owned();
        find(FindingCode::AutoApprovalWithoutCap, approved().next(), None, sentence);
    }
    let maximum = |request: &&Request<'_>| request.tool.is_some_and(|tool| cap > tool.max_days);
    if let Some((request, tool)) = approved().find(maximum).and_then(|request| Some((request, request.tool?)))
    {
        let sentence =
            format!("The cap of {cap} is above the {} for which the tool is given at most.", tool.max_days);
        find(FindingCode::CapAboveMaximum, Some(request), Some(tool.max_days), sentence);
    }
    let review = |request: &&Request<'_>| request.tool.is_some_and(|tool| cap <= tool.review_days);
    if let Some((request, tool)) = approved().find(review).and_then(|request| Some((request, request.tool?)))
    {
        let sentence = format!(
            "Access by this rule lasts at most {cap}, and the tool's review window is {}: the review is due before access begins.",
            tool.review_days
        );
        find(FindingCode::ReviewLongerThanGrant, Some(request), Some(cap.min(tool.max_days)), sentence);
    }
}
