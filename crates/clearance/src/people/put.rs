//! `people.put`.

use std::collections::BTreeSet;

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::guards::{change_memberships, keep_an_administrator, require_groups, reserve_address};
use super::operations::{PersonView, view};
use super::standing::{StandingChange, gains};
use super::{Names, Person, PersonStatus, Role};
use crate::audit::{Actor, EventKind};
use crate::authorization::CallerKind::{Administrator, Console};
use crate::authorization::CallerKinds;
use crate::documents::{Change, Loaded, load};
use crate::failure::Failure;
use crate::ids::{GroupId, PersonId};
use crate::notices::{self, Wider};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{Moment, Ports, Store};
use crate::proposal::{self, Agreed, ProposalView, Proposed, close_about, judged, needs_second, propose};
use crate::refusal::{Code, Refusal, malformed, not_found};
use crate::settings::{self, Settings};
use crate::text::{EmailAddress, Line};

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
pub struct PutPersonAnswer {
    /// The person as stored now.
    pub person: PersonView,
    /// What of it waits for a second administrator, because somebody would get more than now, or others would decide.
    pub proposal: Option<ProposalView>,
}

impl Operation for Put {
    const NAME: &'static str = "people.put";
    const SUMMARY: &'static str = "Add or change a person; what gives more than now is proposed";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = PutPerson;
    type Output = PutPersonAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PutPerson,
    ) -> Result<Decision<Self::Output>, Failure> {
        let (store, moment, by) = (context.store(), &context.moment, context.admission.actor()?);
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
        let settings = settings::current(store).await?;
        let wanted = decide(context, &settings, before.as_ref(), input);
        check_manager(store, input, &wanted).await?;
        let gains = gains(store, &settings, (before.as_deref(), &wanted), moment.now).await?;
        let mut change = Change::new();
        let in_use = !gains.is_empty() && needs_second(store, &mut change).await?;
        // Leaving never waits, whoever decides afterwards.
        let waits = in_use && wanted.is_active();
        let kept = if waits { keep(&settings, before.as_ref(), &wanted, by) } else { wanted.clone() };
        let standing = StandingChange::between(&kept, &wanted);
        if !wanted.is_active() {
            close_about(store, &mut change, moment, by, &Proposed::about_person(wanted.id)).await?;
        }
        let wider = !gains.is_empty() && kept.stands_otherwise(before.as_deref());
        let writing = Writing { before: before.as_ref(), person: &kept, agreed: Agreed::alone(by), wider };
        writing.write(store, &mut change, moment).await?;
        if wider && in_use {
            notices::wider(&mut change, moment, Wider::Person(kept.id));
        }
        let proposal = if standing.is_nothing() {
            None
        } else {
            // Refused now if it would be refused then.
            keep_an_administrator(store, &mut Change::new(), before.as_ref(), &wanted).await?;
            require_groups(store, &standing.joins).await?;
            standing.require_few()?;
            let proposed = Proposed::ChangePerson { person: kept.id, standing, gains };
            let proposal = propose(store, &mut change, moment, by, proposed).await?;
            Some(proposal::operations::view(context, &proposal).await?)
        };
        let mut names = Names::new(store);
        names.know_person(&kept);
        let person = view(&mut names, &kept).await?;
        Ok(Decision::change(PutPersonAnswer { person, proposal }, change))
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

/// Does what was proposed, to the person as they are now.
///
/// # Errors
/// [`Code::PersonDeactivated`] when they left meanwhile, [`Code::ProposalOutdated`] when nothing of it is left to do.
pub(crate) async fn change_confirmed<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    (person, standing): (PersonId, &StandingChange),
    agreed: Agreed,
) -> Result<(), Failure> {
    let (store, moment) = (context.store(), &context.moment);
    let before = load::<Person>(store, &person.to_string()).await?.ok_or_else(|| not_found("person"))?;
    if before.is_being_erased() || !(before.is_active() || standing.returns) {
        return Err(Refusal::new(Code::PersonDeactivated, "this person has left").into());
    }
    let person = standing.applied(&before, moment.now);
    if !person.stands_otherwise(Some(&before)) {
        let message = "nothing of this is left to do; withdraw it";
        return Err(Refusal::new(Code::ProposalOutdated, message).into());
    }
    let settings = settings::current(store).await?;
    let wider = !gains(store, &settings, (Some(&before), &person), moment.now).await?.is_empty();
    Writing { before: Some(&before), person: &person, agreed, wider }.write(store, change, moment).await?;
    if wider {
        notices::wider(change, moment, Wider::Person(person.id));
    }
    Ok(())
}

/// The person as they are until somebody else agrees: their name and address are changed, their standing is as it was.
fn keep(settings: &Settings, before: Option<&Loaded<Person>>, wanted: &Person, by: Actor) -> Person {
    let mut kept = Person { name: wanted.name.clone(), email: wanted.email.clone(), ..wanted.clone() };
    match before {
        None => (kept.role, kept.groups) = (Role::Member, BTreeSet::new()),
        Some(before) => {
            (kept.role, kept.role_changed_at) = (before.role, before.role_changed_at);
            (kept.groups, kept.status) = (before.groups.clone(), before.status);
        }
    }
    // Where nobody can sign in any more, the host's command line is the way back; the auditors are told.
    let appoints = wanted.role == Role::Administrator && kept.role != Role::Administrator;
    if by == Actor::Console && appoints {
        (kept.role, kept.role_changed_at) = (wanted.role, wanted.role_changed_at);
        kept.status = wanted.status;
        kept.groups.insert(settings.administrators);
    }
    kept
}

/// A person as they are and as they are stored.
struct Writing<'a> {
    before: Option<&'a Loaded<Person>>,
    person: &'a Person,
    agreed: Agreed,
    wider: bool,
}

impl Writing<'_> {
    async fn write(&self, store: &impl Store, change: &mut Change, moment: &Moment) -> Result<(), Failure> {
        let Self { before, person, agreed, wider } = *self;
        reserve_address(store, change, before, person).await?;
        keep_an_administrator(store, change, before, person).await?;
        change_memberships(store, change, before, person, (&agreed.people(), moment.now)).await?;
        let event = match before {
            None => EventKind::PersonAdded,
            Some(before) if before.is_active() && !person.is_active() => EventKind::PersonDeactivated,
            Some(_) => EventKind::PersonChanged,
        };
        let facts = status_facts(person).into_iter().chain(judged(wider, agreed.confirmed_by));
        change.record(moment.now, &agreed.by, event, Value::object(facts));
        change.upsert(before, person);
        Ok(())
    }
}

/// What the log says of a person who was added, changed or deactivated.
pub(crate) fn status_facts(person: &Person) -> Vec<(&'static str, Value)> {
    let groups = person.groups.iter().map(|group| Value::from(group.to_string())).collect();
    vec![
        ("person", Value::from(person.id.to_string())),
        ("role", Value::from(person.role.as_str())),
        ("groups", Value::Array(groups)),
        ("manager", person.manager.map_or(Value::Null, |manager| Value::from(manager.to_string()))),
        ("status", Value::from(person.status_name())),
    ]
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
