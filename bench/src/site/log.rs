//! A long log, and nothing else.

use audit_log::Value;
use clearance::audit::{Actor, EventKind};
use clearance_store::SqliteStore;

use super::bulk::Bulk;
use super::{id, moment, person, tool};
use clearance::ids::RequestKind;

/// Appends entries like those of submitted requests.
pub(super) fn make(store: &SqliteStore, entries: u32) -> anyhow::Result<()> {
    let mut bulk = Bulk::new(store);
    for number in 0..entries {
        let moment = moment("log", number, entries);
        let facts = Value::object([
            ("request", Value::from(id::<RequestKind>(&moment).to_string())),
            ("tool", Value::from(tool(number % 500).to_string())),
            ("days", Value::from(90)),
            ("outcome", Value::from("stages")),
        ]);
        let actor = Actor::Person(person(number % 50_000));
        bulk.add(1, |change| change.record(moment.now, &actor, EventKind::RequestSubmitted, facts))?;
    }
    bulk.finish()
}
