//! Whom a notice means now.

use std::collections::BTreeSet;

use super::Audience;
use crate::approval::Selector;
use crate::delegation::Delegations;
use crate::documents::{self, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people::{Membership, Person, Role};
use crate::ports::{MAX_PAGE, Store};
use crate::time::Timestamp;

/// Most people told by one notice. Whoever decides for a larger group sees in the queue what waits.
pub(super) const MAX_RECIPIENTS: usize = 200;

/// People whom an audience means now; at most [`MAX_RECIPIENTS`].
pub(super) async fn people(
    store: &impl Store,
    audience: &Audience,
    now: Timestamp,
) -> Result<BTreeSet<PersonId>, Failure> {
    let mut people = BTreeSet::new();
    match audience {
        Audience::Person(person) => {
            people.insert(*person);
        }
        Audience::Approvers(selectors) => {
            for selector in selectors {
                add_selected(store, *selector, &mut people).await?;
            }
            add_delegates(store, &mut people, now).await?;
        }
        Audience::Auditors => add_role(store, Role::Auditor, &mut people).await?,
        Audience::Administrators => add_role(store, Role::Administrator, &mut people).await?,
        Audience::Issue => {}
    }
    while people.len() > MAX_RECIPIENTS {
        people.pop_last();
    }
    Ok(people)
}

/// Adds those who stand in for somebody who is meant.
async fn add_delegates(
    store: &impl Store,
    people: &mut BTreeSet<PersonId>,
    now: Timestamp,
) -> Result<(), Failure> {
    let meant: Vec<PersonId> = people.iter().take(MAX_RECIPIENTS).copied().collect();
    for person in meant {
        let delegations = Delegations::load(store, person).await?;
        people.extend(delegations.iter().flat_map(|delegations| delegations.delegates(now)));
    }
    Ok(())
}

async fn add_role(store: &impl Store, role: Role, people: &mut BTreeSet<PersonId>) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let page =
            documents::list::<Person>(store, Select::by(&Person::BY_STATUS, ["active"]), &paging).await?;
        people.extend(page.items.iter().filter(|person| person.role == role).map(|person| person.id));
        after = page.next;
        if after.is_none() || people.len() >= MAX_RECIPIENTS {
            return Ok(());
        }
    }
}

async fn add_selected(
    store: &impl Store,
    selector: Selector,
    people: &mut BTreeSet<PersonId>,
) -> Result<(), Failure> {
    match selector {
        Selector::Person(person) => {
            people.insert(person);
        }
        Selector::Group(group) => {
            let mut after = None;
            loop {
                let paging = Paging { after, limit: Some(MAX_PAGE) };
                let select = Select::by(&Membership::BY_GROUP, [group]);
                let members = documents::list::<Membership>(store, select, &paging).await?;
                people.extend(members.items.iter().map(|membership| membership.person));
                after = members.next;
                if after.is_none() || people.len() >= MAX_RECIPIENTS {
                    return Ok(());
                }
            }
        }
        Selector::Owner(tool) => {
            if let Some(tool) = load::<crate::catalog::Tool>(store, &tool.to_string()).await? {
                people.extend(&tool.owners);
            }
        }
    }
    Ok(())
}
