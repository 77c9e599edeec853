//! Requests: a million that were decided, or thousands that wait for one approver.

use std::collections::BTreeSet;

use audit_log::Value;
use clearance::approval::{Selector, Waiting, WaitingSummary};
use clearance::audit::{Actor, EventKind};
use clearance::catalog::{DataClass, Risk};
use clearance::documents::Change;
use clearance::failure::Failure;
use clearance::grant::{EndReason, Grant, GrantState, Means};
use clearance::ids::{PersonId, ToolId};
use clearance::policy::{Approvers, Evaluation, MatchedRule, Outcome, PlannedStage, Quorum, Snapshot};
use clearance::ports::{Moment, Revision};
use clearance::request::{
    Approval, Course, DecidedStage, Decider, Denial, Holding, OpenStage, Request, RequestState, Review,
    Source,
};
use clearance::text::CommittedText;
use clearance::time::Days;
use clearance_store::SqliteStore;

use super::bulk::Bulk;
use super::organization::{person_document, rules_of, tool_document};
use super::{Size, id, line, moment, paragraph, person, tool};

const DAYS: Days = Days::of(90);

/// Writes a past: seven of ten requests were approved and their access ended since, two denied, one withdrawn.
pub(super) fn make_past(store: &SqliteStore, size: Size) -> anyhow::Result<()> {
    let mut bulk = Bulk::new(store);
    for number in 0..size.past_requests {
        // 7,919 is prime: each round of as many requests as there are people asks each of them once, in no order. Each round asks for
        // other tools, so that no pair comes twice.
        let asks = u32::try_from(u64::from(number) * 7_919 % u64::from(size.people))?;
        let of = (asks + number / size.people * 25) % size.tools;
        let (request, grant) = past_request(number, size.past_requests, person(asks), of)?;
        let items = if grant.is_some() { 4 } else { 3 };
        bulk.add(items, |change| {
            change.insert(&request);
            change.insert(&Holding::none(request.requester, request.tool));
            if let Some(grant) = &grant {
                change.insert(grant);
            }
            record(change, &request);
        })?;
    }
    bulk.finish()
}

fn past_request(
    number: u32,
    of: u32,
    requester: PersonId,
    tool_number: u32,
) -> Result<(Request, Option<Grant>), Failure> {
    let moment = moment("request", number, of);
    let owner = person(tool_number);
    let decided_at = moment.now.plus_minutes(90);
    let rationale = |text| Ok::<_, Failure>(CommittedText::new(paragraph(text)?, &moment, "rationale"));
    let mut request = request(&moment, requester, tool_number)?;
    let mut grant = None;
    request.state = match number % 10 {
        0..=6 => {
            let made = Grant {
                id: id(&moment),
                person: requester,
                tool: request.tool,
                request: request.id,
                approved_at: decided_at,
                means: Means::Manual,
                seats: Vec::new(),
                fence: 0,
                told_in_issue: false,
                counted: false,
                extensions: Vec::new(),
                state: GrantState::Ended {
                    activated_at: Some(decided_at),
                    ended_at: decided_at.plus_days(DAYS),
                    reason: EndReason::Expired,
                },
            };
            let approval = Approval {
                by: owner,
                on_behalf_of: None,
                at: decided_at,
                rationale: Some(rationale("Fits the team's work")?),
                days: None,
            };
            let stages =
                vec![DecidedStage { plan: stage()?, course: Course::Planned, approvals: vec![approval] }];
            let state = RequestState::Approved {
                at: decided_at,
                by: Decider::Person(owner),
                days: DAYS,
                grant: made.id,
                stages,
                withdrawn: None,
            };
            grant = Some(made);
            state
        }
        7 | 8 => {
            let rationale = rationale("Use the assistant that the organization pays for already")?;
            let denial = Denial::Person { person: owner, on_behalf_of: None, rationale };
            RequestState::Denied { at: decided_at, denial, stages: Vec::new() }
        }
        _ => RequestState::Cancelled { at: decided_at, by: Actor::Person(requester), stages: Vec::new() },
    };
    Ok((request, grant))
}

/// Writes requests of as many people that wait for the owner of the first tool.
pub(super) fn make_pending(store: &SqliteStore, size: Size) -> anyhow::Result<()> {
    let mut bulk = Bulk::new(store);
    for number in 0..size.pending {
        let requester = person_document(size.tools + number)?;
        let moment = moment("pending", number, size.pending);
        let request = request(&moment, requester.id, 0)?;
        let Some(review) = request.review() else { anyhow::bail!("a request that waits has a review") };
        let tool = tool_document(0)?;
        let summary: WaitingSummary =
            clearance::approval::summary_of(&request, &requester, &tool, review.deadline);
        let waiting = Waiting {
            selector: Selector::Owner(request.tool),
            other: None,
            number: 0,
            stage: 0,
            stage_name: review.open.plan.name.clone(),
            since: review.open.opened_at,
            without: BTreeSet::from([requester.id]),
            request: summary,
        };
        bulk.add(4, |change| {
            change.insert(&request);
            change.insert(&Holding {
                open_request: Some(request.id),
                ..Holding::none(requester.id, request.tool)
            });
            change.insert(&waiting);
            record(change, &request);
        })?;
    }
    bulk.finish()
}

fn stage() -> Result<PlannedStage, Failure> {
    Ok(PlannedStage {
        name: line("Tool owner")?,
        approvers: BTreeSet::from([Approvers::ToolOwners]),
        quorum: Quorum::Any,
        timeout_days: None,
        fallback: BTreeSet::new(),
        escalation: None,
        reminder_days: None,
    })
}

/// A request that waits for the tool's owner.
pub(super) fn request(moment: &Moment, requester: PersonId, tool_number: u32) -> Result<Request, Failure> {
    let tool: ToolId = tool(tool_number);
    let matched = rules_of(tool_number)?.into_iter().take(1);
    let review = Review {
        decided: Vec::new(),
        open: OpenStage {
            number: 0,
            plan: stage()?,
            required: 1,
            opened_at: moment.now,
            counted_from: moment.now,
            course: Course::Planned,
            reminded_at: None,
            stranded_since: None,
            approvals: Vec::new(),
            queue: vec![Revision::FIRST.0],
        },
        ahead: Vec::new(),
        // Ten years: nothing lapses while it is measured.
        deadline: moment.now.plus_days(Days::MAX),
    };
    Ok(Request {
        id: id(moment),
        requester,
        tool,
        purpose: CommittedText::new(
            paragraph(
                "Drafting release notes and answers to questions about our open documentation, weekly, for the team",
            )?,
            moment,
            "purpose",
        ),
        data_classes: BTreeSet::from([DataClass::Public, DataClass::Internal]),
        days: DAYS,
        acknowledged: None,
        accepted: None,
        source: Source::App,
        submitted_at: moment.now,
        extends: None,
        exception: None,
        snapshot: Snapshot {
            tool: Some(tool),
            risk: Risk::Medium,
            tags: BTreeSet::from([line("assistant")?, line("text")?]),
            requester_groups: BTreeSet::new(),
            data_classes: BTreeSet::from([DataClass::Public, DataClass::Internal]),
            days: DAYS,
            days_in_all: DAYS,
            manager: None,
        },
        evaluation: Evaluation {
            policy_version: 2,
            matched: matched.map(|rule| MatchedRule { id: rule.id, name: rule.name }).collect(),
            outcome: Outcome::Stages { stages: vec![stage()?] },
        },
        exchanges: Vec::new(),
        taken_back: Vec::new(),
        state: RequestState::Pending { review },
    })
}

fn record(change: &mut Change, request: &Request) {
    let facts = Value::object([
        ("request", Value::from(request.id.to_string())),
        ("tool", Value::from(request.tool.to_string())),
        ("days", Value::from(request.days.get())),
        ("purpose", request.purpose.to_fact()),
        ("policy_version", Value::from(request.evaluation.policy_version)),
        ("outcome", Value::from("stages")),
    ]);
    change.record(
        request.submitted_at,
        &Actor::Person(request.requester),
        EventKind::RequestSubmitted,
        facts,
    );
}
