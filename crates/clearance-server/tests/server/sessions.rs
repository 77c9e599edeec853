use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use clearance_server::http::Pages;
use serde_json::json;

use crate::support::{Hold, PASSWORD, Site, held};

#[tokio::test]
async fn a_set_up_link_sets_a_password_once_and_signs_in() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let link = site.console("set_up_links.create", json!({ "person": ada })).await;
    let token = link["path"].as_str().unwrap().strip_prefix("/set-up?token=").unwrap().to_owned();
    let short = json!({ "token": token, "password": "too short" });
    let answer = site.post("/session/set-up", &Hold::Nobody, short).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "malformed_input"));
    let good = json!({ "token": token, "password": PASSWORD });
    let answer = site.post("/session/set-up", &Hold::Nobody, good.clone()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let signed_in = site.get("/session", &Hold::Cookie(answer.cookie())).await.json();
    assert_eq!(signed_in["person"]["name"], "Ada");
    assert_eq!(signed_in["may"]["administer"], false);
    let again = site.post("/session/set-up", &Hold::Nobody, good).await;
    assert_eq!((again.status, again.code().as_str()), (StatusCode::CONFLICT, "link_expired"));
    assert_eq!(site.sign_in("ada@example.com", PASSWORD).await.status, StatusCode::NO_CONTENT);
    let log = site.log().await;
    let tail: Vec<_> = log.iter().rev().take(4).rev().map(String::as_str).collect();
    assert_eq!(tail, ["set_up_link.created", "account.set_up", "session.signed_in", "session.signed_in"]);
}

#[tokio::test]
async fn a_link_ends_after_a_day_or_when_a_newer_one_is_made() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let first = site.console("set_up_links.create", json!({ "person": ada })).await;
    let second = site.console("set_up_links.create", json!({ "person": ada })).await;
    let token =
        |link: &serde_json::Value| link["path"].as_str().unwrap().split_once('=').unwrap().1.to_owned();
    let by = async |token: String| {
        site.post("/session/set-up", &Hold::Nobody, json!({ "token": token, "password": PASSWORD })).await
    };
    assert_eq!(by(token(&first)).await.code(), "link_expired", "it was replaced");
    site.clock.advance_minutes(24 * 60);
    assert_eq!(by(token(&second)).await.code(), "link_expired", "it is too old");
    assert_eq!(by("no link at all".to_owned()).await.code(), "link_expired");
}

#[tokio::test]
async fn wrong_password_and_unknown_address_are_answered_alike() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    site.add("Bob", "member").await;
    site.set_up(ada).await;
    let wrong = site.sign_in("ada@example.com", "not the right one").await;
    assert_eq!((wrong.status, wrong.code().as_str()), (StatusCode::UNAUTHORIZED, "wrong_credentials"));
    assert!(wrong.headers.get("set-cookie").is_none());
    for email in ["nobody@example.com", "bob@example.com", "no address"] {
        let answer = site.sign_in(email, PASSWORD).await;
        assert_eq!((answer.status, answer.text()), (wrong.status, wrong.text()), "{email}");
    }
}

#[tokio::test]
async fn a_deactivated_person_is_out_at_once() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let cookie = site.set_up(ada).await;
    let token = site.token(ada, "act").await;
    assert_eq!(site.call("grants.list", &token, json!({})).await.status, StatusCode::OK);
    site.console(
        "people.put",
        json!({ "id": ada, "name": "Ada", "email": "ada@example.com", "active": false }),
    )
    .await;
    for hold in [&cookie, &token] {
        let answer = site.call("grants.list", hold, json!({})).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "not_signed_in"));
    }
    assert_eq!(site.sign_in("ada@example.com", PASSWORD).await.code(), "wrong_credentials");
}

#[tokio::test]
async fn a_session_ends_after_eight_idle_hours() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let cookie = site.set_up(ada).await;
    for _ in 0..2 {
        site.clock.advance_minutes(8 * 60 - 1);
        assert_eq!(site.get("/session", &cookie).await.status, StatusCode::OK, "use keeps it");
    }
    site.clock.advance_minutes(8 * 60);
    let answer = site.get("/session", &cookie).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "not_signed_in"));
    assert!(answer.json()["oidc"].is_null());
}

#[tokio::test]
async fn a_session_ends_after_a_day_however_much_it_is_used() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let cookie = site.set_up(ada).await;
    for _ in 0..4 {
        site.clock.advance_minutes(6 * 60 - 1);
        assert_eq!(site.get("/session", &cookie).await.status, StatusCode::OK);
    }
    site.clock.advance_minutes(4);
    assert_eq!(site.get("/session", &cookie).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_ends_when_the_role_changes_and_others_stay() {
    let site = Site::new().await;
    let (ada, bob) = (site.add("Ada", "member").await, site.add("Bob", "member").await);
    let (ada_in, bob_in) = (site.set_up(ada).await, site.set_up(bob).await);
    site.clock.advance_minutes(1);
    let put = |role: &str| json!({ "id": ada, "name": "Ada", "email": "ada@example.com", "role": role });
    site.console("people.put", put("member")).await;
    assert_eq!(site.get("/session", &ada_in).await.status, StatusCode::OK, "nothing changed");
    site.console("people.put", put("auditor")).await;
    assert_eq!(site.get("/session", &ada_in).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.get("/session", &bob_in).await.status, StatusCode::OK);
    assert_eq!(site.sign_in("ada@example.com", PASSWORD).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let before = site.set_up(ada).await;
    let after = site.set_up(ada).await;
    assert_eq!(site.get("/session", &before).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.get("/session", &after).await.status, StatusCode::OK);
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let cookie = site.set_up(ada).await;
    let answer = site.post("/session/sign-out", &cookie, json!({})).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(site.get("/session", &cookie).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        site.post("/session/sign-out", &cookie, json!({})).await.status,
        StatusCode::NO_CONTENT,
        "twice is fine"
    );
}

#[tokio::test]
async fn signing_in_anew_ends_the_browser_s_former_session() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let before = site.set_up(ada).await;
    let input = json!({ "email": "ada@example.com", "password": PASSWORD });
    let answer = site.post("/session/sign-in", &before, input).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(site.get("/session", &before).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.get("/session", &Hold::Cookie(answer.cookie())).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_cookie_has_every_restriction() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    site.set_up(ada).await;
    let cookie = site.sign_in("ada@example.com", PASSWORD).await.header("set-cookie").to_owned();
    assert!(cookie.starts_with("clearance_session="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");

    let site = Site::at("https://clearance.example.com/", Pages::default()).await;
    let ada = site.add("Ada", "member").await;
    site.set_up(ada).await;
    let cookie = site.sign_in("ada@example.com", PASSWORD).await.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-clearance_session="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
}

#[tokio::test]
async fn a_cookie_without_proof_of_the_page_s_origin_changes_nothing() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let cookie = site.set_up(ada).await;
    let proofs: &[(&[(&str, &str)], bool)] = &[
        (&[("x-clearance-csrf", "1"), ("sec-fetch-site", "same-origin")], true),
        (&[("x-clearance-csrf", "1"), ("origin", "http://127.0.0.1:8780")], true),
        (&[("x-clearance-csrf", "1"), ("origin", "http://localhost:8780"), ("host", "localhost:8780")], true),
        (&[("sec-fetch-site", "same-origin")], false),
        (&[("origin", "http://127.0.0.1:8780")], false),
        (&[("x-clearance-csrf", "1")], false),
        (&[("x-clearance-csrf", "0"), ("sec-fetch-site", "same-origin")], false),
        (&[("x-clearance-csrf", "1"), ("sec-fetch-site", "same-site")], false),
        (
            &[
                ("x-clearance-csrf", "1"),
                ("sec-fetch-site", "cross-site"),
                ("origin", "http://127.0.0.1:8780"),
            ],
            false,
        ),
        (&[("x-clearance-csrf", "1"), ("origin", "http://evil.example"), ("host", "127.0.0.1:8780")], false),
        (&[("x-clearance-csrf", "1"), ("origin", "null"), ("host", "127.0.0.1:8780")], false),
    ];
    for (headers, taken) in proofs {
        let mut request = held(Request::post("/api/v1/grants.list"), &cookie);
        for (name, value) in *headers {
            request = request.header(*name, *value);
        }
        let answer = site.send(request.body(Body::from("{}")).unwrap()).await;
        let expected = if *taken { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(answer.status, expected, "{headers:?}");
    }
    for path in ["/session/sign-in", "/session/set-up", "/session/sign-out"] {
        let request = held(Request::post(path), &cookie).header("content-type", "application/json");
        let body = json!({ "email": "ada@example.com", "password": PASSWORD });
        let answer = site.send(request.body(Body::from(body.to_string())).unwrap()).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::FORBIDDEN, "not_permitted"),
            "{path}"
        );
    }
    assert_eq!(site.get("/session", &cookie).await.status, StatusCode::OK, "still signed in");
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    site.set_up(ada).await;
    for _ in 0..10 {
        assert_eq!(
            site.sign_in("ada@example.com", "guess guess guess").await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    let answer = site.sign_in("ada@example.com", PASSWORD).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"));
    assert_eq!(answer.header("retry-after"), "60");
    site.clock.advance_minutes(1);
    assert_eq!(site.sign_in("ada@example.com", PASSWORD).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn only_a_trusted_proxy_is_believed_about_who_calls() {
    let site = Site::new().await.behind("10.0.0.1");
    let from = async |peer: [u8; 4], forwarded: &str| {
        let request = Request::post("/session/set-up")
            .header("content-type", "application/json")
            .header("x-clearance-csrf", "1")
            .header("sec-fetch-site", "same-origin")
            .header("x-forwarded-for", forwarded)
            .extension(ConnectInfo(SocketAddr::from((peer, 1))));
        let body = json!({ "token": "none", "password": PASSWORD });
        site.send(request.body(Body::from(body.to_string())).unwrap()).await.status
    };
    let proxy = [10, 0, 0, 1];
    for _ in 0..60 {
        assert_eq!(from(proxy, "198.51.100.7, 203.0.113.9").await, StatusCode::CONFLICT);
    }
    assert_eq!(
        from(proxy, "203.0.113.9").await,
        StatusCode::TOO_MANY_REQUESTS,
        "the last address is the caller's"
    );
    assert_eq!(
        from(proxy, "203.0.113.9, 198.51.100.7").await,
        StatusCode::CONFLICT,
        "what is before it anybody writes"
    );
    assert_eq!(
        from([203, 0, 113, 9], "198.51.100.8").await,
        StatusCode::TOO_MANY_REQUESTS,
        "no proxy, not believed"
    );
    assert_eq!(
        from(proxy, "203.0.113.9, 10.0.0.1").await,
        StatusCode::TOO_MANY_REQUESTS,
        "two proxies in a row"
    );
}

#[tokio::test]
async fn ended_sessions_are_forgotten_by_the_clockwork() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let old = site.set_up(ada).await;
    site.clock.advance_minutes(24 * 60 - 30);
    let answer = site.sign_in("ada@example.com", PASSWORD).await;
    site.clock.advance_minutes(31);
    for _ in 0..2 {
        clearance_server::ticker::pass(&site.app).await;
    }
    assert_eq!(site.get("/session", &old).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(site.get("/session", &Hold::Cookie(answer.cookie())).await.status, StatusCode::OK);
}
