//! The loop of the job runner. It is apart from the clockwork, which must not wait for a provider; and each connector is run apart from the
//! others, so that a slow provider holds up nobody else.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use clearance::ids::ConnectorId;
use clearance::ports::{Environment as _, Ports};
use clearance::provisioning::{Ran, connectors, run_connector};
use clearance::time::Timestamp;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::http::{App, unexpected};

/// The pause between two looks whether a job is due.
const PERIOD: Duration = Duration::from_secs(1);
/// The shortest pause, when a provider's limit was reached.
const SHORTEST: Duration = Duration::from_millis(20);

/// Runs what is due at every connector, again and again, until told to stop. Whoever stops it in the midst of a call loses nothing: the call is
/// made again when its lease is over.
pub async fn run<P: Ports + 'static>(app: Arc<App<P>>, mut stop: watch::Receiver<bool>) {
    let mut running = JoinSet::new();
    // Connectors at work, and when the others are next.
    let mut next: HashMap<ConnectorId, Option<Timestamp>> = HashMap::new();
    loop {
        let now = app.ports.environment().now();
        match connectors(&app.ports).await {
            Ok(all) => {
                next.retain(|id, at| at.is_none() || all.contains(id));
                for id in all {
                    let due = next.get(&id).is_none_or(|at| at.is_some_and(|at| at <= now));
                    if due {
                        next.insert(id, None);
                        let app = Arc::clone(&app);
                        running.spawn(async move { (id, pass(&app, id).await) });
                    }
                }
            }
            Err(failure) => {
                if let Some(what) = unexpected(&failure) {
                    tracing::error!(failure = what, "the connectors could not be read");
                }
            }
        }
        let soonest = next.values().flatten().min().map_or(PERIOD, |at| {
            let pause = at.as_millisecond().saturating_sub(now.as_millisecond());
            Duration::from_millis(u64::try_from(pause).unwrap_or(0)).clamp(SHORTEST, PERIOD)
        });
        tokio::select! {
            () = sleep(soonest) => {}
            Some(ended) = running.join_next() => {
                if let Ok((id, at)) = ended {
                    next.insert(id, Some(at));
                } else {
                    tracing::error!("a pass of the job runner panicked");
                    // It is not known whose pass it was: nobody waits for it.
                    next.retain(|_, at| at.is_some());
                }
            }
            _ = stop.changed() => return,
        }
    }
}

/// One pass at one connector; when the next one is due.
async fn pass<P: Ports>(app: &App<P>, connector: ConnectorId) -> Timestamp {
    let outcome = run_connector(&app.ports, connector).await;
    let now = app.ports.environment().now();
    let after = |pause: Duration| {
        let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(now.as_millisecond().saturating_add(pause))
    };
    match outcome {
        Ok(ran) => {
            count(app, &ran);
            // At once while there is work.
            let pause = if ran.is_idle() { PERIOD } else { SHORTEST };
            ran.next_at.map_or_else(|| after(pause), |at| at.min(after(PERIOD)).max(after(SHORTEST)))
        }
        Err(failure) => {
            if let Some(what) = unexpected(&failure) {
                tracing::error!(failure = what, "a pass of the job runner failed");
            }
            after(PERIOD)
        }
    }
}

fn count<P>(app: &App<P>, ran: &Ran) {
    for (outcome, jobs) in [
        ("succeeded", ran.succeeded),
        ("advanced", ran.advanced),
        ("delayed", ran.delayed),
        ("needs_follow_up", ran.follow_ups),
        ("cancelled", ran.cancelled),
        ("resumed", ran.resumed),
    ] {
        if jobs > 0 {
            app.metrics.count_jobs(outcome, jobs);
        }
    }
}
