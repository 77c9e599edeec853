//! The loop of the job runner. It is apart from the clockwork, which must not wait for a provider; and each connector is run apart from the
//! others, so that a slow provider holds up nobody else.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use clearance::ids::ConnectorId;
use clearance::ports::{Environment as _, Ports};
use clearance::provisioning::{Ran, connectors, run_connector_and_tell};
use tokio::sync::watch;
use tokio::task::{self, JoinSet};
use tokio::time::sleep;

use crate::http::{App, unexpected};

/// The pause between two looks whether a job is due.
const PERIOD: Duration = Duration::from_secs(1);
/// The shortest pause, when a provider's limit was reached.
const SHORTEST: Duration = Duration::from_millis(20);

/// Runs what is due at every connector, again and again, until told to stop. Whoever stops it in the midst of a call loses nothing: the call is
/// made again when its lease is over.
///
/// Pauses are slept, not read off the clock: a clock that is put back halts no connector.
pub async fn run<P: Ports + 'static>(app: Arc<App<P>>, mut stop: watch::Receiver<bool>) {
    let mut running = JoinSet::new();
    // Whose pass each task is, and how long the next one of a connector waits.
    let mut passes: HashMap<task::Id, ConnectorId> = HashMap::new();
    let mut pauses: HashMap<ConnectorId, Duration> = HashMap::new();
    loop {
        match connectors(&app.ports).await {
            Ok(all) => {
                for id in all {
                    if passes.values().any(|other| *other == id) {
                        continue;
                    }
                    let (app, pause) = (Arc::clone(&app), pauses.remove(&id).unwrap_or_default());
                    let pass = running.spawn(async move {
                        sleep(pause).await;
                        pass(&app, id).await
                    });
                    passes.insert(pass.id(), id);
                }
            }
            Err(failure) => {
                if let Some(what) = unexpected(&failure) {
                    tracing::error!(failure = what, "the connectors could not be read");
                }
            }
        }
        tokio::select! {
            () = sleep(PERIOD) => {}
            Some(ended) = running.join_next_with_id() => {
                let (task, pause) = ended.unwrap_or_else(|error| {
                    tracing::error!("a pass of the job runner panicked");
                    (error.id(), PERIOD)
                });
                if let Some(connector) = passes.remove(&task) {
                    pauses.insert(connector, pause);
                }
            }
            _ = stop.changed() => return running.shutdown().await,
        }
    }
}

/// One pass at one connector; how long the next one waits.
async fn pass<P: Ports>(app: &App<P>, connector: ConnectorId) -> Duration {
    match run_connector_and_tell(&app.ports, connector, |ran| count(app, ran)).await {
        Ok(ran) => {
            count(app, &ran);
            // At once while there is work.
            let pause = if ran.is_idle() { PERIOD } else { SHORTEST };
            ran.next_at.map_or(pause, |at| {
                let now = app.ports.environment().now();
                let until = at.as_millisecond().saturating_sub(now.as_millisecond());
                Duration::from_millis(u64::try_from(until).unwrap_or(0)).clamp(SHORTEST, PERIOD)
            })
        }
        Err(failure) => {
            if let Some(what) = unexpected(&failure) {
                tracing::error!(failure = what, "a pass of the job runner failed");
            }
            PERIOD
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
        ("looked_again", ran.looked_again),
        ("resumed", ran.resumed),
    ] {
        if jobs > 0 {
            app.metrics.count_jobs(outcome, jobs);
        }
    }
}
