//! Connectors on the server's own vault: what is signed for a provider, judged by another implementation; and secrets that nobody names.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clearance::authorization::Caller;
use clearance::clockwork::run_due;
use clearance::connector::Kept;
use clearance::operations::{Call, perform};
use clearance::ports::{
    Core, CoreCall, CoreError, EntraSignIn, Environment as _, Moment, OktaSignIn, ProviderSignIn, Secret,
    Vault as _,
};
use clearance_server::data::kinds;
use clearance_server::host::Host;
use clearance_server::vault::VaultKey;
use clearance_store::MemoryStore;
use core_protocol::message::{Answer, Assertion, Outcome};
use rsa::sha2::{Digest as _, Sha256};
use rsa::{BigUint, Pkcs1v15Sign, Pss, RsaPublicKey};
use serde_json::{Value, json};
use testkit::Seeded;

/// A Core that says yes and keeps what it was asked.
#[derive(Debug, Clone, Default)]
struct Recorder(Arc<Mutex<Vec<ProviderSignIn>>>);

impl Core for Recorder {
    async fn call(&self, call: CoreCall) -> Result<Answer, CoreError> {
        self.0.lock().unwrap().push(call.provider);
        let outcome = Outcome::Connected {};
        Ok(Answer { outcome, provider_request_ids: Vec::new(), provider_time: None, rate_limit: None })
    }
}

type TestHost = Host<MemoryStore, Seeded, Recorder>;

async fn host() -> TestHost {
    let host = Host {
        store: MemoryStore::new(kinds()),
        environment: Seeded::default(),
        vault: VaultKey::new([7; 32]),
        core: Recorder::default(),
    };
    clearance::site::initialize(&host).await.unwrap();
    host
}

async fn console(host: &TestHost, operation: &str, input: Value) -> Value {
    let input = input.to_string();
    let call = Call { operation, caller: Caller::Console, input: input.as_bytes(), idempotency_key: None };
    serde_json::from_slice(&perform(host, call).await.unwrap()).unwrap()
}

fn part(assertion: &Assertion, number: usize) -> Value {
    let part = assertion.expose().split('.').nth(number).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// What was signed, hashed, and the signature.
fn signed(assertion: &Assertion) -> (Vec<u8>, Vec<u8>) {
    let (message, signature) = assertion.expose().rsplit_once('.').unwrap();
    (Sha256::digest(message).to_vec(), URL_SAFE_NO_PAD.decode(signature).unwrap())
}

#[tokio::test]
async fn okta_gets_two_rs256_assertions_that_name_the_key_shown() {
    let host = host().await;
    let credential = json!({ "kind": "key_pair", "client_id": "0oa1" });
    let provider = json!({ "kind": "okta", "host": "acme.okta.com", "credential": credential });
    let added = console(&host, "connectors.put", json!({ "name": "Okta", "provider": provider })).await;
    console(&host, "connectors.test", json!({ "connector": added["connector"]["id"] })).await;
    let key = &added["connector"]["provider"]["credential"]["public_key"];
    let number =
        |name: &str| BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap());
    let verifier = RsaPublicKey::new(number("n"), number("e")).unwrap();
    let calls = host.core.0.lock().unwrap();
    let ProviderSignIn::Okta { credential: OktaSignIn::Assertions { first, second, .. }, .. } = &calls[0]
    else {
        panic!("{calls:?}")
    };
    let now = host.environment.now().as_millisecond() / 1000;
    for assertion in [first, second] {
        assert_eq!(part(assertion, 0), json!({ "alg": "RS256", "kid": key["kid"], "typ": "JWT" }));
        let claims = part(assertion, 1);
        assert_eq!((&claims["iss"], &claims["sub"]), (&json!("0oa1"), &json!("0oa1")));
        assert_eq!(claims["aud"], "https://acme.okta.com/oauth2/v1/token");
        assert_eq!((&claims["iat"], &claims["exp"]), (&json!(now), &json!(now + 300)));
        let (digest, signature) = signed(assertion);
        verifier.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, &signature).unwrap();
    }
    assert_ne!(part(first, 1)["jti"], part(second, 1)["jti"], "the nonce's demand uses up the first");
    assert!(!format!("{calls:?}").contains(first.expose()));
}

#[tokio::test]
async fn entra_gets_a_ps256_assertion_that_names_the_certificate_shown() {
    let host = host().await;
    let (tenant, application) =
        ("6babcaad-604b-40ac-a9d7-9fd97c0b779f", "11111111-2222-4333-8444-555555555555");
    let provider = json!({
        "kind": "entra", "cloud": "us_government", "tenant": tenant, "client_id": application,
        "credential": { "kind": "certificate" },
    });
    let added = console(&host, "connectors.put", json!({ "name": "Entra", "provider": provider })).await;
    console(&host, "connectors.test", json!({ "connector": added["connector"]["id"] })).await;
    let view = &added["connector"]["provider"]["credential"]["certificate"];
    let (_, pem) = x509_parser::pem::parse_x509_pem(view["pem"].as_str().unwrap().as_bytes()).unwrap();
    let certificate = pem.parse_x509().unwrap();
    let x509_parser::public_key::PublicKey::RSA(key) = certificate.public_key().parsed().unwrap() else {
        panic!("an RSA key")
    };
    let [n, e] = [key.modulus, key.exponent].map(BigUint::from_bytes_be);
    let verifier = RsaPublicKey::new(n, e).unwrap();
    let calls = host.core.0.lock().unwrap();
    let ProviderSignIn::Entra { credential: EntraSignIn::Assertion(assertion), .. } = &calls[0] else {
        panic!("{calls:?}")
    };
    let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(&pem.contents));
    assert_eq!(part(assertion, 0), json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint }));
    let claims = part(assertion, 1);
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!(application), &json!(application)));
    assert_eq!(claims["aud"], format!("https://login.microsoftonline.us/{tenant}/oauth2/v2.0/token"));
    let (digest, signature) = signed(assertion);
    verifier.verify(Pss::new_with_salt::<Sha256>(32), &digest, &signature).unwrap();
}

#[tokio::test]
async fn what_is_kept_and_never_named_is_destroyed_after_an_hour() {
    let host = host().await;
    let secret = Secret::new("hunter2").unwrap();
    let moment = Moment::draw(&host.environment);
    let first = Kept::secret(&host, &moment, ("test", 0), &secret).await.unwrap();
    let place = first.place().clone();
    // The command lost a race and runs again, with the same moment: it finds its own place.
    let again = Kept::secret(&host, &moment, ("test", 0), &secret).await.unwrap();
    assert_eq!(again.place(), &place);
    drop((first, again));
    host.environment.clock.advance_minutes(59);
    assert_eq!(run_due(&host).await.unwrap().disposed, 0);
    assert!(host.secret(&place).await.unwrap().is_some());
    host.environment.clock.advance_minutes(1);
    assert_eq!(run_due(&host).await.unwrap().disposed, 1);
    assert!(host.secret(&place).await.unwrap().is_none());
    assert_eq!(run_due(&host).await.unwrap().disposed, 0);
}
