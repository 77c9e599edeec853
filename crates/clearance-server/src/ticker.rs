//! The ticker: runs the clockwork again and again. Every task of it may run twice or be killed anywhere, so replicas need no agreement.

use std::sync::Arc;
use std::time::Duration;

use clearance::failure::Failure;
use clearance::ports::{Environment as _, Ports, Store as _, StoreError};
use clearance::refusal::Code;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::http::{App, unexpected};

/// Reads of exports in the making in one pass: so few that nothing else waits for long.
const EXPORT_READS: u64 = 10_000;

/// Runs a pass at once and then after every period, until told to stop. A pass under way is finished.
pub async fn run<P: Ports + 'static>(app: Arc<App<P>>, period: Duration, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
        let app = Arc::clone(&app);
        // On a task of its own, so that a panic in it ends the pass and not the ticker.
        if tokio::spawn(async move { pass(&app).await }).await.is_err() {
            tracing::error!("a pass of the clockwork panicked");
        }
    }
}

/// One pass: whatever is due now.
pub async fn pass<P: Ports>(app: &App<P>) {
    let swept = clearance::clockwork::run_due(&app.ports).await;
    let forgot = clearance::sign_in::forget_ended_sessions(&app.ports, app.ports.environment().now()).await;
    let halted = match &swept {
        Ok(_) => false,
        Err(Failure::Refused(refusal)) if refusal.code() == Code::ClockHalted => true,
        // It says nothing of the clock, which stands as it was last known.
        Err(_) => app.metrics.clock_is_halted(),
    };
    if halted != app.metrics.clock_is_halted() {
        app.metrics.set_clock_halted(halted);
        if halted {
            // Its words hold times and ids of connectors, and nothing else.
            let why = swept.as_ref().err().map(ToString::to_string).unwrap_or_default();
            tracing::error!(
                failure = why,
                "the clock cannot be trusted: nothing ends by time until it is right"
            );
        } else {
            tracing::info!("the clock is right again");
        }
    }
    let exported = clearance::evidence::run_due(&app.ports, EXPORT_READS).await;
    let kept = keep_checkpoint(app).await;
    let anchored = match &app.anchor_file {
        Some(file) => crate::anchor::pass(&app.ports, file).await,
        None => Ok(()),
    };
    let failures = [swept.err(), forgot.err(), exported.err(), kept.err(), anchored.err()];
    let failed = failures.iter().flatten().filter_map(unexpected).inspect(|what| {
        tracing::error!(failure = what, "a pass of the clockwork failed");
    });
    app.metrics.count_pass(if failed.count() > 0 || halted { "failed" } else { "done" });
}

/// Keeps the log's head as it is now beside the database.
///
/// # Errors
/// When the store does not answer or the file cannot be written.
pub async fn keep_checkpoint<P: Ports>(app: &App<P>) -> Result<(), Failure> {
    let Some(known) = &app.known_checkpoint else { return Ok(()) };
    let head = app.ports.store().log_head().await?;
    known.keep(&head).map_err(|error| StoreError::Unavailable(format!("known-checkpoint: {error}")).into())
}
