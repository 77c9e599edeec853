//! What the log says of exceptions: ids, codes and commitments.

use audit_log::Value;

use super::document::{Exception, ExceptionState};
use crate::audit::{Actor, EventKind};
use crate::documents::Change;
use crate::time::Timestamp;

fn about(exception: &Exception) -> [(&'static str, Value); 3] {
    [
        ("exception", Value::from(exception.id.to_string())),
        ("person", Value::from(exception.person.to_string())),
        ("tool", Value::from(exception.tool.to_string())),
    ]
}

/// An exception is in force from now on.
pub(super) fn added(change: &mut Change, at: Timestamp, actor: &Actor, exception: &Exception) {
    let more = [
        ("owner", Value::from(exception.owner.to_string())),
        ("made_by", exception.made_by.to_value()),
        ("ends_at", Value::from(exception.ends_at.to_string())),
        ("reason", exception.reason.to_fact()),
    ];
    let facts = Value::object(about(exception).into_iter().chain(more));
    change.record(at, actor, EventKind::ExceptionAdded, facts);
}

/// An exception is not in force any more.
pub(super) fn ended(change: &mut Change, at: Timestamp, actor: &Actor, exception: &Exception) {
    let why = match exception.state {
        ExceptionState::Over { why, .. } => Value::from(why.as_str()),
        _ => Value::Null,
    };
    let facts = Value::object(about(exception).into_iter().chain([("why", why)]));
    change.record(at, actor, EventKind::ExceptionEnded, facts);
}
