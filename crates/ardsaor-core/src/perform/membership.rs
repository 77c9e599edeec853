//! What needs both the provider and Core's database: who owns a group, and the order of changes.

use core_protocol::UnixSeconds;
use core_protocol::message::{
    AccountId, AccountStatus, Fence, FollowUpReason, GroupDescription, GroupId, GroupName, Outcome,
    RefusalReason, RetryReason,
};

use super::directory::Directory;
use super::{Stopped, UNCONFIRMED_SECONDS, not_yet, refused};
use crate::database::{Database, FenceRefused, MembershipChange, Owner};
use crate::installation::Installation;
use crate::provider::Interrupted;

pub(super) struct Context<'a> {
    pub(super) database: &'a Database,
    pub(super) installation: &'a Installation,
    pub(super) tenant: &'a str,
}

const UNCONFIRMED: Outcome =
    Outcome::RetryAfter { seconds: UNCONFIRMED_SECONDS, reason: RetryReason::Unconfirmed };

impl Context<'_> {
    pub(super) async fn create_group(
        &self,
        directory: &mut Directory<'_, '_>,
        name: &GroupName,
        description: &GroupDescription,
        now: UnixSeconds,
    ) -> Result<Outcome, Stopped> {
        let mut found = directory.groups_named(name).await?.into_iter();
        match (found.next(), found.next()) {
            (None, _) => {
                let group = directory.create_group(name, description).await?;
                let owned =
                    self.database.claim(&self.installation.id, self.tenant, &group.id, Some(now)).await?;
                Ok(if owned { Outcome::Group { group } } else { refused(RefusalReason::GroupOwnedElsewhere) })
            }
            // Made before, when the answer was lost on its way.
            (Some(group), None) if self.owner(&group.id).await?.is_ok() => Ok(Outcome::Group { group }),
            _ => Ok(refused(RefusalReason::NameTaken)),
        }
    }

    pub(super) async fn bind_group(
        &self,
        directory: &mut Directory<'_, '_>,
        id: &GroupId,
    ) -> Result<Outcome, Stopped> {
        if self.owner(id).await? == Err(RefusalReason::GroupOwnedElsewhere) {
            return Ok(refused(RefusalReason::GroupOwnedElsewhere));
        }
        let group = directory.check_binding(id).await?;
        let owned = self.database.claim(&self.installation.id, self.tenant, id, None).await?;
        Ok(if owned { Outcome::Group { group } } else { refused(RefusalReason::GroupOwnedElsewhere) })
    }

    pub(super) async fn release_group(&self, id: &GroupId) -> Result<Outcome, Stopped> {
        let released = self.database.release(&self.installation.id, self.tenant, id).await?;
        Ok(if released { Outcome::Changed {} } else { Outcome::Already {} })
    }

    pub(super) async fn add(
        &self,
        directory: &mut Directory<'_, '_>,
        group: &GroupId,
        account: &AccountId,
        fence: Fence,
        now: UnixSeconds,
    ) -> Result<Outcome, Stopped> {
        let owner = match self.pass(group, account, fence, MembershipChange::Add).await? {
            Ok(owner) => owner,
            Err(reason) => return Ok(refused(reason)),
        };
        let made = |interrupted| not_yet(interrupted, owner.made, now);
        let found = directory.account(account.as_str()).await?;
        // Okta takes the beginning of a sign-in name for an id, too, which can come to mean somebody else.
        if found.id != *account {
            return Ok(refused(RefusalReason::WrongId));
        }
        if matches!(found.status, AccountStatus::Suspended | AccountStatus::Deactivated) {
            return Ok(Outcome::NeedsFollowUp { reason: FollowUpReason::IdentityInactive });
        }
        if directory.is_member(group, account).await? {
            return Ok(Outcome::Already {});
        }
        if directory.not_writable(group).await.map_err(made)?.is_some() {
            return Ok(Outcome::NeedsFollowUp { reason: FollowUpReason::GroupNotWritable });
        }
        directory.add(group, account).await.map_err(made)?;
        // What the provider says of its own change is not taken for granted.
        Ok(if directory.is_member(group, account).await? { Outcome::Changed {} } else { UNCONFIRMED })
    }

    pub(super) async fn remove(
        &self,
        directory: &mut Directory<'_, '_>,
        group: &GroupId,
        account: &AccountId,
        fence: Fence,
        now: UnixSeconds,
    ) -> Result<Outcome, Stopped> {
        let owner = match self.pass(group, account, fence, MembershipChange::Remove).await? {
            Ok(owner) => owner,
            Err(reason) => return Ok(refused(reason)),
        };
        let made = |interrupted| not_yet(interrupted, owner.made, now);
        if !directory.check_absence(group, account).await.map_err(made)? {
            return Ok(Outcome::Already {});
        }
        if directory.not_writable(group).await.map_err(made)?.is_some() {
            return Ok(Outcome::NeedsFollowUp { reason: FollowUpReason::GroupNotWritable });
        }
        match directory.remove(group, account).await {
            // Gone in between; the read below says whether that is so.
            Ok(()) | Err(Interrupted::FollowUp(FollowUpReason::IdentityGone)) => {}
            Err(interrupted) => return Err(made(interrupted).into()),
        }
        let still = directory.check_absence(group, account).await.map_err(made)?;
        Ok(if still { UNCONFIRMED } else { Outcome::Changed {} })
    }

    /// The group's owner, when it is this installation.
    async fn owner(&self, group: &GroupId) -> Result<Result<Owner, RefusalReason>, Stopped> {
        Ok(match self.database.owner(self.tenant, group).await? {
            None => Err(RefusalReason::GroupNotBound),
            Some(owner) if owner.installation == self.installation.id => Ok(owner),
            Some(_) => Err(RefusalReason::GroupOwnedElsewhere),
        })
    }

    async fn pass(
        &self,
        group: &GroupId,
        account: &AccountId,
        fence: Fence,
        change: MembershipChange,
    ) -> Result<Result<Owner, RefusalReason>, Stopped> {
        let owner = match self.owner(group).await? {
            Ok(owner) => owner,
            Err(reason) => return Ok(Err(reason)),
        };
        let id = &self.installation.id;
        let passed = self.database.pass_fence(id, self.tenant, (group, account), fence, change).await?;
        Ok(match passed {
            Ok(()) => Ok(owner),
            Err(FenceRefused::TooLow) => Err(RefusalReason::FenceTooLow),
            Err(FenceRefused::Reused) => Err(RefusalReason::FenceReused),
        })
    }
}
