//! What a site knows now of whom and what policies name.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Facts, ToolFacts};
use super::rule::{Approvers, Effect, PlacedRule, StageRule};
use crate::catalog::Tool;
use crate::delegation::Delegations;
use crate::documents::{Select, all, load};
use crate::failure::Failure;
use crate::ids::{GroupId, PersonId, ToolId};
use crate::people::{Group, Membership, Person};
use crate::ports::Store;
use crate::settings;
use crate::time::Timestamp;

/// The facts on which lint and widening of these rules rest.
pub async fn site_facts<'a>(
    store: &impl Store,
    rules: impl IntoIterator<Item = &'a PlacedRule>,
    now: Timestamp,
) -> Result<Facts, Failure> {
    let mut facts = people_facts(store, rules).await?;
    facts.tools = tools(store).await?;
    facts.delegates = delegates(store, now).await?;
    Ok(facts)
}

/// The same without the catalogue and who stands in for whom.
pub(crate) async fn people_facts<'a>(
    store: &impl Store,
    rules: impl IntoIterator<Item = &'a PlacedRule>,
) -> Result<Facts, Failure> {
    let settings = settings::current(store).await?;
    let mut named_people = BTreeSet::new();
    let mut deciding = BTreeSet::from([settings.security, settings.administrators]);
    let mut asking = BTreeSet::new();
    for placed in rules {
        asking.extend(placed.rule.when.requester_groups.iter().flatten().copied());
        let Effect::RequireStages { stages } = &placed.rule.then else { continue };
        for approvers in stages.iter().flat_map(StageRule::names) {
            match approvers {
                Approvers::Person(person) => {
                    named_people.insert(*person);
                }
                Approvers::Group(group) => {
                    deciding.insert(*group);
                }
                Approvers::ToolOwners
                | Approvers::Manager
                | Approvers::Security
                | Approvers::Administrators => {}
            }
        }
    }
    let mut people = BTreeMap::new();
    for person in named_people {
        if let Some(active) = is_active(store, person).await? {
            people.insert(person, active);
        }
    }
    let mut groups = BTreeMap::new();
    for group in asking.union(&deciding).copied() {
        if load::<Group>(store, &group.to_string()).await?.is_none() {
            continue;
        }
        let members = if deciding.contains(&group) { members(store, group).await? } else { BTreeSet::new() };
        groups.insert(group, members);
    }
    let (security, administrators) = (settings.security, settings.administrators);
    let (tools, delegates) = (BTreeMap::new(), BTreeMap::new());
    Ok(Facts { tools, people, groups, security, administrators, delegates })
}

async fn delegates(
    store: &impl Store,
    now: Timestamp,
) -> Result<BTreeMap<PersonId, BTreeSet<PersonId>>, Failure> {
    let all = all::<Delegations>(store, Select::all()).await?;
    let given = all.iter().map(|own| (own.person, own.delegates(now)));
    Ok(given.filter(|(_, delegates)| !delegates.is_empty()).collect())
}

async fn is_active(store: &impl Store, person: PersonId) -> Result<Option<bool>, Failure> {
    Ok(load::<Person>(store, &person.to_string()).await?.map(|person| person.is_active()))
}

async fn members(store: &impl Store, group: GroupId) -> Result<BTreeSet<PersonId>, Failure> {
    let members = all::<Membership>(store, Select::by(&Membership::BY_GROUP, [group])).await?;
    Ok(members.iter().map(|membership| membership.person).collect())
}

async fn tools(store: &impl Store) -> Result<BTreeMap<ToolId, ToolFacts>, Failure> {
    let (mut tools, mut active) = (BTreeMap::new(), BTreeMap::new());
    for tool in all::<Tool>(store, Select::by(&Tool::BY_NAME, ["all"])).await? {
        tools.insert(tool.id, facts_of(store, &tool, &mut active).await?);
    }
    Ok(tools)
}

/// What policy sees of a tool.
pub(crate) async fn tool_facts(store: &impl Store, tool: &Tool) -> Result<ToolFacts, Failure> {
    facts_of(store, tool, &mut BTreeMap::new()).await
}

async fn facts_of(
    store: &impl Store,
    tool: &Tool,
    active: &mut BTreeMap<PersonId, bool>,
) -> Result<ToolFacts, Failure> {
    let mut owners = BTreeSet::new();
    for owner in &tool.owners {
        let known = match active.get(owner) {
            Some(known) => *known,
            None => is_active(store, *owner).await? == Some(true),
        };
        active.insert(*owner, known);
        if known {
            owners.insert(*owner);
        }
    }
    Ok(ToolFacts {
        risk: tool.risk,
        status: tool.status,
        tags: tool.tags.clone(),
        data_classes: tool.data_classes.clone(),
        owners,
        max_days: tool.max_days,
        review_days: tool.review_days,
    })
}
