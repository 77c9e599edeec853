use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::assessment::Assessment;
use crate::audit::Actor;
use crate::catalog::DataClass;
use crate::documents::Document;
use crate::ids::{PersonId, ToolId, ToolProposalId};
use crate::policy::{Evaluation, Snapshot};
use crate::ports::{Attributes, Index, Kind};
use crate::refusal::{Code, Refusal};
use crate::text::{CommittedText, Line};
use crate::time::Timestamp;

/// Why a proposed tool was declined.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Declination {
    /// Rules deny new tools; nobody had to look.
    Policy {
        /// Their reasons.
        reasons: Vec<Line>,
    },
    /// An administrator assessed it.
    Assessment(Assessment),
}

/// Where a proposal stands, with the facts of that stage.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolProposalState {
    /// Nobody has looked at it yet.
    Proposed,
    /// An administrator looks at it.
    UnderAssessment {
        /// Who began.
        by: PersonId,
        /// Since when.
        since: Timestamp,
    },
    /// It is in the catalogue, as a draft at first.
    Accepted {
        /// When.
        at: Timestamp,
        /// The entry that was made of it.
        tool: ToolId,
        /// What was found out.
        assessment: Assessment,
    },
    /// It does not come into the catalogue.
    Declined {
        /// When.
        at: Timestamp,
        /// Why.
        why: Declination,
    },
    /// The proposer took it back, or has left.
    Withdrawn {
        /// When.
        at: Timestamp,
        /// By whom.
        by: Actor,
    },
}

/// A tool that somebody proposes for the catalogue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ToolProposal {
    /// Its id.
    pub id: ToolProposalId,
    /// Who proposes it.
    pub proposer: PersonId,
    /// When.
    pub submitted_at: Timestamp,
    /// What it is called: a line.
    pub name: CommittedText,
    /// Where it is found: a web address.
    pub url: CommittedText,
    /// What for.
    pub purpose: CommittedText,
    /// What data would be put in.
    pub data_classes: BTreeSet<DataClass>,
    /// What policy looked at.
    pub snapshot: Snapshot,
    /// What policy said.
    pub evaluation: Evaluation,
    /// The key of the guard that names it while it is open.
    pub guard: String,
    /// Where it stands.
    pub state: ToolProposalState,
}

impl ToolProposal {
    /// Proposals of one person.
    pub const BY_PROPOSER: Index =
        Index { name: "by_proposer", partition: &["proposer"], range: "submitted_at" };
    /// Proposals in one state.
    pub const BY_STATE: Index = Index { name: "by_state", partition: &["state"], range: "submitted_at" };
    /// All proposals.
    pub const BY_TIME: Index = Index { name: "by_time", partition: &["all"], range: "submitted_at" };

    /// The state's name.
    pub fn state_name(&self) -> &'static str {
        match self.state {
            ToolProposalState::Proposed => "proposed",
            ToolProposalState::UnderAssessment { .. } => "under_assessment",
            ToolProposalState::Accepted { .. } => "accepted",
            ToolProposalState::Declined { .. } => "declined",
            ToolProposalState::Withdrawn { .. } => "withdrawn",
        }
    }

    /// Whether it waits for administrators.
    pub fn is_open(&self) -> bool {
        matches!(self.state, ToolProposalState::Proposed | ToolProposalState::UnderAssessment { .. })
    }

    /// The assessment, once there is one.
    pub fn assessment(&self) -> Option<&Assessment> {
        match &self.state {
            ToolProposalState::Accepted { assessment, .. }
            | ToolProposalState::Declined { why: Declination::Assessment(assessment), .. } => {
                Some(assessment)
            }
            _ => None,
        }
    }

    /// An administrator begins to look at it.
    ///
    /// # Errors
    /// [`Code::OwnProposal`]; [`Code::ToolProposalState`] unless nobody has begun.
    pub fn begin(&self, by: PersonId, since: Timestamp) -> Result<Self, Refusal> {
        self.not_own(by)?;
        match self.state {
            ToolProposalState::Proposed => {
                Ok(self.in_state(ToolProposalState::UnderAssessment { by, since }))
            }
            _ => Err(self.wrong_state("was not looked at yet")),
        }
    }

    /// Takes it into the catalogue.
    ///
    /// # Errors
    /// [`Code::OwnProposal`]; [`Code::ToolProposalState`] unless it is open.
    pub fn accept(&self, tool: ToolId, assessment: Assessment, at: Timestamp) -> Result<Self, Refusal> {
        self.assessable(assessment.by)?;
        Ok(self.in_state(ToolProposalState::Accepted { at, tool, assessment }))
    }

    /// Keeps it out of the catalogue.
    ///
    /// # Errors
    /// As [`accept`](Self::accept).
    pub fn decline(&self, assessment: Assessment, at: Timestamp) -> Result<Self, Refusal> {
        self.assessable(assessment.by)?;
        let why = Declination::Assessment(assessment);
        Ok(self.in_state(ToolProposalState::Declined { at, why }))
    }

    /// Takes it back.
    ///
    /// # Errors
    /// [`Code::ToolProposalState`] unless it is open.
    pub fn withdraw(&self, by: Actor, at: Timestamp) -> Result<Self, Refusal> {
        if !self.is_open() {
            return Err(self.wrong_state("is open"));
        }
        Ok(self.in_state(ToolProposalState::Withdrawn { at, by }))
    }

    /// Whether somebody may assess it: whoever began leaves it to any other administrator, nobody assesses what they propose.
    fn assessable(&self, by: PersonId) -> Result<(), Refusal> {
        self.not_own(by)?;
        if self.is_open() { Ok(()) } else { Err(self.wrong_state("is open")) }
    }

    fn not_own(&self, by: PersonId) -> Result<(), Refusal> {
        if by == self.proposer {
            return Err(Refusal::new(Code::OwnProposal, "another administrator assesses what you propose"));
        }
        Ok(())
    }

    fn in_state(&self, state: ToolProposalState) -> Self {
        Self { state, ..self.clone() }
    }

    fn wrong_state(&self, wanted: &str) -> Refusal {
        let message = format!(
            "this works only while the proposal {wanted}; it is {} now",
            self.state_name().replace('_', " ")
        );
        Refusal::new(Code::ToolProposalState, message).with("state", self.state_name())
    }

    /// The proposal without texts of somebody who is erased, with their salts; none when there are none any more. What an administrator
    /// wrote about somebody's proposal is about that person.
    pub(super) fn without_texts_of(&self, person: PersonId, now: Timestamp) -> Option<Self> {
        let mut without = self.clone();
        let own = self.proposer == person;
        let mut any = false;
        let mut destroy = |text: &mut CommittedText| {
            any |= text.text().is_some();
            text.destroy(now);
        };
        if own {
            destroy(&mut without.name);
            destroy(&mut without.url);
            destroy(&mut without.purpose);
        }
        match &mut without.state {
            ToolProposalState::Accepted { assessment, .. }
            | ToolProposalState::Declined { why: Declination::Assessment(assessment), .. }
                if own || assessment.by == person =>
            {
                destroy(&mut assessment.rationale);
            }
            _ => {}
        }
        any.then_some(without)
    }
}

impl Document for ToolProposal {
    const KIND: &'static Kind = &Kind {
        name: "tool_proposal",
        attributes: &["all", "proposer", "state", "submitted_at"],
        indexes: &[Self::BY_PROPOSER, Self::BY_STATE, Self::BY_TIME],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        vec![
            Some("all".to_owned()),
            Some(self.proposer.to_string()),
            Some(self.state_name().to_owned()),
            Some(self.submitted_at.to_string()),
        ]
    }
}

/// Guard: one open proposal for each name. It is removed when the proposal is closed; its key is a digest, so that no name outlives that.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OpenToolProposal {
    /// Digest of the name, normalised.
    pub digest: String,
    /// The proposal.
    pub proposal: ToolProposalId,
}

impl Document for OpenToolProposal {
    const KIND: &'static Kind = &Kind { name: "open_tool_proposal", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.digest.clone()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::catalog::Risk;
    use crate::policy::{Outcome, evaluate};
    use crate::ports::Moment;
    use crate::text::Paragraph;
    use crate::time::Days;

    fn at(minute: u32) -> Timestamp {
        Timestamp::from_millisecond(0).plus_minutes(i64::from(minute))
    }

    fn text(text: &str) -> CommittedText {
        CommittedText::new(Paragraph::parse(text).unwrap(), &Moment::new(at(0), [1; 32]), text)
    }

    fn proposal() -> ToolProposal {
        let snapshot = Snapshot {
            tool: None,
            risk: Risk::High,
            tags: BTreeSet::new(),
            requester_groups: BTreeSet::new(),
            manager: None,
            data_classes: BTreeSet::from([DataClass::Public]),
            days: Days::of(1),
            days_in_all: Days::of(1),
        };
        let evaluation = evaluate(1, &[], &snapshot);
        assert!(!matches!(evaluation.outcome, Outcome::Denied { .. }));
        ToolProposal {
            id: ToolProposalId::of_name("proposal"),
            proposer: PersonId::of_name("proposer"),
            submitted_at: at(0),
            name: text("Name"),
            url: text("https://example.com"),
            purpose: text("Purpose"),
            data_classes: BTreeSet::from([DataClass::Public]),
            snapshot,
            evaluation,
            guard: "guard".to_owned(),
            state: ToolProposalState::Proposed,
        }
    }

    fn assessment(by: PersonId) -> Assessment {
        Assessment { by, answers: BTreeMap::new(), risk: Risk::Low, rationale: text("Because") }
    }

    proptest! {
        /// Once closed, a proposal never changes; nobody assesses their own; and every text of an erased proposer goes.
        #[test]
        fn a_closed_proposal_stays_closed(steps in prop::collection::vec((0_u8..4, 0_u8..3), 1..12)) {
            let people = ["proposer", "one", "two"].map(PersonId::of_name);
            let mut proposal = proposal();
            for (minute, (step, who)) in (1_u32..).zip(steps) {
                let by = people[usize::from(who)];
                let after = match step {
                    0 => proposal.begin(by, at(minute)),
                    1 => proposal.accept(ToolId::of_name("tool"), assessment(by), at(minute)),
                    2 => proposal.decline(assessment(by), at(minute)),
                    _ => proposal.withdraw(Actor::Person(by), at(minute)),
                };
                match after {
                    Ok(after) => {
                        prop_assert!(proposal.is_open());
                        prop_assert!(step == 3 || by != proposal.proposer);
                        proposal = after;
                    }
                    Err(refusal) => prop_assert!(
                        [Code::OwnProposal, Code::ToolProposalState].contains(&refusal.code())
                    ),
                }
            }
            let erased = proposal.without_texts_of(proposal.proposer, at(99)).unwrap();
            let left = [&erased.name, &erased.url, &erased.purpose];
            prop_assert!(left.into_iter().all(|text| text.text().is_none()));
            prop_assert!(erased.assessment().is_none_or(|assessment| assessment.rationale.text().is_none()));
            prop_assert!(erased.without_texts_of(proposal.proposer, at(99)).is_none());
        }
    }
}
