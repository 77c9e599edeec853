//! `delegations.put`, `delegations.list`, `delegations.end`.

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::{Delegation, Delegations};
use super::leave;
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Approver, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::grant::operations::Whose;
use crate::ids::PersonId;
use crate::notices;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, Person, PersonRef, Role, Who};
use crate::ports::{Ports, Store};
use crate::refusal::{Code, Refusal, malformed, not_found};
use crate::text::Line;
use crate::time::{Days, Timestamp};

/// Longest time for which one delegation holds.
pub const MAX_DAYS: Days = Days::of(90);
/// Farthest into the future that a delegation may begin.
pub const MAX_DAYS_AHEAD: Days = Days::of(365);
/// People that one look for a delegate finds.
const MAX_CANDIDATES: u16 = 20;

/// A delegation as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DelegationView {
    /// For whom it is decided.
    pub delegator: PersonRef,
    /// Who decides.
    pub delegate: PersonRef,
    /// From when.
    pub from: Timestamp,
    /// Until when; not including it.
    pub until: Timestamp,
    /// Whether it holds now.
    pub active: bool,
    /// Who said so.
    pub put_by: Who,
    /// When.
    pub put_at: Timestamp,
    /// Whether the caller may end it.
    pub may_end: bool,
}

async fn view<S: Store>(
    names: &mut Names<'_, S>,
    delegation: &Delegation,
    now: Timestamp,
    may_end: bool,
) -> Result<DelegationView, Failure> {
    Ok(DelegationView {
        delegator: names.person(delegation.delegator).await?,
        delegate: names.person(delegation.delegate).await?,
        from: delegation.from,
        until: delegation.until,
        active: delegation.is_active(now),
        put_by: names.who(delegation.put_by).await?,
        put_at: delegation.put_at,
        may_end,
    })
}

/// What operations on one delegation answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DelegationAnswer {
    /// The delegation as stored now, or as it was when it ended.
    pub delegation: DelegationView,
}

/// `delegations.put`.
#[derive(Debug)]
pub struct Put;

/// What `delegations.put` takes. Of two people one stands in for the other at most once: a new delegation takes the place of the one before.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutDelegation {
    /// For whom it is to be decided; the caller when not given. Administrators may name somebody else.
    #[serde(default)]
    pub delegator: Option<PersonId>,
    /// Who is to decide.
    pub delegate: PersonId,
    /// From when; from now on when not given.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// Until when: at most 90 days later.
    pub until: Timestamp,
}

impl PutDelegation {
    /// From when to when, within bounds.
    fn span(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), Refusal> {
        // What began in the past begins now: nothing is decided for anybody after the fact.
        let from = self.from.map_or(now, |from| from.max(now));
        if self.until <= from {
            return Err(malformed("until", "must lie after the beginning, and in the future"));
        }
        if self.until > from.plus_days(MAX_DAYS) {
            let message = format!("somebody may stand in for {MAX_DAYS} at most; renew it then");
            return Err(Refusal::new(Code::InvalidDelegation, message).with("max_days", MAX_DAYS.get()));
        }
        if from > now.plus_days(MAX_DAYS_AHEAD) {
            let message = format!("this begins more than {MAX_DAYS_AHEAD} from now; put it later");
            return Err(Refusal::new(Code::InvalidDelegation, message));
        }
        Ok((from, self.until))
    }
}

/// Somebody active, or why they cannot take part.
async fn active(store: &impl Store, id: PersonId) -> Result<Loaded<Person>, Failure> {
    let person = load::<Person>(store, &id.to_string()).await?.filter(|person| person.is_active());
    person.ok_or_else(|| {
        let message = "this person does not exist or has left";
        Refusal::new(Code::UnknownReference, message).with("person", id).into()
    })
}

impl Operation for Put {
    const NAME: &'static str = "delegations.put";
    const SUMMARY: &'static str = "Let somebody decide for a person, from one time to another";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Approver, Administrator, Console]);
    type Input = PutDelegation;
    type Output = DelegationAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PutDelegation,
    ) -> Result<Decision<DelegationAnswer>, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let delegator = match (input.delegator, context.admission.person_id()) {
            (Some(delegator), Some(caller)) if delegator != caller => {
                if !context.admission.is(Administrator) {
                    return Err(not_found("person").into());
                }
                if input.delegate == caller {
                    let message = "nobody makes themselves somebody's delegate; another administrator must, or the person";
                    return Err(Refusal::new(Code::InvalidDelegation, message).into());
                }
                delegator
            }
            (Some(delegator), _) => delegator,
            (None, Some(caller)) => caller,
            (None, None) => return Err(malformed("delegator", "is required here").into()),
        };
        if delegator == input.delegate {
            let message = "nobody stands in for themselves";
            return Err(Refusal::new(Code::InvalidDelegation, message).into());
        }
        let (from, until) = input.span(now)?;
        let (giving, taking) = (active(store, delegator).await?, active(store, input.delegate).await?);
        if taking.role == Role::Auditor {
            let message = "an auditor changes nothing, and decides for nobody";
            return Err(Refusal::new(Code::InvalidDelegation, message).into());
        }
        let put_by = context.admission.actor()?;
        let delegation = Delegation { delegator, delegate: taking.id, from, until, put_by, put_at: now };
        let mut change = Change::new();
        for (person, is_given) in [(&giving, true), (&taking, false)] {
            let before = Delegations::load(store, person.id).await?;
            let none = Delegations::none(person.id);
            let mut after = before.as_deref().unwrap_or(&none).without(delegator, taking.id, now);
            let (list, most) = if is_given {
                (&mut after.given, Delegations::MAX_GIVEN)
            } else {
                (&mut after.received, Delegations::MAX_RECEIVED)
            };
            list.push(delegation);
            if list.len() > most {
                let message = if is_given {
                    format!("at most {most} people may decide for one person; end another delegation first")
                } else {
                    format!("this person decides for {most} people already; choose somebody else")
                };
                return Err(Refusal::new(Code::InvalidDelegation, message).into());
            }
            change.upsert(before.as_ref(), &after);
            // Whoever leaves at the same moment keeps nothing that is given here.
            change.check(person);
        }
        let facts = Value::object([
            ("delegator", Value::from(delegator.to_string())),
            ("delegate", Value::from(taking.id.to_string())),
            ("from", Value::from(from.to_string())),
            ("until", Value::from(until.to_string())),
        ]);
        change.record(now, &put_by, EventKind::DelegationPut, facts);
        notices::delegation_made(&mut change, &context.moment, delegator, taking.id);
        let mut names = Names::new(store);
        names.know_person(&giving);
        names.know_person(&taking);
        let delegation = view(&mut names, &delegation, now, true).await?;
        Ok(Decision::change(DelegationAnswer { delegation }, change))
    }
}

/// `delegations.list`.
#[derive(Debug)]
pub struct List;

/// What `delegations.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListDelegations {
    /// Whose, given and received; administrators, auditors and console see everybody's when not given, others their own.
    #[serde(default)]
    pub person: Option<Whose>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100; what one person gave stays together.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "delegations.list";
    const SUMMARY: &'static str = "Who decides for whom, now and later";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Approver, Administrator, Auditor, Console]);
    type Input = ListDelegations;
    type Output = documents::List<DelegationView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListDelegations,
    ) -> Result<Decision<Self::Output>, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let (delegations, next) = if let Some(person) = Whose::resolve(input.person, &context.admission)? {
            let document = Delegations::load(store, person).await?.map(Loaded::into_inner);
            let all = document.map(|document| [document.given, document.received].concat());
            (all.unwrap_or_default(), None)
        } else {
            // Each person gives few, so a page of people is a page of delegations.
            let limit = Paging { after: None, limit: input.limit }.limit();
            let people = limit.div_ceil(u16::try_from(Delegations::MAX_GIVEN).unwrap_or(1));
            let paging = Paging { after: input.after.clone(), limit: Some(people) };
            let page = documents::list::<Delegations>(store, Select::all(), &paging).await?;
            (page.items.iter().flat_map(|document| document.given.clone()).collect(), page.next)
        };
        let mut names = Names::new(store);
        let mut items = Vec::with_capacity(delegations.len());
        for delegation in delegations.iter().filter(|delegation| !delegation.is_over(now)) {
            items.push(view(&mut names, delegation, now, may_end(context, delegation)).await?);
        }
        Ok(Decision::answer(documents::List { items, next }))
    }
}

/// Either of the two may end it, and so may an administrator.
fn may_end<P: Ports>(context: &Context<'_, P>, delegation: &Delegation) -> bool {
    let own = |person| person == delegation.delegator || person == delegation.delegate;
    context.admission.is(Administrator)
        || context.admission.is(Console)
        || context.admission.person_id().is_some_and(own) && context.admission.is(Approver)
}

/// `delegations.end`.
#[derive(Debug)]
pub struct End;

/// What `delegations.end` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndDelegation {
    /// For whom it is decided; the caller when not given.
    #[serde(default)]
    pub delegator: Option<PersonId>,
    /// Who decides; the caller when not given.
    #[serde(default)]
    pub delegate: Option<PersonId>,
}

impl Operation for End {
    const NAME: &'static str = "delegations.end";
    const SUMMARY: &'static str = "Let somebody decide for a person no more";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Approver, Administrator, Console]);
    type Input = EndDelegation;
    type Output = DelegationAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &EndDelegation,
    ) -> Result<Decision<DelegationAnswer>, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let caller = context.admission.person_id();
        let (Some(delegator), Some(delegate)) = (input.delegator.or(caller), input.delegate.or(caller))
        else {
            return Err(malformed("delegator", "and `delegate` are both required here").into());
        };
        let from = Delegations::load(store, delegator).await?;
        let found = from.as_ref().and_then(|from| {
            let between = |one: &&Delegation| one.delegate == delegate && !one.is_over(now);
            from.given.iter().find(between).copied()
        });
        let found = found.filter(|delegation| may_end(context, delegation));
        let (Some(from), Some(delegation)) = (from, found) else {
            return Err(not_found("delegation").into());
        };
        let to = Delegations::load(store, delegate).await?;
        let Some(to) = to else {
            return Err(from.contradicted(store, format!("{delegate} knows of no delegation")).await);
        };
        let mut change = Change::new();
        leave::end(&mut change, (&from, &to), &context.admission.actor()?, now);
        // Whoever gives it up knows.
        if caller != Some(delegate) {
            notices::delegation_ended(&mut change, &context.moment, delegator, delegate);
        }
        let delegation = view(&mut Names::new(store), &delegation, now, false).await?;
        Ok(Decision::change(DelegationAnswer { delegation }, change))
    }
}

/// `delegations.candidates`.
#[derive(Debug)]
pub struct Candidates;

/// What `delegations.candidates` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindCandidates {
    /// How the name begins: two characters or more.
    pub name: Line,
}

/// What `delegations.candidates` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CandidatesAnswer {
    /// Those who could decide for the caller, by name; the first 20.
    pub people: Vec<PersonRef>,
}

impl Operation for Candidates {
    const NAME: &'static str = "delegations.candidates";
    const SUMMARY: &'static str = "People who could decide for the caller, by the beginning of their name";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Approver, Administrator]);
    type Input = FindCandidates;
    type Output = CandidatesAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &FindCandidates,
    ) -> Result<Decision<CandidatesAnswer>, Failure> {
        let prefix = input.name.as_str().to_lowercase();
        // A letter alone would page through everybody.
        if prefix.chars().count() < 2 {
            return Err(malformed("name", "must have two characters or more").into());
        }
        let until = format!("{prefix}\u{10ffff}");
        let select = Select::by(&Person::BY_STATUS, ["active"]).from(prefix).until(until);
        let paging = Paging { after: None, limit: Some(MAX_CANDIDATES) };
        let caller = context.admission.person_id();
        let found = documents::list_where::<Person>(context.store(), select, paging, |person| {
            Some(person.id) != caller && person.role != Role::Auditor
        });
        let people =
            found.await?.map(|person| PersonRef { id: person.id, name: person.name.to_string() }).items;
        Ok(Decision::answer(CandidatesAnswer { people }))
    }
}
