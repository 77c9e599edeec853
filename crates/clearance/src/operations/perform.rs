use crate::authorization::{self, Admission, Caller, Demand, Principal};
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::limits::{self, Charge};
use crate::people::Person;
use crate::ports::{Environment as _, Moment, Ports, Store};
use crate::refusal::{Code, Refusal};

use super::handler::{Decided, Handler, Parsed, decide};
use super::idempotency::{self, Repetition};
use super::{Context, Effect, Operation, demand_of};

/// How often a background task that lost a race tries again before it leaves the thing to the next pass. Each loss means that somebody else's
/// commit succeeded.
pub const MAX_ATTEMPTS: u32 = 32;

/// How often an operation that lost a race runs again, as long as the host's time lasts. Of so many that revise one guard at once, approvals
/// of one tool with a cap for example, one is first in each round: whoever is last loses to every other one, and has an answer all the same.
const MAX_RUNS: u32 = 1_000;

/// One call of an operation, as a host hands it over.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// `noun.verb`.
    pub operation: &'a str,
    /// Who calls, as the host authenticated it.
    pub caller: Caller,
    /// The input, a JSON object.
    pub input: &'a [u8],
    /// The caller's key for repeated sending of the same command.
    pub idempotency_key: Option<&'a str>,
}

pub(super) fn unknown_operation(name: &str) -> Refusal {
    // The name comes from outside: show no more of it than a name may be long.
    let name: String = name.chars().take(60).collect();
    Refusal::new(Code::UnknownOperation, format!("there is no operation `{name}`"))
}

/// The one way of every call: authorize, read the input, load, decide, commit, answer; again from loading on after a lost race.
pub(super) async fn run<P: Ports>(
    ports: &P,
    call: Call<'_>,
    handler: Handler<P>,
) -> Result<Vec<u8>, Failure> {
    let moment = Moment::draw(ports.environment());
    let Demand { effect, .. } = handler.demand;
    // Authorization comes before parsing: who may not call learns nothing of the input's form.
    let mut admission = authorization::authorize(&handler.demand, call.caller, moment.now)?;
    let parsed = (handler.parse)(call.input)?;
    let mut repetition = match (effect, call.idempotency_key) {
        (Effect::Command, Some(key)) => Some(Repetition::new(&admission, handler.name, key, call.input)?),
        _ => None,
    };
    let mut paid = false;
    for _ in 0..MAX_RUNS {
        if let Some(answer) = idempotency::repeated(ports.store(), repetition.as_mut(), moment.now).await? {
            return Ok(answer);
        }
        let context = Context { ports, admission, moment: moment.clone() };
        match attempt(&context, &handler, parsed.as_ref(), repetition.as_ref(), &mut paid).await {
            // Where there is no time for another run, the caller is told that nothing has changed before the host gives up on it.
            Err(failure) if failure.is_conflict() && !ports.environment().is_time_up() => {
                let caller = reload(ports, context.admission).await?;
                admission = authorization::authorize(&handler.demand, caller, moment.now)?;
            }
            Err(Failure::Refused(refusal)) => {
                // The command that this one repeats may have been committed since it was looked for. Then the refusal is only what
                // follows from it: a duplicate, a state already left. Its answer is this one's too.
                let answer = idempotency::repeated(ports.store(), repetition.as_mut(), moment.now).await?;
                return answer.ok_or(Failure::Refused(refusal));
            }
            settled => return settled,
        }
    }
    Err(crate::ports::StoreError::Conflict.into())
}

/// Counts the call against its caller's allowance and runs the handler once.
///
/// What is charged beforehand is charged once, however often the handler has to run again.
async fn attempt<P: Ports>(
    context: &Context<'_, P>,
    handler: &Handler<P>,
    parsed: &dyn Parsed<P>,
    repetition: Option<&Repetition>,
    paid: &mut bool,
) -> Result<Vec<u8>, Failure> {
    let mut charge = None;
    if let Some(class) = handler.rate_class.filter(|_| !*paid) {
        charge = limits::charge_of(context, class, parsed.cost(context)).await?;
    }
    if let Some(before) = charge.take_if(|_| handler.charged_before) {
        let mut change = Change::new();
        before.write(&mut change);
        context.store().commit(change.into_commit()?).await?;
        *paid = true;
    }
    commit(context, parsed.decide(context).await?, repetition, charge.as_ref()).await
}

/// Commits what was decided, with what it is charged.
async fn commit<P: Ports>(
    context: &Context<'_, P>,
    decided: Decided,
    repetition: Option<&Repetition>,
    charge: Option<&Charge>,
) -> Result<Vec<u8>, Failure> {
    let Decided { answer, mut change, secret } = decided;
    if let Some(repetition) = repetition
        && !secret
    {
        repetition.keep(&mut change, &answer, context.moment.now);
    }
    if let Some(charge) = charge {
        charge.write(&mut change);
    }
    if !change.is_empty() {
        context.store().commit(change.into_commit()?).await?;
    }
    Ok(answer)
}

/// One part of a bulk command: another operation of the same caller, decided and committed on its own, with randomness of its own. The
/// bulk command was charged for it.
pub(crate) async fn decide_part<O: Operation, P: Ports>(
    context: &Context<'_, P>,
    number: u32,
    input: &O::Input,
) -> Result<Vec<u8>, Failure> {
    let demand = demand_of::<O>();
    let mut caller = context.admission.caller().clone();
    for _ in 0..MAX_RUNS {
        let moment = context.moment.part(number);
        let admission = authorization::authorize(&demand, caller, moment.now)?;
        let part = Context { ports: context.ports, admission, moment };
        let settled = match decide::<O, P>(&part, input).await {
            Ok(decided) => commit(&part, decided, None, None).await,
            Err(failure) => Err(failure),
        };
        match settled {
            Err(failure) if failure.is_conflict() && !context.ports.environment().is_time_up() => {
                caller = reload(context.ports, part.admission).await?;
            }
            settled => return settled,
        }
    }
    Err(crate::ports::StoreError::Conflict.into())
}

/// The same moment for another caller: for what the program does in somebody's name, as far as they may themselves.
///
/// # Errors
/// As [`authorization::authorize`].
pub(crate) fn context_of<'a, O: Operation, P: Ports>(
    context: &Context<'a, P>,
    caller: Caller,
) -> Result<Context<'a, P>, Refusal> {
    let admission = authorization::authorize(&demand_of::<O>(), caller, context.moment.now)?;
    Ok(Context { ports: context.ports, admission, moment: context.moment.clone() })
}

/// The person as stored now: the lost race may have been about them.
async fn reload<P: Ports>(ports: &P, admission: Admission) -> Result<Caller, Failure> {
    match admission.caller() {
        Caller::Person(principal) => {
            let person = load::<Person>(ports.store(), &principal.person.id.to_string()).await?;
            let person = person.ok_or_else(authorization::not_signed_in)?;
            Ok(Caller::Person(Box::new(Principal { person, ..(**principal).clone() })))
        }
        caller => Ok(caller.clone()),
    }
}
