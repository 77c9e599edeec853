//! Reviews as people see them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::Review;
use super::right::{Reviewing, Right};
use super::state::{Renewal, ReviewCause, ReviewDecision, ReviewState, VoidReason};
use crate::approval::Selector;
use crate::authorization::Admission;
use crate::authorization::CallerKind::Approver;
use crate::catalog::{Tool, ToolRef};
use crate::documents::load;
use crate::failure::Failure;
use crate::ids::{GrantId, PersonId, ProposalId, ReviewId};
use crate::people::{Names, PersonRef};
use crate::ports::Store;
use crate::settings;
use crate::text::Paragraph;
use crate::time::{Days, Timestamp};

/// The states by which reviews can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewStateName {
    /// It waits for its reviewer, put off or not.
    Open,
    /// It was decided.
    Decided,
    /// Nobody decided it: the access ended as planned.
    Undecided,
    /// There was nothing to decide any more.
    Void,
}

impl ReviewStateName {
    /// The word.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Decided => "decided",
            Self::Undecided => "undecided",
            Self::Void => "void",
        }
    }
}

/// What was decided, as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReviewDecisionView {
    /// `renew`, `let_expire`, `remove` or `exception`.
    pub kind: String,
    /// By whom.
    pub by: PersonRef,
    /// For whom, if they stood in for somebody.
    pub on_behalf_of: Option<PersonRef>,
    /// When.
    pub at: Timestamp,
    /// Why; none when nothing was said, or it was destroyed.
    pub reason: Option<Paragraph>,
    /// Of a renewal: days to be added to the end.
    pub days: Option<Days>,
    /// Of a renewal: what came of it at once.
    pub renewal: Option<Renewal>,
    /// Of an exception: what was proposed.
    pub proposal: Option<ProposalId>,
}

/// A review as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReviewView {
    /// Its id.
    pub id: ReviewId,
    /// `open`, `postponed`, `decided`, `undecided` or `void`.
    pub state: String,
    /// Why it was opened.
    pub cause: ReviewCause,
    /// The grant.
    pub grant: GrantId,
    /// Who has the access.
    pub person: PersonRef,
    /// To which tool.
    pub tool: ToolRef,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When the access ends, or was to end: without a decision it does.
    pub ends_at: Option<Timestamp>,
    /// Who decides it, in words: a person, a group, or the tool's owners.
    pub reviewer: String,
    /// Until when it was put off, while it is.
    pub rests_until: Option<Timestamp>,
    /// How often it was put off.
    pub postponed: u32,
    /// How often it still may be.
    pub postponements_left: u32,
    /// What was decided.
    pub decision: Option<ReviewDecisionView>,
    /// When it was closed without a decision.
    pub closed_at: Option<Timestamp>,
    /// Why there was nothing to decide any more.
    pub void_because: Option<VoidReason>,
    /// Whether the caller may decide it now.
    pub may_decide: bool,
    /// For whom the caller would decide it, if they stand in for somebody.
    pub on_behalf_of: Option<PersonRef>,
    /// Whether the caller may put it off now.
    pub may_postpone: bool,
}

/// Whether somebody decided a review, or somebody else did for them.
pub(super) fn was_decided_by(review: &Review, person: PersonId) -> bool {
    match review.state {
        ReviewState::Decided { by, on_behalf_of, .. } => by == person || on_behalf_of == Some(person),
        ReviewState::Open { .. } | ReviewState::Undecided { .. } | ReviewState::Void { .. } => false,
    }
}

async fn decision<S: Store>(
    names: &mut Names<'_, S>,
    review: &Review,
) -> Result<Option<ReviewDecisionView>, Failure> {
    let ReviewState::Decided { decision, by, on_behalf_of, at, reason } = &review.state else {
        return Ok(None);
    };
    let (days, renewal, proposal) = match *decision {
        ReviewDecision::Renew { days, renewal } => (Some(days), Some(renewal), None),
        ReviewDecision::Exception { proposal } => (None, None, Some(proposal)),
        ReviewDecision::LetExpire | ReviewDecision::Remove => (None, None, None),
    };
    Ok(Some(ReviewDecisionView {
        kind: decision.as_str().to_owned(),
        by: names.person(*by).await?,
        on_behalf_of: names.person_if(*on_behalf_of).await?,
        at: *at,
        reason: reason.as_ref().and_then(|reason| reason.text().cloned()),
        days,
        renewal,
        proposal,
    }))
}

/// A review as this caller sees it; whoever may decide some with those for whom they stand in.
///
/// # Errors
/// The store's.
pub(super) async fn review_view<S: Store>(
    names: &mut Names<'_, S>,
    admission: &Admission,
    reviewing: Option<&Reviewing<'_>>,
    review: &Review,
    now: Timestamp,
) -> Result<ReviewView, Failure> {
    let store = names.store();
    let reviewing = reviewing.filter(|_| review.is_open() && admission.is(Approver));
    let tool = match reviewing {
        Some(_) => load::<Tool>(store, &review.tool.to_string()).await?,
        None => None,
    };
    let right = reviewing.zip(tool.as_deref()).and_then(|(reviewing, tool)| reviewing.right_to(review, tool));
    let may_decide = right.is_some();
    let on_behalf_of = names.person_if(right.and_then(Right::on_behalf_of)).await?;
    let postponed = u32::try_from(review.postponements.len()).unwrap_or(u32::MAX);
    let bound = u32::from(settings::current(store).await?.reviews.postponements);
    let postponements_left = if review.is_open() { bound.saturating_sub(postponed) } else { 0 };
    let (closed_at, void_because) = match review.state {
        ReviewState::Undecided { at } => (Some(at), None),
        ReviewState::Void { why, at } => (Some(at), Some(why)),
        ReviewState::Open { .. } | ReviewState::Decided { .. } => (None, None),
    };
    let rests = review.is_postponed(now);
    Ok(ReviewView {
        id: review.id,
        state: if rests { "postponed" } else { review.state_name() }.to_owned(),
        cause: review.cause,
        grant: review.grant,
        person: names.person(review.person).await?,
        tool: names.tool(review.tool).await?,
        opened_at: review.opened_at,
        ends_at: review.ends_at,
        reviewer: match review.reviewer {
            Selector::Person(person) => names.person(person).await?.name,
            Selector::Group(group) => names.group(group).await?.name,
            Selector::Owner(_) => "Tool owners".to_owned(),
        },
        rests_until: match review.state {
            ReviewState::Open { rests_until } if rests => rests_until,
            _ => None,
        },
        postponed,
        postponements_left,
        decision: decision(names, review).await?,
        closed_at,
        void_because,
        may_decide,
        on_behalf_of,
        may_postpone: may_decide && postponements_left > 0,
    })
}
