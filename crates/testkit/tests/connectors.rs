//! Connectors: what is shown of them, where their secrets go, and what a test says.

use clearance::ports::CoreError;
use core_protocol::message::{FollowUpReason, Outcome};
use serde_json::{Value, json};
use testkit::{Client as _, Fault, Site, text};

const TENANT: &str = "6babcaad-604b-40ac-a9d7-9fd97c0b779f";
const APPLICATION: &str = "11111111-2222-4333-8444-555555555555";

fn okta(host: &str, credential: Value) -> Value {
    json!({ "name": "Okta", "provider": { "kind": "okta", "host": host, "credential": credential } })
}

fn token(token: &str) -> Value {
    json!({ "kind": "api_token", "token": token })
}

fn entra(tenant: &str, credential: Value) -> Value {
    let provider = json!({
        "kind": "entra", "cloud": "global", "tenant": tenant, "client_id": APPLICATION, "credential": credential,
    });
    json!({ "name": "Entra", "provider": provider })
}

fn changed(connector: &Value, mut input: Value) -> Value {
    input["connector"] = connector["id"].clone();
    input["version"] = connector["version"].clone();
    input
}

/// Places in the vault that hold something of a connector.
fn vault_places(site: &Site) -> Vec<String> {
    let documents = site.snapshot().documents;
    let places = documents.keys().filter(|(kind, _)| *kind == "vault_entry").map(|(_, key)| key.clone());
    places.filter(|place| place.contains("connector-")).collect()
}

#[test]
fn a_typed_secret_is_never_seen_again_and_goes_nowhere_else() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let canary = "canary-4711";
    alice
        .call("connectors.put", okta("acme.okta.com", json!({ "kind": "api_token" })))
        .refused("secret_required");
    let answer = alice.call("connectors.put", okta("acme.okta.com", token(canary))).ok();
    let first = answer["connector"].clone();
    assert_eq!(first["provider"]["credential"], json!({ "kind": "api_token", "secret_set": true }));
    let place = vault_places(&site);
    assert_eq!(place.len(), 1);
    // Renamed: the secret stays.
    let renamed = changed(&first, okta("acme.okta.com", json!({ "kind": "api_token" })));
    let second = alice.call("connectors.put", renamed.clone()).ok()["connector"].clone();
    alice.call("connectors.put", renamed).refused("stale_revision");
    site.tick();
    assert_eq!(vault_places(&site), place);
    // Re-pointed: it must be typed again, and what was typed for the old host is destroyed.
    let elsewhere = changed(&second, okta("evil.okta.com", json!({ "kind": "api_token" })));
    let before = site.snapshot();
    alice.call("connectors.put", elsewhere).refused("secret_required");
    assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
    let elsewhere = changed(&second, okta("evil.okta.com", token("canary-4712")));
    alice.call("connectors.put", elsewhere).ok();
    site.advance_minutes(1);
    assert_eq!(site.tick().disposed, 1);
    let places = vault_places(&site);
    assert!(places.len() == 1 && places != place, "{places:?}");
    let everything =
        format!("{:?}", site.snapshot()) + &alice.call("connectors.list", json!({})).ok().to_string();
    assert!(!everything.contains(canary) && !everything.contains("canary-4712"));
}

#[test]
fn another_kind_or_application_gets_a_new_key_and_the_old_one_is_destroyed() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let key_pair = |client: &str| json!({ "kind": "key_pair", "client_id": client });
    let first =
        alice.call("connectors.put", okta("acme.okta.com", key_pair("0oa1"))).ok()["connector"].clone();
    let shown = |connector: &Value| connector["provider"]["credential"]["public_key"].clone();
    let key = shown(&first);
    assert_eq!(
        (&key["kty"], &key["use"], &key["alg"], &key["e"]),
        (&json!("RSA"), &json!("sig"), &json!("RS256"), &json!("AQAB"))
    );
    assert!(key["d"].is_null() && key["kid"].is_string() && text(&key["n"]).len() == 342);
    let again = changed(&first, okta("acme.okta.com", key_pair("0oa1")));
    let second = alice.call("connectors.put", again).ok()["connector"].clone();
    assert_eq!(shown(&second), key, "the same application keeps its key");
    let other = changed(&second, okta("acme.okta.com", key_pair("0oa2")));
    let third = alice.call("connectors.put", other).ok()["connector"].clone();
    assert_ne!(shown(&third), key);
    site.advance_minutes(1);
    assert_eq!(site.tick().disposed, 1);
    let certificate = changed(&third, entra(TENANT, json!({ "kind": "certificate" })));
    alice.call("connectors.put", certificate).ok();
    site.advance_minutes(1);
    assert_eq!((site.tick().disposed, vault_places(&site).len()), (1, 1));
}

#[test]
fn a_connector_in_use_stays_at_its_tenant() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let ben = site.member("Ben Bitdiddle");
    let connector = site.okta_connector("Okta", "acme.okta.com");
    let one = json!({ "connector": connector });
    let put = |input: Value| {
        let version = alice.call("connectors.get", one.clone()).ok()["connector"]["version"].take();
        let alice = alice.signed_in_again();
        alice.call("connectors.put", changed(&json!({ "id": connector, "version": version }), input))
    };
    let elsewhere = || {
        let places = vault_places(&site);
        for input in [
            okta("other.okta.com", token("another")),
            okta("other.okta.com", json!({ "kind": "key_pair", "client_id": "0oa1" })),
            entra(TENANT, json!({ "kind": "certificate" })),
        ] {
            let refusal = put(input).refused("connector_in_use");
            assert!(text(&refusal["message"]).contains("add another connector"), "{refusal:#}");
        }
        assert_eq!(vault_places(&site), places, "no key was made");
    };

    // A group is bound.
    let tool = site.tool("Note taker", json!({}));
    site.core().group("acme.okta.com", "00g1", "Note takers");
    let bind = json!({ "tool": tool, "connector": connector, "group": "00g1" });
    alice.call("provider_groups.bind", bind).ok();
    elsewhere();
    // Its name and how it signs in may change all the same.
    put(okta("acme.okta.com", token("a new one"))).ok();
    put(okta("acme.okta.com", json!({ "kind": "key_pair", "client_id": "0oa1" }))).ok();
    alice.call("provider_groups.release", json!({ "tool": tool })).ok();

    // Somebody is mapped.
    site.core().account("acme.okta.com", "00uben00000001", "Ben");
    let mapping = json!({ "connector": connector, "person": ben.id() });
    let mut account = mapping.clone();
    account["account"] = json!("00uben00000001");
    account["display_name"] = json!("Ben");
    alice.call("identities.put", account).ok();
    elsewhere();
    alice.call("identities.remove", mapping).ok();

    // Nothing hangs on it any more.
    put(entra(TENANT, json!({ "kind": "certificate" }))).ok();
}

#[test]
fn somebody_who_has_access_keeps_the_connector_at_its_tenant() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let ben = site.member("Ben Bitdiddle");
    let at = site.connected("Code agent");
    site.map(&at, &ben, "00uben00000001");
    let grant = json!({ "grant": ben.take(&at.tool, 5)["id"] });
    site.run_jobs();
    site.change_tool(&at.tool, json!({ "fulfilment": { "kind": "record_only" } }));
    alice.call("provider_groups.release", json!({ "tool": at.tool })).refused("grants_unended");
    let elsewhere = json!({ "id": at.connector, "version": 1 });
    let elsewhere = changed(&elsewhere, okta("other.okta.com", token("another")));
    alice.call("connectors.put", elsewhere.clone()).refused("connector_in_use");
    ben.call("grants.give_back", grant).ok();
    site.run_jobs();
    alice.call("provider_groups.release", json!({ "tool": at.tool })).ok();
    let remapped = json!({ "connector": at.connector, "person": ben.id() });
    alice.call("connectors.put", elsewhere.clone()).refused("connector_in_use");
    alice.call("identities.remove", remapped).ok();
    alice.call("connectors.put", elsewhere).ok();
}

#[test]
fn a_tenant_is_not_changed_while_somebody_binds_or_maps() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let ben = site.member("Ben Bitdiddle");
    let connector = site.okta_connector("Okta", "acme.okta.com");
    let tool = site.tool("Note taker", json!({}));
    site.core().group("acme.okta.com", "00g1", "Note takers");
    site.core().account("acme.okta.com", "00uben00000001", "Ben");
    let revised = |operation: &str, input: Value| {
        let before = site.snapshot();
        alice.call(operation, input).ok();
        assert!(
            site.snapshot().difference(&before).contains(&format!("connector {connector}")),
            "{operation}"
        );
    };
    revised("provider_groups.bind", json!({ "tool": tool, "connector": connector, "group": "00g1" }));
    let account = json!({ "connector": connector, "person": ben.id(), "account": "00uben00000001", "display_name": "Ben" });
    revised("identities.put", account);
}

#[test]
fn hosts_and_tenants_come_from_closed_lists() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    for host in [
        "acme.okta.com.evil.example",
        "acme-admin.okta.com",
        "sso.acme.example",
        "acme.okta.com:8443",
        "https://acme.okta.com",
        "127.0.0.1",
        "user@acme.okta.com",
        "",
    ] {
        alice.call("connectors.put", okta(host, token("one"))).refused("malformed_input");
    }
    for tenant in ["contoso.com", "common", "../x", "6BABCAAD-604B-40AC-A9D7-9FD97C0B779F"] {
        alice
            .call("connectors.put", entra(tenant, json!({ "kind": "certificate" })))
            .refused("malformed_input");
    }
    let mut free = entra(TENANT, json!({ "kind": "certificate" }));
    free["provider"]["cloud"] = json!("https://evil.example");
    alice.call("connectors.put", free).refused("malformed_input");
    assert_eq!(site.snapshot().documents.keys().filter(|(kind, _)| *kind == "connector").count(), 0);
}

#[test]
fn a_test_says_step_by_step_what_is_missing_and_remembers_how_the_connector_fares() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let connector = json!({ "connector": site.okta_connector("Okta", "acme.okta.com") });
    let test = || alice.call("connectors.test", connector.clone()).ok();
    let health = || alice.call("connectors.get", connector.clone()).ok()["connector"]["health"].clone();
    let steps = |answer: &Value| {
        let steps = answer["steps"].as_array().unwrap().iter();
        steps.map(|step| format!("{}:{}", text(&step["step"]), text(&step["result"]))).collect::<Vec<_>>()
    };
    assert_eq!(health()["state"], "untested");
    assert_eq!(steps(&test()), ["core:passed", "sign_in:passed", "permissions:passed"]);
    assert_eq!(health()["state"], "working");
    let refused = Outcome::NeedsFollowUp { reason: FollowUpReason::PermissionMissing };
    site.core().fail([Fault::Answers(refused)]);
    let answer = test();
    assert_eq!(steps(&answer), ["core:passed", "sign_in:passed", "permissions:failed"]);
    assert_eq!(answer["steps"][2]["reason"], "permission_missing");
    let advice = &answer["steps"][2]["what_to_do"];
    assert!(text(advice).ends_with('.'));
    assert_eq!((&health()["state"], &health()["what_to_do"]), (&json!("failing"), advice));
    site.core().set_down(Some(CoreError::Unreachable("down".to_owned())));
    assert_eq!(steps(&test()), ["core:failed", "sign_in:not_reached", "permissions:not_reached"]);
    assert_eq!((&health()["state"], &health()["reason"]), (&json!("outage"), &json!("core_down")));
    site.core().set_down(Some(CoreError::NotConfigured));
    alice.call("connectors.test", connector.clone()).refused("unavailable");
    site.core().set_down(None);
    test();
    assert_eq!((&health()["state"], &health()["reason"]), (&json!("working"), &Value::Null));
    let kinds = site.log_kinds();
    assert_eq!(kinds.iter().filter(|kind| *kind == "connector.tested").count(), 4);
}

#[test]
fn a_new_key_waits_until_a_test_with_it_has_passed() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let added = alice.call("connectors.put", entra(TENANT, json!({ "kind": "certificate" }))).ok();
    let connector = json!({ "connector": added["connector"]["id"] });
    let credential = |answer: &Value| answer["connector"]["provider"]["credential"].clone();
    let old = credential(&added)["certificate"].clone();
    let rotated = credential(&alice.call("connectors.rotate_key", connector.clone()).ok());
    let new = rotated["next_certificate"].clone();
    assert_eq!(rotated["certificate"], old);
    assert_ne!(new["thumbprint_sha256"], old["thumbprint_sha256"]);
    // The provider does not know the new one yet; the old one goes on.
    let refused = Outcome::NeedsFollowUp { reason: FollowUpReason::CredentialsRefused };
    site.core().fail([Fault::Answers(refused)]);
    let tested = alice.call("connectors.test", connector.clone()).ok();
    assert_eq!(tested["next_key"]["reason"], "credentials_refused");
    assert_eq!(
        (&tested["steps"][2]["result"], &tested["connector"]["health"]["state"]),
        (&json!("passed"), &json!("working"))
    );
    assert_eq!(credential(&tested), rotated);
    site.tick();
    assert_eq!(vault_places(&site).len(), 2);
    // Now it does.
    let tested = alice.call("connectors.test", connector.clone()).ok();
    let after = credential(&tested);
    assert_eq!((&after["certificate"], &after["next_certificate"]), (&new, &Value::Null));
    site.advance_minutes(1);
    assert_eq!((site.tick().disposed, vault_places(&site).len()), (1, 1));
    // A key that was never used gives way to the next.
    alice.call("connectors.rotate_key", connector.clone()).ok();
    alice.call("connectors.rotate_key", connector.clone()).ok();
    site.advance_minutes(1);
    assert_eq!((site.tick().disposed, vault_places(&site).len()), (1, 2));
    let token = json!({ "connector": site.okta_connector("Okta", "acme.okta.com") });
    alice.call("connectors.rotate_key", token).refused("secret_required");
}

#[test]
fn a_certificate_is_one_to_an_independent_reader() {
    use x509_parser::prelude::*;
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let added = alice.call("connectors.put", entra(TENANT, json!({ "kind": "certificate" }))).ok();
    let view = &added["connector"]["provider"]["credential"]["certificate"];
    let pem = text(&view["pem"]);
    assert!(pem.lines().all(|line| line.len() <= 64));
    let (_, pem) = parse_x509_pem(pem.as_bytes()).unwrap();
    let certificate = pem.parse_x509().unwrap();
    certificate.verify_signature(None).unwrap();
    assert_eq!(certificate.issuer(), certificate.subject());
    assert_eq!(certificate.version(), X509Version::V3);
    let name = certificate.subject().to_string();
    assert_eq!(name, format!("CN=AI Clearance {}", text(&added["connector"]["id"])));
    let at = |minutes: i64| {
        let now = site.now().plus_minutes(minutes).as_millisecond() / 1000;
        certificate.validity().is_valid_at(ASN1Time::from_timestamp(now).unwrap())
    };
    let two_years = 730 * 24 * 60;
    assert!(!at(-11) && at(-9) && at(0) && at(two_years - 1) && !at(two_years + 1));
    let usage = certificate.key_usage().unwrap().unwrap();
    assert!(usage.critical && usage.value.digital_signature() && !usage.value.key_cert_sign());
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&pem.contents);
    let hexadecimal = audit_log::Hash::from_bytes(digest.into()).to_string().to_uppercase();
    assert_eq!(view["thumbprint_sha256"], hexadecimal);
    assert_eq!(text(&view["thumbprint_sha1"]).len(), 40);
}

#[test]
fn disabling_is_logged_once_and_changes_the_connector_only() {
    let site = Site::in_memory();
    let alice = site.administrator("Alice Admin");
    let connector = json!({ "connector": site.okta_connector("Okta", "acme.okta.com") });
    let before = site.snapshot();
    let disabled = alice.call("connectors.disable", connector.clone()).ok()["connector"].clone();
    assert_eq!((&disabled["status"], disabled["disabled_since"].is_string()), (&json!("disabled"), true));
    let id = text(&connector["connector"]);
    let expected = vec![
        format!("connector {id}"),
        format!("log: {} entries, then {}", before.entries + 1, before.entries),
    ];
    assert_eq!(site.snapshot().difference(&before), expected);
    alice.call("connectors.disable", connector.clone()).ok();
    alice.call("connectors.enable", connector.clone()).ok();
    let kinds = site.log_kinds();
    assert_eq!(kinds[kinds.len() - 2..], ["connector.disabled", "connector.enabled"]);
}
