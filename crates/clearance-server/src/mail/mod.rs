//! Notices by e-mail.
//!
//! A commit queued them; here they leave, oldest first. One that cannot be sent now is tried again later, and given up after a day: what it
//! told of is on the pages all the same.

pub(crate) mod mailer;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use clearance::audit::AnchoredTo;
use clearance::audit::anchor::note_anchored;
use clearance::documents::Loaded;
use clearance::failure::Failure;
use clearance::ids::NoticeId;
use clearance::notices::{self, About, Notice};
use clearance::ports::{Environment as _, Ports};
use clearance::text::EmailAddress;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use self::mailer::Sent;
use crate::http::{App, unexpected};

pub use self::mailer::Mailer;

/// Minutes after which a mail server that failed is tried again.
const PAUSE_MINUTES: i64 = 1;
/// Minutes after which a notice is old news.
const GIVE_UP_MINUTES: i64 = 24 * 60;

/// Sends what waits, again and again, until told to stop.
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
            tracing::error!(failure = what, "notices could not be read");
        }
    }
}

/// Sends what waits now.
///
/// # Errors
/// The store's.
pub async fn pass<P: Ports>(app: &App<P>) -> Result<(), Failure> {
    let Some(mailer) = &app.mailer else { return Ok(()) };
    let now = app.ports.environment().now();
    let mut progress = mailer.progress.lock().await;
    if progress.not_before.is_some_and(|instant| now < instant) {
        return Ok(());
    }
    progress.not_before = None;
    let waiting = notices::waiting(app.ports.store()).await?;
    progress.sent.retain(|(notice, _)| waiting.iter().any(|waiting| waiting.id == *notice));
    for notice in &waiting {
        let old = notice.at.plus_minutes(GIVE_UP_MINUTES) < now;
        if !old && !deliver(app, mailer, notice, &mut progress.sent).await? {
            tracing::warn!("the mail server does not take notices now; they wait");
            progress.not_before = Some(now.plus_minutes(PAUSE_MINUTES));
            return Ok(());
        }
        if old {
            app.metrics.count_notice("given_up");
        }
        match notices::forget(app.ports.store(), notice).await {
            Err(failure) if failure.is_conflict() => {}
            settled => settled?,
        }
    }
    Ok(())
}

/// Sends a notice's messages; false when the mail server does not work now.
async fn deliver<P: Ports>(
    app: &App<P>,
    mailer: &Mailer,
    notice: &Loaded<Notice>,
    sent: &mut BTreeSet<(NoticeId, EmailAddress)>,
) -> Result<bool, Failure> {
    for message in notices::messages(app.ports.store(), notice, app.origin.as_str()).await? {
        let key = (notice.id, message.to.clone());
        if sent.contains(&key) {
            continue;
        }
        match mailer.send(&message).await {
            Sent::Yes => {
                app.metrics.count_notice("sent");
                if let About::Checkpoint(size) = notice.about {
                    note_anchored(&app.ports, size, AnchoredTo::Email).await?;
                }
            }
            Sent::Refused => app.metrics.count_notice("refused"),
            Sent::Later => {
                app.metrics.count_notice("later");
                return Ok(false);
            }
        }
        sent.insert(key);
    }
    Ok(true)
}

/// Lets notices be queued exactly when there is a mail server to take them: what nobody sends must not pile up.
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
