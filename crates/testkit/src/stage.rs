//! A site that a scenario is played on, whichever host it has: so the same scenarios run in memory, on SQLite, and inside Forge.

mod forge;
mod platform;
mod self_hosted;

use serde_json::Value;

pub use forge::ForgeStage;
pub use self_hosted::SelfHosted;

/// As what somebody enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Administers the site; on Forge: Jira.
    Administrator,
    /// Reads everything; on Forge by the app's own global permission.
    Auditor,
    /// Anybody with an account; on Forge a licensed user, on the app's page.
    Member,
    /// Somebody who only asks; on Forge a customer without a licence, in the portal.
    Requester,
}

/// Somebody on the stage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Player {
    /// Their id there.
    pub id: String,
    /// How they are called.
    pub name: String,
}

/// The tenant of the provider beside every stage.
pub const TENANT: &str = "acme.okta.com";
/// The API token that it takes.
pub const API_TOKEN: &str = "00canary-okta-api-token";

/// A site with its people, its clock and a provider.
pub trait Stage {
    /// Somebody new.
    fn enter(&self, name: &str, part: Part) -> Player;

    /// Calls an operation as somebody: the answer, or the code of the refusal.
    fn try_call(&self, player: &Player, operation: &str, input: Value) -> Result<Value, String>;

    /// So many days pass, and then everything that is due is done, by whatever does it there. With 0 days it is done now.
    fn pass(&self, days: u32);

    /// Makes the provider reachable, as an administrator does.
    fn connect(&self, administrator: &Player);

    /// An account at the provider.
    fn put_account(&self, id: &str, name: &str);

    /// An empty group at the provider.
    fn put_group(&self, id: &str, name: &str);

    /// Who is in a group at the provider.
    fn members(&self, group: &str) -> Vec<String>;

    /// Kinds of the log's entries, from the first on.
    fn log_kinds(&self) -> Vec<String>;

    /// Everything that documents hold, to look for what must not be there.
    fn stored(&self) -> String;

    /// What does not hold of the site, in words.
    fn broken(&self) -> Vec<String>;

    /// Calls an operation that succeeds.
    ///
    /// # Panics
    /// When it is refused.
    #[track_caller]
    fn call(&self, player: &Player, operation: &str, input: Value) -> Value {
        let answer = self.try_call(player, operation, input);
        answer.unwrap_or_else(|code| panic!("{operation} by {}: {code}", player.name))
    }

    /// Calls an operation that is refused.
    ///
    /// # Panics
    /// Unless it is refused so.
    #[track_caller]
    fn refused(&self, player: &Player, operation: &str, input: Value, code: &str) {
        match self.try_call(player, operation, input) {
            Err(found) => assert_eq!(found, code, "{operation} by {}", player.name),
            Ok(answer) => panic!("{operation} by {}: {answer:#}", player.name),
        }
    }

    /// Every item of a list, page after page.
    ///
    /// # Panics
    /// When it is no list.
    #[track_caller]
    fn all(&self, player: &Player, operation: &str, input: Value) -> Vec<Value> {
        let (mut items, mut input) = (Vec::new(), input);
        loop {
            let mut page = self.call(player, operation, input.clone());
            items.extend(page["items"].as_array_mut().map(std::mem::take).expect("a list has items"));
            if page["next"].is_null() {
                return items;
            }
            input["after"] = page["next"].take();
        }
    }
}
