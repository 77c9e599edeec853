//! What must hold of everything that a site keeps, at any time between two commits.
//!
//! It is written without looking at how the rules bring it about: from documents alone, each compared with the others and with the log.

mod connectors;
mod drift;
mod erasure;
mod exceptions;
mod governance;
mod insights;
mod intake;
mod log;
mod people;
mod policies;
mod requests;
mod reviews;
mod seats;

use clearance::documents::{Document, Paging, Select, list};
use clearance::ports::{MAX_PAGE, Store};

pub use log::log_kinds;

/// What does not hold, in words; empty when the site is sound.
pub async fn broken(store: &impl Store) -> Vec<String> {
    let mut broken = Vec::new();
    let log = log::read(store, &mut broken).await;
    people::check(store, &log, &mut broken).await;
    requests::check(store, &log, &mut broken).await;
    governance::check(store, &log, &mut broken).await;
    seats::check(store, &mut broken).await;
    policies::check(store, &mut broken).await;
    reviews::check(store, &log, &mut broken).await;
    exceptions::check(store, &log, &mut broken).await;
    drift::check(store, &log, &mut broken).await;
    connectors::check(store, &log, &mut broken).await;
    insights::check(store, &log, &mut broken).await;
    intake::check(store, &mut broken).await;
    erasure::check(store, &log, &mut broken).await;
    broken
}

/// Notes what does not hold.
fn require(broken: &mut Vec<String>, holds: bool, otherwise: impl FnOnce() -> String) {
    if !holds {
        broken.push(otherwise());
    }
}

/// Every document of one kind.
async fn every<D: Document>(store: &impl Store) -> Vec<D> {
    let (mut documents, mut after) = (Vec::new(), None);
    loop {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let page = list::<D>(store, Select::all(), &paging).await.expect("every document can be read");
        documents.extend(page.items.into_iter().map(clearance::documents::Loaded::into_inner));
        after = page.next;
        if after.is_none() {
            return documents;
        }
    }
}
