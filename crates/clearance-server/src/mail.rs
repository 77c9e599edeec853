//! Notices by e-mail, over plain SMTP with STARTTLS or TLS.
//!
//! A commit queued them; here they leave, oldest first. One that cannot be sent now is tried again later, and given up after a day: what it
//! told of is on the pages all the same.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clearance::audit::AnchoredTo;
use clearance::audit::anchor::note_anchored;
use clearance::documents::Loaded;
use clearance::failure::Failure;
use clearance::ids::NoticeId;
use clearance::notices::{self, About, Message, Notice};
use clearance::ports::{Environment as _, Ports};
use clearance::text::EmailAddress;
use clearance::time::Timestamp;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::response::{Category, Code, Severity};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use tokio::sync::{Mutex, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::config::{Smtp, SmtpEncryption};
use crate::http::{App, unexpected};

/// Seconds that the mail server has for one message.
const SEND_SECONDS: u64 = 20;
/// Minutes after which a mail server that failed is tried again.
const PAUSE_MINUTES: i64 = 1;
/// Minutes after which a notice is old news.
const GIVE_UP_MINUTES: i64 = 24 * 60;

/// Sends mail.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    progress: Mutex<Progress>,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mailer(…)")
    }
}

#[derive(Debug, Default)]
struct Progress {
    /// Messages of notices that are not done, so that a retry repeats none.
    sent: BTreeSet<(NoticeId, EmailAddress)>,
    not_before: Option<Timestamp>,
}

/// How sending one message went.
enum Sent {
    Yes,
    /// This message will never be taken.
    Refused,
    /// The mail server does not work now.
    Later,
}

impl Mailer {
    /// Ready to send; speaks to nobody yet.
    ///
    /// # Errors
    /// When the configured host cannot be used with TLS.
    pub fn new(smtp: &Smtp) -> anyhow::Result<Self> {
        let host = smtp.host.as_str();
        let mut builder = match smtp.encryption {
            SmtpEncryption::Starttls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host),
            SmtpEncryption::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(host),
            SmtpEncryption::None => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)),
        }
        .context("cannot use `smtp.host`")?
        .timeout(Some(Duration::from_secs(SEND_SECONDS)));
        if let Some(port) = smtp.port {
            builder = builder.port(port);
        }
        if let Some((user, password)) = &smtp.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        let from = smtp.from.parse().context("cannot use `smtp.from`")?;
        Ok(Self { transport: builder.build(), from, progress: Mutex::default() })
    }

    async fn send(&self, message: &Message) -> Sent {
        let Ok(to) = message.to.as_str().parse() else { return Sent::Refused };
        let email = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(message.subject.clone())
            // Answers of absence assistants and the like are wanted by nobody (RFC 3834).
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(message.body.clone());
        let Ok(email) = email else { return Sent::Refused };
        match self.transport.send(email).await {
            Ok(_) => Sent::Yes,
            // 53x: the server wants other credentials, which says nothing of this message (RFC 4954 §6).
            Err(error) if error.is_permanent() && !error.status().is_some_and(is_about_credentials) => {
                Sent::Refused
            }
            Err(_) => Sent::Later,
        }
    }
}

fn is_about_credentials(code: Code) -> bool {
    code.severity == Severity::PermanentNegativeCompletion && code.category == Category::Unspecified3
}

/// `Auto-Submitted: auto-generated`.
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

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
