use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::Fulfilment;
use crate::documents::Document;
use crate::identity::Fingerprint;
use crate::ids::{ConnectorId, GrantId, PersonId, RequestId, ToolId};
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

/// By what access comes and goes, as the tool said when it was approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// The approval is all.
    RecordOnly,
    /// People give and take the seat by hand.
    Manual,
    /// Membership in a group at a provider.
    Connected,
}

impl From<Fulfilment> for Means {
    fn from(fulfilment: Fulfilment) -> Self {
        match fulfilment {
            Fulfilment::RecordOnly => Self::RecordOnly,
            Fulfilment::Manual { .. } => Self::Manual,
            Fulfilment::Connected => Self::Connected,
        }
    }
}

/// An account at a connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatRef {
    /// At which connector.
    pub connector: ConnectorId,
    /// Which account.
    pub fingerprint: Fingerprint,
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
    /// Access worked and was being given anew, with another account or because it was missing.
    Access {
        /// Since when it worked.
        activated_at: Timestamp,
        /// Until when it may.
        ends_at: Timestamp,
    },
    /// Access was being taken away.
    Removal {
        /// When access began to work; none if it may never have.
        activated_at: Option<Timestamp>,
        /// Until when it was to work; none if it may never have.
        ends_at: Option<Timestamp>,
        /// Since when it is being taken away.
        since: Timestamp,
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
        /// When access began to work; none if it may never have.
        activated_at: Option<Timestamp>,
        /// Until when it was to work, as it stood when the removal began; none if it may never have.
        ends_at: Option<Timestamp>,
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
    /// By what access comes and goes.
    pub means: Means,
    /// Accounts that may be in the tool's group because of it: named when it is known what came of adding one, dropped when its absence is
    /// confirmed. Of one that is being added, only the account tells; see [`Recipient`](crate::provisioning::Recipient).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seats: Vec<SeatRef>,
    /// The highest number of a change of its membership that was decided.
    #[serde(default)]
    pub fence: u32,
    /// Whether an issue asked for it or for an extension: then what becomes of it is told there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub told_in_issue: bool,
    /// Whether the tool's seats count it: the tool had a cap when it was made, or got one since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counted: bool,
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
    /// Grants by their end: active ones, and those whose access needs somebody while its time runs.
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

    /// When access began to work.
    pub fn activated_at(&self) -> Option<Timestamp> {
        match self.state {
            GrantState::Active { activated_at, .. }
            | GrantState::NeedsFollowUp { interrupted: Interrupted::Access { activated_at, .. }, .. } => {
                Some(activated_at)
            }
            GrantState::Removing { activated_at, .. }
            | GrantState::Ended { activated_at, .. }
            | GrantState::NeedsFollowUp { interrupted: Interrupted::Removal { activated_at, .. }, .. } => {
                activated_at
            }
            GrantState::AwaitingProvisioning { .. }
            | GrantState::NeedsFollowUp { interrupted: Interrupted::Provisioning { .. }, .. } => None,
        }
    }

    /// Whether it can be ended: it works, or waits for that.
    pub fn is_live(&self) -> bool {
        matches!(
            self.state,
            GrantState::Active { .. }
                | GrantState::AwaitingProvisioning { .. }
                | GrantState::NeedsFollowUp {
                    interrupted: Interrupted::Provisioning { .. } | Interrupted::Access { .. },
                    ..
                }
        )
    }

    /// Whether ending it needs the job that is open for it: one that gives the access, or gives it anew.
    pub fn may_have_job(&self) -> bool {
        self.is_live() && (self.means == Means::Connected || !matches!(self.state, GrantState::Active { .. }))
    }

    /// Until when access runs by itself, while it works or is being given anew.
    pub fn runs_until(&self) -> Option<Timestamp> {
        match self.state {
            GrantState::Active { ends_at, .. }
            | GrantState::NeedsFollowUp { interrupted: Interrupted::Access { ends_at, .. }, .. } => {
                Some(ends_at)
            }
            _ => None,
        }
    }

    /// Since when access that is confirmed gone now was to be: since its time was over, or since somebody ended it. None if it never worked.
    pub fn due_to_be_gone(&self, reason: EndReason, now: Timestamp) -> Option<Timestamp> {
        match self.state {
            GrantState::Active { ends_at, .. } if reason == EndReason::Expired => Some(ends_at),
            GrantState::Active { .. } => Some(now),
            GrantState::Removing { activated_at: Some(_), ends_at, since, .. }
            | GrantState::NeedsFollowUp {
                interrupted: Interrupted::Removal { activated_at: Some(_), ends_at, since, .. },
                ..
            } => match reason {
                EndReason::Expired => Some(ends_at.unwrap_or(since)),
                EndReason::Revoked | EndReason::GivenBack | EndReason::RejectedByProvider => Some(since),
            },
            _ => None,
        }
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

    /// Access works from now on: the clock starts, unless it runs.
    ///
    /// # Errors
    /// [`Code::GrantState`] unless it waits for that.
    pub fn activate(&self, now: Timestamp) -> Result<Self, Refusal> {
        let state = match self.state {
            GrantState::AwaitingProvisioning { days }
            | GrantState::NeedsFollowUp { interrupted: Interrupted::Provisioning { days }, .. } => {
                GrantState::Active { activated_at: now, ends_at: now.plus_days(days) }
            }
            GrantState::NeedsFollowUp {
                interrupted: Interrupted::Access { activated_at, ends_at }, ..
            } => GrantState::Active { activated_at, ends_at },
            _ => return Err(self.wrong_state("waits for access to work")),
        };
        Ok(self.in_state(state))
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

    /// Access is to be taken away: it works, or may work because somebody began to give it.
    ///
    /// # Errors
    /// [`Code::GrantState`] when it is being taken away or has ended.
    pub fn remove(&self, reason: EndReason, since: Timestamp) -> Result<Self, Refusal> {
        let (activated_at, ends_at) = match self.state {
            GrantState::Active { activated_at, ends_at }
            | GrantState::NeedsFollowUp {
                interrupted: Interrupted::Access { activated_at, ends_at }, ..
            } => (Some(activated_at), Some(ends_at)),
            GrantState::AwaitingProvisioning { .. }
            | GrantState::NeedsFollowUp { interrupted: Interrupted::Provisioning { .. }, .. } => (None, None),
            GrantState::Removing { .. }
            | GrantState::Ended { .. }
            | GrantState::NeedsFollowUp { interrupted: Interrupted::Removal { .. }, .. } => {
                return Err(self.wrong_state("is active or waits for access to work"));
            }
        };
        Ok(self.in_state(GrantState::Removing { activated_at, ends_at, since, reason }))
    }

    /// Access is gone.
    ///
    /// A grant whose access works by record alone ends from `active`; one that is taken away ends from `removing`; one that never began to
    /// work ends from where it waits for that.
    ///
    /// # Errors
    /// [`Code::GrantState`] when it has ended, or access must first be taken away.
    pub fn end(&self, reason: EndReason, ended_at: Timestamp) -> Result<Self, Refusal> {
        let (activated_at, reason) = match self.state {
            GrantState::AwaitingProvisioning { .. }
            | GrantState::NeedsFollowUp { interrupted: Interrupted::Provisioning { .. }, .. }
                if self.seats.is_empty() =>
            {
                (None, reason)
            }
            GrantState::Active { activated_at, .. } if self.means == Means::RecordOnly => {
                (Some(activated_at), reason)
            }
            // The reason for which the removal began stays.
            GrantState::Removing { activated_at, reason, .. }
            | GrantState::NeedsFollowUp {
                interrupted: Interrupted::Removal { activated_at, reason, .. },
                ..
            } if self.seats.is_empty() => (activated_at, reason),
            GrantState::AwaitingProvisioning { .. }
            | GrantState::Active { .. }
            | GrantState::Removing { .. }
            | GrantState::Ended { .. }
            | GrantState::NeedsFollowUp { .. } => return Err(self.wrong_state("can end")),
        };
        Ok(self.in_state(GrantState::Ended { activated_at, ended_at, reason }))
    }

    /// Somebody must look after it before it goes on.
    ///
    /// # Errors
    /// [`Code::GrantState`] when it has ended.
    pub fn interrupt(&self, reason: FollowUpReason, since: Timestamp) -> Result<Self, Refusal> {
        let interrupted = match self.state {
            GrantState::AwaitingProvisioning { days } => Interrupted::Provisioning { days },
            GrantState::Active { activated_at, ends_at } => Interrupted::Access { activated_at, ends_at },
            GrantState::Removing { activated_at, ends_at, since, reason } => {
                Interrupted::Removal { activated_at, ends_at, since, reason }
            }
            GrantState::NeedsFollowUp { interrupted, .. } => interrupted,
            GrantState::Ended { .. } => return Err(self.wrong_state("has not ended")),
        };
        Ok(self.in_state(GrantState::NeedsFollowUp { interrupted, reason, since }))
    }

    /// It goes on where it stood when it needed somebody.
    ///
    /// # Errors
    /// [`Code::GrantState`] unless it needs somebody.
    pub fn resume(&self) -> Result<Self, Refusal> {
        let GrantState::NeedsFollowUp { interrupted, .. } = self.state else {
            return Err(self.wrong_state("needs follow-up"));
        };
        Ok(self.in_state(match interrupted {
            Interrupted::Provisioning { days } => GrantState::AwaitingProvisioning { days },
            Interrupted::Access { activated_at, ends_at } => GrantState::Active { activated_at, ends_at },
            Interrupted::Removal { activated_at, ends_at, since, reason } => {
                GrantState::Removing { activated_at, ends_at, since, reason }
            }
        }))
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
        let ends_at = self.runs_until().map(|ends_at| ends_at.to_string());
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
