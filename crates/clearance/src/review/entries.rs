//! What the log says of reviews: ids, codes and commitments.

use audit_log::Value;

use super::document::Review;
use super::state::{Postponement, ReviewCause, ReviewDecision, ReviewState};
use crate::audit::{Actor, EventKind};
use crate::documents::Change;
use crate::ids::ToolId;
use crate::text::CommittedText;
use crate::time::Timestamp;

fn text(value: Option<impl ToString>) -> Value {
    value.map_or(Value::Null, |value| Value::from(value.to_string()))
}

fn record(
    change: &mut Change,
    (at, actor): (Timestamp, Actor),
    event: EventKind,
    review: &Review,
    more: impl IntoIterator<Item = (&'static str, Value)>,
) {
    let about = [
        ("review", Value::from(review.id.to_string())),
        ("grant", Value::from(review.grant.to_string())),
        ("person", Value::from(review.person.to_string())),
        ("tool", Value::from(review.tool.to_string())),
    ];
    change.record(at, &actor, event, Value::object(about.into_iter().chain(more)));
}

/// Reviews of access to a tool were called for.
pub(super) fn called(change: &mut Change, at: Timestamp, actor: &Actor, tool: ToolId, cause: ReviewCause) {
    let facts =
        Value::object([("tool", Value::from(tool.to_string())), ("cause", Value::from(cause.as_str()))]);
    change.record(at, actor, EventKind::ReviewsCalled, facts);
}

/// A review was opened.
pub(super) fn opened(change: &mut Change, review: &Review) {
    let more = [
        ("cause", Value::from(review.cause.as_str())),
        ("reviewer", Value::from(review.reviewer.to_string())),
        ("ends_at", text(review.ends_at)),
    ];
    record(change, (review.opened_at, Actor::System), EventKind::ReviewOpened, review, more);
}

/// Somebody else decides a review from now on.
pub(super) fn reassigned(change: &mut Change, at: Timestamp, review: &Review) {
    let more = [("reviewer", Value::from(review.reviewer.to_string()))];
    record(change, (at, Actor::System), EventKind::ReviewReassigned, review, more);
}

/// A review was put off.
pub(super) fn postponed(change: &mut Change, review: &Review, postponement: &Postponement) {
    let Postponement { by, on_behalf_of, at, until, reason } = postponement;
    let more = [
        ("until", Value::from(until.to_string())),
        ("reason", reason.to_fact()),
        ("on_behalf_of", text(*on_behalf_of)),
    ];
    record(change, (*at, Actor::Person(*by)), EventKind::ReviewPostponed, review, more);
}

/// A review was decided.
pub(super) fn decided(change: &mut Change, review: &Review) {
    let ReviewState::Decided { decision, by, on_behalf_of, at, reason } = &review.state else { return };
    let mut more = vec![
        ("decision", Value::from(decision.as_str())),
        ("reason", reason.as_ref().map_or(Value::Null, CommittedText::to_fact)),
        ("on_behalf_of", text(*on_behalf_of)),
    ];
    match decision {
        ReviewDecision::Renew { days, renewal } => {
            more.push(("days", Value::from(days.get())));
            more.push(("renewal", Value::from(renewal.as_str())));
            more.push(("request", text(renewal.request())));
        }
        ReviewDecision::Exception { proposal } => more.push(("proposal", Value::from(proposal.to_string()))),
        ReviewDecision::LetExpire | ReviewDecision::Remove => {}
    }
    record(change, (*at, Actor::Person(*by)), EventKind::ReviewDecided, review, more);
}

/// A review was closed without a decision.
pub(super) fn closed(change: &mut Change, at: Timestamp, review: &Review) {
    let why = match &review.state {
        ReviewState::Void { why, .. } => Value::from(why.as_str()),
        _ => Value::Null,
    };
    let more = [("outcome", Value::from(review.state_name())), ("why", why)];
    record(change, (at, Actor::System), EventKind::ReviewClosed, review, more);
}
