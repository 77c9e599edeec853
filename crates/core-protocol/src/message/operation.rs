use serde::{Deserialize, Serialize};

use super::{AccountId, AccountReference, Fence, GroupDescription, GroupId, GroupName, PageCursor};

/// What Core can do at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// Signs in and reads a group and a user, to see whether credential and permissions are there. Answers `connected`.
    TestConnector {},
    /// The groups with exactly this name. Answers `groups`.
    FindGroup {
        /// The name to compare, case and all.
        group_name: GroupName,
    },
    /// Makes a group that this installation owns, or finds the one it made before under this name. Answers `group`.
    CreateGroup {
        /// Its name.
        group_name: GroupName,
        /// What it is for.
        description: GroupDescription,
    },
    /// Whether a group can be bound, and what is known about it. Changes nothing. Answers `group`, or `refused` with the reason.
    CheckBinding {
        /// The group.
        group: GroupId,
    },
    /// Checks as [`CheckBinding`](Self::CheckBinding), and makes this installation the group's owner.
    BindGroup {
        /// The group.
        group: GroupId,
    },
    /// Gives up the ownership of a group. Answers `changed` or `already`.
    ReleaseGroup {
        /// The group.
        group: GroupId,
    },
    /// Who an account is. Answers `account`.
    FindAccount {
        /// By id or sign-in name.
        account: AccountReference,
    },
    /// Puts an account into a group, confirmed by a read. Answers `changed` or `already`.
    AddMember {
        /// The group; this installation must own it.
        group: GroupId,
        /// The account.
        account: AccountId,
        /// Order among the changes of this membership.
        fence: Fence,
    },
    /// Takes an account out of a group, confirmed by a read. Answers `changed` or `already`.
    RemoveMember {
        /// The group; this installation must own it.
        group: GroupId,
        /// The account.
        account: AccountId,
        /// Order among the changes of this membership.
        fence: Fence,
    },
    /// Whether an account is a direct member of a group. Answers `member` or `not_member`.
    CheckMember {
        /// The group.
        group: GroupId,
        /// The account.
        account: AccountId,
    },
    /// One page of a group's direct members. Answers `members`.
    ListMembers {
        /// The group.
        group: GroupId,
        /// Where the page before ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<PageCursor>,
    },
}

impl Operation {
    /// The operation's stable name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TestConnector {} => "test_connector",
            Self::FindGroup { .. } => "find_group",
            Self::CreateGroup { .. } => "create_group",
            Self::CheckBinding { .. } => "check_binding",
            Self::BindGroup { .. } => "bind_group",
            Self::ReleaseGroup { .. } => "release_group",
            Self::FindAccount { .. } => "find_account",
            Self::AddMember { .. } => "add_member",
            Self::RemoveMember { .. } => "remove_member",
            Self::CheckMember { .. } => "check_member",
            Self::ListMembers { .. } => "list_members",
        }
    }
}
