use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::Tool;
use crate::delegation::Delegations;
use crate::documents::{self, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::{GroupId, PersonId};
use crate::people::{Membership, Person};
use crate::policy::{Approvers, PlannedStage, Quorum, Snapshot};
use crate::ports::Store;
use crate::refusal::{Code, Refusal};
use crate::request::{Course, OpenStage};
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
}

impl<'a> Circle<'a> {
    /// The circle of a request with this snapshot.
    pub fn new(settings: &'a Settings, tool: &'a Tool, snapshot: &Snapshot) -> Self {
        Self { settings, tool, manager: snapshot.manager }
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

    /// People whom these approvers mean, without some; of each group at most [`MAX_PEOPLE`].
    pub(crate) async fn people<'b>(
        &self,
        store: &impl Store,
        approvers: impl IntoIterator<Item = &'b Approvers>,
        without: &BTreeSet<PersonId>,
    ) -> Result<BTreeSet<PersonId>, Failure> {
        let mut people = BTreeSet::new();
        for selector in self.selectors(approvers) {
            match selector {
                Selector::Person(person) => add_active(store, person, &mut people).await?,
                Selector::Owner(_) => {
                    for owner in &self.tool.owners {
                        add_active(store, *owner, &mut people).await?;
                    }
                }
                Selector::Group(group) => add_members(store, group, &mut people).await?,
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

async fn add_members(
    store: &impl Store,
    group: GroupId,
    people: &mut BTreeSet<PersonId>,
) -> Result<(), Failure> {
    let paging = Paging { after: None, limit: u16::try_from(MAX_PEOPLE).ok() };
    let members =
        documents::list::<Membership>(store, Select::by(&Membership::BY_GROUP, [group]), &paging).await?;
    people.extend(members.items.iter().map(|membership| membership.person));
    Ok(())
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
