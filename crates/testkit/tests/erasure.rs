//! People who are erased: their access ends first, and then nothing tells who they were.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock};

use crate::copies::copy_request;
use crate::killed::killed_at;
use audit_log::{CompactRange, Strictness};
use clearance::audit::Actor;
use clearance::clockwork::run_due;
use clearance::documents::Change;
use clearance::evidence::{ExportRegister, ExportScope};
use clearance::ids::ExportId;
use clearance::ports::{LogEntry, LogHead, Moment, Ports as _, Store as _};
use clearance::sign_in::{VerifiedIdentity, sign_in_externally};
use clearance::text::EmailAddress;
use clearance_store::SqliteFile;
use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, Storage, text};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

const PURPOSE: &str = "To transcribe the quarterly xylophone recitals";
const ANSWER: &str = "Because the neighbours asked for a libretto";
const QUESTION: &str = "Is this about the harpsichord again?";
const RATIONALE: &str = "The marimba budget covers that already";
const ABOUT: &str = "Miss Quillfeather may, but not on Sundays";
const OLD_ADDRESS: &str = "zoe.before@example.com";
/// What must be nowhere in the end.
const TRACES: [&str; 9] = [
    "Zoe Quillfeather",
    "Quillfeather",
    "quillfeather",
    OLD_ADDRESS,
    PURPOSE,
    ANSWER,
    QUESTION,
    RATIONALE,
    ABOUT,
];

/// Everything that the program and its libraries say to the log, whatever of it the server would write.
fn logged() -> Arc<Mutex<String>> {
    struct Into(Arc<Mutex<String>>);
    impl<S: tracing::Subscriber> Layer<S> for Into {
        fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
            let mut said = self.0.lock().expect("nothing panics while logging");
            event.record(&mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
                let _ = writeln!(said, "{field}={value:?}");
            });
        }
    }
    static LOGGED: OnceLock<Arc<Mutex<String>>> = OnceLock::new();
    Arc::clone(LOGGED.get_or_init(|| {
        let said = Arc::new(Mutex::new(String::new()));
        let subscriber = tracing_subscriber::registry().with(Into(Arc::clone(&said)));
        tracing::subscriber::set_global_default(subscriber).expect("no other test takes the log");
        said
    }))
}

struct World {
    site: Site,
    zoe: PersonClient,
    alice: PersonClient,
    owen: PersonClient,
    ben: PersonClient,
    /// Zoe's: decided by Owen.
    request: String,
    /// Ben's: denied by Zoe.
    denied: String,
}

impl World {
    /// Zoe asked, answered, decided, and left traces wherever one can.
    fn new(site: Site) -> Self {
        let (alice, owen, ben) =
            (site.administrator("Alice Admin"), site.member("Owen Owner"), site.member("Ben Bitdiddle"));
        let zoe =
            site.person("Zoe Quillfeather", json!({ "email": OLD_ADDRESS, "groups": [site.security()] }));
        let put =
            json!({ "id": zoe.id(), "name": "Zoe Quillfeather", "email": "zoe.quillfeather@example.com" });
        site.console("people.put", put);
        let sketcher = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
        let painter = site.tool("Painter", json!({ "risk": "medium", "owners": [zoe.id()] }));
        let asked = json!({ "tool": sketcher, "purpose": PURPOSE, "data_classes": ["internal"], "days": 5 });
        let request = text(&zoe.call_once("key-1", "requests.submit", asked).ok()["request"]["id"]);
        owen.call("approvals.ask", json!({ "request": request, "question": ABOUT })).ok();
        zoe.call("requests.provide_information", json!({ "request": request, "answer": ANSWER })).ok();
        let approve = json!({ "request": request, "decision": "approve", "rationale": ABOUT });
        owen.call_once("key-2", "approvals.decide", approve).ok();
        let denied = ben.wait_for(&painter, 5);
        zoe.call("approvals.ask", json!({ "request": denied, "question": QUESTION })).ok();
        ben.call("requests.provide_information", json!({ "request": denied, "answer": "Ben's own words" }))
            .ok();
        let deny = json!({ "request": denied, "decision": "deny", "rationale": RATIONALE });
        zoe.call_once("key-3", "approvals.decide", deny).ok();
        zoe.wait_for(&site.tool("Composer", json!({ "risk": "medium", "owners": [owen.id()] })), 5);
        let _ = zoe.in_browser();
        bind_to_provider(&site);
        site.console("set_up_links.create", json!({ "person": zoe.id() }));
        Self { site, zoe, alice, owen, ben, request, denied }
    }

    /// A seat that somebody has to take away.
    fn give_a_seat(&self) -> String {
        let manual = json!({ "owners": [self.owen.id()], "fulfilment": { "kind": "manual" } });
        let grant = text(&self.zoe.take(&self.site.tool("Seat", manual), 5)["id"]);
        self.owen.call("grants.attest", json!({ "grant": grant })).ok();
        grant
    }

    fn erase(&self) -> Value {
        self.alice.call("people.erase", json!({ "person": self.zoe.id() })).ok()
    }

    fn erasure(&self) -> Value {
        self.alice.call("people.erasure", json!({ "person": self.zoe.id() })).ok()
    }

    /// Until it is done.
    fn wait(&self) {
        self.site.tick();
        self.site.advance_minutes(1);
        assert_eq!(self.site.tick().erased, 1);
    }
}

/// Zoe signs in through a provider, which binds its user to her.
fn bind_to_provider(site: &Site) {
    killed_at(site, 1, async |host| {
        let verified = VerifiedIdentity {
            issuer: "https://identity.example.com".to_owned(),
            subject: "quillfeather".to_owned(),
            invited_as: EmailAddress::parse("zoe.quillfeather@example.com").ok(),
            groups: None,
        };
        let moment = Moment::draw(host.environment());
        sign_in_externally(host, &verified, &moment).await.expect("she is invited");
    });
}

/// Traces that stand in a text, and where.
fn traces(place: &str, bytes: &[u8]) -> Vec<String> {
    let found =
        TRACES.iter().filter(|trace| bytes.windows(trace.len()).any(|window| window == trace.as_bytes()));
    found.map(|trace| format!("{place}: {trace}")).collect()
}

fn traces_on_disk(site: &Site) -> Vec<String> {
    let files = std::fs::read_dir(site.directory())
        .expect("the site's files")
        .map(|file| file.expect("a file").path());
    files
        .flat_map(|file| traces(&file.display().to_string(), &std::fs::read(&file).expect("its bytes")))
        .collect()
}

/// Roots of the log by its size, and the entries, as anybody may have kept them.
fn kept(site: &Site) -> (LogHead, Vec<LogEntry>) {
    site.with_store(async |store: &Storage| {
        let head = store.log_head().await.expect("a head");
        (head, store.log_entries(0, 1024).await.expect("entries"))
    })
}

#[test]
fn after_an_erasure_no_file_log_line_or_answer_tells_who_it_was() {
    let logged = logged();
    let world = World::new(Site::on_disk());
    let site = &world.site;
    let grant = world.give_a_seat();
    let (export, zoe) = register(&world);
    assert!(!traces_on_disk(site).is_empty(), "or else the search finds nothing anywhere");
    let (head, before) = kept(site);

    let begun = world.erase();
    assert_eq!(begun["state"], "ending");
    assert_eq!(begun["exports"]["items"][0]["export"], json!(export));
    world.zoe.call("requests.list", json!({})).refused("not_signed_in");
    assert_eq!(site.tick().erased, 0);
    let waiting = world.erasure();
    assert_eq!((&waiting["state"], &waiting["waiting_for"][0]["grant"]), (&json!("ending"), &json!(grant)));
    assert_eq!(waiting["waiting_for"][0]["state"], "removing");
    let task = text(&waiting["waiting_for"][0]["task"]);
    let seen = &world.owen.all("jobs.list", json!({ "state": "queued" }))[0];
    assert_eq!(
        (text(&seen["id"]), text(&seen["person"]["name"])),
        (task.clone(), "Zoe Quillfeather".to_owned())
    );
    site.advance_days(3);
    site.restart();
    assert_eq!(site.tick().erased, 0, "time alone takes no seat away");

    world.owen.call("jobs.attest", json!({ "job": task })).ok();
    assert_eq!(site.tick().erased, 0);
    let alice = world.alice.signed_in_again();
    let erasure = |input: Value| alice.call("people.erasure", input).ok();
    let of_zoe = json!({ "person": zoe });
    assert_eq!(erasure(of_zoe.clone())["state"], "destroying");
    assert_eq!(alice.request(&world.request)["requester"]["name"], "Erased person");
    site.restart();
    assert_eq!(site.tick().erased, 0, "somebody may still be answering with the name");
    site.advance_minutes(1);
    assert_eq!(site.tick().erased, 1);

    assert_eq!(traces_on_disk(site), Vec::<String>::new());
    let done = erasure(of_zoe.clone());
    assert_eq!((&done["state"], &done["erased_at"]), (&json!("erased"), &json!(site.now())));
    assert_eq!(done["exports"]["items"][0]["scope"]["of"], "requests");
    let request = alice.request(&world.request);
    assert_eq!((&request["state"], &request["purpose"]), (&json!("approved"), &json!(null)));
    let denied = world.ben.signed_in_again().request(&world.denied);
    assert_eq!((&denied["denial"], &denied["closed_by"]["name"]), (&json!([]), &json!("Erased person")));
    assert_eq!(denied["exchanges"][0]["answer"], "Ben's own words", "what others wrote of their own stays");
    assert_eq!(denied["purpose"], "Draft the minutes of our meetings");
    for operation in
        ["people.list", "requests.list", "grants.list", "jobs.list", "tokens.list", "audit.entries"]
    {
        let answer = json!(alice.all(operation, json!({}))).to_string();
        assert_eq!(traces(operation, answer.as_bytes()), Vec::<String>::new());
    }

    let entries = alice.all("audit.entries", json!({ "limit": 100 }));
    let erased = entries.iter().find(|entry| entry["kind"] == "person.erased").expect("an entry");
    let erased = text(&erased["entry"]);
    assert!(erased.contains(&export.to_string()) && erased.contains(r#""exports_in_all":1"#), "{erased}");
    proofs_hold(site, &head, &before);
    site.restart();
    assert_eq!(traces_on_disk(site), Vec::<String>::new(), "also after everything was closed");
    let logged = logged.lock().expect("nothing panics while logging").clone();
    assert!(logged.contains("operation="), "or else nothing was logged: {logged}");
    assert_eq!(traces("the server's log", logged.as_bytes()), Vec::<String>::new());
}

/// An export that named Zoe, registered as exports do.
fn register(world: &World) -> (ExportId, String) {
    let export = ExportId::of_name("an export");
    let row = ExportRegister {
        export,
        person: world.zoe.id().parse().expect("an id"),
        by: Actor::Console,
        at: world.site.now(),
        scope: ExportScope::Requests,
    };
    world.site.with_store(async |store: &Storage| {
        let mut change = Change::new();
        change.insert(&row);
        store.commit(change.into_commit().expect("a commit")).await.expect("it is kept");
    });
    (export, world.zoe.id())
}

/// Whatever was proved of the log before is true still.
fn proofs_hold(site: &Site, head: &LogHead, before: &[LogEntry]) {
    let (_, after) = kept(site);
    assert_eq!(&after[..before.len()], before);
    let mut range = CompactRange::new();
    after[..before.len()].iter().for_each(|entry| range.append(entry.leaf_hash));
    assert_eq!((range.size(), range.root()), (head.size, head.root));
    let file = SqliteFile::at(site.directory().join("clearance.db"));
    let sound = file.verify(NonZeroUsize::MIN, Strictness::Canonical, |_| {}).expect("the log is sound");
    assert_eq!(usize::try_from(sound.size).ok(), Some(after.len()));
}

#[test]
fn whoever_comes_again_is_a_new_person_and_nobody_comes_back() {
    let world = World::new(Site::in_memory());
    let (site, zoe) = (&world.site, world.zoe.id());
    world.erase();
    let back = json!({ "id": zoe, "name": "Zoe Quillfeather", "active": true });
    let new = json!({ "name": "Zoe Quillfeather", "email": "zoe.quillfeather@example.com" });
    world.alice.call("people.put", back.clone()).refused("person_erased");
    world.alice.call("people.put", new.clone()).refused("email_in_use");
    world.wait();
    world.alice.call("people.put", back).refused("person_erased");
    world.alice.call("set_up_links.create", json!({ "person": zoe })).refused("person_deactivated");
    let added = world.alice.call("people.put", new).ok();
    assert_ne!(added["person"]["id"], json!(zoe));
    let before = site.snapshot();
    assert_eq!(world.erase()["state"], "erased", "asking again changes nothing");
    assert_eq!(site.snapshot().difference(&before), Vec::<String>::new());
    let stranger = json!({ "person": "person_00000000000000000000000000" });
    world.alice.call("people.erase", stranger.clone()).refused("not_found");
    world.alice.call("people.erasure", stranger).refused("not_found");
    world.alice.call("people.erasure", json!({ "person": world.ben.id() })).refused("not_found");
}

#[test]
fn administrators_are_erased_like_anybody_but_the_last_one() {
    let site = Site::in_memory();
    let (alice, bob) = (site.administrator("Alice Admin"), site.administrator("Bob Boss"));
    bob.call("people.erase", json!({ "person": bob.id() })).ok();
    alice.call("people.erase", json!({ "person": alice.id() })).refused("last_administrator");
    site.advance_minutes(1);
    site.tick();
    site.advance_minutes(1);
    assert_eq!(site.tick().erased, 1);
}

#[test]
fn who_is_in_more_groups_than_fit_one_commit_leaves_them_all() {
    let site = Site::in_memory();
    let groups: Vec<_> = (0..40).map(|n| site.group(&format!("Group {n}"))).collect();
    let zoe = site.member("Zoe Quillfeather");
    for some in (1..=4).map(|n| &groups[..n * 10]) {
        site.console("people.put", json!({ "id": zoe.id(), "name": "Zoe Quillfeather", "groups": some }));
    }
    site.console("people.erase", json!({ "person": zoe.id() }));
    site.check();
    site.tick();
    site.advance_minutes(1);
    assert_eq!(site.tick().erased, 1);
}

/// One pass that dies at the n-th write; whether it came to its end before.
fn pass_killed_at(site: &Site, writes: u32) -> bool {
    killed_at(site, writes, async |ports| run_due(ports).await.is_ok())
}

#[test]
fn killed_at_any_write_it_is_taken_up_again() {
    for second in [false, true] {
        for writes in 0.. {
            let world = World::new(Site::in_memory());
            let site = &world.site;
            world.erase();
            if second {
                site.tick();
                site.advance_minutes(1);
            }
            let finished = pass_killed_at(site, writes);
            site.check();
            site.restart();
            site.tick();
            site.advance_minutes(1);
            site.tick();
            assert_eq!(world.erasure()["state"], "erased");
            let documents: BTreeMap<_, _> = site.snapshot().documents;
            for ((kind, key), (_, body)) in &documents {
                assert_eq!(traces(&format!("{kind} {key}"), body.as_bytes()), Vec::<String>::new());
            }
            if finished {
                assert!(writes >= 3, "it writes more than that");
                break;
            }
        }
    }
}

#[test]
fn a_long_past_is_walked_through_in_steps() {
    let world = World::new(Site::in_memory());
    let site = &world.site;
    copy_request(site, &world.denied, 6_000);
    world.erase();
    site.tick();
    site.advance_minutes(1);
    let left = |site: &Site| {
        site.snapshot().documents.values().filter(|(_, body)| !traces("", body.as_bytes()).is_empty()).count()
    };
    let before = left(site);
    assert_eq!(site.tick().erased, 0);
    let half = left(site);
    assert!(before > 6_000 && (500..2_000).contains(&half), "{before}, then {half}");
    site.restart();
    assert_eq!((site.tick().erased, left(site)), (1, 0));
    world.site.leave_as_it_is();
}

#[test]
fn two_hosts_at_once_erase_somebody_once() {
    let world = World::new(Site::on_disk());
    world.erase();
    world.site.tick();
    world.site.advance_minutes(1);
    let passes = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| world.site.try_tick())).collect();
        threads.into_iter().map(|thread| thread.join().expect("no pass panics")).collect::<Vec<_>>()
    });
    // Whoever lost a race leaves the rest to the next pass.
    world.site.tick();
    assert_eq!(world.erasure()["state"], "erased", "{passes:?}");
    assert_eq!(world.site.log_kinds().iter().filter(|kind| *kind == "person.erased").count(), 1);
}
