//! `people.erase`, `people.erasure`.

use std::collections::BTreeSet;

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::guards::{MAX_MEMBERSHIP_CHANGES, change_memberships, keep_an_administrator};
use super::put::status_facts;
use super::{Erasure, ErasureStage, Names, Person, PersonRef, PersonStatus, Role};
use crate::audit::{Actor, EventKind};
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::catalog::ToolRef;
use crate::documents::{self, Change, Paging, Select, load};
use crate::evidence::{ExportRegister, ExportScope};
use crate::failure::Failure;
use crate::grant::Grant;
use crate::ids::{ExportId, GrantId, JobId, PersonId};
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{MAX_PAGE, Ports, Store};
use crate::proposal::{Proposed, close_about};
use crate::provisioning::open_task;
use crate::refusal::not_found;
use crate::time::Timestamp;

/// Exports that an entry names: 64 ids of 33 characters stay well below an entry's 4 KiB.
const EXPORTS_IN_ENTRY: usize = 64;

/// How far an erasure has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErasureState {
    /// What the person holds and asked for is being ended.
    Ending,
    /// Texts and copies of the name are being looked for and destroyed.
    Destroying,
    /// The store overwrites what is left of them.
    Scrubbing,
    /// Done: nothing tells any more who the person was.
    Erased,
}

/// Access that must be gone before the person's name may go.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnendedGrant {
    /// Which grant.
    pub grant: GrantId,
    /// Of which tool.
    pub tool: ToolRef,
    /// The grant's state.
    pub state: String,
    /// The task that somebody has to attest.
    pub task: Option<JobId>,
    /// Who is to do it; the tool's owners and administrators when nobody is named.
    pub assignee: Option<PersonRef>,
}

/// An earlier export that named the person. What has left the site is for whoever has it to destroy.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExportView {
    /// The export.
    pub export: ExportId,
    /// When it was made.
    pub at: Timestamp,
    /// Who made it; none for the host's command line.
    pub by: Option<PersonRef>,
    /// What it was of.
    pub scope: ExportScope,
}

/// What erasure operations answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErasureAnswer {
    /// Whose erasure.
    pub person: PersonId,
    /// How far it has come.
    pub state: ErasureState,
    /// When it was asked for; none once it is done.
    pub started_at: Option<Timestamp>,
    /// When it was done.
    pub erased_at: Option<Timestamp>,
    /// Access that has to end first.
    pub waiting_for: Vec<UnendedGrant>,
    /// Earlier exports that named the person, newest first.
    pub exports: documents::List<ExportView>,
}

/// `people.erase`.
#[derive(Debug)]
pub struct Erase;

/// What `people.erase` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasePerson {
    /// Who is to be erased, for good.
    pub person: PersonId,
}

impl Operation for Erase {
    const NAME: &'static str = "people.erase";
    const SUMMARY: &'static str =
        "Erase a person for good: end their access, then destroy name, address, accounts and texts";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    const RECENT_SIGN_IN: bool = true;
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Erasure);
    type Input = ErasePerson;
    type Output = ErasureAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ErasePerson,
    ) -> Result<Decision<ErasureAnswer>, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let person =
            load::<Person>(store, &input.person.to_string()).await?.ok_or_else(|| not_found("person"))?;
        if person.is_being_erased() {
            let erasure = load::<Erasure>(store, &input.person.to_string()).await?;
            return Ok(Decision::answer(
                describe(store, &person, erasure.as_deref(), &Paging::default()).await?,
            ));
        }
        // Memberships beyond what fits one commit are left by the clockwork; nobody inactive decides anything.
        let groups: BTreeSet<_> = person.groups.iter().skip(MAX_MEMBERSHIP_CHANGES).copied().collect();
        let erasing = Person {
            role: Role::Member,
            role_changed_at: now,
            groups,
            status: PersonStatus::Erasing { since: now },
            ..Person::clone(&person)
        };
        let actor = context.admission.actor()?;
        let erasure =
            Erasure { person: person.id, started_at: now, started_by: actor, stage: ErasureStage::Ending };
        let mut change = Change::new();
        keep_an_administrator(store, &mut change, Some(&person), &erasing).await?;
        change_memberships(store, &mut change, Some(&person), &erasing, (&BTreeSet::new(), now)).await?;
        close_about(store, &mut change, &context.moment, actor, &Proposed::about_person(person.id)).await?;
        change.update(&person, &erasing);
        change.insert(&erasure);
        if person.is_active() {
            change.record(now, &actor, EventKind::PersonDeactivated, Value::object(status_facts(&erasing)));
        }
        let facts = export_facts(store, person.id).await?;
        change.record(now, &actor, EventKind::PersonErasureStarted, facts);
        let answer = describe(store, &erasing, Some(&erasure), &Paging::default()).await?;
        Ok(Decision::change(answer, change))
    }
}

/// `people.erasure`.
#[derive(Debug)]
pub struct ShowErasure;

/// What `people.erasure` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowErasureInput {
    /// Whose erasure.
    pub person: PersonId,
    /// The last page's `next` of `exports`.
    #[serde(default)]
    pub after: Option<String>,
    /// Exports per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for ShowErasure {
    const NAME: &'static str = "people.erasure";
    const SUMMARY: &'static str =
        "How far a person's erasure has come, what it waits for, and exports that named them";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = ShowErasureInput;
    type Output = ErasureAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ShowErasureInput,
    ) -> Result<Decision<ErasureAnswer>, Failure> {
        let (store, key) = (context.store(), input.person.to_string());
        let person = load::<Person>(store, &key).await?.filter(|person| person.is_being_erased());
        let person = person.ok_or_else(|| not_found("erasure"))?;
        let erasure = load::<Erasure>(store, &key).await?;
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        Ok(Decision::answer(describe(store, &person, erasure.as_deref(), &paging).await?))
    }
}

async fn describe<S: Store>(
    store: &S,
    person: &Person,
    erasure: Option<&Erasure>,
    exports: &Paging,
) -> Result<ErasureAnswer, Failure> {
    let state = match erasure.map(|erasure| &erasure.stage) {
        Some(ErasureStage::Ending) => ErasureState::Ending,
        Some(ErasureStage::Destroying { .. }) => ErasureState::Destroying,
        Some(ErasureStage::Scrubbing) => ErasureState::Scrubbing,
        None => ErasureState::Erased,
    };
    let erased_at = match person.status {
        PersonStatus::Erased { at } => Some(at),
        _ => None,
    };
    let mut names = Names::new(store);
    let waiting_for = if state == ErasureState::Ending {
        describe_unended(store, &mut names, person.id).await?
    } else {
        Vec::new()
    };
    let page = documents::list::<ExportRegister>(store, naming(person.id), exports).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        let by = match row.by {
            Actor::Person(id) => Some(names.person(id).await?),
            Actor::Console | Actor::System => None,
        };
        items.push(ExportView { export: row.export, at: row.at, by, scope: row.scope });
    }
    Ok(ErasureAnswer {
        person: person.id,
        state,
        started_at: erasure.map(|erasure| erasure.started_at),
        erased_at,
        waiting_for,
        exports: documents::List { items, next: page.next },
    })
}

async fn describe_unended<S: Store>(
    store: &S,
    names: &mut Names<'_, S>,
    person: PersonId,
) -> Result<Vec<UnendedGrant>, Failure> {
    let mut unended = Vec::new();
    for grant in unended_grants(store, person).await? {
        let task = open_task(store, grant.id).await?;
        let assignee = match task.as_ref().and_then(|task| task.assignee()) {
            Some(assignee) => Some(names.person(assignee).await?),
            None => None,
        };
        unended.push(UnendedGrant {
            grant: grant.id,
            tool: names.tool(grant.tool).await?,
            state: grant.state_name().to_owned(),
            task: task.map(|task| task.id),
            assignee,
        });
    }
    Ok(unended)
}

/// The person's grants that have not ended; there is at most one for each tool.
pub(crate) async fn unended_grants(store: &impl Store, person: PersonId) -> Result<Vec<Grant>, Failure> {
    let grants = documents::all::<Grant>(store, Select::by(&Grant::BY_PERSON, [person])).await?;
    Ok(grants.into_iter().map(documents::Loaded::into_inner).filter(|grant| !grant.is_ended()).collect())
}

fn naming(person: PersonId) -> Select {
    Select::by(&ExportRegister::BY_PERSON, [person]).descending()
}

/// What the log says of an erasure: whose, and which exports named them, the newest by id.
pub(crate) async fn export_facts(store: &impl Store, person: PersonId) -> Result<Value, Failure> {
    let (mut newest, mut count, mut after) = (Vec::new(), 0_u32, None);
    loop {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let page = documents::list::<ExportRegister>(store, naming(person), &paging).await?;
        count = count.saturating_add(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
        let room = EXPORTS_IN_ENTRY.saturating_sub(newest.len());
        newest.extend(page.items.iter().take(room).map(|row| Value::from(row.export.to_string())));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(Value::object([
        ("person", Value::from(person.to_string())),
        ("exports", Value::Array(newest)),
        ("exports_in_all", Value::from(count)),
    ]))
}
