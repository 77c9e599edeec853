//! The mail server: messages over SMTP with STARTTLS or TLS.

use std::time::Duration;

use anyhow::Context as _;
use clearance::notices::mail::Message;
use clearance::time::Timestamp;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
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
    /// Before when nothing is tried, because the mail server failed.
    pub(super) not_before: Mutex<Option<Timestamp>>,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mailer(…)")
    }
}

/// How sending one message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The mail server took it.
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
        Ok(Self { transport: builder.build(), from, not_before: Mutex::default() })
    }

    /// Sends one message.
    pub async fn send(&self, message: &Message) -> Sent {
        let Ok(to) = message.to.as_str().parse() else { return Sent::Refused };
        let mut email = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(message.subject.clone())
            // Answers of absence assistants and the like are wanted by nobody (RFC 3834).
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN);
        if let Some(address) = &message.unsubscribe {
            email = email.header(ListUnsubscribe(address.clone()));
            // One click is for links that nobody on the way can read (RFC 8058 §3.1).
            if address.starts_with("https://") {
                email = email.header(ListUnsubscribePost);
            }
        }
        let Ok(email) = email.body(message.body.clone()) else { return Sent::Refused };
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

macro_rules! header {
    ($(#[$doc:meta])* $type:ident $(($field:ty))?, $name:literal, $self:ident => $value:expr) => {
        $(#[$doc])*
        #[derive(Clone)]
        struct $type $(($field))?;

        impl Header for $type {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($name)
            }

            fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Err("it is written and never read".into())
            }

            fn display(&$self) -> HeaderValue {
                HeaderValue::new(Self::name(), $value)
            }
        }
    };
}

header!(
    /// `Auto-Submitted: auto-generated`.
    AutoSubmitted, "Auto-Submitted", self => "auto-generated".to_owned()
);
header!(
    /// `List-Unsubscribe: <…>`: where such e-mail is switched off (RFC 2369).
    ListUnsubscribe(String), "List-Unsubscribe", self => format!("<{}>", self.0)
);
header!(
    /// `List-Unsubscribe-Post: List-Unsubscribe=One-Click`: a POST there is enough (RFC 8058).
    ListUnsubscribePost, "List-Unsubscribe-Post", self => "List-Unsubscribe=One-Click".to_owned()
);
