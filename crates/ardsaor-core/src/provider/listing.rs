//! Whether something is in a list that comes in pages.
//!
//! Pages are no snapshot: when something is taken out of a list between two of them, what follows moves up, and a provider that counts from
//! the front skips one. So what was seen is there, but what was not seen is missing only when it is missing from a list of one page, or when
//! two lists, one after the other, are the same.

use core_protocol::message::RetryReason;

use super::{Interrupted, UNAVAILABLE_SECONDS};

/// Lists read for one answer, at most.
const MOST_LISTINGS: usize = 4;

/// The ids of a whole list, as its pages came.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    pages: u32,
    ids: Vec<String>,
}

impl Listing {
    /// Adds a page.
    pub(super) fn add(&mut self, ids: impl Iterator<Item = String>) {
        self.pages += 1;
        self.ids.extend(ids);
    }
}

/// Lists of the same, one after the other.
#[derive(Debug, Default)]
pub(super) struct Listings {
    last: Option<Listing>,
    read: usize,
}

impl Listings {
    /// Whether an id is in the list, as far as one more listing settles it.
    ///
    /// # Errors
    /// To be asked again later when the list changes all the time.
    pub(super) fn settle(&mut self, listing: Listing, id: &str) -> Result<Option<bool>, Interrupted> {
        if listing.ids.iter().any(|listed| listed == id) {
            return Ok(Some(true));
        }
        if listing.pages <= 1 || self.last.as_ref() == Some(&listing) {
            return Ok(Some(false));
        }
        self.read += 1;
        if self.read >= MOST_LISTINGS {
            return Err(Interrupted::RetryAfter {
                seconds: UNAVAILABLE_SECONDS,
                reason: RetryReason::ProviderBusy,
            });
        }
        self.last = Some(listing);
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(pages: &[&[&str]]) -> Listing {
        let mut listing = Listing::default();
        for page in pages {
            listing.add(page.iter().map(|id| (*id).to_owned()));
        }
        listing
    }

    #[test]
    fn what_was_seen_is_there_and_what_one_page_does_not_hold_is_missing() {
        let settle = |pages: &[&[&str]]| Listings::default().settle(listing(pages), "x");
        assert_eq!(settle(&[&["a", "x"]]), Ok(Some(true)));
        assert_eq!(settle(&[&["a"], &["x"]]), Ok(Some(true)));
        assert_eq!(settle(&[&["a"]]), Ok(Some(false)));
        assert_eq!(settle(&[&[]]), Ok(Some(false)));
    }

    #[test]
    fn what_two_pages_do_not_hold_is_missing_when_the_same_is_read_again() {
        let mut listings = Listings::default();
        // `x` moved up to the first page when `a` was taken out.
        assert_eq!(listings.settle(listing(&[&["a", "b"], &["c"]]), "x"), Ok(None));
        assert_eq!(listings.settle(listing(&[&["b", "x"], &["c"]]), "x"), Ok(Some(true)));
        let mut listings = Listings::default();
        assert_eq!(listings.settle(listing(&[&["a", "b"], &["c"]]), "x"), Ok(None));
        assert_eq!(listings.settle(listing(&[&["b", "c"], &["d"]]), "x"), Ok(None));
        assert_eq!(listings.settle(listing(&[&["b", "c"], &["d"]]), "x"), Ok(Some(false)));
    }

    #[test]
    fn a_list_that_changes_all_the_time_is_read_again_later() {
        let mut listings = Listings::default();
        let mut settled = Ok(None);
        for id in ["a", "b", "c", "d", "e"] {
            settled = listings.settle(listing(&[&[id], &["z"]]), "x");
            if settled.is_err() {
                break;
            }
        }
        assert!(matches!(settled, Err(Interrupted::RetryAfter { reason: RetryReason::ProviderBusy, .. })));
    }
}
