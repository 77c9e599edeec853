//! Many at once, and callers that do not wait.

use std::time::Duration;

use ardsaor_core::Limits;
use core_protocol::message::{Operation, Outcome, RefusalReason, RetryReason};
use testkit_directories::FaultKind;

use crate::support::Site;
use crate::support::directory::{Kind, ONE_OF_EACH};

#[tokio::test]
async fn of_an_add_and_a_later_removal_that_race_the_removal_stands() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        for round in 0..10 {
            let (add, remove) = tokio::join!(
                kind.call(&site, &caller, kind.add(1, 1, 2 * round + 1)),
                kind.call(&site, &caller, kind.remove(1, 1, 2 * round + 2)),
            );
            assert!(!kind.is_member(&site, 1, 1), "{kind:?}: {add:?} {remove:?}");
            let too_late = Outcome::Refused { reason: RefusalReason::FenceTooLow };
            match add {
                Outcome::Changed {} => assert_eq!(remove, Outcome::Changed {}),
                add => assert_eq!((add, remove), (too_late, Outcome::Already {})),
            }
        }
    }
}

#[tokio::test]
async fn the_same_change_twice_at_once_is_made_once() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        let (one, two) = tokio::join!(
            kind.call(&site, &caller, kind.add(1, 1, 1)),
            kind.call(&site, &caller, kind.add(1, 1, 1)),
        );
        let mut outcomes = [one, two];
        outcomes.sort_by_key(|outcome| *outcome == Outcome::Already {});
        assert_eq!(outcomes, [Outcome::Changed {}, Outcome::Already {}], "{kind:?}");
        let (method, path) = kind.adding();
        let made = kind.seen(&site).into_iter().filter(|it| it.method == method && it.path.contains(path));
        assert_eq!(made.count(), 1);
    }
}

#[tokio::test]
async fn a_slow_tenant_takes_no_more_than_its_places() {
    let limits =
        Limits { calls_per_tenant: 1, request_timeout: Duration::from_millis(500), ..Limits::default() };
    let site = Site::start_with(None, limits).await;
    let caller = site.caller("one").await;
    let (slow, other) = (Kind::OktaToken, Kind::EntraSecret);
    slow.fail(&site, "GET", "/api/v1/groups", 1, FaultKind::Hang);
    let test = || Operation::TestConnector {};
    let waiting = slow.call(&site, &caller, test());
    let meanwhile = async {
        while slow.seen(&site).is_empty() {
            tokio::task::yield_now().await;
        }
        (slow.call(&site, &caller, test()).await, other.call(&site, &caller, test()).await)
    };
    let (waited, (refused, elsewhere)) = tokio::join!(waiting, meanwhile);
    assert_eq!(refused, Outcome::RetryAfter { seconds: 1, reason: RetryReason::Busy });
    assert_eq!(elsewhere, Outcome::Connected {}, "the other tenant has its own places");
    assert_eq!(waited, Outcome::RetryAfter { seconds: 1, reason: RetryReason::ProviderTimeout });
    assert_eq!(slow.call(&site, &caller, test()).await, Outcome::Connected {}, "the place is free again");
}

#[tokio::test]
async fn more_requests_than_there_is_room_for_are_turned_away() {
    let limits = Limits { requests: 1, request_timeout: Duration::from_millis(500), ..Limits::default() };
    let site = Site::start_with(None, limits).await;
    let caller = site.caller("one").await;
    let kind = Kind::OktaToken;
    kind.fail(&site, "GET", "/api/v1/groups", 1, FaultKind::Hang);
    let waiting = kind.call(&site, &caller, Operation::TestConnector {});
    let second = site.prepare(&caller, |key, nonce| kind.connector(key, nonce), Operation::TestConnector {});
    let meanwhile = async {
        while kind.seen(&site).is_empty() {
            tokio::task::yield_now().await;
        }
        let returned = site.send(&second).await;
        (returned.status, returned.code(), site.get("/readyz").await.0)
    };
    let (_, turned_away) = tokio::join!(waiting, meanwhile);
    assert_eq!(turned_away, (503, "busy".to_owned(), 200));
    assert_eq!(
        site.answer(&caller, &second).await.outcome,
        Outcome::Connected {},
        "its nonce was not used up"
    );
}

#[tokio::test]
async fn a_caller_that_hangs_up_leaves_no_change_half_made() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        let before = kind.seen(&site).len();
        let adding = kind.call(&site, &caller, kind.add(1, 1, 1));
        let hang_up = async {
            // As soon as the provider was asked for the first time, the caller is gone.
            while kind.seen(&site).len() == before {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = hang_up => {}
            outcome = adding => panic!("{outcome:?}"),
        }
        // The removal waits for what is in work, and so finds it done.
        assert_eq!(kind.call(&site, &caller, kind.remove(1, 1, 2)).await, Outcome::Changed {}, "{kind:?}");
        assert!(!kind.is_member(&site, 1, 1));
    }
}
