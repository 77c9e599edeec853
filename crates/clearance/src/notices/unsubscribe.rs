//! Switching e-mail off with one click (RFC 8058): from a link, without signing in.
//!
//! The link holds 256 random bits that are the person's alone. Whoever has it can do one thing: switch off e-mail that is optional. Doing it
//! twice changes nothing; what comes in the inbox stays as it is.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::preferences::{NoticePreferences, record};
use super::topic::{Delivery, Topic};
use crate::audit::Actor;
use crate::documents::{Change, Document, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people::Person;
use crate::ports::{Attributes, Environment as _, Kind, Moment, Ports, Store};
use crate::refusal::{Code, Refusal};
use crate::sign_in::hex;

/// How often a lost race is run again.
const ATTEMPTS: u32 = 8;

/// What stands in a person's links. It is kept as it is, because each e-mail needs it, and it cannot be printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsubscribeSecret(String);

impl UnsubscribeSecret {
    fn new(moment: &Moment) -> Self {
        Self(hex(&moment.bytes("unsubscribe", 0)).to_string())
    }

    /// Reads what stands in a link: 64 lowercase hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        digits.then(|| Self(text.to_owned()))
    }

    /// As it stands in a link.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> String {
        hex(&Sha256::digest(&self.0).into()).to_string()
    }
}

impl fmt::Debug for UnsubscribeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnsubscribeSecret(…)")
    }
}

/// Whose links hold a secret: found by its hash. Erasing the person removes it, and their links work no more.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UnsubscribeCode {
    hash: String,
    person: PersonId,
}

impl Document for UnsubscribeCode {
    const KIND: &'static Kind = &Kind { name: "unsubscribe_code", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.hash.clone()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

impl UnsubscribeCode {
    /// The code of a secret, as stored.
    pub(super) async fn of(
        store: &impl Store,
        secret: &UnsubscribeSecret,
    ) -> Result<Option<crate::documents::Loaded<Self>>, Failure> {
        load(store, &secret.hash()).await
    }
}

/// What a link switches off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscription {
    /// E-mail about one topic, which is optional.
    Topic(Topic),
    /// The daily digest: whatever comes by it.
    Digest,
}

impl Subscription {
    /// What a link names; none for what is mandatory.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "digest" {
            return Some(Self::Digest);
        }
        let topic = Topic::ALL.iter().find(|topic| topic.as_str() == text && !topic.is_mandatory());
        topic.copied().map(Self::Topic)
    }

    /// As a link names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Topic(topic) => topic.as_str(),
            Self::Digest => "digest",
        }
    }

    fn covers(self, topic: Topic, delivery: Delivery) -> bool {
        !topic.is_mandatory()
            && match self {
                Self::Topic(other) => topic == other && delivery != Delivery::None,
                Self::Digest => delivery == Delivery::Daily,
            }
    }
}

/// The secret of a person's links, made if there is none yet; none while somebody else makes it.
pub(super) async fn secret_of<P: Ports>(
    ports: &P,
    person: &crate::documents::Loaded<Person>,
) -> Result<Option<UnsubscribeSecret>, Failure> {
    let before = NoticePreferences::load(ports.store(), person.id).await?;
    if let Some(secret) = before.as_ref().and_then(|before| before.secret.clone()) {
        return Ok(Some(secret));
    }
    let secret = UnsubscribeSecret::new(&Moment::draw(ports.environment()));
    let kept = before.as_deref().cloned().unwrap_or_else(|| NoticePreferences::none(person.id));
    let mut change = Change::new();
    // Somebody who is being erased leaves nothing behind.
    change.check(person);
    change.insert(&UnsubscribeCode { hash: secret.hash(), person: person.id });
    change.upsert(before.as_ref(), &NoticePreferences { secret: Some(secret.clone()), ..kept });
    Ok(change.commit_if_first(ports.store()).await?.then_some(secret))
}

/// Whether a link still works.
///
/// # Errors
/// [`Code::LinkExpired`] when it does not; otherwise the store's.
pub async fn check_unsubscribe(store: &impl Store, secret: &UnsubscribeSecret) -> Result<(), Failure> {
    UnsubscribeCode::of(store, secret).await?.map(drop).ok_or_else(|| link_dead().into())
}

/// Switches off what a link names. Doing it again changes nothing.
///
/// # Errors
/// [`Code::LinkExpired`] when the link does not work any more; otherwise the store's.
pub async fn unsubscribe<P: Ports>(
    ports: &P,
    secret: &UnsubscribeSecret,
    from: Subscription,
) -> Result<(), Failure> {
    let store = ports.store();
    for _ in 0..ATTEMPTS {
        let code = UnsubscribeCode::of(store, secret).await?.ok_or_else(link_dead)?;
        let before = NoticePreferences::load(store, code.person).await?.ok_or_else(link_dead)?;
        let now = ports.environment().now();
        let mut change = Change::new();
        let mut after = NoticePreferences::clone(&before);
        for topic in Topic::ALL.iter().filter(|topic| from.covers(**topic, before.delivery(**topic))) {
            after = after.with(*topic, Delivery::None);
            // Whoever had the e-mail did it: that is no proof of who they are.
            record(&mut change, now, (&Actor::System, code.person), *topic, Delivery::None);
        }
        if change.is_empty() {
            return Ok(());
        }
        change.check(&code);
        change.update(&before, &after);
        if change.commit_if_first(store).await? {
            return Ok(());
        }
    }
    Err(crate::ports::StoreError::Conflict.into())
}

fn link_dead() -> Refusal {
    Refusal::new(
        Code::LinkExpired,
        "this link does not work any more; choose in your inbox what you get by e-mail",
    )
}
