//! Operations as the one way through [`perform`](super::perform) sees them: their input read, their answer written, their futures behind
//! pointers.
//!
//! So the way itself is compiled once and not once for each operation, and each operation stays a function of its own. All in one make one
//! of hundreds of kilobytes, which a WebAssembly engine has to compile before the first of them runs.

use std::future::Future;
use std::pin::Pin;

use super::{Context, Operation, demand_of};
use crate::authorization::Demand;
use crate::documents::Change;
use crate::failure::Failure;
use crate::limits::RateClass;
use crate::ports::Ports;
use crate::refusal::{Refusal, malformed};

/// Something under way.
pub(crate) type Running<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// What an operation decided, with its answer as it is sent.
pub(super) struct Decided {
    /// The output as JSON.
    pub(super) answer: Vec<u8>,
    /// What is to be committed.
    pub(super) change: Change,
    /// Whether the answer holds a secret.
    pub(super) secret: bool,
}

/// A call whose input has been read.
pub(super) trait Parsed<P>: Send + Sync {
    /// Items that it counts as.
    fn cost<'a>(&'a self, context: &'a Context<'_, P>) -> Running<'a, u32>;
    /// Loads and decides.
    fn decide<'a>(&'a self, context: &'a Context<'_, P>) -> Running<'a, Decided>;
}

/// The input of one operation.
struct Input<O: Operation>(O::Input);

impl<O: Operation, P: Ports> Parsed<P> for Input<O> {
    fn cost<'a>(&'a self, context: &'a Context<'_, P>) -> Running<'a, u32> {
        Box::pin(O::cost(context, &self.0))
    }

    fn decide<'a>(&'a self, context: &'a Context<'_, P>) -> Running<'a, Decided> {
        Box::pin(decide::<O, P>(context, &self.0))
    }
}

/// Runs an operation's handler once.
pub(super) async fn decide<O: Operation, P: Ports>(
    context: &Context<'_, P>,
    input: &O::Input,
) -> Result<Decided, Failure> {
    let decision = O::run(context, input).await?;
    let answer = serde_json::to_vec(&decision.output)
        .map_err(|error| Failure::Defect(format!("{}: {error}", O::NAME)))?;
    Ok(Decided { answer, change: decision.change, secret: decision.secret })
}

type Parse<P> = fn(&[u8]) -> Result<Box<dyn Parsed<P>>, Refusal>;

/// An operation without its types.
pub(super) struct Handler<P> {
    /// `noun.verb`.
    pub(super) name: &'static str,
    /// Who may call it and how.
    pub(super) demand: Demand,
    /// What calls are counted as.
    pub(super) rate_class: Option<RateClass>,
    /// Whether it is charged before it runs.
    pub(super) charged_before: bool,
    /// Reads its input.
    pub(super) parse: Parse<P>,
}

// Whatever the ports are: derived, they would have to be copied, too.
impl<P> Clone for Handler<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Handler<P> {}

impl<P: Ports> Handler<P> {
    /// Of an operation.
    pub(super) const fn of<O: Operation>() -> Self {
        let parse: Parse<P> = |input| Ok(Box::new(Input::<O>(parse::<O>(input)?)));
        // Not the whole row of the table: its schemas would be kept in modules that never show them.
        Self {
            name: O::NAME,
            demand: demand_of::<O>(),
            rate_class: O::RATE_CLASS,
            charged_before: O::CHARGED_BEFORE,
            parse,
        }
    }
}

const NOT_ONE_OBJECT: &str = "the body must be one JSON object and nothing else";

fn parse<O: Operation>(input: &[u8]) -> Result<O::Input, Refusal> {
    let mut deserializer = serde_json::Deserializer::from_slice(object(input)?);
    let parsed = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| refused(&error))?;
    deserializer.end().map_err(|_| malformed("", NOT_ONE_OBJECT))?;
    Ok(parsed)
}

/// A derived reader also takes an array of the fields in their order; the wire knows objects only.
fn object(input: &[u8]) -> Result<&[u8], Refusal> {
    let input = if input.is_empty() { b"{}" } else { input };
    if input.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
        Ok(input)
    } else {
        Err(malformed("", NOT_ONE_OBJECT))
    }
}

fn refused(error: &serde_path_to_error::Error<serde_json::Error>) -> Refusal {
    malformed(&error.path().to_string(), &without_value(&without_position(&error.inner().to_string())))
}

/// What was given stays out of the refusal: it may be a secret in the wrong place, and refusals are shown, kept and passed on.
fn without_value(message: &str) -> String {
    let problems = ["invalid type", "invalid value", "unknown variant"];
    let problem = problems.into_iter().find(|problem| message.starts_with(problem));
    // The value may hold the same words; what is expected comes last.
    match (problem, message.rsplit_once(", expected ")) {
        (Some(problem), Some((_, expected))) => format!("{problem}: expected {expected}"),
        (Some(problem), None) => problem.to_owned(),
        (None, _) => message.to_owned(),
    }
}

/// `serde_json` ends its messages with the place in the text, which means nothing to whoever filled in a form.
fn without_position(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Code;
    use crate::request::submit::Submit;

    #[test]
    fn a_refusal_does_not_repeat_what_was_given() {
        let tool = "tool_00000000000000000000000000";
        for (input, told) in [
            (r#"{"tool":{"canary":1}}"#, "`tool` invalid type: expected a string"),
            (r#"{"tool":"TOOL","purpose":["canary"]}"#, "`purpose` invalid type: expected a string"),
            (
                r#"{"tool":"TOOL","purpose":"x","data_classes":["canary, expected x"]}"#,
                "expected one of `public`",
            ),
            (r#"{"tool":"TOOL","purpose":"x","data_classes":"canary"}"#, "invalid type: expected a sequence"),
        ] {
            let refusal = parse::<Submit>(input.replace("TOOL", tool).as_bytes()).map(|_| ()).unwrap_err();
            let message = refusal.to_json()["error"]["message"].as_str().unwrap().to_owned();
            assert!(message.contains(told) && !message.contains("canary"), "{message}");
        }
    }

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
