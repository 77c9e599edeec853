//! A company on real programs: its people, what they call, and the programs that can end at any time.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::time::Duration;

use clearance::documents::{Change, Document, Select, all};
use clearance::grant::Grant;
use clearance::ports::{Environment as _, Store as _};
use clearance_server::config::{Config, Overrides};
use clearance_server::data::{LocalHost, Opened};
use clearance_server::environment::System;
use core_protocol::pairing::PairingCode;
use serde_json::{Value, json};
use testkit::invariants;

use super::core_program::CoreProgram;
use super::providers::{Providers, Way, login};
use crate::program::{Data, Person, Server, call, close, http, person_with};

/// Where Core runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deployment {
    /// Inside `clearance serve`.
    Inside,
    /// `ardsaor-core serve`, paired.
    Beside,
}

/// A tool whose access is membership of a group.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    pub(crate) id: String,
    pub(crate) way: Way,
    pub(crate) group: u32,
}

pub(crate) struct Company {
    pub(crate) data: Data,
    pub(crate) providers: Providers,
    pub(crate) core: Option<CoreProgram>,
    pub(crate) server: Option<Server>,
    pub(crate) http: reqwest::Client,
    /// Administrators.
    pub(crate) alice: Person,
    pub(crate) bob: Person,
    /// Answers for tools.
    pub(crate) olga: Person,
    people: u32,
}

impl Company {
    /// People on a fresh directory, and the programs.
    pub(crate) async fn start(deployment: Deployment) -> Self {
        Self::start_with(deployment, "").await
    }

    /// The same, with limits of a Core beside.
    pub(crate) async fn start_with(deployment: Deployment, limits: &str) -> Self {
        let data = Data::new();
        let providers = Providers::start(System.now().as_millisecond() / 1000).await;
        let core = match deployment {
            Deployment::Inside => None,
            Deployment::Beside => Some(CoreProgram::start(&providers, limits)),
        };
        // A tick a second, which is the shortest.
        let core_section =
            core.as_ref().map(|core| format!("[core]\nurl = \"{}\"\n", core.address())).unwrap_or_default();
        let settings = format!("tick_seconds = 1\n{core_section}");
        std::fs::write(data.file("clearance.toml"), settings).unwrap();
        let (alice, bob, olga) = {
            let Opened { host, lock: _lock } = data.directory().open().await.unwrap();
            let alice = person_with(&host, json!({ "name": "Alice Admin", "role": "administrator" })).await;
            let bob = person_with(&host, json!({ "name": "Bob Admin", "role": "administrator" })).await;
            let olga = person_with(&host, json!({ "name": "Olga Owner" })).await;
            close(host);
            (alice, bob, olga)
        };
        if let Some(core) = &core {
            let config = Config::load(&data.file(""), None, &Overrides::default()).unwrap();
            let Opened { host, lock: _lock } = data.directory().configured(&config).open().await.unwrap();
            let code = PairingCode::parse(&core.pairing_code()).unwrap();
            host.core.pair(&code).await.unwrap();
            close(host);
        }
        let mut company =
            Self { data, providers, core, server: None, http: http(), alice, bob, olga, people: 0 };
        company.serve();
        company
    }

    /// Starts `clearance serve`.
    pub(crate) fn serve(&mut self) {
        let providers = super::core_program::loopback(&self.providers);
        let arguments: Vec<&OsStr> = match self.core {
            None => providers.iter().map(OsStr::new).collect(),
            Some(_) => Vec::new(),
        };
        self.server = Some(Server::start_with(&self.data, &[], &arguments));
    }

    pub(crate) fn address(&self) -> &str {
        &self.server.as_ref().unwrap().address
    }

    /// Calls an operation; status and body.
    pub(crate) async fn call(&self, by: &Person, operation: &str, input: &Value) -> (u16, Value) {
        call(&self.http, self.address(), by, (operation, input, "")).await.unwrap()
    }

    /// Calls an operation that is carried out.
    pub(crate) async fn ok(&self, by: &Person, operation: &str, input: Value) -> Value {
        let (status, answer) = self.call(by, operation, &input).await;
        assert_eq!(status, 200, "{operation} {input}: {answer:#}");
        answer
    }

    /// Adds a connector, enters its key at the provider, and tests it.
    pub(crate) async fn connect(&self, way: Way) -> String {
        let input = json!({ "name": format!("{way:?}"), "provider": way.provider() });
        let added = self.ok(&self.alice, "connectors.put", input).await;
        self.enter(way, &added["connector"]["provider"]["credential"], "");
        let connector = added["connector"]["id"].as_str().unwrap().to_owned();
        let tested = self.ok(&self.bob, "connectors.test", json!({ "connector": connector })).await;
        let steps = tested["steps"].as_array().unwrap();
        assert!(steps.iter().all(|step| step["result"] == "passed"), "{way:?}: {tested:#}");
        connector
    }

    /// Enters at the provider what a connector shows, the one that waits for a test with `next_`.
    pub(crate) fn enter(&self, way: Way, credential: &Value, which: &str) {
        match way {
            Way::OktaKeyPair => {
                assert!(
                    self.providers.okta.enter_key(&credential[format!("{which}public_key")]),
                    "{credential:#}"
                );
            }
            Way::EntraCertificate => {
                let pem = credential[format!("{which}certificate")]["pem"].as_str().unwrap();
                assert!(self.providers.entra.enter_certificate(pem), "{credential:#}");
            }
            Way::OktaToken | Way::EntraSecret => assert_eq!(credential["secret_set"], true),
        }
    }

    /// Makes an empty group at the provider, and a tool that is bound to it; the tool's id.
    pub(crate) async fn bound_tool(&self, way: Way, connector: &str, group: u32) -> String {
        self.bound_tool_of(way, connector, (group, &[])).await
    }

    /// The same, with accounts that are in the group already.
    async fn bound_tool_of(&self, way: Way, connector: &str, (group, members): (u32, &[u32])) -> String {
        let name = format!("{way:?} {group}");
        self.providers.put_group(way, group, &name);
        for member in members {
            self.providers.put_account(way, *member, true);
            self.providers.put_member(way, group, *member, true);
        }
        let input = json!({
            "name": name, "vendor": "Example", "category": "assistant", "summary": "For tests", "risk": "medium",
            "status": "requestable", "data_classes": ["internal"], "default_days": 1, "max_days": 90,
            "owners": [self.olga.id],
        });
        let id = self.put_tool(input).await;
        let found = self
            .ok(&self.alice, "provider_groups.find", json!({ "connector": connector, "name": name }))
            .await;
        assert_eq!(found["groups"][0]["id"], way.group(group), "{found:#}");
        let binding = json!({ "tool": id, "connector": connector, "group": found["groups"][0]["id"] });
        let checked = self.ok(&self.alice, "provider_groups.check", binding.clone()).await;
        assert_eq!(checked["bindable"], true, "{checked:#}");
        let bound = self.ok(&self.alice, "provider_groups.bind", binding).await;
        // What an Entra group opens cannot be read, and whoever is in a group already has the tool at once: another administrator must agree.
        assert_eq!(checked["needs_second"], !way.is_okta() || !members.is_empty(), "{checked:#}");
        if checked["needs_second"] == true {
            let proposal = json!({ "proposal": bound["proposal"]["id"] });
            let (status, answer) = self.call(&self.alice, "proposals.confirm", &proposal).await;
            assert_eq!((status, &answer["error"]["code"]), (403, &json!("own_proposal")), "{answer:#}");
            self.ok(&self.bob, "proposals.confirm", proposal).await;
        } else {
            assert_eq!(bound["binding"]["group"]["id"], way.group(group), "{bound:#}");
        }
        id
    }

    /// Adds somebody, who calls for themself.
    pub(crate) fn member(&mut self) -> (Person, u32) {
        self.people += 1;
        let (number, name) = (self.people, format!("Worker number {}", self.people));
        // Through the command line, beside the running server.
        let email = format!("worker{}@example.com", self.people);
        let added = self.data.says(&["people", "add", "--name", &name, "--email", &email]);
        let id = added.split_whitespace().find(|word| word.starts_with("person_")).unwrap();
        let id = id.trim_end_matches('.').to_owned();
        let token = self.data.says(&["token", "create", "--person", &email]);
        (Person { id, token: token.lines().last().unwrap().to_owned() }, number)
    }

    /// Adds many people while no server runs, with an account each of the same number, to which they are mapped by an import.
    pub(crate) async fn members(
        &mut self,
        way: Way,
        connector: &str,
        numbers: std::ops::Range<u32>,
    ) -> Vec<(Person, u32)> {
        self.stop_server();
        let mut people = Vec::new();
        {
            let Opened { host, lock: _lock } = self.data.directory().open().await.unwrap();
            for number in numbers {
                let person = person_with(&host, json!({ "name": format!("Worker number {number}") })).await;
                self.providers.put_account(way, number, true);
                people.push((person, number));
            }
            close(host);
        }
        self.serve();
        let row =
            |(person, number): &(Person, u32)| json!({ "person": person.id, "account": login(*number) });
        for people in people.chunks(100) {
            let rows: Vec<_> = people.iter().map(row).collect();
            let mut input = json!({ "connector": connector, "rows": rows });
            let shown = self.ok(&self.alice, "identities.import", input.clone()).await;
            input["digest"] = shown["digest"].clone();
            let done = self.ok(&self.alice, "identities.import", input).await;
            assert_eq!(done["applied"], people.len(), "{done:#}");
        }
        people
    }

    /// Somebody asks for a tool that policy gives; the grant's id.
    pub(crate) async fn taken(&self, tool: &Tool, person: &Person) -> String {
        let input = json!({ "tool": tool.id, "purpose": "Work", "data_classes": ["internal"], "days": 1 });
        let asked = self.ok(person, "requests.submit", input).await;
        asked["grant"]["id"].as_str().unwrap_or_else(|| panic!("{asked:#}")).to_owned()
    }

    /// Maps somebody to their account, which is made.
    pub(crate) async fn map(&self, way: Way, connector: &str, (person, number): (&Person, u32)) {
        self.providers.put_account(way, number, true);
        let account = json!({ "connector": connector, "account": login(number) });
        let found = self.ok(&self.alice, "identities.look_up", account).await;
        let input = json!({
            "connector": connector, "person": person.id, "account": login(number), "display_name": found["display_name"],
        });
        let mapped = self.ok(&self.alice, "identities.put", input).await;
        assert_eq!(mapped["identity"]["person"]["id"], person.id.as_str(), "{mapped:#}");
    }

    /// Makes a tool whose access is membership of a group that is made at the provider. Its policy is its owner's, or nobody's with `low`.
    pub(crate) async fn connected_tool(&self, way: Way, connector: &str, group: u32, risk: &str) -> Tool {
        self.connected_tool_of(way, connector, (group, &[]), risk).await
    }

    /// The same, with accounts that are in the group already.
    pub(crate) async fn connected_tool_of(
        &self,
        way: Way,
        connector: &str,
        (group, members): (u32, &[u32]),
        risk: &str,
    ) -> Tool {
        let id = self.bound_tool_of(way, connector, (group, members)).await;
        let now = self.ok(&self.alice, "catalog.get", json!({ "tool": id })).await;
        let input = json!({
            "id": id, "version": now["tool"]["version"], "name": format!("{way:?} {group}"), "vendor": "Example",
            "category": "assistant", "summary": "For tests", "risk": risk, "status": "requestable",
            "data_classes": ["internal"], "default_days": 1, "max_days": 90, "owners": [self.olga.id],
            "fulfilment": { "kind": "connected" },
        });
        self.put_tool(input).await;
        Tool { id, way, group }
    }

    /// Adds or changes a tool; where that gives more than before, Bob agrees. The tool's id.
    async fn put_tool(&self, input: Value) -> String {
        let put = self.ok(&self.alice, "catalog.put", input).await;
        let mut tool = &put["tool"];
        if !put["proposal"].is_null() {
            tool = &put["proposal"]["tool"];
            let proposal = json!({ "proposal": put["proposal"]["id"] });
            self.ok(&self.bob, "proposals.confirm", proposal).await;
        }
        tool["id"].as_str().unwrap().to_owned()
    }

    /// Asks until the answer is as wanted. The programs have no way to say when; what never comes fails after two minutes.
    pub(crate) async fn until(
        &self,
        by: &Person,
        (operation, input): (&str, Value),
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let mut last = Value::Null;
        for _ in 0..2_400 {
            last = self.ok(by, operation, input.clone()).await;
            if wanted(&last) {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{operation} {input} stays {last:#}");
    }

    /// Waits until a grant is in a state.
    pub(crate) async fn grant(&self, grant: &str, state: &str) -> Value {
        let asked = ("grants.get", json!({ "grant": grant }));
        let answer = self.until(&self.alice, asked, |answer| answer["grant"]["state"] == state).await;
        answer["grant"].clone()
    }

    /// The jobs of a grant, newest first.
    pub(crate) async fn jobs(&self, grant: &str) -> Vec<Value> {
        let mut all = Vec::new();
        for state in ["queued", "running", "waiting_retry", "needs_follow_up", "succeeded", "cancelled"] {
            let mut after = Value::Null;
            loop {
                let asked = json!({ "state": state, "after": after, "limit": 100 });
                let mut page = self.ok(&self.alice, "jobs.list", asked).await;
                all.append(page["items"].as_array_mut().unwrap());
                after = page["next"].take();
                if after.is_null() {
                    break;
                }
            }
        }
        all.retain(|job| job["grant"] == grant || job["grant"]["id"] == grant);
        all.sort_by(|one, other| other["queued_at"].as_str().cmp(&one["queued_at"].as_str()));
        all
    }

    /// What went wrong in the attempts of a grant's jobs, by task.
    pub(crate) async fn troubles(&self, grant: &str) -> BTreeSet<(String, String)> {
        let mut troubles = BTreeSet::new();
        for job in self.jobs(grant).await {
            let shown = self.ok(&self.alice, "jobs.get", json!({ "job": job["id"] })).await;
            let reasons = shown["attempts"].as_array().unwrap().iter().filter_map(|it| it["reason"].as_str());
            let task = job["task"].as_str().unwrap();
            troubles.extend(reasons.map(|reason| (task.to_owned(), reason.to_owned())));
        }
        troubles
    }

    /// Somebody asks for a tool, its owner approves; the grant's id.
    pub(crate) async fn approved(&self, tool: &Tool, person: &Person) -> String {
        let input = json!({ "tool": tool.id, "purpose": "Work", "data_classes": ["internal"], "days": 1 });
        let asked = self.ok(person, "requests.submit", input).await;
        let input =
            json!({ "request": asked["request"]["id"], "decision": "approve", "rationale": "Needed" });
        let decided = self.ok(&self.olga, "approvals.decide", input).await;
        assert_eq!(decided["grant"]["state"], "awaiting_provisioning", "{decided:#}");
        decided["grant"]["id"].as_str().unwrap().to_owned()
    }

    /// Lets a grant's end come, which takes a day: while the server is down, its end is put back.
    pub(crate) async fn let_it_end(&mut self, grant: &str) {
        self.let_come::<Grant>("ends_at", |it| it.id.to_string() == grant).await;
    }

    /// Lets a time come that documents name: while the server is down, it is put back to now.
    pub(crate) async fn let_come<D: Document>(&mut self, time: &str, of: impl Fn(&D) -> bool) {
        self.stop_server();
        {
            let Opened { host, lock: _lock } = self.data.directory().open().await.unwrap();
            put_back_all(&host, time, of).await;
            close(host);
        }
        self.serve();
    }

    /// What stands at an address.
    pub(crate) async fn get(&self, url: &str) -> String {
        self.http.get(url).send().await.unwrap().text().await.unwrap()
    }

    /// What the server said of itself so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.data.file("server.log")).unwrap_or_default()
    }

    /// Kills the server.
    pub(crate) fn stop_server(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
    }

    /// Kills the programs.
    pub(crate) fn stop(&mut self) {
        self.stop_server();
        if let Some(core) = &mut self.core {
            core.kill();
        }
    }

    /// Stops the programs, and looks at everything that is stored: the log verifies and no rule is broken.
    pub(crate) async fn check(&mut self) {
        self.stop();
        let verified = self.data.says(&["audit", "verify", "--strict"]);
        assert!(verified.contains("sound"), "{verified}");
        let Opened { host, lock: _lock } = self.data.directory().open().await.unwrap();
        let broken = invariants::broken(&host.store).await;
        assert!(broken.is_empty(), "{}", broken.join("\n"));
        close(host);
    }
}

/// Puts every field of this name back to now, in every document that fits.
pub(crate) async fn put_back_all<D: Document>(host: &LocalHost, name: &str, of: impl Fn(&D) -> bool) {
    for before in all::<D>(&host.store, Select::all()).await.unwrap() {
        if of(&before) {
            let mut body = serde_json::to_value(&*before).unwrap();
            put_back(&mut body, name, &json!(host.environment.now()));
            let mut change = Change::new();
            change.update(&before, &serde_json::from_value::<D>(body).unwrap());
            host.store.commit(change.into_commit().unwrap()).await.unwrap();
        }
    }
}

/// Puts every field of this name in a document back to an instant.
fn put_back(value: &mut Value, name: &str, now: &Value) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                if field == name { value.clone_from(now) } else { put_back(value, name, now) }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| put_back(item, name, now)),
        _ => {}
    }
}
