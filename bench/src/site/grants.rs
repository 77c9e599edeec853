//! Active access that somebody gave by hand; some of it is due.

use audit_log::Value;
use clearance::audit::{Actor, EventKind};
use clearance::grant::{Grant, GrantState, Means};
use clearance::ids::RequestId;
use clearance::request::Holding;
use clearance::time::Timestamp;
use clearance_store::SqliteStore;

use super::bulk::Bulk;
use super::{END, Size, id, moment, person, tool};

/// 2036-11-01T00:00:00Z: access that is not due.
const FAR: i64 = 2_109_024_000_000;

/// Which grants are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// A fifth of many, over all tools.
    Some,
    /// All of one large group: one tool.
    OneTool,
    /// All, as many as in the large group, but spread over the tools.
    Spread,
}

/// Writes grants and what their people hold.
pub(super) fn make(store: &SqliteStore, size: Size, due: Due) -> anyhow::Result<()> {
    let count = if due == Due::Some { size.grants } else { size.group };
    let mut bulk = Bulk::new(store);
    for number in 0..count {
        let grant = grant(number, size, due);
        bulk.add(3, |change| {
            change.insert(&grant);
            change.insert(&Holding { grant: Some(grant.id), ..Holding::none(grant.person, grant.tool) });
            let facts = Value::object([
                ("grant", Value::from(grant.id.to_string())),
                ("person", Value::from(grant.person.to_string())),
                ("tool", Value::from(grant.tool.to_string())),
            ]);
            change.record(grant.approved_at, &Actor::Person(person(0)), EventKind::GrantActivated, facts);
        })?;
    }
    bulk.finish()
}

pub(super) fn grant(number: u32, size: Size, due: Due) -> Grant {
    let moment = moment("grant", number, size.grants);
    // Whoever asks while it is measured holds nothing yet.
    let first = if due == Due::Some { size.tools + Size::REQUESTERS } else { 0 };
    let holders = size.people - first;
    // As with requests: every pair of person and tool once, in no order.
    let holder = first + u32::try_from(u64::from(number) * 7_919 % u64::from(holders)).unwrap_or(0);
    let (of, due) = match due {
        Due::Some => {
            ((holder + number / holders * 25) % size.tools, number.is_multiple_of(size.grants / size.due))
        }
        Due::OneTool => (0, true),
        Due::Spread => (holder % size.tools, true),
    };
    let ends_at = if due { END + i64::from(number) } else { FAR + i64::from(number) };
    Grant {
        id: id(&moment),
        person: person(holder),
        tool: tool(of),
        request: RequestId::new(&moment, "request", 0),
        approved_at: moment.now,
        means: Means::Manual,
        seats: Vec::new(),
        fence: 0,
        told_in_issue: false,
        counted: false,
        extensions: Vec::new(),
        state: GrantState::Active { activated_at: moment.now, ends_at: Timestamp::from_millisecond(ends_at) },
    }
}
