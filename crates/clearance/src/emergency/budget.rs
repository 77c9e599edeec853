use serde::{Deserialize, Serialize};

use super::EmergencySettings;
use crate::documents::Document;
use crate::ids::{EmergencyId, PersonId, ToolId};
use crate::ports::{Attributes, Kind};
use crate::refusal::{Code, Refusal};
use crate::time::Timestamp;

/// Guard: how often one person had one tool in an emergency lately, and whether they still owe a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyBudget {
    /// The person.
    pub person: PersonId,
    /// The tool.
    pub tool: ToolId,
    /// When; what does not count any more is dropped with the next use.
    pub uses: Vec<Timestamp>,
    /// The use of which the note is not written yet.
    pub owed: Option<EmergencyId>,
}

impl EmergencyBudget {
    /// Nothing was used.
    pub fn none(person: PersonId, tool: ToolId) -> Self {
        Self { person, tool, uses: Vec::new(), owed: None }
    }

    /// The key for a person and a tool.
    pub fn key_of(person: PersonId, tool: ToolId) -> String {
        format!("{person}:{tool}")
    }

    /// One more use.
    ///
    /// # Errors
    /// [`Code::EmergencyNoteOwed`], [`Code::EmergencyBudget`].
    pub fn spend(
        &self,
        emergency: EmergencyId,
        settings: &EmergencySettings,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        if let Some(owed) = self.owed {
            let message = "write down first what the last emergency access to this tool was used for";
            return Err(Refusal::new(Code::EmergencyNoteOwed, message).with("emergency", owed));
        }
        let since = settings.counted_since(now);
        let mut uses: Vec<_> = self.uses.iter().copied().filter(|at| *at > since).collect();
        if uses.len() >= usize::try_from(settings.budget).unwrap_or(usize::MAX) {
            let message = format!(
                "you had this tool in an emergency {} times within {}; ask for it the usual way",
                uses.len(),
                settings.budget_days
            );
            return Err(Refusal::new(Code::EmergencyBudget, message).with("budget", settings.budget));
        }
        uses.push(now);
        Ok(Self { uses, owed: Some(emergency), ..self.clone() })
    }

    /// The note of a use is written, or nobody waits for it any more.
    #[must_use]
    pub fn settle(&self, emergency: EmergencyId) -> Self {
        Self { owed: self.owed.filter(|owed| *owed != emergency), ..self.clone() }
    }
}

impl Document for EmergencyBudget {
    const KIND: &'static Kind = &Kind { name: "emergency_budget", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::key_of(self.person, self.tool)
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// However uses and notes follow one another, no more fit a window than the budget allows, and none begins while a note is owed.
        #[test]
        fn no_window_holds_more_than_the_budget(
            steps in prop::collection::vec((any::<bool>(), 1_i64..20 * 24 * 60), 1..60),
            budget in 1_u32..4,
        ) {
            let settings = EmergencySettings { budget, ..EmergencySettings::default() };
            let mut held = EmergencyBudget::none(PersonId::of_name("p"), ToolId::of_name("t"));
            let mut now = Timestamp::from_millisecond(1_800_000_000_000);
            let mut all = Vec::new();
            for (number, (note, minutes)) in steps.into_iter().enumerate() {
                now = now.plus_minutes(minutes);
                if note {
                    if let Some(owed) = held.owed {
                        held = held.settle(owed);
                    }
                    continue;
                }
                let id = EmergencyId::of_name(&number.to_string());
                match held.spend(id, &settings, now) {
                    Ok(spent) => {
                        prop_assert_eq!(held.owed, None);
                        all.push(now);
                        held = spent;
                    }
                    Err(refusal) => prop_assert_eq!(
                        refusal.code() == Code::EmergencyNoteOwed,
                        held.owed.is_some()
                    ),
                }
                let since = settings.counted_since(now);
                let within = all.iter().filter(|at| **at > since).count();
                prop_assert!(within <= budget as usize);
            }
        }
    }
}
