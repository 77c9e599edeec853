//! Who decides a review: tool owners or whom the settings name, never the holder; with nobody left, administrators.

use std::collections::BTreeSet;

use crate::approval::{Circle, Selector};
use crate::catalog::Tool;
use crate::documents::{self, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::{GroupId, PersonId};
use crate::people::{Membership, Person};
use crate::policy::Approvers;
use crate::ports::Store;
use crate::settings::Settings;

/// Whether a review under this selector is this person's to decide, with the groups and owners of now.
pub(super) fn means(selector: Selector, tool: &Tool, holder: PersonId, person: &Person) -> bool {
    person.is_active()
        && person.id != holder
        && match selector {
            Selector::Person(id) => id == person.id,
            Selector::Group(group) => person.groups.contains(&group),
            Selector::Owner(_) => tool.owners.contains(&person.id),
        }
}

/// Who decides reviews of access to one tool.
#[derive(Debug)]
pub(crate) struct Reviewers {
    /// Whom the settings name for the tool's risk, or its owners; none for the manager of somebody who has none.
    named: Option<Selector>,
    /// Of these, people who could decide. A group's members may lag on some hosts; then the next look finds them.
    able: BTreeSet<PersonId>,
    administrators: GroupId,
}

impl Reviewers {
    /// Whether a holder's manager decides.
    pub(crate) fn are_managers(settings: &Settings, tool: &Tool) -> bool {
        settings.reviews.reviewers.get(&tool.risk) == Some(&Approvers::Manager)
    }

    /// Of a tool; the manager is the holder's.
    pub(crate) async fn load(
        store: &impl Store,
        settings: &Settings,
        tool: &Tool,
        manager: Option<PersonId>,
    ) -> Result<Self, Failure> {
        let circle = Circle { settings, tool, manager, asked_at: None };
        let named = settings.reviews.reviewers.get(&tool.risk).copied().unwrap_or(Approvers::ToolOwners);
        let able = circle.people(store, [&named], &BTreeSet::new()).await?;
        let named = circle.selector(named);
        Ok(Self { named, able, administrators: settings.administrators })
    }

    /// Under what the review of somebody's access is to be found: administrators when nobody of the others could decide.
    pub(crate) fn of(&self, holder: PersonId) -> Selector {
        let anybody = self.able.iter().any(|person| *person != holder);
        self.named.filter(|_| anybody).unwrap_or(Selector::Group(self.administrators))
    }
}

/// Under what a review is to be found: whom the settings name for the tool's risk, or its owners; administrators when nobody of them could decide.
pub(super) async fn reviewer_of(
    store: &impl Store,
    settings: &Settings,
    tool: &Tool,
    holder: PersonId,
) -> Result<Selector, Failure> {
    let manager = if Reviewers::are_managers(settings, tool) {
        load::<Person>(store, &holder.to_string()).await?.and_then(|holder| holder.manager)
    } else {
        None
    };
    Ok(Reviewers::load(store, settings, tool, manager).await?.of(holder))
}

/// Whether two or more are meant, so that somebody can decide whoever has the access.
pub(super) async fn are_several(store: &impl Store, selector: Selector) -> Result<bool, Failure> {
    Ok(match selector {
        Selector::Person(_) => false,
        Selector::Group(group) => {
            let paging = Paging { after: None, limit: Some(2) };
            let select = Select::by(&Membership::BY_GROUP, [group]);
            documents::list::<Membership>(store, select, &paging).await?.items.len() > 1
        }
        Selector::Owner(tool) => {
            load::<Tool>(store, &tool.to_string()).await?.is_some_and(|tool| tool.owners.len() > 1)
        }
    })
}
