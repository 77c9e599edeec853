use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attempt::{Attempt, WaitReason};
use super::follow_up::FollowUpReason;
use super::second_look::SecondLook;
use crate::audit::Actor;
use crate::catalog::{Fulfilment, Tool};
use crate::documents::{self, Document, Loaded, Paging, Select};
use crate::failure::Failure;
use crate::grant::{Grant, Means};
use crate::identity::Fingerprint;
use crate::ids::{ConnectorId, GrantId, JobId, PersonId, ToolId};
use crate::ports::{Attributes, Index, Kind, MAX_PAGE, Moment, Store};
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

/// Who does a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Work {
    /// A person, who attests it.
    Manual {
        /// Who; the tool's owners and administrators when nobody is named.
        assignee: Option<PersonId>,
    },
    /// The runner, through a connector.
    Connected {
        /// Which.
        connector: ConnectorId,
    },
}

/// Whom or what a job is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Subject {
    /// A grant, which goes on when the job is done.
    Grant {
        /// Which.
        grant: GrantId,
        /// Whose.
        person: PersonId,
    },
    /// An account at the connector, which no grant waits for.
    Account {
        /// Which.
        fingerprint: Fingerprint,
    },
}

/// Which jobs go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Somebody waits for it.
    Interactive,
    /// It is due by itself: removals by time, second looks.
    Sweep,
}

impl Lane {
    /// The lane as the interface names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Sweep => "sweep",
        }
    }
}

/// How it is known that a job is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completion {
    /// Somebody attested it.
    Attested(Actor),
    /// The provider confirmed it.
    Confirmed,
}

/// Where a job stands. Whether a runner is at it now, [`Claims`](super::Claims) say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits to be done.
    Queued {
        /// Not before.
        due_at: Timestamp,
    },
    /// An attempt did not succeed, and another one follows.
    WaitingRetry {
        /// Not before.
        due_at: Timestamp,
        /// Why.
        reason: WaitReason,
    },
    /// Done.
    Succeeded {
        /// When.
        at: Timestamp,
        /// How that is known.
        by: Completion,
    },
    /// Somebody must look after it.
    NeedsFollowUp {
        /// Since when.
        since: Timestamp,
        /// Why.
        reason: FollowUpReason,
    },
    /// Not needed any more.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it is to bring about.
    pub task: Task,
    /// About what.
    pub subject: Subject,
    /// Of which tool.
    pub tool: ToolId,
    /// Who does it.
    pub work: Work,
    /// Whether it goes first.
    pub lane: Lane,
    /// Order among the changes of one account in one group; see [`core_protocol::message::Fence`].
    pub fence: u32,
    /// Since when it waits.
    pub queued_at: Timestamp,
    /// Where it stands.
    pub state: JobState,
    /// Attempts of which it is known what came of them, or that nobody will know.
    #[serde(default)]
    pub attempts_made: u32,
    /// The last of them, oldest first; at most [`Job::ATTEMPTS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// Since when every attempt has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// What is looked at again once that is all that is left to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_look: Option<SecondLook>,
}

impl Job {
    /// Attempts kept.
    pub const ATTEMPTS: usize = 20;

    /// All jobs by the time they were queued: the partition is `all`.
    pub const BY_TIME: Index = Index { name: "by_time", partition: &["all"], range: "queued_at" };
    /// Jobs in one state.
    pub const BY_STATE: Index = Index { name: "by_state", partition: &["state"], range: "queued_at" };
    /// Jobs that one grant waits for, or waited.
    pub const BY_GRANT: Index = Index { name: "by_grant", partition: &["grant_id"], range: "queued_at" };
    /// Jobs that a runner is to do, by `{connector}:{lane}`.
    pub const BY_DUE: Index = Index { name: "by_due", partition: &["lane"], range: "due_at" };
    /// Open manual jobs of one person.
    pub const BY_ASSIGNEE: Index =
        Index { name: "by_assignee", partition: &["assignee_id"], range: "queued_at" };
    /// Jobs that wait for a connector to work again, by `{connector}:{reason}`, or for a tool's group, by `{tool}:{reason}`.
    pub const BY_TROUBLE: Index = Index { name: "by_trouble", partition: &["trouble"], range: "since" };
    /// Removals that are not done, by when that becomes an alarm: the partition is `removal`.
    pub const BY_ALARM: Index = Index { name: "by_alarm", partition: &["alarm"], range: "alarm_from" };

    /// A job for a grant, waiting to be done now. Its number orders it behind every earlier job of the grant.
    pub fn queue(moment: &Moment, actor: &Actor, task: Task, grant: &Grant, tool: &Tool) -> Self {
        let assignee = match tool.fulfilment {
            Fulfilment::Manual { assignee } => assignee,
            Fulfilment::RecordOnly | Fulfilment::Connected => None,
        };
        let connector = tool.connector.or_else(|| grant.seats.first().map(|seat| seat.connector));
        let work = match (grant.means, connector) {
            (Means::Connected, Some(connector)) => Work::Connected { connector },
            _ => Work::Manual { assignee },
        };
        let lane = match (task, actor) {
            (Task::Deprovision, Actor::System) => Lane::Sweep,
            _ => Lane::Interactive,
        };
        Self {
            fence: next_fence(moment.now, grant.fence),
            lane,
            ..Self::new(
                moment,
                task,
                Subject::Grant { grant: grant.id, person: grant.person },
                (tool.id, work),
                moment.now,
            )
        }
    }

    /// A job in the sweep lane, due at a time.
    pub(super) fn new(
        moment: &Moment,
        task: Task,
        subject: Subject,
        (tool, work): (ToolId, Work),
        due_at: Timestamp,
    ) -> Self {
        Self {
            id: JobId::new(moment, task.as_str(), 0),
            task,
            subject,
            tool,
            work,
            lane: Lane::Sweep,
            fence: next_fence(moment.now, 0),
            queued_at: moment.now,
            state: JobState::Queued { due_at },
            attempts_made: 0,
            attempts: Vec::new(),
            failing_since: None,
            second_look: None,
        }
    }

    /// Whether it counts for the brake: a removal that nobody asked for.
    pub fn brakes(&self) -> bool {
        self.waits()
            && self.task == Task::Deprovision
            && self.lane == Lane::Sweep
            && self.connector().is_some()
    }

    /// The state's name.
    pub fn state_name(&self) -> &'static str {
        match self.state {
            JobState::Queued { .. } => "queued",
            JobState::WaitingRetry { .. } => "waiting_retry",
            JobState::Succeeded { .. } => "succeeded",
            JobState::NeedsFollowUp { .. } => "needs_follow_up",
            JobState::Cancelled { .. } => "cancelled",
        }
    }

    /// Whether something is still to come.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, JobState::Succeeded { .. } | JobState::Cancelled { .. })
    }

    /// Whether it is done by itself when its time comes.
    pub fn waits(&self) -> bool {
        matches!(self.state, JobState::Queued { .. } | JobState::WaitingRetry { .. })
    }

    /// When something is to be done about it by itself: what it is to bring about, and after that its second look.
    pub fn due_at(&self) -> Option<Timestamp> {
        match self.state {
            JobState::Queued { due_at } | JobState::WaitingRetry { due_at, .. } => Some(due_at),
            _ => self.second_look.as_ref().map(|look| look.due_at),
        }
    }

    /// The lane in which it is due.
    pub fn due_in(&self) -> Lane {
        if self.waits() { self.lane } else { Lane::Sweep }
    }

    /// The how many-th attempt the next one is; a runner's result counts only for its own.
    pub fn next_attempt(&self) -> u32 {
        self.attempts_made.saturating_add(1)
    }

    /// The grant it is about.
    pub fn grant(&self) -> Option<GrantId> {
        match self.subject {
            Subject::Grant { grant, .. } => Some(grant),
            Subject::Account { .. } => None,
        }
    }

    /// Whose grant it is about.
    pub fn person(&self) -> Option<PersonId> {
        match self.subject {
            Subject::Grant { person, .. } => Some(person),
            Subject::Account { .. } => None,
        }
    }

    /// Who is to do it by hand, if somebody is named.
    pub fn assignee(&self) -> Option<PersonId> {
        match self.work {
            Work::Manual { assignee } => assignee,
            Work::Connected { .. } => None,
        }
    }

    /// Through which connector it is done.
    pub fn connector(&self) -> Option<ConnectorId> {
        match self.work {
            Work::Manual { .. } => None,
            Work::Connected { connector } => Some(connector),
        }
    }

    /// Partition of the jobs of a lane at a connector.
    pub fn lane_of(connector: ConnectorId, lane: Lane) -> String {
        format!("{connector}:{}", lane.as_str())
    }

    /// Partition of the jobs that wait for a tool's group because of a reason.
    pub fn group_trouble_of(tool: ToolId, reason: FollowUpReason) -> String {
        format!("{tool}:{}", reason.as_str())
    }

    /// Partition of the jobs that wait for a connector because of a reason.
    pub fn trouble_of(connector: ConnectorId, reason: FollowUpReason) -> String {
        format!("{connector}:{}", reason.as_str())
    }
}

/// The number of a change decided now: seconds since 1970, and above the last one.
fn next_fence(now: Timestamp, last: u32) -> u32 {
    let seconds = u32::try_from(now.as_millisecond() / 1000).unwrap_or(u32::MAX);
    seconds.max(last.saturating_add(1))
}

impl Document for Job {
    const KIND: &'static Kind = &Kind {
        name: "job",
        attributes: &[
            "all",
            "state",
            "grant_id",
            "queued_at",
            "lane",
            "due_at",
            "assignee_id",
            "trouble",
            "since",
            "alarm",
            "alarm_from",
        ],
        // As many as a kind may have on Forge.
        indexes: &[
            Self::BY_TIME,
            Self::BY_STATE,
            Self::BY_GRANT,
            Self::BY_DUE,
            Self::BY_ASSIGNEE,
            Self::BY_TROUBLE,
            Self::BY_ALARM,
        ],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        let connector = self.connector();
        let due_at = self.due_at();
        let lane =
            connector.filter(|_| due_at.is_some()).map(|connector| Self::lane_of(connector, self.due_in()));
        let trouble = match self.state {
            JobState::NeedsFollowUp { since, reason } => Some((since, reason)),
            _ => None,
        };
        let alarm_from = self.alarm_from();
        let waits_for = trouble.zip(connector).and_then(|((_, reason), connector)| {
            if reason.ends_with_the_connectors_trouble() {
                return Some(Self::trouble_of(connector, reason));
            }
            let of_the_group = FollowUpReason::OF_THE_GROUP.contains(&reason);
            of_the_group.then(|| Self::group_trouble_of(self.tool, reason))
        });
        vec![
            Some("all".to_owned()),
            Some(self.state_name().to_owned()),
            self.grant().map(|grant| grant.to_string()),
            Some(self.queued_at.to_string()),
            lane.clone(),
            lane.and(due_at).map(|due_at| due_at.to_string()),
            self.assignee().filter(|_| self.is_open()).map(|assignee| assignee.to_string()),
            waits_for,
            trouble.map(|(since, _)| since.to_string()),
            alarm_from.map(|_| "removal".to_owned()),
            alarm_from.map(|from| from.to_string()),
        ]
    }
}

/// The job by which a grant goes on, if it is not done.
///
/// The index only finds it: whoever changes the job is guarded by its revision, and a grant that has no open job when it should is
/// refused by the grant's own state.
pub async fn open_task(store: &impl Store, grant: GrantId) -> Result<Option<Loaded<Job>>, Failure> {
    // A grant has few jobs and at most one that is open. It need not be the newest: two may have been queued in the same millisecond.
    let mut paging = Paging { after: None, limit: Some(MAX_PAGE) };
    loop {
        let select = Select::by(&Job::BY_GRANT, [grant]).descending();
        let jobs = documents::list::<Job>(store, select, &paging).await?;
        let open = jobs.items.into_iter().find(|job| job.is_open());
        if open.is_some() || jobs.next.is_none() {
            return Ok(open);
        }
        paging.after = jobs.next;
    }
}
