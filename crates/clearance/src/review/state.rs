//! The lifecycle of a review: pure transitions, each from the states that allow it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::Review;
use super::settings::ReviewSettings;
use crate::ids::{PersonId, ProposalId, RequestId};
use crate::refusal::{Code, Refusal, malformed};
use crate::text::CommittedText;
use crate::time::{Days, Timestamp};

/// Why a review was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewCause {
    /// The access ends soon.
    Ending,
    /// The tool was changed so that wrong use of it can do more harm.
    RiskRaised,
    /// Many people got access to the tool within days.
    Burst,
    /// There are fewer seats than there were.
    SeatCap,
}

impl ReviewCause {
    /// The cause as the log and the interface name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ending => "ending",
            Self::RiskRaised => "risk_raised",
            Self::Burst => "burst",
            Self::SeatCap => "seat_cap",
        }
    }
}

/// Why a review is void.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoidReason {
    /// The access ended, or began to end, otherwise than by its time.
    Ended,
    /// The access was extended meanwhile, by a request of its holder's.
    Extended,
}

impl VoidReason {
    /// The reason as the log and the interface name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Extended => "extended",
        }
    }
}

/// What came of a decision to renew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Renewal {
    /// Policy approved the request at once: the access is extended.
    Extended {
        /// The request.
        request: RequestId,
        /// Until when.
        ends_at: Timestamp,
    },
    /// People decide the request, as policy wants it. The review's decision is no approval of it.
    Asked {
        /// The request.
        request: RequestId,
    },
    /// Policy denied the request: the access ends as planned.
    Denied {
        /// The request.
        request: RequestId,
    },
    /// The tool's usage policy has another text than the holder accepted: they are told to accept it, and ask themselves.
    AwaitsAcceptance,
}

impl Renewal {
    /// What came of it, as the log and the interface name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Extended { .. } => "extended",
            Self::Asked { .. } => "asked",
            Self::Denied { .. } => "denied",
            Self::AwaitsAcceptance => "awaits_acceptance",
        }
    }

    /// The request that it is.
    pub fn request(self) -> Option<RequestId> {
        match self {
            Self::Extended { request, .. } | Self::Asked { request } | Self::Denied { request } => {
                Some(request)
            }
            Self::AwaitsAcceptance => None,
        }
    }
}

/// What a reviewer decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ReviewDecision {
    /// It is needed for longer.
    Renew {
        /// Days to add to its end.
        days: Days,
        /// What came of it.
        renewal: Renewal,
    },
    /// It is needed until its end and no longer.
    LetExpire,
    /// It is not needed any more: it is taken away.
    Remove,
    /// Policy does not give it, and it is needed all the same, until a day: that was proposed, and waits for a second person.
    Exception {
        /// What was proposed.
        proposal: ProposalId,
    },
}

impl ReviewDecision {
    /// The decision as the log and the interface name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Renew { .. } => "renew",
            Self::LetExpire => "let_expire",
            Self::Remove => "remove",
            Self::Exception { .. } => "exception",
        }
    }
}

/// Where a review stands, with the facts of that stage.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ReviewState {
    /// It waits for its reviewer.
    Open {
        /// Until when nobody is reminded, because it was postponed.
        rests_until: Option<Timestamp>,
    },
    /// It was decided.
    Decided {
        /// What.
        decision: ReviewDecision,
        /// By whom.
        by: PersonId,
        /// For whom, if they stood in for somebody.
        on_behalf_of: Option<PersonId>,
        /// When.
        at: Timestamp,
        /// Why.
        reason: Option<CommittedText>,
    },
    /// Nobody decided it: the access ended as planned.
    Undecided {
        /// When.
        at: Timestamp,
    },
    /// There is nothing to decide any more.
    Void {
        /// Why not.
        why: VoidReason,
        /// Since when.
        at: Timestamp,
    },
}

/// That a review was postponed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Postponement {
    /// By whom.
    pub by: PersonId,
    /// For whom, if they stood in for somebody.
    pub on_behalf_of: Option<PersonId>,
    /// When.
    pub at: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: CommittedText,
}

impl Review {
    /// Whether it waits for its reviewer.
    pub fn is_open(&self) -> bool {
        matches!(self.state, ReviewState::Open { .. })
    }

    /// Whether it waits, and was postponed until later than now.
    pub fn is_postponed(&self, now: Timestamp) -> bool {
        matches!(self.state, ReviewState::Open { rests_until: Some(until) } if now < until)
    }

    /// The state's name: `open`, `decided`, `undecided` or `void`.
    pub fn state_name(&self) -> &'static str {
        match self.state {
            ReviewState::Open { .. } => "open",
            ReviewState::Decided { .. } => "decided",
            ReviewState::Undecided { .. } => "undecided",
            ReviewState::Void { .. } => "void",
        }
    }

    /// Whether it was decided or closed before a time.
    pub fn closed_before(&self, time: Timestamp) -> bool {
        match self.state {
            ReviewState::Open { .. } => false,
            ReviewState::Decided { at, .. }
            | ReviewState::Undecided { at }
            | ReviewState::Void { at, .. } => at < time,
        }
    }

    fn in_state(&self, state: ReviewState) -> Self {
        Self { state, remind_at: None, ..self.clone() }
    }

    /// Decides it.
    ///
    /// # Errors
    /// [`Code::ReviewState`] unless it is open.
    pub fn decide(
        &self,
        decision: ReviewDecision,
        (by, on_behalf_of): (PersonId, Option<PersonId>),
        at: Timestamp,
        reason: Option<CommittedText>,
    ) -> Result<Self, Refusal> {
        self.require_open()?;
        Ok(self.in_state(ReviewState::Decided { decision, by, on_behalf_of, at, reason }))
    }

    /// Puts it off, as often and for as long as the settings allow, and never until its access ends.
    ///
    /// # Errors
    /// [`Code::ReviewState`] unless it is open; [`Code::PostponementRefused`] beyond those bounds.
    pub fn postpone(
        &self,
        bounds: &ReviewSettings,
        days: Option<Days>,
        (by, on_behalf_of): (PersonId, Option<PersonId>),
        at: Timestamp,
        reason: CommittedText,
    ) -> Result<Self, Refusal> {
        self.require_open()?;
        let days = days.unwrap_or(bounds.postponement_days);
        if days > bounds.postponement_days {
            return Err(malformed("days", &format!("must be 1 to {}", bounds.postponement_days.get())));
        }
        if self.postponements.len() >= usize::from(bounds.postponements) {
            let message = "this review was postponed as often as it may be; decide it, or let the access end";
            return Err(Refusal::new(Code::PostponementRefused, message));
        }
        let until = at.plus_days(days);
        if self.ends_at.is_some_and(|ends_at| ends_at <= until) {
            let message = "the access ends before that; postpone it by less, or decide it";
            return Err(Refusal::new(Code::PostponementRefused, message));
        }
        let mut postponed = self.clone();
        postponed.postponements.push(Postponement { by, on_behalf_of, at, until, reason });
        postponed.state = ReviewState::Open { rests_until: Some(until) };
        // Whoever put it off is reminded when that time is over.
        postponed.remind_at = Some(until);
        Ok(postponed)
    }

    /// Closes it because its access ended as planned and nobody had decided.
    ///
    /// # Errors
    /// [`Code::ReviewState`] unless it is open.
    pub fn close_undecided(&self, at: Timestamp) -> Result<Self, Refusal> {
        self.require_open()?;
        Ok(self.in_state(ReviewState::Undecided { at }))
    }

    /// Closes it because there is nothing to decide any more.
    ///
    /// # Errors
    /// [`Code::ReviewState`] unless it is open.
    pub fn void(&self, why: VoidReason, at: Timestamp) -> Result<Self, Refusal> {
        self.require_open()?;
        Ok(self.in_state(ReviewState::Void { why, at }))
    }

    /// Refuses what can only be done to an open one.
    ///
    /// # Errors
    /// [`Code::ReviewState`].
    pub fn require_open(&self) -> Result<(), Refusal> {
        if self.is_open() {
            return Ok(());
        }
        let message = format!("this review does not wait any more: it is {}", self.state_name());
        Err(Refusal::new(Code::ReviewState, message).with("state", self.state_name()))
    }
}
