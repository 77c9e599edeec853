//! What goes wrong on the way, through everything: each ends in the right state with the right reason, and nothing is granted or lost.

use serde_json::{Value, json};
use testkit_directories::FaultKind;

use super::company::{Company, Deployment, Tool};
use super::providers::Way;
use crate::program::Person;

/// Pauses of a Core beside: as short as can be configured, so that what goes wrong is over soon.
const LIMITS: &str = "open_seconds = 2\nprovider_seconds = 2\n";

/// One person, one tool, one grant, and what goes wrong about it.
struct Case {
    tool: Tool,
    person: Person,
    number: u32,
}

impl Case {
    async fn new(company: &mut Company, connector: &str, way: Way, group: u32) -> Self {
        let (person, number) = company.member();
        company.map(way, connector, (&person, number)).await;
        let tool = company.connected_tool(way, connector, group, "medium").await;
        Self { tool, person, number }
    }

    /// Another tool for the same person.
    async fn beside(&self, company: &Company, connector: &str, group: u32) -> Self {
        let tool = company.connected_tool(self.tool.way, connector, group, "medium").await;
        let person = Person { id: self.person.id.clone(), token: self.person.token.clone() };
        Self { tool, person, number: self.number }
    }

    async fn approved(&self, company: &Company) -> String {
        company.approved(&self.tool, &self.person).await
    }

    async fn give_back(&self, company: &Company, grant: &str) {
        company.ok(&self.person, "grants.give_back", json!({ "grant": grant })).await;
    }

    fn is_member(&self, company: &Company) -> bool {
        company.providers.is_member(self.tool.way, self.tool.group, self.number)
    }

    fn fail(&self, company: &Company, times: u32, kind: &FaultKind) {
        company.providers.fail_changes(self.tool.way, self.tool.group, times, kind);
    }

    /// Waits until a job needs somebody, for this reason, and its grant with it.
    async fn needs_follow_up(&self, company: &Company, grant: &str, (task, reason): (&str, &str)) -> Value {
        let asked = ("jobs.list", json!({ "state": "needs_follow_up", "tool": self.tool.id, "limit": 100 }));
        let of = |listed: &Value| {
            let items = listed["items"].as_array().unwrap();
            items.iter().find(|job| job["grant"] == grant && job["task"] == task).cloned()
        };
        let job = of(&company.until(&company.alice, asked, |listed| of(listed).is_some()).await).unwrap();
        assert_eq!(job["reason"], reason, "{job:#}");
        let shown = company.grant(grant, "needs_follow_up").await;
        assert_eq!(shown["follow_up"]["reason"], reason, "{shown:#}");
        assert!(shown["follow_up"]["what_to_do"].as_str().unwrap().len() > 20);
        json!({ "job": job["id"] })
    }
}

/// What passes is waited for, on the way in and on the way out; nothing is active or ended before the provider shows it.
async fn what_passes(way: Way) {
    let mut company = Company::start_with(Deployment::Beside, LIMITS).await;
    let connector = company.connect(way).await;
    let first = Case::new(&mut company, &connector, way, 1).await;
    let mut cases = Vec::new();
    for (fault, times, reason) in [
        (FaultKind::RateLimited(1), 2, "rate_limited"),
        (FaultKind::Answer(503, Value::Null), 2, "provider_unavailable"),
        (FaultKind::Hang, 1, "provider_timeout"),
        // Done, and nobody learned of it.
        (FaultKind::DoneWithoutAnswer, 1, "provider_timeout"),
        // Answered as done, and not done.
        (FaultKind::Pretend, 1, "unconfirmed"),
    ] {
        let case = first.beside(&company, &connector, 2 + u32::try_from(cases.len()).unwrap()).await;
        case.fail(&company, times, &fault);
        cases.push((case, reason));
    }
    // A token that ends early is replaced, and nobody is asked.
    company.providers.end_tokens(way);
    let mut grants = vec![first.approved(&company).await];
    for (case, _) in &cases {
        grants.push(case.approved(&company).await);
    }
    for grant in &grants {
        company.grant(grant, "active").await;
    }
    assert!(first.is_member(&company));
    company.providers.end_tokens(way);
    for ((case, reason), grant) in cases.iter().zip(&grants[1..]) {
        assert!(case.is_member(&company), "{reason}");
        let troubles = company.troubles(grant).await;
        assert!(troubles.contains(&("provision".to_owned(), (*reason).to_owned())), "{reason}: {troubles:?}");
        case.give_back(&company, grant).await;
    }
    for ((case, reason), grant) in cases.iter().zip(&grants[1..]) {
        company.grant(grant, "ended").await;
        assert!(!case.is_member(&company), "{reason}");
        let troubles = company.troubles(grant).await;
        assert!(
            troubles.contains(&("deprovision".to_owned(), (*reason).to_owned())),
            "{reason}: {troubles:?}"
        );
    }
    assert!(first.is_member(&company), "who has not given it back keeps it");
    company.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_passes_is_waited_for() {
    tokio::join!(what_passes(Way::OktaKeyPair), what_passes(Way::EntraCertificate));
}

/// What a person must see to says so, changes nothing meanwhile, and goes on when they did.
async fn what_needs_somebody(way: Way) {
    let mut company = Company::start(Deployment::Inside).await;
    let connector = company.connect(way).await;

    let gone = Case::new(&mut company, &connector, way, 1).await;
    let removed = gone.beside(&company, &connector, 2).await;
    let removed_grant = removed.approved(&company).await;
    let suspended = Case::new(&mut company, &connector, way, 3).await;
    let deleted = Case::new(&mut company, &connector, way, 4).await;
    let deleted_grant = deleted.approved(&company).await;
    let unmapped = Case::new(&mut company, &connector, way, 5).await;
    company.grant(&removed_grant, "active").await;
    company.grant(&deleted_grant, "active").await;

    company.providers.delete_group(way, gone.tool.group);
    company.providers.delete_group(way, removed.tool.group);
    company.providers.put_account(way, suspended.number, false);
    company.providers.delete_account(way, deleted.number);
    let mapping = json!({ "connector": connector, "person": unmapped.person.id });
    company.ok(&company.alice, "identities.remove", mapping).await;
    let gone_grant = gone.approved(&company).await;
    let suspended_grant = suspended.approved(&company).await;
    let unmapped_grant = unmapped.approved(&company).await;
    removed.give_back(&company, &removed_grant).await;
    deleted.give_back(&company, &deleted_grant).await;

    // Where no group can be asked, the absence is somebody's word, even of access that never worked.
    let job = gone.needs_follow_up(&company, &gone_grant, ("provision", "group_gone")).await;
    company.ok(&company.bob, "jobs.cancel", job).await;
    for (case, grant, reason) in
        [(&gone, &gone_grant, "rejected_by_provider"), (&removed, &removed_grant, "given_back")]
    {
        let job = case.needs_follow_up(&company, grant, ("deprovision", "group_gone")).await;
        company.ok(&company.bob, "jobs.attest", job).await;
        let ended = company.grant(grant, "ended").await;
        assert_eq!(ended["end_reason"], reason, "{ended:#}");
    }

    let job = suspended.needs_follow_up(&company, &suspended_grant, ("provision", "identity_inactive")).await;
    assert!(!suspended.is_member(&company));
    company.providers.put_account(way, suspended.number, true);
    company.ok(&company.bob, "jobs.retry", job).await;
    let job = unmapped.needs_follow_up(&company, &unmapped_grant, ("provision", "no_identity")).await;
    assert!(!unmapped.is_member(&company));
    company.map(way, &connector, (&unmapped.person, unmapped.number)).await;
    company.ok(&company.bob, "jobs.retry", job).await;
    for (case, grant) in [(&suspended, &suspended_grant), (&unmapped, &unmapped_grant)] {
        company.grant(grant, "active").await;
        assert!(case.is_member(&company));
    }
    // Who does not exist any more is in no group, as the provider itself says.
    company.grant(&deleted_grant, "ended").await;
    company.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_somebody_says_why() {
    tokio::join!(what_needs_somebody(Way::OktaToken), what_needs_somebody(Way::EntraSecret));
}

/// More at once than the provider takes, and then a provider that is down as a whole.
async fn storm_and_outage(way: Way) {
    let mut company = Company::start_with(Deployment::Beside, LIMITS).await;
    let connector = company.connect(way).await;
    let one = json!({ "connector": connector });
    let first = Case::new(&mut company, &connector, way, 1).await;
    let mut cases = vec![];
    for group in 2..10 {
        cases.push(first.beside(&company, &connector, group).await);
    }
    company.providers.allow(way, 2);
    let mut grants = Vec::new();
    for case in &cases {
        grants.push(case.approved(&company).await);
    }
    for (case, grant) in cases.iter().zip(&grants) {
        company.grant(grant, "active").await;
        assert!(case.is_member(&company));
    }
    let (allowed, refused) = company.providers.allowed(way);
    assert!(allowed == 8 && refused > 0, "{allowed} changes, {refused} refused");
    let shown = company.ok(&company.bob, "connectors.get", one.clone()).await;
    assert_eq!(shown["connector"]["health"]["state"], "working", "a limit is no outage: {shown:#}");

    company.providers.allow(way, 1_000);
    for case in &cases {
        case.fail(&company, u32::MAX, &FaultKind::Answer(503, Value::Null));
    }
    for (case, grant) in cases.iter().zip(&grants) {
        case.give_back(&company, grant).await;
    }
    let down = |shown: &Value| shown["connector"]["health"]["state"] == "outage";
    let shown = company.until(&company.bob, ("connectors.get", one.clone()), down).await;
    assert_eq!(shown["connector"]["health"]["reason"], "provider_down", "{shown:#}");
    for (case, grant) in cases.iter().zip(&grants) {
        company.grant(grant, "removing").await;
        assert!(case.is_member(&company), "nothing ends because nobody answers");
    }
    company.providers.mend();
    // Memberships of one account end at the same time, so that the list of its groups changes while it is read.
    for (case, grant) in cases.iter().zip(&grants) {
        company.grant(grant, "ended").await;
        assert!(!case.is_member(&company));
    }
    let shown = company.ok(&company.bob, "connectors.get", one).await;
    assert_eq!(shown["connector"]["health"]["state"], "working", "{shown:#}");
    company.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_and_an_outage_lose_nothing() {
    tokio::join!(storm_and_outage(Way::OktaToken), storm_and_outage(Way::EntraSecret));
}

/// A connector that is disabled on the way asks its provider nothing more, and nothing ends by that.
async fn disabled(way: Way) {
    let mut company = Company::start(Deployment::Inside).await;
    let connector = company.connect(way).await;
    let one = json!({ "connector": connector });
    let adding = Case::new(&mut company, &connector, way, 1).await;
    let removing = adding.beside(&company, &connector, 2).await;
    let retrying = adding.beside(&company, &connector, 3).await;
    let removed = removing.approved(&company).await;
    company.grant(&removed, "active").await;
    // Between two attempts.
    retrying.fail(&company, u32::MAX, &FaultKind::Answer(503, Value::Null));
    let retried = retrying.approved(&company).await;
    let waits = |listed: &Value| listed["items"][0]["state"] == "waiting_retry";
    company.until(&company.bob, ("jobs.list", json!({ "state": "waiting_retry" })), waits).await;

    company.ok(&company.alice, "connectors.disable", one.clone()).await;
    company.providers.mend();
    let added = adding.approved(&company).await;
    removing.give_back(&company, &removed).await;
    for (case, grant, task) in [
        (&adding, &added, "provision"),
        (&removing, &removed, "deprovision"),
        (&retrying, &retried, "provision"),
    ] {
        case.needs_follow_up(&company, grant, (task, "connector_disabled")).await;
    }
    assert!(!adding.is_member(&company) && !retrying.is_member(&company), "no call began");
    assert!(removing.is_member(&company), "nothing ends because nobody asks");
    let shown = company.ok(&company.bob, "connectors.get", one.clone()).await;
    assert_eq!(shown["removals_due"]["count"], 1, "{shown:#}");

    company.ok(&company.alice, "connectors.enable", one).await;
    company.grant(&added, "active").await;
    company.grant(&retried, "active").await;
    company.grant(&removed, "ended").await;
    assert!(adding.is_member(&company) && retrying.is_member(&company));
    assert!(!removing.is_member(&company));
    company.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connector_that_is_disabled_on_the_way_changes_nothing_until_it_is_enabled() {
    tokio::join!(disabled(Way::OktaToken), disabled(Way::EntraSecret));
}
