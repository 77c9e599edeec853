//! Repeated sending of one command: the answer is kept with the change it made, for 24 hours.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::authorization::Admission;
use crate::documents::{Change, Document, Loaded, load};
use crate::failure::Failure;
use crate::ports::{Attributes, Index, Kind, Store};
use crate::refusal::{Code, Refusal, malformed};
use crate::time::{Days, Timestamp};

/// Longest key taken.
const MAX_KEY: usize = 200;
/// Longest answer kept. A longer one fails nobody: the command would be refused by its own rules if sent again.
const MAX_ANSWER: usize = 64 * 1024;

/// The answer to a command, kept for whoever sends the same command again under the same key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredAnswer {
    key: String,
    input: String,
    answer: String,
    /// When it may be forgotten.
    pub expires_at: Timestamp,
}

impl StoredAnswer {
    /// Answers by the time at which they may be forgotten.
    pub const BY_EXPIRY: Index = Index { name: "by_expiry", partition: &["all"], range: "expires_at" };
}

impl StoredAnswer {
    /// Whether a text stands in the answer, as JSON writes it.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        let text = serde_json::Value::from(text).to_string();
        // Without its quotes: it may be part of a longer one.
        text.get(1..text.len().saturating_sub(1)).is_some_and(|text| self.answer.contains(text))
    }
}

impl Document for StoredAnswer {
    const KIND: &'static Kind =
        &Kind { name: "stored_answer", attributes: &["all", "expires_at"], indexes: &[Self::BY_EXPIRY] };

    fn key(&self) -> String {
        self.key.clone()
    }

    fn attributes(&self) -> Attributes {
        vec![Some("all".to_owned()), Some(self.expires_at.to_string())]
    }
}

/// The scope (person, operation, key) and input under which an answer is kept.
#[derive(Debug)]
pub(super) struct Repetition {
    key: String,
    input: String,
    /// An answer under this key whose time is over.
    outdated: Option<Loaded<StoredAnswer>>,
}

fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    audit_log::Hash::from_bytes(digest).to_string()
}

impl Repetition {
    pub(super) fn new(
        admission: &Admission,
        operation: &str,
        key: &str,
        input: &[u8],
    ) -> Result<Self, Failure> {
        if key.is_empty() || key.len() > MAX_KEY || key.contains(|c: char| c.is_control()) {
            return Err(malformed("Idempotency-Key", "must have 1 to 200 characters").into());
        }
        let who = match admission.person_id() {
            Some(person) => person.to_string(),
            None => "console".to_owned(),
        };
        Ok(Self {
            key: digest(&[who.as_bytes(), operation.as_bytes(), key.as_bytes()]),
            input: digest(&[input]),
            outdated: None,
        })
    }

    /// Adds the answer to the change; guarded by absence, so that of two senders one re-runs and reads the other's answer.
    pub(super) fn keep(&self, change: &mut Change, answer: &[u8], now: Timestamp) {
        // A command that changed nothing has nothing to protect.
        if change.is_empty() || answer.len() > MAX_ANSWER {
            return;
        }
        if let Ok(answer) = std::str::from_utf8(answer) {
            let stored = StoredAnswer {
                key: self.key.clone(),
                input: self.input.clone(),
                answer: answer.to_owned(),
                expires_at: now.plus_days(Days::of(1)),
            };
            change.upsert(self.outdated.as_ref(), &stored);
        }
    }
}

/// The answer given before under this key, if there is one.
pub(super) async fn repeated(
    store: &impl Store,
    repetition: Option<&mut Repetition>,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, Failure> {
    let Some(repetition) = repetition else { return Ok(None) };
    let stored: Option<Loaded<StoredAnswer>> = load(store, &repetition.key).await?;
    match stored {
        None => Ok(None),
        Some(stored) if stored.expires_at <= now => {
            // The sweep has not come by yet: the key is free all the same.
            repetition.outdated = Some(stored);
            Ok(None)
        }
        Some(stored) if stored.input == repetition.input => Ok(Some(stored.answer.clone().into_bytes())),
        Some(_) => {
            let message = "this idempotency key was used with another input; use a new key for a new command";
            Err(Refusal::new(Code::IdempotencyMismatch, message).into())
        }
    }
}
