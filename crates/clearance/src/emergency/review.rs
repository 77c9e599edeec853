//! `emergency.review`: what somebody else says to it afterwards; and what erasure destroys.

use audit_log::Value;
use schemars::JsonSchema;
use serde::Deserialize;

use super::note::EmergencyAnswer;
use super::view::emergency_view;
use super::{Emergency, EmergencyBudget, EmergencyReview, Verdict};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Owner};
use crate::authorization::CallerKinds;
use crate::catalog::Tool;
use crate::documents::{self, Change, load};
use crate::failure::Failure;
use crate::ids::{EmergencyId, PersonId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, Person};
use crate::ports::{Ports, Store};
use crate::refusal::not_found;
use crate::text::{CommittedText, Paragraph};
use crate::time::Timestamp;

/// `emergency.review`.
#[derive(Debug)]
pub struct Review;

/// What `emergency.review` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewEmergency {
    /// Which emergency access.
    pub emergency: EmergencyId,
    /// What came of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: Paragraph,
}

impl Operation for Review {
    const NAME: &'static str = "emergency.review";
    const SUMMARY: &'static str = "Say whether somebody's emergency access was justified";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Owner, Administrator]);
    type Input = ReviewEmergency;
    type Output = EmergencyAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ReviewEmergency,
    ) -> Result<Decision<EmergencyAnswer>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let missing = || not_found("emergency access");
        let before = load::<Emergency>(store, &input.emergency.to_string()).await?.ok_or_else(missing)?;
        let tool = load::<Tool>(store, &before.tool.to_string()).await?.ok_or_else(missing)?;
        let reviewer = context.admission.person()?;
        if !(context.admission.is(Administrator) || tool.owners.contains(&reviewer.id)) {
            return Err(missing().into());
        }
        let holder = load::<Person>(store, &before.person.to_string()).await?;
        let holder_left = holder.is_none_or(|holder| !holder.is_active());
        let text = CommittedText::new(input.reason.clone(), moment, "reason");
        let facts = Value::object([
            ("emergency", Value::from(before.id.to_string())),
            ("verdict", Value::from(input.verdict.as_str())),
            ("noted", Value::from(before.note().is_some())),
            ("reason", text.to_fact()),
        ]);
        let review = EmergencyReview { by: reviewer.id, at: moment.now, verdict: input.verdict, text };
        let reviewed = before.conclude(review, holder_left)?;
        let mut change = Change::new();
        change.update(&before, &reviewed);
        change.check(&tool);
        let key = EmergencyBudget::key_of(before.person, before.tool);
        if let Some(budget) = load::<EmergencyBudget>(store, &key).await?
            && budget.owed == Some(before.id)
        {
            change.update(&budget, &budget.settle(before.id));
        }
        change.record(moment.now, &context.admission.actor()?, EventKind::EmergencyReviewed, facts);
        let mut names = Names::new(store);
        let view = emergency_view(&mut names, &context.admission, &reviewed, Some(&tool), moment.now).await?;
        Ok(Decision::change(EmergencyAnswer { emergency: view }, change))
    }
}

/// Destroys what somebody wrote about emergency access, and what others wrote about theirs.
///
/// # Errors
/// The store's; it is safe to run again.
pub(crate) async fn forget_person(
    store: &impl Store,
    person: PersonId,
    now: Timestamp,
) -> Result<(), Failure> {
    documents::rewrite_all(store, |emergency: &Emergency| emergency.without_texts_of(person, now)).await
}
