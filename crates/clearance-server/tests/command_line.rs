//! The program as its operator uses it: every command on a data directory, with and without a server on it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

#[path = "command_line/core.rs"]
mod core;
#[path = "command_line/independent_client.rs"]
mod independent_client;
#[path = "command_line/policy.rs"]
mod policy;
#[path = "command_line/tampering.rs"]
mod tampering;
#[path = "command_line/vault.rs"]
mod vault;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_clearance");

/// A data directory.
struct Data(TempDir);

impl Data {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(PROGRAM).args(arguments).arg("--data").arg(self.path()).output().unwrap()
    }

    /// What a command that works prints.
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        serde_json::from_str(&self.says(&arguments)).unwrap()
    }

    /// What a command that fails complains of.
    fn complains(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    fn add(&self, name: &str, role: &str) {
        let email = format!("{}@example.com", name.to_lowercase());
        self.says(&["people", "add", "--name", name, "--email", &email, "--role", role]);
    }

    fn token(&self, name: &str) -> String {
        self.token_of_scope(name, "act")
    }

    fn token_of_scope(&self, name: &str, scope: &str) -> String {
        let email = format!("{}@example.com", name.to_lowercase());
        let said = self.says(&["token", "create", "--person", &email, "--scope", scope]);
        said.lines().last().unwrap().to_owned()
    }
}

/// A file of people for `clearance people import`.
fn people(numbers: std::ops::Range<usize>) -> String {
    let mut file = "name,email,role,groups\n".to_owned();
    for number in numbers {
        writeln!(file, "Person {number},p{number}@example.com,,").unwrap();
    }
    file
}

/// A server that is killed with the test.
struct Server {
    child: Child,
    address: String,
    said: Lines<BufReader<ChildStdout>>,
    logged: Lines<BufReader<ChildStderr>>,
    http: reqwest::Client,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(data: &Data, more: &[&str]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(more)
            .arg("--data")
            .arg(data.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        let logged = BufReader::new(child.stderr.take().unwrap()).lines();
        let http = reqwest::Client::builder().danger_accept_invalid_certs(true).build().unwrap();
        let mut server = Self { child, address: String::new(), said, logged, http };
        let line = server.says("AI Clearance is at ");
        line.trim_start_matches("AI Clearance is at ").clone_into(&mut server.address);
        assert!(server.logs("serving").contains("\"level\":\"info\""));
        server
    }

    /// The next line it prints that begins so.
    fn says(&mut self, beginning: &str) -> String {
        self.said.by_ref().map(Result::unwrap).find(|line| line.starts_with(beginning)).unwrap()
    }

    /// The next line of its log with this in it.
    fn logs(&mut self, what: &str) -> String {
        self.logged.by_ref().map(Result::unwrap).find(|line| line.contains(what)).unwrap()
    }

    async fn call(&self, operation: &str, token: &str, input: Value) -> (u16, Value) {
        let url = format!("{}/api/v1/{operation}", self.address);
        let request = self.http.post(url).bearer_auth(token).body(input.to_string());
        let response = request.send().await.unwrap();
        (response.status().as_u16(), serde_json::from_str(&response.text().await.unwrap()).unwrap())
    }

    /// Asks it to end, and waits until it has.
    fn end(mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success() && self.child.wait().unwrap().success());
    }
}

#[tokio::test]
async fn people_tokens_and_catalogue_beside_a_running_server() {
    let data = Data::new();
    let server = Server::start(&data, &[]);
    data.add("Ada", "admin");
    assert_eq!(data.json(&["catalog", "load-starter"])["added"].as_u64(), Some(51));
    assert_eq!(data.json(&["catalog", "load-starter"])["added"].as_u64(), Some(0));
    let token = data.token("Ada");
    assert!(token.starts_with("clr_") && token.len() == 94, "alone on the last line");
    let (status, tools) = server.call("catalog.list", &token, json!({ "limit": 3 })).await;
    assert_eq!(
        (status, tools["items"].as_array().unwrap().len()),
        (200, 3),
        "the server sees what the command line did"
    );
    let (status, entries) =
        server.call("audit.entries", &token, json!({ "limit": 1, "newest_first": true })).await;
    assert_eq!(status, 200);
    let last = entries["items"][0]["entry"].as_str().unwrap();
    assert!(last.contains(r#""actor":"console""#) && last.contains("token.created"), "{last}");
    assert_eq!(data.json(&["audit", "verify"])["ok"], true);
    server.end();
    assert_eq!(data.json(&["audit", "verify", "--strict"])["ok"], true);
    assert!(data.complains(&["token", "create", "--person", "nobody@example.com"]).contains("nobody active"));
    assert!(
        data.complains(&["people", "add", "--name", "Ada", "--email", "ada@example.com"])
            .contains("email_in_use")
    );
}

#[tokio::test]
async fn the_first_administrator_gets_a_link_until_one_can_sign_in() {
    let data = Data::new();
    let mut server = Server::start(&data, &[]);
    let link = server.says("http://127.0.0.1:");
    assert!(link.starts_with(&format!("{}/set-up?token=", server.address)), "{link}");
    assert!(server.says("After that").contains("admin@localhost"));
    let url = format!("{}/session/set-up", server.address);
    let body = json!({ "token": link.split_once('=').unwrap().1, "password": "correct horse battery" });
    let request = server.http.post(url).header("x-clearance-csrf", "1").header("origin", &server.address);
    let response =
        request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 204);
    server.end();
    let mut server = Server::start(&data, &[]);
    let asked = Command::new("kill").args(["-TERM", &server.child.id().to_string()]).status().unwrap();
    assert!(asked.success());
    assert_eq!(server.said.by_ref().count(), 0, "no further link");
}

#[tokio::test]
async fn limits_hold_across_restarts_and_for_two_servers_on_one_directory() {
    let data = Data::new();
    let (first, second) = (Server::start(&data, &[]), Server::start(&data, &[]));
    data.add("Ada", "admin");
    data.add("Audrey", "auditor");
    let (admin, token) = (data.token("Ada"), data.token("Audrey"));
    let limits = json!({ "limits": { "tokens": { "per_hour": 1, "burst": 3 } } });
    assert_eq!(first.call("settings.put", &admin, limits).await.0, 200);
    let make = async |server: &Server| server.call("tokens.create", &token, json!({ "scope": "read" })).await;
    assert_eq!((make(&first).await.0, make(&second).await.0), (200, 200));
    // One is left, and both want it.
    let ((one, _), (other, _)) = tokio::join!(make(&first), make(&second));
    assert_eq!((one.min(other), one.max(other)), (200, 429));
    for server in [&first, &second] {
        let (status, refusal) = make(server).await;
        assert_eq!((status, refusal["error"]["code"].as_str()), (429, Some("rate_limited")));
    }
    // Tries to sign in are counted by both together, too.
    let guess = async |server: &Server, name: &str| {
        let body = json!({ "email": format!("{name}@example.com"), "password": "guess guess guess" });
        let request = server.http.post(format!("{}/session/sign-in", server.address));
        let request = request.header("x-clearance-csrf", "1").header("origin", &server.address);
        request
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    for server in [&first, &second, &first, &second, &first, &second, &first, &second, &first, &second] {
        assert_eq!(guess(server, "ada").await, 401);
    }
    assert_eq!((guess(&first, "ada").await, guess(&second, "ada").await), (429, 429));
    first.end();
    second.end();
    let restarted = Server::start(&data, &[]);
    assert_eq!((make(&restarted).await.0, guess(&restarted, "ada").await), (429, 429));
    assert_eq!(guess(&restarted, "audrey").await, 401);
    // The host's own command line is not counted.
    for _ in 0..3 {
        data.token("Audrey");
    }
}

#[tokio::test]
async fn an_erasure_is_begun_from_the_command_line_and_by_address_or_id() {
    let data = Data::new();
    let server = Server::start(&data, &[]);
    data.add("Ada", "admin");
    data.add("Zoe", "member");
    let admin = data.token("Ada");
    let begun = data.json(&["people", "erase", "--person", "zoe@example.com"]);
    assert_eq!((&begun["state"], &begun["waiting_for"]), (&json!("ending"), &json!([])));
    let id = begun["person"].as_str().unwrap();
    let said = data.says(&["people", "erase", "--person", id]);
    assert!(said.starts_with(&format!("{id} is being erased")), "{said}");
    let (status, seen) = server.call("people.erasure", &admin, json!({ "person": id })).await;
    assert_eq!((status, &seen["person"]), (200, &json!(id)));
    for nobody in ["nobody@example.com", "person_00000000000000000000000000", "nobody"] {
        data.complains(&["people", "erase", "--person", nobody]);
    }
}

#[test]
fn people_come_from_a_file_and_what_is_wrong_is_named() {
    let data = Data::new();
    let file = data.path().join("people.csv");
    let first = "name,email,role,groups,manager\nAda,ada@example.com,admin,Security; Writers,bob@example.com\nBob,bob@example.com,,,\n";
    std::fs::write(&file, first).unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(data.json(&["people", "import", file]), json!({ "added": 2, "changed": 0, "refused": [] }));
    let second = "name,email,role,groups,manager\nBob B,bob@example.com,auditor,writers,no@example.com\nEve,not an address,,,\nKim,kim@example.com,king,,\n";
    std::fs::write(file, second).unwrap();
    let output = data.run(&["people", "import", file]);
    assert!(!output.status.success());
    let (said, complained) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(said.trim(), "0 added, 1 changed, 3 refused.");
    assert!(
        complained.contains("not an address")
            && complained.contains("`king` is no role")
            && complained.contains("its manager: nobody has the address no@example.com"),
        "{complained}"
    );
}

#[test]
fn a_changed_byte_of_the_log_is_found_and_its_entry_named() {
    let data = Data::new();
    data.add("Ada", "member");
    assert!(data.says(&["audit", "verify"]).starts_with("The log is sound: 3 entries, root "));
    let database = data.path().join("clearance.db");
    let mut bytes = std::fs::read(&database).unwrap();
    let what = b"person.added";
    let place = bytes.windows(what.len()).position(|window| window == what).unwrap();
    bytes[place] = b'q';
    std::fs::write(&database, bytes).unwrap();
    let complaint = data.complains(&["audit", "verify"]);
    assert!(complaint.contains("NOT sound") && complaint.contains("entry 2"), "{complaint}");
    let output = data.run(&["audit", "verify", "--json"]);
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap()["ok"], false);
}

#[test]
fn a_backup_is_restored_and_a_loss_is_not_taken_silently() {
    let data = Data::new();
    data.add("Ada", "member");
    let backup = data.path().join("backup.db");
    let backup = backup.to_str().unwrap();
    let server = Server::start(&data, &[]);
    let head = data.json(&["backup", backup]);
    assert!(data.complains(&["backup", backup]).contains("already"), "nothing is overwritten");
    server.end();
    data.says(&["restore", backup]);
    data.add("Bob", "member");
    let complaint = data.complains(&["restore", backup]);
    assert!(
        complaint.contains("behind the database in place: 1 log entries")
            && complaint.contains("--accept-loss"),
        "{complaint}"
    );
    assert_eq!(data.json(&["people", "import", "/dev/null"])["added"], 0, "nothing was changed");
    data.says(&["restore", backup, "--accept-loss"]);
    assert_eq!(data.json(&["audit", "verify"])["root"], head["root"]);
    Server::start(&data, &[]).end();
}

#[test]
fn a_server_does_not_go_on_from_a_database_that_lost_entries() {
    let data = Data::new();
    data.add("Ada", "member");
    let backup = data.path().join("backup.db");
    data.says(&["backup", backup.to_str().unwrap()]);
    data.add("Bob", "member");
    Server::start(&data, &[]).end();
    assert!(data.path().join("known-checkpoint").is_file());
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(data.path().join(format!("clearance.db{suffix}")));
    }
    std::fs::copy(&backup, data.path().join("clearance.db")).unwrap();
    assert!(data.complains(&["serve", "--listen", "127.0.0.1:0"]).contains("behind its known checkpoint"));
    std::fs::remove_file(data.path().join("clearance.db")).unwrap();
    let complaint = data.complains(&["restore", backup.to_str().unwrap()]);
    assert!(complaint.contains("behind the known checkpoint"), "{complaint}");
}

#[tokio::test]
async fn tls_ends_here_when_configured() {
    let data = Data::new();
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(data.path().join("cert.pem"), certified.cert.pem()).unwrap();
    std::fs::write(data.path().join("key.pem"), certified.signing_key.serialize_pem()).unwrap();
    let config = "[tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n";
    std::fs::write(data.path().join("clearance.toml"), config).unwrap();
    assert_eq!(data.json(&["config", "check"])["transport"], "TLS");
    let server = Server::start(&data, &[]);
    assert!(server.address.starts_with("https://127.0.0.1:"), "{}", server.address);
    let response = server.http.get(format!("{}/healthz", server.address)).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(response.headers()["strict-transport-security"], "max-age=31536000");
    let plain = server.address.replace("https://", "http://");
    assert!(
        server.http.get(format!("{plain}/healthz")).send().await.is_err(),
        "nothing is said in the clear"
    );
    server.end();
}

#[test]
fn a_wrong_configuration_or_key_stops_the_server_with_its_reason() {
    let data = Data::new();
    std::fs::write(data.path().join("clearance.toml"), "listne = \"0.0.0.0:80\"\n").unwrap();
    for command in [&["config", "check"][..], &["serve"]] {
        let complaint = data.complains(command);
        assert!(complaint.contains("line 1") && complaint.contains("listne"), "{complaint}");
    }
    std::fs::write(data.path().join("clearance.toml"), "").unwrap();
    assert!(data.complains(&["serve", "--listen", "0.0.0.0:0"]).contains("in the clear"));
    Server::start(&data, &[]).end();
    std::fs::write(data.path().join("vault.key"), [7; 32]).unwrap();
    assert!(data.complains(&["serve", "--listen", "127.0.0.1:0"]).contains("not the key of this database"));
}

#[test]
fn the_log_of_a_server_holds_no_secrets_and_no_addresses() {
    let data = Data::new();
    data.add("Ada", "admin");
    std::fs::write(data.path().join("clearance.toml"), "[log]\nlevel = \"debug\"\n").unwrap();
    let token = data.token("Ada");
    let mut server = Server::start(&data, &[]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        server.call("people.list", &token, json!({})).await;
        server.call("people.put", &token, json!({ "name": 5, "email": "eve@example.com" })).await;
        server.call("no.such", "clr_wrong", json!({ "secret": "hunter2" })).await;
    });
    let asked = Command::new("kill").args(["-TERM", &server.child.id().to_string()]).status().unwrap();
    assert!(asked.success());
    let log: Vec<_> = server.logged.by_ref().map(Result::unwrap).collect();
    assert!(log.iter().any(|line| line.contains("people.list")), "requests are shown at this level: {log:?}");
    for secret in [token.as_str(), "clr_", "@example.com", "hunter2", "Bearer", "127.0.0.1"] {
        assert!(!log.iter().any(|line| line.contains(secret)), "{secret}: {log:?}");
    }
}

#[test]
fn whoever_stops_reading_the_output_causes_no_complaint() {
    let data = Data::new();
    data.says(&["catalog", "load-starter"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(PROGRAM);
    let output =
        command.args(["audit", "verify", "--data"]).arg(data.path()).stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(141), ""));
}

#[test]
fn evidence_is_exported_and_checked_with_nothing_but_the_file_and_the_key() {
    let data = Data::new();
    data.add("Ada", "admin");
    data.says(&["catalog", "load-starter"]);
    let (pack, elsewhere) = (data.path().join("pack.zip"), Data::new());
    let pack = pack.to_str().unwrap();
    let export = ["evidence", "export", "--from", "2020-01-01", "--to", "2100-01-01", "--output", pack];
    let exported = data.json(&export);
    let records = exported.pointer("/export/records").and_then(Value::as_u64).unwrap();
    assert!(records > 50, "{exported}");

    let key = data.says(&["evidence", "keys"]);
    let key = key.trim();
    let report = elsewhere.json(&["evidence", "verify", pack, "--key", key, "--strict"]);
    assert_eq!((&report["ok"], &report["records"]), (&json!(true), &json!(records)), "{report}");
    let said = elsewhere.says(&["evidence", "verify", pack, "--key", key]);
    assert!(said.contains("The pack is sound."), "{said}");

    // By a person's address; and the table of requests.
    let person = data.path().join("ada.zip");
    let person = person.to_str().unwrap();
    data.says(&["evidence", "export", "--person", "ada@example.com", "--output", person]);
    let keys = data.path().join("keys");
    std::fs::write(&keys, format!("{key}\n")).unwrap();
    elsewhere.says(&["evidence", "verify", person, "--key-file", keys.to_str().unwrap()]);
    let table = data.path().join("requests.csv");
    data.says(&["evidence", "requests", "--output", table.to_str().unwrap()]);
    assert!(std::fs::read_to_string(table).unwrap().starts_with("\"request\",\"state\""));

    // A changed byte, another key, a file that is no pack, and no file at all.
    let mut bytes = std::fs::read(pack).unwrap();
    bytes[200] ^= 1;
    std::fs::write(pack, bytes).unwrap();
    let output = elsewhere.run(&["evidence", "verify", pack, "--key", key, "--json"]);
    assert!(!output.status.success());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ok"], false, "{report}");
    let other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let output = elsewhere.run(&["evidence", "verify", person, "--key", other]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("NOT sound") && !output.status.success());
    assert!(!elsewhere.run(&["evidence", "verify", keys.to_str().unwrap(), "--key", key]).status.success());
    assert!(
        elsewhere.complains(&["evidence", "verify", "nowhere.zip", "--key", key]).contains("cannot read")
    );
    assert!(elsewhere.complains(&["evidence", "verify", person, "--key", "nonsense"]).contains("nonsense"));
    let parts = std::fs::read_dir(data.path()).unwrap().filter_map(Result::ok);
    assert!(parts.into_iter().all(|file| !file.file_name().to_string_lossy().ends_with(".part")));
    data.complains(&["evidence", "export", "--output", person]);
    data.complains(&["evidence", "export", "--from", "2020-01-01", "--output", person]);
}
