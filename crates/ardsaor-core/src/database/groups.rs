//! Who owns a group, and in which order its memberships change.

use core_protocol::UnixSeconds;
use core_protocol::message::{AccountId, Fence, GroupId, InstallationId};
use rusqlite::OptionalExtension as _;
use sha2::{Digest as _, Sha256};

use super::{Database, DatabaseError};

/// The installation that owns a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Which.
    pub installation: InstallationId,
    /// When Core made the group for it; nothing when the group was there before.
    pub made: Option<UnixSeconds>,
}

/// What happens to a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembershipChange {
    /// The account comes into the group.
    Add,
    /// The account leaves the group.
    Remove,
}

impl MembershipChange {
    const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
        }
    }
}

/// Why a change may not be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FenceRefused {
    /// A change with a higher number was seen.
    TooLow,
    /// Another change had the same number.
    Reused,
}

impl Database {
    /// The group's owner.
    pub(crate) async fn owner(&self, tenant: &str, group: &GroupId) -> Result<Option<Owner>, DatabaseError> {
        let (tenant, group) = (tenant.to_owned(), group.to_string());
        self.run(move |database| {
            database.read(|connection| {
                let mut select = connection.prepare_cached(
                    "SELECT installation, made FROM group_owner WHERE tenant = ?1 AND group_id = ?2",
                )?;
                let row = select
                    .query_row((tenant, group), |row| {
                        Ok((row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?))
                    })
                    .optional()?;
                row.map(|(installation, made)| {
                    let installation =
                        installation.try_into().map_err(|_| DatabaseError::Damaged("an owner"))?;
                    Ok(Owner { installation, made: made.map(UnixSeconds) })
                })
                .transpose()
            })
        })
        .await
    }

    /// Makes an installation the owner of a group that has none. Says whether it owns it now.
    pub(crate) async fn claim(
        &self,
        installation: &InstallationId,
        tenant: &str,
        group: &GroupId,
        made: Option<UnixSeconds>,
    ) -> Result<bool, DatabaseError> {
        let (installation, tenant, group) = (installation.to_string(), tenant.to_owned(), group.to_string());
        self.run(move |database| {
            database.write(|transaction| {
                transaction.execute(
                    "INSERT INTO group_owner (tenant, group_id, installation, made) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO NOTHING",
                    (&tenant, &group, &installation, made.map(|at| at.0)),
                )?;
                Ok(transaction.query_row(
                    "SELECT installation = ?3 FROM group_owner WHERE tenant = ?1 AND group_id = ?2",
                    (&tenant, &group, &installation),
                    |row| row.get(0),
                )?)
            })
        })
        .await
    }

    /// Ends an installation's ownership of a group. Says whether it had it. The order of changes is kept for when it binds it again.
    pub(crate) async fn release(
        &self,
        installation: &InstallationId,
        tenant: &str,
        group: &GroupId,
    ) -> Result<bool, DatabaseError> {
        let (installation, tenant, group) = (installation.to_string(), tenant.to_owned(), group.to_string());
        self.run(move |database| {
            database.write(|transaction| {
                let deleted = transaction.execute(
                    "DELETE FROM group_owner WHERE tenant = ?1 AND group_id = ?2 AND installation = ?3",
                    (tenant, group, installation),
                )?;
                Ok(deleted == 1)
            })
        })
        .await
    }

    /// Takes a change's place in the order of changes, before it has any effect.
    pub(crate) async fn pass_fence(
        &self,
        installation: &InstallationId,
        tenant: &str,
        (group, account): (&GroupId, &AccountId),
        fence: Fence,
        change: MembershipChange,
    ) -> Result<Result<(), FenceRefused>, DatabaseError> {
        let membership = membership([installation.as_str(), tenant, group.as_str(), account.as_str()]);
        let fence = i64::from(fence.0);
        self.run(move |database| {
            database.write(|transaction| {
                let seen = transaction
                    .query_row(
                        "SELECT fence, change FROM membership_fence WHERE membership = ?1",
                        [membership],
                        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
                    )
                    .optional()?;
                match seen {
                    Some((seen, _)) if fence < seen => return Ok(Err(FenceRefused::TooLow)),
                    Some((seen, kind)) if fence == seen => {
                        return Ok(if kind == change.name() { Ok(()) } else { Err(FenceRefused::Reused) });
                    }
                    _ => {}
                }
                transaction.execute(
                    "INSERT INTO membership_fence (membership, fence, change) VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET fence = excluded.fence, change = excluded.change",
                    (membership, fence, change.name()),
                )?;
                Ok(Ok(()))
            })
        })
        .await
    }
}

/// What an account's membership of a group is known by: a hash, so that the order of changes can be kept for good without keeping who was in
/// which group. Whoever has a list of accounts can still try them.
fn membership(parts: [&str; 4]) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix("ardsaor-core membership");
    for part in parts {
        // Lengths keep the parts apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
