use serde::{Deserialize, Serialize};

use super::bucket::{Allowance, Denied, Level};
use super::class::RateClass;
use crate::authorization::Caller;
use crate::documents::{Change, Document, Loaded, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::operations::{Context, MAX_ATTEMPTS, Running};
use crate::ports::{Attributes, Kind, Ports, Store, StoreError};
use crate::refusal::{Code, Refusal};
use crate::settings;
use crate::time::Timestamp;

/// Whose calls are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject(String);

impl Subject {
    /// A person, with all their sessions and tokens: more tokens do not allow more.
    pub fn person(person: PersonId) -> Self {
        Self(person.to_string())
    }

    /// Somebody who is no caller yet, by a keyed fingerprint of what they named. It must not be possible to find out what that was.
    pub fn fingerprint(fingerprint: [u8; 32]) -> Self {
        Self(audit_log::Hash::from_bytes(fingerprint).to_string())
    }
}

/// What one subject was admitted to of one class. Kept without an index: found by its key, and gone over as a whole by the clockwork.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RateRow {
    class: RateClass,
    subject: Subject,
    #[serde(flatten)]
    level: Level,
}

impl RateRow {
    /// The key of a subject in a class.
    pub fn key_of(class: RateClass, subject: &Subject) -> String {
        format!("{}:{}", class.as_str(), subject.0)
    }

    /// Which class.
    pub fn class(&self) -> RateClass {
        self.class
    }

    /// Whether it says no more than no row at all.
    pub fn is_at_rest(&self, allowance: Allowance, now: Timestamp) -> bool {
        self.level.drained(allowance, now).is_empty()
    }
}

impl Document for RateRow {
    const KIND: &'static Kind = &Kind { name: "rate", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::key_of(self.class, &self.subject)
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Items that fit an allowance, to be written with what they are counted for.
#[derive(Debug)]
pub(crate) struct Charge {
    before: Option<Loaded<RateRow>>,
    after: RateRow,
}

impl Charge {
    async fn consider(
        store: &impl Store,
        (class, allowance): (RateClass, Allowance),
        subject: Subject,
        items: u32,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let before = load::<RateRow>(store, &RateRow::key_of(class, &subject)).await?;
        let level = before.as_ref().map_or_else(|| Level::empty(now), |row| row.level);
        let level = level
            .admit(allowance, items, now)
            .map_err(|denied| refusal(class, allowance, items, denied, now))?;
        Ok(Self { before, after: RateRow { class, subject, level } })
    }

    /// Adds the count to a change; guarded by its revision, so that of two calls at the edge one runs again.
    pub(crate) fn write(&self, change: &mut Change) {
        change.upsert(self.before.as_ref(), &self.after);
    }
}

fn refusal(class: RateClass, allowance: Allowance, items: u32, denied: Denied, now: Timestamp) -> Refusal {
    match denied {
        Denied::Until(until) => {
            let milliseconds = until.as_millisecond().saturating_sub(now.as_millisecond());
            let seconds = milliseconds.saturating_add(999) / 1000;
            let message =
                format!("that is too much in too short a time; it works again in {}", words(seconds));
            Refusal::new(Code::RateLimited, message)
                .with("class", class.as_str())
                .with("retry_after", seconds)
                .with("retry_at", until)
        }
        Denied::TooMany => {
            let message = format!(
                "this counts as {items} at once; at most {} are taken, so ask for fewer",
                allowance.burst
            );
            Refusal::new(Code::TooLarge, message).with("class", class.as_str()).with("most", allowance.burst)
        }
    }
}

fn words(seconds: i64) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        2..=119 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.saturating_add(59) / 60),
    }
}

/// What a call of a class is charged; nothing when it counts as nothing, or its caller is the host itself. What it counts as is asked only
/// if it matters.
pub(crate) async fn charge_of<P: Ports>(
    context: &Context<'_, P>,
    class: RateClass,
    cost: Running<'_, u32>,
) -> Result<Option<Charge>, Failure> {
    let person = match context.admission.caller() {
        Caller::Person(principal) => principal.person.id,
        Caller::Anonymous | Caller::Console | Caller::System => return Ok(None),
    };
    let items = cost.await?;
    if items == 0 {
        return Ok(None);
    }
    charge(context.store(), class, Subject::person(person), items, context.moment.now).await.map(Some)
}

/// What a person is charged for work that is committed without an operation.
///
/// # Errors
/// [`Code::RateLimited`] when it does not fit.
pub(crate) async fn charge(
    store: &impl Store,
    class: RateClass,
    subject: Subject,
    items: u32,
    now: Timestamp,
) -> Result<Charge, Failure> {
    let allowance = settings::current(store).await?.limits.of(class);
    Charge::consider(store, (class, allowance), subject, items, now).await
}

/// Counts items for each of these classes and subjects in one commit: for what a host does without an operation.
///
/// # Errors
/// [`Code::RateLimited`] when one of them does not fit; then none is counted.
pub async fn admit<P: Ports>(
    ports: &P,
    counted: &[(RateClass, Subject, u32)],
    now: Timestamp,
) -> Result<(), Failure> {
    let store = ports.store();
    let limits = settings::current(store).await?.into_inner().limits;
    for _ in 0..MAX_ATTEMPTS {
        let mut change = Change::new();
        for (class, subject, items) in counted {
            let of = (*class, limits.of(*class));
            Charge::consider(store, of, subject.clone(), *items, now).await?.write(&mut change);
        }
        match store.commit(change.into_commit()?).await {
            Err(StoreError::Conflict) => {}
            settled => return Ok(settled.map(|_| ())?),
        }
    }
    Err(StoreError::Conflict.into())
}
