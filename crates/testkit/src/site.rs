//! A whole site in one process: store, rules, HTTP surface, clock.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, RwLock, RwLockReadGuard};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use clearance::authorization::{Caller, Credential, Principal, Standing};
use clearance::clockwork::{Pass, run_due};
use clearance::documents::{Loaded, load};
use clearance::drift::DriftPass;
use clearance::failure::Failure;
use clearance::ids::{ConnectorId, PersonId};
use clearance::operations::{Call, perform};
use clearance::people::{AdministratorRoster, Person};
use clearance::ports::{Moment, Ports as _};
use clearance::provisioning::Ran;
use clearance::refusal::Refusal;
use clearance::sign_in::{Method, begin_session};
use clearance::time::{Days, Timestamp};
use clearance_server::data::kinds;
use clearance_server::host::Host;
use clearance_server::http::{App, Origin, router};
use clearance_server::jobs;
use clearance_server::vault::VaultKey;
use clearance_store::{MemoryStore, SqliteStore};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::{Answer, Directory, Seeded, Snapshot, Storage, invariants};

/// The address under which the site's pages believe to be.
const ADDRESS: &str = "http://127.0.0.1:8780";

type TestHost = Host<Storage, Seeded, Directory>;

/// The vault's key of every site under test.
pub fn vault_key() -> VaultKey {
    VaultKey::new([7; 32])
}

/// A whole site in one process. It is checked when it goes out of scope.
#[derive(Debug)]
pub struct Site {
    pub(crate) handle: Handle,
    /// Whether a test has spoiled it, so that it is not checked.
    spoiled: bool,
}

/// What clients hold of a site; it stays the same through restarts.
#[derive(Clone)]
pub struct Handle(Arc<Inner>);

struct Inner {
    runtime: Runtime,
    environment: Seeded,
    directory: Directory,
    medium: Medium,
    running: RwLock<Option<Running>>,
}

/// What outlives a restart.
enum Medium {
    Memory(MemoryStore),
    Disk(TempDir),
}

struct Running {
    app: Arc<App<TestHost>>,
    router: Router,
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle(…)")
    }
}

impl Medium {
    fn open(&self) -> Storage {
        match self {
            Self::Memory(store) => Storage::Memory(store.clone()),
            Self::Disk(directory) => {
                let path = directory.path().join("clearance.db");
                Storage::Sqlite(SqliteStore::open(path, kinds()).expect("the database opens"))
            }
        }
    }
}

impl Handle {
    fn new(medium: Medium) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_time().build();
        let inner = Inner {
            runtime: runtime.expect("a runtime for the site"),
            environment: Seeded::default(),
            directory: Directory::default(),
            medium,
            running: RwLock::new(None),
        };
        let handle = Self(Arc::new(inner));
        handle.start();
        handle
    }

    fn start(&self) {
        let vault = vault_key();
        let ports = Host {
            store: self.0.medium.open(),
            environment: self.0.environment.clone(),
            vault,
            core: self.0.directory.clone(),
        };
        self.0.runtime.block_on(clearance::site::initialize(&ports)).expect("the site comes into being");
        let app = Arc::new(App::new(ports, Origin::new(ADDRESS.parse().expect("an address"))));
        let running = Running { router: router(Arc::clone(&app)), app };
        *self.0.running.write().expect("nothing panicked while restarting") = Some(running);
    }

    fn restart(&self) {
        // What runs is gone, its writer thread joined, before the store is opened again.
        drop(self.0.running.write().expect("nothing panicked while restarting").take());
        self.start();
    }

    /// The clock and the randomness of the site's own host.
    pub(crate) fn environment(&self) -> &Seeded {
        &self.0.environment
    }

    fn running(&self) -> RwLockReadGuard<'_, Option<Running>> {
        self.0.running.read().expect("nothing panicked while restarting")
    }

    /// Does something with the host's adapters, beneath the HTTP surface.
    pub(crate) fn with_ports<T>(&self, work: impl AsyncFnOnce(&TestHost) -> T) -> T {
        let running = self.running();
        let ports = &running.as_ref().expect("the site runs").app.ports;
        self.0.runtime.block_on(work(ports))
    }

    /// Fetches a file from the shipped router: its status and bytes, or as many as came before it broke off.
    pub(crate) fn fetch(&self, request: Request<Body>) -> (u16, Result<Vec<u8>, String>) {
        let router = self.running().as_ref().expect("the site runs").router.clone();
        self.0.runtime.block_on(async {
            let Ok(response) = router.oneshot(request).await;
            let status = response.status().as_u16();
            let body = response.into_body().collect().await;
            (status, body.map(|body| body.to_bytes().to_vec()).map_err(|error| error.to_string()))
        })
    }

    /// Sends a request to the shipped router.
    pub(crate) fn send(&self, request: Request<Body>) -> Answer {
        let router = self.running().as_ref().expect("the site runs").router.clone();
        self.0.runtime.block_on(async {
            let Ok(response) = router.oneshot(request).await;
            let (parts, body) = response.into_parts();
            let bytes = body.collect().await.expect("the body is whole").to_bytes();
            let json = if bytes.is_empty() {
                Value::Null
            } else {
                serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{error}: {bytes:?}"))
            };
            Answer { status: parts.status.as_u16(), headers: parts.headers, json }
        })
    }

    /// Runs an operation beneath the HTTP surface, as any caller.
    pub(crate) fn perform(&self, caller: Caller, operation: &str, input: &Value) -> Result<Value, Refusal> {
        let input = input.to_string();
        let call = Call { operation, caller, input: input.as_bytes(), idempotency_key: None };
        let answer = self.with_ports(async |ports| perform(ports, call).await);
        answer
            .map(|bytes| serde_json::from_slice(&bytes).expect("answers are JSON"))
            .map_err(Failure::into_refusal)
    }

    /// A new token of a person.
    pub(crate) fn token(&self, person: PersonId, scope: &str) -> String {
        self.try_token(person, scope).expect("a token")
    }

    /// A new token of a person, or why not.
    pub(crate) fn try_token(&self, person: PersonId, scope: &str) -> Result<String, Refusal> {
        let input = json!({ "person": person, "scope": scope });
        let created = self.perform(Caller::Console, "tokens.create", &input)?;
        Ok(created["secret"].as_str().expect("the token's secret").to_owned())
    }

    /// A new session of a person.
    pub(crate) fn session(&self, person: PersonId) -> String {
        self.with_ports(async |ports| {
            let moment = Moment::draw(ports.environment());
            let person: Option<Loaded<Person>> =
                load(ports.store(), &person.to_string()).await.expect("the store");
            let person = person.expect("the person exists");
            begin_session(ports, &person, Method::Openid, &moment)
                .await
                .expect("a session")
                .expose()
                .to_string()
        })
    }
}

impl Site {
    /// A site in memory.
    pub fn in_memory() -> Self {
        Self { handle: Handle::new(Medium::Memory(MemoryStore::new(kinds()))), spoiled: false }
    }

    /// A site on SQLite, in a directory that vanishes with it.
    pub fn on_disk() -> Self {
        let directory = tempfile::tempdir().expect("a directory for the database");
        Self { handle: Handle::new(Medium::Disk(directory)), spoiled: false }
    }

    /// Drops everything and builds it anew on what is stored.
    pub fn restart(&self) {
        self.handle.restart();
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.handle.0.environment.clock.now()
    }

    /// Core and the directory providers of the site's connectors.
    pub fn core(&self) -> &Directory {
        &self.handle.0.directory
    }

    /// Moves the clock to an instant, forward or backward.
    pub fn set_clock(&self, now: Timestamp) {
        self.handle.0.environment.clock.set(now);
    }

    /// Moves the clock forward.
    pub fn advance_days(&self, days: u32) {
        self.handle.0.environment.clock.advance_days(Days::of(days));
    }

    /// Moves the clock forward.
    pub fn advance_minutes(&self, minutes: i64) {
        self.handle.0.environment.clock.advance_minutes(minutes);
    }

    /// One pass of the clockwork.
    ///
    /// # Panics
    /// When it fails; see [`Site::try_tick`].
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "most tests want what it does")]
    pub fn tick(&self) -> Pass {
        self.try_tick().expect("the clockwork runs")
    }

    /// One pass of the clockwork, or why it did not run.
    pub fn try_tick(&self) -> Result<Pass, Refusal> {
        self.handle.with_ports(async |ports| run_due(ports).await).map_err(Failure::into_refusal)
    }

    /// One pass of the drift check's loop.
    ///
    /// # Panics
    /// When it fails.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "most tests want what it does")]
    pub fn check_drift(&self) -> DriftPass {
        self.try_check_drift().expect("the drift check runs")
    }

    /// One pass of the drift check's loop, or why it did not run.
    ///
    /// # Errors
    /// The refusal.
    pub fn try_check_drift(&self) -> Result<DriftPass, Refusal> {
        self.handle
            .with_ports(async |ports| clearance::drift::run_due(ports).await)
            .map_err(Failure::into_refusal)
    }

    /// One pass of the runner at every connector.
    ///
    /// # Panics
    /// When it fails.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "most tests want what it does")]
    pub fn run_jobs(&self) -> Ran {
        self.try_run_jobs().expect("the runner runs")
    }

    /// One pass of the runner at every connector, or why it did not run.
    ///
    /// # Errors
    /// The refusal.
    pub fn try_run_jobs(&self) -> Result<Ran, Refusal> {
        self.handle
            .with_ports(async |ports| clearance::provisioning::run_due(ports).await)
            .map_err(Failure::into_refusal)
    }

    /// Runs every job that is due at some connectors, each in a task of its own on the threads of the server, as its own loop does, but without
    /// that loop's pauses: a pass ends when what the connector lets through is used up for the moment.
    ///
    /// # Panics
    /// When a pass fails.
    pub fn run_jobs_at(&self, connectors: impl IntoIterator<Item = ConnectorId>) {
        let app = Arc::clone(&self.handle.running().as_ref().expect("the site runs").app);
        let mut tasks = JoinSet::new();
        for connector in connectors {
            let app = Arc::clone(&app);
            let all = async move {
                loop {
                    let ran = clearance::provisioning::run_connector(&app.ports, connector).await;
                    let ran = ran.expect("the runner runs");
                    if ran.is_idle() && ran.next_at.is_none() {
                        return;
                    }
                    tokio::task::yield_now().await;
                }
            };
            tasks.spawn_on(all, self.handle.0.runtime.handle());
        }
        self.handle.0.runtime.block_on(tasks.join_all());
    }

    /// Lets the server's own loop run jobs while `work` is done. It sleeps in real time, so the clock must go.
    ///
    /// # Panics
    /// When the loop does.
    pub fn while_jobs_run<T>(&self, work: impl FnOnce() -> T) -> T {
        let (stop, stopped) = watch::channel(false);
        let app = Arc::clone(&self.handle.running().as_ref().expect("the site runs").app);
        let served = self.handle.0.runtime.spawn(jobs::run(app, stopped));
        let done = work();
        drop(stop);
        self.handle.0.runtime.block_on(served).expect("the loop ends");
        // What was on its way to the disk is there before this is.
        self.group("Behind the last job");
        done
    }

    /// Lets the clock go so many times as fast as time from now on; 0 lets it stand still.
    pub fn let_clock_go(&self, speed: u32) {
        self.handle.0.environment.clock.go(speed);
    }

    /// So many passes of the runner at the same time, as several processes make them.
    ///
    /// # Panics
    /// When one fails.
    #[track_caller]
    pub fn run_jobs_at_once(&self, passes: usize) -> Vec<Ran> {
        let passes = self.handle.with_ports(async |ports| {
            let passes = (0..passes).map(|_| clearance::provisioning::run_due(ports));
            futures::future::join_all(passes).await
        });
        passes.into_iter().map(|pass| pass.expect("the runner runs")).collect()
    }

    /// So many passes of the clockwork at the same time, as several processes make them.
    ///
    /// # Panics
    /// When one fails.
    #[track_caller]
    pub fn tick_at_once(&self, passes: usize) -> Vec<Pass> {
        let passes = self.handle.with_ports(async |ports| {
            let passes = (0..passes).map(|_| run_due(ports));
            futures::future::join_all(passes).await
        });
        passes.into_iter().map(|pass| pass.expect("the clockwork runs")).collect()
    }

    /// Runs an operation from the host's command line. What then waits for a second administrator of tools, people and settings has one agree.
    ///
    /// # Panics
    /// When it is refused; see [`Site::perform`].
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "most tests want what it does")]
    pub fn console(&self, operation: &str, input: Value) -> Value {
        self.try_console(operation, &input).unwrap_or_else(|refusal| panic!("{operation}: {refusal:?}"))
    }

    /// The same, or why not.
    ///
    /// # Errors
    /// The operation's refusal, or that of the confirmation.
    pub fn try_console(&self, operation: &str, input: &Value) -> Result<Value, Refusal> {
        let answer = self.perform(Caller::Console, operation, input)?;
        let id = |pointer: &str| answer.pointer(pointer).cloned().unwrap_or_default();
        let shown = match operation {
            "catalog.put" => ("catalog.get", json!({ "tool": id("/proposal/tool/id") })),
            "people.put" => ("people.get", json!({ "person": id("/proposal/person/id") })),
            "settings.put" => ("settings.get", json!({})),
            _ => return Ok(answer),
        };
        if answer["proposal"].is_null() {
            return Ok(answer);
        }
        self.agree(&answer["proposal"])?;
        self.perform(Caller::Console, shown.0, &shown.1)
    }

    /// One of the administrators confirms a proposal.
    fn agree(&self, proposal: &Value) -> Result<Value, Refusal> {
        let first = self.with_store(async |store| {
            let roster: Option<Loaded<AdministratorRoster>> =
                load(store, AdministratorRoster::KEY).await.expect("the store");
            roster.and_then(|roster| roster.people.first().copied()).expect("an administrator")
        });
        self.act(&first.to_string(), "proposals.confirm", &json!({ "proposal": proposal["id"] }))
    }

    /// Runs an operation as a person in a browser of theirs, beneath the HTTP surface. Whoever has left is nobody.
    ///
    /// # Errors
    /// The refusal.
    ///
    /// # Panics
    /// When there is no such person.
    pub fn act(&self, person: &str, operation: &str, input: &Value) -> Result<Value, Refusal> {
        let person = self.with_store(async |store| {
            let person = load::<Person>(store, person).await.expect("the store");
            person.expect("the person exists")
        });
        let (standing, credential) = (Standing::Own, Credential::Session);
        let caller = if person.is_active() {
            let principal = Principal { person, standing, signed_in_at: self.now(), credential };
            Caller::Person(Box::new(principal))
        } else {
            Caller::Anonymous
        };
        self.perform(caller, operation, input)
    }

    /// Runs an operation beneath the HTTP surface, as any caller.
    pub fn perform(&self, caller: Caller, operation: &str, input: &Value) -> Result<Value, Refusal> {
        self.handle.perform(caller, operation, input)
    }

    /// Everything stored.
    pub fn snapshot(&self) -> Snapshot {
        self.handle.with_ports(async |ports| Snapshot::take(ports.store(), kinds()).await)
    }

    /// Kinds of the log's entries, from the first on.
    pub fn log_kinds(&self) -> Vec<String> {
        self.handle.with_ports(async |ports| invariants::log_kinds(ports.store()).await)
    }

    /// What does not hold of the site, in words; see [`invariants`].
    pub fn broken(&self) -> Vec<String> {
        self.handle.with_ports(async |ports| invariants::broken(ports.store()).await)
    }

    /// Does something with the store, behind the rules' back.
    pub fn with_store<T>(&self, work: impl AsyncFnOnce(&Storage) -> T) -> T {
        self.handle.with_ports(async |ports| work(ports.store()).await)
    }

    /// The store of a site in memory.
    pub(crate) fn memory(&self) -> MemoryStore {
        match &self.handle.0.medium {
            Medium::Memory(store) => store.clone(),
            Medium::Disk(_) => panic!("this site is on disk"),
        }
    }

    /// Where the files of a site on disk are.
    ///
    /// # Panics
    /// When the site is in memory.
    pub fn directory(&self) -> &Path {
        match &self.handle.0.medium {
            Medium::Disk(directory) => directory.path(),
            Medium::Memory(_) => panic!("this site has no files"),
        }
    }

    /// Lets go of the site without checking it: a test has spoiled it.
    pub fn leave_as_it_is(mut self) {
        self.spoiled = true;
    }

    /// Reads the log anew and compares every document with the others and with the log.
    ///
    /// # Panics
    /// When anything is not as it should be.
    #[track_caller]
    pub fn check(&self) {
        let broken = self.broken();
        assert!(broken.is_empty(), "the site is not sound:\n{}", broken.join("\n"));
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if !(self.spoiled || std::thread::panicking()) {
            self.check();
        }
    }
}
