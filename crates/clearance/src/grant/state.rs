use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::documents::Document;
use crate::ids::{GrantId, PersonId, RequestId, ToolId};
use crate::ports::{Attributes, Index, Kind};
use crate::provisioning::FollowUpReason;
use crate::refusal::{Code, Refusal};
use crate::time::{Days, Timestamp};

/// Why a grant ended or is being ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Its time was over.
    Expired,
    /// Somebody who may took it back, or the person left.
    Revoked,
    /// The person gave it back.
    GivenBack,
    /// The provider refused it.
    RejectedByProvider,
}

impl EndReason {
    /// The reason as the log and the interface name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::GivenBack => "given_back",
            Self::RejectedByProvider => "rejected_by_provider",
        }
    }
}

/// The stage in which a grant stood when it needed follow-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interrupted {
    /// Access was being given.
    Provisioning {
        /// Days of access once it works.
        days: Days,
    },
    /// Access was being taken away.
    Removal {
        /// When access began to work.
        activated_at: Timestamp,
        /// Why it ends.
        reason: EndReason,
    },
}

/// Where a grant stands, with the facts of that stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantState {
    /// Approved; access does not work yet, and the clock does not run.
    AwaitingProvisioning {
        /// Days of access once it works.
        days: Days,
    },
    /// Access works.
    Active {
        /// Since when.
        activated_at: Timestamp,
        /// Until when.
        ends_at: Timestamp,
    },
    /// Access is being taken away.
    Removing {
        /// When access began to work.
        activated_at: Timestamp,
        /// Until when it was to work, as it stood when the removal began.
        ends_at: Timestamp,
        /// Since when it is being taken away.
        since: Timestamp,
        /// Why.
        reason: EndReason,
    },
    /// Access is gone. Nothing follows.
    Ended {
        /// When access began to work; none if it never did.
        activated_at: Option<Timestamp>,
        /// When it was confirmed gone.
        ended_at: Timestamp,
        /// Why.
        reason: EndReason,
    },
    /// Somebody must look after it.
    NeedsFollowUp {
        /// The stage to go on with.
        interrupted: Interrupted,
        /// What is wrong.
        reason: FollowUpReason,
        /// Since when.
        since: Timestamp,
    },
}

/// An approved extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The request that asked for it.
    pub request: RequestId,
    /// Days added to the end.
    pub days: Days,
    /// When.
    pub at: Timestamp,
}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Who has access.
    pub person: PersonId,
    /// To which tool.
    pub tool: ToolId,
    /// The request that made it.
    pub request: RequestId,
    /// When it was approved.
    pub approved_at: Timestamp,
    /// Whether people give and take the seat by hand, as the tool said when access was approved.
    pub manual: bool,
    /// Extensions, in order.
    pub extensions: Vec<Extension>,
    /// Where it stands.
    pub state: GrantState,
}

impl Grant {
    /// Grants of one person.
    pub const BY_PERSON: Index = Index { name: "by_person", partition: &["person_id"], range: "approved_at" };
    /// Grants in one state.
    pub const BY_STATE: Index = Index { name: "by_state", partition: &["state"], range: "approved_at" };
    /// All grants.
    pub const BY_TIME: Index = Index { name: "by_time", partition: &["all"], range: "approved_at" };
    /// Active grants by their end.
    pub const BY_END: Index = Index { name: "by_end", partition: &["running"], range: "ends_at" };

    /// The state's name.
    pub fn state_name(&self) -> &'static str {
        match self.state {
            GrantState::AwaitingProvisioning { .. } => "awaiting_provisioning",
            GrantState::Active { .. } => "active",
            GrantState::Removing { .. } => "removing",
            GrantState::Ended { .. } => "ended",
            GrantState::NeedsFollowUp { .. } => "needs_follow_up",
        }
    }

    /// Whether it has ended.
    pub fn is_ended(&self) -> bool {
        matches!(self.state, GrantState::Ended { .. })
    }

    /// When access began and when it ends, while it works and its time is not over.
    pub fn active_span(&self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        match self.state {
            GrantState::Active { activated_at, ends_at } if now < ends_at => Some((activated_at, ends_at)),
            _ => None,
        }
    }

    /// The same grant in another state.
    #[must_use]
    pub fn in_state(&self, state: GrantState) -> Self {
        Self { state, ..self.clone() }
    }

    /// Access works from now on: the clock starts.
    ///
    /// # Errors
    /// [`Code::GrantState`] unless it waits for that.
    pub fn activate(&self, now: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            GrantState::AwaitingProvisioning { days } => {
                Ok(self.in_state(GrantState::Active { activated_at: now, ends_at: now.plus_days(days) }))
            }
            _ => Err(self.wrong_state("waits for access to work")),
        }
    }

    /// Adds days to the current end, without a gap.
    ///
    /// # Errors
    /// [`Code::GrantState`] unless it is active and its time is not over.
    pub fn extend(&self, extension: Extension) -> Result<Self, Refusal> {
        let (activated_at, ends_at) = self
            .active_span(extension.at)
            .ok_or_else(|| self.wrong_state("is active and its time is not over"))?;
        let ends_at = ends_at.plus_days(extension.days);
        let mut extended = self.in_state(GrantState::Active { activated_at, ends_at });
        extended.extensions.push(extension);
        Ok(extended)
    }

    /// Access is to be taken away by somebody.
    ///
    /// # Errors
    /// [`Code::GrantState`] unless it is active.
    pub fn remove(&self, reason: EndReason, since: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            GrantState::Active { activated_at, ends_at } => {
                Ok(self.in_state(GrantState::Removing { activated_at, ends_at, since, reason }))
            }
            _ => Err(self.wrong_state("is active")),
        }
    }

    /// Access is gone.
    ///
    /// A grant whose access works by record alone ends from `active`; one that somebody takes away ends from `removing`; one that never
    /// began to work ends from `awaiting_provisioning`.
    ///
    /// # Errors
    /// [`Code::GrantState`] when it has ended, or somebody must first take access away.
    pub fn end(&self, reason: EndReason, ended_at: Timestamp) -> Result<Self, Refusal> {
        let (activated_at, reason) = match self.state {
            GrantState::AwaitingProvisioning { .. } => (None, reason),
            GrantState::Active { activated_at, .. } if !self.manual => (Some(activated_at), reason),
            // The reason for which the removal began stays.
            GrantState::Removing { activated_at, reason, .. } => (Some(activated_at), reason),
            GrantState::Active { .. } | GrantState::Ended { .. } | GrantState::NeedsFollowUp { .. } => {
                return Err(self.wrong_state("can end"));
            }
        };
        Ok(self.in_state(GrantState::Ended { activated_at, ended_at, reason }))
    }

    /// The refusal for whoever wanted something that the state does not allow.
    pub fn wrong_state(&self, wanted: &str) -> Refusal {
        let message = format!(
            "this works only while the grant {wanted}; it is {} now",
            self.state_name().replace('_', " ")
        );
        Refusal::new(Code::GrantState, message).with("state", self.state_name())
    }
}

impl Document for Grant {
    const KIND: &'static Kind = &Kind {
        name: "access_grant",
        attributes: &["all", "person_id", "state", "approved_at", "running", "ends_at"],
        indexes: &[Self::BY_PERSON, Self::BY_STATE, Self::BY_TIME, Self::BY_END],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        let ends_at = match self.state {
            GrantState::Active { ends_at, .. } => Some(ends_at.to_string()),
            _ => None,
        };
        vec![
            Some("all".to_owned()),
            Some(self.person.to_string()),
            Some(self.state_name().to_owned()),
            Some(self.approved_at.to_string()),
            ends_at.as_ref().map(|_| "running".to_owned()),
            ends_at,
        ]
    }
}
