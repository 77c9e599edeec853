use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ardsaor_core::provider::Endpoints;
use ardsaor_core::{Core as Served, InstallationKind, InstallationStatus, Settings};
use clearance::documents::Document as _;
use clearance::ports::{
    Core as _, CoreCall, CoreError, EntraSignIn, Environment, OktaSignIn, ProviderSignIn, Secret,
};
use clearance::time::Timestamp;
use clearance_store::MemoryStore;
use core_protocol::UnixSeconds;
use core_protocol::key::SigningKey;
use core_protocol::message::{
    AccountId, EntraCloud, Fence, FollowUpReason, GroupId, Operation, Outcome, RefusalReason,
};
use core_protocol::signature::{Response, sign_response};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use testkit_directories::{Entra, Okta};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::key::{Pairing, place};
use super::{Address, CoreClient, Inside, Standing, Whereabouts};
use crate::vault::{VaultEntry, VaultKey};

const NOW: i64 = 1_757_607_710;

/// A clock that stands still, and entropy that counts.
#[derive(Debug, Clone, Default)]
struct Still(Arc<AtomicU64>);

impl Still {
    fn draw(&self) -> [u8; 32] {
        Sha256::digest(self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes()).into()
    }
}

impl Environment for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(NOW * 1000)
    }

    fn entropy(&self) -> [u8; 32] {
        self.draw()
    }
}

impl ardsaor_core::Environment for Still {
    fn now(&self) -> UnixSeconds {
        UnixSeconds(NOW)
    }

    fn entropy(&self) -> [u8; 32] {
        self.draw()
    }
}

type Store = Arc<MemoryStore>;

fn store() -> Store {
    Arc::new(MemoryStore::new(&[VaultEntry::KIND]))
}

fn key() -> VaultKey {
    VaultKey::new([1; 32])
}

fn client_at(address: &str, environment: &Still) -> CoreClient<Store, Still> {
    let whereabouts = Whereabouts::At(address.parse().unwrap());
    CoreClient::new(store(), environment.clone(), key(), whereabouts)
}

/// Core as a program of its own, with stand-ins for the providers.
struct Site {
    served: Served,
    okta: Okta,
    entra: Entra,
    environment: Still,
    client: CoreClient<Store, Still>,
    _data: TempDir,
}

impl Site {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let (okta, entra) = (Okta::start(NOW).await.unwrap(), Entra::start(NOW).await.unwrap());
        let endpoints = Endpoints::DangerousLoopback { okta: okta.address(), entra: entra.address() };
        let environment = Still::default();
        let settings = Settings::inside(data.path().join("core"));
        let served = Served::start(settings, environment.clone(), endpoints).await.unwrap();
        let client = client_at(&format!("http://{}", served.address()), &environment);
        Self { served, okta, entra, environment, client, _data: data }
    }

    async fn paired() -> Self {
        let site = Self::start().await;
        let installations = site.served.installations();
        let (id, code) = installations.add(&site.environment, "Acme", InstallationKind::SelfHosted).unwrap();
        assert_eq!(site.client.pair(&code).await.unwrap(), id);
        site
    }

    async fn call(&self, provider: ProviderSignIn, operation: Operation) -> Result<Outcome, CoreError> {
        self.client.call(CoreCall { provider, operation }).await.map(|answer| answer.outcome)
    }
}

fn okta(token: &str) -> ProviderSignIn {
    let credential = OktaSignIn::ApiToken(Secret::new(token).unwrap());
    ProviderSignIn::Okta { host: "acme.okta.com".parse().unwrap(), credential }
}

fn entra(secret: &str) -> ProviderSignIn {
    ProviderSignIn::Entra {
        cloud: EntraCloud::Global,
        tenant: Entra::TENANT.parse().unwrap(),
        client_id: Entra::CLIENT_ID.parse().unwrap(),
        credential: EntraSignIn::ClientSecret(Secret::new(secret).unwrap()),
    }
}

#[tokio::test]
async fn typed_secrets_reach_both_providers_and_changes_happen() {
    let site = Site::paired().await;
    for provider in [okta(Okta::API_TOKEN), entra(Entra::CLIENT_SECRET)] {
        assert_eq!(site.call(provider, Operation::TestConnector {}).await, Ok(Outcome::Connected {}));
    }
    let refused = Outcome::NeedsFollowUp { reason: FollowUpReason::CredentialsRefused };
    assert_eq!(site.call(okta("wrong"), Operation::TestConnector {}).await, Ok(refused));

    site.okta.put_plain_group("00g1", "AI users");
    site.okta.put_user("00u1", "ada@acme.example", "ACTIVE");
    let group: GroupId = "00g1".parse().unwrap();
    let account: AccountId = "00u1".parse().unwrap();
    let token = || okta(Okta::API_TOKEN);
    let bound = site.call(token(), Operation::BindGroup { group: group.clone() }).await;
    assert!(matches!(bound, Ok(Outcome::Group { .. })), "{bound:?}");
    let add = Operation::AddMember { group, account, fence: Fence(2) };
    assert_eq!(site.call(token(), add).await, Ok(Outcome::Changed {}));
    assert!(site.okta.is_member("00g1", "00u1"));
    // Core's own refusals are answers.
    let unbound = Operation::AddMember {
        group: "00g2".parse().unwrap(),
        account: "00u1".parse().unwrap(),
        fence: Fence(3),
    };
    let refused = Outcome::Refused { reason: RefusalReason::GroupNotBound };
    assert_eq!(site.call(token(), unbound).await, Ok(refused));
    assert!(site.entra.asked() > 0);
}

#[tokio::test]
async fn who_is_not_paired_or_disabled_is_told_so() {
    let site = Site::start().await;
    let test = || Operation::TestConnector {};
    assert_eq!(site.client.standing().await, Ok(Standing::NotPaired));
    assert_eq!(site.call(okta("x"), test()).await, Err(CoreError::NotConfigured));

    let site = Site::paired().await;
    assert_eq!(site.client.standing().await, Ok(Standing::Paired));
    let installations = site.served.installations();
    let id = installations.list(UnixSeconds(NOW)).unwrap().remove(0).id;
    installations.set_status(&id, InstallationStatus::Disabled).unwrap();
    let code = || "installation_disabled".to_owned();
    assert_eq!(site.client.standing().await, Ok(Standing::Refused(code())));
    assert_eq!(site.call(okta("x"), test()).await, Err(CoreError::Refused(code())));

    // A new code gives a new key, which is used from then on without starting anew; a used code gives nothing.
    installations.set_status(&id, InstallationStatus::Enabled).unwrap();
    let code = installations.rotate_key(&site.environment, &id).unwrap();
    site.client.pair(&code).await.unwrap();
    assert_eq!(site.call(okta(Okta::API_TOKEN), test()).await, Ok(Outcome::Connected {}));
    let again = site.client.pair(&code).await;
    assert_eq!(again, Err(CoreError::Refused("pairing_code_unknown".to_owned())));

    // Another Core does not know the key of this one, and a key for one address is not used at another.
    let other = Site::start().await;
    let moved = other.client.whereabouts().clone();
    let pairing =
        Pairing { installation: id, key: SigningKey::new("key_1".parse().unwrap(), &[3; 32]).unwrap() };
    keep(&other.client, &pairing.to_secret(&moved).unwrap()).await;
    assert_eq!(other.client.standing().await, Ok(Standing::Unknown));
    let refused = CoreError::Refused("signature_mismatch".to_owned());
    assert_eq!(other.call(okta("x"), test()).await, Err(refused));
    keep(&other.client, &pairing.to_secret(site.client.whereabouts()).unwrap()).await;
    assert_eq!(other.client.standing().await, Ok(Standing::NotPaired));
}

async fn keep(client: &CoreClient<Store, Still>, secret: &Secret) {
    use clearance::ports::Vault as _;
    let place = place(client.whereabouts()).unwrap();
    client.sealed().keep(&place, secret).await.unwrap();
}

/// Answers each request with what `answer` makes of the value of its `Signature`; gives the requests that came.
async fn impostor(
    answer: impl Fn(&str) -> Vec<u8> + Send + 'static,
) -> (std::net::SocketAddr, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, requests) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                request.extend_from_slice(&buffer[..read]);
                let text = String::from_utf8_lossy(&request).into_owned();
                let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
                let length: usize = length.map_or(0, |it| it.parse().unwrap());
                if text.split_once("\r\n\r\n").is_some_and(|(_, body)| body.len() >= length) {
                    break;
                }
            }
            let text = String::from_utf8_lossy(&request).into_owned();
            let signature =
                text.lines().find_map(|line| line.strip_prefix("signature: ")).unwrap_or_default();
            let _ = stream.write_all(&answer(signature)).await;
            let _ = stream.shutdown().await;
            let _ = sender.send(text);
        }
    });
    (address, requests)
}

fn answer(status: u16, more: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\n{more}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

fn signed(key: &SigningKey, request_signature: &str, created: i64, body: &str) -> Vec<u8> {
    let response = Response { status: 200, headers: &[], body: body.as_bytes() };
    let signed = sign_response(key, &response, request_signature, UnixSeconds(created)).unwrap();
    let fields = signed.fields().map(|(name, value)| format!("{name}: {value}\r\n")).concat();
    answer(200, &fields, body)
}

type Make = Box<dyn Fn(&str) -> Vec<u8> + Send>;

#[tokio::test]
async fn only_a_signed_answer_to_this_very_request_counts() {
    const BODY: &str = r#"{"outcome":{"kind":"connected"}}"#;
    let key = SigningKey::new("key_1".parse().unwrap(), &[3; 32]).unwrap();
    let other = SigningKey::new("key_1".parse().unwrap(), &[4; 32]).unwrap();
    let unreachable = |what: &str| Err(CoreError::Unreachable(what.to_owned()));
    let not_signed = || unreachable("its answer is not signed as the one to this request");
    let error = |code: &str| format!(r#"{{"error":{{"code":"{code}"}}}}"#);
    let plain = |status: u16, more: &'static str, body: String| -> Make {
        Box::new(move |_| answer(status, more, &body))
    };
    let with = |key: &SigningKey, created: i64, body: &'static str| -> Make {
        let key = key.clone();
        Box::new(move |signature| signed(&key, signature, created, body))
    };
    let other_request: Make = {
        let key = key.clone();
        Box::new(move |_| signed(&key, "sig=:AAAA:", NOW, BODY))
    };
    let cases: Vec<(Make, Result<Outcome, CoreError>)> = vec![
        (with(&key, NOW, BODY), Ok(Outcome::Connected {})),
        (with(&other, NOW, BODY), not_signed()),
        (with(&key, NOW - 3600, BODY), not_signed()),
        (other_request, not_signed()),
        (plain(200, "", BODY.to_owned()), not_signed()),
        (with(&key, NOW, r#"{"outcome":{"kind":"sideways"}}"#), unreachable("its answer is not understood")),
        (
            plain(307, "location: https://elsewhere.example/\r\n", String::new()),
            unreachable("it answered 307"),
        ),
        (plain(200, "", "x".repeat(4 * 1024 * 1024 + 1)), unreachable("its answer is too long")),
        (plain(503, "", error("busy")), unreachable("it answered 503 (busy)")),
        (plain(408, "", error("body_timeout")), unreachable("it answered 408 (body_timeout)")),
        (
            plain(503, "", error("database_unavailable")),
            unreachable("it answered 503 (database_unavailable)"),
        ),
        (plain(502, "", "<html>".to_owned()), unreachable("it answered 502")),
        (plain(404, "", "<html>".to_owned()), unreachable("it answered 404")),
        (plain(401, "", error("Not A Code\n")), unreachable("it answered 401")),
        (plain(401, "", error("nonce_used")), Err(CoreError::Refused("nonce_used".to_owned()))),
        (plain(421, "", error("wrong_authority")), Err(CoreError::Refused("wrong_authority".to_owned()))),
        (Box::new(|_| Vec::new()), unreachable("the exchange broke off")),
    ];
    for (number, (make, expected)) in cases.into_iter().enumerate() {
        let (address, _requests) = impostor(make).await;
        let client = client_at(&format!("http://{address}"), &Still::default());
        let pairing = Pairing { installation: "inst_1".parse().unwrap(), key: key.clone() };
        keep(&client, &pairing.to_secret(client.whereabouts()).unwrap()).await;
        let call = CoreCall { provider: okta("x"), operation: Operation::TestConnector {} };
        let outcome = client.call(call).await.map(|answer| answer.outcome);
        assert_eq!(outcome, expected, "case {number}");
    }
}

type Inner = CoreClient<Store, crate::environment::System>;

fn inner(data: &TempDir, store: &Store) -> Inner {
    let whereabouts = Whereabouts::Inside(data.path().join("core"));
    CoreClient::new(Arc::clone(store), crate::environment::System, key(), whereabouts)
}

#[tokio::test]
async fn core_inside_pairs_itself_serves_others_of_its_directory_and_stays_the_same_installation() {
    let (data, store) = (tempfile::tempdir().unwrap(), store());
    let started =
        async |client: &Inner| Inside::start(client.clone(), Endpoints::Public).await.unwrap().unwrap();
    let (first, second) = (inner(&data, &store), inner(&data, &store));
    assert_eq!(second.standing().await, Err(CoreError::NotConfigured));
    let inside = started(&first).await;
    let waiting = started(&second).await;
    assert_eq!(first.standing().await, Ok(Standing::Paired));
    assert_eq!(second.standing().await, Ok(Standing::Paired), "by the file with the address");
    second.reach().await.unwrap();
    let installation = first.pairing().await.unwrap().unwrap().installation;
    waiting.stop().await;
    assert_eq!(first.standing().await, Ok(Standing::Paired), "who only waited stops nobody else");
    inside.stop().await;
    let late = inner(&data, &store);
    assert_eq!(late.standing().await, Err(CoreError::NotConfigured));

    // The same key after a start anew.
    let again = inner(&data, &store);
    let inside = started(&again).await;
    assert_eq!(again.standing().await, Ok(Standing::Paired));
    inside.stop().await;

    // The vault forgot the key: the same installation gets a new one.
    let forgetful = inner(&data, &self::store());
    let inside = started(&forgetful).await;
    assert_eq!(forgetful.standing().await, Ok(Standing::Paired));
    assert_eq!(forgetful.pairing().await.unwrap().unwrap().installation, installation);
    inside.stop().await;

    // Core's database is another one: it does not know the key, and gives one.
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = inner(&elsewhere, &store);
    let inside = started(&moved).await;
    assert_eq!(moved.standing().await, Ok(Standing::Paired));
    inside.stop().await;
}

#[tokio::test]
async fn a_program_that_took_over_the_port_of_core_gets_no_credential() {
    let (data, store) = (tempfile::tempdir().unwrap(), store());
    let first = inner(&data, &store);
    let inside = Inside::start(first, Endpoints::Public).await.unwrap().unwrap();
    inside.stop().await;
    let (address, mut requests) = impostor(|_| answer(400, "", r#"{"error":{"code":"no_call"}}"#)).await;
    std::fs::write(data.path().join("core/address"), format!("{address}\n")).unwrap();
    let call = CoreCall { provider: okta("canary"), operation: Operation::TestConnector {} };
    let called = inner(&data, &store).call(call).await;
    assert_eq!(called, Err(CoreError::Unreachable("another program is at its address".to_owned())));
    assert!(requests.recv().await.unwrap().ends_with("\r\n\r\n{}"));
    assert!(requests.try_recv().is_err(), "nothing else was sent");
}

#[test]
fn an_address_file_leads_nowhere_but_to_this_machine() {
    let data = tempfile::tempdir().unwrap();
    for (text, leads) in [("127.0.0.1:5\n", true), ("10.0.0.1:5\n", false), ("", false), ("x", false)] {
        std::fs::write(data.path().join("address"), text).unwrap();
        assert_eq!(super::inside::address_in(data.path()).is_some(), leads, "{text:?}");
    }
    assert!(Address::try_from(std::net::SocketAddr::from(([127, 0, 0, 1], 5))).is_ok());
}
