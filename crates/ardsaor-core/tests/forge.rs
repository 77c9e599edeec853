//! Installations on Forge: the invocation token besides the signature, and pinning.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ardsaor_core::{ForgeSettings, InstallationKind, Limits};
use axum::Router;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core_protocol::message::{Operation, Outcome};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, KeyPairComponents, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};

use crate::support::directory::Kind;
use crate::support::{Caller, NOW, Site};

const KIND: Kind = Kind::OktaToken;
const APP: &str = "ari:cloud:ecosystem::app/1";

/// The RSA key of RFC 7515, appendix A.2: public, and so nobody's.
const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const D: &str = "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ";
const P: &str = "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc";
const Q: &str = "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc";
const DP: &str = "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0";
const DQ: &str = "h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU";
const QI: &str = "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U";

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn rsa() -> KeyPair {
    KeyPair::from_components(&KeyPairComponents {
        public_key: PublicKeyComponents { n: decoded(N), e: vec![1, 0, 1] },
        d: decoded(D),
        p: decoded(P),
        q: decoded(Q),
        dP: decoded(DP),
        dQ: decoded(DQ),
        qInv: decoded(QI),
    })
    .unwrap()
}

fn header() -> Value {
    json!({ "alg": "RS256", "typ": "JWT", "kid": "forge/invocation-token/1" })
}

fn claims() -> Value {
    json!({
        "iss": "forge/invocation-token", "aud": APP, "iat": NOW, "nbf": NOW, "exp": NOW + 25, "jti": "1",
        "app": { "id": APP, "installationId": "ari:cloud:ecosystem::installation/1", "environment": { "id": "e1", "type": "PRODUCTION" } },
    })
}

fn token(header: &Value, claims: &Value) -> String {
    let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", encoded(header), encoded(claims));
    let key = rsa();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("Bearer {signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A Core that is set up for the app, and whose keys come from a local server.
async fn site() -> Site {
    site_counting(&Arc::default()).await
}

/// The same; counts how often the keys are fetched.
async fn site_counting(fetched: &Arc<AtomicU32>) -> Site {
    let fetched = Arc::clone(fetched);
    let keys = json!({ "keys": [
        { "kty": "EC", "kid": "another" },
        { "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "forge/invocation-token/1", "n": N, "e": "AQAB" },
    ] });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route(
        "/jwks.json",
        get(move || async move {
            fetched.fetch_add(1, Ordering::SeqCst);
            keys.to_string()
        }),
    );
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = ForgeSettings {
        jwks_url: format!("http://{address}/jwks.json").parse().unwrap(),
        issuer: "forge/invocation-token".to_owned(),
        audience: APP.to_owned(),
        clock_skew: 5,
    };
    Site::start_with(Some(settings), Limits::default()).await
}

async fn paired(site: &Site) -> Caller {
    let installations = site.core.installations();
    let (_, code) = installations.add(&site.surroundings, "Acme Jira", InstallationKind::Forge).unwrap();
    site.pair(&code, &[("authorization", &token(&header(), &claims()))]).await.unwrap()
}

/// The outcome's code with this `Authorization`.
async fn with(site: &Site, caller: &Caller, authorization: Option<&str>) -> String {
    let mut call = site.prepare(caller, |key, nonce| KIND.connector(key, nonce), Operation::TestConnector {});
    call.fields.extend(authorization.map(|value| ("authorization", value.to_owned())));
    let returned = site.send(&call).await;
    if returned.status == 200 { "accepted".to_owned() } else { returned.code() }
}

fn changed(pointer: &str, value: Value) -> Value {
    let mut claims = claims();
    *claims.pointer_mut(pointer).unwrap() = value;
    claims
}

#[tokio::test]
async fn a_call_from_forge_needs_signature_and_token() {
    let site = site().await;
    let caller = paired(&site).await;
    let good = token(&header(), &claims());
    assert_eq!(with(&site, &caller, Some(&good)).await, "accepted");
    assert_eq!(with(&site, &caller, None).await, "invocation_token_missing");
    assert_eq!(with(&site, &caller, Some("Basic eDp5")).await, "invocation_token_missing");
    for nonsense in ["Bearer x", "Bearer a.b.c", "Bearer ..", "Bearer a.b", "Bearer a.b.c.d"] {
        assert_eq!(with(&site, &caller, Some(nonsense)).await, "invocation_token_malformed", "{nonsense}");
    }
    let mut tampered = good.clone();
    tampered.replace_range(good.len() - 4..good.len() - 2, "AA");
    assert_eq!(with(&site, &caller, Some(&tampered)).await, "invocation_token_signature");

    for (header, code) in [
        (json!({ "alg": "none", "kid": "forge/invocation-token/1" }), "invocation_token_algorithm"),
        (json!({ "alg": "HS256", "kid": "forge/invocation-token/1" }), "invocation_token_algorithm"),
        (json!({ "alg": "RS256", "kid": "made up" }), "invocation_token_key_unknown"),
        (json!({ "alg": "RS256", "kid": "another" }), "invocation_token_key_unknown"),
        (
            json!({ "alg": "RS256", "kid": "forge/invocation-token/1", "crit": ["x"] }),
            "invocation_token_malformed",
        ),
        (json!({ "alg": "RS256" }), "invocation_token_malformed"),
    ] {
        assert_eq!(with(&site, &caller, Some(&token(&header, &claims()))).await, code, "{header}");
    }
    for (pointer, value, code) in [
        ("/iss", json!("somebody"), "invocation_token_issuer"),
        ("/aud", json!("ari:cloud:ecosystem::app/2"), "invocation_token_audience"),
        ("/aud", json!(["ari:cloud:ecosystem::app/2"]), "invocation_token_audience"),
        ("/aud", json!([APP, "x"]), "accepted"),
        ("/app/id", json!("ari:cloud:ecosystem::app/2"), "invocation_token_audience"),
        ("/exp", json!(NOW - 5), "invocation_token_time"),
        ("/exp", json!(NOW - 4), "accepted"),
        ("/nbf", json!(NOW + 6), "invocation_token_time"),
        ("/nbf", json!(NOW + 5), "accepted"),
        (
            "/app/installationId",
            json!("ari:cloud:ecosystem::installation/2"),
            "invocation_token_other_installation",
        ),
        ("/app/environment/id", json!("e2"), "invocation_token_other_installation"),
    ] {
        let token = token(&header(), &changed(pointer, value.clone()));
        assert_eq!(with(&site, &caller, Some(&token)).await, code, "{pointer} {value}");
    }
}

#[tokio::test]
async fn the_keys_are_fetched_seldom_however_many_made_up_names_come() {
    let fetched = Arc::default();
    let site = site_counting(&fetched).await;
    let caller = paired(&site).await;
    let good = token(&header(), &claims());
    let made_up = token(&json!({ "alg": "RS256", "kid": "made up" }), &claims());
    for _ in 0..3 {
        assert_eq!(with(&site, &caller, Some(&made_up)).await, "invocation_token_key_unknown");
        assert_eq!(with(&site, &caller, Some(&good)).await, "accepted");
    }
    assert_eq!(fetched.load(Ordering::SeqCst), 1);
    site.surroundings.advance(60);
    for _ in 0..3 {
        assert_eq!(with(&site, &caller, Some(&made_up)).await, "invocation_token_key_unknown");
    }
    assert_eq!(fetched.load(Ordering::SeqCst), 2, "a new name is asked for once a minute");
}

#[tokio::test]
async fn a_token_alone_or_somebody_else_s_signature_is_not_enough() {
    let site = site().await;
    let caller = paired(&site).await;
    let good = token(&header(), &claims());
    let other = site.caller("self-hosted").await;
    let mut call = site.prepare(&other, |key, nonce| KIND.connector(key, nonce), Operation::TestConnector {});
    for (_, value) in &mut call.fields {
        *value = value.replace(other.key.id().as_str(), caller.key.id().as_str());
    }
    call.fields.push(("authorization", good));
    assert_eq!(site.send(&call).await.code(), "signature_mismatch");
}

#[tokio::test]
async fn pairing_pins_installation_app_and_environment() {
    let site = site().await;
    let installations = site.core.installations();
    let (id, code) = installations.add(&site.surroundings, "Acme Jira", InstallationKind::Forge).unwrap();
    assert_eq!(site.pair(&code, &[]).await.err().unwrap(), "invocation_token_missing");
    let good = token(&header(), &claims());
    let caller = site.pair(&code, &[("authorization", &good)]).await.unwrap();
    assert_eq!(caller.installation, id);

    // A new key goes to the installation that was pinned, whoever has the code.
    let code = installations.rotate_key(&site.surroundings, &id).unwrap();
    let stranger =
        token(&header(), &changed("/app/installationId", json!("ari:cloud:ecosystem::installation/2")));
    let refused = site.pair(&code, &[("authorization", &stranger)]).await.err().unwrap();
    assert_eq!(refused, "invocation_token_other_installation");
    assert!(
        site.pair(&code, &[("authorization", &good)]).await.is_ok(),
        "the refusal did not use the code up"
    );
}

#[tokio::test]
async fn a_core_that_is_not_set_up_for_forge_pairs_with_none() {
    let site = Site::start().await;
    let installations = site.core.installations();
    let (_, code) = installations.add(&site.surroundings, "Acme Jira", InstallationKind::Forge).unwrap();
    let good = token(&header(), &claims());
    assert_eq!(site.pair(&code, &[("authorization", &good)]).await.err().unwrap(), "forge_not_set_up");
    let caller = site.caller("self-hosted").await;
    let outcome = KIND.call(&site, &caller, Operation::TestConnector {}).await;
    assert_eq!(outcome, Outcome::Connected {});
}
