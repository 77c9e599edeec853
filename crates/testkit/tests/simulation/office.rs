//! What administrators do, and what happens at the provider past the program.

use serde_json::json;
use testkit::connected::TENANT;
use testkit::{text, tool_input};

use super::{ADMINISTRATORS, Company, LOW, OWNERS, PEOPLE, SECURITY, Somebody};

impl Company {
    /// Somebody leaves, and somebody new comes in their place; now and then one who decides.
    pub(super) fn somebody_leaves(&mut self) {
        let place = if self.chance.one_in(8) {
            ADMINISTRATORS + self.chance.below(SECURITY + OWNERS)
        } else {
            ADMINISTRATORS
                + SECURITY
                + OWNERS
                + self.chance.below(PEOPLE - ADMINISTRATORS - SECURITY - OWNERS)
        };
        let (admin, leaver) = (self.administrator(), self.people[place].clone());
        let operation = if self.chance.one_in(10) { "people.erase" } else { "people.put" };
        let input = match operation {
            "people.erase" => json!({ "person": leaver.id }),
            _ => json!({ "id": leaver.id, "name": leaver.name, "active": false }),
        };
        self.act(&admin, operation, &input);
        let name = format!("Person Number {}", self.hired);
        let mut input = json!({ "name": name, "email": format!("person.{}@example.com", self.hired) });
        self.hired += 1;
        if (ADMINISTRATORS..ADMINISTRATORS + SECURITY).contains(&place) {
            input["groups"] = json!([self.site.security()]);
        }
        let added = self.act(&admin, "people.put", &input).expect("somebody new");
        self.agree(Some(&added));
        self.people[place] = Somebody { id: text(&added["person"]["id"]), name, account: None };
        if leaver.account.is_some() {
            self.map(place);
        }
    }

    pub(super) fn change_a_tool(&mut self) {
        let (admin, tool) = (self.administrator(), self.chance.pick(&self.tools).clone());
        let Some(mut answer) = self.act(&admin, "catalog.get", &json!({ "tool": tool })) else { return };
        let before = answer["tool"].take();
        let owner = self.people[ADMINISTRATORS + SECURITY + self.chance.below(OWNERS)].id.clone();
        let owners: Vec<_> =
            before["owners"].as_array().expect("owners").iter().map(|owner| owner["id"].clone()).collect();
        let mut input = tool_input(before["name"].as_str().expect("a name"));
        for field in [
            "id",
            "version",
            "risk",
            "status",
            "data_classes",
            "max_days",
            "review_days",
            "fulfilment",
            "seat_cap",
            "emergency",
            "tags",
        ] {
            input[field] = before[field].clone();
        }
        input["owners"] = json!(owners);
        match self.chance.below(6) {
            0 => input["risk"] = json!(*self.chance.pick(&["low", "medium", "high"])),
            1 => input["status"] = json!(*self.chance.pick(&["requestable", "suspended"])),
            2 => input["max_days"] = json!(30 + self.chance.below(90)),
            3 => {
                input["data_classes"] =
                    self.chance.pick(&[json!(["public"]), json!(["public", "internal"])]).clone();
            }
            _ => input["owners"] = json!([owner]),
        }
        if input["default_days"].as_u64() > input["max_days"].as_u64() {
            input["default_days"] = input["max_days"].clone();
        }
        let answer = self.act(&admin, "catalog.put", &input);
        self.agree(answer.as_ref());
    }

    /// The cap of automatic approval changes, or harmless data alone is harmless.
    pub(super) fn change_the_policy(&mut self) {
        let admin = self.administrator();
        let Some(policy) = self.act(&admin, "policies.get", &json!({})) else { return };
        let rules = policy["policy"]["rules"].as_array().cloned().unwrap_or_default();
        let Some(mut rule) = rules.into_iter().find(|rule| rule["name"] == LOW) else { return };
        rule["then"]["max_days"] = json!(20 + self.chance.below(40));
        if self.chance.one_in(3) {
            rule["when"]["only_data_classes"] = json!(["public"]);
        }
        let Some(draft) = self.act(&admin, "policies.draft", &json!({})) else { return };
        let put = json!({ "version": draft["draft"]["version"], "put": [rule] });
        let Some(draft) = self.act(&admin, "policies.put_draft", &put) else { return };
        let published = self.act(&admin, "policies.publish", &json!({ "version": draft["version"] }));
        self.agree(published.as_ref());
    }

    /// What waits for an administrator at the provider.
    pub(super) fn look_after_jobs(&mut self) {
        let admin = self.administrator();
        for job in self.items(&admin, "jobs.list", &json!({ "state": "needs_follow_up", "limit": 20 })) {
            let operation = *self.chance.pick(&["jobs.retry", "jobs.cancel", "jobs.attest"]);
            self.act(&admin, operation, &json!({ "job": job["id"] }));
        }
    }

    pub(super) fn look_after_findings(&mut self) {
        let admin = self.administrator();
        for finding in self.items(&admin, "drift.list", &json!({ "state": "open", "limit": 20 })) {
            let owner = self.people[0].id.clone();
            let disposition = match self.chance.below(3) {
                0 => json!({ "kind": "exception", "reason": "Moved by March", "owner": owner, "days": 20 }),
                _ => json!({ "kind": "removal", "reason": "Nobody knows it" }),
            };
            let input = json!({ "finding": finding["id"], "disposition": disposition });
            self.act(&admin, "drift.dispose", &input);
        }
    }

    /// Somebody at the provider puts an account into a group, or takes one out.
    pub(super) fn past_the_program(&mut self) {
        let group = self.chance.pick(&self.connected).group.clone();
        let members = self.site.core().members(TENANT, &group);
        if self.chance.one_in(2) && !members.is_empty() {
            self.site.core().leave(TENANT, &group, self.chance.pick::<String>(&members));
        } else {
            let accounts: Vec<_> = self.people.iter().filter_map(|person| person.account.clone()).collect();
            self.site.core().join(TENANT, &group, self.chance.pick::<String>(&accounts));
        }
    }
}
