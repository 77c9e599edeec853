use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::audit::Actor;
use crate::documents::Document;
use crate::ids::{ExceptionId, PersonId, ProposalId, ToolId};
use crate::ports::{Attributes, Index, Kind};
use crate::refusal::{Code, Refusal};
use crate::text::CommittedText;
use crate::time::Timestamp;

/// Why an exception is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverReason {
    /// Its time was over.
    Lapsed,
    /// An administrator ended it.
    Ended,
    /// Whoever answered for it left.
    OwnerLeft,
    /// The person left.
    PersonLeft,
}

impl OverReason {
    /// The reason as the log and the interface name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lapsed => "lapsed",
            Self::Ended => "ended",
            Self::OwnerLeft => "owner_left",
            Self::PersonLeft => "person_left",
        }
    }
}

/// Where an exception stands, with the facts of that stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ExceptionState {
    /// It waits for a second person.
    Proposed {
        /// What they confirm.
        proposal: ProposalId,
    },
    /// It is in force.
    InForce {
        /// Who confirmed it.
        confirmed_by: Actor,
        /// Since when.
        since: Timestamp,
    },
    /// Nobody confirmed it.
    Refused {
        /// When it was withdrawn, or lapsed.
        at: Timestamp,
    },
    /// It is not in force any more.
    Over {
        /// Who had confirmed it.
        confirmed_by: Actor,
        /// Since when it was in force.
        since: Timestamp,
        /// Until when.
        at: Timestamp,
        /// Why it ended.
        why: OverReason,
    },
}

/// That a person may ask for a tool until a day although policy denies it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exception {
    /// Its id.
    pub id: ExceptionId,
    /// Who may ask.
    pub person: PersonId,
    /// For which tool.
    pub tool: ToolId,
    /// Who answers for it: somebody else.
    pub owner: PersonId,
    /// Why.
    pub reason: CommittedText,
    /// Who made it.
    pub made_by: Actor,
    /// When.
    pub made_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Where it stands.
    #[serde(flatten)]
    pub state: ExceptionState,
}

impl Exception {
    /// All exceptions of people: the partition is `all`.
    pub const BY_TIME: Index = Index { name: "by_time", partition: &["all"], range: "made_at" };
    /// Those in one state (`proposed`, `in_force`, `refused`, `over`), by their end.
    pub const BY_STATE: Index = Index { name: "by_state", partition: &["state"], range: "ends_at" };

    /// The state's name.
    pub fn state_name(&self) -> &'static str {
        match self.state {
            ExceptionState::Proposed { .. } => "proposed",
            ExceptionState::InForce { .. } => "in_force",
            ExceptionState::Refused { .. } => "refused",
            ExceptionState::Over { .. } => "over",
        }
    }

    /// Whether it counts now.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        matches!(self.state, ExceptionState::InForce { .. }) && now < self.ends_at
    }

    /// A second person agrees.
    ///
    /// # Errors
    /// [`Code::ExceptionState`] unless it waits for that, and its end has not come.
    pub fn confirm(&self, confirmed_by: Actor, since: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            ExceptionState::Proposed { .. } if since < self.ends_at => {
                Ok(Self { state: ExceptionState::InForce { confirmed_by, since }, ..self.clone() })
            }
            _ => Err(self.wrong_state()),
        }
    }

    /// Nobody agreed.
    ///
    /// # Errors
    /// [`Code::ExceptionState`] unless it waits for that.
    pub fn refuse(&self, at: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            ExceptionState::Proposed { .. } => {
                Ok(Self { state: ExceptionState::Refused { at }, ..self.clone() })
            }
            _ => Err(self.wrong_state()),
        }
    }

    /// It ends.
    ///
    /// # Errors
    /// [`Code::ExceptionState`] unless it is in force.
    pub fn end(&self, why: OverReason, at: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            ExceptionState::InForce { confirmed_by, since } => {
                Ok(Self { state: ExceptionState::Over { confirmed_by, since, at, why }, ..self.clone() })
            }
            _ => Err(self.wrong_state()),
        }
    }

    fn wrong_state(&self) -> Refusal {
        let message =
            format!("this cannot be done to the exception: it is {}", self.state_name().replace('_', " "));
        Refusal::new(Code::ExceptionState, message).with("state", self.state_name())
    }
}

impl Document for Exception {
    const KIND: &'static Kind = &Kind {
        name: "exception",
        attributes: &["all", "state", "made_at", "ends_at"],
        indexes: &[Self::BY_TIME, Self::BY_STATE],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        vec![
            Some("all".to_owned()),
            Some(self.state_name().to_owned()),
            Some(self.made_at.to_string()),
            Some(self.ends_at.to_string()),
        ]
    }
}

/// Guard: one exception of a person and tool is in force at a time, and whoever asks is asked under that one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionOfPerson {
    /// The person.
    pub person: PersonId,
    /// The tool.
    pub tool: ToolId,
    /// Which is in force; none when none is any more.
    pub exception: Option<ExceptionId>,
}

impl ExceptionOfPerson {
    /// The key for a person and a tool.
    pub fn key_of(person: PersonId, tool: ToolId) -> String {
        format!("{person}:{tool}")
    }
}

impl Document for ExceptionOfPerson {
    const KIND: &'static Kind = &Kind { name: "exception_of_person", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::key_of(self.person, self.tool)
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}
