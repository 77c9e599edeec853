//! What reviews say of somebody who is erased: nothing but the id.

use super::document::Review;
use super::state::ReviewState;
use crate::documents;
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::ports::{Environment as _, Ports};
use crate::text::CommittedText;
use crate::time::Timestamp;

impl Review {
    /// Every text, each with whoever wrote it.
    pub fn texts(&self) -> Vec<(PersonId, &CommittedText)> {
        let postponed = self.postponements.iter().map(|postponement| (postponement.by, &postponement.reason));
        let decided = match &self.state {
            ReviewState::Decided { by, reason: Some(reason), .. } => Some((*by, reason)),
            _ => None,
        };
        postponed.chain(decided).collect()
    }

    /// The review without texts about or by a person; none when there are no such texts any more.
    pub fn without_texts_of(&self, person: PersonId, now: Timestamp) -> Option<Self> {
        let about = self.person == person;
        let theirs = |by: PersonId, text: &CommittedText| (about || by == person) && text.text().is_some();
        if !self.texts().into_iter().any(|(by, text)| theirs(by, text)) {
            return None;
        }
        let mut without = self.clone();
        for postponement in &mut without.postponements {
            if about || postponement.by == person {
                postponement.reason.destroy(now);
            }
        }
        if let ReviewState::Decided { by, reason: Some(reason), .. } = &mut without.state
            && (about || *by == person)
        {
            reason.destroy(now);
        }
        Some(without)
    }
}

/// Destroys what was written in reviews about and by somebody who is erased, with the salts.
///
/// # Errors
/// When the store does not answer, or something changed meanwhile; it is safe to run again.
pub(crate) async fn forget_person<P: Ports>(ports: &P, person: PersonId) -> Result<(), Failure> {
    let (store, now) = (ports.store(), ports.environment().now());
    documents::rewrite_all(store, |review: &Review| review.without_texts_of(person, now)).await
}
