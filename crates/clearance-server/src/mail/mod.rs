//! Notices by e-mail.
//!
//! A commit queued them and they are in people's inboxes; here those leave that are to be sent, oldest first. One that cannot be sent now is
//! tried again later, and given up after a day: what it told of is in the inbox all the same. One may be sent twice when the program is killed
//! between sending and noting it, or when several processes send from one database; never not at all.

pub(crate) mod mailer;

use std::sync::Arc;
use std::time::Duration;

use clearance::audit::AnchoredTo;
use clearance::audit::anchor::note_anchored;
use clearance::failure::Failure;
use clearance::notices;
use clearance::ports::{Environment as _, Ports};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::http::{App, unexpected};

pub use self::mailer::{Mailer, Sent};

/// Minutes after which a mail server that failed is tried again.
const PAUSE_MINUTES: i64 = 1;
/// Minutes after which a notice is old news.
const GIVE_UP_MINUTES: i64 = 24 * 60;

/// Delivers what waits and sends what is to be sent, again and again, until told to stop.
pub async fn run<P: Ports>(app: Arc<App<P>>, period: Duration, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
        if let Err(failure) = pass(&app).await
            && let Some(what) = unexpected(&failure)
        {
            tracing::error!(failure = what, "notices could not be delivered");
        }
    }
}

/// Puts what waits into inboxes, and sends what is to be sent now.
///
/// # Errors
/// The store's.
pub async fn pass<P: Ports>(app: &App<P>) -> Result<(), Failure> {
    notices::deliver(&app.ports).await?;
    let Some(mailer) = &app.mailer else { return Ok(()) };
    let (store, now) = (app.ports.store(), app.ports.environment().now());
    let mut not_before = mailer.not_before.lock().await;
    if not_before.is_some_and(|instant| now < instant) {
        return Ok(());
    }
    *not_before = None;
    for letter in notices::mail::due(&app.ports, app.origin.as_str()).await? {
        let Some(message) = &letter.message else {
            letter.dropped(store).await?;
            continue;
        };
        if letter.is_older_than(now.plus_minutes(-GIVE_UP_MINUTES)) {
            app.metrics.count_notice("given_up");
            letter.dropped(store).await?;
            continue;
        }
        match mailer.send(message).await {
            Sent::Yes => {
                app.metrics.count_notice("sent");
                if let Some(size) = letter.checkpoint() {
                    note_anchored(&app.ports, size, AnchoredTo::Email).await?;
                }
                letter.sent(store, now).await?;
            }
            Sent::Refused => {
                app.metrics.count_notice("refused");
                letter.dropped(store).await?;
            }
            Sent::Later => {
                app.metrics.count_notice("later");
                tracing::warn!("the mail server does not take notices now; they wait");
                *not_before = Some(now.plus_minutes(PAUSE_MINUTES));
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Lets e-mail be queued exactly when there is a mail server to take it: what nobody sends must not pile up.
///
/// # Errors
/// The store's.
pub async fn follow_configuration<P: Ports>(ports: &P, configured: bool) -> Result<(), Failure> {
    if clearance::settings::current(ports.store()).await?.email_notices == configured {
        return Ok(());
    }
    let input = serde_json::json!({ "email_notices": configured });
    crate::first_administrator::call(ports, "settings.put", &input).await.map(|_| ())
}
