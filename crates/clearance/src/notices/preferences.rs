//! How people want to hear of notices besides in their inbox: `notices.preferences`, `notices.put_preference`.

use std::collections::BTreeMap;

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::topic::{Delivery, Topic};
use super::unsubscribe::UnsubscribeSecret;
use crate::audit::{Actor, EventKind};
use crate::authorization::CallerKind::{Auditor, Requester};
use crate::authorization::CallerKinds;
use crate::documents::{Change, Document, Loaded, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{Attributes, Kind, Ports, Store};
use crate::refusal::malformed;
use crate::settings;
use crate::settings::operations::Nothing;
use crate::time::Timestamp;

/// How one person wants to hear of notices. Erasing the person removes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePreferences {
    /// Whose.
    pub person: PersonId,
    /// What they chose, by topic; at once where they chose nothing.
    pub deliveries: BTreeMap<Topic, Delivery>,
    /// What stands in the links of their e-mails by which they switch one off, once there was an e-mail.
    pub(super) secret: Option<UnsubscribeSecret>,
}

impl NoticePreferences {
    /// Those of somebody who chose nothing.
    pub(super) fn none(person: PersonId) -> Self {
        Self { person, deliveries: BTreeMap::new(), secret: None }
    }

    /// A person's, as stored, if they are.
    pub(super) async fn load(store: &impl Store, person: PersonId) -> Result<Option<Loaded<Self>>, Failure> {
        load(store, &person.to_string()).await
    }

    /// How they hear of a topic. What is mandatory comes at once, whatever was chosen.
    pub fn delivery(&self, topic: Topic) -> Delivery {
        if topic.is_mandatory() {
            return Delivery::Immediate;
        }
        self.deliveries.get(&topic).copied().unwrap_or_default()
    }

    /// The same with another choice. Of what is mandatory there is none.
    #[must_use]
    pub(super) fn with(mut self, topic: Topic, delivery: Delivery) -> Self {
        if !topic.is_mandatory() {
            self.deliveries.insert(topic, delivery);
        }
        self
    }
}

impl Document for NoticePreferences {
    const KIND: &'static Kind = &Kind { name: "notice_preferences", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.person.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// The entry that somebody chose how to hear of a topic.
pub(super) fn record(
    change: &mut Change,
    at: Timestamp,
    (actor, person): (&Actor, PersonId),
    topic: Topic,
    delivery: Delivery,
) {
    let facts = Value::object([
        ("person", Value::from(person.to_string())),
        ("topic", Value::from(topic.as_str())),
        ("delivery", Value::from(delivery.as_str())),
    ]);
    change.record(at, actor, EventKind::NoticePreferenceChanged, facts);
}

/// How one hears of a topic.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TopicPreference {
    /// The topic.
    pub topic: Topic,
    /// How one hears of it besides in the inbox.
    pub delivery: Delivery,
    /// Whether that cannot be chosen.
    pub mandatory: bool,
}

/// What preference operations answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PreferencesAnswer {
    /// Every topic.
    pub topics: Vec<TopicPreference>,
    /// Whether e-mail is sent to the caller at all: the site has a mail server and they have an address.
    pub email: bool,
}

async fn answer<P: Ports>(
    context: &Context<'_, P>,
    preferences: &NoticePreferences,
) -> Result<PreferencesAnswer, Failure> {
    let sends = settings::current(context.store()).await?.email_notices;
    let topics = Topic::ALL.iter().map(|topic| TopicPreference {
        topic: *topic,
        delivery: preferences.delivery(*topic),
        mandatory: topic.is_mandatory(),
    });
    let email = sends && context.admission.person()?.email.is_some();
    Ok(PreferencesAnswer { topics: topics.collect(), email })
}

/// `notices.preferences`.
#[derive(Debug)]
pub struct Get;

impl Operation for Get {
    const NAME: &'static str = "notices.preferences";
    const SUMMARY: &'static str = "How the caller hears of notices besides in the inbox";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Auditor]);
    type Input = Nothing;
    type Output = PreferencesAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        _: &Nothing,
    ) -> Result<Decision<PreferencesAnswer>, Failure> {
        let person = context.admission.person()?.id;
        let stored = NoticePreferences::load(context.store(), person).await?;
        let preferences = stored.map_or_else(|| NoticePreferences::none(person), Loaded::into_inner);
        Ok(Decision::answer(answer(context, &preferences).await?))
    }
}

/// `notices.put_preference`.
#[derive(Debug)]
pub struct Put;

/// What `notices.put_preference` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutPreference {
    /// Of what; not of what is mandatory.
    pub topic: Topic,
    /// How to hear of it from now on.
    pub delivery: Delivery,
}

impl Operation for Put {
    const NAME: &'static str = "notices.put_preference";
    const SUMMARY: &'static str = "Choose how the caller hears of a topic besides in the inbox";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Auditor]);
    type Input = PutPreference;
    type Output = PreferencesAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PutPreference,
    ) -> Result<Decision<PreferencesAnswer>, Failure> {
        if input.topic.is_mandatory() {
            return Err(malformed("topic", "is one of which everybody hears at once").into());
        }
        let person = context.admission.person()?;
        let before = NoticePreferences::load(context.store(), person.id).await?;
        let kept = before.as_deref().cloned().unwrap_or_else(|| NoticePreferences::none(person.id));
        let same = kept.delivery(input.topic) == input.delivery;
        let after = kept.with(input.topic, input.delivery);
        let output = answer(context, &after).await?;
        if same {
            return Ok(Decision::answer(output));
        }
        let mut change = Change::new();
        // Somebody who is being erased leaves nothing behind.
        change.check(person);
        change.upsert(before.as_ref(), &after);
        let actor = context.admission.actor()?;
        record(&mut change, context.moment.now, (&actor, person.id), input.topic, input.delivery);
        Ok(Decision::change(output, change))
    }
}
