//! Both sides of the stand-ins against what the vendors publish: every request that leaves Core and every answer of the stand-ins against
//! the vendors' own API descriptions, which Prism knows how to read, and the answers against recorded real ones besides. Descriptions and
//! recordings are read from the folder that `CLEARANCE_PEERS` names.

mod prism;
mod shapes;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;

use core_protocol::message::{Operation, Outcome};
use prism::Prism;
use serde_json::Value;
use testkit_directories::{Answered, Exchange, FaultKind, Seen};

use crate::support::Site;
use crate::support::directory::{KINDS, Kind};

/// Says on the terminal, past what the test runner keeps to itself, that nothing is checked. Continuous integration never skips.
fn skip(why: &str) {
    let continuous_integration = std::env::var_os("CI").is_some();
    assert!(!continuous_integration, "continuous integration must check against the vendors: {why}");
    drop(writeln!(
        std::io::stderr(),
        "\n\nSKIPPED, so NOTHING is checked against what the vendors say: {why}\n\n"
    ));
}

fn peers() -> Option<PathBuf> {
    let peers = std::env::var_os("CLEARANCE_PEERS").map(PathBuf::from);
    if peers.is_none() {
        skip("set CLEARANCE_PEERS to the folder with their data");
    }
    peers
}

/// The vendors' descriptions, and Prism that knows them.
struct Descriptions {
    okta: Value,
    graph: Value,
    prism: Prism,
}

impl Descriptions {
    const OKTA: usize = 0;
    const OKTA_SIGN_IN: usize = 1;
    const GRAPH: usize = 2;

    async fn start() -> Option<Self> {
        let peers = peers()?;
        let files = ["okta/okta-groups-users", "okta/okta-oauth-token", "entra/graph-users-groups"];
        let files = files.map(|file| peers.join(format!("{file}.openapi.json")));
        let document = |file: &PathBuf| serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let (okta, graph) = (document(&files[Self::OKTA]), document(&files[Self::GRAPH]));
        Some(Self { okta, graph, prism: Prism::start(&files).await? })
    }

    /// What an exchange has against its description. Entra's sign-in has none.
    async fn judge(&self, exchange: &Exchange) -> Vec<String> {
        let seen = &exchange.0;
        if seen.path.ends_with("/oauth2/v2.0/token") {
            return Vec::new();
        }
        if seen.path == "/oauth2/v1/token" {
            return self.prism.judge(Self::OKTA_SIGN_IN, &seen.path, exchange).await;
        }
        let (number, document, path) = match seen.path.strip_prefix("/v1.0") {
            Some(path) => (Self::GRAPH, &self.graph, path),
            None => (Self::OKTA, &self.okta, seen.path.as_str()),
        };
        let mut found = self.prism.judge(number, path, exchange).await;
        found.extend(undescribed(document, path, seen));
        found
    }
}

fn read(name: &str) -> Option<String> {
    Some(std::fs::read_to_string(peers()?.join(name)).unwrap())
}

/// What `$ref` stands for.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            resolved(document, document.pointer(reference.strip_prefix('#').unwrap()).unwrap())
        }
        None => value,
    }
}

/// The path of a description that a request goes to; words before placeholders.
fn item<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    let asked: Vec<_> = path.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<_> = template.split('/').collect();
        parts.len() == asked.len()
            && parts.iter().zip(&asked).all(|(part, it)| part.starts_with('{') || part == it)
    };
    let paths = document["paths"].as_object().unwrap();
    let found = paths.iter().filter(|(template, _)| fits(template));
    found.min_by_key(|(template, _)| template.matches('{').count()).map(|(_, item)| item)
}

/// Every property that a schema has.
fn properties(document: &Value, schema: &Value, names: &mut BTreeSet<String>) {
    let schema = resolved(document, schema);
    names.extend(schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()));
    for part in schema["allOf"].as_array().into_iter().flatten() {
        properties(document, part, names);
    }
}

/// Names in the query, and at the top of the body, that the description does not know. Prism takes any.
fn undescribed(document: &Value, path: &str, seen: &Seen) -> Vec<String> {
    let Some(item) = item(document, path) else { return Vec::new() };
    let operation = &item[seen.method.to_ascii_lowercase()];
    let parameters = [&item["parameters"], &operation["parameters"]].into_iter().filter_map(Value::as_array);
    let described: BTreeSet<_> =
        parameters.flatten().filter_map(|it| resolved(document, it)["name"].as_str()).collect();
    let strange = seen.query.iter().filter(|(name, _)| !described.contains(name.as_str()));
    let mut found: Vec<_> = strange.map(|(name, _)| format!("request.query.{name}: not described")).collect();
    if let Ok(Value::Object(body)) = serde_json::from_slice(&seen.body) {
        let schema = &resolved(document, &operation["requestBody"])["content"]["application/json"]["schema"];
        let mut described = BTreeSet::new();
        properties(document, schema, &mut described);
        let strange = body.keys().filter(|name| !described.contains(*name));
        found.extend(strange.map(|name| format!("request.body.{name}: not described")));
    }
    found
}

/// Every operation, once at least.
async fn everything(kind: Kind) -> Site {
    let (site, caller) = kind.ready().await;
    for number in 2..=4 {
        kind.put_account(&site, number, true);
    }
    let name = || "Made by Core".parse().unwrap();
    let operations = [
        Operation::TestConnector {},
        Operation::FindGroup { group_name: "AI users".parse().unwrap() },
        Operation::CreateGroup { group_name: name(), description: "for a test".parse().unwrap() },
        Operation::CheckBinding { group: kind.group(1) },
        Operation::FindAccount { account: "person1@acme.example".parse().unwrap() },
        kind.add(1, 1, 1),
        kind.add(1, 2, 1),
        kind.add(1, 3, 1),
        kind.check(1, 1),
        Operation::ListMembers { group: kind.group(1), after: None },
        kind.remove(1, 1, 2),
        Operation::ReleaseGroup { group: kind.group(1) },
    ];
    for operation in operations {
        let outcome = kind.call(&site, &caller, operation).await;
        let fine = !matches!(
            outcome,
            Outcome::RetryAfter { .. } | Outcome::NeedsFollowUp { .. } | Outcome::Refused { .. }
        );
        assert!(fine, "{kind:?}: {outcome:?}");
    }
    site
}

/// What goes wrong at the provider, in the provider's own shapes.
async fn what_goes_wrong(kind: Kind) -> Site {
    let (site, caller) = kind.ready().await;
    kind.put_account(&site, 2, false);
    let (method, path) = kind.adding();
    let mut fence = 0;
    for fault in [FaultKind::RateLimited(1), FaultKind::Hang, FaultKind::DoneWithoutAnswer] {
        kind.fail(&site, method, path, 1, fault);
        fence += 1;
        kind.call(&site, &caller, kind.add(1, 1, fence)).await;
    }
    kind.end_tokens(&site);
    // What was changed does not show at once, so the same is asked for again.
    for change in [Kind::remove, Kind::add, Kind::remove] {
        kind.lag(&site, 9);
        fence += 1;
        kind.call(&site, &caller, change(kind, 1, 1, fence)).await;
        kind.call(&site, &caller, change(kind, 1, 1, fence)).await;
    }
    let wrong = site.call(
        &caller,
        |key, nonce| kind.connector_with(key, nonce, Some("not-the-secret")),
        Operation::TestConnector {},
    );
    wrong.await;
    for account in [2, 3] {
        kind.call(&site, &caller, kind.add(1, account, 1)).await;
    }
    kind.delete_group(&site, 1);
    kind.call(&site, &caller, kind.bind(1)).await;
    kind.call(&site, &caller, Operation::ListMembers { group: kind.group(1), after: None }).await;
    site
}

/// Where a description, or Prism, is known to be wrong.
struct Known {
    /// What Prism says then, to the end or not.
    says: &'static str,
    /// Whether Okta's own recorded answers are in the way in the same manner.
    recorded: bool,
}

const KNOWN: [Known; 5] = [
    // Recorded: `"description":null`. Okta's description has a text there, and says `profile` as a whole fits nothing then.
    Known { says: "response.body.profile.description: ", recorded: true },
    Known { says: "response.body.profile: ", recorded: true },
    // Recorded: `"token_type":"DPoP"`, for every token that was asked for with a proof.
    Known { says: "response.body.token_type: ", recorded: true },
    // Prism knows no `private_key_jwt`, which is what this is.
    Known { says: "request: Invalid security scheme used", recorded: false },
    // 401 stands in neither description, and in Graph's no 400: so they cannot be taken for a documented way of refusing. Both are
    // recorded, for other paths.
    Known { says: "response: Unable to match the returned status code", recorded: false },
];

fn known(violation: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| violation.starts_with(known.says))
}

#[tokio::test]
async fn every_request_and_every_answer_is_one_that_the_vendor_describes() {
    let Some(descriptions) = Descriptions::start().await else { return };
    let mut met = BTreeSet::new();
    for kind in KINDS {
        let sites = [everything(kind).await, what_goes_wrong(kind).await];
        let exchanges: Vec<_> = sites.iter().flat_map(|site| kind.exchanges(site)).collect();
        assert!(exchanges.len() > 60, "{kind:?}: {}", exchanges.len());
        for exchange in &exchanges {
            let (seen, status) = (&exchange.0, exchange.1.as_ref().map(|answered| answered.status));
            for violation in descriptions.judge(exchange).await {
                let met_with = known(&violation);
                let fits = met_with.is_some_and(|known| match known.says.split_once(':') {
                    Some(("request", _)) => seen.path == "/oauth2/v1/token",
                    Some(("response", _)) => matches!(status, Some(400 | 401)),
                    _ => true,
                });
                assert!(fits, "{kind:?} {} {} {status:?}: {violation}", seen.method, seen.path);
                met.extend(met_with.map(|known| known.says));
            }
        }
    }
    assert_eq!(met.len(), KNOWN.len(), "what is known does not happen any more: {met:?} is left");
}

#[tokio::test]
async fn the_descriptions_are_wrong_about_recorded_answers_only_where_that_is_known() {
    let Some(descriptions) = Descriptions::start().await else { return };
    let mut met = BTreeSet::new();
    let mut judged = 0;
    for file in ["okta/recordings.jsonl", "entra/graph-recordings.jsonl"] {
        for line in read(file).unwrap().lines() {
            let recorded: Value = serde_json::from_str(line).unwrap();
            let path = recorded["path"].as_str().unwrap().split('?').next().unwrap().to_owned();
            let method = recorded["method"].as_str().unwrap().to_owned();
            let seen = Seen { method, path, query: Vec::new(), headers: Vec::new(), body: Vec::new() };
            let status = recorded["status"].as_u64().unwrap().try_into().unwrap();
            let body = serde_json::from_str(recorded["body"].as_str().unwrap_or_default()).ok();
            let violations =
                descriptions.judge(&(seen, Some(Answered { status, headers: Vec::new(), body }))).await;
            if violations.iter().any(|it| it == Prism::NOT_DESCRIBED) {
                continue;
            }
            judged += 1;
            // The recorders left the requests' bodies and secrets out.
            for violation in violations.iter().filter(|it| it.starts_with("response")) {
                let known = known(violation).filter(|known| known.recorded);
                assert!(known.is_some(), "{file} {}: {violation}", recorded["path"]);
                met.extend(known.map(|known| known.says));
            }
        }
    }
    assert!(judged > 100, "{judged}");
    assert_eq!(met.len(), KNOWN.iter().filter(|known| known.recorded).count(), "{met:?}");
}

#[tokio::test]
async fn what_no_vendor_describes_is_found() {
    let Some(descriptions) = Descriptions::start().await else { return };
    let id = "0000000b-0000-4000-8000-000000000001";
    let group = format!("/v1.0/groups/{id}");
    let reference = format!("{group}/members/$ref");
    let nickname =
        r#"{"displayName":"x","mailEnabled":false,"securityEnabled":true,"mailNickname":"has space"}"#;
    let spoilt = [
        // Deletes the person's account.
        ("DELETE", format!("{group}/members/{id}"), "", ""),
        ("POST", format!("{group}/members"), "", "{}"),
        ("POST", reference.clone(), "", r#"{"id":"0000000b-0000-4000-8000-000000000001"}"#),
        ("POST", reference.clone(), "", r#"{"@odata.id":"0000000b-0000-4000-8000-000000000001"}"#),
        ("POST", "/v1.0/groups".to_owned(), "", nickname),
        ("GET", "/v1.0/groups".to_owned(), "$top=many", ""),
        ("GET", "/v1.0/groups".to_owned(), "$seelct=id", ""),
        ("POST", "/api/v1/groups/00g1/users/00u1".to_owned(), "", ""),
        ("POST", "/api/v1/groups".to_owned(), "", r#"{"profile":{"name":5}}"#),
        ("POST", "/api/v1/groups".to_owned(), "", r#"{"profile":{"name":"x"},"kind":"x"}"#),
        ("GET", "/api/v1/groups".to_owned(), "limit=20000", ""),
        ("GET", "/api/v1/users/00u1/groupz".to_owned(), "", ""),
    ];
    for (method, path, query, body) in spoilt {
        let mut headers = vec![("authorization".to_owned(), "Bearer x".to_owned())];
        if !body.is_empty() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        let query = query.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let query = query.into_iter().collect();
        let seen = Seen { method: method.to_owned(), path, query, headers, body: body.into() };
        let mut anonymous = seen.clone();
        anonymous.headers.remove(0);
        let (found, also) =
            (descriptions.judge(&(seen, None)).await, descriptions.judge(&(anonymous, None)).await);
        assert!(!found.is_empty(), "{method} {body}");
        // But for what is found by its path alone, a missing credential is found besides.
        assert!(also.len() > found.len() || found[0] == Prism::NOT_DESCRIBED, "{method} {body}: {also:?}");
    }
}
