//! The stand-ins' answers beside recorded real ones: the same names, and the same words where Core reads them.

use std::collections::BTreeSet;

use serde_json::Value;
use testkit_directories::{Entra, Okta};

use super::read;
use crate::support::NOW;

fn json(name: &str) -> Option<Value> {
    Some(serde_json::from_str(&read(name)?).unwrap())
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
