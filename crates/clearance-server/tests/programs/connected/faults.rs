//! What goes wrong on the way, through everything: each ends in the right state with the right reason, and nothing is granted or lost.

use serde_json::json;

use super::company::{Company, Deployment, Tool};
use super::providers::Way;
use crate::program::Person;

/// One person, one tool, one grant, and what goes wrong about it.
struct Case {
    tool: Tool,
    person: Person,
    number: u32,
}

impl Case {
    async fn new(company: &mut Company, connector: &str, way: Way, group: u32) -> Self {
        let tool = company.connected_tool(way, connector, group, "medium").await;
        let (person, number) = company.member();
        company.map(way, connector, (&person, number)).await;
        Self { tool, person, number }
    }

    async fn approved(&self, company: &Company) -> String {
        company.approved(&self.tool, &self.person).await
    }

    fn is_member(&self, company: &Company) -> bool {
        company.providers.is_member(self.tool.way, self.tool.group, self.number)
    }

    /// Waits until the grant needs somebody, for this reason; it is what it was otherwise.
    async fn needs_follow_up(&self, company: &Company, grant: &str, reason: &str) {
        let shown = company.grant(grant, "needs_follow_up").await;
        assert_eq!(shown["follow_up"]["reason"], reason, "{shown:#}");
        assert!(shown["follow_up"]["what_to_do"].as_str().unwrap().len() > 20);
        let jobs = company.jobs(grant).await;
        assert_eq!((&jobs[0]["state"], &jobs[0]["reason"]), (&json!("needs_follow_up"), &json!(reason)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connector_that_is_disabled_on_the_way_changes_nothing_until_it_is_enabled() {
    for way in [Way::OktaToken, Way::EntraSecret] {
        let mut company = Company::start(Deployment::Inside).await;
        let connector = company.connect(way).await;
        let one = json!({ "connector": connector });
        let adding = Case::new(&mut company, &connector, way, 1).await;
        let removing = Case::new(&mut company, &connector, way, 2).await;
        let removed = removing.approved(&company).await;
        company.grant(&removed, "active").await;

        company.ok(&company.alice, "connectors.disable", one.clone()).await;
        let added = adding.approved(&company).await;
        company.ok(&removing.person, "grants.give_back", json!({ "grant": removed })).await;
        adding.needs_follow_up(&company, &added, "connector_disabled").await;
        removing.needs_follow_up(&company, &removed, "connector_disabled").await;
        assert!(!adding.is_member(&company) && removing.is_member(&company), "no call began");
        let shown = company.ok(&company.bob, "connectors.get", one.clone()).await;
        assert_eq!(shown["removals_due"]["count"], 1, "{shown:#}");

        company.ok(&company.alice, "connectors.enable", one).await;
        company.grant(&added, "active").await;
        company.grant(&removed, "ended").await;
        assert!(adding.is_member(&company) && !removing.is_member(&company));
        company.check().await;
    }
}
