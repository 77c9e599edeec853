//! One run of one operation: polled until it waits, resumed with answers, until it is settled.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use audit_log::Hash;
use clearance::failure::Failure;
use clearance::operations::{Call, perform};
use clearance::refusal::Refusal;
use clearance::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::bus::Bus;
use crate::caller::StartCaller;
use crate::effect::{Answer, Effect};
use crate::host::{self, HostOperation};
use crate::ports::{Clock, ForgePorts};

/// What `start` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// `noun.verb`: one of [`clearance::operations::table`], or one of the host's own ([`crate::host`]).
    pub operation: String,
    /// Who calls, as the platform authenticated it; never taken from the browser.
    pub caller: StartCaller,
    /// The operation's input, a JSON object.
    pub input: Box<RawValue>,
    /// The caller's key for repeated sending of the same command.
    #[serde(default)]
    pub idempotency_key: Option<String>,
    /// The time. It stands still until `resume` tells a later one.
    pub now: Timestamp,
    /// When long work shall begin nothing new: some seconds before the platform ends the invocation. [`SECONDS`] from now when not given.
    #[serde(default)]
    pub until: Option<Timestamp>,
    /// 32 bytes that nobody can guess, as 64 hexadecimal digits (the form of a [`Hash`]). A new one for each invocation.
    pub seed: Hash,
    /// Host, and port unless it is 443, of the remote `core` as it is addressed; absent when the app was deployed without one.
    #[serde(default)]
    pub core: Option<String>,
}

/// Seconds after which long work begins nothing new, unless the glue says otherwise: the platform gives most functions 25.
pub const SECONDS: i64 = 18;

/// How far the operation has come; what `start` and `resume` answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Progress {
    /// It waits.
    Effects {
        /// Perform all of these, in any order, and call `resume`.
        effects: Vec<Effect>,
    },
    /// It succeeded.
    Done {
        /// Its answer to the caller.
        done: Box<RawValue>,
        /// Host operations for which it has made work: push a queue event for each, for now. Absent when there are none. An event that is
        /// lost costs time only: the schedule finds the same work.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        wake: Vec<&'static str>,
    },
    /// A rule says no.
    Refused {
        /// `{"code", "message", "details"}` for the caller.
        refused: Value,
    },
    /// The store, the glue or this program failed. Nothing more happens in this instance.
    Failed {
        /// Why.
        failed: Failed,
    },
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
        Self::Failed { failed: Failed { error: inner(&failure.into_refusal()), cause } }
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

/// What an operation that succeeded answers, and for which host operations it has made work.
pub(crate) struct Settled {
    pub(crate) answer: Vec<u8>,
    pub(crate) wake: Vec<&'static str>,
}

type Running = Pin<Box<dyn Future<Output = Result<Settled, Failure>> + Send>>;

/// An operation that waits for answers.
pub struct Invocation {
    bus: Bus,
    clock: Clock,
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
    /// The time now; it stands still when not given.
    #[serde(default)]
    now: Option<Timestamp>,
}

impl Invocation {
    /// Begins an operation and runs it until it waits or is settled. An operation that waits is returned with its effects.
    pub fn start(json: &[u8]) -> (Progress, Option<Self>) {
        match serde_json::from_slice::<Start>(json) {
            Ok(start) => {
                let bus = Bus::default();
                let clock = Clock::new(start.now);
                let until = start.until.unwrap_or_else(|| start.now.plus_seconds(SECONDS));
                let (seed, core) = (*start.seed.as_bytes(), start.core.clone());
                let ports = ForgePorts::new(bus.clone(), clock.clone(), until, seed, core);
                Self { bus, clock, running: Box::pin(run(ports, start)) }.poll()
            }
            Err(error) => (Progress::misused(&format!("what `start` was given is wrong: {error}")), None),
        }
    }

    /// Brings the answers to all effects given out last, and runs on until it waits again or is settled.
    pub fn resume(self, json: &[u8]) -> (Progress, Option<Self>) {
        let answers = serde_json::from_slice::<Answers>(json).map_err(|error| error.to_string());
        let brought = answers.and_then(|Answers { answers, now }| {
            if let Some(now) = now {
                self.clock.advance(now);
            }
            self.bus.bring(answers).map_err(|error| error.to_string())
        });
        match brought {
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
                (Progress::Effects { effects }, Some(self))
            }
            Poll::Ready(settled) => (settle(settled), None),
        }
    }
}

fn settle(settled: Result<Settled, Failure>) -> Progress {
    match settled {
        Ok(Settled { answer, wake }) => match serde_json::from_slice(&answer) {
            Ok(done) => Progress::Done { done, wake },
            Err(error) => Progress::failed(Failure::Defect(format!("the answer is not JSON: {error}"))),
        },
        Err(Failure::Refused(refusal)) => Progress::Refused { refused: inner(&refusal) },
        // A race lost too often is told the caller like a rule's no: trying again is theirs to do.
        Err(failure) if failure.is_conflict() => {
            Progress::Refused { refused: inner(&failure.into_refusal()) }
        }
        Err(failure) => Progress::failed(failure),
    }
}

async fn run(ports: ForgePorts, start: Start) -> Result<Settled, Failure> {
    let operation = start.operation.as_str();
    // Other callers of the host's own names are told that there is no such operation.
    let answer = if let Some(own) = HostOperation::named(operation, &start.caller) {
        host::run(&ports, own, &start).await?
    } else {
        let call = Call {
            operation,
            caller: start.caller.authenticate(&ports).await?,
            input: start.input.get().as_bytes(),
            idempotency_key: start.idempotency_key.as_deref(),
        };
        perform(&ports, call).await?
    };
    Ok(Settled { answer, wake: host::wake(&ports, operation) })
}
