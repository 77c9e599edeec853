//! A data directory with a small company in it, and the real program on it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use clearance::authorization::Caller;
use clearance::operations::{Call, perform};
use clearance_server::data::{DataDirectory, LocalHost};
use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_clearance");

/// A data directory.
pub(crate) struct Data(TempDir);

/// Somebody who calls: an id and a token.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Data {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn directory(&self) -> DataDirectory {
        DataDirectory::new(self.0.path())
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs a command of the program; its output when it succeeds.
    pub(crate) fn says(&self, arguments: &[&str]) -> String {
        let output = Command::new(PROGRAM).args(arguments).arg("--data").arg(self.0.path()).output().unwrap();
        let (said, complained) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {said}{complained}");
        said.into_owned()
    }
}

/// Runs an operation as the host's command line would.
pub(crate) async fn console(host: &LocalHost, operation: &str, input: Value) -> Value {
    let input = input.to_string();
    let call = Call { operation, caller: Caller::Console, input: input.as_bytes(), idempotency_key: None };
    serde_json::from_slice(&perform(host, call).await.unwrap()).unwrap()
}

/// Closes the database, finishing what waits.
pub(crate) fn close(host: LocalHost) {
    let LocalHost { store, core, .. } = host;
    drop(core);
    Arc::into_inner(store).unwrap().close().unwrap();
}

/// Adds a person, with a token.
pub(crate) async fn person(host: &LocalHost, name: &str) -> Person {
    person_with(host, json!({ "name": name })).await
}

/// Adds a person as `people.put` takes them, with a token.
pub(crate) async fn person_with(host: &LocalHost, input: Value) -> Person {
    let added = console(host, "people.put", input).await;
    let id = added["person"]["id"].as_str().unwrap().to_owned();
    let created = console(host, "tokens.create", json!({ "person": id })).await;
    Person { id, token: created["secret"].as_str().unwrap().to_owned() }
}

/// Adds a tool; its id.
pub(crate) async fn tool(host: &LocalHost, name: &str, risk: &str, owners: &[&str]) -> String {
    let input = json!({
        "name": name, "vendor": "Example", "category": "assistant", "summary": "For tests", "risk": risk,
        "status": "requestable", "data_classes": ["internal"], "default_days": 1, "max_days": 90, "owners": owners,
    });
    console(host, "catalog.put", input).await["tool"]["id"].as_str().unwrap().to_owned()
}

/// The program, serving.
pub(crate) struct Server {
    child: Child,
    // Kept open: a program that cannot say what it has to say ends.
    _said: Lines<BufReader<ChildStdout>>,
    pub(crate) address: String,
}

impl Server {
    /// Starts it, behind another program or not, and waits until it says where it is.
    pub(crate) fn start(data: &Data, behind: &[&OsStr]) -> Self {
        Self::start_with(data, behind, &[])
    }

    /// The same, with more arguments.
    pub(crate) fn start_with(data: &Data, behind: &[&OsStr], more: &[&OsStr]) -> Self {
        let words: Vec<&OsStr> = behind.iter().copied().chain([OsStr::new(PROGRAM)]).collect();
        let log = File::options().create(true).append(true).open(data.file("server.log")).unwrap();
        let mut child = Command::new(words[0])
            .args(&words[1..])
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.0.path())
            .args(more)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = said
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once(" is at ")?.1.to_owned()));
        let address = address.unwrap_or_else(|| {
            panic!("it does not serve: {}", std::fs::read_to_string(data.file("server.log")).unwrap())
        });
        Self { child, _said: said, address }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it: SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) {
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Calls an operation; status and body, or nothing when the server went away before it had answered.
///
/// Without a key it is no command that counts once.
pub(crate) async fn call(
    http: &reqwest::Client,
    address: &str,
    by: &Person,
    (operation, input, key): (&str, &Value, &str),
) -> Option<(u16, Value)> {
    let mut request = http.post(format!("{address}/api/v1/{operation}")).bearer_auth(&by.token);
    if !key.is_empty() {
        request = request.header("idempotency-key", key);
    }
    let request = request.header("content-type", "application/json");
    let response = request.body(input.to_string()).send().await.ok()?;
    let status = response.status().as_u16();
    let body = response.bytes().await.ok()?;
    Some((status, serde_json::from_slice(&body).unwrap()))
}

/// A client that talks to this machine alone.
pub(crate) fn http() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy().build().unwrap()
}
