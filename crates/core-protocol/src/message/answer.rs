use serde::{Deserialize, Serialize};

use super::{AccountId, GroupId, PageCursor, ProviderRequestId};

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The outcome.
    pub outcome: Outcome,
    /// The provider's names for the requests that were made, in order, for its support.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub provider_request_ids: Vec<ProviderRequestId>,
    /// The provider's clock in seconds since 1970, when it told. The app compares it with its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_time: Option<i64>,
    /// What is left of the scarcest of the limits that this call counted against, when the provider told. The app paces its calls by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<RateLimit>,
}

/// What is left of a provider's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimit {
    /// Requests that the provider allows in one of its periods.
    pub limit: u32,
    /// Requests that are left in this one.
    pub remaining: u32,
    /// Seconds until the next one, by the provider's clock.
    pub resets_in: u32,
}

/// The outcome of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// The connector works: sign-in, and reading groups and users.
    Connected {},
    /// Groups with the name.
    Groups {
        /// None, one or several: names need not be unique.
        groups: Vec<Group>,
    },
    /// One group.
    Group {
        /// It.
        group: Group,
    },
    /// One account.
    Account {
        /// It.
        account: Account,
    },
    /// A page of members.
    Members {
        /// In the provider's order.
        members: Vec<Member>,
        /// Where the next page begins; nothing when this was the last.
        next: Option<PageCursor>,
    },
    /// The account is in the group.
    Member {},
    /// The account is not in the group.
    NotMember {},
    /// Done now, and confirmed by a read.
    Changed {},
    /// It was so already, as a read confirmed.
    Already {},
    /// Nothing is wrong, but not now.
    RetryAfter {
        /// Seconds to wait at least.
        seconds: u32,
        /// Why.
        reason: RetryReason,
    },
    /// A person must do something first.
    NeedsFollowUp {
        /// Why.
        reason: FollowUpReason,
    },
    /// Core will not do this.
    Refused {
        /// Why.
        reason: RefusalReason,
    },
}

/// Declares an enumeration of stable codes.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable name.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }
    };
}

codes! {
    /// Why a call should be made again later.
    RetryReason {
        /// The provider limits how often it is asked.
        RateLimited = "rate_limited",
        /// The provider failed or cannot be reached.
        ProviderUnavailable = "provider_unavailable",
        /// The provider did not answer in time. What was asked may have happened.
        ProviderTimeout = "provider_timeout",
        /// The provider is at work on something that excludes this.
        ProviderBusy = "provider_busy",
        /// The provider accepted the change, but a read does not show it yet.
        Unconfirmed = "unconfirmed",
        /// Core has as many calls of this installation or tenant in work as it allows.
        Busy = "busy",
        /// The provider failed so often that it is left alone for a while.
        CircuitOpen = "circuit_open",
    }
}

codes! {
    /// Why a person must act before a call can succeed.
    FollowUpReason {
        /// There is no such account at the provider.
        IdentityGone = "identity_gone",
        /// The account is deactivated at the provider.
        IdentityInactive = "identity_inactive",
        /// There is no such group at the provider.
        GroupGone = "group_gone",
        /// The group's members cannot be changed by this connector any more.
        GroupNotWritable = "group_not_writable",
        /// The provider does not accept the credential.
        CredentialsRefused = "credentials_refused",
        /// The credential is accepted, but lacks a permission or role.
        PermissionMissing = "permission_missing",
        /// The provider answered in a way that is not understood.
        UnexpectedAnswer = "unexpected_answer",
    }
}

codes! {
    /// Why Core will not do something.
    RefusalReason {
        /// A later change of this membership was seen already.
        FenceTooLow = "fence_too_low",
        /// Another change of this membership had the same number.
        FenceReused = "fence_reused",
        /// Another installation owns the group.
        GroupOwnedElsewhere = "group_owned_elsewhere",
        /// This installation did not bind the group.
        GroupNotBound = "group_not_bound",
        /// An id is not one of this provider's.
        WrongId = "wrong_id",
        /// Several groups have the name; bind one by its id.
        NameTaken = "name_taken",
        /// Rules of the provider decide who is in the group (Okta group rules).
        GroupRuleManaged = "group_rule_managed",
        /// The provider's own group, such as Okta's Everyone.
        GroupBuiltIn = "group_built_in",
        /// An application owns the group (Okta `APP_GROUP`).
        GroupOfApplication = "group_of_application",
        /// A rule computes the members (Entra dynamic membership).
        GroupDynamic = "group_dynamic",
        /// The group is synchronised from elsewhere.
        GroupSynced = "group_synced",
        /// A mail-enabled security group or distribution list (Entra).
        GroupMailEnabled = "group_mail_enabled",
        /// Directory roles can be assigned to the group (Entra).
        GroupRoleAssignable = "group_role_assignable",
    }
}

/// A group, as far as the provider tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The provider's id.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// How many are in it; looked up where a group is checked or bound.
    pub members: Option<MemberCount>,
    /// What else being in it opens; looked up where a group is checked or bound.
    pub reach: Option<GroupReach>,
}

/// How many members a group has, as one page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberCount {
    /// On the first page.
    pub at_least: u32,
    /// Whether there are more.
    pub more: bool,
}

/// What else a group opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GroupReach {
    /// No application is assigned to it.
    Nothing,
    /// Applications are assigned to it.
    Applications {
        /// Their names, as many as one page shows.
        names: Vec<String>,
    },
    /// The connector may not or cannot tell.
    Unreadable,
}

/// A person's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The provider's id.
    pub id: AccountId,
    /// The sign-in name.
    pub sign_in_name: Option<String>,
    /// The name to confirm a mapping with.
    pub display_name: Option<String>,
    /// Whether it can be used.
    pub status: AccountStatus,
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// It can, or will be once its owner did something (first sign-in, new password).
    Active,
    /// Suspended for a while.
    Suspended,
    /// Deactivated: its owner has left.
    Deactivated,
    /// The provider does not tell.
    Unknown,
}

/// An account in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The provider's id.
    pub id: AccountId,
    /// Whether the account can be used.
    pub status: AccountStatus,
}
