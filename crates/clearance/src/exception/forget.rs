//! What exceptions say of somebody who is erased: nothing but the id.

use super::document::Exception;
use crate::audit::Actor;
use crate::documents;
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::ports::{Environment as _, Ports};
use crate::time::Timestamp;

impl Exception {
    /// The exception without its reason, when that is about or by a person; none when there is no such text any more.
    pub fn without_texts_of(&self, person: PersonId, now: Timestamp) -> Option<Self> {
        let theirs = self.person == person || self.made_by == Actor::Person(person);
        if !theirs || self.reason.text().is_none() {
            return None;
        }
        let mut without = self.clone();
        without.reason.destroy(now);
        Some(without)
    }
}

/// Destroys why exceptions were made for and by somebody who is erased, with the salts.
///
/// # Errors
/// When the store does not answer, or something changed meanwhile; it is safe to run again.
pub(crate) async fn forget_person<P: Ports>(ports: &P, person: PersonId) -> Result<(), Failure> {
    let (store, now) = (ports.store(), ports.environment().now());
    documents::rewrite_all(store, |exception: &Exception| exception.without_texts_of(person, now)).await
}
