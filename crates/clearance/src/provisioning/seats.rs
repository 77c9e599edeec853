//! Seats: accounts that may be in a tool's group because of a grant.
//!
//! The account says so before it is put into the group; the grant names the seat when it is known what came of the attempt. Until then the job
//! is open and the person mapped to the account: by these two, whoever ends the grant or changes one of them finds the seat, and names it.

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

/// The seat that an account has, or gets.
fn seat_at(account: &ProviderAccount) -> SeatRef {
    SeatRef { connector: account.connector, fingerprint: account.fingerprint.clone() }
}

/// Writes down that an account may be in the group because of a grant, which does not name the seat yet; the account as it is then.
///
/// # Errors
/// The store's.
pub(super) async fn take(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    account: Loaded<ProviderAccount>,
    grant: &Grant,
) -> Result<Loaded<ProviderAccount>, Failure> {
    if holder(&account, grant) == Some(grant.id) {
        change.check(&account);
        return Ok(account);
    }
    // Somebody answered for it until now: the grant has a seat of its own.
    if let Some(Seat { basis: SeatBasis::Baseline { .. }, .. }) = account.seats.get(&grant.tool) {
        crate::seats::member_leaves(store, change, grant.tool).await?;
    }
    let mut with = ProviderAccount::clone(&account);
    let basis = SeatBasis::Grant { grant: grant.id };
    with.seats.insert(grant.tool, Seat { basis, since: moment.now });
    change.update(&account, &with);
    Ok(account.replaced_by(with))
}

/// A grant that names the seat that an account has because of it, if it has one.
pub(crate) fn named(grant: &Grant, account: &ProviderAccount) -> Grant {
    let mut with = grant.clone();
    let seat = seat_at(account);
    if holder(account, grant) == Some(grant.id) && !with.seats.contains(&seat) {
        with.seats.push(seat);
    }
    with
}

/// The account that a person's access goes to at a connector.
#[derive(Debug)]
pub struct Recipient {
    person: PersonId,
    connector: ConnectorId,
    /// None while the person is not mapped to any.
    mapped: Option<(Loaded<IdentityMapping>, Loaded<ProviderAccount>)>,
}

impl Recipient {
    /// That of a grant, unless the grant names its seat already.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn of(
        store: &impl Store,
        grant: &Grant,
        connector: ConnectorId,
    ) -> Result<Option<Self>, Failure> {
        let person = grant.person;
        let Some(mapping) = mapping(store, connector, person).await? else {
            return Ok(Some(Self { person, connector, mapped: None }));
        };
        let seat = SeatRef { connector, fingerprint: mapping.fingerprint.clone() };
        if grant.seats.contains(&seat) {
            return Ok(None);
        }
        let Some(account) = account(store, connector, &seat.fingerprint).await? else {
            return Err(mapping.contradicted(store, "a mapping names an account that is not there").await);
        };
        Ok(Some(Self { person, connector, mapped: Some((mapping, account)) }))
    }

    /// Lets the grant name the seat, if the account has it by now. That it does, or does not, is as true as the commit: it checks.
    pub(crate) fn name_seat(&self, change: &mut Change, grant: &mut Grant) {
        match &self.mapped {
            Some((mapping, account)) => {
                change.check(mapping);
                change.check(account);
                *grant = named(grant, account);
            }
            None => {
                change.check_absent::<IdentityMapping>(IdentityMapping::key_of(self.connector, self.person));
            }
        }
    }
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
