//! The look at the whole site finds what is wrong: each thing spoiled here by hand, behind the rules' back.

use clearance::documents::{Change, Document, Loaded, Paging, Select, list};
use clearance::grant::{Grant, GrantState};
use clearance::people::Membership;
use clearance::ports::Store;
use clearance::request::{Holding, Request, RequestState};
use serde_json::json;
use testkit::Site;

async fn first<D: Document>(store: &impl Store) -> Loaded<D> {
    let page = list::<D>(store, Select::all(), &Paging::default()).await.unwrap();
    page.items.into_iter().next().unwrap()
}

/// A site with something of everything.
fn site() -> Site {
    let site = Site::in_memory();
    let owen = site.member_of("Owen Owner", &[&site.security()]);
    let ada = site.member("Ada Lovelace");
    ada.take(&site.tool("Note taker", json!({})), 10);
    ada.wait_for(&site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] })), 10);
    site
}

/// What is said of a site that was spoiled so.
fn said(spoil: impl AsyncFnOnce(&testkit::Storage) -> Change) -> String {
    let site = site();
    site.check();
    site.with_store(async |store| {
        let change = spoil(store).await;
        store.commit(change.into_commit().unwrap()).await.unwrap();
    });
    let broken = site.broken();
    site.leave_as_it_is();
    assert!(!broken.is_empty(), "nobody noticed");
    broken.join("\n")
}

#[test]
fn access_that_nobody_approved_is_found() {
    let broken = said(async |store| {
        let mut change = Change::new();
        let request = first::<Request>(store).await;
        assert!(matches!(request.state, RequestState::Approved { .. }), "the first one was approved at once");
        let now = request.submitted_at;
        change.update(&request, &request.in_state(RequestState::Lapsed { at: now, stages: Vec::new() }));
        change
    });
    assert!(broken.contains("access without an approved request"), "{broken}");
    assert!(broken.contains("request.lapsed"), "the log does not say that it lapsed: {broken}");
}

#[test]
fn access_that_lasts_longer_than_approved_is_found() {
    let broken = said(async |store| {
        let mut change = Change::new();
        let grant = first::<Grant>(store).await;
        let GrantState::Active { activated_at, ends_at } = grant.state else { panic!("{:?}", grant.state) };
        let ends_at = ends_at.plus_minutes(24 * 60);
        change.update(&grant, &grant.in_state(GrantState::Active { activated_at, ends_at }));
        change
    });
    assert!(broken.contains("lasts 11 days, 10 were approved"), "{broken}");
}

#[test]
fn a_guard_that_lost_what_it_guards_is_found() {
    let broken = said(async |store| {
        let mut change = Change::new();
        let holding = first::<Holding>(store).await;
        change.update(&holding, &Holding { open_request: None, grant: None, ..Holding::clone(&holding) });
        change
    });
    assert!(broken.contains("the guard says (None, None)"), "{broken}");
}

#[test]
fn a_row_missing_from_a_queue_is_found() {
    let broken = said(async |store| {
        let mut change = Change::new();
        change.remove(&first::<clearance::approval::Waiting>(store).await);
        change
    });
    assert!(broken.contains("queues hold {}"), "{broken}");
}

#[test]
fn a_membership_that_nobody_has_is_found() {
    let broken = said(async |store| {
        let mut change = Change::new();
        change.remove(&first::<Membership>(store).await);
        change
    });
    assert!(broken.contains("memberships say {}"), "{broken}");
}
