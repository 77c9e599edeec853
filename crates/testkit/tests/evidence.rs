//! Evidence that leaves the site: packs of each scope, made through HTTP and checked apart from the site; and who may not have them.

use std::collections::BTreeMap;

use evidence_pack::container::{Content, Locator, Malformed};
use evidence_pack::verify::{Note, OneByOne, Report, Verification};
use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, text};

/// The files of a pack.
pub(crate) fn files(pack: &[u8]) -> BTreeMap<String, String> {
    let mut locator = Locator::new(pack.len() as u64);
    let part = |offset: u64, length: u64| {
        let from = usize::try_from(offset).unwrap();
        &pack[from..from + usize::try_from(length).unwrap()]
    };
    while let Some(span) = locator.wants() {
        locator.give(part(span.offset, span.length)).unwrap();
    }
    let directory = locator.finish();
    let files = directory.entries().iter().map(|entry| {
        let (mut content, mut bytes) = (Content::of(entry), Vec::new());
        let taken = content.push(part(entry.data.offset, entry.data.length), |piece| {
            bytes.extend_from_slice(piece);
            Ok::<(), Malformed>(())
        });
        taken.unwrap();
        content.finish(None).unwrap();
        (entry.name.clone(), String::from_utf8(bytes).unwrap())
    });
    files.collect()
}

/// Checks a pack with keys that come from elsewhere.
pub(crate) fn verify(pack: &[u8], keys: &str) -> Report {
    let keys = keys.lines().map(|key| key.parse().unwrap()).collect();
    let mut verification = Verification::new(pack.len() as u64, keys, OneByOne).strict();
    while let Some(span) = verification.wants() {
        let from = usize::try_from(span.offset).unwrap();
        let to = from + usize::try_from(span.length).unwrap();
        verification.give(&pack[from..to]);
    }
    verification.finish()
}

/// Exports and downloads, as an auditor does it.
#[track_caller]
pub(crate) fn export(auditor: &PersonClient, scope: &Value) -> Vec<u8> {
    let answer = auditor.call("evidence.export", json!({ "scope": scope })).ok();
    let (status, pack) = auditor.download(&text(&answer["export"]["download"]));
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&pack));
    pack
}

/// The site's keys, as it publishes them.
pub(crate) fn keys(site: &Site) -> String {
    let keys = site.console("audit.checkpoint", json!({}))["verifier_keys"].clone();
    let keys: Vec<&str> =
        keys.as_array().unwrap().iter().filter_map(|key| key["verifier"].as_str()).collect();
    keys.join("\n")
}

struct World {
    site: Site,
    audrey: PersonClient,
    ada: PersonClient,
    owen: PersonClient,
    tool: String,
    other: String,
    grant: String,
}

impl World {
    /// Ada holds two tools, one approved by Owen; Ben holds one of them and was denied the other.
    fn new(site: Site) -> Self {
        let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben =Bitdiddle"));
        let owen = site.member("Owen Owner");
        let audrey = site.auditor("Audrey Auditor");
        let tool = site.tool("Note taker", json!({ "risk": "medium", "owners": [owen.id()] }));
        let other = site.tool("Sketcher", json!({ "risk": "low" }));
        site.change_tool(&tool, json!({ "max_days": 80 }));
        site.change_tool(&other, json!({ "max_days": 80 }));
        let pending = ada.wait_for(&tool, 30);
        let grant = text(&owen.approve(&pending).ok()["grant"]["id"]);
        ada.take(&other, 7);
        let pending = ben.wait_for(&tool, 10);
        owen.deny(&pending).ok();
        ben.take(&other, 7);
        site.advance_days(8);
        site.tick();
        Self { audrey: audrey.signed_in_again(), site, ada, owen, tool, other, grant }
    }
}

#[test]
fn a_pack_of_each_scope_verifies_apart_from_the_site() {
    let World { site, audrey, ada, owen, tool, other, grant } = World::new(Site::on_disk());
    let all = json!({ "period": { "from": "2026-11-01T00:00:00Z", "to": "2027-01-01T00:00:00Z" } });
    let none = json!({ "period": { "from": "2027-11-01T00:00:00Z", "to": "2028-01-01T00:00:00Z" } });
    let scopes = [
        json!({ "grant": grant }),
        json!({ "person": ada.id() }),
        json!({ "tool": tool }),
        all.clone(),
        none,
    ];
    let mut counts = Vec::new();
    for scope in &scopes {
        let pack = export(&audrey, scope);
        let report = verify(&pack, &keys(&site));
        assert!(report.ok(), "{scope}: {report:#?}");
        counts.push(report.records);
        // Another site's key does not open it.
        let other_key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        assert_eq!(verify(&pack, other_key).first_failure().unwrap().1.code(), "other_site");

        let files = files(&pack);
        let names = &files["identities.json"];
        assert_eq!(names.contains("Ada Lovelace"), *scope != scopes[4]);
        for (name, content) in files.iter().filter(|(name, _)| *name != "identities.json") {
            assert!(!content.contains("Ada Lovelace"), "{name} names nobody");
        }
        assert!(serde_json::from_str::<Value>(names).unwrap()["people"].is_array());
    }
    assert!(counts[0] > 4 && counts[0] < counts[2] && counts[2] < counts[3] && counts[4] == 0, "{counts:?}");
    // Each export is itself logged.
    let exported = site.log_kinds().into_iter().filter(|kind| kind == "evidence.exported").count();
    assert_eq!(exported, scopes.len());

    // A grant's pack tells the grant's story, and no other's.
    let files = files(&export(&audrey, &json!({ "grant": grant })));
    let (records, report) = (&files["records.jsonl"], &files["report.html"]);
    for kind in
        ["policy.published", "request.submitted", "approval.decided", "request.approved", "grant.activated"]
    {
        assert!(records.contains(kind), "{kind}");
    }
    assert!(
        !records.contains(&other) && !records.contains("grant.ended"),
        "Ada's other access is not told of"
    );
    // It was opened by whoever set the site up; a later change of it gave nothing more, and is not told of.
    assert!(!records.contains("tool.changed") && report.contains("<td>tool.added</td>"), "{report}");
    assert!(files["policies.jsonl"].contains("\"place\":0"));
    assert!(files["documents.jsonl"].contains("\"kind\":\"purpose\""));
    for said in [
        "Who approved?",
        "Person ",
        "unknown: no review of the need",
        "unknown: no difference is among the records",
        "not judged",
    ] {
        assert!(report.contains(said), "{said}: {report}");
    }
    assert!(!report.contains("<script") && report.contains("default-src 'none'"));
    assert!(files["grants.csv"].contains(&grant));
    // The policy's rules are bound by the entry of their publication.
    let pack = export(&audrey, &json!({ "grant": grant }));
    assert!(!verify(&pack, &keys(&site)).notes.contains(&Note::PolicyUnbound { version: 1 }));
    // Owen decided; his pack says so, and nothing of what others did.
    let files = self::files(&export(&audrey, &json!({ "person": owen.id() })));
    assert!(files["records.jsonl"].contains("approval.decided"));
}

#[test]
fn an_export_is_its_maker_s_alone_and_ends() {
    let World { site, audrey, ada, owen, grant, .. } = World::new(Site::in_memory());
    let alice = site.administrator("Alice Admin");
    let scope = json!({ "scope": { "grant": grant } });
    for stranger in [&ada, &owen] {
        stranger.call("evidence.export", scope.clone()).refused("not_permitted");
        stranger.call("requests.export", json!({})).refused("not_permitted");
    }
    let answer = audrey.call("evidence.export", scope.clone()).ok();
    let path = text(&answer["export"]["download"]);
    assert_eq!(answer["export"]["explained"], true);
    assert_eq!(alice.download(&path).0, 404, "another's export does not exist");
    assert_eq!(ada.download(&path).0, 403);
    assert_eq!(site.anonymous().download(&path).0, 401);
    assert_eq!(audrey.download(&path).0, 200);
    assert_eq!(audrey.download("/api/v1/exports/export_0").0, 404);
    // By a link in the browser.
    assert_eq!(audrey.in_browser().download(&path).0, 200);

    site.advance_minutes(11);
    audrey.call("evidence.export", scope).refused("sign_in_required");
    assert_eq!(audrey.download(&path).0, 403);
    site.advance_minutes(50);
    let (status, body) = audrey.signed_in_again().download(&path);
    assert_eq!(status, 404, "{}", String::from_utf8_lossy(&body));
}

#[test]
fn what_there_is_not_cannot_be_exported() {
    let World { audrey, .. } = World::new(Site::in_memory());
    let id = |prefix: &str| format!("{prefix}_{}", "0".repeat(26));
    for scope in
        [json!({ "grant": id("grant") }), json!({ "person": id("person") }), json!({ "tool": id("tool") })]
    {
        audrey.call("evidence.export", json!({ "scope": scope })).refused("not_found");
    }
    let backward = json!({ "period": { "from": "2026-12-01T00:00:00Z", "to": "2026-11-01T00:00:00Z" } });
    let two = json!({ "grant": id("grant"), "tool": id("tool") });
    for scope in [backward, two, json!({}), json!("all"), json!({ "site": "all" })] {
        audrey.call("evidence.export", json!({ "scope": scope })).refused("malformed_input");
    }
}

#[test]
fn a_table_of_requests_holds_no_formula_and_names_are_registered() {
    let World { site, audrey, .. } = World::new(Site::in_memory());
    let answer = audrey.call("requests.export", json!({})).ok();
    let (status, table) = audrey.download(&text(&answer["export"]["download"]));
    let table = String::from_utf8(table).unwrap();
    assert_eq!(status, 200);
    assert_eq!(table.lines().filter(|line| line.starts_with("\"req_")).count(), 4);
    assert!(table.contains("\"Ben =Bitdiddle\"") && table.contains("\"Ada Lovelace\""), "{table}");
    let registered = site.snapshot();
    let registered = format!("{registered:?}").matches("export_register").count();
    assert!(registered > 0, "whom an export names is registered");
}

#[test]
fn exports_are_counted_by_record() {
    let World { site, audrey, .. } = World::new(Site::in_memory());
    let limits = json!({ "limits": { "export": { "per_hour": 1, "burst": 10_000 } } });
    site.console("settings.put", limits);
    let all =
        json!({ "scope": { "period": { "from": "2026-11-01T00:00:00Z", "to": "2027-01-01T00:00:00Z" } } });
    let first = audrey.call("evidence.export", all.clone()).ok();
    let records = first["export"]["records"].as_u64().unwrap();
    assert!(records > 20);
    let path = text(&first["export"]["download"]);
    let mut counted = records;
    while counted + records <= 10_000 {
        assert_eq!(audrey.download(&path).0, 200);
        counted += records;
    }
    let (status, body) = audrey.download(&path);
    assert_eq!(status, 429, "{}", String::from_utf8_lossy(&body));
    audrey.call("evidence.export", all).refused("rate_limited");
}

#[test]
fn a_pack_made_after_an_erasure_holds_nothing_of_the_person_and_older_ones_verify() {
    let World { site, audrey, ada, owen, grant, tool, .. } = World::new(Site::on_disk());
    let alice = site.administrator("Alice Admin");
    let purpose = "Draft the minutes of our meetings";
    let all = json!({ "period": { "from": "2026-11-01T00:00:00Z", "to": "2027-12-01T00:00:00Z" } });
    let scopes = [json!({ "grant": grant }), json!({ "person": ada.id() }), json!({ "tool": tool }), all];
    let before: Vec<Vec<u8>> = scopes.iter().map(|scope| export(&audrey, scope)).collect();
    assert!(before.iter().all(|pack| files(pack)["identities.json"].contains("Ada Lovelace")));
    assert!(before.iter().all(|pack| files(pack)["documents.jsonl"].contains(purpose)));

    let begun = alice.call("people.erase", json!({ "person": ada.id() })).ok();
    let exports = begun["exports"]["items"].as_array().unwrap().len();
    assert_eq!(exports, scopes.len(), "every pack that named her is listed: {begun}");
    for _ in 0..3 {
        site.tick();
        site.advance_minutes(1);
    }
    assert_eq!(alice.call("people.erasure", json!({ "person": ada.id() })).ok()["state"], "erased");

    let keys = keys(&site);
    for (scope, old) in scopes.iter().zip(&before) {
        let report = verify(old, &keys);
        assert!(report.ok(), "an older pack of {scope}: {report:#?}");
        let new = export(&audrey.signed_in_again(), scope);
        let report = verify(&new, &keys);
        assert!(report.ok(), "a new pack of {scope}: {report:#?}");
        for (name, content) in files(&new) {
            assert!(!content.contains("Ada Lovelace"), "{name} of {scope}");
            if name == "identities.json" {
                let people = serde_json::from_str::<Value>(&content).unwrap();
                let people = people["people"].as_array().unwrap();
                let ada = people.iter().find(|person| person["id"] == ada.id()).unwrap();
                assert_eq!((&ada["erased"], &ada["name"]), (&json!(true), &json!(null)));
            }
        }
        // Ben's words are his; hers are gone, and so are their salts.
        let texts = &files(&new)["documents.jsonl"];
        let hers = |line: &&str| line.contains(purpose) && !line.contains(&owen.id());
        let (old, new) =
            (files(old)["documents.jsonl"].lines().filter(hers).count(), texts.lines().filter(hers).count());
        assert!(new < old, "{scope}: {new} texts of {old}");
    }
}
