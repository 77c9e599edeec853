use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{Ownership, Tool};
use crate::delegation::Delegations;
use crate::documents::{self, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::{GroupId, PersonId};
use crate::people::{Membership, Person};
use crate::policy::{Approvers, PlannedStage, Quorum, Snapshot};
use crate::ports::Store;
use crate::refusal::{Code, Refusal};
use crate::request::{Course, OpenStage, Request};
use crate::settings::Settings;
use crate::time::Timestamp;

use super::selector::Selector;

/// Most people looked at to see whether a stage can be decided, and most of a quorum of all.
const MAX_PEOPLE: usize = 50;

/// What turns a stage's approvers into people: the site's settings, the tool, and the requester's manager.
#[derive(Debug, Clone, Copy)]
pub struct Circle<'a> {
    /// Names the groups of security and of approving administrators.
    pub settings: &'a Settings,
    /// Names the owners.
    pub tool: &'a Tool,
    /// The requester's manager, as it was when they asked.
    pub manager: Option<PersonId>,
    /// When it was asked: nobody decides because of what they did themself later. None when it is asked only now.
    pub asked_at: Option<Timestamp>,
}

impl<'a> Circle<'a> {
    /// The circle of a request that is being asked, with this snapshot.
    pub fn new(settings: &'a Settings, tool: &'a Tool, snapshot: &Snapshot) -> Self {
        Self { settings, tool, manager: snapshot.manager, asked_at: None }
    }

    /// The circle of a request that was asked.
    pub fn of(settings: &'a Settings, tool: &'a Tool, request: &Request) -> Self {
        Self { asked_at: Some(request.submitted_at), ..Self::new(settings, tool, &request.snapshot) }
    }

    /// Under what the approver's queue finds a stage; none for the manager of somebody who has none.
    pub fn selector(&self, approvers: Approvers) -> Option<Selector> {
        Some(match approvers {
            Approvers::Person(person) => Selector::Person(person),
            Approvers::Group(group) => Selector::Group(group),
            Approvers::Security => Selector::Group(self.settings.security),
            Approvers::Administrators => Selector::Group(self.settings.administrators),
            Approvers::ToolOwners => Selector::Owner(self.tool.id),
            Approvers::Manager => Selector::Person(self.manager?),
        })
    }

    /// Under what approvers' queues find a stage, each once.
    pub fn selectors<'b>(&self, approvers: impl IntoIterator<Item = &'b Approvers>) -> BTreeSet<Selector> {
        approvers.into_iter().filter_map(|approvers| self.selector(*approvers)).collect()
    }

    /// Whether these approvers mean this person, with the groups, settings and owners of now.
    pub fn means<'b>(&self, approvers: impl IntoIterator<Item = &'b Approvers>, person: &Person) -> bool {
        person.is_active()
            && self.selectors(approvers).into_iter().any(|selector| match selector {
                Selector::Person(id) => id == person.id,
                Selector::Group(group) => person.groups.contains(&group),
                Selector::Owner(_) => self.tool.owners.contains(&person.id),
            })
    }

    /// Whether these approvers mean somebody only because of what they did themself since it was asked, or agreed to.
    pub async fn means_by_own_doing<'b>(
        &self,
        store: &impl Store,
        approvers: impl IntoIterator<Item = &'b Approvers>,
        person: &Person,
    ) -> Result<bool, Failure> {
        let mut meant = false;
        for approvers in approvers {
            let Some(selector) = self.selector(*approvers) else { continue };
            let by_own_doing = match selector {
                Selector::Person(id) if id == person.id => false,
                Selector::Group(group) if person.groups.contains(&group) => {
                    let membership = load::<Membership>(store, &Membership::key_of(group, person.id)).await?;
                    self.was_named_by(*approvers, person.id)
                        || membership.is_some_and(|membership| self.joined_by_themself(&membership))
                }
                Selector::Owner(_) if self.tool.owners.contains(&person.id) => {
                    self.owns_by_themself(store, person.id).await?
                }
                Selector::Person(_) | Selector::Group(_) | Selector::Owner(_) => continue,
            };
            if !by_own_doing {
                return Ok(false);
            }
            meant = true;
        }
        Ok(meant)
    }

    /// Whether somebody named the group that settings mean by these approvers since it was asked, or agreed to that.
    fn was_named_by(&self, approvers: Approvers, person: PersonId) -> bool {
        let by_settings = matches!(approvers, Approvers::Security | Approvers::Administrators);
        let named = self.settings.groups_named.as_ref().filter(|_| by_settings);
        named.is_some_and(|named| self.is_later(named.at) && named.by.contains(&person))
    }

    fn joined_by_themself(&self, membership: &Membership) -> bool {
        self.is_later(membership.since) && membership.added_by.contains(&membership.person)
    }

    async fn owns_by_themself(&self, store: &impl Store, owner: PersonId) -> Result<bool, Failure> {
        if self.asked_at.is_none() {
            return Ok(false);
        }
        let ownership = load::<Ownership>(store, &Ownership::key_of(owner, self.tool.id)).await?;
        Ok(ownership.is_some_and(|owned| {
            owned.added_at.is_some_and(|at| self.is_later(at)) && owned.added_by.contains(&owner)
        }))
    }

    fn is_later(&self, at: Timestamp) -> bool {
        self.asked_at.is_some_and(|asked| at > asked)
    }

    /// People whom these approvers mean and who may decide therefore, without some; of each group at most [`MAX_PEOPLE`].
    pub(crate) async fn people<'b>(
        &self,
        store: &impl Store,
        approvers: impl IntoIterator<Item = &'b Approvers>,
        without: &BTreeSet<PersonId>,
    ) -> Result<BTreeSet<PersonId>, Failure> {
        let mut people = BTreeSet::new();
        for approvers in approvers {
            match self.selector(*approvers) {
                None => {}
                Some(Selector::Person(person)) => add_active(store, person, &mut people).await?,
                Some(Selector::Owner(_)) => {
                    for owner in &self.tool.owners {
                        if !self.owns_by_themself(store, *owner).await? {
                            add_active(store, *owner, &mut people).await?;
                        }
                    }
                }
                Some(Selector::Group(group)) => {
                    let members = members_of(store, group).await?;
                    let may = members.iter().filter(|membership| {
                        !self.joined_by_themself(membership)
                            && !self.was_named_by(*approvers, membership.person)
                    });
                    people.extend(may.map(|membership| membership.person));
                }
            }
        }
        people.retain(|person| !without.contains(person));
        Ok(people)
    }
}

async fn add_active(
    store: &impl Store,
    id: PersonId,
    people: &mut BTreeSet<PersonId>,
) -> Result<(), Failure> {
    let person: Option<Loaded<Person>> = load(store, &id.to_string()).await?;
    if person.is_some_and(|person| person.is_active()) {
        people.insert(id);
    }
    Ok(())
}

async fn members_of(store: &impl Store, group: GroupId) -> Result<Vec<Loaded<Membership>>, Failure> {
    let paging = Paging { after: None, limit: u16::try_from(MAX_PEOPLE).ok() };
    let select = Select::by(&Membership::BY_GROUP, [group]);
    Ok(documents::list::<Membership>(store, select, &paging).await?.items)
}

fn to_administrators(stage: PlannedStage) -> PlannedStage {
    PlannedStage {
        name: stage.name,
        approvers: BTreeSet::from([Approvers::Administrators]),
        quorum: Quorum::Any,
        timeout_days: None,
        fallback: BTreeSet::new(),
        escalation: None,
        reminder_days: stage.reminder_days,
    }
}

fn enough(quorum: Quorum, people: usize) -> bool {
    match quorum {
        Quorum::Any | Quorum::All => people >= 1,
        Quorum::AtLeast(number) => people >= usize::from(number.max(1)),
    }
}

/// Who decides nothing that somebody asks for: whoever asks, and those who stand in for them now.
pub async fn excluded(
    store: &impl Store,
    requester: PersonId,
    now: Timestamp,
) -> Result<BTreeSet<PersonId>, Failure> {
    let delegations = Delegations::load(store, requester).await?;
    let mut excluded = delegations.map(|delegations| delegations.delegates(now)).unwrap_or_default();
    excluded.insert(requester);
    Ok(excluded)
}

/// The stages of a new request, such that each can be decided by somebody: one that nobody could decide falls to administrators, and two
/// that ask the same of the same people are one.
///
/// # Errors
/// [`Code::NoEligibleApprover`] when even then no different people could decide the different stages.
pub async fn settle_stages(
    store: &impl Store,
    circle: Circle<'_>,
    without: &BTreeSet<PersonId>,
    stages: Vec<PlannedStage>,
) -> Result<Vec<PlannedStage>, Failure> {
    let mut settled: Vec<PlannedStage> = Vec::with_capacity(stages.len());
    let mut people_of = BTreeMap::new();
    for stage in stages {
        let mut people = circle.people(store, &stage.approvers, without).await?;
        let stage = if enough(stage.quorum, people.len()) {
            stage
        } else {
            let stage = to_administrators(stage);
            people = circle.people(store, &stage.approvers, without).await?;
            stage
        };
        if people.is_empty() {
            return Err(nobody(&stage));
        }
        if !settled.iter().any(|known| known.asks_the_same(&stage)) {
            people_of.insert(settled.len(), people);
            settled.push(stage);
        }
    }
    match first_unfilled(&people_of) {
        Some(number) => {
            Err(settled.get(number).map_or_else(|| Failure::Defect("no such stage".to_owned()), nobody))
        }
        None => Ok(settled),
    }
}

fn nobody(stage: &PlannedStage) -> Failure {
    let message = format!(
        "nobody could decide the stage `{}`: a requester never decides, and nobody decides two stages; \
         ask an administrator to name more approvers",
        stage.name
    );
    Refusal::new(Code::NoEligibleApprover, message).with("stage", &stage.name).into()
}

/// The first stage that finds nobody when each stage needs somebody of its own; stages are few, so augmenting paths do.
fn first_unfilled(people_of: &BTreeMap<usize, BTreeSet<PersonId>>) -> Option<usize> {
    fn seat(
        stage: usize,
        people_of: &BTreeMap<usize, BTreeSet<PersonId>>,
        seated: &mut BTreeMap<PersonId, usize>,
        tried: &mut BTreeSet<PersonId>,
    ) -> bool {
        for person in people_of.get(&stage).into_iter().flatten() {
            if !tried.insert(*person) {
                continue;
            }
            let free = match seated.get(person).copied() {
                None => true,
                Some(other) => seat(other, people_of, seated, tried),
            };
            if free {
                seated.insert(*person, stage);
                return true;
            }
        }
        false
    }
    let mut seated = BTreeMap::new();
    people_of.keys().copied().find(|stage| !seat(*stage, people_of, &mut seated, &mut BTreeSet::new()))
}

/// Opens a stage: whoever it means now, without the requester and those who decided before; with nobody left it falls to administrators.
pub async fn open_stage(
    store: &impl Store,
    circle: Circle<'_>,
    without: &BTreeSet<PersonId>,
    number: u8,
    plan: PlannedStage,
    opened_at: Timestamp,
) -> Result<OpenStage, Failure> {
    let mut people = circle.people(store, &plan.approvers, without).await?;
    let plan = if enough(plan.quorum, people.len()) {
        plan
    } else {
        let plan = to_administrators(plan);
        people = circle.people(store, &plan.approvers, without).await?;
        plan
    };
    let required = match plan.quorum {
        Quorum::Any => 1,
        Quorum::AtLeast(number) => u32::from(number.max(1)),
        Quorum::All => u32::try_from(people.len().max(1)).unwrap_or(u32::MAX),
    };
    Ok(OpenStage {
        number,
        plan,
        required,
        opened_at,
        counted_from: opened_at,
        course: Course::Planned,
        reminded_at: None,
        stranded_since: None,
        approvals: Vec::new(),
        queue: Vec::new(),
    })
}
