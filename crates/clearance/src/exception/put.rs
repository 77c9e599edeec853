//! How an exception comes into force: one administrator makes it, another one confirms it.

use super::document::{Exception, ExceptionOfPerson, ExceptionState};
use super::entries;
use crate::audit::Actor;
use crate::catalog::{Tool, ToolStatus};
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::ids::{ExceptionId, PersonId, ToolId};
use crate::notices;
use crate::people::Person;
use crate::ports::{Moment, Store};
use crate::proposal::{Proposal, Proposed};
use crate::refusal::{Code, Refusal, malformed, not_found};
use crate::text::{CommittedText, Paragraph};
use crate::time::{Days, Timestamp};

/// Longest time for which somebody answers for an exception.
pub(super) const MAX_DAYS: Days = Days::of(365);

/// What somebody wants to be excepted.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    /// Who may ask.
    pub(crate) person: PersonId,
    /// For which tool.
    pub(crate) tool: ToolId,
    /// Who answers for it.
    pub(crate) owner: PersonId,
    /// Why.
    pub(crate) reason: Paragraph,
    /// For how long.
    pub(crate) days: Days,
    /// People whom the change checks already.
    pub(crate) checked: Vec<PersonId>,
}

/// Refuses what concerns oneself.
fn not_own(actor: Actor, person: PersonId) -> Result<(), Refusal> {
    if actor == Actor::Person(person) {
        let message = "nobody makes or confirms an exception for themselves; somebody else has to";
        return Err(Refusal::new(Code::OwnException, message));
    }
    Ok(())
}

/// Somebody who takes part.
async fn active(
    store: &impl Store,
    change: &mut Change,
    person: PersonId,
    what: &str,
) -> Result<(), Failure> {
    let found = load::<Person>(store, &person.to_string()).await?.filter(|person| person.is_active());
    let Some(found) = found else {
        let message = format!("{what} does not exist or is not active");
        return Err(Refusal::new(Code::UnknownReference, message).with("person", person).into());
    };
    change.check(&found);
    Ok(())
}

/// Proposes an exception; the proposal waits for another administrator.
///
/// It brings at most six documents and one entry.
///
/// # Errors
/// [`Code::OwnException`], [`Code::UnknownReference`], [`Code::ExceptionState`] when one is in force, [`Code::ProposalOpen`] when one is proposed.
pub(crate) async fn propose(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: Actor,
    made: Made,
) -> Result<(Exception, Proposal), Failure> {
    if made.days > MAX_DAYS {
        return Err(malformed("days", &format!("must be 1 to {}", MAX_DAYS.get())).into());
    }
    not_own(actor, made.person)?;
    if made.owner == made.person {
        let message = "nobody answers for their own exception; name somebody else";
        return Err(Refusal::new(Code::OwnException, message).into());
    }
    active(store, change, made.person, "whoever it is for").await?;
    if !made.checked.contains(&made.owner) {
        active(store, change, made.owner, "whoever is to answer for it").await?;
    }
    let tool = load::<Tool>(store, &made.tool.to_string()).await?;
    let tool = tool.filter(|tool| tool.status != ToolStatus::Draft).ok_or_else(|| not_found("tool"))?;
    let key = ExceptionOfPerson::key_of(made.person, tool.id);
    if let Some(in_force) = load::<ExceptionOfPerson>(store, &key).await?.and_then(|guard| guard.exception) {
        let message = "an exception for this person and tool is in force; end it first";
        return Err(Refusal::new(Code::ExceptionState, message).with("exception", in_force).into());
    }
    let id = ExceptionId::new(moment, "exception", 0);
    let reason = CommittedText::new(made.reason, moment, "exception_reason");
    let proposed = Proposed::GrantException { exception: id, person: made.person, tool: tool.id };
    let proposal = crate::proposal::propose(store, change, moment, actor, proposed).await?;
    let exception = Exception {
        id,
        person: made.person,
        tool: tool.id,
        owner: made.owner,
        reason,
        made_by: actor,
        made_at: moment.now,
        ends_at: moment.now.plus_days(made.days),
        state: ExceptionState::Proposed { proposal: proposal.id },
    };
    change.insert(&exception);
    Ok((exception, proposal))
}

async fn one(store: &impl Store, id: ExceptionId) -> Result<crate::documents::Loaded<Exception>, Failure> {
    load::<Exception>(store, &id.to_string()).await?.ok_or_else(|| not_found("exception").into())
}

/// Puts a proposed exception into force, in the change that closes its proposal.
///
/// # Errors
/// [`Code::OwnException`], [`Code::UnknownReference`] when somebody has left meanwhile, [`Code::ExceptionState`].
pub(crate) async fn confirm(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: Actor,
    id: ExceptionId,
) -> Result<(), Failure> {
    let before = one(store, id).await?;
    not_own(actor, before.person)?;
    active(store, change, before.person, "whoever it is for").await?;
    active(store, change, before.owner, "whoever is to answer for it").await?;
    let exception = before.confirm(actor, moment.now)?;
    let key = ExceptionOfPerson::key_of(exception.person, exception.tool);
    let guard = load::<ExceptionOfPerson>(store, &key).await?;
    if let Some(in_force) = guard.as_ref().and_then(|guard| guard.exception) {
        let message = "another exception for this person and tool is in force";
        return Err(Refusal::new(Code::ExceptionState, message).with("exception", in_force).into());
    }
    change.update(&before, &exception);
    let (person, tool) = (exception.person, exception.tool);
    change.upsert(guard.as_ref(), &ExceptionOfPerson { person, tool, exception: Some(id) });
    entries::added(change, moment.now, &actor, &exception);
    notices::exception_added(change, moment, &exception);
    Ok(())
}

/// Notes in the change that closes a proposal that nobody confirmed it.
///
/// # Errors
/// The store's.
pub(crate) async fn refuse(
    store: &impl Store,
    change: &mut Change,
    now: Timestamp,
    id: ExceptionId,
) -> Result<(), Failure> {
    let before = one(store, id).await?;
    let refused = before.refuse(now)?;
    change.update(&before, &refused);
    Ok(())
}
