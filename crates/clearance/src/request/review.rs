use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::PersonId;
use crate::policy::PlannedStage;
use crate::text::CommittedText;
use crate::time::{Days, Timestamp};

/// One person's approval of one stage.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub by: PersonId,
    /// For whom, if they stood in for somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<PersonId>,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub rationale: Option<CommittedText>,
    /// The duration they agreed to, if shorter than asked for.
    pub days: Option<Days>,
}

impl Approval {
    /// Whose decision it counts as: of whoever gave it, and of whom they stood in for.
    pub fn deciders(&self) -> impl Iterator<Item = PersonId> + use<> {
        [self.by].into_iter().chain(self.on_behalf_of)
    }
}

/// A stage that waits for decisions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OpenStage {
    /// Its place among the request's stages, from 0.
    pub number: u8,
    /// What the policy demands, after stages with nobody fell to administrators.
    pub plan: PlannedStage,
    /// Approvals it needs.
    pub required: u32,
    /// Since when it waits.
    pub opened_at: Timestamp,
    /// Approvals it has; fewer than it needs.
    pub approvals: Vec<Approval>,
    /// The revisions of its rows in approvers' queues, by their number; none while the review rests.
    pub queue: Vec<u64>,
}

/// A stage that has the approvals it needed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DecidedStage {
    /// What the policy demanded.
    pub plan: PlannedStage,
    /// Its approvals.
    pub approvals: Vec<Approval>,
}

/// A request's way through its stages: what is decided, what is open, what lies ahead.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Review {
    /// Stages that have what they needed.
    pub decided: Vec<DecidedStage>,
    /// The stage that waits.
    pub open: OpenStage,
    /// Stages still to come.
    pub ahead: Vec<PlannedStage>,
    /// When the request lapses if nobody decides.
    pub deadline: Timestamp,
}

/// Where a review stands after an approval.
#[derive(Debug)]
pub enum Progress {
    /// The stage needs more approvals.
    Waiting(Review),
    /// The stage is done and the next one is to be opened.
    Next {
        /// Stages done.
        decided: Vec<DecidedStage>,
        /// The one to open.
        next: PlannedStage,
        /// The revisions of the stage's rows that was done.
        queue: Vec<u64>,
        /// Those after it.
        ahead: Vec<PlannedStage>,
        /// When the request lapses.
        deadline: Timestamp,
    },
    /// Every stage is done.
    Complete {
        /// All stages.
        decided: Vec<DecidedStage>,
    },
}

impl Review {
    /// People who have approved something in it, and those for whom somebody did: they decide nothing else of the same request.
    pub fn deciders(&self) -> BTreeSet<PersonId> {
        let decided = self.decided.iter().flat_map(|stage| &stage.approvals);
        decided.chain(&self.open.approvals).flat_map(Approval::deciders).collect()
    }

    /// Takes an approval of the open stage. The caller has checked that the approver is eligible.
    pub fn approve(self, approval: Approval) -> Progress {
        let Review { mut decided, mut open, mut ahead, deadline } = self;
        open.approvals.push(approval);
        if open.approvals.len() < usize::try_from(open.required).unwrap_or(usize::MAX) {
            return Progress::Waiting(Review { decided, open, ahead, deadline });
        }
        let queue = open.queue;
        decided.push(DecidedStage { plan: open.plan, approvals: open.approvals });
        if ahead.is_empty() {
            return Progress::Complete { decided };
        }
        let next = ahead.remove(0);
        Progress::Next { decided, next, queue, ahead, deadline }
    }

    /// The review without what a person approved in its open stage, or somebody for them; and that approval. None when there is none.
    pub fn withdraw(&self, person: PersonId) -> Option<(Self, Approval)> {
        let at =
            self.open.approvals.iter().position(|given| given.deciders().any(|decider| decider == person))?;
        let mut after = self.clone();
        let approval = after.open.approvals.remove(at);
        Some((after, approval))
    }

    /// Lets the review rest until a question is answered: it is in no queue meanwhile.
    #[must_use]
    pub fn rest(mut self) -> Self {
        self.open.queue.clear();
        self
    }

    /// Ends the review: all stages, decided or not, as far as they came.
    pub fn close(self) -> Vec<DecidedStage> {
        let mut stages = self.decided;
        if !self.open.approvals.is_empty() {
            stages.push(DecidedStage { plan: self.open.plan, approvals: self.open.approvals });
        }
        stages
    }
}
