//! What goes wrong at a provider or with a credential, through the real programs: told by step and reason, and nothing is set up by mistake.

use serde_json::{Value, json};
use testkit_directories::FaultKind;

use super::company::{Company, Deployment};
use super::providers::Way;

/// The step that failed, its reason, and how the connector fares.
fn told(tested: &Value) -> (String, String, String) {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let failed = tested["steps"].as_array().unwrap().iter().find(|step| step["result"] == "failed");
    let failed = failed.cloned().unwrap_or_default();
    assert_eq!(failed["reason"].is_null(), failed["what_to_do"].is_null(), "{tested:#}");
    (word(&failed["step"]), word(&failed["reason"]), word(&tested["connector"]["health"]["state"]))
}

async fn troubles(deployment: Deployment, way: Way) {
    let mut company = Company::start(deployment).await;
    let connector = company.connect(way).await;
    let one = json!({ "connector": connector });
    for (fault, step, reason, health) in [
        // What may pass says nothing of the connector: it fares as before.
        (FaultKind::Answer(503, Value::Null), "sign_in", "provider_down", "working"),
        (FaultKind::RateLimited(1), "sign_in", "provider_down", "working"),
        (FaultKind::Answer(403, Value::Null), "permissions", "permission_missing", "failing"),
        (FaultKind::Answer(200, json!("nonsense")), "sign_in", "unexpected_answer", "failing"),
    ] {
        company.providers.fail_path(way, "/groups".to_owned(), 1, fault);
        let tested = company.ok(&company.bob, "connectors.test", one.clone()).await;
        assert_eq!(told(&tested), (step.to_owned(), reason.to_owned(), health.to_owned()), "{tested:#}");
    }
    // An access token that ended early is no trouble.
    company.providers.end_tokens(way);
    let tested = company.ok(&company.bob, "connectors.test", one.clone()).await;
    assert_eq!(told(&tested), (String::new(), String::new(), "working".to_owned()));

    // A suspended account is mapped to nobody.
    let (ada, number) = company.member();
    company.providers.put_account(way, number, false);
    let mapping = json!({
        "connector": connector, "person": ada.id, "account": way.account(number), "display_name": "Ada",
    });
    let (status, answer) = company.call(&company.alice, "identities.put", &mapping).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("account_inactive")));

    // A connector that is pointed elsewhere has lost its secret, and a wrong one is refused by the provider.
    let version = tested["connector"]["version"].clone();
    let put = |provider: Value| json!({ "connector": connector, "version": version, "name": "Elsewhere", "provider": provider });
    let (mut elsewhere, mut wrong) = (way.provider(), way.provider());
    let (place, secret) =
        if way.is_okta() { (json!("other.okta.com"), "token") } else { (json!("us_government"), "secret") };
    elsewhere[if way.is_okta() { "host" } else { "cloud" }] = place;
    elsewhere["credential"].as_object_mut().unwrap().remove(secret);
    let (status, answer) = company.call(&company.alice, "connectors.put", &put(elsewhere)).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("secret_required")), "{answer:#}");
    wrong["credential"][secret] = json!("not-the-secret");
    company.ok(&company.alice, "connectors.put", put(wrong)).await;
    let tested = company.ok(&company.bob, "connectors.test", one.clone()).await;
    assert_eq!(told(&tested).1, "credentials_refused", "{tested:#}");

    // A disabled connector asks its provider nothing.
    company.ok(&company.alice, "connectors.disable", one).await;
    let asked = company.providers.asked();
    let (status, answer) = company.call(&company.alice, "identities.put", &mapping).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("connector_disabled")), "{answer:#}");
    assert_eq!(company.providers.asked(), asked);
    company.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn okta_s_troubles_are_told_by_step_and_reason() {
    troubles(Deployment::Beside, Way::OktaToken).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entra_s_troubles_are_told_by_step_and_reason() {
    troubles(Deployment::Inside, Way::EntraSecret).await;
}
