//! Who may call, and what is refused before it has any effect.

use ardsaor_core::{Core, InstallationKind, InstallationStatus, Settings, StartError};
use core_protocol::key::SigningKey;
use core_protocol::message::{CALL_PATH, Connector, Operation, Outcome};
use core_protocol::pairing::PairingCode;
use core_protocol::signature::Nonce;

use crate::support::directory::Kind;
use crate::support::{Caller, Prepared, Site};

const KIND: Kind = Kind::OktaToken;

fn test_call(site: &Site, caller: &Caller) -> Prepared {
    site.prepare(caller, |key, nonce| KIND.connector(key, nonce), Operation::TestConnector {})
}

/// Sends a request that must be refused, and gives status and code.
async fn refused(site: &Site, prepared: &Prepared) -> (u16, String) {
    let asked = site.okta.seen().len();
    let returned = site.send(prepared).await;
    assert_ne!(returned.status, 200);
    assert_eq!(site.okta.seen().len(), asked, "nothing reached the provider");
    (returned.status, returned.code())
}

#[tokio::test]
async fn a_signed_call_is_carried_out_once() {
    let site = Site::start().await;
    let caller = site.caller("one").await;
    let call = test_call(&site, &caller);
    assert_eq!(site.answer(&caller, &call).await.outcome, Outcome::Connected {});
    assert_eq!(refused(&site, &call).await, (401, "nonce_used".to_owned()));
    // A refusal to somebody who proved who he is, is signed, too.
    let again = site.send(&call).await;
    again.verify(&caller.key, call.signature(), site.now());

    let site = site.restart().await;
    assert_eq!(refused(&site, &call).await, (401, "nonce_used".to_owned()));
}

#[tokio::test]
async fn a_clock_that_is_put_back_brings_no_used_nonce_to_life() {
    let site = Site::start().await;
    let caller = site.caller("one").await;
    let call = test_call(&site, &caller);
    assert_eq!(site.answer(&caller, &call).await.outcome, Outcome::Connected {});
    // Long after, what has ended is forgotten; then somebody puts the clock back.
    site.surroundings.advance(1000);
    let site = site.restart().await;
    site.surroundings.advance(-1000);
    assert_eq!(refused(&site, &call).await, (401, "nonce_used".to_owned()));
    let site = site.restart().await;
    assert_eq!(refused(&site, &call).await, (401, "nonce_used".to_owned()));
    // A clock that ran ahead and was put right locks nobody out for longer than a request lasts.
    site.surroundings.advance(1);
    let fresh = test_call(&site, &caller);
    assert_eq!(site.answer(&caller, &fresh).await.outcome, Outcome::Connected {});
}

#[tokio::test]
async fn a_nonce_is_used_up_across_restarts_and_different_bodies() {
    let site = Site::start().await;
    let caller = site.caller("one").await;
    let nonce = "0123456789abcdefABCDEF".parse().unwrap();
    let first = site.sign_with(&caller.key, CALL_PATH, b"{}".to_vec(), &nonce);
    assert_eq!(refused(&site, &first).await, (400, "no_call".to_owned()));
    let second = site.sign_with(&caller.key, CALL_PATH, b"{ }".to_vec(), &nonce);
    assert_eq!(refused(&site, &second).await, (401, "nonce_used".to_owned()));
    let site = site.restart().await;
    let third = site.sign_with(&caller.key, CALL_PATH, b"{}".to_vec(), &nonce);
    assert_eq!(refused(&site, &third).await, (401, "nonce_used".to_owned()));
    // Another installation's nonces are its own.
    let other = site.caller("two").await;
    let fourth = site.sign_with(&other.key, CALL_PATH, b"{}".to_vec(), &nonce);
    assert_eq!(refused(&site, &fourth).await, (400, "no_call".to_owned()));
}

#[tokio::test]
async fn what_was_changed_on_the_way_is_refused() {
    let site = Site::start().await;
    let (caller, other) = (site.caller("one").await, site.caller("two").await);
    let call = test_call(&site, &caller);

    let mut body = call.clone();
    let last = body.body.len() - 3;
    body.body[last] ^= 1;
    assert_eq!(refused(&site, &body).await, (401, "digest_mismatch".to_owned()));
    let mut truncated = call.clone();
    truncated.body.pop();
    assert_eq!(refused(&site, &truncated).await, (401, "digest_mismatch".to_owned()));
    let retargeted = Prepared { path: "/v1/pairing", ..call.clone() };
    assert_eq!(refused(&site, &retargeted).await, (401, "pairing_code_unknown".to_owned()));
    let mut host = call.clone();
    host.host = "core.example".to_owned();
    assert_eq!(refused(&site, &host).await, (421, "wrong_authority".to_owned()));
    let unsigned = Prepared { fields: Vec::new(), ..call.clone() };
    assert_eq!(refused(&site, &unsigned).await, (401, "signature_field_missing".to_owned()));

    // One installation's key under another's name.
    let mut renamed = call.clone();
    for (_, value) in &mut renamed.fields {
        *value = value.replace(caller.key.id().as_str(), other.key.id().as_str());
    }
    assert_eq!(refused(&site, &renamed).await, (401, "signature_mismatch".to_owned()));
    let mut unknown = call.clone();
    for (_, value) in &mut unknown.fields {
        *value = value.replace(caller.key.id().as_str(), "key_unknown");
    }
    assert_eq!(refused(&site, &unknown).await, (401, "signature_mismatch".to_owned()));

    // A secret that was sealed by one installation's key for another's request does not open.
    let stolen =
        site.prepare(&other, |_, nonce| KIND.connector(&caller.key, nonce), Operation::TestConnector {});
    assert_eq!(refused(&site, &stolen).await, (400, "sealed_secret_not_opened".to_owned()));

    assert_eq!(
        site.answer(&caller, &call).await.outcome,
        Outcome::Connected {},
        "none of this used the nonce up"
    );
}

#[tokio::test]
async fn a_secret_is_bound_to_host_tenant_and_request() {
    let site = Site::start().await;
    let caller = site.caller("one").await;
    let not_opened = (400, "sealed_secret_not_opened".to_owned());
    let repointed = |key: &SigningKey, nonce: &Nonce| match KIND.connector(key, nonce) {
        Connector::Okta { credential, .. } => {
            Connector::Okta { host: "evil.okta.com".parse().unwrap(), credential }
        }
        entra @ Connector::Entra { .. } => entra,
    };
    let call = site.prepare(&caller, repointed, Operation::TestConnector {});
    assert_eq!(refused(&site, &call).await, not_opened);
    let other_tenant = |key: &SigningKey, nonce: &Nonce| match Kind::EntraSecret.connector(key, nonce) {
        Connector::Entra { cloud, client_id, credential, .. } => {
            let tenant = "6ba7b810-9dad-11d1-80b4-00c04fd430c8".parse().unwrap();
            Connector::Entra { cloud, tenant, client_id, credential }
        }
        okta @ Connector::Okta { .. } => okta,
    };
    let call = site.prepare(&caller, other_tenant, Operation::TestConnector {});
    assert_eq!(refused(&site, &call).await, not_opened);
    let from_before = |key: &SigningKey, _: &Nonce| KIND.connector(key, &Nonce::from_entropy([7; 16]));
    let call = site.prepare(&caller, from_before, Operation::TestConnector {});
    assert_eq!(refused(&site, &call).await, not_opened);
    assert!(site.entra.seen().is_empty());
}

#[tokio::test]
async fn a_call_is_valid_in_its_window_only() {
    let site = Site::start().await;
    let caller = site.caller("one").await;
    let call = test_call(&site, &caller);
    site.surroundings.advance(-31);
    assert_eq!(refused(&site, &call).await, (401, "signature_created_in_future".to_owned()));
    site.surroundings.advance(31 + 120);
    assert_eq!(refused(&site, &call).await, (401, "signature_expired".to_owned()));
}

#[tokio::test]
async fn a_body_has_its_limit() {
    let site = Site::start().await;
    let caller = site.caller("one").await;
    let call = site.sign(&caller.key, CALL_PATH, vec![b' '; 64 * 1024 + 1]);
    assert_eq!(refused(&site, &call).await, (413, "body_too_large".to_owned()));
    let call = site.sign(&caller.key, CALL_PATH, vec![b' '; 64 * 1024]);
    assert_eq!(refused(&site, &call).await, (400, "malformed".to_owned()));
}

#[tokio::test]
async fn a_disabled_installation_is_refused_at_once() {
    let site = Site::start().await;
    let (caller, other) = (site.caller("one").await, site.caller("two").await);
    let installations = site.core.installations();
    installations.set_status(&caller.installation, InstallationStatus::Disabled).unwrap();
    let call = test_call(&site, &caller);
    assert_eq!(refused(&site, &call).await, (403, "installation_disabled".to_owned()));
    let call = test_call(&site, &other);
    assert_eq!(site.answer(&other, &call).await.outcome, Outcome::Connected {});
    installations.set_status(&caller.installation, InstallationStatus::Enabled).unwrap();
    let call = test_call(&site, &caller);
    assert_eq!(site.answer(&caller, &call).await.outcome, Outcome::Connected {});
    let unknown = "inst_unknown".parse().unwrap();
    assert!(installations.set_status(&unknown, InstallationStatus::Disabled).is_err());
}

#[tokio::test]
async fn a_pairing_code_works_once_and_for_ten_minutes() {
    let site = Site::start().await;
    let installations = site.core.installations();
    let add = |name| installations.add(&site.surroundings, name, InstallationKind::SelfHosted).unwrap();
    let (_, code) = add("one");
    let stranger = PairingCode::from_entropy([1; 20]);
    assert_eq!(site.pair(&stranger, &[]).await.err().unwrap(), "pairing_code_unknown");
    let caller = site.pair(&code, &[]).await.unwrap();
    assert_eq!(site.pair(&code, &[]).await.err().unwrap(), "pairing_code_unknown");
    let call = test_call(&site, &caller);
    assert_eq!(site.answer(&caller, &call).await.outcome, Outcome::Connected {});

    let (_, code) = add("two");
    site.surroundings.advance(599);
    assert!(site.pair(&code, &[]).await.is_ok());
    let (id, first) = add("three");
    let second = installations.rotate_key(&site.surroundings, &id).unwrap();
    assert_eq!(
        site.pair(&first, &[]).await.err().unwrap(),
        "pairing_code_unknown",
        "a newer code replaces it"
    );
    site.surroundings.advance(600);
    assert_eq!(site.pair(&second, &[]).await.err().unwrap(), "pairing_code_unknown");
    for name in ["", " ", "two\nlines"] {
        assert!(
            installations.add(&site.surroundings, name, InstallationKind::SelfHosted).is_err(),
            "{name:?}"
        );
    }
}

#[tokio::test]
async fn a_replaced_key_works_for_a_day_more() {
    let site = Site::start().await;
    let old = site.caller("one").await;
    let rotate = async || {
        let code = site.core.installations().rotate_key(&site.surroundings, &old.installation).unwrap();
        site.pair(&code, &[]).await.unwrap()
    };
    let new = rotate().await;
    assert_eq!(new.installation, old.installation);
    for caller in [&old, &new] {
        let call = test_call(&site, caller);
        assert_eq!(site.answer(caller, &call).await.outcome, Outcome::Connected {});
    }
    site.surroundings.advance(24 * 3600 - 1);
    let call = test_call(&site, &old);
    assert_eq!(site.answer(&old, &call).await.outcome, Outcome::Connected {});
    site.surroundings.advance(1);
    let call = test_call(&site, &old);
    assert_eq!(refused(&site, &call).await, (401, "signature_mismatch".to_owned()));

    // There are never more than two: a further key ends the one that was fading out.
    let newer = rotate().await;
    let newest = rotate().await;
    let call = test_call(&site, &new);
    assert_eq!(refused(&site, &call).await, (401, "signature_mismatch".to_owned()));
    for caller in [&newer, &newest] {
        let call = test_call(&site, caller);
        assert_eq!(site.answer(caller, &call).await.outcome, Outcome::Connected {});
    }
    let listed = site.core.installations().list(site.now()).unwrap();
    assert_eq!((listed.len(), listed[0].keys), (1, 2));
}

#[tokio::test]
async fn one_server_serves_from_a_directory() {
    let site = Site::start().await;
    let settings = Settings::inside(site.data.path().join("core"));
    let endpoints = ardsaor_core::provider::Endpoints::Public;
    let second = Core::start(settings.clone(), site.surroundings.clone(), endpoints).await;
    assert!(matches!(second, Err(StartError::Database(ardsaor_core::database::DatabaseError::Leased))));
    let exposed = Settings { listen: "0.0.0.0:0".parse().unwrap(), ..settings };
    let exposed = Core::start(exposed, site.surroundings.clone(), endpoints).await;
    assert!(matches!(exposed, Err(StartError::Exposed(_))));
}

#[tokio::test]
async fn core_tells_how_it_is() {
    let site = Site::start().await;
    let caller = site.caller("one").await;
    let call = test_call(&site, &caller);
    site.answer(&caller, &call).await;
    site.send(&call).await;
    assert_eq!(site.get("/healthz").await, (200, "{\"ok\":true}".to_owned()));
    assert_eq!(site.get("/readyz").await, (200, "{\"ok\":true}".to_owned()));
    let (status, metrics) = site.get("/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "ardsaor_core_calls_total{provider=\"okta\",operation=\"test_connector\",outcome=\"connected\"} 1",
        "ardsaor_core_refused_total{code=\"nonce_used\"} 1",
        "ardsaor_core_provider_requests_total{provider=\"okta\",status=\"200\"} 2",
    ] {
        assert!(metrics.contains(line), "{line} in\n{metrics}");
    }
    assert_eq!(site.get("/elsewhere").await.0, 404);
    assert_eq!(site.get("/v1/calls").await.0, 405);
}
