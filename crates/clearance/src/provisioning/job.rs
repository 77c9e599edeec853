use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::audit::Actor;
use crate::catalog::{Fulfilment, Tool};
use crate::documents::{self, Document, Loaded, Paging, Select};
use crate::failure::Failure;
use crate::grant::Grant;
use crate::ids::{GrantId, JobId, PersonId, ToolId};
use crate::ports::{Attributes, Index, Kind, MAX_PAGE, Moment, Store};
use crate::refusal::{Code, Refusal};
use crate::time::Timestamp;

/// What a job is to bring about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// The person has the seat.
    Provision,
    /// The person has no seat any more.
    Deprovision,
}

impl Task {
    /// The task as the log and the interface name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provision => "provision",
            Self::Deprovision => "deprovision",
        }
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits to be done.
    Queued,
    /// Done.
    Succeeded {
        /// When.
        at: Timestamp,
        /// Who attested it.
        by: Actor,
    },
    /// Not needed any more.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

/// A job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it is to bring about.
    pub task: Task,
    /// For which grant.
    pub grant: GrantId,
    /// For whom.
    pub person: PersonId,
    /// Of which tool.
    pub tool: ToolId,
    /// Who is to do it; the tool's owners and administrators when nobody is named.
    pub assignee: Option<PersonId>,
    /// Since when it waits.
    pub queued_at: Timestamp,
    /// Where it stands.
    pub state: JobState,
}

impl Job {
    /// Jobs in one state.
    pub const BY_STATE: Index = Index { name: "by_state", partition: &["state"], range: "queued_at" };
    /// Jobs of one grant.
    pub const BY_GRANT: Index = Index { name: "by_grant", partition: &["grant_id"], range: "queued_at" };

    /// A job for a grant, waiting to be done.
    pub fn queue(moment: &Moment, task: Task, grant: &Grant, tool: &Tool) -> Self {
        let assignee = match tool.fulfilment {
            Fulfilment::Manual { assignee } => assignee,
            Fulfilment::RecordOnly | Fulfilment::Connected => None,
        };
        Self {
            id: JobId::new(moment, task.as_str(), 0),
            task,
            grant: grant.id,
            person: grant.person,
            tool: grant.tool,
            assignee,
            queued_at: moment.now,
            state: JobState::Queued,
        }
    }

    /// The state's name.
    pub fn state_name(&self) -> &'static str {
        match self.state {
            JobState::Queued => "queued",
            JobState::Succeeded { .. } => "succeeded",
            JobState::Cancelled { .. } => "cancelled",
        }
    }

    fn require_queued(&self) -> Result<(), Refusal> {
        match self.state {
            JobState::Queued => Ok(()),
            JobState::Succeeded { .. } | JobState::Cancelled { .. } => {
                let message = format!("this task is {} already", self.state_name());
                Err(Refusal::new(Code::JobState, message).with("state", self.state_name()))
            }
        }
    }

    /// Somebody attests that it is done.
    ///
    /// # Errors
    /// [`Code::JobState`] unless it waits.
    pub fn attest(&self, by: Actor, at: Timestamp) -> Result<Self, Refusal> {
        self.require_queued()?;
        Ok(Self { state: JobState::Succeeded { at, by }, ..self.clone() })
    }

    /// It is not needed any more.
    ///
    /// # Errors
    /// [`Code::JobState`] unless it waits.
    pub fn cancel(&self, at: Timestamp) -> Result<Self, Refusal> {
        self.require_queued()?;
        Ok(Self { state: JobState::Cancelled { at }, ..self.clone() })
    }
}

impl Document for Job {
    const KIND: &'static Kind = &Kind {
        name: "job",
        attributes: &["state", "grant_id", "queued_at"],
        indexes: &[Self::BY_STATE, Self::BY_GRANT],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        vec![
            Some(self.state_name().to_owned()),
            Some(self.grant.to_string()),
            Some(self.queued_at.to_string()),
        ]
    }
}

/// The task of a grant that waits to be done.
///
/// The index only finds it: whoever changes the job is guarded by its revision, and a grant that has no waiting task when it should is
/// refused by the grant's own state.
pub async fn open_task(store: &impl Store, grant: GrantId) -> Result<Option<Loaded<Job>>, Failure> {
    // A grant has few tasks and at most one that waits. It need not be the newest: two may have been queued in the same millisecond.
    let paging = Paging { after: None, limit: Some(MAX_PAGE) };
    let jobs = documents::list::<Job>(store, Select::by(&Job::BY_GRANT, [grant]), &paging).await?;
    Ok(jobs.items.into_iter().find(|job| job.state == JobState::Queued))
}
