//! The texts of a request, and their end.

use super::review::{Approval, DecidedStage, Review};
use super::state::{Consent, Denial, Request, RequestState};
use crate::ids::PersonId;
use crate::text::CommittedText;
use crate::time::Timestamp;

impl Request {
    /// When it was decided, withdrawn, lapsed or forgone; none while it is open or waits for a seat.
    pub fn closed_at(&self) -> Option<Timestamp> {
        match self.state {
            RequestState::Pending { .. }
            | RequestState::NeedsInformation { .. }
            | RequestState::AwaitingSeat { .. } => None,
            RequestState::Approved { at, .. }
            | RequestState::Forgone { at, .. }
            | RequestState::Denied { at, .. }
            | RequestState::Cancelled { at, .. }
            | RequestState::Lapsed { at, .. } => Some(at),
        }
    }

    /// Every text, each with what it is.
    pub fn texts(&self) -> Vec<(&'static str, &CommittedText)> {
        let mut texts = vec![("purpose", &self.purpose)];
        for exchange in &self.exchanges {
            texts.push(("question", &exchange.question));
            texts.extend(exchange.answer.iter().map(|(answer, _)| ("answer", answer)));
        }
        let mut approvals: Vec<&Approval> = self.taken_back.iter().map(|taken| &taken.approval).collect();
        texts.extend(
            self.taken_back.iter().filter_map(|taken| Some(("rationale", taken.rationale.as_ref()?))),
        );
        match &self.state {
            RequestState::Pending { review } | RequestState::NeedsInformation { review } => {
                approvals.extend(review.decided.iter().flat_map(|stage| &stage.approvals));
                approvals.extend(&review.open.approvals);
            }
            RequestState::Denied { denial, stages, .. } => {
                approvals.extend(stages.iter().flat_map(|stage| &stage.approvals));
                if let Denial::Person { rationale, .. } = denial {
                    texts.push(("rationale", rationale));
                }
            }
            RequestState::Approved { stages, withdrawn, .. } => {
                approvals.extend(stages.iter().flat_map(|stage| &stage.approvals));
                texts.extend(withdrawn.iter().map(|withdrawal| ("rationale", &withdrawal.rationale)));
            }
            RequestState::AwaitingSeat { consent: Consent { stages, .. }, .. }
            | RequestState::Forgone { consent: Consent { stages, .. }, .. }
            | RequestState::Cancelled { stages, .. }
            | RequestState::Lapsed { stages, .. } => {
                approvals.extend(stages.iter().flat_map(|stage| &stage.approvals));
            }
        }
        texts.extend(
            approvals.into_iter().filter_map(|approval| Some(("rationale", approval.rationale.as_ref()?))),
        );
        texts
    }

    /// Every text, each with whoever wrote it.
    fn texts_mut(&mut self) -> Vec<(PersonId, &mut CommittedText)> {
        let requester = self.requester;
        let mut texts = vec![(requester, &mut self.purpose)];
        for exchange in &mut self.exchanges {
            texts.push((exchange.asked_by, &mut exchange.question));
            texts.extend(exchange.answer.as_mut().map(|(answer, _)| (requester, answer)));
        }
        for taken in &mut self.taken_back {
            let approval = &mut taken.approval;
            texts.extend(approval.rationale.as_mut().map(|rationale| (approval.by, rationale)));
            texts.extend(taken.rationale.as_mut().map(|rationale| (taken.by, rationale)));
        }
        let mut decided: Vec<&mut DecidedStage> = Vec::new();
        let mut open = None;
        match &mut self.state {
            RequestState::Pending { review } | RequestState::NeedsInformation { review } => {
                let Review { decided: before, open: stage, .. } = review;
                decided.extend(before);
                open = Some(stage);
            }
            RequestState::Denied { denial, stages, .. } => {
                decided.extend(stages);
                if let Denial::Person { person, rationale, .. } = denial {
                    texts.push((*person, rationale));
                }
            }
            RequestState::Approved { stages, withdrawn, .. } => {
                decided.extend(stages);
                texts.extend(withdrawn.as_mut().map(|withdrawal| (withdrawal.by, &mut withdrawal.rationale)));
            }
            RequestState::AwaitingSeat { consent: Consent { stages, .. }, .. }
            | RequestState::Forgone { consent: Consent { stages, .. }, .. }
            | RequestState::Cancelled { stages, .. }
            | RequestState::Lapsed { stages, .. } => {
                decided.extend(stages);
            }
        }
        let open = open.into_iter().flat_map(|stage| &mut stage.approvals);
        for approval in decided.into_iter().flat_map(|stage| &mut stage.approvals).chain(open) {
            texts.extend(approval.rationale.as_mut().map(|rationale| (approval.by, rationale)));
        }
        texts
    }

    /// The request without texts whose writer is meant, with their salts; none when there are no such texts any more.
    pub fn without_texts(&self, of: impl Fn(PersonId) -> bool, now: Timestamp) -> Option<Self> {
        let mut without = self.clone();
        let mut any = false;
        for (writer, text) in without.texts_mut() {
            if text.text().is_some() && of(writer) {
                text.destroy(now);
                any = true;
            }
        }
        any.then_some(without)
    }
}
