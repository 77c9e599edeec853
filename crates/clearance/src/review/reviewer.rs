//! Who decides a review: tool owners or whom the settings name, never the holder; with nobody left, administrators.

use super::document::Review;
use crate::approval::{Circle, Selector};
use crate::catalog::Tool;
use crate::documents::{self, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::PersonId;
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

/// Whether a review is this person's to decide.
pub(crate) fn may_review(review: &Review, tool: &Tool, person: &Person) -> bool {
    means(review.reviewer, tool, review.person, person)
}

/// Under what a review is to be found: whom the settings name for the tool's risk, or its owners; administrators when nobody of them could decide.
pub(super) async fn reviewer_of(
    store: &impl Store,
    settings: &Settings,
    tool: &Tool,
    holder: PersonId,
) -> Result<Selector, Failure> {
    let manager = load::<Person>(store, &holder.to_string()).await?.and_then(|holder| holder.manager);
    let circle = Circle { settings, tool, manager };
    let named = settings.reviews.reviewers.get(&tool.risk).copied().unwrap_or(Approvers::ToolOwners);
    if let Some(selector) = circle.selector(named)
        && is_anybody(store, selector, tool, holder).await?
    {
        return Ok(selector);
    }
    Ok(Selector::Group(settings.administrators))
}

/// Whether somebody active other than the holder is meant. A group's members may lag on some hosts; then the next look finds them.
async fn is_anybody(
    store: &impl Store,
    selector: Selector,
    tool: &Tool,
    holder: PersonId,
) -> Result<bool, Failure> {
    match selector {
        Selector::Person(person) => is_active(store, person, holder).await,
        Selector::Owner(_) => {
            for owner in &tool.owners {
                if is_active(store, *owner, holder).await? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Selector::Group(group) => {
            // Whoever leaves leaves every group: one member other than the holder is enough.
            let paging = Paging { after: None, limit: Some(2) };
            let members =
                documents::list::<Membership>(store, Select::by(&Membership::BY_GROUP, [group]), &paging)
                    .await?;
            Ok(members.items.iter().any(|membership| membership.person != holder))
        }
    }
}

async fn is_active(store: &impl Store, person: PersonId, holder: PersonId) -> Result<bool, Failure> {
    if person == holder {
        return Ok(false);
    }
    Ok(load::<Person>(store, &person.to_string()).await?.is_some_and(|person| person.is_active()))
}
