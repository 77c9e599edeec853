use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::PersonId;
use crate::policy::PlannedStage;
use crate::ports::Revision;
use crate::text::CommittedText;
use crate::time::{Days, Timestamp};

/// One person's approval of one stage.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub rationale: Option<CommittedText>,
    /// The duration they agreed to, if shorter than asked for.
    pub days: Option<Days>,
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
    /// The revision of its rows in approvers' queues: 1 when they are made, one more with each approval.
    pub queue_revision: u64,
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
    /// People who have approved something in it: they decide nothing else of the same request.
    pub fn deciders(&self) -> BTreeSet<PersonId> {
        let decided = self.decided.iter().flat_map(|stage| &stage.approvals);
        decided.chain(&self.open.approvals).map(|approval| approval.by).collect()
    }

    /// Takes an approval of the open stage. The caller has checked that the approver is eligible.
    pub fn approve(self, approval: Approval) -> Progress {
        let Review { mut decided, mut open, mut ahead, deadline } = self;
        open.approvals.push(approval);
        open.queue_revision = open.queue_revision.saturating_add(1);
        if open.approvals.len() < usize::try_from(open.required).unwrap_or(usize::MAX) {
            return Progress::Waiting(Review { decided, open, ahead, deadline });
        }
        decided.push(DecidedStage { plan: open.plan, approvals: open.approvals });
        if ahead.is_empty() {
            return Progress::Complete { decided };
        }
        let next = ahead.remove(0);
        Progress::Next { decided, next, ahead, deadline }
    }

    /// Takes the review up again after a question was answered: its rows in the queues are made anew.
    #[must_use]
    pub fn resume(mut self) -> Self {
        self.open.queue_revision = Revision::FIRST.0;
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
