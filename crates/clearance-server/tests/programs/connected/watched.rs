//! What is watched after access was given and taken away: members that nobody approved, removals by the dozen, whoever comes back, and the clocks.

use clearance::ports::Environment as _;
use clearance::provisioning::Job;
use clearance_server::environment::System;
use serde_json::{Value, json};

use super::company::{Company, Deployment, Tool};
use super::providers::Way;
use crate::program::Person;

impl Company {
    /// A drift check of a tool, made as soon as the server is there again.
    async fn compare(&mut self, tool: &Tool) {
        let before = self.last_check(tool).await;
        self.ok(&self.alice, "drift.check", json!({ "tool": tool.id })).await;
        self.stop_server();
        self.serve();
        let asked = ("provider_groups.get", json!({ "tool": tool.id }));
        self.until(&self.alice, asked, |bound| {
            let last = &bound["binding"]["last_check"];
            last["at"] != before && last["outcome"] == "complete"
        })
        .await;
    }

    async fn last_check(&self, tool: &Tool) -> Value {
        let bound = self.ok(&self.alice, "provider_groups.get", json!({ "tool": tool.id })).await;
        bound["binding"]["last_check"]["at"].clone()
    }

    async fn findings(&self, tool: &Tool) -> Vec<Value> {
        let listed = self
            .ok(&self.alice, "drift.list", json!({ "tool": tool.id, "state": "open", "limit": 100 }))
            .await;
        listed["items"].as_array().unwrap().clone()
    }

    /// Waits until whatever watches the server is told that nothing ends by time.
    async fn until_halted(&self) {
        let address = self.address();
        let mut told = [String::new(), String::new()];
        for _ in 0..2_400 {
            told =
                [self.get(&format!("{address}/metrics")).await, self.get(&format!("{address}/readyz")).await];
            if told[0].contains("clearance_clock_halted 1") && told[1].contains("\"clock\":false") {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{}\n{}\n{}", told[0], told[1], self.log());
    }

    async fn held(&self, tool: &Tool) -> usize {
        let asked = json!({ "tool": tool.id, "state": "queued", "limit": 100 });
        let listed = self.ok(&self.alice, "jobs.list", asked).await;
        listed["items"].as_array().unwrap().iter().filter(|job| job["held"] == true).count()
    }
}

/// Members that were there before are answered for, and more removals by time than a share of the group wait for somebody.
async fn members_and_brake(company: &mut Company, way: Way) -> (Tool, String) {
    let connector = company.connect(way).await;
    let there_before = [901, 902, 903];
    let tool = company.connected_tool_of(way, &connector, (1, &there_before), "low").await;
    company.compare(&tool).await;
    let found = company.findings(&tool).await;
    assert!(
        found.iter().all(|finding| finding["kind"] == "unmapped" && finding["initial"] == true),
        "{found:#?}"
    );
    let ids: Vec<_> = found.iter().map(|finding| finding["id"].clone()).collect();
    assert_eq!(ids.len(), there_before.len(), "{found:#?}");
    let baseline =
        json!({ "kind": "baseline", "reason": "In use since spring", "owner": company.olga.id, "days": 30 });
    let disposed = company
        .ok(&company.alice, "drift.dispose_many", json!({ "findings": ids, "disposition": baseline }))
        .await;
    assert!(disposed["results"].as_array().unwrap().iter().all(|it| it["disposed"] == true), "{disposed:#}");
    assert_eq!(
        company.findings(&tool).await.len(),
        there_before.len(),
        "one administrator does not decide it alone"
    );
    let proposal = json!({ "proposal": disposed["proposal"]["id"] });
    company.ok(&company.bob, "proposals.confirm", proposal).await;
    assert!(company.findings(&tool).await.is_empty());

    let people = company.members(way, &connector, 1..15).await;
    let mut grants = Vec::new();
    for (person, number) in &people {
        grants.push((company.taken(&tool, person).await, *number));
    }
    for (grant, number) in &grants {
        company.grant(grant, "active").await;
        assert!(company.providers.is_member(way, 1, *number));
    }
    // 17 members, of whom 30 in a hundred are fewer than ten: ten go, four wait.
    company.let_come::<clearance::grant::Grant>("ends_at", |_| true).await;
    let members =
        |company: &Company| (1..15).filter(|number| company.providers.is_member(way, 1, *number)).count();
    company
        .until(&company.alice, ("provider_groups.get", json!({ "tool": tool.id })), |bound| {
            !bound["binding"]["hold"].is_null()
        })
        .await;
    let queued = ("jobs.list", json!({ "tool": tool.id, "state": "running" }));
    company.until(&company.alice, queued, |jobs| jobs["items"].as_array().unwrap().is_empty()).await;
    assert_eq!((members(company), company.held(&tool).await), (4, 4));
    let held: Vec<_> =
        grants.iter().filter(|(_, number)| company.providers.is_member(way, 1, *number)).collect();
    for (grant, _) in &held {
        company.grant(grant, "removing").await;
    }
    company.ok(&company.alice, "provider_groups.release_hold", json!({ "tool": tool.id })).await;
    // What was held is looked at again after five minutes.
    company.let_come::<Job>("due_at", Job::brakes).await;
    for (grant, _) in &grants {
        company.grant(grant, "ended").await;
    }
    assert_eq!(members(company), 0);
    assert!(
        there_before.iter().all(|number| company.providers.is_member(way, 1, *number)),
        "whom somebody answers for"
    );
    (tool, connector)
}

/// Whoever is in the group again hours after a confirmed removal is found, and removed when somebody says so.
async fn second_look(company: &mut Company, tool: &Tool) {
    let way = tool.way;
    company.providers.put_member(way, tool.group, 1, true);
    company.let_come::<Job>("due_at", |job| job.second_look.is_some()).await;
    let asked = ("drift.list", json!({ "tool": tool.id, "state": "open" }));
    let listed =
        company.until(&company.alice, asked, |listed| !listed["items"].as_array().unwrap().is_empty()).await;
    let finding = &listed["items"][0];
    assert_eq!(
        (&finding["kind"], listed["items"].as_array().unwrap().len()),
        (&json!("resurrected"), 1),
        "{listed:#}"
    );
    assert!(company.providers.is_member(way, tool.group, 1), "a look takes nothing away");
    let removal = json!({ "finding": finding["id"], "disposition": { "kind": "removal", "reason": "Nobody may be back" } });
    company.ok(&company.alice, "drift.dispose", removal).await;
    let asked = ("drift.list", json!({ "tool": tool.id, "state": "open" }));
    company.until(&company.alice, asked, |listed| listed["items"].as_array().unwrap().is_empty()).await;
    assert!(!company.providers.is_member(way, tool.group, 1));
}

/// Nothing ends by time while a provider's clock and the site's differ by more than five minutes.
async fn clocks(company: &mut Company, tool: &Tool, connector: &str, person: &Person) {
    let grant = company.taken(tool, person).await;
    company.grant(&grant, "active").await;
    let now = || System.now().as_millisecond() / 1_000;
    company.providers.set_clocks(now() + 600);
    let one = json!({ "connector": connector });
    let tested = company.ok(&company.bob, "connectors.test", one.clone()).await;
    let off = tested["connector"]["clock_seconds"].as_i64().unwrap();
    assert!((590..=600).contains(&off), "{off}");
    company.let_it_end(&grant).await;
    company.until_halted().await;
    company.grant(&grant, "active").await;
    // Set right, it goes on.
    company.providers.set_clocks(now());
    let tested = company.ok(&company.bob, "connectors.test", one).await;
    assert_eq!(tested["connector"]["clock_seconds"], Value::Null);
    company.grant(&grant, "ended").await;
}

async fn watched(way: Way) {
    let mut company = Company::start(Deployment::Inside).await;
    let (tool, connector) = members_and_brake(&mut company, way).await;
    second_look(&mut company, &tool).await;
    let (person, _) = company.members(way, &connector, 20..21).await.remove(0);
    clocks(&mut company, &tool, &connector, &person).await;
    company.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_after_is_watched_at_okta() {
    watched(Way::OktaKeyPair).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_after_is_watched_at_entra() {
    watched(Way::EntraCertificate).await;
}
