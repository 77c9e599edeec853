//! Exports that are made step by step, by hosts that die, come twice or come late: the same bytes as a download of the same export, once.

use clearance::evidence::StopReason;
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::{Client, Interruption, PersonClient, Site, text};

use crate::evidence::{files, keys, verify};

const ALL: u64 = u64::MAX;
/// Reads of a step or two.
const STEP: u64 = 64;

struct World {
    site: Site,
    audrey: PersonClient,
    ada: PersonClient,
    owen: PersonClient,
    tool: String,
    grant: String,
}

impl World {
    /// Ada has two tools, one of them because Owen said so; Ben has one.
    fn new(site: Site) -> Self {
        let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
        let owen = site.member("Owen Owner");
        let tool = site.tool("Note taker", json!({ "risk": "medium", "owners": [owen.id()] }));
        let other = site.tool("Sketcher", json!({ "risk": "low" }));
        let grant = text(&owen.approve(&ada.wait_for(&tool, 30)).ok()["grant"]["id"]);
        ada.take(&other, 7);
        ben.take(&other, 7);
        Self { audrey: site.auditor("Audrey Auditor"), ada, owen, tool, grant, site }
    }

    fn scopes(&self) -> [Value; 5] {
        [
            json!({ "of": "grant", "grant": self.grant }),
            json!({ "of": "person", "person": self.ada.id() }),
            json!({ "of": "tool", "tool": self.tool }),
            everything(),
            json!({ "of": "requests" }),
        ]
    }

    fn begin(&self, scope: &Value) -> String {
        text(
            &self.audrey.signed_in_again().call("exports.begin", json!({ "scope": scope })).ok()["export"]["id"],
        )
    }

    fn progress(&self, id: &str) -> Value {
        let exports = self.audrey.all("exports.list", json!({}));
        exports
            .into_iter()
            .find(|export| export["id"] == id)
            .map_or(Value::Null, |export| export["progress"].clone())
    }

    /// Its bytes, put together from portions.
    fn read(&self, id: &str) -> Vec<u8> {
        let (mut bytes, mut from, audrey) = (Vec::new(), json!(0), self.audrey.signed_in_again());
        while !from.is_null() {
            let portion = audrey.call("exports.read", json!({ "export": id, "from": from })).ok();
            bytes.extend(base64(&portion["content"]));
            from = portion["next"].clone();
        }
        bytes
    }

    /// Its bytes, as a download makes them.
    fn download(&self, id: &str) -> Vec<u8> {
        let (status, bytes) = self.audrey.signed_in_again().download(&format!("/api/v1/exports/{id}"));
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
        bytes
    }

    fn logged(&self, kind: &str) -> usize {
        self.site.log_kinds().iter().filter(|logged| *logged == kind).count()
    }

    /// Documents that hold content of exports.
    fn pieces(&self) -> usize {
        self.site.snapshot().documents.keys().filter(|(kind, _)| *kind == "export_piece").count()
    }
}

fn everything() -> Value {
    json!({ "of": "period", "from": "2026-11-01T00:00:00Z", "until": "2027-01-01T00:00:00Z" })
}

fn base64(content: &Value) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(content.as_str().unwrap()).unwrap()
}

#[test]
fn what_is_made_step_by_step_is_what_a_download_makes() {
    for site in [Site::in_memory(), Site::on_disk()] {
        let world = World::new(site);
        for scope in world.scopes() {
            let id = world.begin(&scope);
            assert_eq!(world.progress(&id)["is"], "making", "{scope}");
            world.audrey.call("exports.read", json!({ "export": id })).refused("export_state");
            assert_eq!(world.audrey.download(&format!("/api/v1/exports/{id}")).0, 409);
            let exported = world.logged("evidence.exported");
            let mut runs = 0;
            while world.progress(&id)["is"] == "making" {
                world.site.make_exports(1);
                runs += 1;
                assert!(runs < 100, "{scope}");
            }
            assert_eq!(world.logged("evidence.exported"), exported + 1, "{scope}");
            let bytes = world.read(&id);
            assert!(bytes == world.download(&id), "{scope}");
            assert_eq!(world.progress(&id)["bytes"], bytes.len());
            if scope["of"] != "requests" {
                let report = verify(&bytes, &keys(&world.site));
                assert!(report.ok() && report.records > 0, "{scope}: {report:#?}");
            }
        }
        assert_eq!(world.logged("evidence.export_begun"), 5);
        world.site.make_exports(ALL);
        assert_eq!(world.logged("evidence.exported"), 5, "nothing is made twice");
    }
}

/// What happens to an export in the making.
#[derive(Debug, Clone)]
enum Happening {
    Run(u32),
    Dies(Interruption, u32),
    /// A run is held up for so many minutes behind so many commits, while another makes so many steps.
    Late(u32, i64, u32),
    Minutes(i64),
}

fn happening() -> impl Strategy<Value = Happening> {
    let death = prop_oneof![Just(Interruption::Before), Just(Interruption::Behind)];
    prop_oneof![
        (1..4_u32).prop_map(Happening::Run),
        (death, 0..6_u32).prop_map(|(how, commits)| Happening::Dies(how, commits)),
        (0..6_u32, 0..9_i64, 1..4_u32)
            .prop_map(|(commits, minutes, steps)| Happening::Late(commits, minutes, steps)),
        (1..5_i64).prop_map(Happening::Minutes),
    ]
}

/// A log of so many entries that an export of it takes several steps.
fn lengthen(world: &World, entries: u32) {
    let entry = |number: u32| audit_log::Record {
        at: world.site.now().to_string(),
        kind: "session.signed_in".into(),
        actor: audit_log::Value::object([("person", audit_log::Value::from(world.ada.id()))]),
        facts: audit_log::Value::object([("number", audit_log::Value::from(number))]),
    };
    let prepared: Vec<_> = (0..entries).map(|number| entry(number).prepare().unwrap()).collect();
    world.site.with_store(async |store| {
        use clearance::ports::{Commit, Store as _};
        for some in prepared.chunks(20) {
            store.commit(Commit { writes: Vec::new(), entries: some.to_vec() }).await.unwrap();
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn deaths_doubles_and_latecomers_change_no_byte(
        happenings in prop::collection::vec(happening(), 1..12),
        which in 0..5_usize,
    ) {
        let world = World::new(Site::in_memory());
        lengthen(&world, 3_000);
        let scope = &world.scopes()[which];
        let id = world.begin(scope);
        for happening in &happenings {
            match happening {
                Happening::Run(steps) => drop(world.site.make_exports(u64::from(*steps) * STEP)),
                Happening::Dies(how, commits) => {
                    world.site.interrupt_exports(*how, *commits, || {});
                }
                Happening::Late(commits, minutes, steps) => {
                    let meanwhile = || {
                        world.site.advance_minutes(*minutes);
                        world.site.make_exports(u64::from(*steps) * STEP);
                    };
                    let came = world.site.interrupt_exports(Interruption::HeldUp, *commits, meanwhile);
                    prop_assert!(!matches!(came, Some(Err(_))), "{came:?}");
                }
                Happening::Minutes(minutes) => world.site.advance_minutes(*minutes),
            }
        }
        // Whoever died left a claim, which ends.
        world.site.advance_minutes(4);
        world.site.make_exports(ALL);
        let bytes = world.read(&id);
        prop_assert!(bytes == world.download(&id));
        prop_assert_eq!(world.logged("evidence.exported"), 1);
        prop_assert_eq!(world.logged("evidence.export_stopped"), 0);
        world.site.leave_as_it_is();
    }
}

#[test]
fn an_export_of_more_than_fifty_thousand_entries_goes_on_run_after_run() {
    let world = World::new(Site::in_memory());
    lengthen(&world, 51_000);
    let id = world.begin(&everything());
    let (mut runs, mut read) = (0, 0);
    while world.progress(&id)["is"] == "making" {
        let now = world.progress(&id)["read"].as_u64().unwrap();
        assert!(now >= read, "it never goes back");
        read = now;
        runs += 1;
        assert!(runs < 40);
        world.site.make_exports(12 * STEP);
    }
    assert!(runs > 4, "{runs}");
    let bytes = world.read(&id);
    assert!(bytes == world.download(&id));
    let report = verify(&bytes, &keys(&world.site));
    assert!(report.ok() && report.records > 51_000, "{report:#?}");
    world.site.leave_as_it_is();
}

#[test]
fn an_export_is_its_maker_s_alone_and_for_a_day() {
    let world = World::new(Site::in_memory());
    let World { site, audrey, ada, owen, .. } = &world;
    let alice = site.administrator("Alice Admin");
    let id = world.begin(&everything());
    site.make_exports(ALL);
    for stranger in [ada, owen] {
        for (operation, input) in [
            ("exports.begin", json!({ "scope": everything() })),
            ("exports.list", json!({})),
            ("exports.read", json!({ "export": id })),
        ] {
            stranger.call(operation, input).refused("not_permitted");
        }
    }
    alice.call("exports.read", json!({ "export": id })).refused("not_found");
    assert_eq!(alice.all("exports.list", json!({})), Vec::<Value>::new());
    audrey.call("exports.read", json!({ "export": id, "from": 99 })).refused("malformed_input");
    assert!(world.pieces() > 0);
    // Whoever may not export any more reads nothing of what they exported.
    site.console("people.put", json!({ "id": audrey.id(), "name": "Audrey Auditor", "role": "member" }));
    audrey.call("exports.read", json!({ "export": id })).refused("not_permitted");
    site.console("people.put", json!({ "id": audrey.id(), "name": "Audrey Auditor", "role": "auditor" }));
    site.advance_minutes(23 * 60);
    site.tick();
    assert!(!world.read(&id).is_empty());
    site.advance_minutes(2 * 60);
    let again = audrey.signed_in_again();
    again.call("exports.read", json!({ "export": id })).refused("not_found");
    site.tick();
    assert_eq!(world.pieces(), 0, "nothing of it is kept");
    assert_eq!(again.all("exports.list", json!({})), Vec::<Value>::new());
}

#[test]
fn what_does_not_come_about_is_told_and_leaves_nothing() {
    let world = World::new(Site::in_memory());
    lengthen(&world, 12_000);
    // More than its maker may export in an hour.
    world.site.console("settings.put", json!({ "limits": { "export": { "per_hour": 1, "burst": 10_000 } } }));
    let id = world.begin(&everything());
    world.site.make_exports(ALL);
    let reason = |reason: StopReason| json!({ "is": "stopped", "reason": reason });
    assert_eq!(world.progress(&id), reason(StopReason::TooOften));
    world.audrey.call("exports.read", json!({ "export": id })).refused("export_state");
    assert_eq!((world.logged("evidence.exported"), world.logged("evidence.export_stopped")), (0, 1));
    world.site.tick();
    assert_eq!(world.pieces(), 0);

    // Nobody went on with it for a day.
    world.site.console(
        "settings.put",
        json!({ "limits": { "export": { "per_hour": 100_000, "burst": 100_000 } } }),
    );
    world.site.advance_minutes(60);
    let late = world.begin(&everything());
    world.site.make_exports(2 * STEP);
    assert!(world.pieces() > 0);
    world.site.advance_minutes(24 * 60);
    world.site.make_exports(ALL);
    world.site.tick();
    world.site.tick();
    assert_eq!(world.progress(&late), Value::Null);
    assert_eq!((world.pieces(), world.logged("evidence.export_stopped")), (0, 2));

    let id = |prefix: &str| format!("{prefix}_{}", "0".repeat(26));
    let audrey = world.audrey.signed_in_again();
    for scope in [
        json!({ "of": "grant", "grant": id("grant") }),
        json!({ "of": "person", "person": id("person") }),
        json!({ "of": "tool", "tool": id("tool") }),
    ] {
        audrey.call("exports.begin", json!({ "scope": scope })).refused("not_found");
    }
    let backward = json!({ "of": "period", "from": "2026-12-01T00:00:00Z", "until": "2026-11-01T00:00:00Z" });
    audrey.call("exports.begin", json!({ "scope": backward })).refused("malformed_input");
    world.site.leave_as_it_is();
}

#[test]
fn what_an_export_keeps_of_somebody_goes_with_them() {
    let world = World::new(Site::in_memory());
    let whole = world.begin(&everything());
    world.site.make_exports(ALL);
    assert!(String::from_utf8_lossy(&world.read(&whole)).contains("Ada Lovelace"));
    let under_way = world.begin(&json!({ "of": "requests" }));
    // It named Ada, and did not come to its end.
    world.site.interrupt_exports(Interruption::Before, 3, || {});
    world.site.console("people.erase", json!({ "person": world.ada.id() }));
    for _ in 0..3 {
        world.site.advance_minutes(5);
        world.site.tick();
    }
    assert_eq!(world.logged("person.erased"), 1);
    let stopped = json!({ "is": "stopped", "reason": "erasure" });
    assert_eq!((world.progress(&whole), world.progress(&under_way)), (stopped.clone(), stopped));
    let stored = format!("{:?}", world.site.snapshot());
    assert!(!stored.contains(&format!("{whole}:000000")), "its pieces are gone");
    world.audrey.signed_in_again().call("exports.read", json!({ "export": whole })).refused("export_state");
    let again = world.begin(&everything());
    world.site.make_exports(ALL);
    let bytes = world.read(&again);
    assert!(!String::from_utf8_lossy(&bytes).contains("Ada Lovelace"));
    assert!(files(&bytes)["identities.json"].contains("\"erased\":true"));
}
