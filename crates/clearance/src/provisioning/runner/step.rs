//! The next call that a job needs.

use core_protocol::message::{AccountId, Fence, GroupId, Operation};

use crate::grant::{Grant, SeatRef};
use crate::identity::IdentityMapping;
use crate::ids::ConnectorId;
use crate::provisioning::job::{Job, Subject, Task};

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
    /// The next call that a job needs; none when nothing is left, nobody is mapped, or nobody waits for it.
    ///
    /// An account that the person had before goes out of the group before their present one goes in. A second look is what is left of a job that
    /// does not wait.
    pub(super) fn next(
        job: &Job,
        connector: ConnectorId,
        grant: Option<&Grant>,
        mapping: Option<&IdentityMapping>,
    ) -> Option<Self> {
        if let Some(seat) = job.looks_at() {
            return Some(Self::Look(seat.clone()));
        }
        match (&job.subject, job.task) {
            (Subject::Account { fingerprint }, _) => {
                Some(Self::Remove(SeatRef { connector, fingerprint: fingerprint.clone() }))
            }
            (Subject::Grant { .. }, Task::Provision) => {
                let wanted = SeatRef { connector, fingerprint: mapping?.fingerprint.clone() };
                let former = grant?.seats.iter().find(|seat| **seat != wanted).cloned();
                Some(former.map_or(Self::Add(wanted), Self::Remove))
            }
            (Subject::Grant { .. }, Task::Deprovision) => grant?.seats.first().cloned().map(Self::Remove),
        }
    }

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
