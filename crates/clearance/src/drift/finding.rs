use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Cause;
use crate::audit::Actor;
use crate::documents::Document;
use crate::identity::{Fingerprint, ProviderAccount};
use crate::ids::{ConnectorId, FindingId, GrantId, JobId, PersonId, ToolId};
use crate::ports::{Attributes, Index, Kind};
use crate::text::CommittedText;
use crate::time::Timestamp;

/// What kind of difference a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriftKind {
    /// Somebody has access by a grant, and is not in the group.
    ApprovedButMissing,
    /// A known person is in the group without a grant.
    ObservedWithoutApproval,
    /// Somebody is in the group again whom this program had removed.
    Resurrected,
    /// Rules of the provider decide who is in the group, or it cannot be written.
    RuleManaged,
    /// An account is in the group that nobody is mapped to.
    Unmapped,
    /// The group could not be read: nothing is known.
    Unknown,
}

impl DriftKind {
    /// The kind as the log and the interface name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApprovedButMissing => "approved_but_missing",
            Self::ObservedWithoutApproval => "observed_without_approval",
            Self::Resurrected => "resurrected",
            Self::RuleManaged => "rule_managed",
            Self::Unmapped => "unmapped",
            Self::Unknown => "unknown",
        }
    }
}

/// The account that a finding is about. The provider's id of it is in the vault only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// Which account.
    pub fingerprint: Fingerprint,
    /// The last four characters of the provider's id.
    pub hint: String,
    /// Whom it was mapped to; none when nobody was, or who it was is erased.
    pub person: Option<PersonId>,
}

impl Observed {
    /// An account as it is known now.
    pub(super) fn of(account: &ProviderAccount) -> Self {
        let ProviderAccount { fingerprint, hint, mapped_to, .. } = account;
        Self { fingerprint: fingerprint.clone(), hint: hint.clone(), person: *mapped_to }
    }
}

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Difference {
    /// Somebody has access by a grant, and is not in the group.
    ApprovedButMissing {
        /// Whose account.
        account: Observed,
        /// By which grant.
        grant: GrantId,
    },
    /// A known person is in the group without a grant.
    ObservedWithoutApproval {
        /// Whose account.
        account: Observed,
    },
    /// Somebody is in the group again whom this program had removed.
    Resurrected {
        /// Whose account.
        account: Observed,
        /// The grant that had ended, if it is known.
        grant: Option<GrantId>,
    },
    /// Rules of the provider decide who is in the group, or it cannot be written.
    RuleManaged {
        /// What the provider said.
        cause: Cause,
    },
    /// An account is in the group that nobody is mapped to.
    Unmapped {
        /// Which.
        account: Observed,
    },
    /// The group could not be read.
    Unknown {
        /// Why not.
        cause: Cause,
    },
}

impl Difference {
    /// Its kind.
    pub fn kind(&self) -> DriftKind {
        match self {
            Self::ApprovedButMissing { .. } => DriftKind::ApprovedButMissing,
            Self::ObservedWithoutApproval { .. } => DriftKind::ObservedWithoutApproval,
            Self::Resurrected { .. } => DriftKind::Resurrected,
            Self::RuleManaged { .. } => DriftKind::RuleManaged,
            Self::Unmapped { .. } => DriftKind::Unmapped,
            Self::Unknown { .. } => DriftKind::Unknown,
        }
    }

    /// The account that it is about.
    pub fn account(&self) -> Option<&Observed> {
        match self {
            Self::ApprovedButMissing { account, .. }
            | Self::ObservedWithoutApproval { account }
            | Self::Resurrected { account, .. }
            | Self::Unmapped { account } => Some(account),
            Self::RuleManaged { .. } | Self::Unknown { .. } => None,
        }
    }

    pub(super) fn account_mut(&mut self) -> Option<&mut Observed> {
        match self {
            Self::ApprovedButMissing { account, .. }
            | Self::ObservedWithoutApproval { account }
            | Self::Resurrected { account, .. }
            | Self::Unmapped { account } => Some(account),
            Self::RuleManaged { .. } | Self::Unknown { .. } => None,
        }
    }

    /// The grant that it is about.
    pub fn grant(&self) -> Option<GrantId> {
        match self {
            Self::ApprovedButMissing { grant, .. } => Some(*grant),
            Self::Resurrected { grant, .. } => *grant,
            _ => None,
        }
    }

    /// Why, where the provider or Core said so.
    pub fn cause(&self) -> Option<Cause> {
        match self {
            Self::RuleManaged { cause } | Self::Unknown { cause } => Some(*cause),
            _ => None,
        }
    }
}

/// What is done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Remedy {
    /// The account is taken out of the group; of what is missing, the grant is ended.
    Removal {
        /// The job that does it; none when the grant's own end does.
        job: Option<JobId>,
    },
    /// The person is put into the group again.
    Restore {
        /// The job that does it.
        job: JobId,
    },
    /// The person is to ask for the access; otherwise it is removed.
    RetroRequest {
        /// Until when.
        until: Timestamp,
    },
    /// Somebody answers for it until an end.
    Exception {
        /// Who.
        owner: PersonId,
        /// Until when.
        ends_at: Timestamp,
        /// Whether that end has come, or it is not so any more.
        over: bool,
    },
    /// It was so when the group was bound, and somebody answers for it until an end.
    Baseline {
        /// Who.
        owner: PersonId,
        /// Until when.
        ends_at: Timestamp,
        /// Whether that end has come, or it is not so any more.
        over: bool,
    },
    /// A check found that it is not so any more.
    Gone,
}

/// The name of what is done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DispositionKind {
    /// The account is taken out of the group; of what is missing, the grant is ended.
    Removal,
    /// The person is put into the group again.
    Restore,
    /// The person is to ask for the access; otherwise it is removed.
    RetroRequest,
    /// Somebody answers for it until an end.
    Exception,
    /// It was so when the group was bound, and somebody answers for it until an end.
    Baseline,
    /// A check found that it is not so any more.
    Gone,
}

impl DispositionKind {
    /// The disposition as the log and the interface name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Removal => "removal",
            Self::Restore => "restore",
            Self::RetroRequest => "retro_request",
            Self::Exception => "exception",
            Self::Baseline => "baseline",
            Self::Gone => "gone",
        }
    }
}

impl Remedy {
    /// Its name.
    pub fn kind(self) -> DispositionKind {
        match self {
            Self::Removal { .. } => DispositionKind::Removal,
            Self::Restore { .. } => DispositionKind::Restore,
            Self::RetroRequest { .. } => DispositionKind::RetroRequest,
            Self::Exception { .. } => DispositionKind::Exception,
            Self::Baseline { .. } => DispositionKind::Baseline,
            Self::Gone => DispositionKind::Gone,
        }
    }

    /// Who answers for it, and until when.
    pub fn answered_for(self) -> Option<(PersonId, Timestamp)> {
        match self {
            Self::Exception { owner, ends_at, .. } | Self::Baseline { owner, ends_at, .. } => {
                Some((owner, ends_at))
            }
            _ => None,
        }
    }

    /// Whether somebody answers for it still.
    pub fn is_in_force(self) -> bool {
        matches!(self, Self::Exception { over: false, .. } | Self::Baseline { over: false, .. })
    }
}

/// What was decided about a finding.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Disposition {
    /// What is done.
    #[serde(flatten)]
    pub remedy: Remedy,
    /// Who decided it.
    pub by: Actor,
    /// Who agreed, where one may not decide it alone.
    pub confirmed_by: Option<Actor>,
    /// When.
    pub at: Timestamp,
    /// Why, unless the program decided it.
    pub reason: Option<CommittedText>,
}

impl Disposition {
    /// What the program decided.
    pub(super) fn of_program(remedy: Remedy, at: Timestamp, reason: Option<CommittedText>) -> Self {
        Self { remedy, by: Actor::System, confirmed_by: None, at, reason }
    }

    /// A check found that it is not so any more.
    pub(super) fn gone(at: Timestamp) -> Self {
        Self::of_program(Remedy::Gone, at, None)
    }
}

/// Where a finding stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum FindingState {
    /// It is so.
    Open {
        /// What is being done about it.
        under_way: Option<Disposition>,
    },
    /// It is not so any more, or somebody answers for it.
    Settled {
        /// How.
        disposition: Disposition,
        /// When.
        at: Timestamp,
    },
}

/// A difference between who is in a tool's group and who may be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Finding {
    /// Its id.
    pub id: FindingId,
    /// The tool whose group it is.
    pub tool: ToolId,
    /// The connector of the group.
    pub connector: ConnectorId,
    /// What differs.
    pub difference: Difference,
    /// Whether the first complete check of the group found it: it was so when the group was bound.
    pub initial: bool,
    /// When it was found.
    pub first_seen_at: Timestamp,
    /// When it was last seen. Of an open one, the last complete check of the tool may be later.
    pub last_seen_at: Timestamp,
    /// Where it stands.
    pub state: FindingState,
}

impl Finding {
    /// All findings: the partition is `all`.
    pub const BY_TIME: Index = Index { name: "by_time", partition: &["all"], range: "first_seen_at" };
    /// Findings in one state (`open`, `settled`).
    pub const BY_STATE: Index = Index { name: "by_state", partition: &["state"], range: "first_seen_at" };
    /// Findings of one tool in one state.
    pub const BY_TOOL: Index =
        Index { name: "by_tool", partition: &["tool_id", "state"], range: "first_seen_at" };
    /// Findings about one person's accounts.
    pub const BY_PERSON: Index =
        Index { name: "by_person", partition: &["person_id"], range: "first_seen_at" };
    /// Findings of which something ends by time.
    pub const BY_END: Index = Index { name: "by_end", partition: &["ending"], range: "ends_at" };

    /// The state's name.
    pub fn state_name(&self) -> &'static str {
        match self.state {
            FindingState::Open { .. } => "open",
            FindingState::Settled { .. } => "settled",
        }
    }

    /// Whether it is not settled.
    pub fn is_open(&self) -> bool {
        matches!(self.state, FindingState::Open { .. })
    }

    /// What is being done or was done about it.
    pub fn disposition(&self) -> Option<&Disposition> {
        match &self.state {
            FindingState::Open { under_way } => under_way.as_ref(),
            FindingState::Settled { disposition, .. } => Some(disposition),
        }
    }

    /// When it was settled.
    pub fn settled_at(&self) -> Option<Timestamp> {
        match self.state {
            FindingState::Open { .. } => None,
            FindingState::Settled { at, .. } => Some(at),
        }
    }

    /// Whose account it is about.
    pub fn person(&self) -> Option<PersonId> {
        self.difference.account().and_then(|account| account.person)
    }

    /// When something about it ends by time: what somebody answers for, or the time in which a person is to ask.
    pub fn ends_at(&self) -> Option<Timestamp> {
        match self.disposition()?.remedy {
            Remedy::RetroRequest { until } if self.is_open() => Some(until),
            remedy if remedy.is_in_force() => remedy.answered_for().map(|(_, ends_at)| ends_at),
            _ => None,
        }
    }

    /// The same finding, settled.
    #[must_use]
    pub fn settled(&self, disposition: Disposition, at: Timestamp) -> Self {
        Self { state: FindingState::Settled { disposition, at }, ..self.clone() }
    }

    /// The same finding with something being done about it.
    #[must_use]
    pub fn under_way(&self, disposition: Disposition) -> Self {
        Self { state: FindingState::Open { under_way: Some(disposition) }, ..self.clone() }
    }

    /// The same finding, for which nobody answers any more.
    #[must_use]
    pub fn over(&self) -> Self {
        let mut finding = self.clone();
        if let FindingState::Settled { disposition, .. } = &mut finding.state
            && let Remedy::Exception { over, .. } | Remedy::Baseline { over, .. } = &mut disposition.remedy
        {
            *over = true;
        }
        finding
    }
}

impl Document for Finding {
    const KIND: &'static Kind = &Kind {
        name: "finding",
        attributes: &["all", "state", "tool_id", "person_id", "first_seen_at", "ending", "ends_at"],
        indexes: &[Self::BY_TIME, Self::BY_STATE, Self::BY_TOOL, Self::BY_PERSON, Self::BY_END],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        let ends_at = self.ends_at();
        vec![
            Some("all".to_owned()),
            Some(self.state_name().to_owned()),
            Some(self.tool.to_string()),
            self.person().map(|person| person.to_string()),
            Some(self.first_seen_at.to_string()),
            ends_at.map(|_| "ending".to_owned()),
            ends_at.map(|at| at.to_string()),
        ]
    }
}
