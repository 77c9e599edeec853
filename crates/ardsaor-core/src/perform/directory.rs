use core_protocol::message::{
    Account, AccountId, FollowUpReason, Group, GroupDescription, GroupId, GroupName, Member, PageCursor,
    RefusalReason,
};

use crate::provider::{Interrupted, Session, entra, okta};

/// The provider's directory, whichever it is: the few requests that all operations are made of.
pub(super) enum Directory<'s, 'a> {
    Okta(okta::Client<'s, 'a>),
    Entra(entra::Client<'s, 'a>),
}

/// Calls the same method of either client.
macro_rules! either {
    ($directory:expr, $client:ident => $call:expr) => {
        match $directory {
            Self::Okta($client) => $call.await,
            Self::Entra($client) => $call.await,
        }
    };
}

impl<'s, 'a> Directory<'s, 'a> {
    pub(super) fn of(session: &'s mut Session<'a>) -> Self {
        match session.provider() {
            crate::provider::Provider::Okta => Self::Okta(okta::Client::new(session)),
            crate::provider::Provider::Entra => Self::Entra(entra::Client::new(session)),
        }
    }

    pub(super) async fn probe(&mut self) -> Result<(), Interrupted> {
        either!(self, client => client.probe())
    }

    pub(super) async fn groups_named(&mut self, name: &GroupName) -> Result<Vec<Group>, Interrupted> {
        either!(self, client => client.groups_named(name))
    }

    pub(super) async fn create_group(
        &mut self,
        name: &GroupName,
        description: &GroupDescription,
    ) -> Result<Group, Interrupted> {
        either!(self, client => client.create_group(name, description))
    }

    /// Why the group's members cannot be changed, as far as the group itself tells.
    pub(super) async fn not_writable(
        &mut self,
        group: &GroupId,
    ) -> Result<Option<RefusalReason>, Interrupted> {
        either!(self, client => client.not_writable(group))
    }

    /// Everything that is looked at before a group is bound; a group that cannot be is refused.
    pub(super) async fn check_binding(&mut self, group: &GroupId) -> Result<Group, Interrupted> {
        either!(self, client => client.check_binding(group))
    }

    pub(super) async fn account(&mut self, account: &str) -> Result<Account, Interrupted> {
        either!(self, client => client.account(account))
    }

    /// Whether the account is a direct member; an unknown account is an interruption.
    pub(super) async fn is_member(
        &mut self,
        group: &GroupId,
        account: &AccountId,
    ) -> Result<bool, Interrupted> {
        either!(self, client => client.is_member(group, account))
    }

    pub(super) async fn add(&mut self, group: &GroupId, account: &AccountId) -> Result<(), Interrupted> {
        either!(self, client => client.add(group, account))
    }

    pub(super) async fn remove(&mut self, group: &GroupId, account: &AccountId) -> Result<(), Interrupted> {
        either!(self, client => client.remove(group, account))
    }

    pub(super) async fn members(
        &mut self,
        group: &GroupId,
        after: Option<&PageCursor>,
    ) -> Result<(Vec<Member>, Option<PageCursor>), Interrupted> {
        either!(self, client => client.members(group, after))
    }

    /// Whether the account is a direct member of a group that is there.
    pub(super) async fn check(&mut self, group: &GroupId, account: &AccountId) -> Result<bool, Interrupted> {
        if self.is_member(group, account).await? {
            return Ok(true);
        }
        // The account's groups do not tell a group that it is not in from one that does not exist.
        self.not_writable(group).await?;
        Ok(false)
    }

    /// The same, where an account that does not exist is a member of nothing.
    pub(super) async fn check_absence(
        &mut self,
        group: &GroupId,
        account: &AccountId,
    ) -> Result<bool, Interrupted> {
        match self.is_member(group, account).await {
            Ok(true) => Ok(true),
            Ok(false) | Err(Interrupted::FollowUp(FollowUpReason::IdentityGone)) => {
                self.not_writable(group).await?;
                Ok(false)
            }
            Err(interrupted) => Err(interrupted),
        }
    }
}
