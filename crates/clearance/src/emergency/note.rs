//! `emergency.note`: what the holder writes down afterwards.

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{EmergencyView, emergency_view};
use super::{Emergency, EmergencyBudget, EmergencyNote};
use crate::audit::EventKind;
use crate::authorization::CallerKind::Requester;
use crate::authorization::CallerKinds;
use crate::catalog::Tool;
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::ids::EmergencyId;
use crate::notices;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::ports::Ports;
use crate::refusal::not_found;
use crate::text::{CommittedText, Paragraph};

/// `emergency.note`.
#[derive(Debug)]
pub struct AddNote;

/// What `emergency.note` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteEmergency {
    /// Which emergency access.
    pub emergency: EmergencyId,
    /// What it was used for.
    pub note: Paragraph,
}

/// What operations on one emergency access answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EmergencyAnswer {
    /// The emergency access as stored now.
    pub emergency: EmergencyView,
}

impl Operation for AddNote {
    const NAME: &'static str = "emergency.note";
    const SUMMARY: &'static str = "Write down what one's own emergency access was used for";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester]);
    type Input = NoteEmergency;
    type Output = EmergencyAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &NoteEmergency,
    ) -> Result<Decision<EmergencyAnswer>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let before = load::<Emergency>(store, &input.emergency.to_string()).await?;
        let own = |emergency: &Emergency| context.admission.person_id() == Some(emergency.person);
        let before =
            before.filter(|emergency| own(emergency)).ok_or_else(|| not_found("emergency access"))?;
        let text = CommittedText::new(input.note.clone(), moment, "note");
        let commitment = text.to_fact();
        let noted = before.add_note(EmergencyNote { at: moment.now, text })?;
        let mut change = Change::new();
        change.update(&before, &noted);
        let key = EmergencyBudget::key_of(noted.person, noted.tool);
        if let Some(budget) = load::<EmergencyBudget>(store, &key).await? {
            change.update(&budget, &budget.settle(noted.id));
        }
        let facts = Value::object([("emergency", Value::from(noted.id.to_string())), ("note", commitment)]);
        change.record(moment.now, &context.admission.actor()?, EventKind::EmergencyNoted, facts);
        notices::emergency_waits(&mut change, moment, &noted);
        let tool = load::<Tool>(store, &noted.tool.to_string()).await?;
        let mut names = Names::new(store);
        let view =
            emergency_view(&mut names, &context.admission, &noted, tool.as_deref(), moment.now).await?;
        Ok(Decision::change(EmergencyAnswer { emergency: view }, change))
    }
}
