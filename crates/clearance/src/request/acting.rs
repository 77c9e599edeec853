//! Who can act on a request now, and since when.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::review::{Course, OpenStage};
use super::state::{Request, RequestState};
use crate::approval::{Circle, excluded};
use crate::catalog::Tool;
use crate::delegation::Delegations;
use crate::documents::load;
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people::{Names, PersonRef};
use crate::policy::Approvers;
use crate::ports::Store;
use crate::settings;
use crate::time::Timestamp;

/// Most people named: of large groups the name says enough.
const MAX_NAMED: usize = 20;

/// Somebody who can act.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ActorView {
    /// Who.
    pub person: PersonRef,
    /// For whom, if they stand in for somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<PersonRef>,
    /// Since when.
    pub since: Timestamp,
}

/// Who can act on a request now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WhoCanAct {
    /// People, by name; of many the first.
    pub people: Vec<ActorView>,
    /// Whether there are more.
    pub more: bool,
    /// Since when nobody at all can, and administrators know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stranded_since: Option<Timestamp>,
}

/// Whom the open stage means, in groups that came to it at the same time.
fn by_time(open: &OpenStage) -> Vec<(BTreeSet<Approvers>, Timestamp)> {
    match open.course {
        Course::Escalated { at } => {
            let added = open.plan.escalation.iter().flat_map(|escalation| escalation.approvers.clone());
            vec![(open.plan.approvers.clone(), open.opened_at), (added.collect(), at)]
        }
        course => vec![(open.approvers(), course.since().unwrap_or(open.opened_at))],
    }
}

/// Who can act on a request now: whoever its open stage means and has not decided, and those who stand in for them; or its requester, whose
/// answer it waits for. None when nothing is to be done.
pub async fn who_can_act<S: Store>(
    names: &mut Names<'_, S>,
    store: &S,
    request: &Request,
    now: Timestamp,
) -> Result<Option<WhoCanAct>, Failure> {
    let review = match &request.state {
        RequestState::Pending { review } => review,
        RequestState::NeedsInformation { .. } => {
            let since = request.exchanges.last().map_or(request.submitted_at, |exchange| exchange.asked_at);
            let person = names.person(request.requester).await?;
            let people = vec![ActorView { person, on_behalf_of: None, since }];
            return Ok(Some(WhoCanAct { people, more: false, stranded_since: None }));
        }
        _ => return Ok(None),
    };
    let settings = settings::current(store).await?;
    let Some(tool) = load::<Tool>(store, &request.tool.to_string()).await? else { return Ok(None) };
    let circle = Circle::of(&settings, &tool, request);
    let excluded = excluded(store, request.requester, now).await?;
    let deciders = review.deciders();
    // Whoever decided decides no more, nor does anybody for them; whoever stands in for the requester may still be stood in for.
    let mut without = deciders.clone();
    without.insert(request.requester);
    let mut own: BTreeMap<PersonId, Timestamp> = BTreeMap::new();
    for (approvers, since) in by_time(&review.open) {
        for person in circle.people(store, &approvers, &without).await? {
            own.entry(person).or_insert(since);
        }
    }
    let mut acting: BTreeMap<PersonId, (Option<PersonId>, Timestamp)> = BTreeMap::new();
    let decides = |person: &PersonId| !excluded.contains(person) && !deciders.contains(person);
    for (person, since) in own.iter().filter(|(person, _)| decides(person)) {
        acting.insert(*person, (None, *since));
    }
    for (person, since) in own.iter().take(MAX_NAMED) {
        let Some(delegations) = Delegations::load(store, *person).await? else { continue };
        for delegation in delegations.given.iter().filter(|delegation| delegation.is_active(now)) {
            if decides(&delegation.delegate) {
                let since = delegation.from.max(*since);
                acting.entry(delegation.delegate).or_insert((Some(*person), since));
            }
        }
    }
    let more = acting.len() > MAX_NAMED;
    let mut people = Vec::with_capacity(acting.len().min(MAX_NAMED));
    for (person, (on_behalf_of, since)) in acting.into_iter().take(MAX_NAMED) {
        let person = names.person(person).await?;
        people.push(ActorView { person, on_behalf_of: names.person_if(on_behalf_of).await?, since });
    }
    people.sort_by(|one, other| one.person.name.cmp(&other.person.name));
    Ok(Some(WhoCanAct { people, more, stranded_since: review.open.stranded_since }))
}
