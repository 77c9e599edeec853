//! One person has an account, and one account has a person.

use std::collections::BTreeMap;

use audit_log::Value;

use super::lookup::{Identified, identify};
use super::{IdentityMapping, ProviderAccount, Remapping, SeatBasis, TypedAccount};
use crate::audit::{Actor, EventKind};
use crate::connector::{self, Connector, Kept};
use crate::documents::{Change, Loaded, load};
use crate::failure::Failure;
use crate::grant::Grant;
use crate::ids::{ConnectorId, GrantId, PersonId};
use crate::operations::Context;
use crate::people::Person;
use crate::ports::{Moment, Ports, Store, StoreError, Vault as _};
use crate::proposal::{Proposal, Proposed, ProposedAccount, propose};
use crate::provisioning::with_seat_named;
use crate::refusal::{Code, Refusal, not_found};
use crate::text::Line;

/// Grants in one commit that name a seat which only the account told of until then: each has an attempt under way.
const MAX_NAMED: usize = 8;

/// Whom and where an account is to be mapped.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) connector: Loaded<Connector>,
    pub(super) person: Loaded<Person>,
}

/// What came of the wish to map an account.
#[derive(Debug)]
pub(super) enum Mapped {
    /// It is mapped.
    Now(IdentityMapping),
    /// It waits for a second administrator.
    Proposed(Box<Proposal>),
}

impl Target {
    /// # Errors
    /// [`Code::NotFound`], [`Code::PersonDeactivated`].
    pub(super) async fn load(
        store: &impl Store,
        connector: ConnectorId,
        person: PersonId,
    ) -> Result<Self, Failure> {
        let connector = connector::required(store, connector).await?;
        let person = load::<Person>(store, &person.to_string()).await?;
        let person = person.ok_or_else(|| not_found("person"))?;
        if !person.is_active() {
            let message = "this person has left; nobody is mapped who cannot be given access";
            return Err(Refusal::new(Code::PersonDeactivated, message).into());
        }
        Ok(Self { connector, person })
    }

    /// The mapping that there is now.
    pub(super) async fn before(
        &self,
        store: &impl Store,
    ) -> Result<Option<Loaded<IdentityMapping>>, Failure> {
        load(store, &IdentityMapping::key_of(self.connector.id, self.person.id)).await
    }

    async fn account(
        &self,
        store: &impl Store,
        fingerprint: &super::Fingerprint,
    ) -> Result<Option<Loaded<ProviderAccount>>, Failure> {
        load(store, &ProviderAccount::key_of(self.connector.id, fingerprint)).await
    }

    /// Refuses an account that somebody else has, or is just being taken from somebody else.
    ///
    /// # Errors
    /// [`Code::AccountInUse`].
    pub(super) async fn require_free(
        &self,
        store: &impl Store,
        account: Option<&ProviderAccount>,
    ) -> Result<(), Failure> {
        let Some(account) = account else { return Ok(()) };
        let another = account.mapped_to.is_some_and(|person| person != self.person.id);
        if another || holds_for_another(store, account, self.person.id).await? {
            let message = "another person has this account, or it is still being taken out of their groups";
            return Err(Refusal::new(Code::AccountInUse, message).into());
        }
        Ok(())
    }

    /// The same, of an account that was found.
    ///
    /// # Errors
    /// [`Code::AccountInUse`].
    pub(super) async fn require_free_account(
        &self,
        store: &impl Store,
        found: &Identified,
    ) -> Result<(), Failure> {
        let account = self.account(store, &found.fingerprint).await?;
        self.require_free(store, account.as_deref()).await
    }

    /// Maps the account at once, or proposes it when it is the caller's own.
    pub(super) async fn put<P: Ports>(
        &self,
        context: &Context<'_, P>,
        change: &mut Change,
        found: &Identified,
    ) -> Result<Mapped, Failure> {
        let actor = context.admission.actor()?;
        let before = self.before(context.store()).await?;
        let same = before.filter(|before| is_same(before, found));
        if let Some(same) = same {
            return Ok(Mapped::Now(same.into_inner()));
        }
        if actor == Actor::Person(self.person.id) {
            return self.propose(context, change, actor, found).await;
        }
        Ok(Mapped::Now(self.map(context, change, found, (actor, None)).await?))
    }

    async fn propose<P: Ports>(
        &self,
        context: &Context<'_, P>,
        change: &mut Change,
        actor: Actor,
        found: &Identified,
    ) -> Result<Mapped, Failure> {
        let store = context.store();
        self.require_free_account(store, found).await?;
        let kept = Kept::secret(context.ports, &context.moment, ("account", 0), &found.id).await?;
        let proposed = Proposed::MapIdentity {
            connector: self.connector.id,
            person: self.person.id,
            account: Some(ProposedAccount {
                fingerprint: found.fingerprint.clone(),
                place: kept.place().clone(),
                display_name: found.display_name.clone(),
                hint: found.hint.clone(),
            }),
        };
        let proposal = propose(store, change, &context.moment, actor, proposed.clone()).await?;
        // An open proposal of the same has its own place; what was kept now is destroyed.
        if proposal.proposed == proposed {
            kept.name(change);
        }
        Ok(Mapped::Proposed(Box::new(proposal)))
    }

    /// Maps the account, and lets go of the one that was mapped before.
    ///
    /// # Errors
    /// [`Code::AccountInUse`].
    pub(super) async fn map<P: Ports>(
        &self,
        context: &Context<'_, P>,
        change: &mut Change,
        found: &Identified,
        (by, confirmed_by): (Actor, Option<Actor>),
    ) -> Result<IdentityMapping, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let before = self.before(store).await?;
        let account = self.account(store, &found.fingerprint).await?;
        self.require_free(store, account.as_deref()).await?;
        // Whoever erases the person is not overtaken; whoever points the connector at another tenant looks again.
        change.check(&self.person);
        change.update(&self.connector, &self.connector);
        let replaced = before.as_ref().filter(|before| before.fingerprint != found.fingerprint);
        if let Some(before) = replaced {
            let grants = unmap(store, change, &context.moment, before).await?;
            Remapping::begin(store, change, before, grants).await?;
        }
        let mapping = IdentityMapping {
            connector: self.connector.id,
            person: self.person.id,
            fingerprint: found.fingerprint.clone(),
            display_name: found.display_name.clone(),
            hint: found.hint.clone(),
            mapped_by: by,
            confirmed_by,
            mapped_at: now,
        };
        change.upsert(before.as_ref(), &mapping);
        if let Some(account) = account {
            let mapped =
                ProviderAccount { mapped_to: Some(self.person.id), ..ProviderAccount::clone(&account) };
            change.update(&account, &mapped);
        } else {
            let kept = Kept::secret(context.ports, &context.moment, ("account", 1), &found.id).await?;
            let account = kept.name(change);
            change.insert(&ProviderAccount {
                connector: self.connector.id,
                fingerprint: found.fingerprint.clone(),
                account,
                hint: found.hint.clone(),
                mapped_to: Some(self.person.id),
                seats: BTreeMap::new(),
                findings: BTreeMap::new(),
            });
        }
        let facts = Value::object([
            ("connector", Value::from(self.connector.id.to_string())),
            ("person", Value::from(self.person.id.to_string())),
            ("replaced", Value::from(replaced.is_some())),
            ("second", Value::from(confirmed_by.is_some())),
        ]);
        change.record(now, &context.admission.actor()?, EventKind::IdentityMapped, facts);
        Ok(mapping)
    }
}

/// Whether a mapping says already what was found.
pub(super) fn is_same(mapping: &IdentityMapping, found: &Identified) -> bool {
    mapping.fingerprint == found.fingerprint && mapping.display_name == found.display_name
}

/// Refuses a name that the provider does not have for whoever has the account; the refusal does not tell which one it has.
///
/// # Errors
/// [`Code::DisplayNameDiffers`].
pub(super) fn require_name(found: &Identified, name: &Line) -> Result<(), Refusal> {
    if found.display_name == *name {
        return Ok(());
    }
    let message = "the provider has another name for whoever has this account; look the account up again";
    Err(Refusal::new(Code::DisplayNameDiffers, message))
}

/// Whether an account may be in a group because of a grant of somebody else.
async fn holds_for_another(
    store: &impl Store,
    account: &ProviderAccount,
    person: PersonId,
) -> Result<bool, Failure> {
    for grant in grants_of(account) {
        let grant = load::<Grant>(store, &grant.to_string()).await?;
        if grant.is_none_or(|grant| grant.person != person) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn grants_of(account: &ProviderAccount) -> impl Iterator<Item = GrantId> {
    account.seats.values().filter_map(|seat| match seat.basis {
        SeatBasis::Grant { grant } => Some(grant),
        SeatBasis::Baseline { .. } => None,
    })
}

/// Takes an account from its person. It keeps its seats until their removal is confirmed, and the grants name them from now on; an account
/// that nothing needs any more goes, with its id in the vault. Answers the grants because of which it may be in groups.
pub(super) async fn unmap(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    mapping: &Loaded<IdentityMapping>,
) -> Result<Vec<GrantId>, Failure> {
    let key = ProviderAccount::key_of(mapping.connector, &mapping.fingerprint);
    let Some(account) = load::<ProviderAccount>(store, &key).await? else {
        return Err(mapping.contradicted(store, "a mapping names an account that is not there").await);
    };
    let unmapped = ProviderAccount { mapped_to: None, ..ProviderAccount::clone(&account) };
    ProviderAccount::write(change, &account, &unmapped, moment.now);
    let grants: Vec<_> = grants_of(&unmapped).collect();
    let mut named = 0;
    for id in &grants {
        let Some(grant) = load::<Grant>(store, &id.to_string()).await? else { continue };
        let with = with_seat_named(&grant, &unmapped);
        if with != *grant {
            if named == MAX_NAMED {
                // So many attempts at once are soon over.
                return Err(StoreError::Conflict.into());
            }
            named += 1;
            change.update(&grant, &with);
        }
    }
    Ok(grants)
}

/// Maps an account on which two have agreed, if the provider still says the same of it.
///
/// # Errors
/// Those of `identities.put`, and [`Code::ProposalOutdated`].
pub(crate) async fn map_confirmed<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    (connector, person): (ConnectorId, PersonId),
    agreed: &ProposedAccount,
    by: (Actor, Option<Actor>),
) -> Result<(), Failure> {
    let outdated = || {
        let message = "the account is not what the proposal shows any more; withdraw it and propose it again";
        Refusal::new(Code::ProposalOutdated, message)
    };
    let target = Target::load(context.store(), connector, person).await?;
    let id = context.ports.vault().secret(&agreed.place).await?.ok_or_else(outdated)?;
    let account = TypedAccount::from(&id).reference()?;
    let found = identify(context.ports, &target.connector, account).await?;
    // Another tenant gives another fingerprint, another owner another name.
    if found.fingerprint != agreed.fingerprint || found.display_name != agreed.display_name {
        return Err(outdated().into());
    }
    target.map(context, change, &found, by).await?;
    Ok(())
}
