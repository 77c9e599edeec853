//! The loop of the drift check. It is apart from the clockwork, which must not wait for a provider.

use std::sync::Arc;
use std::time::Duration;

use clearance::ports::Ports;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::http::{App, unexpected};

/// Seconds between two looks whether a check is due.
const PERIOD: Duration = Duration::from_secs(30);

/// Looks at once and then again and again what is due, until told to stop. Whoever stops it in the midst of a check loses nothing: another one
/// begins when its lease is over.
pub async fn run<P: Ports + 'static>(app: Arc<App<P>>, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
        let checking = Arc::clone(&app);
        // On a task of its own, so that a panic in it ends the pass and not the loop.
        if tokio::spawn(async move { pass(&checking).await }).await.is_err() {
            tracing::error!("a drift check panicked");
        }
    }
}

/// One pass: whatever is due now.
pub async fn pass<P: Ports>(app: &App<P>) {
    match clearance::drift::run_due(&app.ports).await {
        Ok(pass) if pass.checked + pass.unknown > 0 => {
            tracing::info!(items = pass.checked, "groups were compared with what was approved");
            if pass.unknown > 0 {
                tracing::warn!(items = pass.unknown, "groups could not be read");
            }
        }
        Ok(_) => {}
        Err(failure) => {
            if let Some(what) = unexpected(&failure) {
                tracing::error!(failure = what, "a drift check failed");
            }
        }
    }
}
