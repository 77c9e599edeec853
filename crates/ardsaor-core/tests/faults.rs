//! What goes wrong at the provider, and what is made of it.

use core_protocol::message::{FollowUpReason, Operation, Outcome, RetryReason};
use serde_json::{Value, json};
use testkit_directories::FaultKind;

use crate::support::directory::{KINDS, Kind, ONE_OF_EACH};

fn retry(seconds: u32, reason: RetryReason) -> Outcome {
    Outcome::RetryAfter { seconds, reason }
}

#[tokio::test]
async fn a_limit_is_waited_for_as_its_vendor_says_it() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        // Core's own clock is wrong by an hour: Okta's reset is compared with Okta's date.
        site.surroundings.advance(3600);
        let (method, path) = kind.adding();
        kind.fail(&site, method, path, 1, FaultKind::RateLimited(17));
        assert_eq!(kind.call(&site, &caller, kind.add(1, 1, 1)).await, retry(17, RetryReason::RateLimited));
        assert!(!kind.is_member(&site, 1, 1));
        assert_eq!(kind.call(&site, &caller, kind.add(1, 1, 1)).await, Outcome::Changed {});
    }
}

#[tokio::test]
async fn a_failing_provider_is_asked_again_later_and_nothing_is_lost() {
    for kind in ONE_OF_EACH {
        for status in [500, 502, 503, 504] {
            let (site, caller) = kind.ready().await;
            let (method, path) = kind.adding();
            kind.fail(&site, method, path, 1, FaultKind::Answer(status, Value::Null));
            let outcome = kind.call(&site, &caller, kind.add(1, 1, 1)).await;
            assert_eq!(outcome, retry(1, RetryReason::ProviderUnavailable), "{kind:?} {status}");
            assert_eq!(kind.call(&site, &caller, kind.add(1, 1, 1)).await, Outcome::Changed {});
        }
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_no_answer_and_the_next_try_sees_what_happened() {
    for kind in ONE_OF_EACH {
        for fault in [FaultKind::Hang, FaultKind::DoneWithoutAnswer] {
            let done = matches!(fault, FaultKind::DoneWithoutAnswer);
            let (site, caller) = kind.ready().await;
            let (method, path) = kind.adding();
            kind.fail(&site, method, path, 1, fault);
            let outcome = kind.call(&site, &caller, kind.add(1, 1, 1)).await;
            assert_eq!(outcome, retry(1, RetryReason::ProviderTimeout), "{kind:?}");
            assert_eq!(kind.is_member(&site, 1, 1), done);
            let outcome = kind.call(&site, &caller, kind.add(1, 1, 1)).await;
            assert_eq!(outcome, if done { Outcome::Already {} } else { Outcome::Changed {} });
        }
    }
}

#[tokio::test]
async fn a_provider_that_is_down_is_left_alone_for_a_while() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        kind.fail(&site, "GET", "/users/", 5, FaultKind::Answer(503, Value::Null));
        for _ in 0..5 {
            let outcome = kind.call(&site, &caller, kind.check(1, 1)).await;
            assert_eq!(outcome, retry(1, RetryReason::ProviderUnavailable));
        }
        let asked = kind.seen(&site).len();
        assert_eq!(kind.call(&site, &caller, kind.check(1, 1)).await, retry(30, RetryReason::CircuitOpen));
        assert_eq!(kind.seen(&site).len(), asked, "the provider is left alone");
        // The other provider's tenants are not concerned.
        let other = if kind == Kind::OktaToken { Kind::EntraSecret } else { Kind::OktaToken };
        assert_eq!(other.call(&site, &caller, Operation::TestConnector {}).await, Outcome::Connected {});
        site.surroundings.advance(30);
        assert_eq!(kind.call(&site, &caller, kind.check(1, 1)).await, Outcome::NotMember {});
    }
}

#[tokio::test]
async fn refused_credentials_and_missing_permissions_are_told_apart() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        kind.end_tokens(&site);
        let wrong = site.call(
            &caller,
            |key, nonce| kind.connector_with(key, nonce, Some("not-the-secret")),
            Operation::TestConnector {},
        );
        let refused = Outcome::NeedsFollowUp { reason: FollowUpReason::CredentialsRefused };
        assert_eq!(wrong.await, refused, "{kind:?}");
        let (method, path) = kind.adding();
        kind.fail(&site, method, path, 1, FaultKind::Answer(403, Value::Null));
        let missing = Outcome::NeedsFollowUp { reason: FollowUpReason::PermissionMissing };
        assert_eq!(kind.call(&site, &caller, kind.add(1, 1, 1)).await, missing);
        // What Okta says with 401 about a feature of the org is not about the token.
        if kind == Kind::OktaToken {
            let feature = json!({ "errorCode": "E0000015", "errorSummary": "…", "errorCauses": [] });
            kind.fail(&site, method, path, 1, FaultKind::Answer(401, feature));
            assert_eq!(kind.call(&site, &caller, kind.add(1, 1, 1)).await, missing);
        }
    }
}

#[tokio::test]
async fn a_token_is_kept_and_replaced_when_it_ends_early() {
    let tokens =
        |kind: Kind, site: &_| kind.seen(site).iter().filter(|seen| seen.path.ends_with("/token")).count();
    for kind in KINDS.into_iter().filter(|kind| *kind != Kind::OktaToken) {
        let (site, caller) = kind.ready().await;
        // Okta demands a nonce first, which takes the second assertion.
        let each = if kind == Kind::OktaAssertions { 2 } else { 1 };
        kind.call(&site, &caller, kind.check(1, 1)).await;
        assert_eq!(tokens(kind, &site), each, "{kind:?}: one token for both calls");
        kind.end_tokens(&site);
        assert_eq!(kind.call(&site, &caller, kind.check(1, 1)).await, Outcome::NotMember {});
        assert_eq!(tokens(kind, &site), 2 * each);
        site.surroundings.advance(3600);
        kind.call(&site, &caller, kind.check(1, 1)).await;
        assert_eq!(tokens(kind, &site), 3 * each, "its own end is known");
        // A new signing key or a pause of the installation ends what was obtained before.
        let installations = site.core.installations();
        for status in [ardsaor_core::InstallationStatus::Disabled, ardsaor_core::InstallationStatus::Enabled]
        {
            installations.set_status(&caller.installation, status).unwrap();
        }
        kind.call(&site, &caller, kind.check(1, 1)).await;
        assert_eq!(tokens(kind, &site), 4 * each);
        // Another installation does not profit from this one's.
        let other = site.caller("two").await;
        kind.call(&site, &other, kind.check(1, 1)).await;
        assert_eq!(tokens(kind, &site), 5 * each);
    }
}

#[tokio::test]
async fn another_secret_does_not_find_the_first_one_s_token() {
    let kind = Kind::EntraSecret;
    let (site, caller) = kind.ready().await;
    let wrong = site.call(
        &caller,
        |key, nonce| kind.connector_with(key, nonce, Some("not-the-secret")),
        kind.check(1, 1),
    );
    assert_eq!(wrong.await, Outcome::NeedsFollowUp { reason: FollowUpReason::CredentialsRefused });
    assert_eq!(kind.call(&site, &caller, kind.check(1, 1)).await, Outcome::NotMember {});
}

#[tokio::test]
async fn nonsense_is_not_understood_rather_than_believed() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        let strange = Outcome::NeedsFollowUp { reason: FollowUpReason::UnexpectedAnswer };
        for body in [json!({}), json!("ok"), json!([{ "no": "id" }]), json!({ "value": [{}] })] {
            kind.fail(&site, "GET", kind.reading(), 1, FaultKind::Answer(200, body.clone()));
            assert_eq!(kind.call(&site, &caller, kind.check(1, 1)).await, strange, "{kind:?} {body}");
        }
        // A redirect is an answer like any other: it is not followed.
        kind.fail(&site, "GET", kind.reading(), 1, FaultKind::Answer(302, Value::Null));
        assert_eq!(kind.call(&site, &caller, kind.check(1, 1)).await, strange);
    }
}
