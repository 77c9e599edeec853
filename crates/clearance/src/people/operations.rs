//! `people.list`, `people.get`, `people_groups.list`, `people_groups.put`.

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Group, GroupRef, Names, Person, PersonRef, Role};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Approver, Auditor, Console, Owner, Requester};
use crate::authorization::CallerKinds;
use crate::documents::{self, Change, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::{GroupId, PersonId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{Ports, Store};
use crate::refusal::not_found;
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

pub(super) async fn view<S: Store>(names: &mut Names<'_, S>, person: &Person) -> Result<PersonView, Failure> {
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

/// What `people.get` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PersonAnswer {
    /// The person as stored now.
    pub person: PersonView,
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
