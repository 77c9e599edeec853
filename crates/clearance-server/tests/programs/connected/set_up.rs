//! Everything that administrators set up, through the real programs: keys that the provider checks, groups, people's accounts.

use serde_json::{Value, json};

use super::company::{Company, Deployment};
use super::providers::Way;

/// Sets up each way to sign in, with a tool and somebody's account.
async fn set_up(deployment: Deployment, ways: [Way; 2]) {
    let mut company = Company::start(deployment).await;
    for way in ways {
        let connector = company.connect(way).await;
        let tool = company.bound_tool(way, &connector, 1).await;
        let (ada, number) = company.member();
        company.map(way, &connector, (&ada, number)).await;
        let bound = company.ok(&company.bob, "provider_groups.get", json!({ "tool": tool })).await;
        assert_eq!(bound["binding"]["group"]["id"], way.group(1), "{bound:#}");
        let mapped = company.ok(&company.bob, "identities.list", json!({ "connector": connector })).await;
        assert_eq!(mapped["items"][0]["person"]["id"], ada.id.as_str(), "{mapped:#}");
    }
    company.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_core_inside_and_keys_made_here() {
    set_up(Deployment::Inside, [Way::OktaKeyPair, Way::EntraCertificate]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_core_beside_and_keys_made_here() {
    set_up(Deployment::Beside, [Way::OktaKeyPair, Way::EntraCertificate]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_core_inside_and_typed_secrets() {
    set_up(Deployment::Inside, [Way::OktaToken, Way::EntraSecret]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_core_beside_and_typed_secrets() {
    set_up(Deployment::Beside, [Way::OktaToken, Way::EntraSecret]).await;
}

/// The steps of a test, as words.
fn steps(tested: &Value) -> Vec<(String, String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let steps = tested["steps"].as_array().unwrap().iter();
    steps.map(|step| (word(&step["step"]), word(&step["result"]), word(&step["reason"]))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_changed_without_a_gap_and_a_key_that_the_provider_does_not_know_is_refused() {
    for way in [Way::OktaKeyPair, Way::EntraCertificate] {
        let company = Company::start(Deployment::Inside).await;
        let connector = company.connect(way).await;
        let one = json!({ "connector": connector });
        let rotated = company.ok(&company.alice, "connectors.rotate_key", one.clone()).await;
        let credential = &rotated["connector"]["provider"]["credential"];
        // The new one is not entered yet: what worked goes on working.
        company.providers.end_tokens(way);
        let find = json!({ "connector": connector, "name": "Nobody's" });
        company.ok(&company.alice, "provider_groups.find", find.clone()).await;
        company.enter(way, credential, "next_");
        let tested = company.ok(&company.bob, "connectors.test", one.clone()).await;
        assert!(steps(&tested).iter().all(|(_, result, _)| result == "passed"), "{tested:#}");
        // Every key is taken away at the provider.
        company.providers.okta.revoke_keys();
        company.providers.entra.revoke_certificates();
        company.providers.end_tokens(way);
        let tested = company.ok(&company.bob, "connectors.test", one.clone()).await;
        let [core, sign_in, permissions] = steps(&tested).try_into().unwrap();
        assert_eq!(
            (core.1, sign_in.1, permissions.1),
            ("passed".into(), "failed".into(), "not_reached".into())
        );
        assert_eq!(sign_in.2, "credentials_refused");
        let shown = company.ok(&company.bob, "connectors.get", one).await;
        assert_eq!(shown["connector"]["health"]["state"], "failing", "{shown:#}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn core_that_is_killed_is_down_and_works_again_when_it_is_back() {
    let mut company = Company::start(Deployment::Beside).await;
    let connector = company.connect(Way::OktaToken).await;
    let one = json!({ "connector": connector });
    company.core.as_mut().unwrap().kill();
    let tested = company.ok(&company.bob, "connectors.test", one.clone()).await;
    let [core, sign_in, _] = steps(&tested).try_into().unwrap();
    assert_eq!(
        (core.1.as_str(), core.2.as_str(), sign_in.1.as_str()),
        ("failed", "core_down", "not_reached")
    );
    company.core.as_mut().unwrap().restart();
    let tested = company.ok(&company.bob, "connectors.test", one).await;
    assert!(steps(&tested).iter().all(|(_, result, _)| result == "passed"), "{tested:#}");
}
