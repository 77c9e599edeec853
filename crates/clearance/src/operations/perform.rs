use crate::authorization::{self, Admission, Caller, Principal};
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::limits::{self, Charge};
use crate::people::Person;
use crate::ports::{Moment, Ports, Store};
use crate::refusal::{Code, Refusal, malformed};

use super::idempotency::{self, Repetition};
use super::{Context, Descriptor, Effect, Operation};

/// How often an operation that lost a race runs again. Each loss means that somebody else's commit succeeded.
pub const MAX_ATTEMPTS: u32 = 32;

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

fn parse<O: Operation>(input: &[u8]) -> Result<O::Input, Refusal> {
    const NOT_ONE_OBJECT: &str = "the body must be one JSON object and nothing else";
    let input = if input.is_empty() { b"{}" } else { input };
    // A derived reader also takes an array of the fields in their order; the wire knows objects only.
    if input.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(malformed("", NOT_ONE_OBJECT));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(input);
    let parsed = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        malformed(&field, &without_position(&error.inner().to_string()))
    })?;
    deserializer.end().map_err(|_| malformed("", NOT_ONE_OBJECT))?;
    Ok(parsed)
}

/// `serde_json` ends its messages with the place in the text, which means nothing to whoever filled in a form.
fn without_position(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

pub(super) async fn run<O: Operation, P: Ports>(ports: &P, call: Call<'_>) -> Result<Vec<u8>, Failure> {
    let moment = Moment::draw(ports.environment());
    let demand = Descriptor::of::<O>().demand;
    // Authorization comes before parsing: who may not call learns nothing of the input's form.
    let mut admission = authorization::authorize(&demand, call.caller, moment.now)?;
    let input = parse::<O>(call.input)?;
    let mut repetition = match (O::EFFECT, call.idempotency_key) {
        (Effect::Command, Some(key)) => Some(Repetition::new(&admission, O::NAME, key, call.input)?),
        _ => None,
    };
    let mut paid = false;
    for _ in 0..MAX_ATTEMPTS {
        if let Some(answer) = idempotency::repeated(ports.store(), repetition.as_mut(), moment.now).await? {
            return Ok(answer);
        }
        let context = Context { ports, admission, moment: moment.clone() };
        match charged_attempt::<O, P>(&context, &input, repetition.as_ref(), &mut paid).await {
            Err(failure) if failure.is_conflict() => {
                admission =
                    authorization::authorize(&demand, reload(ports, context.admission).await?, moment.now)?;
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
async fn charged_attempt<O: Operation, P: Ports>(
    context: &Context<'_, P>,
    input: &O::Input,
    repetition: Option<&Repetition>,
    paid: &mut bool,
) -> Result<Vec<u8>, Failure> {
    let charge = if *paid { None } else { limits::charge_of::<O, P>(context, input).await? };
    if let Some(charge) = charge.as_ref().filter(|_| O::CHARGED_BEFORE) {
        let mut change = Change::new();
        charge.write(&mut change);
        context.store().commit(change.into_commit()?).await?;
        *paid = true;
        return attempt::<O, P>(context, input, repetition, None).await;
    }
    attempt::<O, P>(context, input, repetition, charge.as_ref()).await
}

/// Runs the handler once and commits what it decided, with what it is charged.
async fn attempt<O: Operation, P: Ports>(
    context: &Context<'_, P>,
    input: &O::Input,
    repetition: Option<&Repetition>,
    charge: Option<&Charge>,
) -> Result<Vec<u8>, Failure> {
    let decision = O::run(context, input).await?;
    let answer = serde_json::to_vec(&decision.output)
        .map_err(|error| Failure::Defect(format!("{}: {error}", O::NAME)))?;
    let mut change = decision.change;
    if let Some(repetition) = repetition
        && !decision.secret
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
    let demand = Descriptor::of::<O>().demand;
    let mut caller = context.admission.caller().clone();
    for _ in 0..MAX_ATTEMPTS {
        let moment = context.moment.part(number);
        let admission = authorization::authorize(&demand, caller, moment.now)?;
        let part = Context { ports: context.ports, admission, moment };
        match attempt::<O, P>(&part, input, None, None).await {
            Err(failure) if failure.is_conflict() => caller = reload(context.ports, part.admission).await?,
            settled => return settled,
        }
    }
    Err(crate::ports::StoreError::Conflict.into())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::submit::Submit;

    #[test]
    fn an_input_is_one_object_and_nothing_else() {
        let tool = "tool_00000000000000000000000000";
        let object = format!(r#"{{"tool":"{tool}","purpose":"why","data_classes":["public"],"days":5}}"#);
        let array = format!(r#"["{tool}","why",["public"],5,null]"#);
        assert!(parse::<Submit>(format!(" \n{object}\t").as_bytes()).is_ok());
        for wrong in
            [&array, &format!(" {array}"), &format!("[{object}]"), &format!("{object}{object}"), "null"]
        {
            let refusal = parse::<Submit>(wrong.as_bytes()).map(|_| ()).unwrap_err();
            assert_eq!(refusal.code(), Code::MalformedInput, "{wrong}");
        }
    }
}
