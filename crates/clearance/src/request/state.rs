use std::collections::BTreeSet;

use audit_log::Hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::review::{Approval, DecidedStage, Review};
use crate::audit::Actor;
use crate::catalog::DataClass;
use crate::documents::Document;
use crate::ids::{ExceptionId, GrantId, PersonId, RequestId, ToolId};
use crate::policy::{Evaluation, Snapshot};
use crate::ports::{Attributes, Index, Kind};
use crate::refusal::{Code, Refusal};
use crate::text::{CommittedText, Line};
use crate::time::{Days, Timestamp};

/// Where a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The app's own pages.
    App,
    /// Another program.
    Api,
    /// An issue of a Jira service portal.
    Portal,
    /// Somebody who reviewed the access and found that it is needed.
    Review,
}

/// Who decided a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decider {
    /// Policy alone.
    Policy,
    /// Nobody: it was taken in an emergency, and is reviewed afterwards.
    Emergency,
    /// A person; for an approval, the last of those who approved.
    Person(PersonId),
}

/// Why a request was denied.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    /// Rules denied it.
    Policy {
        /// Their reasons.
        reasons: Vec<Line>,
    },
    /// A person denied it.
    Person {
        /// Who.
        person: PersonId,
        /// For whom, if they stood in for somebody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on_behalf_of: Option<PersonId>,
        /// Why.
        rationale: CommittedText,
    },
}

/// A question of an approver and its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exchange {
    /// Who asked.
    pub asked_by: PersonId,
    /// For whom, if they stood in for somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_on_behalf_of: Option<PersonId>,
    /// When.
    pub asked_at: Timestamp,
    /// What.
    pub question: CommittedText,
    /// The requester's answer and when it came.
    pub answer: Option<(CommittedText, Timestamp)>,
}

/// An approval that was taken back while its stage was open.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TakenBack {
    /// The stage's place among the request's stages.
    pub stage: u8,
    /// The approval.
    pub approval: Approval,
    /// Who took it back.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub rationale: Option<CommittedText>,
}

/// That an approved request was taken back, and with it the access that it gave.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Who took it back: one of its approvers, or an administrator.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub rationale: CommittedText,
}

/// What was approved, before there is access.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Consent {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Decider,
    /// The duration approved.
    pub days: Days,
    /// The stages that the request went through.
    pub stages: Vec<DecidedStage>,
}

impl Consent {
    /// What a request is because of it: approved, with its grant, or waiting for a seat.
    pub(crate) fn outcome(self, grant: Option<GrantId>) -> RequestState {
        match grant {
            Some(grant) => {
                let Consent { at, by, days, stages } = self;
                RequestState::Approved { at, by, days, grant, stages, withdrawn: None }
            }
            None => RequestState::AwaitingSeat { consent: self, seat: SeatWait::Listed },
        }
    }
}

/// How an approved request stands that has no seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatWait {
    /// It has a place in the tool's waiting list.
    Listed,
    /// A seat is kept for it.
    Offered {
        /// Since when.
        at: Timestamp,
        /// Until when.
        until: Timestamp,
    },
}

/// Why an approved request did not become access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forgoing {
    /// Somebody gave up its place or its seat.
    Declined {
        /// Who.
        by: Actor,
    },
    /// Its seat was not accepted in time.
    NotAccepted,
}

/// Where a request stands, with the facts of that stage.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Waits for approvers.
    Pending {
        /// Its stages.
        review: Review,
    },
    /// Waits for the requester's answer; the review rests.
    NeedsInformation {
        /// Its stages.
        review: Review,
    },
    /// Approved.
    Approved {
        /// When.
        at: Timestamp,
        /// By whom.
        by: Decider,
        /// The duration approved.
        days: Days,
        /// The grant it made or extended.
        grant: GrantId,
        /// The stages it went through.
        stages: Vec<DecidedStage>,
        /// That it was taken back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        withdrawn: Option<Withdrawal>,
    },
    /// Approved, while every seat of the tool was taken: it waits for one.
    AwaitingSeat {
        /// What was approved.
        consent: Consent,
        /// How it waits.
        seat: SeatWait,
    },
    /// Approved, and never became access.
    Forgone {
        /// When that was settled.
        at: Timestamp,
        /// What was approved.
        consent: Consent,
        /// Why it came to nothing.
        why: Forgoing,
    },
    /// Denied.
    Denied {
        /// When.
        at: Timestamp,
        /// By whom and why.
        denial: Denial,
        /// The stages it went through.
        stages: Vec<DecidedStage>,
    },
    /// Withdrawn.
    Cancelled {
        /// When.
        at: Timestamp,
        /// By whom.
        by: Actor,
        /// The stages it went through.
        stages: Vec<DecidedStage>,
    },
    /// Nobody decided in time.
    Lapsed {
        /// When.
        at: Timestamp,
        /// The stages it went through.
        stages: Vec<DecidedStage>,
    },
}

/// A request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// Who asks.
    pub requester: PersonId,
    /// For which tool.
    pub tool: ToolId,
    /// What for.
    pub purpose: CommittedText,
    /// What data will be put in.
    pub data_classes: BTreeSet<DataClass>,
    /// For how long.
    pub days: Days,
    /// The version of the tool's usage policy that the requester accepted.
    pub acknowledged: Option<u32>,
    /// SHA-256 of the usage-policy text that the requester accepted: the access that comes of it is bound to that text.
    #[serde(default)]
    pub accepted: Option<Hash>,
    /// Where it came from.
    pub source: Source,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// The active grant it asked to extend, when it was submitted.
    pub extends: Option<GrantId>,
    /// The exception under which it is decided although policy denies it.
    #[serde(default)]
    pub exception: Option<ExceptionId>,
    /// What policy looked at.
    pub snapshot: Snapshot,
    /// What policy said.
    pub evaluation: Evaluation,
    /// Questions and answers.
    pub exchanges: Vec<Exchange>,
    /// Approvals that were taken back while their stage was open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken_back: Vec<TakenBack>,
    /// Where it stands.
    pub state: RequestState,
}

impl Request {
    /// Requests of one person.
    pub const BY_REQUESTER: Index =
        Index { name: "by_requester", partition: &["requester"], range: "submitted_at" };
    /// Requests in one state.
    pub const BY_STATE: Index = Index { name: "by_state", partition: &["state"], range: "submitted_at" };
    /// Requests for one tool.
    pub const BY_TOOL: Index = Index { name: "by_tool", partition: &["tool_id"], range: "submitted_at" };
    /// All requests.
    pub const BY_TIME: Index = Index { name: "by_time", partition: &["all"], range: "submitted_at" };
    /// Undecided requests, and those with the offer of a seat, by the time at which they lapse.
    pub const BY_DEADLINE: Index =
        Index { name: "by_deadline", partition: &["undecided"], range: "deadline" };
    /// Pending requests by the time at which something of their open stage is due.
    pub const BY_DUE: Index = Index { name: "by_due", partition: &["timed"], range: "due_at" };

    /// The state's name.
    pub fn state_name(&self) -> &'static str {
        match self.state {
            RequestState::Pending { .. } => "pending",
            RequestState::NeedsInformation { .. } => "needs_information",
            RequestState::Approved { .. } => "approved",
            RequestState::AwaitingSeat { seat: SeatWait::Listed, .. } => "awaiting_seat",
            RequestState::AwaitingSeat { seat: SeatWait::Offered { .. }, .. } => "seat_offered",
            RequestState::Forgone { .. } => "forgone",
            RequestState::Denied { .. } => "denied",
            RequestState::Cancelled { .. } => "cancelled",
            RequestState::Lapsed { .. } => "lapsed",
        }
    }

    /// The review, while the request is undecided.
    pub fn review(&self) -> Option<&Review> {
        match &self.state {
            RequestState::Pending { review } | RequestState::NeedsInformation { review } => Some(review),
            RequestState::Approved { .. }
            | RequestState::AwaitingSeat { .. }
            | RequestState::Forgone { .. }
            | RequestState::Denied { .. }
            | RequestState::Cancelled { .. }
            | RequestState::Lapsed { .. } => None,
        }
    }

    /// Whether it is settled neither way: undecided, or approved and without a seat yet.
    pub fn is_open(&self) -> bool {
        self.review().is_some() || matches!(self.state, RequestState::AwaitingSeat { .. })
    }

    /// Keeps a seat for an approved request.
    ///
    /// # Errors
    /// [`Code::RequestState`] unless it has a place in the waiting list.
    pub fn offer_seat(&self, at: Timestamp, until: Timestamp) -> Result<Self, Refusal> {
        let RequestState::AwaitingSeat { consent, seat: SeatWait::Listed } = &self.state else {
            return Err(self.wrong_state("waits for a seat"));
        };
        let seat = SeatWait::Offered { at, until };
        Ok(self.in_state(RequestState::AwaitingSeat { consent: consent.clone(), seat }))
    }

    /// What was approved, if a seat is kept for the request now.
    ///
    /// # Errors
    /// [`Code::RequestState`] when none is, or it was not accepted in time.
    pub fn offered(&self, now: Timestamp) -> Result<&Consent, Refusal> {
        match &self.state {
            RequestState::AwaitingSeat { consent, seat: SeatWait::Offered { until, .. } } if now < *until => {
                Ok(consent)
            }
            _ => Err(self.wrong_state("has the offer of a seat")),
        }
    }

    /// Becomes access by the seat that was kept.
    ///
    /// # Errors
    /// [`Code::RequestState`] when none is kept now.
    pub fn accept_seat(&self, grant: GrantId, now: Timestamp) -> Result<Self, Refusal> {
        Ok(self.in_state(self.offered(now)?.clone().outcome(Some(grant))))
    }

    /// Gives up a place in the waiting list, or the seat that is kept.
    ///
    /// # Errors
    /// [`Code::RequestState`] unless it waits for a seat.
    pub fn decline_seat(&self, by: Actor, at: Timestamp) -> Result<Self, Refusal> {
        let RequestState::AwaitingSeat { consent, .. } = &self.state else {
            return Err(self.wrong_state("waits for a seat"));
        };
        let why = Forgoing::Declined { by };
        Ok(self.in_state(RequestState::Forgone { at, consent: consent.clone(), why }))
    }

    /// Ends an approved request whose seat was not accepted in time.
    ///
    /// # Errors
    /// [`Code::RequestState`] unless that time is over.
    pub fn miss_seat(&self, at: Timestamp) -> Result<Self, Refusal> {
        match &self.state {
            RequestState::AwaitingSeat { consent, seat: SeatWait::Offered { until, .. } } if *until <= at => {
                let (consent, why) = (consent.clone(), Forgoing::NotAccepted);
                Ok(self.in_state(RequestState::Forgone { at, consent, why }))
            }
            _ => Err(self.wrong_state("has an offer of a seat whose time is over")),
        }
    }

    /// When something ends by time: the review, or the offer of a seat.
    pub fn deadline(&self) -> Option<Timestamp> {
        match &self.state {
            RequestState::AwaitingSeat { seat: SeatWait::Offered { until, .. }, .. } => Some(*until),
            _ => self.review().map(|review| review.deadline),
        }
    }

    /// The review of a request that waits for approvers.
    ///
    /// # Errors
    /// [`Code::RequestState`] in any other state.
    pub fn pending_review(&self) -> Result<&Review, Refusal> {
        match &self.state {
            RequestState::Pending { review } => Ok(review),
            _ => Err(self.wrong_state("waits for approval")),
        }
    }

    /// For whom whoever decided it stood in.
    pub fn decided_on_behalf_of(&self) -> Option<PersonId> {
        match &self.state {
            RequestState::Approved { stages, .. } => {
                stages.iter().flat_map(|stage| &stage.approvals).last()?.on_behalf_of
            }
            RequestState::Denied { denial: Denial::Person { on_behalf_of, .. }, .. } => *on_behalf_of,
            _ => None,
        }
    }

    /// The same request in another state.
    #[must_use]
    pub fn in_state(&self, state: RequestState) -> Self {
        Self { state, ..self.clone() }
    }

    /// Withdraws an undecided request.
    ///
    /// # Errors
    /// [`Code::RequestState`] when it is decided.
    pub fn cancel(&self, by: Actor, at: Timestamp) -> Result<Self, Refusal> {
        let review = self.review().ok_or_else(|| self.wrong_state("is open"))?;
        Ok(self.in_state(RequestState::Cancelled { at, by, stages: review.clone().close() }))
    }

    /// Ends an undecided request whose time is over.
    ///
    /// # Errors
    /// [`Code::RequestState`] when it is decided, or its time is not over.
    pub fn lapse(&self, at: Timestamp) -> Result<Self, Refusal> {
        match self.review() {
            Some(review) if review.deadline <= at || self.timed_out(at) => {
                Ok(self.in_state(RequestState::Lapsed { at, stages: review.clone().close() }))
            }
            _ => Err(self.wrong_state("is open past its time")),
        }
    }

    /// When it lapses if nobody does anything, as long as it is undecided.
    pub fn lapses_at(&self) -> Option<Timestamp> {
        let review = self.review()?;
        let stage = match &self.state {
            RequestState::Pending { review } => review.open.lapses_at(),
            _ => None,
        };
        Some(stage.map_or(review.deadline, |at| at.min(review.deadline)))
    }

    /// Whether its stage has timed out with nobody to take over. Nothing times out while a question waits for its answer.
    fn timed_out(&self, now: Timestamp) -> bool {
        let RequestState::Pending { review } = &self.state else { return false };
        review.open.lapses_at().is_some_and(|at| at <= now)
    }

    /// Denies a pending request.
    ///
    /// # Errors
    /// [`Code::RequestState`] when it does not wait for approval.
    pub fn deny(
        &self,
        (person, on_behalf_of): (PersonId, Option<PersonId>),
        rationale: CommittedText,
        at: Timestamp,
    ) -> Result<Self, Refusal> {
        let review = self.pending_review()?;
        let denial = Denial::Person { person, on_behalf_of, rationale };
        Ok(self.in_state(RequestState::Denied { at, denial, stages: review.clone().close() }))
    }

    /// Whether somebody decided something of it, or somebody else for them.
    pub fn is_decided_by(&self, person: PersonId) -> bool {
        let denied = match &self.state {
            RequestState::Denied { denial: Denial::Person { person: by, on_behalf_of, .. }, .. } => {
                *by == person || *on_behalf_of == Some(person)
            }
            _ => false,
        };
        let stages = match &self.state {
            RequestState::Pending { review } | RequestState::NeedsInformation { review } => &review.decided,
            RequestState::Approved { stages, .. }
            | RequestState::AwaitingSeat { consent: Consent { stages, .. }, .. }
            | RequestState::Forgone { consent: Consent { stages, .. }, .. }
            | RequestState::Denied { stages, .. }
            | RequestState::Cancelled { stages, .. }
            | RequestState::Lapsed { stages, .. } => stages,
        };
        let open = self.review().map(|review| &review.open.approvals).into_iter().flatten();
        let mut approvals = stages.iter().flat_map(|stage| &stage.approvals).chain(open);
        denied || approvals.any(|approval| approval.deciders().any(|decider| decider == person))
    }

    /// Whether somebody approved one of its stages, or somebody else for them.
    pub fn is_approver(&self, person: PersonId) -> bool {
        let RequestState::Approved { stages, .. } = &self.state else { return false };
        let approvals = stages.iter().flat_map(|stage| &stage.approvals);
        approvals.flat_map(Approval::deciders).any(|decider| decider == person)
    }

    /// Takes an approved request back.
    ///
    /// # Errors
    /// [`Code::RequestState`] when it is not approved, or was taken back already.
    pub fn unapprove(&self, withdrawal: Withdrawal) -> Result<Self, Refusal> {
        let mut unapproved = self.clone();
        match &mut unapproved.state {
            RequestState::Approved { withdrawn: withdrawn @ None, .. } => *withdrawn = Some(withdrawal),
            _ => return Err(self.wrong_state("is approved, and was not taken back")),
        }
        Ok(unapproved)
    }

    /// Sends a pending request back with a question.
    ///
    /// # Errors
    /// [`Code::RequestState`] when it does not wait for approval.
    pub fn ask(
        &self,
        (asked_by, asked_on_behalf_of): (PersonId, Option<PersonId>),
        question: CommittedText,
        asked_at: Timestamp,
    ) -> Result<Self, Refusal> {
        let review = self.pending_review()?.clone().rest();
        let mut asked = self.in_state(RequestState::NeedsInformation { review });
        asked.exchanges.push(Exchange { asked_by, asked_on_behalf_of, asked_at, question, answer: None });
        Ok(asked)
    }

    /// Answers the question that a request was sent back with.
    ///
    /// # Errors
    /// [`Code::RequestState`] when nothing was asked.
    pub fn answer(&self, answer: CommittedText, at: Timestamp) -> Result<Self, Refusal> {
        let RequestState::NeedsInformation { review } = &self.state else {
            return Err(self.wrong_state("waits for information"));
        };
        let mut answered = self.in_state(RequestState::Pending { review: review.clone().resume(at) });
        if let Some(exchange) = answered.exchanges.last_mut() {
            exchange.answer = Some((answer, at));
        }
        Ok(answered)
    }

    /// The refusal for whoever wanted something that the state does not allow.
    pub fn wrong_state(&self, wanted: &str) -> Refusal {
        let message = format!(
            "this works only while the request {wanted}; it is {} now",
            self.state_name().replace('_', " ")
        );
        Refusal::new(Code::RequestState, message).with("state", self.state_name())
    }
}

impl Document for Request {
    const KIND: &'static Kind = &Kind {
        name: "request",
        attributes: &[
            "all",
            "requester",
            "state",
            "tool_id",
            "submitted_at",
            "undecided",
            "deadline",
            "timed",
            "due_at",
        ],
        indexes: &[
            Self::BY_REQUESTER,
            Self::BY_STATE,
            Self::BY_TOOL,
            Self::BY_TIME,
            Self::BY_DEADLINE,
            Self::BY_DUE,
        ],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        let deadline = self.deadline().map(|deadline| deadline.to_string());
        let due_at = match &self.state {
            RequestState::Pending { review } => review.open.next_at().map(|at| at.to_string()),
            _ => None,
        };
        vec![
            Some("all".to_owned()),
            Some(self.requester.to_string()),
            Some(self.state_name().to_owned()),
            Some(self.tool.to_string()),
            Some(self.submitted_at.to_string()),
            deadline.as_ref().map(|_| "undecided".to_owned()),
            deadline,
            due_at.as_ref().map(|_| "timed".to_owned()),
            due_at,
        ]
    }
}
