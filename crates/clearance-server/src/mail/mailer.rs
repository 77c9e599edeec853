//! The mail server: messages over SMTP with STARTTLS or TLS.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context as _;
use clearance::ids::NoticeId;
use clearance::notices::Message;
use clearance::text::EmailAddress;
use clearance::time::Timestamp;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::response::{Category, Code, Severity};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use tokio::sync::Mutex;

use crate::config::{Smtp, SmtpEncryption};

/// Seconds that the mail server has for one message.
const SEND_SECONDS: u64 = 20;

/// Sends mail.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    pub(super) progress: Mutex<Progress>,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mailer(…)")
    }
}

#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Messages of notices that are not done, so that a retry repeats none.
    pub(super) sent: BTreeSet<(NoticeId, EmailAddress)>,
    pub(super) not_before: Option<Timestamp>,
}

/// How sending one message went.
pub(super) enum Sent {
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

    pub(super) async fn send(&self, message: &Message) -> Sent {
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
