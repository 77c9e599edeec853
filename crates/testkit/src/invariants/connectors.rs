//! Groups, accounts and proposals: each guard says what the documents say, and no secret stands anywhere but in the vault.

use std::collections::{BTreeMap, BTreeSet};

use clearance::catalog::Tool;
use clearance::connector::{Connector, Disposal, GroupOwner, ProviderGroup};
use clearance::documents::Document as _;
use clearance::grant::{Grant, SeatRef};
use clearance::identity::{IdentityMapping, ProviderAccount, SeatBasis};
use clearance::ports::Store;
use clearance::proposal::{OpenProposal, Proposal, ProposalState, Proposed};
use clearance::provisioning::{Job, Task};

use super::log::Log;
use super::{every, require};

pub(super) async fn check(store: &impl Store, log: &Log, broken: &mut Vec<String>) {
    groups(store, broken).await;
    identities(store, broken).await;
    seats(store, broken).await;
    proposals(store, log, broken).await;
}

async fn groups(store: &impl Store, broken: &mut Vec<String>) {
    let connectors: BTreeMap<_, _> =
        every::<Connector>(store).await.into_iter().map(|connector| (connector.id, connector)).collect();
    let groups: Vec<ProviderGroup> = every(store).await;
    let mut owned: BTreeSet<_> = every::<GroupOwner>(store)
        .await
        .into_iter()
        .filter_map(|it| it.tool.map(|tool| (it.key(), tool)))
        .collect();
    for group in &groups {
        let connector = connectors.get(&group.connector).expect("a group's connector");
        let owner = (GroupOwner::key_of(connector, &group.group), group.tool);
        require(broken, owned.remove(&owner), || format!("the group of {} has another owner", group.tool));
    }
    require(broken, owned.is_empty(), || format!("owners of groups that are not bound: {owned:?}"));
    for tool in every::<Tool>(store).await {
        let bound = groups.iter().find(|group| group.tool == tool.id).map(|group| group.connector);
        require(broken, tool.connector.is_none() || tool.connector == bound, || {
            format!("{} goes through {:?}, its group through {bound:?}", tool.id, tool.connector)
        });
    }
}

async fn identities(store: &impl Store, broken: &mut Vec<String>) {
    let disposed: BTreeSet<_> = every::<Disposal>(store).await.into_iter().map(|it| it.place).collect();
    let mut mapped: BTreeSet<_> = every::<IdentityMapping>(store)
        .await
        .into_iter()
        .map(|it| (it.connector, it.fingerprint, it.person))
        .collect();
    for account in every::<ProviderAccount>(store).await {
        let key = account.key();
        require(broken, !account.is_unused(), || format!("account {key}: nothing needs it"));
        require(broken, !disposed.contains(&account.account), || format!("account {key}: its id goes"));
        if let Some(person) = account.mapped_to {
            let mapping = (account.connector, account.fingerprint, person);
            require(broken, mapped.remove(&mapping), || format!("account {key}: not {person}'s mapping"));
        }
    }
    require(broken, mapped.is_empty(), || format!("mappings to accounts that are not theirs: {mapped:?}"));
}

/// Grants and accounts name each other: nobody is in a group because of a grant from which that cannot be found. A seat that the grant does not
/// name is at its holder's account, where an open job puts it.
async fn seats(store: &impl Store, broken: &mut Vec<String>) {
    let (mut of_grants, mut holders) = (BTreeSet::new(), BTreeMap::new());
    for grant in every::<Grant>(store).await {
        holders.insert(grant.id, grant.person);
        let seat = |seat: SeatRef| (seat.connector, seat.fingerprint, grant.tool, grant.id);
        of_grants.extend(grant.seats.into_iter().map(seat));
    }
    let jobs = every::<Job>(store).await.into_iter();
    let given: BTreeSet<_> = jobs
        .filter(|job| job.task == Task::Provision && job.is_open())
        .filter_map(|job| Some((job.grant()?, job.connector()?)))
        .collect();
    for account in every::<ProviderAccount>(store).await {
        for (tool, seat) in &account.seats {
            let SeatBasis::Grant { grant } = seat.basis else { continue };
            let seat = (account.connector, account.fingerprint.clone(), *tool, grant);
            let is_found = given.contains(&(grant, account.connector))
                && account.mapped_to.is_some()
                && account.mapped_to.as_ref() == holders.get(&grant);
            require(broken, of_grants.remove(&seat) || is_found, || {
                format!("{grant} does not know of a seat at {tool}")
            });
        }
    }
    require(broken, of_grants.is_empty(), || format!("accounts do not know of seats: {of_grants:?}"));
}

async fn proposals(store: &impl Store, log: &Log, broken: &mut Vec<String>) {
    let mut guards: BTreeMap<_, _> =
        every::<OpenProposal>(store).await.into_iter().map(|it| (it.proposal, it.about)).collect();
    for proposal in every::<Proposal>(store).await {
        let id = proposal.id;
        let logged = |event: &str| log.count(event, id);
        require(broken, logged("proposal.made") == 1, || {
            format!("{id}: made by the log otherwise than once")
        });
        let closed = ["confirmed", "withdrawn", "lapsed"].map(|it| (it, logged(&format!("proposal.{it}"))));
        let state = proposal.state.name().as_str();
        for (name, times) in closed {
            require(broken, times == usize::from(name == state), || {
                format!("{id} is {state}, {name} {times} times")
            });
        }
        let about = proposal.proposed.about();
        if proposal.state == ProposalState::Open {
            // One that lapsed and was not swept yet may have lost its guard to the next.
            if let Some(guard) = guards.remove(&id) {
                require(broken, guard == about, || format!("{id} is guarded as {guard}"));
            }
        } else if let Proposed::MapIdentity { account, .. } = &proposal.proposed {
            require(broken, account.is_none(), || format!("{id} is closed and names an account"));
        }
    }
    require(broken, guards.is_empty(), || format!("guards of no open proposals: {guards:?}"));
}
