use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Audience};
use crate::people::Role;

/// What notices are about, as people choose how they want to hear of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Requests and reviews that wait for one's decision, and for whom one decides.
    Decisions,
    /// What became of one's own requests, and questions about them.
    OwnRequests,
    /// Access of one's own that is taken away unless one does something, what its review came to, and exceptions that one answers for.
    OwnAccess,
    /// What whoever oversees the site must hear of: stuck removals, requests that nobody can decide, wider policies, checkpoints.
    Oversight,
}

impl Topic {
    /// Every topic, in the order in which they are shown.
    pub const ALL: &'static [Topic] = &[Self::Decisions, Self::OwnRequests, Self::OwnAccess, Self::Oversight];

    /// Whether nobody can switch it off or put it off to a digest.
    pub fn is_mandatory(self) -> bool {
        matches!(self, Self::OwnAccess | Self::Oversight)
    }

    /// The topic as the log and addresses name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decisions => "decisions",
            Self::OwnRequests => "own_requests",
            Self::OwnAccess => "own_access",
            Self::Oversight => "oversight",
        }
    }

    /// The topic in a sentence that begins `You get this e-mail because`.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Decisions => "you can decide this",
            Self::OwnRequests => "the request is yours",
            Self::OwnAccess => "the access is yours, or you answer for it",
            Self::Oversight => "you oversee the site; nobody can switch this off",
        }
    }
}

/// How somebody hears of a topic besides in the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// By e-mail, at once.
    #[default]
    Immediate,
    /// By e-mail, once a day with everything else of that day.
    Daily,
    /// Not by e-mail.
    None,
}

impl Delivery {
    /// The delivery as the log names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::Daily => "daily",
            Self::None => "none",
        }
    }
}

/// As what somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// It is about what is theirs.
    Own,
    /// They may decide.
    Approver,
    /// They have the administrator role.
    Administrator,
    /// They have the auditor role.
    Auditor,
}

impl Capacity {
    /// As what an audience is told; nobody reads an issue in an inbox.
    pub(super) fn of(audience: &Audience) -> Option<Self> {
        match audience {
            Audience::Person(_) => Some(Self::Own),
            Audience::Approvers(_) => Some(Self::Approver),
            Audience::Administrators => Some(Self::Administrator),
            Audience::Auditors => Some(Self::Auditor),
            Audience::Issue => None,
        }
    }

    /// Whether somebody of this role is told so; those whose role does not matter always are.
    pub(super) fn admits(self, role: Role) -> bool {
        match self {
            Self::Own | Self::Approver => true,
            Self::Administrator => role == Role::Administrator,
            Self::Auditor => role == Role::Auditor,
        }
    }
}

/// The topic of what somebody is told in a capacity.
pub(super) fn topic_of(about: About, capacity: Capacity) -> Topic {
    match (about, capacity) {
        (About::Request(_) | About::Review(_), Capacity::Approver)
        | (About::DelegationMade(_) | About::DelegationEnded(_), _) => Topic::Decisions,
        (About::Request(_), _) | (About::ToolProposal(_), Capacity::Own) => Topic::OwnRequests,
        // Whoever answers for an exception cannot switch off being told of it.
        (About::Grant(_) | About::Finding(_) | About::Review(_), _)
        | (About::EmergencyWaits(_) | About::Exception(_), Capacity::Own) => Topic::OwnAccess,
        (
            About::Checkpoint(_)
            | About::WiderPolicy(_)
            | About::Wider(_)
            | About::StuckRemovals
            | About::StrandedRequest(_)
            | About::Exception(_)
            | About::Left(_)
            | About::EmergencyTaken(_)
            | About::EmergencyWaits(_)
            | About::ToolProposal(_),
            _,
        ) => Topic::Oversight,
    }
}
