//! People, groups and tools for a site, added as its administrators would.

use clearance::authorization::Caller;
use clearance::refusal::Refusal;
use serde_json::{Value, json};

use crate::{AnonymousClient, Answer, Client as _, PersonClient, Site};

impl Site {
    /// Somebody who is not signed in.
    pub fn anonymous(&self) -> AnonymousClient {
        AnonymousClient { site: self.handle.clone() }
    }

    /// A new person without a role.
    pub fn member(&self, name: &str) -> PersonClient {
        self.person(name, json!({}))
    }

    /// A new person without a role, in groups.
    pub fn member_of(&self, name: &str, groups: &[&str]) -> PersonClient {
        self.person(name, json!({ "groups": groups }))
    }

    /// A new administrator; also in the group of those who approve.
    pub fn administrator(&self, name: &str) -> PersonClient {
        self.person(name, json!({ "role": "administrator" }))
    }

    /// A new auditor.
    pub fn auditor(&self, name: &str) -> PersonClient {
        self.person(name, json!({ "role": "auditor" }))
    }

    /// A new person with whatever else `people.put` takes.
    pub fn person(&self, name: &str, more: Value) -> PersonClient {
        let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
        let added = self.console("people.put", with(json!({ "name": name, "email": email }), more));
        let person = added["person"]["id"].as_str().and_then(|id| id.parse().ok()).expect("a person's id");
        let site = self.handle.clone();
        let token = site.token(person, "act");
        PersonClient { site, person, token }
    }

    /// A new group.
    pub fn group(&self, name: &str) -> String {
        text(&self.console("people_groups.put", json!({ "name": name }))["group"]["id"])
    }

    /// The group that policy means by `security`.
    pub fn security(&self) -> String {
        text(&self.console("settings.get", json!({}))["settings"]["security"])
    }

    /// The group of administrators who approve.
    pub fn administrators(&self) -> String {
        text(&self.console("settings.get", json!({}))["settings"]["administrators"])
    }

    /// A new tool: low risk, for public and internal data, at most 90 days, unless said otherwise.
    pub fn tool(&self, name: &str, more: Value) -> String {
        text(&self.console("catalog.put", with(tool_input(name), more))["tool"]["id"])
    }

    /// Rules for tools of medium risk, of which only these say who decides: each stage as a policy's rule has it.
    ///
    /// What gives more than before waits for a second administrator; the console proposes and a person who is made for it confirms.
    pub fn stages(&self, stages: &Value) {
        let draft = self.console("policies.draft", json!({}));
        let rules = draft["draft"]["rules"].as_array().expect("rules").clone();
        let medium = rules.iter().find(|rule| rule["when"]["risks"] == json!(["medium"]));
        let id = medium.map(|rule| rule["id"].clone());
        let rule = json!({
            "id": id, "name": "Medium risk", "when": { "risks": ["medium"] },
            "then": { "kind": "require_stages", "stages": stages },
        });
        let version = draft["draft"]["version"].clone();
        let put = self.console("policies.put_draft", json!({ "version": version, "put": [rule] }));
        let published = self.console("policies.publish", json!({ "version": put["version"] }));
        if published["proposal"]["id"].is_string() {
            let proposal = json!({ "proposal": published["proposal"]["id"] });
            // Whoever confirms decides nothing afterwards.
            let confirms = self.administrator("Pia Publisher");
            confirms.call("proposals.confirm", proposal).ok();
            let name =
                json!({ "id": confirms.id(), "name": "Pia Publisher", "role": "member", "groups": [] });
            // The last administrator stays one.
            let _ = self.perform(Caller::Console, "people.put", &name);
        }
    }

    /// A new connector to an Okta org, with an API token.
    pub fn okta_connector(&self, name: &str, host: &str) -> String {
        let credential = json!({ "kind": "api_token", "token": "an API token" });
        let provider = json!({ "kind": "okta", "host": host, "credential": credential });
        let added = self.console("connectors.put", json!({ "name": name, "provider": provider }));
        text(&added["connector"]["id"])
    }

    /// Changes a tool; what is not given stays.
    #[track_caller]
    pub fn change_tool(&self, tool: &str, more: Value) {
        self.try_change_tool(tool, more).unwrap_or_else(|refusal| panic!("{refusal:?}"));
    }

    /// Changes a tool, or says why not.
    pub fn try_change_tool(&self, tool: &str, more: Value) -> Result<(), Refusal> {
        let before = &self.console("catalog.get", json!({ "tool": tool }))["tool"];
        let owners: Vec<_> =
            before["owners"].as_array().expect("owners").iter().map(|owner| owner["id"].clone()).collect();
        let mut same = json!({ "owners": owners, "usage_policy": before["usage_policy"]["text"] });
        for field in [
            "id",
            "version",
            "name",
            "vendor",
            "category",
            "summary",
            "risk",
            "status",
            "data_classes",
            "default_days",
            "max_days",
            "fulfilment",
            "seat_cap",
            "emergency",
        ] {
            same[field] = before[field].clone();
        }
        self.try_console("catalog.put", &with(same, more)).map(drop)
    }
}

/// What `catalog.put` takes for a plain tool.
pub fn tool_input(name: &str) -> Value {
    json!({
        "name": name, "vendor": "Example", "category": "assistant", "summary": "For tests", "risk": "low",
        "status": "requestable", "data_classes": ["public", "internal"], "default_days": 7, "max_days": 90,
    })
}

fn with(mut input: Value, more: Value) -> Value {
    if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
        input.extend(more);
    }
    input
}

/// A value that is text, for example an id.
///
/// # Panics
/// When it is not.
#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("`{value}` is no text")).to_owned()
}

/// What `requests.submit` takes: internal data, and a purpose that nobody confuses with a word of the log.
pub fn request_for(tool: &str, days: u32) -> Value {
    json!({ "tool": tool, "purpose": "Draft the minutes of our meetings", "data_classes": ["internal"], "days": days })
}

/// What people do most, in one word each.
impl PersonClient {
    /// Asks for a tool.
    #[must_use]
    pub fn ask_for(&self, tool: &str, days: u32) -> Answer {
        self.call("requests.submit", request_for(tool, days))
    }

    /// Asks for a tool that policy gives at once; the grant.
    #[track_caller]
    pub fn take(&self, tool: &str, days: u32) -> Value {
        self.ask_for(tool, days).ok()["grant"].take()
    }

    /// Asks for a tool for which people decide; the pending request's id.
    #[track_caller]
    pub fn wait_for(&self, tool: &str, days: u32) -> String {
        let answer = self.ask_for(tool, days).ok();
        assert_eq!(answer["request"]["state"], "pending", "{answer:#}");
        text(&answer["request"]["id"])
    }

    /// Approves a request's open stage.
    #[must_use]
    pub fn approve(&self, request: &str) -> Answer {
        self.call("approvals.decide", json!({ "request": request, "decision": "approve" }))
    }

    /// Denies a request.
    #[must_use]
    pub fn deny(&self, request: &str) -> Answer {
        let rationale = "We have a contract for another one";
        self.call(
            "approvals.decide",
            json!({ "request": request, "decision": "deny", "rationale": rationale }),
        )
    }

    /// A request as this person sees it.
    #[track_caller]
    pub fn request(&self, request: &str) -> Value {
        self.call("requests.get", json!({ "request": request })).ok()["request"].take()
    }

    /// A grant as this person sees it.
    #[track_caller]
    pub fn grant(&self, grant: &str) -> Value {
        self.call("grants.get", json!({ "grant": grant })).ok()["grant"].take()
    }

    /// Ids of the requests that this person can decide now, in order.
    #[track_caller]
    pub fn queue(&self) -> Vec<String> {
        self.all("approvals.queue", json!({})).iter().map(|item| text(&item["request"]["id"])).collect()
    }
}
