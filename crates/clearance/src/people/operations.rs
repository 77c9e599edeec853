//! `people.list`, `people.put`, `people_groups.list`, `people_groups.put`.

use std::collections::BTreeSet;

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::guards::{change_memberships, keep_an_administrator, reserve_address};
use super::{Group, GroupRef, Names, Person, PersonRef, PersonStatus, Role};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Approver, Auditor, Console, Owner, Requester};
use crate::authorization::CallerKinds;
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::{GroupId, PersonId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{Ports, Store};
use crate::refusal::{Code, Refusal, malformed, not_found};
use crate::settings::Settings;
use crate::text::{EmailAddress, Line};

/// A person as administrators and auditors see them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PersonView {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: Line,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Their role.
    pub role: Role,
    /// `active`, `leaving`, `left`, `erasing` or `erased`.
    pub status: String,
    /// Their groups.
    pub groups: Vec<GroupRef>,
    /// Their manager.
    pub manager: Option<PersonRef>,
}

async fn view<S: Store>(names: &mut Names<'_, S>, person: &Person) -> Result<PersonView, Failure> {
    let mut groups = Vec::with_capacity(person.groups.len());
    for group in &person.groups {
        groups.push(names.group(*group).await?);
    }
    Ok(PersonView {
        id: person.id,
        name: person.name.clone(),
        email: person.email.clone(),
        role: person.role,
        status: person.status_name().to_owned(),
        groups,
        manager: names.person_if(person.manager).await?,
    })
}

/// `people.list`.
#[derive(Debug)]
pub struct List;

/// What `people.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListPeople {
    /// Only people whose name begins with this.
    #[serde(default)]
    pub name: Option<Line>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "people.list";
    const SUMMARY: &'static str = "People by name";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = ListPeople;
    type Output = documents::List<PersonView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListPeople,
    ) -> Result<Decision<Self::Output>, Failure> {
        let mut select = Select::by(&Person::BY_NAME, ["all"]);
        if let Some(prefix) = &input.name {
            let prefix = prefix.as_str().to_lowercase();
            select = select.until(format!("{prefix}\u{10ffff}")).from(prefix);
        }
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let page = documents::list::<Person>(context.store(), select, &paging).await?;
        let mut names = Names::new(context.store());
        let mut items = Vec::with_capacity(page.items.len());
        for person in &page.items {
            items.push(view(&mut names, person).await?);
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

/// `people.get`.
#[derive(Debug)]
pub struct Get;

/// What `people.get` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetPerson {
    /// Who.
    pub person: PersonId,
}

impl Operation for Get {
    const NAME: &'static str = "people.get";
    const SUMMARY: &'static str = "One person";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = GetPerson;
    type Output = PersonAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GetPerson,
    ) -> Result<Decision<PersonAnswer>, Failure> {
        let person = load::<Person>(context.store(), &input.person.to_string()).await?;
        let person = person.ok_or_else(|| not_found("person"))?;
        let person = view(&mut Names::new(context.store()), &person).await?;
        Ok(Decision::answer(PersonAnswer { person }))
    }
}

/// `people.put`.
#[derive(Debug)]
pub struct Put;

/// What `people.put` takes: the whole person as it should be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutPerson {
    /// The person to change; none adds one.
    #[serde(default)]
    pub id: Option<PersonId>,
    /// Name as shown.
    pub name: Line,
    /// Address by which they sign in and are told things.
    #[serde(default)]
    pub email: Option<EmailAddress>,
    /// Role; `member` when not given.
    #[serde(default)]
    pub role: Option<Role>,
    /// Groups they are to be in; left as they are when not given.
    #[serde(default)]
    pub groups: Option<BTreeSet<GroupId>>,
    /// Their manager, who decides where policy asks a requester's manager; left as it is when not given, nobody when `null`.
    #[serde(default)]
    pub manager: PutManager,
    /// Whether they take part; left as it is when not given. Someone who left loses everything in flight and every grant.
    #[serde(default)]
    pub active: Option<bool>,
}

/// What becomes of somebody's manager.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PutManager {
    /// They stay as they are.
    #[default]
    Kept,
    /// Nobody.
    Nobody,
    /// This person.
    Person(PersonId),
}

impl<'de> Deserialize<'de> for PutManager {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Whoever is not given is not read, so `null` says nobody.
        Ok(Option::deserialize(deserializer)?.map_or(Self::Nobody, Self::Person))
    }
}

impl JsonSchema for PutManager {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PutManager".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<Option<PersonId>>()
    }
}

/// What `people.put` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PersonAnswer {
    /// The person as stored now.
    pub person: PersonView,
}

impl Operation for Put {
    const NAME: &'static str = "people.put";
    const SUMMARY: &'static str = "Add or change a person";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = PutPerson;
    type Output = PersonAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PutPerson,
    ) -> Result<Decision<Self::Output>, Failure> {
        let store = context.store();
        let before = match input.id {
            Some(id) => {
                Some(load::<Person>(store, &id.to_string()).await?.ok_or_else(|| not_found("person"))?)
            }
            None => None,
        };
        if before.as_ref().is_some_and(|person| person.is_being_erased()) {
            let message = "this person is erased; somebody who comes again is added as a new person";
            return Err(Refusal::new(Code::PersonErased, message).into());
        }
        let settings = crate::settings::current(store).await?;
        let person = decide(context, &settings, before.as_ref(), input);
        check_manager(store, input, &person).await?;
        let mut change = Change::new();
        reserve_address(store, &mut change, before.as_ref(), &person).await?;
        keep_an_administrator(store, &mut change, before.as_ref(), &person).await?;
        change_memberships(context, &mut change, before.as_ref(), &person).await?;
        let event = match &before {
            None => EventKind::PersonAdded,
            Some(before) if before.is_active() && !person.is_active() => EventKind::PersonDeactivated,
            Some(_) => EventKind::PersonChanged,
        };
        let facts = status_facts(&person);
        change.record(context.moment.now, &context.admission.actor()?, event, facts);
        change.upsert(before.as_ref(), &person);
        let person = view(&mut Names::new(store), &person).await?;
        Ok(Decision::change(PersonAnswer { person }, change))
    }
}

/// Refuses a manager who could not be one.
///
/// # Errors
/// Malformed for oneself; [`Code::UnknownReference`] for somebody who does not exist or has left.
async fn check_manager(store: &impl Store, input: &PutPerson, person: &Person) -> Result<(), Failure> {
    let PutManager::Person(manager) = input.manager else { return Ok(()) };
    if manager == person.id {
        return Err(malformed("manager", "must be somebody else").into());
    }
    let known = load::<Person>(store, &manager.to_string()).await?;
    if !known.is_some_and(|manager| manager.is_active()) {
        let message = "the manager does not exist or has left";
        return Err(Refusal::new(Code::UnknownReference, message).with("person", manager).into());
    }
    Ok(())
}

/// What the log says of a person who was added, changed or deactivated.
pub(crate) fn status_facts(person: &Person) -> Value {
    let groups = person.groups.iter().map(|group| Value::from(group.to_string())).collect();
    Value::object([
        ("person", Value::from(person.id.to_string())),
        ("role", Value::from(person.role.as_str())),
        ("groups", Value::Array(groups)),
        ("manager", person.manager.map_or(Value::Null, |manager| Value::from(manager.to_string()))),
        ("status", Value::from(person.status_name())),
    ])
}

/// The person as it should be stored.
fn decide<P: Ports>(
    context: &Context<'_, P>,
    settings: &Settings,
    before: Option<&Loaded<Person>>,
    input: &PutPerson,
) -> Person {
    let now = context.moment.now;
    let status = match (before.map(|person| person.status), input.active) {
        (None | Some(PersonStatus::Active), Some(false)) => PersonStatus::Leaving { since: now },
        (None, _) | (Some(_), Some(true)) => PersonStatus::Active,
        (Some(status), _) => status,
    };
    let active = matches!(status, PersonStatus::Active);
    // Who has left administers nothing and is in no group, hence in no approver set.
    let role = match (active, input.role) {
        (false, _) => Role::Member,
        (true, Some(role)) => role,
        (true, None) => before.map_or(Role::Member, |person| person.role),
    };
    let mut groups = match (active, &input.groups) {
        (false, _) => BTreeSet::new(),
        (true, Some(groups)) => groups.clone(),
        (true, None) => before.map(|person| person.groups.clone()).unwrap_or_default(),
    };
    // A new administrator joins the group of administrators who approve, so that a fresh site is not stranded; they may leave it again.
    let was = before.map_or(Role::Member, |person| person.role);
    if active && role == Role::Administrator && was != Role::Administrator {
        groups.insert(settings.administrators);
    }
    let changed = before.is_none_or(|person| person.role != role || person.is_active() != active);
    Person {
        id: before.map_or_else(|| PersonId::new(&context.moment, "person", 0), |person| person.id),
        name: input.name.clone(),
        email: input.email.clone(),
        role,
        role_changed_at: before.filter(|_| !changed).map_or(now, |person| person.role_changed_at),
        groups,
        manager: match input.manager {
            PutManager::Kept => before.and_then(|person| person.manager),
            PutManager::Nobody => None,
            PutManager::Person(manager) => Some(manager),
        },
        status,
    }
}

/// `people_groups.list`.
#[derive(Debug)]
pub struct ListGroups;

/// What `people_groups.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListGroupsInput {
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for ListGroups {
    const NAME: &'static str = "people_groups.list";
    const SUMMARY: &'static str = "Groups by name";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds =
        CallerKinds::of(&[Requester, Approver, Owner, Administrator, Auditor, Console]);
    type Input = ListGroupsInput;
    type Output = documents::List<GroupRef>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListGroupsInput,
    ) -> Result<Decision<Self::Output>, Failure> {
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let page =
            documents::list::<Group>(context.store(), Select::by(&Group::BY_NAME, ["all"]), &paging).await?;
        Ok(Decision::answer(page.map(|group| GroupRef { id: group.id, name: group.name.to_string() })))
    }
}

/// `people_groups.put`.
#[derive(Debug)]
pub struct PutGroup;

/// What `people_groups.put` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutGroupInput {
    /// The group to rename; none adds one.
    #[serde(default)]
    pub id: Option<GroupId>,
    /// Name as shown.
    pub name: Line,
}

/// What `people_groups.put` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GroupAnswer {
    /// The group as stored now.
    pub group: GroupRef,
}

impl Operation for PutGroup {
    const NAME: &'static str = "people_groups.put";
    const SUMMARY: &'static str = "Add or rename a group";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = PutGroupInput;
    type Output = GroupAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PutGroupInput,
    ) -> Result<Decision<GroupAnswer>, Failure> {
        let before = match input.id {
            Some(id) => Some(
                load::<Group>(context.store(), &id.to_string()).await?.ok_or_else(|| not_found("group"))?,
            ),
            None => None,
        };
        let id = before.as_ref().map_or_else(|| GroupId::new(&context.moment, "group", 0), |group| group.id);
        let group = Group { id, name: input.name.clone() };
        let mut change = Change::new();
        change.upsert(before.as_ref(), &group);
        let facts = Value::object([("group", Value::from(id.to_string()))]);
        change.record(context.moment.now, &context.admission.actor()?, EventKind::GroupChanged, facts);
        Ok(Decision::change(GroupAnswer { group: GroupRef { id, name: group.name.to_string() } }, change))
    }
}
