//! The whole log verified anew, every day, a portion at a time: the platform's allowance of reads is less than a large log in one go.
//!
//! Where it stands is a document, and each portion is an event of its own. A portion that is killed or done twice is a portion done again;
//! what was verified is sealed by the site's own key, so nobody moves the position forward (`audit.verify`).

use clearance::authorization::Caller;
use clearance::documents::{Change, Document, load};
use clearance::failure::Failure;
use clearance::operations::{Call, perform};
use clearance::ports::{Attributes, Kind, Ports as _, Store as _, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::ports::ForgePorts;

/// Seconds between two portions: the platform's allowance of reads is by the minute.
const PAUSE_SECONDS: i64 = 60;

/// Where the verification stands; there is none when the last one came to its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LogVerification {
    /// The `next` of `audit.verify`.
    next: Value,
}

impl LogVerification {
    const KEY: &'static str = "site";
}

impl Document for LogVerification {
    const KIND: &'static Kind = &Kind { name: "log_verification", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// What a portion found.
#[derive(Debug)]
pub(crate) struct Portion {
    /// Entries verified so far.
    pub(crate) verified: u64,
    /// Whether the log is sound; unknown before the end.
    pub(crate) ok: Option<bool>,
    /// Seconds until the next portion.
    pub(crate) again: Option<i64>,
}

/// Verifies one portion, from where the last one stopped.
pub(crate) async fn run(ports: &ForgePorts) -> Result<Portion, Failure> {
    let stands = load::<LogVerification>(ports.store(), LogVerification::KEY).await?;
    let input = json!({ "next": stands.as_ref().map(|stands| &stands.next) }).to_string();
    let operation = "audit.verify";
    let call = Call { operation, caller: Caller::System, input: input.as_bytes(), idempotency_key: None };
    let answer: Value = serde_json::from_slice(&perform(ports, call).await?)
        .map_err(|error| Failure::Defect(format!("{operation}: {error}")))?;
    let mut change = Change::new();
    let next = answer.get("next").filter(|next| !next.is_null());
    match (next, &stands) {
        (Some(next), _) => change.upsert(stands.as_ref(), &LogVerification { next: next.clone() }),
        (None, Some(stands)) => change.remove(stands),
        (None, None) => {}
    }
    match ports.store().commit(change.into_commit()?).await {
        // Another run of the same portion was first.
        Ok(_) | Err(StoreError::Conflict) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Portion {
        verified: answer.get("verified").and_then(Value::as_u64).unwrap_or_default(),
        ok: answer.get("ok").and_then(Value::as_bool),
        again: next.map(|_| PAUSE_SECONDS),
    })
}
