//! Prints, as JSON, what the Forge app's glue and manifest are made and checked from: the kinds of documents with their indexes, and for each
//! of the app's functions the operations that it lets through. `cargo xtask forge` reads it; nothing of it is written by hand elsewhere.

use clearance::authorization::CallerKind::{self, Administrator, Approver, Auditor, Owner, Requester};
use clearance::operations::{Descriptor, table};
use serde_json::{Value, json};

/// Operations that only a self-hosted site has a use for: on Forge the platform signs people in, programs have no way in, and no call hands
/// out a file, so that exports are begun and then fetched in portions.
const SELF_HOSTED_ONLY: &[&str] = &[
    "tokens.create",
    "tokens.list",
    "tokens.revoke",
    "set_up_links.create",
    "audit.resource",
    "evidence.export",
    "requests.export",
    "exports.get",
];

/// Operations of this host's own for administrators, which no table has (`clearance_forge::host`).
const FOR_ADMINISTRATORS: &[&str] = &["core.pair", "core.standing"];

/// The same for licensed users, among whom auditors are.
const FOR_AUDITORS: &[&str] = &["accounts.standing"];

/// What a lapsed licence of the app stops. Everything else goes on, removals before all.
const NEW_REQUESTS: &[&str] = &[
    "requests.submit",
    "intake.draft",
    "intake.confirm",
    "grants.extend",
    "emergency.request",
    "tool_proposals.submit",
];

fn main() {
    let kinds: Vec<Value> = clearance::KINDS
        .iter()
        .chain(clearance_forge::KINDS)
        .map(|kind| {
            let indexes = kind.indexes.iter().map(
                |index| json!({ "name": index.name, "partition": index.partition, "range": index.range }),
            );
            json!({ "name": kind.name, "attributes": kind.attributes, "indexes": indexes.collect::<Vec<_>>() })
        })
        .collect();
    let mut admin = admitting(&[Requester, Approver, Owner, Administrator, Auditor]);
    admin.extend(FOR_ADMINISTRATORS.iter().chain(FOR_AUDITORS));
    let [mut app, mut auditor] = [admitting(&[Requester, Approver, Owner, Auditor]), admitting(&[Auditor])];
    app.extend(FOR_AUDITORS);
    auditor.extend(FOR_AUDITORS);
    let declarations = json!({
        "kinds": kinds,
        "operations": {
            // What a Jira administrator may call as such or as anybody.
            "admin": admin,
            "app": app,
            "portal": admitting(&[Requester]),
            // Of those above, what makes it worth asking Jira whether the caller is an auditor.
            "auditor": auditor,
            "new_requests": NEW_REQUESTS,
        },
    });
    println!("{declarations:#}");
}

/// Names of the operations that admit one of these kinds of callers.
fn admitting(kinds: &[CallerKind]) -> Vec<&'static str> {
    let admits = |row: &&Descriptor| kinds.iter().any(|kind| row.demand.callers.contains(*kind));
    let served = |row: &&Descriptor| !SELF_HOSTED_ONLY.contains(&row.name);
    table().iter().filter(served).filter(admits).map(|row| row.name).collect()
}
