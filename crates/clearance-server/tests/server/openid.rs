//! Signing in at a certified OpenID provider, run by Node.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use clearance::ids::GroupId;
use clearance::ports::Environment as _;
use clearance_server::config::{GroupClaim, Oidc};
use clearance_server::environment::System;
use clearance_server::http::{Openid, Pages};
use clearance_server::sign_in::openid::Provider;
use clearance_server::vault::VaultKey;
use serde_json::{Value, json};

use crate::support::{Answer, Hold, Site};

const ADDRESS: &str = "http://127.0.0.1:8780";

/// A provider that ends with the test.
struct Running {
    child: Child,
    // Kept open: the provider would stop at its first word to nobody.
    _said: BufReader<ChildStdout>,
    issuer: String,
    http: reqwest::Client,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The provider, or nothing where its npm packages are not installed: CI installs them.
fn provider() -> Option<Running> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
    if !folder.join("node_modules").is_dir() {
        assert!(option_env!("CI").is_none(), "CI must install {}", folder.display());
        eprintln!("SKIPPED: no OpenID provider; run `npm ci` in {}", folder.display());
        return None;
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut child = Command::new("node")
        .args(["provider.mjs", &format!("{ADDRESS}/session/oidc/callback")])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("listening ") {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "the provider ended");
    }
    let port = line.trim().trim_start_matches("listening ").to_owned();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    Some(Running { child, _said: said, issuer: format!("http://127.0.0.1:{port}"), http })
}

impl Running {
    async fn control(&self, path: &str, body: Value) {
        let request = self.http.post(format!("{}/test/{path}", self.issuer)).body(body.to_string());
        assert!(request.send().await.unwrap().status().is_success());
    }

    async fn account(&self, sub: &str, email: &str, verified: bool, groups: &[&str]) {
        let account = json!({ "sub": sub, "email": email, "email_verified": verified, "groups": groups });
        self.control("account", account).await;
    }

    fn oidc(&self) -> Oidc {
        let secret: clearance_server::config::Secret =
            serde_json::from_str("\"a-secret-of-the-tests\"").unwrap();
        Oidc {
            name: "Example ID".to_owned(),
            issuer: self.issuer.clone(),
            client_id: "clearance".to_owned(),
            client_secret: Some(secret),
            bind_by_email: true,
            scopes: vec!["groups".to_owned()],
            groups: None,
        }
    }

    async fn site(&self, oidc: Oidc) -> Site {
        let provider = Provider::new(oidc, ADDRESS).unwrap();
        let openid = Openid { provider, cookie_key: VaultKey::new([9; 32]) };
        let site = Site::with(ADDRESS, Pages::default(), Some(openid)).await;
        // The provider's tokens are of the real time.
        site.clock.set(System.now());
        site
    }

    /// Follows the provider's redirects as a browser does, until it sends the browser back to the site.
    async fn visit(&self, url: &str) -> String {
        let mut cookies = BTreeMap::new();
        let mut url = url.to_owned();
        for _ in 0..10 {
            let sent: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let answer = self.http.get(&url).header("cookie", sent.join("; ")).send().await.unwrap();
            for cookie in answer.headers().get_all("set-cookie") {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                cookies.insert(name.to_owned(), value.to_owned());
            }
            let next = answer.headers().get("location").map(|next| next.to_str().unwrap().to_owned());
            let next = next.unwrap_or_else(|| panic!("{url} answered {}", answer.status()));
            if next.starts_with(ADDRESS) {
                return next.trim_start_matches(ADDRESS).to_owned();
            }
            url = if next.starts_with('/') { format!("{}{next}", self.issuer) } else { next };
        }
        panic!("too many redirects");
    }

    /// The whole way: from the site to the provider and back.
    async fn sign_in(&self, site: &Site, hold: &Hold, return_to: &str) -> Answer {
        let (url, cookie) = start(site, hold, return_to).await;
        come_back(site, &self.visit(&url).await, &cookie).await
    }
}

async fn start(site: &Site, hold: &Hold, return_to: &str) -> (String, String) {
    let answer = site.get(&format!("/session/oidc/start?return_to={return_to}"), hold).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("; HttpOnly; SameSite=Lax") && cookie.contains("Max-Age=600"), "{cookie}");
    (answer.header("location").to_owned(), answer.cookie())
}

async fn come_back(site: &Site, path: &str, cookie: &str) -> Answer {
    site.send(Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap()).await
}

fn session(answer: &Answer) -> Hold {
    Hold::Cookie(answer.cookie())
}

#[tokio::test]
async fn an_invited_person_signs_in_and_is_bound_to_the_provider_s_user() {
    let Some(provider) = provider() else { return };
    let site = provider.site(provider.oidc()).await;
    assert_eq!(site.get("/session", &Hold::Nobody).await.json()["oidc"]["name"], "Example ID");
    site.add("Ada", "member").await;
    provider.account("user-1", "Ada@example.com", true, &[]).await;
    let answer = provider.sign_in(&site, &Hold::Nobody, "/app%23/requests").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/app#/requests"),
        "{}",
        answer.text()
    );
    assert_eq!(site.get("/session", &session(&answer)).await.json()["person"]["name"], "Ada");
    let log = site.log().await;
    assert!(log.ends_with(&["identity.bound".to_owned(), "session.signed_in".to_owned()]), "{log:?}");

    // From now on the subject counts, not the address.
    provider.account("user-1", "somebody@else.example", false, &[]).await;
    assert_eq!(provider.sign_in(&site, &Hold::Nobody, "/app").await.status, StatusCode::SEE_OTHER);
    provider.account("user-2", "ada@example.com", true, &[]).await;
    let answer = provider.sign_in(&site, &Hold::Nobody, "/app").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("ask an administrator"), "{}", answer.text());
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
}

#[tokio::test]
async fn nobody_is_bound_by_an_unverified_or_unknown_address_or_when_binding_is_off() {
    let Some(provider) = provider() else { return };
    let site = provider.site(provider.oidc()).await;
    site.add("Ada", "member").await;
    provider.account("user-1", "ada@example.com", false, &[]).await;
    assert_eq!(provider.sign_in(&site, &Hold::Nobody, "/app").await.status, StatusCode::FORBIDDEN);
    provider.account("user-1", "bob@example.com", true, &[]).await;
    assert_eq!(provider.sign_in(&site, &Hold::Nobody, "/app").await.status, StatusCode::FORBIDDEN);
    let site = provider.site(Oidc { bind_by_email: false, ..provider.oidc() }).await;
    site.add("Ada", "member").await;
    provider.account("user-1", "ada@example.com", true, &[]).await;
    assert_eq!(provider.sign_in(&site, &Hold::Nobody, "/app").await.status, StatusCode::FORBIDDEN);
    assert!(!site.log().await.contains(&"identity.bound".to_owned()));
}

#[tokio::test]
async fn groups_follow_the_claim_at_each_sign_in() {
    let Some(provider) = provider() else { return };
    let site = provider.site(provider.oidc()).await;
    let group = async |site: &Site, name: &str| -> GroupId {
        let group = site.console("people_groups.put", json!({ "name": name })).await;
        group["group"]["id"].as_str().unwrap().parse().unwrap()
    };
    let (writers, readers, own) =
        (group(&site, "Writers").await, group(&site, "Readers").await, group(&site, "Own").await);
    let map = BTreeMap::from([("w".to_owned(), writers), ("r".to_owned(), readers)]);
    let groups = Some(GroupClaim { claim: "groups".to_owned(), map });
    let openid = Openid {
        provider: Provider::new(Oidc { groups, ..provider.oidc() }, ADDRESS).unwrap(),
        cookie_key: VaultKey::new([9; 32]),
    };
    let site = site.and(openid);
    let person = json!({ "name": "Ada", "email": "ada@example.com", "groups": [own, readers] });
    site.console("people.put", person).await;
    for (in_id_token, claim, expected) in [
        (false, vec!["w", "other"], vec!["Own", "Writers"]),
        (true, vec!["w", "r"], vec!["Own", "Readers", "Writers"]),
        (true, vec![], vec!["Own"]),
    ] {
        provider.control("settings", json!({ "claims_in_id_token": in_id_token })).await;
        provider.account("user-1", "ada@example.com", true, &claim).await;
        let answer = provider.sign_in(&site, &Hold::Nobody, "/app").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let people = site.console("people.list", json!({ "name": "Ada" })).await;
        let groups = people["items"][0]["groups"].as_array().unwrap();
        let mut names: Vec<_> = groups.iter().map(|group| group["name"].as_str().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, expected);
    }
    assert_eq!(site.log().await.iter().filter(|kind| *kind == "person.changed").count(), 3);
}

#[tokio::test]
async fn what_does_not_belong_to_the_browser_s_own_sign_in_is_refused() {
    let Some(provider) = provider() else { return };
    let site = provider.site(provider.oidc()).await;
    site.add("Ada", "member").await;
    provider.account("user-1", "ada@example.com", true, &[]).await;
    let (url, cookie) = start(&site, &Hold::Nobody, "/app").await;
    let back = provider.visit(&url).await;
    let (_, other_cookie) = start(&site, &Hold::Nobody, "/app").await;
    let other_issuer = back.replace(
        &format!("iss={}", provider.issuer.replace(':', "%3A").replace('/', "%2F")),
        "iss=https://evil.example",
    );
    assert_ne!(other_issuer, back, "the provider says who it is");
    let no_code = "/session/oidc/callback?error=access_denied&state=x";
    for (path, cookie) in [
        (back.as_str(), ""),
        (&back, other_cookie.as_str()),
        (&other_issuer, &cookie),
        (no_code, &cookie),
        (&back, "clearance_openid=x"),
    ] {
        let answer = come_back(&site, path, cookie).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {cookie}: {}", answer.text());
        assert!(
            answer.text().contains("Try again") && !answer.header("set-cookie").contains("clearance_session")
        );
    }
    // The code still works for the browser that began, once, and within ten minutes.
    let now = site.clock.now();
    site.clock.set(now.plus_minutes(10));
    assert_eq!(come_back(&site, &back, &cookie).await.status, StatusCode::BAD_REQUEST);
    site.clock.set(now);
    assert_eq!(come_back(&site, &back, &cookie).await.status, StatusCode::SEE_OTHER);
    assert_eq!(come_back(&site, &back, &cookie).await.status, StatusCode::BAD_REQUEST, "a code is used once");
}

#[tokio::test]
async fn the_browser_is_sent_nowhere_else_afterwards() {
    let Some(provider) = provider() else { return };
    let site = provider.site(provider.oidc()).await;
    site.add("Ada", "member").await;
    provider.account("user-1", "ada@example.com", true, &[]).await;
    for return_to in [
        "https://evil.example",
        "//evil.example",
        "/app%0d%0ax",
        "/application",
        "/app/%5cevil",
        "javascript:alert(1)",
    ] {
        let answer = provider.sign_in(&site, &Hold::Nobody, return_to).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (StatusCode::SEE_OTHER, "/app"),
            "{return_to}"
        );
    }
    let answer = provider.sign_in(&site, &Hold::Nobody, "/admin?x=1%23/catalog").await;
    assert_eq!(answer.header("location"), "/admin?x=1#/catalog");
}

#[tokio::test]
async fn somebody_signed_in_proves_anew_who_they_are() {
    let Some(provider) = provider() else { return };
    let site = provider.site(provider.oidc()).await;
    site.add("Ada", "member").await;
    provider.account("user-1", "ada@example.com", true, &[]).await;
    let before = session(&provider.sign_in(&site, &Hold::Nobody, "/app").await);
    let (url, cookie) = start(&site, &before, "/app").await;
    assert!(url.contains("max_age=0"), "{url}");
    let back = provider.visit(&url).await;
    let Hold::Cookie(before_cookie) = &before else { panic!("a cookie") };
    let answer = come_back(&site, &back, &format!("{cookie}; {before_cookie}")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(
        site.get("/session", &before).await.status,
        StatusCode::UNAUTHORIZED,
        "the former session ended"
    );
    assert_eq!(site.get("/session", &session(&answer)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_provider_that_does_not_answer_is_said_so() {
    let Some(provider) = provider() else { return };
    let oidc = Oidc { issuer: "http://127.0.0.1:9".to_owned(), ..provider.oidc() };
    let site = provider.site(oidc).await;
    let answer = site.get("/session/oidc/start", &Hold::Nobody).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert!(answer.text().contains("the provider does not answer"));
    let site = Site::new().await;
    assert_eq!(site.get("/session/oidc/start", &Hold::Nobody).await.status, StatusCode::NOT_FOUND);
}
