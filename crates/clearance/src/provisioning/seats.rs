//! Seats: accounts that may be in a tool's group because of a grant. Grant and account name each other, in the same commit.

use crate::documents::{Change, Loaded, load};
use crate::drift;
use crate::failure::Failure;
use crate::grant::{Grant, SeatRef};
use crate::identity::{Fingerprint, IdentityMapping, ProviderAccount, Seat, SeatBasis};
use crate::ids::{ConnectorId, PersonId};
use crate::ports::{Moment, Store};

/// The account as it is stored, if it is known.
pub(super) async fn account(
    store: &impl Store,
    connector: ConnectorId,
    fingerprint: &Fingerprint,
) -> Result<Option<Loaded<ProviderAccount>>, Failure> {
    load::<ProviderAccount>(store, &ProviderAccount::key_of(connector, fingerprint)).await
}

/// The person's account at a connector.
pub(super) async fn mapping(
    store: &impl Store,
    connector: ConnectorId,
    person: PersonId,
) -> Result<Option<Loaded<IdentityMapping>>, Failure> {
    load::<IdentityMapping>(store, &IdentityMapping::key_of(connector, person)).await
}

/// The grant whose seat an account has in a tool's group, if it has one because of a grant.
pub(super) fn holder(account: &ProviderAccount, grant: &Grant) -> Option<crate::ids::GrantId> {
    match account.seats.get(&grant.tool)?.basis {
        SeatBasis::Grant { grant } => Some(grant),
        SeatBasis::Baseline { .. } => None,
    }
}

/// Writes down that an account may be in the group because of a grant.
///
/// # Errors
/// The store's.
pub(super) async fn take(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    account: &Loaded<ProviderAccount>,
    grant: &mut Grant,
) -> Result<ProviderAccount, Failure> {
    let seat = SeatRef { connector: account.connector, fingerprint: account.fingerprint.clone() };
    let mut with = ProviderAccount::clone(account);
    if !grant.seats.contains(&seat) {
        grant.seats.push(seat);
    }
    if holder(account, grant) != Some(grant.id) {
        let basis = SeatBasis::Grant { grant: grant.id };
        // Somebody answered for it until now: the grant has a seat of its own.
        if let Some(Seat { basis: SeatBasis::Baseline { .. }, .. }) = account.seats.get(&grant.tool) {
            crate::seats::member_leaves(store, change, grant.tool).await?;
        }
        with.seats.insert(grant.tool, Seat { basis, since: moment.now });
    }
    ProviderAccount::write(change, account, &with, moment.now);
    Ok(with)
}

/// Writes down that an account is not in the group any more; whether it is still known. `account` is the seat's, if it is known now.
///
/// # Errors
/// The store's.
pub(super) async fn drop(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    grant: &mut Grant,
    (seat, account): (&SeatRef, Option<&Loaded<ProviderAccount>>),
) -> Result<bool, Failure> {
    grant.seats.retain(|of| of != seat);
    let Some(before) = account else { return Ok(false) };
    let mut after = ProviderAccount::clone(before);
    if holder(before, grant) == Some(grant.id) {
        after.seats.remove(&grant.tool);
    }
    drift::confirmed::absent(store, change, moment, &mut after, grant.tool).await?;
    ProviderAccount::write(change, before, &after, moment.now);
    Ok(!after.is_unused())
}
