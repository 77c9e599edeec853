use axum::http::StatusCode;
use clearance::time::Days;
use serde_json::json;

use crate::support::{Hold, Site};

fn secret(hold: &Hold) -> &str {
    match hold {
        Hold::Token(token) => token,
        Hold::Nobody | Hold::Cookie(_) => "",
    }
}

#[tokio::test]
async fn a_token_works_for_ninety_days() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let token = site.token(ada, "act").await;
    site.clock.advance_days(Days::of(89));
    site.clock.advance_minutes(24 * 60 - 1);
    assert_eq!(site.call("grants.list", &token, json!({})).await.status, StatusCode::OK);
    site.clock.advance_minutes(1);
    let answer = site.call("grants.list", &token, json!({})).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "not_signed_in"));
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn a_token_works_for_as_many_days_as_were_asked_for() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let own = site.token(ada, "act").await;
    for wrong in [json!(0), json!(366), json!(-1), json!(1.5), json!("7"), json!(70_000)] {
        let answer = site.call("tokens.create", &own, json!({ "days": wrong })).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "malformed_input"));
    }
    for days in [1, 365] {
        let made = site.call("tokens.create", &own, json!({ "scope": "read", "days": days })).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.text());
        let until = site.clock.now().plus_days(Days::of(days)).to_string();
        assert_eq!(made.json()["token"]["expires_at"], until);
        let token = Hold::Token(made.json()["secret"].as_str().unwrap().to_owned());
        if days == 1 {
            site.clock.advance_minutes(24 * 60 - 1);
            assert_eq!(site.call("grants.list", &token, json!({})).await.status, StatusCode::OK);
            site.clock.advance_minutes(1);
            let late = site.call("grants.list", &token, json!({})).await;
            assert_eq!(late.status, StatusCode::UNAUTHORIZED);
            site.clock.advance_minutes(-24 * 60);
        }
    }
}

#[tokio::test]
async fn a_token_s_scope_narrows_what_its_person_may_do() {
    let site = Site::new().await;
    let ada = site.add("Ada", "administrator").await;
    let (read, log, act) =
        (site.token(ada, "read").await, site.token(ada, "log").await, site.token(ada, "act").await);
    let put = json!({ "name": "Bob", "email": "bob@example.com" });
    let cases = [
        ("people.list", json!({}), [true, false, true]),
        ("people.put", put, [false, false, true]),
        ("audit.entries", json!({}), [true, true, true]),
        ("audit.verify", json!({}), [false, true, true]),
    ];
    for (operation, input, allowed) in cases {
        for (hold, allowed) in [&read, &log, &act].into_iter().zip(allowed) {
            let answer = site.call(operation, hold, input.clone()).await;
            if allowed {
                assert_eq!(answer.status, StatusCode::OK, "{operation}: {}", answer.text());
            } else {
                assert_eq!(
                    (answer.status, answer.code().as_str()),
                    (StatusCode::FORBIDDEN, "token_scope"),
                    "{operation}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_revoked_token_is_out_at_once_and_only_its_person_or_an_administrator_revokes_it() {
    let site = Site::new().await;
    let (ada, bob, root) = (
        site.add("Ada", "member").await,
        site.add("Bob", "member").await,
        site.add("Root", "administrator").await,
    );
    let (of_ada, of_bob, of_root) =
        (site.token(ada, "act").await, site.token(bob, "act").await, site.token(root, "act").await);
    let id = site.call("tokens.list", &of_ada, json!({})).await.json()["items"][0]["id"].clone();
    let answer = site.call("tokens.revoke", &of_bob, json!({ "token": id })).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "not_found"));
    let answer = site.call("tokens.revoke", &of_root, json!({ "token": id })).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.json()["token"]["revoked_at"].is_string());
    assert_eq!(site.call("grants.list", &of_ada, json!({})).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        site.call("tokens.revoke", &of_root, json!({ "token": id })).await.status,
        StatusCode::OK,
        "twice is fine"
    );
    let revoked = site.log().await.iter().filter(|kind| *kind == "token.revoked").count();
    assert_eq!(revoked, 1, "what changed nothing is not logged");
}

#[tokio::test]
async fn one_makes_tokens_for_oneself_and_sees_one_s_own() {
    let site = Site::new().await;
    let (ada, bob) = (site.add("Ada", "administrator").await, site.add("Bob", "member").await);
    let (of_ada, of_bob) = (site.token(ada, "act").await, site.token(bob, "act").await);
    let answer = site.call("tokens.create", &of_ada, json!({ "person": bob })).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "not_permitted"));
    let made = site.call("tokens.create", &of_bob, json!({ "scope": "read" })).await;
    assert_eq!(made.status, StatusCode::OK);
    assert_eq!(made.json()["token"]["person"]["name"], "Bob");
    assert_eq!(
        site.call("tokens.list", &of_bob, json!({})).await.json()["items"].as_array().unwrap().len(),
        2
    );
    assert_eq!(
        site.call("tokens.list", &of_bob, json!({ "person": ada })).await.status,
        StatusCode::NOT_FOUND
    );
    let seen = site.call("tokens.list", &of_ada, json!({})).await;
    assert_eq!(seen.json()["items"].as_array().unwrap().len(), 3);
    assert!(!seen.text().contains("hash"), "{}", seen.text());
}

#[tokio::test]
async fn an_old_sign_in_does_not_make_tokens() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let token = site.token(ada, "act").await;
    site.clock.advance_minutes(10);
    assert_eq!(site.call("tokens.create", &token, json!({})).await.status, StatusCode::OK);
    site.clock.advance_minutes(1);
    let answer = site.call("tokens.create", &token, json!({})).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "sign_in_required"));
}

#[tokio::test]
async fn a_chain_of_tokens_never_counts_as_a_recent_sign_in() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let first = site.token(ada, "act").await;
    site.clock.advance_minutes(9);
    let second = site.call("tokens.create", &first, json!({})).await;
    let second = Hold::Token(second.json()["secret"].as_str().unwrap().to_owned());
    site.clock.advance_minutes(2);
    let answer = site.call("tokens.create", &second, json!({})).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "sign_in_required"));
    assert_eq!(site.call("grants.list", &second, json!({})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_no_token_signs_nobody_in() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let good = site.token(ada, "act").await;
    let good = secret(&good);
    let (head, tail) = good.split_at(good.len() - 1);
    let changed = format!("{head}{}", if tail == "0" { "1" } else { "0" });
    let other_id = format!("clr_{}{}", "0".repeat(26), &good[30..]);
    for wrong in ["", "clr_", &changed, &other_id, head, &good.to_uppercase()] {
        let answer = site.call("grants.list", &Hold::Token(wrong.to_owned()), json!({})).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
}

#[tokio::test]
async fn secrets_are_stored_hashed_and_not_kept_for_repetition() {
    use axum::body::Body;
    use axum::http::Request;

    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let token = site.token(ada, "act").await;
    let send = async || {
        let request = crate::support::held(Request::post("/api/v1/tokens.create"), &token)
            .header("idempotency-key", "one");
        site.send(request.body(Body::from("{}")).unwrap()).await
    };
    let (first, second) = (send().await.json(), send().await.json());
    assert_ne!(first["secret"], second["secret"], "the answer of the first was not kept");
    let stored = format!("{:?}", site.app.ports.store);
    for made in [&first, &second] {
        let made = made["secret"].as_str().unwrap();
        assert!(!stored.contains(&made[30..]), "the secret itself is stored");
    }
}
