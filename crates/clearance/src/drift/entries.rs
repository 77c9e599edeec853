//! What the log says of findings: ids, codes and commitments.

use audit_log::Value;

use super::{Disposition, Finding};
use crate::audit::{Actor, EventKind};
use crate::documents::Change;
use crate::time::Timestamp;

fn text(value: Option<impl ToString>) -> Value {
    value.map_or(Value::Null, |value| Value::from(value.to_string()))
}

/// A finding was made. Each has an entry of its own, so that evidence about one person tells of nobody else.
pub(super) fn found(change: &mut Change, at: Timestamp, finding: &Finding) {
    let facts = Value::object([
        ("finding", Value::from(finding.id.to_string())),
        ("kind", Value::from(finding.difference.kind().as_str())),
        ("tool", Value::from(finding.tool.to_string())),
        ("person", text(finding.person())),
        ("grant", text(finding.difference.grant())),
        ("cause", text(finding.difference.cause().map(super::Cause::as_str))),
    ]);
    change.record(at, &Actor::System, EventKind::DriftFound, facts);
}

fn about(
    finding: &Finding,
    disposition: &Disposition,
) -> impl Iterator<Item = (&'static str, Value)> + use<> {
    let answered_for = disposition.remedy.answered_for();
    let reason = disposition.reason.as_ref().map_or(Value::Null, crate::text::CommittedText::to_fact);
    [
        ("finding", Value::from(finding.id.to_string())),
        ("tool", Value::from(finding.tool.to_string())),
        ("person", text(finding.person())),
        ("grant", text(finding.difference.grant())),
        ("disposition", Value::from(disposition.remedy.kind().as_str())),
        ("reason", reason),
        ("confirmed_by", disposition.confirmed_by.map_or(Value::Null, |actor| actor.to_value())),
        ("owner", text(answered_for.map(|(owner, _)| owner))),
        ("ends_at", text(finding.ends_at().or(answered_for.map(|(_, ends_at)| ends_at)))),
    ]
    .into_iter()
}

/// It was decided what is to be done about a finding, and it is being done.
pub(super) fn decided(change: &mut Change, at: Timestamp, finding: &Finding) {
    if let Some(disposition) = finding.disposition() {
        let facts = Value::object(about(finding, disposition));
        change.record(at, &disposition.by, EventKind::DriftDecided, facts);
    }
}

/// A finding is settled.
pub(super) fn settled(
    change: &mut Change,
    at: Timestamp,
    actor: &Actor,
    finding: &Finding,
    disposition: &Disposition,
) {
    change.record(at, actor, EventKind::DriftSettled, Value::object(about(finding, disposition)));
}

/// Nobody answers any more for what a finding is about.
pub(super) fn lapsed(change: &mut Change, at: Timestamp, finding: &Finding) {
    lapsed_by(change, at, &Actor::System, finding);
}

/// Nobody answers any more for what a finding is about, because somebody ended it.
pub(super) fn lapsed_by(change: &mut Change, at: Timestamp, actor: &Actor, finding: &Finding) {
    let facts = Value::object([
        ("finding", Value::from(finding.id.to_string())),
        ("tool", Value::from(finding.tool.to_string())),
        ("person", text(finding.person())),
    ]);
    change.record(at, actor, EventKind::DriftLapsed, facts);
}
