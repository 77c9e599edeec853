use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::PersonId;
use crate::policy::{Approvers, PlannedStage};
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
    /// From when its days are counted: since it opened, or since the last question was answered.
    pub counted_from: Timestamp,
    /// What time and people have made of it.
    #[serde(default, skip_serializing_if = "Course::is_planned")]
    pub course: Course,
    /// When those who can act were last reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded_at: Option<Timestamp>,
    /// Since when nobody at all can decide it; administrators were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stranded_since: Option<Timestamp>,
    /// Approvals it has; fewer than it needs.
    pub approvals: Vec<Approval>,
    /// The revisions of its rows in approvers' queues, by their number; none while the review rests.
    pub queue: Vec<u64>,
}

/// What time and people have made of a stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Course {
    /// Those decide whom it asks at first.
    #[default]
    Planned,
    /// Those of its escalation decide as well.
    Escalated {
        /// Since when.
        at: Timestamp,
    },
    /// It timed out, and its fallback decides.
    FellBack {
        /// Since when.
        at: Timestamp,
    },
    /// Nobody else could decide it any more, and administrators do.
    Administrators {
        /// Since when.
        at: Timestamp,
    },
}

impl Course {
    /// Whether nothing has become of it.
    pub fn is_planned(&self) -> bool {
        *self == Self::Planned
    }

    /// Since when it is so; none when nothing has become of it.
    pub fn since(self) -> Option<Timestamp> {
        match self {
            Self::Planned => None,
            Self::Escalated { at } | Self::FellBack { at } | Self::Administrators { at } => Some(at),
        }
    }
}

/// Who may decide a stage of which this has become.
fn approvers(plan: &PlannedStage, course: Course) -> BTreeSet<Approvers> {
    match course {
        Course::Planned => plan.approvers.clone(),
        Course::Escalated { .. } => {
            let added = plan.escalation.iter().flat_map(|escalation| &escalation.approvers);
            plan.approvers.iter().chain(added).copied().collect()
        }
        Course::FellBack { .. } => plan.fallback.clone(),
        Course::Administrators { .. } => BTreeSet::from([Approvers::Administrators]),
    }
}

/// What is due of an open stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Its fallback takes over.
    FallBack,
    /// The request lapses: it timed out, and there is no fallback.
    Lapse,
    /// Those of its escalation decide as well.
    Escalate,
    /// Those who can act are reminded.
    Remind,
}

impl OpenStage {
    /// Who may decide it now.
    pub fn approvers(&self) -> BTreeSet<Approvers> {
        approvers(&self.plan, self.course)
    }

    /// What comes, each with its time, soonest first. What comes at the same time comes in the order of [`Due`].
    fn to_come(&self) -> Vec<(Timestamp, Due)> {
        let after = |days: Days| self.counted_from.plus_days(days);
        let mut to_come = Vec::with_capacity(3);
        if matches!(self.course, Course::Planned | Course::Escalated { .. })
            && let Some(days) = self.plan.timeout_days
        {
            let due = if self.plan.fallback.is_empty() { Due::Lapse } else { Due::FallBack };
            to_come.push((after(days), due));
        }
        if let (Course::Planned, Some(escalation)) = (self.course, &self.plan.escalation) {
            to_come.push((after(escalation.after_days), Due::Escalate));
        }
        if let Some(days) = self.plan.reminder_days {
            let told = [Some(self.counted_from), self.reminded_at, self.course.since()];
            if let Some(last) = told.into_iter().flatten().max() {
                to_come.push((last.plus_days(days), Due::Remind));
            }
        }
        to_come.sort_by_key(|(at, _)| *at);
        to_come
    }

    /// When something is due next.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.to_come().first().map(|(at, _)| *at)
    }

    /// What is due now. After a long sleep it is what matters most; the rest is due no more then.
    pub fn due(&self, now: Timestamp) -> Option<Due> {
        let due = |wanted: fn(Due) -> bool| {
            let found = self.to_come().into_iter().find(|(at, due)| *at <= now && wanted(*due));
            found.map(|(_, due)| due)
        };
        due(|due| matches!(due, Due::FallBack | Due::Lapse))
            .or_else(|| due(|due| due == Due::Escalate))
            .or_else(|| due(|due| due == Due::Remind))
    }

    /// When it times out, whatever follows then.
    pub fn times_out_at(&self) -> Option<Timestamp> {
        let times_out = |due: &Due| matches!(due, Due::Lapse | Due::FallBack);
        self.to_come().into_iter().find(|(_, due)| times_out(due)).map(|(at, _)| at)
    }

    /// When the request lapses because this stage times out.
    pub fn lapses_at(&self) -> Option<Timestamp> {
        self.to_come().into_iter().find(|(_, due)| *due == Due::Lapse).map(|(at, _)| at)
    }

    fn decided(self) -> DecidedStage {
        DecidedStage { plan: self.plan, course: self.course, approvals: self.approvals }
    }
}

/// A stage that has the approvals it needed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DecidedStage {
    /// What the policy demanded.
    pub plan: PlannedStage,
    /// What had become of it when it was decided.
    #[serde(default, skip_serializing_if = "Course::is_planned")]
    pub course: Course,
    /// Its approvals.
    pub approvals: Vec<Approval>,
}

impl DecidedStage {
    /// Who could decide it when it was decided.
    pub fn approvers(&self) -> BTreeSet<Approvers> {
        approvers(&self.plan, self.course)
    }
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
        let queue = std::mem::take(&mut open.queue);
        decided.push(open.decided());
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

    /// Takes the review up again: its stage's days begin anew.
    #[must_use]
    pub fn resume(mut self, now: Timestamp) -> Self {
        self.open.counted_from = now;
        self
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
            stages.push(self.open.decided());
        }
        stages
    }
}
