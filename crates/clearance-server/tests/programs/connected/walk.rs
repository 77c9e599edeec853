//! From approval to confirmed removal, for each provider and each way to sign in.

use serde_json::json;

use super::company::{Company, Deployment};
use super::providers::Way;

/// Approved, provisioned, active; given back or over; removed, its absence confirmed, ended.
async fn walk(deployment: Deployment, ways: [Way; 2]) {
    let mut company = Company::start(deployment).await;
    for way in ways {
        let connector = company.connect(way).await;
        let tool = company.connected_tool(way, &connector, 1, "medium").await;
        let (ada, one) = company.member();
        let (ben, two) = company.member();
        for (person, number) in [(&ada, one), (&ben, two)] {
            company.map(way, &connector, (person, number)).await;
        }
        let given_back = company.approved(&tool, &ada).await;
        let over = company.approved(&tool, &ben).await;
        for (grant, number) in [(&given_back, one), (&over, two)] {
            let active = company.grant(grant, "active").await;
            assert!(company.providers.is_member(way, 1, number), "{way:?}");
            assert_eq!(active["means"], "connected", "{active:#}");
            let jobs = company.jobs(grant).await;
            assert_eq!((&jobs[0]["task"], &jobs[0]["state"]), (&json!("provision"), &json!("succeeded")));
        }
        company.ok(&ada, "grants.give_back", json!({ "grant": given_back })).await;
        company.grant(&given_back, "ended").await;
        assert!(!company.providers.is_member(way, 1, one) && company.providers.is_member(way, 1, two));
        // A day later.
        company.let_it_end(&over).await;
        company.grant(&over, "ended").await;
        assert!(!company.providers.is_member(way, 1, two));
        let jobs = company.jobs(&over).await;
        assert!(jobs.iter().any(|job| job["task"] == "deprovision" && job["lane"] == "sweep"), "{jobs:#?}");
    }
    company.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_core_inside_and_keys_made_here() {
    walk(Deployment::Inside, [Way::OktaKeyPair, Way::EntraCertificate]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_core_beside_and_keys_made_here() {
    walk(Deployment::Beside, [Way::OktaKeyPair, Way::EntraCertificate]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_core_inside_and_typed_secrets() {
    walk(Deployment::Inside, [Way::OktaToken, Way::EntraSecret]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_core_beside_and_typed_secrets() {
    walk(Deployment::Beside, [Way::OktaToken, Way::EntraSecret]).await;
}
