//! The whole life of access, as scenarios that are played on every host alike: in memory, on SQLite, and inside Forge.
//!
//! A scenario is a function over a [`Stage`]. It says what people see, never how a host brings it about. To add one: write it here, and name it
//! in [`every_scenario!`](crate::every_scenario).

mod access;
mod erasure;
mod exports;
mod governance;
mod provider;
mod reviews;
mod scarce;
mod stages;

use serde_json::{Value, json};

pub use access::{approval, refusals, seat};
pub use erasure::erasure;
pub use exports::exports;
pub use governance::{policy, verification};
pub use provider::provider;
pub use reviews::{exceptions, reviews};
pub use scarce::{emergency, waiting_list};
pub use stages::{delegation, times};

use crate::stage::{Part, Player, Stage};
use crate::{request_for, text, tool_input};

/// Calls `$each! { name }` for each scenario.
#[macro_export]
macro_rules! every_scenario {
    ($each:ident) => {
        // Requests, stages, questions, extensions, and ends.
        $each! { approval }
        // Who may do what, and what is done once.
        $each! { refusals }
        // Tasks that people do by hand.
        $each! { seat }
        // Jobs at a provider.
        $each! { provider }
        // Policy, and changes that need two administrators.
        $each! { policy }
        // Somebody disappears.
        $each! { erasure }
        // The log, verified and proved.
        $each! { verification }
        // What leaves the site.
        $each! { exports }
        // Deciding for somebody else.
        $each! { delegation }
        // Reminders, escalation, timeouts.
        $each! { times }
        // Whether access is still needed.
        $each! { reviews }
        // Access outside policy.
        $each! { exceptions }
        // Few seats, and who gets the next.
        $each! { waiting_list }
        // Access that cannot wait.
        $each! { emergency }
    };
}

/// Those who are always there.
struct Company<'s, S> {
    stage: &'s S,
    alice: Player,
    bob: Player,
    audrey: Player,
    owen: Player,
}

impl<'s, S: Stage> Company<'s, S> {
    fn on(stage: &'s S) -> Self {
        let alice = stage.enter("Alice Admin", Part::Administrator);
        let bob = stage.enter("Bob Boss", Part::Administrator);
        let audrey = stage.enter("Audrey Auditor", Part::Auditor);
        let owen = stage.enter("Owen Owner", Part::Member);
        Self { stage, alice, bob, audrey, owen }
    }

    /// A new tool of Owen's.
    fn tool(&self, name: &str, more: Value) -> String {
        let mut input = tool_input(name);
        input["owners"] = json!([self.owen.id]);
        if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
            input.extend(more);
        }
        let answer = self.agreed("catalog.put", input);
        text(answer.pointer("/proposal/tool/id").unwrap_or(&answer["tool"]["id"]))
    }

    /// Alice does something; Bob agrees, if it needs a second administrator.
    fn agreed(&self, operation: &str, input: Value) -> Value {
        let answer = self.stage.call(&self.alice, operation, input);
        if answer["proposal"].is_object() {
            let one = json!({ "proposal": answer["proposal"]["id"] });
            self.stage.refused(&self.alice, "proposals.confirm", one.clone(), "own_proposal");
            self.stage.call(&self.bob, "proposals.confirm", one);
        }
        answer
    }

    fn grant(&self, of: &Player, grant: &str) -> Value {
        self.stage.call(of, "grants.get", json!({ "grant": grant }))["grant"].take()
    }

    fn request(&self, of: &Player, request: &str) -> Value {
        self.stage.call(of, "requests.get", json!({ "request": request }))["request"].take()
    }

    fn queue(&self, of: &Player) -> Vec<String> {
        self.stage
            .all(of, "approvals.queue", json!({}))
            .iter()
            .map(|item| text(&item["request"]["id"]))
            .collect()
    }

    /// A request that waits for somebody.
    fn ask(&self, player: &Player, tool: &str, days: u32) -> String {
        let answer = self.stage.call(player, "requests.submit", request_for(tool, days));
        assert_eq!(answer["request"]["state"], "pending", "{answer:#}");
        text(&answer["request"]["id"])
    }

    /// A grant that policy gives at once.
    fn take(&self, player: &Player, tool: &str, days: u32) -> Value {
        self.stage.call(player, "requests.submit", request_for(tool, days))["grant"].take()
    }

    fn approve(&self, by: &Player, request: &str) -> Value {
        self.stage.call(by, "approvals.decide", json!({ "request": request, "decision": "approve" }))
    }

    /// The log is whole, and every document is as the others and the log say.
    fn end(self) {
        let verified = self.stage.call(&self.audrey, "audit.verify", json!({}));
        assert_eq!(verified["ok"], true, "{verified:#}");
        assert_eq!(self.stage.broken(), Vec::<String>::new());
    }
}
