use core_protocol::message as protocol;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FollowUpReason;
use crate::time::Timestamp;

/// Declares why a job waits: variant and stable code.
macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $code:literal;)*) => {
        /// Why a job is tried again later, by itself. Names are stable; the list only grows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum WaitReason { $($(#[$doc])* $variant,)* }

        impl WaitReason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The reason as the interface names it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

reasons! {
    /// The provider limits how often it is asked.
    RateLimited = "rate_limited";
    /// The provider failed or cannot be reached.
    ProviderUnavailable = "provider_unavailable";
    /// The provider did not answer in time.
    ProviderTimeout = "provider_timeout";
    /// The provider is at work on something that excludes this.
    ProviderBusy = "provider_busy";
    /// The provider accepted the change, but a read does not show it.
    Unconfirmed = "unconfirmed";
    /// Core has as many calls in work as it allows.
    Busy = "busy";
    /// The provider failed so often that Core leaves it alone for a while.
    CircuitOpen = "circuit_open";
    /// Core cannot be reached, or refused the request itself.
    CoreUnavailable = "core_unavailable";
    /// The vault gave no signature or secret.
    VaultUnavailable = "vault_unavailable";
    /// A later change of this membership was seen: a higher number is tried.
    OutOfOrder = "out_of_order";
    /// The program ended before it learned what came of the call.
    NoAnswer = "no_answer";
}

impl WaitReason {
    /// What people can do about it.
    pub const fn what_to_do(self) -> &'static str {
        "Nothing for now: it is tried again by itself."
    }

    /// Why somebody must look after it once it has gone on for a day. What the provider refuses to this one job while it serves the others
    /// does not end with an outage: there is none.
    pub const fn after_a_day(self, outage: bool) -> FollowUpReason {
        match self {
            Self::CoreUnavailable | Self::VaultUnavailable | Self::NoAnswer => FollowUpReason::CoreDown,
            Self::RateLimited
            | Self::ProviderUnavailable
            | Self::ProviderTimeout
            | Self::ProviderBusy
            | Self::Busy
            | Self::CircuitOpen
                if outage =>
            {
                FollowUpReason::ProviderDown
            }
            _ => FollowUpReason::UnexpectedAnswer,
        }
    }
}

impl From<protocol::RetryReason> for WaitReason {
    fn from(reason: protocol::RetryReason) -> Self {
        match reason {
            protocol::RetryReason::RateLimited => Self::RateLimited,
            protocol::RetryReason::ProviderUnavailable => Self::ProviderUnavailable,
            protocol::RetryReason::ProviderTimeout => Self::ProviderTimeout,
            protocol::RetryReason::ProviderBusy => Self::ProviderBusy,
            protocol::RetryReason::Unconfirmed => Self::Unconfirmed,
            protocol::RetryReason::Busy => Self::Busy,
            protocol::RetryReason::CircuitOpen => Self::CircuitOpen,
        }
    }
}

/// What came of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "reason")]
pub enum AttemptOutcome {
    /// Done, and confirmed by a read.
    Changed,
    /// It was so already, as a read confirmed.
    Already,
    /// The account is in the group.
    Member,
    /// The account is not in the group.
    NotMember,
    /// Not now.
    RetryAfter(WaitReason),
    /// A person must act.
    NeedsFollowUp(FollowUpReason),
}

impl AttemptOutcome {
    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Already => "already",
            Self::Member => "member",
            Self::NotMember => "not_member",
            Self::RetryAfter(_) => "retry_after",
            Self::NeedsFollowUp(_) => "needs_follow_up",
        }
    }

    /// The reason's code, where there is one.
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::RetryAfter(reason) => Some(reason.as_str()),
            Self::NeedsFollowUp(reason) => Some(reason.as_str()),
            Self::Changed | Self::Already | Self::Member | Self::NotMember => None,
        }
    }

    /// What people can do about it.
    pub const fn what_to_do(self) -> Option<&'static str> {
        match self {
            Self::RetryAfter(reason) => Some(reason.what_to_do()),
            Self::NeedsFollowUp(reason) => Some(reason.what_to_do()),
            Self::Changed | Self::Already | Self::Member | Self::NotMember => None,
        }
    }
}

/// One call that a job made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it began.
    pub started_at: Timestamp,
    /// When it was over.
    pub ended_at: Timestamp,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: AttemptOutcome,
    /// The provider's names for the requests that were made, for its support.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provider_request_ids: Vec<String>,
}
