//! One run of one operation: polled until it waits, resumed with answers, until it is settled.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use audit_log::Hash;
use clearance::authorization::{self, Caller, Credential, Principal};
use clearance::clockwork::run_due;
use clearance::documents::load;
use clearance::failure::Failure;
use clearance::ids::PersonId;
use clearance::operations::{Call, perform};
use clearance::people::Person;
use clearance::ports::{Moment, Ports};
use clearance::refusal::Refusal;
use clearance::site::initialize;
use clearance::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::bus::Bus;
use crate::effect::{Answer, Effect};
use crate::ports::ForgePorts;

/// What `start` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// `noun.verb`: one of [`clearance::operations::table`], or one of the host's own, [`INITIALIZE`] and [`RUN_DUE`].
    pub operation: String,
    /// Who calls, as the platform authenticated it; never taken from the browser.
    pub caller: StartCaller,
    /// The operation's input, a JSON object.
    pub input: Box<RawValue>,
    /// The caller's key for repeated sending of the same command.
    #[serde(default)]
    pub idempotency_key: Option<String>,
    /// The time; it stands still while the operation runs.
    pub now: Timestamp,
    /// 32 bytes that nobody can guess, as 64 hexadecimal digits (the form of a [`Hash`]). A new one for each invocation.
    pub seed: Hash,
}

/// Brings the site into being, for [`StartCaller::System`]; does nothing when it is there. Answers `{}`.
pub const INITIALIZE: &str = "site.initialize";
/// Settles what is due by time, for [`StartCaller::System`]. Answers how many things of each sort.
pub const RUN_DUE: &str = "clockwork.run";

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartCaller {
    /// Nobody signed in.
    Anonymous,
    /// A person whom the platform signed in.
    Person {
        /// Their id.
        id: PersonId,
        /// When they last proved who they are.
        signed_in_at: Timestamp,
    },
    /// The app's own set-up.
    Console,
    /// The platform's clockwork: scheduled triggers and queue consumers.
    System,
}

/// How far the operation has come; what `start` and `resume` answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// It waits: perform all of these, in any order, and call `resume`.
    Effects(Vec<Effect>),
    /// It succeeded; this is its answer to the caller.
    Done(Box<RawValue>),
    /// A rule says no: `{"code", "message", "details"}` for the caller.
    Refused(Value),
    /// The store, the glue or this program failed. Nothing more happens in this instance.
    Failed(Failed),
}

/// Why it could not be settled.
#[derive(Debug, Serialize)]
pub struct Failed {
    /// `{"code", "message", "details"}` for the caller, without internals.
    pub error: Value,
    /// For the host's log, never for the caller.
    pub cause: String,
}

impl Progress {
    /// The glue broke this module's protocol.
    pub(crate) fn misused(problem: &str) -> Self {
        Self::failed(Failure::Defect(format!("the module was misused: {problem}")))
    }

    fn failed(failure: Failure) -> Self {
        let cause = failure.to_string();
        Self::Failed(Failed { error: inner(&failure.into_refusal()), cause })
    }

    /// As the glue gets it.
    pub fn to_json(&self) -> Vec<u8> {
        // Strings, numbers, and maps with string keys: nothing here that JSON cannot write.
        serde_json::to_vec(self)
            .unwrap_or_else(|_| br#"{"failed":{"error":{},"cause":"unwritable answer"}}"#.to_vec())
    }
}

/// A refusal without the envelope of the HTTP interface.
fn inner(refusal: &Refusal) -> Value {
    refusal.to_json().get_mut("error").map(Value::take).unwrap_or_default()
}

type Running = Pin<Box<dyn Future<Output = Result<Vec<u8>, Failure>> + Send>>;

/// An operation that waits for answers.
pub struct Invocation {
    bus: Bus,
    running: Running,
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation").finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answers {
    answers: Vec<Answer>,
}

impl Invocation {
    /// Begins an operation and runs it until it waits or is settled. An operation that waits is returned with its effects.
    pub fn start(json: &[u8]) -> (Progress, Option<Self>) {
        match serde_json::from_slice::<Start>(json) {
            Ok(start) => {
                let bus = Bus::default();
                let ports = ForgePorts::new(bus.clone(), Moment::new(start.now, *start.seed.as_bytes()));
                Self { bus, running: Box::pin(run(ports, start)) }.poll()
            }
            Err(error) => (Progress::misused(&format!("what `start` was given is wrong: {error}")), None),
        }
    }

    /// Brings the answers to all effects given out last, and runs on until it waits again or is settled.
    pub fn resume(self, json: &[u8]) -> (Progress, Option<Self>) {
        let answers = serde_json::from_slice::<Answers>(json).map_err(|error| error.to_string());
        match answers
            .and_then(|Answers { answers }| self.bus.bring(answers).map_err(|error| error.to_string()))
        {
            Ok(()) => self.poll(),
            Err(error) => (Progress::misused(&format!("what `resume` was given is wrong: {error}")), None),
        }
    }

    fn poll(mut self) -> (Progress, Option<Self>) {
        match self.running.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => {
                let effects = self.bus.take_effects();
                if effects.is_empty() {
                    return (
                        Progress::failed(Failure::Defect("the operation waits for nothing".to_owned())),
                        None,
                    );
                }
                (Progress::Effects(effects), Some(self))
            }
            Poll::Ready(settled) => (settle(settled), None),
        }
    }
}

fn settle(settled: Result<Vec<u8>, Failure>) -> Progress {
    match settled {
        Ok(answer) => match serde_json::from_slice(&answer) {
            Ok(answer) => Progress::Done(answer),
            Err(error) => Progress::failed(Failure::Defect(format!("the answer is not JSON: {error}"))),
        },
        Err(Failure::Refused(refusal)) => Progress::Refused(inner(&refusal)),
        // A race lost too often is told the caller like a rule's no: trying again is theirs to do.
        Err(failure) if failure.is_conflict() => Progress::Refused(inner(&failure.into_refusal())),
        Err(failure) => Progress::failed(failure),
    }
}

async fn run(ports: ForgePorts, start: Start) -> Result<Vec<u8>, Failure> {
    // Other callers of these names are told that there is no such operation.
    match (start.operation.as_str(), start.caller) {
        (INITIALIZE, StartCaller::System) => {
            initialize(&ports).await?;
            return Ok(b"{}".to_vec());
        }
        (RUN_DUE, StartCaller::System) => {
            let pass = run_due(&ports).await?;
            let answer = json!({
                "expired": pass.expired, "lapsed": pass.lapsed, "left": pass.left, "forgotten": pass.forgotten,
                "checkpoints": pass.checkpoints,
            });
            return Ok(answer.to_string().into_bytes());
        }
        _ => {}
    }
    let call = Call {
        operation: &start.operation,
        caller: caller(&ports, start.caller).await?,
        input: start.input.get().as_bytes(),
        idempotency_key: start.idempotency_key.as_deref(),
    };
    perform(&ports, call).await
}

/// The caller as the rules know them: a person is loaded, and thereby known to exist.
async fn caller(ports: &ForgePorts, caller: StartCaller) -> Result<Caller, Failure> {
    Ok(match caller {
        StartCaller::Anonymous => Caller::Anonymous,
        StartCaller::Console => Caller::Console,
        StartCaller::System => Caller::System,
        StartCaller::Person { id, signed_in_at } => {
            let person = load::<Person>(ports.store(), &id.to_string()).await?;
            let person = person.ok_or_else(authorization::not_signed_in)?;
            Caller::Person(Box::new(Principal { person, signed_in_at, credential: Credential::Session }))
        }
    })
}
