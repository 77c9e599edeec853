//! SIGKILL at any moment while 500 memberships change: what was answered holds, what was not is made by asking again, and nothing that is
//! late has any effect.

use std::io::{BufRead as _, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use ardsaor_core::{Environment as _, System};
use core_protocol::key::SigningKey;
use core_protocol::message::{Answer, CALL_PATH, Call, Operation, Outcome, RefusalReason};
use core_protocol::pairing::{PAIRING_PATH, PairingAnswer, PairingCode};
use core_protocol::signature::{Nonce, Request, Response, Validity, sign_request, verify_response};
use futures_util::future::join_all;
use sha2::{Digest as _, Sha256};
use testkit_directories::{Entra, Okta};
use tokio::sync::watch;

use crate::support::directory::Kind;

const ACCOUNTS: u32 = 25;
const CHANGES: u32 = 20;
/// At least.
const KILLS: u64 = 10;
const AUTHORITY: &str = "core.test";

/// Chance that is the same in every run.
fn chance(of: u64, number: u64) -> u64 {
    let hash = Sha256::digest([of.to_be_bytes(), number.to_be_bytes()].concat());
    u64::from_be_bytes(hash[..8].try_into().unwrap())
}

/// The program, serving.
struct Program {
    child: Child,
    // Kept open: a program that cannot say what it has to say ends.
    _said: Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Program {
    fn start(data: &Path, okta: &Okta, entra: &Entra) -> Self {
        let stand_ins = format!("okta={},entra={}", okta.address(), entra.address());
        let mut child = Command::new(env!("CARGO_BIN_EXE_ardsaor-core"))
            .args(["serve", "--dangerous-loopback-providers", &stand_ins, "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = said.next().unwrap().unwrap();
        let address = line.rsplit(' ').next().unwrap().to_owned();
        Self { child, _said: said, address }
    }

    fn restart(&mut self, data: &Path, okta: &Okta, entra: &Entra) {
        *self = Self::start(data, okta, entra);
    }

    /// SIGKILL.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An installation's backend, which knows where Core is now.
struct Backend {
    http: reqwest::Client,
    key: SigningKey,
    drawn: AtomicU64,
    address: watch::Receiver<String>,
}

impl Backend {
    fn nonce(&self) -> Nonce {
        let drawn = self.drawn.fetch_add(1, Ordering::Relaxed);
        Nonce::from_entropy(Sha256::digest(drawn.to_be_bytes())[..16].try_into().unwrap())
    }

    /// The answer, or nothing when the program went away before it.
    async fn post(&self, key: &SigningKey, path: &str, body: Vec<u8>, nonce: &Nonce) -> Option<Vec<u8>> {
        let request =
            Request { method: "POST", authority: AUTHORITY, path, query: None, headers: &[], body: &body };
        let signed = sign_request(key, &request, Validity::new(System.now(), 60).unwrap(), nonce).unwrap();
        let url = format!("http://{}{path}", *self.address.borrow());
        let mut post = self.http.post(url).header("host", AUTHORITY).body(body.clone());
        for (name, value) in signed.fields() {
            post = post.header(name, value);
        }
        let response = post.send().await.ok()?;
        let (status, fields) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.ok()?.to_vec();
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        let answered = Response { status, headers: &fields, body: &body };
        verify_response(key, &answered, signed.signature(), System.now()).unwrap();
        Some(body)
    }

    /// What came of an operation; asked again, with a new nonce, for as long as the program goes away.
    async fn call(&self, kind: Kind, operation: &Operation) -> Outcome {
        let mut address = self.address.clone();
        loop {
            address.mark_unchanged();
            let nonce = self.nonce();
            let call = Call { connector: kind.connector(&self.key, &nonce), operation: operation.clone() };
            let body = serde_json::to_vec(&call).unwrap();
            if let Some(answer) = self.post(&self.key, CALL_PATH, body, &nonce).await {
                return serde_json::from_slice::<Answer>(&answer).unwrap().outcome;
            }
            // Back under another address, unless it was there again before it was asked.
            address.changed().await.unwrap();
        }
    }
}

/// Whether the account is in the group, whatever reads show.
fn is_member(kind: Kind, okta: &Okta, entra: &Entra, account: u32) -> bool {
    let (group, account) = (kind.group(1), kind.account(account));
    match kind {
        Kind::OktaToken | Kind::OktaAssertions => okta.is_member(group.as_str(), account.as_str()),
        Kind::EntraSecret | Kind::EntraAssertion => entra.is_member(group.as_str(), account.as_str()),
    }
}

/// One account in and out of a group, each change only after the one before was answered.
async fn change(backend: &Backend, kind: Kind, account: u32, okta: &Okta, entra: &Entra) {
    for fence in 1..=CHANGES {
        let add = chance(u64::from(account), fence.into()).is_multiple_of(2);
        let wanted = if add { kind.add(1, account, fence) } else { kind.remove(1, account, fence) };
        let outcome = backend.call(kind, &wanted).await;
        assert!(matches!(outcome, Outcome::Changed {} | Outcome::Already {}), "{wanted:?}: {outcome:?}");
        assert_eq!(is_member(kind, okta, entra, account), add, "what was answered is so");
        // The change before comes once more, late.
        if fence > 1 {
            let late = if add { kind.remove(1, account, fence - 1) } else { kind.add(1, account, fence - 1) };
            let outcome = backend.call(kind, &late).await;
            assert_eq!(outcome, Outcome::Refused { reason: RefusalReason::FenceTooLow });
            assert_eq!(is_member(kind, okta, entra, account), add, "what is late changes nothing");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_during_500_changes_it_ends_as_the_last_of_each_says() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let data = tempfile::tempdir().unwrap();
    std::fs::write(
        data.path().join("core.toml"),
        format!("listen = '127.0.0.1:0'\nauthority = '{AUTHORITY}'"),
    )
    .unwrap();
    let (okta, entra) =
        (Okta::start(System.now().0).await.unwrap(), Entra::start(System.now().0).await.unwrap());
    let kind_of = |account: u32| if account.is_multiple_of(2) { Kind::OktaToken } else { Kind::EntraSecret };
    okta.put_plain_group(Kind::OktaToken.group(1).as_str(), "AI users");
    entra.put_plain_group(Kind::EntraSecret.group(1).as_str(), "AI users");
    for account in 0..ACCOUNTS {
        let id = kind_of(account).account(account);
        match kind_of(account) {
            Kind::OktaToken => okta.put_user(id.as_str(), &format!("person{account}"), "ACTIVE"),
            _ => entra.put_user(id.as_str(), &format!("person{account}"), true),
        }
    }
    let added = Command::new(env!("CARGO_BIN_EXE_ardsaor-core"))
        .args(["installation", "add", "Acme", "--kind", "self-hosted", "--data"])
        .arg(data.path())
        .output();
    let added = String::from_utf8(added.unwrap().stdout).unwrap();
    let code = added.split_whitespace().find(|word| word.starts_with("pair_")).unwrap();
    let pairing = PairingCode::parse(code).unwrap().key();

    let mut running = Program::start(data.path(), &okta, &entra);
    let (moved, address) = watch::channel(running.address.clone());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut backend = Backend { http, key: pairing.clone(), drawn: AtomicU64::new(0), address };
    let nonce = backend.nonce();
    let paired = backend.post(&pairing, PAIRING_PATH, b"{}".to_vec(), &nonce).await.unwrap();
    let paired: PairingAnswer = serde_json::from_slice(&paired).unwrap();
    backend.key = paired.open(&pairing, &nonce).unwrap();
    for kind in [Kind::OktaToken, Kind::EntraSecret] {
        let bound = backend.call(kind, &kind.bind(1)).await;
        assert!(matches!(bound, Outcome::Group { .. }), "{bound:?}");
    }

    let backend = &backend;
    let changes = (0..ACCOUNTS).map(|account| change(backend, kind_of(account), account, &okta, &entra));
    let mut kills = 0;
    let killing = async {
        loop {
            // After so many more requests arrived at the providers, anywhere within a call.
            let asked = || okta.asked() + entra.asked();
            let wanted = asked() + 20 + chance(1_000, kills) % 100;
            while asked() < wanted {
                tokio::task::yield_now().await;
            }
            for _ in 0..chance(2_000, kills) % 200 {
                tokio::task::yield_now().await;
            }
            running.kill();
            running.restart(data.path(), &okta, &entra);
            moved.send(running.address.clone()).unwrap();
            kills += 1;
        }
    };
    tokio::select! {
        _ = join_all(changes) => {}
        () = killing => {}
    }
    assert!(kills >= KILLS, "it was killed {kills} times");
    for account in 0..ACCOUNTS {
        let last = chance(account.into(), CHANGES.into()).is_multiple_of(2);
        assert_eq!(is_member(kind_of(account), &okta, &entra, account), last);
    }
}
