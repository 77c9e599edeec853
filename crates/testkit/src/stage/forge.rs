//! The Forge app as Atlassian's bundler packs it, on the local platform; behind it the real Core, and a stand-in for the provider.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use ardsaor_core::provider::Endpoints;
use ardsaor_core::{Core, Environment, ForgeSettings, InstallationKind, Settings};
use clearance::ports::{LogHead, Store as _};
use core_protocol::UnixSeconds;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit_directories::{Entra, Okta};
use tokio::runtime::{Builder, Runtime};

use super::platform::Platform;
use super::{Part, Player, Stage};
use crate::invariants;

/// Host of the remote in the manifest of the repository, for which calls to Core are signed.
const AUTHORITY: &str = "core.example.com";
/// Milliseconds of a minute.
const MINUTE: i64 = 60_000;
/// Time from one run of the clockwork to the next.
const PASS: i64 = 5 * MINUTE;

/// The Forge app on the local platform.
#[derive(Debug)]
pub struct ForgeStage {
    platform: Platform,
    accounts: RefCell<BTreeMap<String, Account>>,
    surroundings: Surroundings,
    provider: RefCell<Option<Provider>>,
    runtime: Runtime,
}

#[derive(Debug, Clone)]
struct Account {
    id: String,
    module: &'static str,
}

/// Core and the provider behind it.
#[derive(Debug)]
struct Provider {
    okta: Okta,
    // They stop when they are let go of.
    _core: (Core, Entra, TempDir),
}

/// The platform's time for Core, and entropy that counts.
#[derive(Debug, Clone, Default)]
struct Surroundings {
    milliseconds: Arc<AtomicI64>,
    drawn: Arc<AtomicU64>,
}

impl Environment for Surroundings {
    fn now(&self) -> UnixSeconds {
        UnixSeconds(self.milliseconds.load(Ordering::SeqCst).div_euclid(1000))
    }

    fn entropy(&self) -> [u8; 32] {
        let mut bytes = [0x5a; 32];
        bytes[..8].copy_from_slice(&self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        bytes
    }
}

impl ForgeStage {
    /// The app, just installed.
    pub fn new() -> Self {
        Self::on(Platform::start(None))
    }

    /// The same; what crosses the boundary of its module goes to a file.
    pub fn recorded(to: &Path) -> Self {
        Self::on(Platform::start(Some(to)))
    }

    fn on(platform: Platform) -> Self {
        let surroundings = Surroundings::default();
        surroundings.milliseconds.store(platform.started, Ordering::SeqCst);
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime for Core");
        let stage = Self {
            platform,
            accounts: RefCell::default(),
            surroundings,
            provider: RefCell::default(),
            runtime,
        };
        stage.deliver();
        stage
    }

    /// Tells the platform something; what it answers.
    ///
    /// # Panics
    /// When it fails.
    #[track_caller]
    pub fn tell(&self, command: &Value) -> Value {
        let answer = self.platform.tell(command);
        assert!(answer["error"].is_null(), "{command}: {answer}");
        answer
    }

    /// Ends it: the log's size and root.
    ///
    /// # Panics
    /// When the log cannot be read.
    pub fn end(self) -> LogHead {
        let head = self.runtime.block_on(self.platform.log_head()).expect("the log has a head");
        self.platform.end();
        head
    }

    fn deliver(&self) {
        let answer = self.tell(&json!({ "do": "deliver" }));
        assert_eq!(answer["failures"], json!([]), "what the app does by itself must not fail");
        let logged = self.tell(&json!({ "do": "logged" }));
        let failed = logged["lines"].as_array().expect("lines").iter().map(crate::text);
        let failed: Vec<_> = failed.filter(|line| line.contains("\"run_failed\"")).collect();
        assert_eq!(failed, Vec::<String>::new());
        self.follow(&answer);
    }

    fn skip(&self, milliseconds: i64) {
        let answer = self.tell(&json!({ "do": "skip", "milliseconds": milliseconds }));
        self.follow(&answer);
    }

    /// Core and the provider have the platform's time.
    fn follow(&self, answer: &Value) {
        let now = answer["now"].as_i64().expect("the platform's time");
        self.surroundings.milliseconds.store(now, Ordering::SeqCst);
        if let Some(provider) = &*self.provider.borrow() {
            provider.okta.set_clock(now.div_euclid(1000));
        }
    }

    async fn start_core(&self) -> (Okta, Entra, Core, TempDir) {
        let data = tempfile::tempdir().expect("a directory for Core");
        let now = self.surroundings.now().0;
        let okta = Okta::start(now).await.expect("a port for the provider");
        let entra = Entra::start(now).await.expect("a port for the provider");
        let forge = ForgeSettings {
            jwks_url: self.platform.keys.parse().expect("an address"),
            issuer: "forge/invocation-token".to_owned(),
            audience: self.platform.app.clone(),
            clock_skew: 5,
        };
        let settings = Settings {
            forge: Some(forge),
            authority: Some(AUTHORITY.to_owned()),
            ..Settings::inside(data.path().join("core"))
        };
        let endpoints = Endpoints::DangerousLoopback { okta: okta.address(), entra: entra.address() };
        let core = Core::start(settings, self.surroundings.clone(), endpoints).await.expect("Core starts");
        (okta, entra, core, data)
    }

    fn with_okta<T>(&self, work: impl FnOnce(&Okta) -> T) -> T {
        work(&self.provider.borrow().as_ref().expect("a provider is connected").okta)
    }
}

impl Default for ForgeStage {
    fn default() -> Self {
        Self::new()
    }
}

impl Stage for ForgeStage {
    fn enter(&self, name: &str, part: Part) -> Player {
        let (sort, module) = match part {
            Part::Administrator => ("administrator", "admin"),
            Part::Auditor => ("auditor", "app"),
            Part::Member => ("licensed", "app"),
            Part::Requester => ("customer", "portal-access"),
        };
        let account = Account { id: format!("712020:{}", name.to_lowercase().replace(' ', "-")), module };
        self.tell(&json!({ "do": "account", "id": account.id, "name": name, "sort": sort }));
        let mut player = Player { id: String::new(), name: name.to_owned() };
        self.accounts.borrow_mut().insert(name.to_owned(), account);
        // Their first call makes them a person; administrators tell who it is.
        self.call(&player, "catalog.list", json!({}));
        let somebody = self
            .accounts
            .borrow()
            .iter()
            .find(|(_, account)| account.module == "admin")
            .map(|(name, _)| name.clone());
        let somebody = Player { id: String::new(), name: somebody.expect("an administrator enters first") };
        let people = self.all(&somebody, "people.list", json!({}));
        let person = people.iter().find(|person| person["name"] == name).expect("the account is a person");
        player.id = crate::text(&person["id"]);
        player
    }

    fn try_call(&self, player: &Player, operation: &str, input: Value) -> Result<Value, String> {
        let Account { id, module } = self.accounts.borrow()[&player.name].clone();
        let mut answer = self.platform.tell(&json!({
            "do": "call", "module": module, "account": id, "operation": operation, "input": input,
        }));
        if answer["ok"].is_null() {
            let code = answer["refused"]["code"].as_str().or_else(|| answer["failed"]["code"].as_str());
            return Err(code.map_or_else(|| answer.to_string(), str::to_owned));
        }
        Ok(answer["ok"].take())
    }

    fn pass(&self, days: u32) {
        self.skip(i64::from(days) * 24 * 60 * MINUTE);
        for _ in 0..3 {
            self.deliver();
            self.skip(PASS);
        }
    }

    fn connect(&self, administrator: &Player) {
        let (okta, entra, core, data) = self.runtime.block_on(self.start_core());
        let address = format!("http://{}", core.address());
        self.tell(&json!({ "do": "remote", "key": "core", "address": address }));
        let (_, code) = core
            .installations()
            .add(&self.surroundings, "Acme Jira", InstallationKind::Forge)
            .expect("an installation");
        *self.provider.borrow_mut() = Some(Provider { okta, _core: (core, entra, data) });
        self.call(administrator, "core.pair", json!({ "code": code.to_text().as_str() }));
        assert_eq!(self.call(administrator, "core.standing", json!({}))["standing"], "paired");
    }

    fn put_account(&self, id: &str, name: &str) {
        self.with_okta(|okta| okta.put_user(id, name, "ACTIVE"));
    }

    fn put_group(&self, id: &str, name: &str) {
        self.with_okta(|okta| okta.put_plain_group(id, name));
    }

    fn members(&self, group: &str) -> Vec<String> {
        self.with_okta(|okta| okta.members(group).into_iter().collect())
    }

    fn log_kinds(&self) -> Vec<String> {
        self.runtime.block_on(invariants::log_kinds(&self.platform))
    }

    fn stored(&self) -> String {
        crate::text(&self.tell(&json!({ "do": "dump" }))["text"])
    }

    fn broken(&self) -> Vec<String> {
        self.runtime.block_on(invariants::broken(&self.platform))
    }
}
