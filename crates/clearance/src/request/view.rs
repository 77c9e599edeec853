use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::acting::WhoCanAct;
use super::stages::{StageView, decided, describe_stage, open, taken_back};
use super::state::{
    Consent, Decider, Denial, Exchange, Forgoing, Request, RequestState, SeatWait, Source, Withdrawal,
};
use crate::approval::{Circle, Standing, right_of};
use crate::audit::Actor;
use crate::authorization::Admission;
use crate::authorization::CallerKind::{Administrator, Approver};
use crate::catalog::{DataClass, Risk, Tool, ToolRef};
use crate::documents::load;
use crate::failure::Failure;
use crate::grant::Grant;
use crate::ids::{ExceptionId, GrantId, RequestId};
use crate::people::{Names, PersonRef};
use crate::policy::{MatchedRule, Outcome};
use crate::ports::Store;
use crate::seats::Seats;
use crate::settings;
use crate::text::Paragraph;
use crate::time::{Days, Timestamp};

/// That an approval was taken back, as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WithdrawalView {
    /// Who took it back.
    pub by: PersonRef,
    /// When.
    pub at: Timestamp,
    /// Why; none when it was destroyed.
    pub rationale: Option<Paragraph>,
}

/// A question and its answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExchangeView {
    /// Who asked.
    pub asked_by: PersonRef,
    /// For whom, if they stood in for somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_on_behalf_of: Option<PersonRef>,
    /// When.
    pub asked_at: Timestamp,
    /// What; none when it was destroyed.
    pub question: Option<Paragraph>,
    /// The answer; none as long as there is none, or when it was destroyed.
    pub answer: Option<Paragraph>,
    /// When it came.
    pub answered_at: Option<Timestamp>,
}

/// How an approved request waits for a seat, as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SeatWaitView {
    /// Its place in the tool's waiting list, from 1; none when a seat is kept for it.
    pub place: Option<u32>,
    /// Until when a seat is kept for it; then it goes to whoever is next.
    pub offered_until: Option<Timestamp>,
    /// Since when it waits, or the seat is kept.
    pub since: Timestamp,
}

/// A request as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RequestView {
    /// Its id.
    pub id: RequestId,
    /// `pending`, `needs_information`, `awaiting_seat`, `seat_offered`, `approved`, `forgone`, `denied`, `cancelled` or `lapsed`.
    pub state: String,
    /// Who asks.
    pub requester: PersonRef,
    /// For which tool.
    pub tool: ToolRef,
    /// The tool's risk when it was submitted.
    pub risk: Risk,
    /// What for; none when it was destroyed.
    pub purpose: Option<Paragraph>,
    /// What data will be put in.
    pub data_classes: BTreeSet<DataClass>,
    /// For how long.
    pub days: Days,
    /// The usage-policy version accepted.
    pub acknowledged: Option<u32>,
    /// Where it came from.
    pub source: Source,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// The active grant it asked to extend.
    pub extends: Option<GrantId>,
    /// The policy version that evaluated it.
    pub policy_version: u32,
    /// Rules that matched.
    pub matched_rules: Vec<MatchedRule>,
    /// What policy said.
    pub outcome: Outcome,
    /// The exception under which it is decided although policy denies it.
    pub exception: Option<ExceptionId>,
    /// Its stages.
    pub stages: Vec<StageView>,
    /// When it lapses if nobody decides.
    pub deadline: Option<Timestamp>,
    /// Who can act on it now; only where one request is answered, and while there is something to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_act: Option<WhoCanAct>,
    /// Questions and answers.
    pub exchanges: Vec<ExchangeView>,
    /// When it was decided, withdrawn or lapsed.
    pub closed_at: Option<Timestamp>,
    /// Who decided it or withdrew it; none when policy, time or the program did.
    pub closed_by: Option<PersonRef>,
    /// For whom whoever decided it stood in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_on_behalf_of: Option<PersonRef>,
    /// Why it was denied.
    pub denial: Vec<String>,
    /// The duration approved.
    pub approved_days: Option<Days>,
    /// The grant it made or extended.
    pub grant: Option<GrantId>,
    /// That the approval was taken back, and the access with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<WithdrawalView>,
    /// How it waits for a seat, once it is approved and the tool has none left.
    pub seat: Option<SeatWaitView>,
    /// Whether the caller may accept the seat that is kept for it.
    pub may_accept_seat: bool,
    /// Whether the caller may decide it now.
    pub may_decide: bool,
    /// Whether the caller may withdraw it now, or give up its place or seat.
    pub may_cancel: bool,
    /// Whether the caller may take an approval back now: their own of the open stage, or the approval of the request.
    pub may_withdraw_approval: bool,
    /// Whether the caller may answer the question now.
    pub may_answer: bool,
}

/// Whether the caller may see a request: its requester, whoever may decide it or decided it, administrators, auditors, console.
pub async fn sees_request(
    store: &impl Store,
    admission: &Admission,
    request: &Request,
    now: Timestamp,
) -> Result<bool, Failure> {
    if admission.sees_all() || admission.person_id() == Some(request.requester) {
        return Ok(true);
    }
    let Some(person) = admission.person_id() else { return Ok(false) };
    let standing = standing_of(store, admission, request, now).await?;
    Ok(request.is_decided_by(person) || !matches!(standing, Standing::NotMeant))
}

/// Whether, and by what right, the caller decides the request's open stage now.
async fn standing_of(
    store: &impl Store,
    admission: &Admission,
    request: &Request,
    now: Timestamp,
) -> Result<Standing, Failure> {
    let (Ok(person), Some(review)) = (admission.person(), request.review()) else {
        return Ok(Standing::NotMeant);
    };
    if !admission.is(Approver) || request.requester == person.id {
        return Ok(Standing::NotMeant);
    }
    let settings = settings::current(store).await?;
    let Some(tool) = load::<Tool>(store, &request.tool.to_string()).await? else {
        return Ok(Standing::NotMeant);
    };
    let circle = Circle::of(&settings, &tool, request);
    right_of(store, circle, (request, review), person, now).await
}

/// Whether the caller may take an approval back: what they approved in the open stage, or the whole approval while its access lives.
async fn may_withdraw_approval(
    store: &impl Store,
    admission: &Admission,
    request: &Request,
) -> Result<bool, Failure> {
    let Some(person) = admission.person_id() else { return Ok(false) };
    match &request.state {
        RequestState::Pending { review } | RequestState::NeedsInformation { review } => {
            Ok(admission.is(Approver) && review.withdraw(person).is_some())
        }
        RequestState::Approved { grant, withdrawn: None, .. } => {
            let approver = admission.is(Approver) && request.is_approver(person);
            if !(approver || admission.is(Administrator)) {
                return Ok(false);
            }
            let grant = load::<Grant>(store, &grant.to_string()).await?;
            Ok(grant.is_some_and(|grant| grant.is_live()))
        }
        RequestState::Approved { .. }
        | RequestState::AwaitingSeat { .. }
        | RequestState::Forgone { .. }
        | RequestState::Denied { .. }
        | RequestState::Cancelled { .. }
        | RequestState::Lapsed { .. } => Ok(false),
    }
}

async fn exchanges<S: Store>(
    names: &mut Names<'_, S>,
    exchanges: &[Exchange],
) -> Result<Vec<ExchangeView>, Failure> {
    let mut views = Vec::with_capacity(exchanges.len());
    for exchange in exchanges {
        views.push(ExchangeView {
            asked_by: names.person(exchange.asked_by).await?,
            asked_on_behalf_of: names.person_if(exchange.asked_on_behalf_of).await?,
            asked_at: exchange.asked_at,
            question: exchange.question.text().cloned(),
            answer: exchange.answer.as_ref().and_then(|(answer, _)| answer.text().cloned()),
            answered_at: exchange.answer.as_ref().map(|(_, at)| *at),
        });
    }
    Ok(views)
}

async fn seat_view(
    store: &impl Store,
    request: &Request,
    consent: &Consent,
    seat: SeatWait,
) -> Result<SeatWaitView, Failure> {
    Ok(match seat {
        SeatWait::Listed => {
            let seats = load::<Seats>(store, &request.tool.to_string()).await?;
            // Of a request that is only just being approved the list does not know yet: it becomes the last.
            let last = || seats.as_ref().map_or(1, |seats| seats.next_place());
            let place = seats.as_ref().and_then(|seats| seats.place_of(request.id)).or_else(|| Some(last()));
            SeatWaitView { place, offered_until: None, since: consent.at }
        }
        SeatWait::Offered { at, until } => {
            SeatWaitView { place: None, offered_until: Some(until), since: at }
        }
    })
}

/// That an approval was taken back after the request was approved.
async fn withdrawal_view<S: Store>(
    names: &mut Names<'_, S>,
    withdrawal: Option<&Withdrawal>,
) -> Result<Option<WithdrawalView>, Failure> {
    let Some(withdrawal) = withdrawal else { return Ok(None) };
    Ok(Some(WithdrawalView {
        by: names.person(withdrawal.by).await?,
        at: withdrawal.at,
        rationale: withdrawal.rationale.text().cloned(),
    }))
}

/// A request as the caller sees it.
pub async fn request_view<S: Store>(
    names: &mut Names<'_, S>,
    store: &S,
    admission: &Admission,
    request: &Request,
    now: Timestamp,
) -> Result<RequestView, Failure> {
    let own = admission.person_id() == Some(request.requester);
    let pending = matches!(request.state, RequestState::Pending { .. });
    let mut view = RequestView {
        id: request.id,
        state: request.state_name().to_owned(),
        requester: names.person(request.requester).await?,
        tool: names.tool(request.tool).await?,
        risk: request.snapshot.risk,
        purpose: request.purpose.text().cloned(),
        data_classes: request.data_classes.clone(),
        days: request.days,
        acknowledged: request.acknowledged,
        source: request.source,
        submitted_at: request.submitted_at,
        extends: request.extends,
        policy_version: request.evaluation.policy_version,
        matched_rules: request.evaluation.matched.clone(),
        outcome: request.evaluation.outcome.clone(),
        exception: request.exception,
        stages: Vec::new(),
        deadline: None,
        can_act: None,
        exchanges: exchanges(names, &request.exchanges).await?,
        closed_at: None,
        closed_by: None,
        closed_on_behalf_of: names.person_if(request.decided_on_behalf_of()).await?,
        denial: Vec::new(),
        approved_days: None,
        grant: None,
        withdrawn: None,
        seat: None,
        may_accept_seat: false,
        may_decide: pending
            && matches!(standing_of(store, admission, request, now).await?, Standing::Decides(_)),
        may_cancel: request.is_open() && (own || admission.is(Administrator)),
        may_withdraw_approval: may_withdraw_approval(store, admission, request).await?,
        may_answer: own && matches!(request.state, RequestState::NeedsInformation { .. }),
    };
    let manager = request.snapshot.manager;
    match &request.state {
        RequestState::Pending { review } | RequestState::NeedsInformation { review } => {
            view.stages = decided(names, &review.decided, manager).await?;
            view.stages.push(open(names, &review.open, manager).await?);
            for stage in &review.ahead {
                view.stages.push(describe_stage(names, stage, manager).await?);
            }
            view.deadline = Some(review.deadline);
        }
        RequestState::Approved { at, by, days, grant, stages, withdrawn } => {
            view.withdrawn = withdrawal_view(names, withdrawn.as_ref()).await?;
            view.stages = decided(names, stages, manager).await?;
            (view.closed_at, view.approved_days, view.grant) = (Some(*at), Some(*days), Some(*grant));
            if let Decider::Person(person) = by {
                view.closed_by = Some(names.person(*person).await?);
            }
        }
        RequestState::AwaitingSeat { consent, seat } => {
            view.stages = decided(names, &consent.stages, manager).await?;
            view.approved_days = Some(consent.days);
            view.may_accept_seat = own && matches!(seat, SeatWait::Offered { .. });
            view.seat = Some(seat_view(store, request, consent, *seat).await?);
        }
        RequestState::Forgone { at, consent, why } => {
            view.stages = decided(names, &consent.stages, manager).await?;
            (view.closed_at, view.approved_days) = (Some(*at), Some(consent.days));
            if let Forgoing::Declined { by: Actor::Person(person) } = why {
                view.closed_by = Some(names.person(*person).await?);
            }
        }
        RequestState::Denied { at, denial, stages } => {
            view.stages = decided(names, stages, manager).await?;
            view.closed_at = Some(*at);
            match denial {
                Denial::Policy { reasons } => view.denial = reasons.iter().map(ToString::to_string).collect(),
                Denial::Person { person, rationale, .. } => {
                    view.denial = rationale.text().map(ToString::to_string).into_iter().collect();
                    view.closed_by = Some(names.person(*person).await?);
                }
            }
        }
        RequestState::Cancelled { at, by, stages } => {
            view.stages = decided(names, stages, manager).await?;
            view.closed_at = Some(*at);
            if let Actor::Person(person) = by {
                view.closed_by = Some(names.person(*person).await?);
            }
        }
        RequestState::Lapsed { at, stages } => {
            view.stages = decided(names, stages, manager).await?;
            view.closed_at = Some(*at);
        }
    }
    // Stages come in their order, whatever became of the request.
    for taken in &request.taken_back {
        if let Some(stage) = view.stages.get_mut(usize::from(taken.stage)) {
            stage.taken_back.push(taken_back(names, taken).await?);
        }
    }
    Ok(view)
}
