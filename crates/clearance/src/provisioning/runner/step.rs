//! The next call that a job needs.

use core_protocol::message::{AccountId, Fence, GroupId, Operation};

use crate::grant::SeatRef;

/// The next call that a job needs.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Put the account into the group.
    Add(SeatRef),
    /// Take the account out of the group.
    Remove(SeatRef),
    /// See whether the account is in the group.
    Look(SeatRef),
}

impl Step {
    pub(super) fn seat(&self) -> &SeatRef {
        match self {
            Self::Add(seat) | Self::Remove(seat) | Self::Look(seat) => seat,
        }
    }

    pub(super) fn operation(&self, group: GroupId, account: AccountId, fence: u32) -> Operation {
        let fence = Fence(fence);
        match self {
            Self::Add(_) => Operation::AddMember { group, account, fence },
            Self::Remove(_) => Operation::RemoveMember { group, account, fence },
            Self::Look(_) => Operation::CheckMember { group, account },
        }
    }
}
