//! Both sides of the stand-ins against what the vendors publish: every request that leaves Core against their own API descriptions, and
//! every answer of the stand-ins against recorded real ones. They are read from the folder that `CLEARANCE_PEERS` names.

use std::collections::BTreeSet;

use core_protocol::message::{Operation, Outcome};
use serde_json::Value;
use testkit_directories::{Entra, Okta, Seen};

use crate::support::directory::{KINDS, Kind};
use crate::support::{NOW, Site};

fn read(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are told where others' data lies by the environment"
    )]
    let Ok(peers) = std::env::var("CLEARANCE_PEERS") else {
        eprintln!(
            "SKIPPED: set CLEARANCE_PEERS to the folder with the vendors' data to check against {name}"
        );
        return None;
    };
    Some(std::fs::read_to_string(std::path::Path::new(&peers).join(name)).unwrap())
}

fn json(name: &str) -> Option<Value> {
    Some(serde_json::from_str(&read(name)?).unwrap())
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

/// Every property that a schema has, and those that it requires.
fn properties(
    document: &Value,
    schema: &Value,
    names: &mut BTreeSet<String>,
    required: &mut BTreeSet<String>,
) {
    let schema = resolved(document, schema);
    names.extend(schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()));
    let texts = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    required.extend(texts.map(str::to_owned));
    for part in schema["allOf"].as_array().into_iter().flatten() {
        properties(document, part, names, required);
    }
}

/// Checks one request: path, method, parameters of the query, properties of the body.
fn check_request(document: &Value, path: &str, seen: &Seen) {
    let item = item(document, path).unwrap_or_else(|| panic!("{} {path} is not described", seen.method));
    let operation = &item[seen.method.to_ascii_lowercase()];
    assert!(operation.is_object(), "{} {path} is not described", seen.method);
    let parameters = [&item["parameters"], &operation["parameters"]].into_iter();
    let parameters: Vec<_> = parameters
        .filter_map(Value::as_array)
        .flatten()
        .map(|parameter| resolved(document, parameter))
        .collect();
    for (name, value) in &seen.query {
        // Cursors come from the provider's own links; not every list describes them.
        if matches!(name.as_str(), "after" | "$skiptoken") {
            continue;
        }
        let parameter = parameters.iter().find(|it| it["in"] == "query" && it["name"] == name.as_str());
        let parameter = parameter.unwrap_or_else(|| panic!("{path} has no parameter {name}"));
        let schema = resolved(document, &parameter["schema"]);
        match schema["type"].as_str() {
            Some("integer") => {
                let number: i64 = value.parse().unwrap();
                assert!(schema["maximum"].as_i64().is_none_or(|most| number <= most), "{name}={number}");
            }
            Some("array") => {
                let allowed = resolved(document, &schema["items"])["enum"].as_array();
                for word in value.split(',') {
                    let known = allowed.is_none_or(|allowed| allowed.iter().any(|it| it == word));
                    assert!(known, "{path}: {name} does not take {word}");
                }
            }
            _ => {}
        }
    }
    for parameter in parameters.iter().filter(|it| it["in"] == "query" && it["required"] == true) {
        assert!(seen.parameter(parameter["name"].as_str().unwrap()).is_some(), "{path} needs {parameter}");
    }
    let schema = &resolved(document, &operation["requestBody"])["content"]["application/json"]["schema"];
    if seen.body.is_empty() {
        assert!(schema.is_null(), "{} {path} needs a body", seen.method);
        return;
    }
    let body: Value = serde_json::from_slice(&seen.body).unwrap();
    let (mut names, mut required) = (BTreeSet::new(), BTreeSet::new());
    properties(document, schema, &mut names, &mut required);
    let given: BTreeSet<_> = body.as_object().unwrap().keys().cloned().collect();
    assert!(given.is_subset(&names), "{path}: {given:?} of {names:?}");
    assert!(required.is_subset(&given), "{path}: {required:?} of {given:?}");
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

#[tokio::test]
async fn every_request_is_one_that_the_vendor_describes() {
    let (Some(okta), Some(graph)) =
        (json("okta/okta-groups-users.openapi.json"), json("entra/graph-users-groups.openapi.json"))
    else {
        return;
    };
    for kind in KINDS {
        let site = everything(kind).await;
        let mut checked = 0;
        for seen in kind.seen(&site) {
            if seen.path.ends_with("/token") {
                continue;
            }
            match seen.path.strip_prefix("/v1.0") {
                Some(path) => check_request(&graph, path, &seen),
                None => check_request(&okta, &seen.path, &seen),
            }
            checked += 1;
        }
        assert!(checked > 20, "{kind:?}: {checked}");
    }
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The body of the first recording that fits.
fn recorded(file: &str, method: &str, status: u64, path: impl Fn(&str) -> bool) -> Option<Value> {
    let text = read(file)?;
    let mut recordings = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let found = recordings
        .find(|it| it["method"] == method && it["status"] == status && path(it["path"].as_str().unwrap()));
    Some(serde_json::from_str(found.unwrap()["body"].as_str().unwrap()).unwrap())
}

async fn get(client: &reqwest::Client, url: String, authorization: &str) -> Value {
    let response = client.get(url).header("authorization", authorization).send().await.unwrap();
    response.bytes().await.map(|bytes| serde_json::from_slice(&bytes).unwrap()).unwrap()
}

#[tokio::test]
async fn the_okta_stand_in_answers_in_recorded_shapes() {
    const FILE: &str = "okta/recordings.jsonl";
    let Some(group) = recorded(FILE, "GET", 200, |path| path.starts_with("/api/v1/groups/00gsfck")) else {
        return;
    };
    let okta = Okta::start(NOW).await.unwrap();
    okta.put_plain_group("00g1", "x");
    okta.put_user("00u1", "ada@acme.example", "STAGED");
    okta.put_rule(&["00g1"]);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let authorization = format!("SSWS {}", Okta::API_TOKEN);
    let ask =
        async |path: &str| get(&client, format!("http://{}{path}", okta.address()), &authorization).await;

    let ours = ask("/api/v1/groups/00g1").await;
    assert_eq!(keys(&ours), keys(&group));
    assert_eq!(keys(&ours["profile"]), keys(&group["profile"]));
    let user = recorded(FILE, "GET", 200, |path| path == "/api/v1/users/00usfhrjbkppPBkoY4x6").unwrap();
    let ours = ask("/api/v1/users/00u1").await;
    assert_eq!(keys(&ours), keys(&user));
    assert_eq!(keys(&ours["profile"]), keys(&user["profile"]));
    let rules = recorded(FILE, "GET", 200, |path| path == "/api/v1/groups/rules").unwrap();
    let ours = ask("/api/v1/groups/rules").await;
    assert_eq!(keys(&ours[0]), keys(&rules[0]));
    assert_eq!(
        keys(&ours[0]["actions"]["assignUserToGroups"]),
        keys(&rules[0]["actions"]["assignUserToGroups"])
    );
    let missing = recorded(FILE, "GET", 404, |path| path.starts_with("/api/v1/groups/00g")).unwrap();
    let ours = ask("/api/v1/groups/00gsfck5wNqOPYMfS4x6").await;
    assert_eq!(keys(&ours), keys(&missing));
    assert_eq!(ours["errorSummary"], missing["errorSummary"]);
    let missing = recorded(FILE, "GET", 404, |path| path.starts_with("/api/v1/users/00u")).unwrap();
    let ours = ask("/api/v1/users/00usfhrjbkppPBkoY4x6").await;
    assert_eq!(ours["errorSummary"], missing["errorSummary"]);
}

#[tokio::test]
async fn the_graph_stand_in_answers_in_recorded_shapes() {
    const FILE: &str = "entra/graph-recordings.jsonl";
    const GROUP: &str = "a3f6c606-38ec-42d7-8c0e-d4ecaf0d9d61";
    let Some(group) = recorded(FILE, "GET", 200, |path| path.ends_with(GROUP)) else { return };
    let tokens = json("entra/entra-token-fixtures.json").unwrap();
    let entra = Entra::start(NOW).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let sign_in = async |secret: &str| -> Value {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={secret}&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
            Entra::CLIENT_ID
        );
        let url = format!("http://{}/{}/oauth2/v2.0/token", entra.address(), Entra::TENANT);
        let bytes = client.post(url).body(form).send().await.unwrap().bytes().await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let refused = sign_in("wrong").await;
    let theirs = &tokens["fixtures"]["token-error-invalid-client"]["response"]["body"];
    assert_eq!((keys(&refused), &refused["error_codes"]), (keys(theirs), &theirs["error_codes"]));
    let granted = sign_in(Entra::CLIENT_SECRET).await;
    let theirs = &tokens["fixtures"]["token-client-credentials"]["response"]["body"];
    assert_eq!(keys(&granted), keys(theirs));

    let authorization = format!("Bearer {}", granted["access_token"].as_str().unwrap());
    let ask = async |path: &str| {
        get(&client, format!("http://{}/v1.0{path}", entra.address()), &authorization).await
    };
    let missing = recorded(FILE, "GET", 404, |path| path.ends_with(GROUP)).unwrap();
    let ours = ask(&format!("/groups/{GROUP}")).await;
    assert_eq!(keys(&ours["error"]), keys(&missing["error"]));
    assert_eq!(ours["error"]["message"], missing["error"]["message"]);
    assert_eq!(ours["error"]["code"], missing["error"]["code"]);
    entra.put_plain_group(GROUP, "x");
    let ours = ask(&format!("/groups/{GROUP}")).await;
    assert_eq!(keys(&ours), keys(&group));
    let list = recorded(FILE, "GET", 200, |path| path.ends_with("/members")).unwrap();
    let ours = ask(&format!("/groups/{GROUP}/members")).await;
    assert_eq!((keys(&ours), &ours["@odata.context"]), (keys(&list), &list["@odata.context"]));
}
