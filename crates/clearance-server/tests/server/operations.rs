use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::support::{Hold, Site, held};

#[tokio::test]
async fn nobody_gets_nothing() {
    let site = Site::new().await;
    let answer = site.call("people.list", &Hold::Nobody, json!({})).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "not_signed_in"));
}

#[tokio::test]
async fn refusals_have_one_form() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let token = site.token(ada, "act").await;
    let unknown = site.call("people.destroy", &token, json!({})).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (StatusCode::NOT_FOUND, "unknown_operation"));
    assert_eq!(unknown.header("content-type"), "application/json");
    let error = &unknown.json()["error"];
    assert!(error["message"].is_string() && error["details"].is_object());
    assert_eq!(unknown.json().as_object().unwrap().len(), 1);
    let forbidden = site.call("people.list", &token, json!({})).await;
    assert_eq!((forbidden.status, forbidden.code().as_str()), (StatusCode::FORBIDDEN, "not_permitted"));
}

#[tokio::test]
async fn input_that_is_not_what_the_operation_takes_is_refused_and_named() {
    let site = Site::new().await;
    let ada = site.add("Ada", "administrator").await;
    let token = site.token(ada, "act").await;
    let cases: &[(&str, &str)] = &[
        ("", "name"),
        ("[]", ""),
        ("not json", ""),
        ("{}", "name"),
        (r#"{"name": 5}"#, "name"),
        (r#"{"name": "B", "surname": "C"}"#, "surname"),
        (r#"{"name": "B"} {"name": "C"}"#, ""),
        (r#"{"name": "B", "role": "king"}"#, "role"),
        (r#"{"name": "B", "name": "C"}"#, "name"),
    ];
    for (body, field) in cases {
        let request = held(Request::post("/api/v1/people.put"), &token);
        let answer = site.send(request.body(Body::from(*body)).unwrap()).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::BAD_REQUEST, "malformed_input"),
            "{body}"
        );
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(field), "{body}: {message}");
    }
    assert_eq!(
        site.call("people.list", &token, json!({})).await.json()["items"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused_in_our_form() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let token = site.token(ada, "act").await;
    for bytes in [clearance_server::http::MAX_BODY_BYTES + 1, 1 << 20] {
        let body = format!("{{\"purpose\": \"{}\"}}", "x".repeat(bytes));
        let request = held(Request::post("/api/v1/requests.submit"), &token);
        let answer = site.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
    }
    let padded = format!("{{}}{}", " ".repeat(clearance_server::http::MAX_BODY_BYTES - 2));
    let request = held(Request::post("/api/v1/grants.list"), &token);
    assert_eq!(
        site.send(request.body(Body::from(padded)).unwrap()).await.status,
        StatusCode::OK,
        "the limit itself is taken"
    );
}

#[tokio::test]
async fn what_a_form_of_another_site_could_send_is_refused() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let (cookie, token) = (site.set_up(ada).await, site.token(ada, "act").await);
    let send = async |hold: &Hold, content_type: &str| {
        let request = held(Request::post("/api/v1/grants.list"), hold)
            .header("content-type", content_type)
            .header("x-clearance-csrf", "1")
            .header("sec-fetch-site", "same-origin");
        site.send(request.body(Body::from("{}")).unwrap()).await.status
    };
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
    {
        assert_eq!(send(&cookie, content_type).await, StatusCode::BAD_REQUEST, "{content_type}");
        assert_eq!(send(&token, content_type).await, StatusCode::OK, "a program's token is proof enough");
    }
    assert_eq!(send(&cookie, "application/json; charset=utf-8").await, StatusCode::OK);
    let answer = site.get("/api/v1/grants.list", &token).await;
    assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
}

#[tokio::test]
async fn the_same_key_answers_the_same_and_another_input_is_refused() {
    let site = Site::new().await;
    let ada = site.add("Ada", "administrator").await;
    let token = site.token(ada, "act").await;
    let put = async |input: Value, key: &str| {
        let request = held(Request::post("/api/v1/people_groups.put"), &token).header("idempotency-key", key);
        site.send(request.body(Body::from(input.to_string())).unwrap()).await
    };
    let first = put(json!({ "name": "Writers" }), "one").await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(put(json!({ "name": "Writers" }), "one").await.body, first.body);
    assert_ne!(put(json!({ "name": "Writers" }), "two").await.body, first.body);
    let other = put(json!({ "name": "Readers" }), "one").await;
    assert_eq!((other.status, other.code().as_str()), (StatusCode::CONFLICT, "idempotency_mismatch"));
    assert_eq!(put(json!({ "name": "Readers" }), "").await.status, StatusCode::BAD_REQUEST);
    let bob = site.add("Bob", "administrator").await;
    let of_bob = site.token(bob, "act").await;
    let request = held(Request::post("/api/v1/people_groups.put"), &of_bob).header("idempotency-key", "one");
    let answer = site.send(request.body(Body::from(json!({ "name": "Readers" }).to_string())).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "keys are each person's own");
}

#[tokio::test]
async fn every_operation_is_in_the_document_and_can_be_called() {
    let site = Site::new().await;
    let document = site.get("/api/v1/openapi.json", &Hold::Nobody).await.json();
    assert_eq!(document["openapi"], "3.1.0");
    for row in clearance::operations::table() {
        let path = format!("/api/v1/{}", row.name);
        assert!(document["paths"][&path]["post"]["responses"]["200"].is_object(), "{path}");
        assert_ne!(
            site.call(row.name, &Hold::Nobody, json!({})).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn requests_are_counted_without_anything_a_caller_wrote() {
    let site = Site::new().await;
    let ada = site.add("Ada", "member").await;
    let token = site.token(ada, "act").await;
    let answer = site.call("grants.list", &token, json!({})).await;
    assert!(answer.header("x-request-id").len() == 14);
    site.call("no.such_thing", &token, json!({})).await;
    site.get("/app?token=secret", &Hold::Nobody).await;
    let text = site.get("/metrics", &Hold::Nobody).await.text();
    assert!(text.contains(r#"clearance_requests_total{operation="grants.list",status="200"} 1"#), "{text}");
    assert!(text.contains(r#"clearance_requests_total{operation="unknown",status="404"} 1"#), "{text}");
    assert!(!text.contains("no.such_thing") && !text.contains("secret"), "{text}");
}

#[tokio::test]
async fn health_says_whether_store_and_clock_are_well() {
    let site = Site::new().await;
    assert_eq!(site.get("/healthz", &Hold::Nobody).await.status, StatusCode::OK);
    assert_eq!(site.get("/readyz", &Hold::Nobody).await.status, StatusCode::OK);
    site.clock.advance_minutes(-60);
    clearance_server::ticker::pass(&site.app).await;
    let answer = site.get("/readyz", &Hold::Nobody).await;
    assert_eq!((answer.status, &answer.json()["clock"]), (StatusCode::SERVICE_UNAVAILABLE, &json!(false)));
    assert_eq!(site.get("/healthz", &Hold::Nobody).await.status, StatusCode::OK);
    site.clock.advance_minutes(60);
    clearance_server::ticker::pass(&site.app).await;
    assert_eq!(site.get("/readyz", &Hold::Nobody).await.status, StatusCode::OK);
}
