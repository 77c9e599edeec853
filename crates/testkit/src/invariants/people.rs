//! People, groups, owners and the guards that keep them in step.

use std::collections::{BTreeMap, BTreeSet};

use clearance::catalog::{Ownership, Tool, ToolNameOwner};
use clearance::people::{AdministratorRoster, EmailAddressOwner, Membership, Person, PersonStatus, Role};
use clearance::ports::Store;
use clearance::sign_in::KnownJiraAccount;

use super::log::Log;
use super::{every, require};

pub(super) async fn check(store: &impl Store, log: &Log, broken: &mut Vec<String>) {
    let people: Vec<Person> = every(store).await;
    for person in &people {
        let left = !person.is_active();
        // More groups than fit one commit are left by the clockwork.
        let leaving_groups = matches!(person.status, PersonStatus::Erasing { .. });
        require(broken, !left || leaving_groups || person.groups.is_empty(), || {
            format!("{} left and is in groups", person.id)
        });
        require(broken, !left || person.role == Role::Member, || {
            format!("{} left and has a role", person.id)
        });
        let added = log.count("person.added", person.id);
        require(broken, added == 1, || format!("{} was added {added} times by the log", person.id));
        let deactivated = log.count("person.deactivated", person.id);
        require(broken, !left || deactivated > 0, || {
            format!("{} left, and the log does not say so", person.id)
        });
        hidden(log, person.name.as_str(), broken);
        if let Some(email) = &person.email {
            hidden(log, email.as_str(), broken);
        }
    }
    memberships(store, &people, broken).await;
    addresses(store, &people, broken).await;
    tools(store, log, broken).await;
}

/// The log holds no names and no texts.
pub(super) fn hidden(log: &Log, text: &str, broken: &mut Vec<String>) {
    // A short name may be part of any word.
    require(broken, text.len() < 5 || !log.holds(text), || format!("the log holds `{text}`"));
}

async fn memberships(store: &impl Store, people: &[Person], broken: &mut Vec<String>) {
    let said: BTreeSet<_> =
        people.iter().flat_map(|person| person.groups.iter().map(|group| (*group, person.id))).collect();
    let kept: BTreeSet<_> =
        every::<Membership>(store).await.into_iter().map(|member| (member.group, member.person)).collect();
    require(broken, said == kept, || format!("people are in {said:?}, memberships say {kept:?}"));
    let administrators: BTreeSet<_> = people
        .iter()
        .filter(|person| person.role == Role::Administrator && matches!(person.status, PersonStatus::Active))
        .map(|person| person.id)
        .collect();
    let roster: BTreeSet<_> =
        every::<AdministratorRoster>(store).await.into_iter().flat_map(|roster| roster.people).collect();
    // A platform's administrators are noted without the role: what they may do is decided at each call.
    let of_platform: BTreeSet<_> =
        every::<KnownJiraAccount>(store).await.into_iter().map(|known| known.person).collect();
    let active: BTreeSet<_> =
        people.iter().filter(|person| person.is_active()).map(|person| person.id).collect();
    let noted = roster.difference(&administrators).all(|id| of_platform.contains(id) && active.contains(id));
    require(broken, administrators.is_subset(&roster) && noted, || {
        format!("administrators {administrators:?}, roster {roster:?}")
    });
}

async fn addresses(store: &impl Store, people: &[Person], broken: &mut Vec<String>) {
    let said: BTreeMap<_, _> = people
        .iter()
        .filter_map(|person| person.email.as_ref().map(|email| (email.as_str().to_owned(), person.id)))
        .collect();
    let with_address = people.iter().filter(|person| person.email.is_some()).count();
    require(broken, said.len() == with_address, || "two people have one e-mail address".to_owned());
    let kept: BTreeMap<_, _> = every::<EmailAddressOwner>(store)
        .await
        .into_iter()
        .filter_map(|owner| owner.person.map(|person| (owner.address.as_str().to_owned(), person)))
        .collect();
    require(broken, said == kept, || format!("addresses {said:?}, guards {kept:?}"));
}

async fn tools(store: &impl Store, log: &Log, broken: &mut Vec<String>) {
    let tools: Vec<Tool> = every(store).await;
    let said: BTreeSet<_> =
        tools.iter().flat_map(|tool| tool.owners.iter().map(|owner| (*owner, tool.id))).collect();
    let kept: BTreeSet<_> =
        every::<Ownership>(store).await.into_iter().map(|owned| (owned.person, owned.tool)).collect();
    require(broken, said == kept, || format!("owners {said:?}, ownerships {kept:?}"));
    let names: BTreeSet<_> =
        tools.iter().map(|tool| (tool.name.as_str().to_lowercase().replace('~', "-"), tool.id)).collect();
    let guards: BTreeSet<_> = every::<ToolNameOwner>(store)
        .await
        .into_iter()
        .filter_map(|owner| owner.tool.map(|tool| (owner.name.replace('~', "-"), tool)))
        .collect();
    require(broken, names == guards, || format!("tool names {names:?}, guards {guards:?}"));
    for tool in &tools {
        let changes =
            ["tool.changed", "provider_group.bound", "provider_group.created", "provider_group.released"];
        let changed: usize = changes.iter().map(|change| log.count(change, tool.id)).sum();
        let added = log.count("tool.added", tool.id);
        let holds = added == 1 && changed + 1 == usize::try_from(tool.version).unwrap_or(0);
        require(broken, holds, || {
            format!("{} has version {}, the log {added} + {changed}", tool.id, tool.version)
        });
    }
}
