//! Access that is membership of a group at a provider.

use serde_json::json;

use super::Company;
use crate::stage::{API_TOKEN, Part, Stage, TENANT};
use crate::text;

const GROUP: &str = "00gcodeagents0000001";
const ACCOUNT: &str = "00urita0000000000001";

/// A job puts somebody into the group, and one takes them out; access is what the provider confirms.
pub fn provider(stage: &impl Stage) {
    let company = Company::on(stage);
    let rita = stage.enter("Rita Requester", Part::Requester);
    stage.connect(&company.alice);
    stage.put_group(GROUP, "Code agents");
    stage.put_account(ACCOUNT, "rita@example.com");
    let credential = json!({ "kind": "api_token", "token": API_TOKEN });
    let okta =
        json!({ "name": "Okta", "provider": { "kind": "okta", "host": TENANT, "credential": credential } });
    let connector = text(&company.agreed("connectors.put", okta)["connector"]["id"]);
    let tool = company.tool("Code agent", json!({}));
    company.agreed("provider_groups.bind", json!({ "tool": tool, "connector": connector, "group": GROUP }));
    let mut connected = crate::tool_input("Code agent");
    connected["id"] = json!(tool);
    connected["version"] =
        stage.call(&company.alice, "catalog.get", json!({ "tool": tool }))["tool"]["version"].take();
    connected["owners"] = json!([company.owen.id]);
    connected["fulfilment"] = json!({ "kind": "connected" });
    company.agreed("catalog.put", connected);
    let shown = stage.call(
        &company.alice,
        "identities.look_up",
        json!({ "connector": connector, "account": ACCOUNT }),
    );
    company.agreed("identities.put", json!({
        "connector": connector, "person": rita.id, "account": ACCOUNT, "display_name": shown["display_name"],
    }));

    let waiting = company.take(&rita, &tool, 5);
    assert_eq!(waiting["state"], "awaiting_provisioning");
    assert!(stage.members(GROUP).is_empty());
    let grant = text(&waiting["id"]);
    stage.pass(0);
    assert_eq!(company.grant(&rita, &grant)["state"], "active");
    assert_eq!(stage.members(GROUP), [ACCOUNT]);

    stage.pass(6);
    let ended = company.grant(&rita, &grant);
    assert_eq!((&ended["state"], &ended["end_reason"]), (&json!("ended"), &json!("expired")));
    assert!(stage.members(GROUP).is_empty());

    // Whoever is not mapped waits for somebody, and has nothing meanwhile.
    let max = stage.enter("Max Member", Part::Member);
    let grant = text(&company.take(&max, &tool, 5)["id"]);
    stage.pass(0);
    let stuck = company.grant(&max, &grant);
    assert_eq!(
        (&stuck["state"], &stuck["follow_up"]["reason"]),
        (&json!("needs_follow_up"), &json!("no_identity"))
    );
    let job = stage.all(&company.alice, "jobs.list", json!({ "state": "needs_follow_up" }))[0]["id"].take();
    stage.call(&company.alice, "jobs.cancel", json!({ "job": job }));
    assert_eq!(company.grant(&max, &grant)["state"], "ended");
    assert!(!stage.stored().contains(API_TOKEN), "documents hold no secret");
    company.end();
}
