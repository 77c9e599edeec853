//! The module as the glue drives it, with a platform in memory: accounts, secrets, a Core that checks signatures, and packing.

use std::collections::BTreeMap;

use clearance::documents::Document as _;
use clearance::ports::Secret;
use clearance::time::Timestamp;
use clearance_store::MemoryStore;
use core_protocol::UnixSeconds;
use core_protocol::key::SigningKey;
use core_protocol::message::InstallationId;
use core_protocol::pairing::{CODE_BYTES, PairingAnswer, PairingCode};
use core_protocol::signature::{Request, Response, SignedRequest, sign_response};
use ed25519_dalek::Signer as _;
use futures::executor::block_on;
use serde_json::{Value, json};

use crate::glue::{self, text};
use crate::invocation::{Invocation, Progress};
use crate::packing::{BUNDLE, LogPacking};

const AUTHORITY: &str = "core.example.com";
const ADA: &str = "712020:ada";

/// A Core that knows one pairing code and then one key.
struct Core {
    code: PairingCode,
    key: SigningKey,
    /// What it answers differs from what it signed.
    tampers: bool,
}

impl Core {
    fn answer(&self, effect: &Value, now: UnixSeconds) -> Value {
        let body = text(&effect["body"]).as_bytes();
        let headers: Vec<(&str, &str)> = effect["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str(), text(value)))
            .collect();
        let path = text(&effect["path"]);
        let request =
            Request { method: "POST", authority: AUTHORITY, path, query: None, headers: &headers, body };
        let signed = SignedRequest::parse(request).unwrap();
        let pairs = path == "/v1/pairing";
        let key = if pairs { self.code.key() } else { self.key.clone() };
        let Ok(verified) = signed.verify(&key, now) else {
            return json!({ "status": 401, "headers": {}, "body": r#"{"error":{"code":"signature_mismatch"}}"# });
        };
        let installation: InstallationId = "inst_1".parse().unwrap();
        let (status, body) = if pairs {
            let answer = PairingAnswer::new(&key, installation, &self.key, &verified.nonce, [2; 24]).unwrap();
            (200, serde_json::to_string(&answer).unwrap())
        } else {
            (400, r#"{"error":{"code":"no_call"}}"#.to_owned())
        };
        let response = Response { status, headers: &[], body: body.as_bytes() };
        let signed = sign_response(&key, &response, &verified.signature, now).unwrap();
        let headers: BTreeMap<_, _> = signed.fields().into_iter().collect();
        let body = if self.tampers { format!("{body} ") } else { body };
        json!({ "status": status, "headers": headers, "body": body })
    }
}

/// The platform that the glue talks to.
struct Platform {
    store: MemoryStore,
    secrets: BTreeMap<String, String>,
    core: Core,
    now: i64,
    /// How much time passes with each batch of effects.
    batch_takes: i64,
    /// Until when long work begins something new, from the invocation's start.
    seconds: i64,
    packed: Vec<u64>,
    /// Packing fails so often.
    failures: u32,
    calls: u32,
}

impl Platform {
    fn new() -> Self {
        let kinds: Vec<_> = clearance::KINDS.iter().copied().chain([LogPacking::KIND]).collect();
        let core = Core {
            code: PairingCode::from_entropy([5; CODE_BYTES]),
            key: SigningKey::new("key_1".parse().unwrap(), &[9; 32]).unwrap(),
            tampers: false,
        };
        let mut platform = Self {
            store: MemoryStore::new(kinds.leak()),
            secrets: BTreeMap::new(),
            core,
            now: 1_795_000_000_000,
            batch_takes: 1,
            seconds: 18,
            packed: Vec::new(),
            failures: 0,
            calls: 0,
        };
        platform.done(&json!("system"), "site.initialize", &json!({}));
        platform
    }

    fn time(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now)
    }

    fn invoke(&mut self, caller: &Value, operation: &str, input: &Value) -> Value {
        self.calls += 1;
        let start = json!({
            "operation": operation, "caller": caller, "input": input, "now": self.time(), "core": AUTHORITY,
            "until": self.time().plus_seconds(self.seconds), "seed": format!("{:064x}", self.calls),
        });
        let (mut progress, mut waiting) = Invocation::start(start.to_string().as_bytes());
        while let Progress::Effects { effects } = &progress {
            self.now += self.batch_takes;
            let effects = serde_json::to_value(effects).unwrap();
            let answers: Vec<Value> =
                effects.as_array().unwrap().iter().map(|effect| self.answer(effect)).collect();
            let answers = json!({ "answers": answers, "now": self.time() });
            (progress, waiting) = waiting.unwrap().resume(answers.to_string().as_bytes());
        }
        serde_json::from_slice(&progress.to_json()).unwrap()
    }

    fn answer(&mut self, effect: &Value) -> Value {
        let id = &effect["id"];
        let now = UnixSeconds(self.now.div_euclid(1000));
        let ok = match text(&effect["kind"]) {
            "jira_account" => json!({ "found": true, "name": "Ada Account", "active": true, "groups": [] }),
            "keep" => {
                self.secrets.insert(text(&effect["place"]).to_owned(), text(&effect["secret"]).to_owned());
                json!({})
            }
            "secret" => json!({ "secret": self.secrets.get(text(&effect["place"])) }),
            "public_key" => json!({ "public_key": hexadecimal(log_key().verifying_key().as_bytes()) }),
            "sign" => {
                let signature = hexadecimal(&log_key().sign(&bytes(text(&effect["message"]))).to_bytes());
                json!({ "signature": signature.as_bytes().chunks(64).map(String::from_utf8_lossy).collect::<Vec<_>>() })
            }
            "core" => self.core.answer(effect, now),
            "log_pack" if self.failures > 0 => {
                self.failures -= 1;
                return json!({ "id": id, "error": { "code": "unavailable" } });
            }
            "log_pack" => {
                self.packed.push(effect["bundle"].as_u64().unwrap());
                json!({})
            }
            _ => match block_on(glue::perform(&self.store, effect)) {
                Ok(ok) => ok,
                Err(error) => return json!({ "id": id, "error": glue::describe(&error) }),
            },
        };
        json!({ "id": id, "ok": ok })
    }

    #[track_caller]
    fn done(&mut self, caller: &Value, operation: &str, input: &Value) -> Value {
        let mut progress = self.invoke(caller, operation, input);
        assert!(progress["done"].is_object(), "{operation}: {progress}");
        progress["done"].take()
    }

    #[track_caller]
    fn refused(&mut self, code: &str, caller: &Value, operation: &str, input: &Value) {
        let progress = self.invoke(caller, operation, input);
        assert_eq!(progress["refused"]["code"], code, "{operation}: {progress}");
    }
}

fn log_key() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[1; 32])
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    digits.map(|digit| char::from_digit(digit.into(), 16).unwrap()).collect()
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits: Vec<_> = hexadecimal.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

fn account(id: &str, surface: &str, administrator: bool) -> Value {
    json!({ "account": {
        "id": id, "administrator": administrator, "auditor": false, "licensed": true, "surface": surface,
    } })
}

#[test]
fn an_account_is_one_person_and_administers_on_the_admin_page_alone() {
    let mut platform = Platform::new();
    let none = json!({});
    platform.done(&account(ADA, "portal", false), "catalog.list", &none);
    let people = platform.done(&account(ADA, "admin", true), "people.list", &none);
    assert_eq!(people["items"].as_array().unwrap().len(), 1);
    assert_eq!(people["items"][0]["role"], "member");
    for surface in ["app", "portal", "issue", "queue"] {
        platform.refused("not_permitted", &account(ADA, surface, true), "people.list", &none);
    }
    platform.refused("not_permitted", &account(ADA, "admin", false), "people.list", &none);
    platform.refused("not_permitted", &account(ADA, "portal", false), "approvals.queue", &none);
    platform.refused("not_signed_in", &json!("anonymous"), "catalog.list", &none);
}

#[test]
fn the_hosts_own_operations_are_for_the_platform_or_for_administrators() {
    let mut platform = Platform::new();
    let none = json!({});
    for operation in [
        "site.initialize",
        "clockwork.run",
        "provisioning.run",
        "drift.run",
        "log.pack",
        "notices.send",
        "people.report_accounts",
        "site.uninstalling",
    ] {
        platform.done(&json!("system"), operation, &none);
        for caller in [account(ADA, "admin", true), account(ADA, "portal", true), json!("anonymous")] {
            platform.refused("unknown_operation", &caller, operation, &none);
        }
    }
    for operation in ["core.pair", "core.standing"] {
        let input = json!({ "code": *platform.core.code.to_text() });
        for caller in
            [json!("system"), json!("anonymous"), account(ADA, "admin", false), account(ADA, "app", true)]
        {
            platform.refused("unknown_operation", &caller, operation, &input);
        }
    }
    assert!(platform.secrets.is_empty());
}

#[test]
fn a_pairing_code_becomes_a_key_that_core_knows() {
    let mut platform = Platform::new();
    let (ada, none) = (account(ADA, "admin", true), json!({}));
    assert_eq!(platform.done(&ada, "core.standing", &none), json!({ "standing": "not_paired" }));
    platform.refused("malformed_input", &ada, "core.pair", &json!({ "code": "pair_nonsense" }));
    platform.refused("malformed_input", &ada, "core.pair", &json!({ "code": "x", "more": 1 }));
    let other = PairingCode::from_entropy([6; CODE_BYTES]);
    platform.refused("core_refused", &ada, "core.pair", &json!({ "code": *other.to_text() }));
    let code = json!({ "code": *platform.core.code.to_text() });
    platform.core.tampers = true;
    platform.refused("provider_unavailable", &ada, "core.pair", &code);
    assert!(platform.secrets.is_empty(), "what is not signed is not believed");
    platform.core.tampers = false;
    assert_eq!(platform.done(&ada, "core.pair", &code), json!({ "installation": "inst_1" }));
    assert_eq!(platform.done(&ada, "core.standing", &none), json!({ "standing": "paired" }));
    platform.core.key = SigningKey::new("key_2".parse().unwrap(), &[8; 32]).unwrap();
    assert_eq!(platform.done(&ada, "core.standing", &none), json!({ "standing": "unknown" }));
    platform.core.tampers = true;
    // A key that belongs to another Core is not used.
    for secret in platform.secrets.values_mut() {
        *secret = secret.replace(AUTHORITY, "elsewhere.example.com");
        assert!(Secret::new(secret.as_str()).is_ok());
    }
    assert_eq!(platform.done(&ada, "core.standing", &none), json!({ "standing": "not_paired" }));
}

#[test]
fn full_bundles_are_packed_in_order_and_each_goes_on_where_it_stopped() {
    let mut platform = Platform::new();
    let none = json!({});
    while block_on(clearance::ports::Store::log_head(&platform.store)).unwrap().size < 2 * BUNDLE + 10 {
        let name = format!("Group {}", platform.calls);
        platform.done(&json!("console"), "people_groups.put", &json!({ "name": name }));
    }
    platform.failures = 1;
    let failed = platform.invoke(&json!("system"), "log.pack", &none);
    assert_eq!(failed["failed"]["error"]["code"], "unavailable");
    // Time for one bundle: the next event does the other.
    platform.batch_takes = 6_000;
    platform.seconds = 13;
    let answer = platform.done(&json!("system"), "log.pack", &none);
    assert_eq!(answer, json!({ "packed": 1, "again_in_seconds": 1 }));
    (platform.batch_takes, platform.seconds) = (1, 18);
    assert_eq!(platform.done(&json!("system"), "log.pack", &none), json!({ "packed": 1 }));
    assert_eq!(platform.done(&json!("system"), "log.pack", &none), json!({ "packed": 0 }));
    assert_eq!(platform.packed, [0, 1]);
}

#[test]
fn work_that_takes_longer_than_the_invocation_says_that_there_is_more() {
    let mut platform = Platform::new();
    platform.seconds = 0;
    for operation in ["clockwork.run", "provisioning.run", "drift.run", "notices.send"] {
        let answer = platform.done(&json!("system"), operation, &json!({}));
        assert_eq!(answer["again_in_seconds"], 1, "{operation}: {answer}");
    }
}
