use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::EmergencyUse;
use crate::documents::Document;
use crate::ids::{EmergencyId, GrantId, PersonId, RequestId, ToolId};
use crate::ports::{Attributes, Index, Kind};
use crate::refusal::{Code, Refusal};
use crate::text::CommittedText;
use crate::time::Timestamp;

/// What the holder wrote down afterwards.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmergencyNote {
    /// When.
    pub at: Timestamp,
    /// What the access was used for.
    pub text: CommittedText,
}

/// What somebody thinks of it who looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The access was needed, and used for the incident.
    Justified,
    /// It was not.
    NotJustified,
}

impl Verdict {
    /// The verdict as the log names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::NotJustified => "not_justified",
        }
    }
}

/// The review of an emergency access.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EmergencyReview {
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub verdict: Verdict,
    /// Why.
    pub text: CommittedText,
}

/// Where an emergency access stands with those who answer for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmergencyState {
    /// The holder has not written down yet what it was used for.
    Open,
    /// They have; it is to be reviewed.
    Noted {
        /// What they wrote.
        note: EmergencyNote,
    },
    /// Somebody else has looked at it. Nothing follows.
    Reviewed {
        /// What the holder wrote; none when they did not, in time or because they left.
        note: Option<EmergencyNote>,
        /// What the other thinks of it.
        review: EmergencyReview,
    },
}

/// One access that somebody took in an emergency.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Emergency {
    /// Its id.
    pub id: EmergencyId,
    /// Whose.
    pub person: PersonId,
    /// To which tool.
    pub tool: ToolId,
    /// The request, approved by this path.
    pub request: RequestId,
    /// The grant.
    pub grant: GrantId,
    /// The incident it was for, as people refer to it.
    pub incident: CommittedText,
    /// What the tool allowed when it was taken.
    pub allowed: EmergencyUse,
    /// When it was taken.
    pub at: Timestamp,
    /// Until when the holder is to write a note.
    pub note_due: Timestamp,
    /// Until when it is to be reviewed.
    pub review_due: Timestamp,
    /// When people are told next that something is overdue.
    pub reminds_at: Timestamp,
    /// Where it stands.
    pub state: EmergencyState,
}

impl Emergency {
    /// Those of one person.
    pub const BY_PERSON: Index = Index { name: "by_person", partition: &["person_id"], range: "at" };
    /// Those in one state.
    pub const BY_STATE: Index = Index { name: "by_state", partition: &["state"], range: "at" };
    /// All.
    pub const BY_TIME: Index = Index { name: "by_time", partition: &["all"], range: "at" };
    /// Those that wait for somebody, by when people are told next.
    pub const BY_REMINDER: Index =
        Index { name: "by_reminder", partition: &["waiting"], range: "reminds_at" };

    /// The state's name.
    pub fn state_name(&self) -> &'static str {
        match self.state {
            EmergencyState::Open => "open",
            EmergencyState::Noted { .. } => "noted",
            EmergencyState::Reviewed { .. } => "reviewed",
        }
    }

    /// Whether what it waits for should have been done.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        match self.state {
            EmergencyState::Open => self.note_due <= now,
            EmergencyState::Noted { .. } => self.review_due <= now,
            EmergencyState::Reviewed { .. } => false,
        }
    }

    /// The holder's note.
    pub fn note(&self) -> Option<&EmergencyNote> {
        match &self.state {
            EmergencyState::Open => None,
            EmergencyState::Noted { note } => Some(note),
            EmergencyState::Reviewed { note, .. } => note.as_ref(),
        }
    }

    /// Its review.
    pub fn review(&self) -> Option<&EmergencyReview> {
        match &self.state {
            EmergencyState::Open | EmergencyState::Noted { .. } => None,
            EmergencyState::Reviewed { review, .. } => Some(review),
        }
    }

    /// The holder writes down what it was used for.
    ///
    /// # Errors
    /// [`Code::EmergencyState`] when they have, or it was reviewed.
    pub fn add_note(&self, note: EmergencyNote) -> Result<Self, Refusal> {
        match self.state {
            EmergencyState::Open => Ok(Self {
                reminds_at: self.review_due,
                state: EmergencyState::Noted { note },
                ..self.clone()
            }),
            _ => Err(self.wrong_state("has no note")),
        }
    }

    /// Somebody else has looked at it. Without a note only when that is overdue, or nobody is there any more who could write it.
    ///
    /// # Errors
    /// [`Code::OwnEmergency`]; [`Code::EmergencyState`] when it was reviewed, or the note is still to come.
    pub fn conclude(&self, review: EmergencyReview, holder_left: bool) -> Result<Self, Refusal> {
        if review.by == self.person {
            return Err(Refusal::new(Code::OwnEmergency, "nobody reviews their own emergency access"));
        }
        let note = match &self.state {
            EmergencyState::Noted { note } => Some(note.clone()),
            EmergencyState::Open if holder_left || self.note_due <= review.at => None,
            EmergencyState::Open => return Err(self.wrong_state("has a note, or the note is overdue")),
            EmergencyState::Reviewed { .. } => return Err(self.wrong_state("was not reviewed")),
        };
        Ok(Self { state: EmergencyState::Reviewed { note, review }, ..self.clone() })
    }

    fn wrong_state(&self, wanted: &str) -> Refusal {
        let message =
            format!("this works only while the emergency access {wanted}; it is {} now", self.state_name());
        Refusal::new(Code::EmergencyState, message).with("state", self.state_name())
    }

    /// The same without texts that somebody wrote who is erased, with their salts; none when there are none any more. What others wrote
    /// about somebody's access is about that person.
    pub(super) fn without_texts_of(&self, person: PersonId, now: Timestamp) -> Option<Self> {
        let mut without = self.clone();
        let own = self.person == person;
        let mut any = false;
        let mut destroy = |text: &mut CommittedText| {
            any |= text.text().is_some();
            text.destroy(now);
        };
        if own {
            destroy(&mut without.incident);
        }
        if let EmergencyState::Noted { note } | EmergencyState::Reviewed { note: Some(note), .. } =
            &mut without.state
            && own
        {
            destroy(&mut note.text);
        }
        if let EmergencyState::Reviewed { review, .. } = &mut without.state
            && (own || review.by == person)
        {
            destroy(&mut review.text);
        }
        any.then_some(without)
    }
}

impl Document for Emergency {
    const KIND: &'static Kind = &Kind {
        name: "emergency",
        attributes: &["all", "person_id", "state", "at", "waiting", "reminds_at"],
        indexes: &[Self::BY_PERSON, Self::BY_STATE, Self::BY_TIME, Self::BY_REMINDER],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        let waits = !matches!(self.state, EmergencyState::Reviewed { .. });
        vec![
            Some("all".to_owned()),
            Some(self.person.to_string()),
            Some(self.state_name().to_owned()),
            Some(self.at.to_string()),
            waits.then(|| "waiting".to_owned()),
            waits.then(|| self.reminds_at.to_string()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ports::Moment;
    use crate::text::Paragraph;

    fn at(hour: u32) -> Timestamp {
        Timestamp::from_millisecond(0).plus_minutes(i64::from(hour) * 60)
    }

    fn text(text: &str) -> CommittedText {
        CommittedText::new(Paragraph::parse(text).unwrap(), &Moment::new(at(0), [1; 32]), text)
    }

    proptest! {
        /// Notes and reviews come in their order, each once, and never by the holder alone.
        #[test]
        fn an_emergency_is_noted_and_then_reviewed(
            steps in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>(), 1_u32..20), 1..10),
        ) {
            let (holder, other) = (PersonId::of_name("holder"), PersonId::of_name("other"));
            let mut emergency = Emergency {
                id: EmergencyId::of_name("e"),
                person: holder,
                tool: ToolId::of_name("t"),
                request: RequestId::of_name("r"),
                grant: GrantId::of_name("g"),
                incident: text("INC-1"),
                allowed: EmergencyUse::Allowed,
                at: at(0),
                note_due: at(24),
                review_due: at(48),
                reminds_at: at(24),
                state: EmergencyState::Open,
            };
            let mut hour = 0;
            for (note, own, left, hours) in steps {
                hour += hours;
                let before = emergency.clone();
                let after = if note {
                    emergency.add_note(EmergencyNote { at: at(hour), text: text("Used") })
                } else {
                    let by = if own { holder } else { other };
                    let review = EmergencyReview { by, at: at(hour), verdict: Verdict::Justified, text: text("Fine") };
                    emergency.conclude(review, left)
                };
                if let Ok(after) = after {
                    prop_assert_ne!(before.state_name(), "reviewed");
                    if let Some(review) = after.review() {
                        prop_assert_ne!(review.by, holder);
                        prop_assert!(after.note().is_some() || left || review.at >= after.note_due);
                    }
                    emergency = after;
                }
            }
            let erased = emergency.without_texts_of(holder, at(999)).unwrap();
            prop_assert!(erased.incident.text().is_none());
            prop_assert!(erased.note().is_none_or(|note| note.text.text().is_none()));
            prop_assert!(erased.review().is_none_or(|review| review.text.text().is_none()));
        }
    }
}
