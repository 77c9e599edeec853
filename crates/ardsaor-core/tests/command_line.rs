//! The program itself, beside a Core that serves.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use ardsaor_core::{Environment as _, System};
use core_protocol::key::SigningKey;
use core_protocol::message::{CALL_PATH, Call, Operation, Outcome};
use core_protocol::pairing::{PAIRING_PATH, PairingAnswer, PairingCode};
use core_protocol::signature::{Nonce, Request, Validity, sign_request};

use crate::support::Site;
use crate::support::directory::Kind;

fn run(data: &Path, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_ardsaor-core");
    Command::new(program).args(arguments).arg("--data").arg(data).output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn installations_are_added_and_changed_beside_a_running_core() {
    let site = Site::start().await;
    let data = site.data.path().join("core");
    // The program's clock is the real one, which the test's Core must share for the code's ten minutes.
    site.surroundings.set(&System);
    let added = printed(&run(&data, &["installation", "add", "Acme", "--kind", "self-hosted"]));
    let code = added.split_whitespace().find(|word| word.starts_with("pair_")).unwrap();
    let caller = site.pair(&PairingCode::parse(code).unwrap(), &[]).await.unwrap();
    let kind = Kind::OktaToken;
    let test = || Operation::TestConnector {};
    assert_eq!(kind.call(&site, &caller, test()).await, Outcome::Connected {});

    let id = caller.installation.as_str();
    let listed = printed(&run(&data, &["installation", "list"]));
    assert!(listed.contains(id) && listed.contains("enabled") && listed.contains("1 keys"), "{listed}");
    assert!(!listed.contains(caller.key.to_text().as_str()));
    printed(&run(&data, &["installation", "disable", id]));
    let prepared = site.prepare(&caller, |key, nonce| kind.connector(key, nonce), test());
    assert_eq!(site.send(&prepared).await.code(), "installation_disabled");
    printed(&run(&data, &["installation", "enable", id]));
    assert_eq!(kind.call(&site, &caller, test()).await, Outcome::Connected {});
    let rotated = printed(&run(&data, &["installation", "rotate-key", id]));
    let code = rotated.split_whitespace().find(|word| word.starts_with("pair_")).unwrap();
    assert!(site.pair(&PairingCode::parse(code).unwrap(), &[]).await.is_ok());

    let unknown = run(&data, &["installation", "disable", "inst_unknown"]);
    assert!(!unknown.status.success());
    // One Core serves from a directory: a second one does not start.
    let second = run(&data, &["serve"]);
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("another ardsaor-core"), "{second:?}");
}

/// The program, serving on a free port; it is killed when a test ends.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start(data: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ardsaor-core"));
        command.arg("serve").arg("--data").arg(data).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self { child, address }
    }

    /// Sends a request by hand, and gives status and body.
    async fn post(&self, key: &SigningKey, path: &str, body: &str, nonce: &Nonce) -> (u16, String) {
        let request = Request {
            method: "POST",
            authority: "core.test",
            path,
            query: None,
            headers: &[],
            body: body.as_bytes(),
        };
        let signed = sign_request(key, &request, Validity::new(System.now(), 60).unwrap(), nonce).unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("http://{}{path}", self.address);
        let mut request = client.post(url).header("host", "core.test").body(body.to_owned());
        for (name, value) in signed.fields() {
            request = request.header(name, value);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn what_was_answered_outlives_the_program_s_being_killed() {
    let data = tempfile::tempdir().unwrap();
    std::fs::write(data.path().join("core.toml"), "listen = '127.0.0.1:0'\nauthority = 'core.test'").unwrap();
    let added = printed(&run(data.path(), &["installation", "add", "Acme", "--kind", "self-hosted"]));
    let code = added.split_whitespace().find(|word| word.starts_with("pair_")).unwrap();
    let pairing = PairingCode::parse(code).unwrap().key();
    let nonce = |number: u8| Nonce::from_entropy([number; 16]);

    let serving = Serving::start(data.path());
    let (status, body) = serving.post(&pairing, PAIRING_PATH, "{}", &nonce(1)).await;
    assert_eq!(status, 200, "{body}");
    let answer: PairingAnswer = serde_json::from_str(&body).unwrap();
    let key = answer.open(&pairing, &nonce(1)).unwrap();
    // An operation that needs no provider.
    let call = |nonce: &Nonce| {
        let operation = Operation::ReleaseGroup { group: "00g1".parse().unwrap() };
        serde_json::to_string(&Call { connector: Kind::OktaToken.connector(&key, nonce), operation }).unwrap()
    };
    let released = serving.post(&key, CALL_PATH, &call(&nonce(2)), &nonce(2)).await;
    assert_eq!(released, (200, "{\"outcome\":{\"kind\":\"already\"}}".to_owned()));
    drop(serving);

    let serving = Serving::start(data.path());
    let replayed = serving.post(&key, CALL_PATH, &call(&nonce(2)), &nonce(2)).await;
    assert_eq!(replayed, (401, "{\"error\":{\"code\":\"nonce_used\"}}".to_owned()));
    let again = serving.post(&pairing, PAIRING_PATH, "{}", &nonce(3)).await;
    assert_eq!(again, (401, "{\"error\":{\"code\":\"pairing_code_unknown\"}}".to_owned()));
    let fresh = serving.post(&key, CALL_PATH, &call(&nonce(4)), &nonce(4)).await;
    assert_eq!(fresh.0, 200, "{}", fresh.1);
}

#[test]
fn only_a_dangerous_argument_sends_calls_elsewhere_and_never_off_this_machine() {
    let data = tempfile::tempdir().unwrap();
    let with = |stand_ins: &str| run(data.path(), &["serve", "--dangerous-loopback-providers", stand_ins]);
    for stand_ins in [
        "okta=10.0.0.1:4010,entra=127.0.0.1:4020",
        "okta=127.0.0.1:4010,entra=192.0.2.1:4020",
        "okta=[::]:4010,entra=[::1]:4020",
        "okta=0.0.0.0:4010,entra=127.0.0.1:4020",
        "okta=[::ffff:10.0.0.1]:4010,entra=127.0.0.1:4020",
    ] {
        let refused = with(stand_ins);
        assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("loopback"));
    }
    for nonsense in
        ["", "okta=127.0.0.1:4010", "okta=localhost:1,entra=localhost:2", "127.0.0.1:1,127.0.0.1:2"]
    {
        assert!(!with(nonsense).status.success(), "{nonsense}");
    }
    // It is no setting.
    std::fs::write(
        data.path().join("core.toml"),
        "dangerous_loopback_providers = 'okta=127.0.0.1:1,entra=127.0.0.1:2'",
    )
    .unwrap();
    assert!(!run(data.path(), &["config", "check"]).status.success());
}

#[test]
fn a_configuration_is_checked_without_starting() {
    let data = tempfile::tempdir().unwrap();
    assert!(printed(&run(data.path(), &["config", "check"])).contains("127.0.0.1:8790"));
    std::fs::write(data.path().join("core.toml"), "listen = '0.0.0.0:8790'").unwrap();
    let refused = run(data.path(), &["config", "check"]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("in the clear"), "{refused:?}");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_database() {
    use std::os::unix::fs::PermissionsExt as _;

    let data = tempfile::tempdir().unwrap();
    let directory = data.path().join("core");
    printed(&run(&directory, &["installation", "list"]));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    assert_eq!(mode(&directory.join("core.sqlite")), 0o600);
}
