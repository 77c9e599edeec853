//! Exceptions of people, the guards by which requests find them, and what the log says of each.

use std::collections::BTreeMap;

use clearance::exception::{Exception, ExceptionOfPerson, ExceptionState};
use clearance::policy::Outcome;
use clearance::ports::Store;
use clearance::request::Request;

use super::log::Log;
use super::people::hidden;
use super::{every, require};

pub(super) async fn check(store: &impl Store, log: &Log, broken: &mut Vec<String>) {
    let exceptions: Vec<Exception> = every(store).await;
    for exception in &exceptions {
        let (added, ended) = match exception.state {
            ExceptionState::Proposed { .. } | ExceptionState::Refused { .. } => (0, 0),
            ExceptionState::InForce { .. } => (1, 0),
            ExceptionState::Over { .. } => (1, 1),
        };
        for (kind, expected) in [("exception.added", added), ("exception.ended", ended)] {
            let logged = log.count(kind, exception.id);
            require(broken, logged == expected, || {
                format!("{} is {}: {logged} × {kind}", exception.id, exception.state_name())
            });
        }
        require(broken, exception.owner != exception.person, || {
            format!("{}: answered for by whom it is for", exception.id)
        });
        if let Some(text) = exception.reason.text() {
            hidden(log, text.as_str(), broken);
        }
        if let (1, Some(commitment)) = (added, exception.reason.commitment()) {
            require(broken, log.says(commitment), || {
                format!("{}: its reason is not committed to", exception.id)
            });
        }
    }
    let mut in_force: BTreeMap<_, _> = exceptions
        .iter()
        .filter(|exception| matches!(exception.state, ExceptionState::InForce { .. }))
        .map(|exception| ((exception.person, exception.tool), exception.id))
        .collect();
    for guard in every::<ExceptionOfPerson>(store).await {
        let of = in_force.remove(&(guard.person, guard.tool));
        require(broken, of == guard.exception, || {
            format!("{of:?} is in force, the guard says {:?}", guard.exception)
        });
    }
    require(broken, in_force.is_empty(), || format!("in force without a guard: {in_force:?}"));
    for request in every::<Request>(store).await {
        let Some(id) = request.exception else { continue };
        let denied = matches!(request.evaluation.outcome, Outcome::Denied { .. });
        let of = exceptions.iter().any(|exception| {
            exception.id == id && exception.person == request.requester && exception.tool == request.tool
        });
        require(broken, denied && of, || format!("{}: asked under {id}, which is not its own", request.id));
    }
}
