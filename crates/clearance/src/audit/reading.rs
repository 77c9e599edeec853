use audit_log::Value;
use serde::{Deserialize, Serialize};

use super::EventKind;
use crate::authorization::{Caller, Credential};
use crate::documents::{Change, Document, load};
use crate::failure::Failure;
use crate::operations::Context;
use crate::ports::{Attributes, Kind, Ports};

/// When the log's files were last read, with one token or in a person's sessions. Erasing a person leaves it: it holds ids and a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogReading {
    /// The token's id; of sessions the person's.
    reader: String,
    /// The day, in UTC, as `2026-11-23`.
    day: String,
}

impl Document for LogReading {
    const KIND: &'static Kind = &Kind { name: "log_reading", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.reader.clone()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// The entry that somebody reads the log's files, once a day for each token: whoever mirrors the log reads thousands of them.
pub(super) async fn record<P: Ports>(context: &Context<'_, P>) -> Result<Change, Failure> {
    let mut change = Change::new();
    // Whoever works on the host can read the database itself.
    let Caller::Person(principal) = context.admission.caller() else { return Ok(change) };
    let (reader, with) = match principal.credential {
        Credential::Token { id, .. } => (id.to_string(), id.to_string()),
        Credential::Session => (principal.person.id.to_string(), "session".to_owned()),
    };
    let day: String =
        context.moment.now.to_string().chars().take_while(|character| *character != 'T').collect();
    let before = load::<LogReading>(context.store(), &reader).await?;
    if before.as_ref().is_some_and(|before| before.day == day) {
        return Ok(change);
    }
    change.upsert(before.as_ref(), &LogReading { reader, day });
    let facts = Value::object([("with", Value::from(with))]);
    change.record(context.moment.now, &context.admission.actor()?, EventKind::LogRead, facts);
    Ok(change)
}
