//! Which person has which account: entered by an administrator, confirmed by name, kept apart, imported in rows.

use core_protocol::message::{AccountStatus, FollowUpReason, Outcome};
use serde_json::{Value, json};
use testkit::{Client as _, Fault, PersonClient, Site, text};

use crate::concurrency::{at_once, tally};

const OKTA: &str = "acme.okta.com";
const ADAS: &str = "00u1canaryAda4gh5ijk";
const BENS: &str = "00u1canaryBen4gh5ijk";

struct World {
    site: Site,
    alice: PersonClient,
    ada: PersonClient,
    ben: PersonClient,
    connector: String,
}

impl World {
    fn on(site: Site) -> Self {
        let alice = site.administrator("Alice Admin");
        let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
        let connector = site.okta_connector("Okta", OKTA);
        site.core().account(OKTA, ADAS, "Ada King");
        site.core().account(OKTA, BENS, "Ben B.");
        Self { site, alice, ada, ben, connector }
    }

    fn new() -> Self {
        Self::on(Site::in_memory())
    }

    fn input(&self, person: &PersonClient, account: &str, name: &str) -> Value {
        json!({ "connector": self.connector, "person": person.id(), "account": account, "display_name": name })
    }

    fn map(&self, person: &PersonClient, account: &str, name: &str) -> Value {
        let answer = self.alice.call("identities.put", self.input(person, account, name)).ok();
        assert_eq!(answer["proposal"], Value::Null);
        answer["identity"].clone()
    }

    fn mappings(&self) -> Vec<Value> {
        self.alice.all("identities.list", json!({ "connector": self.connector }))
    }

    fn secrets(&self) -> usize {
        let documents = self.site.snapshot().documents;
        documents.keys().filter(|(kind, key)| *kind == "vault_entry" && key.contains("account")).count()
    }

    fn import(&self, rows: &Value, digest: Option<&Value>) -> testkit::Answer {
        let mut input = json!({ "connector": self.connector, "rows": rows });
        if let Some(digest) = digest {
            input["digest"] = digest.clone();
        }
        self.alice.call("identities.import", input)
    }
}

#[test]
fn an_account_is_looked_up_confirmed_by_name_and_never_shown_again() {
    let world = World::new();
    let by_name = format!("{ADAS}@example.com");
    for account in [ADAS, &by_name] {
        let input = json!({ "connector": world.connector, "account": account });
        let found = world.alice.call("identities.look_up", input).ok();
        assert_eq!(found, json!({ "display_name": "Ada King", "sign_in_name": by_name, "status": "active" }));
    }
    // Entered by sign-in name, kept by the provider's own id.
    let mapping = world.map(&world.ada, &by_name, "Ada King");
    assert_eq!(mapping["hint"], "5ijk");
    assert_eq!(mapping["display_name"], "Ada King");
    assert_eq!(mapping["person"]["id"], world.ada.id());
    assert_eq!(mapping["mapped_by"]["id"], world.alice.id());
    let before = world.site.snapshot();
    assert_eq!(world.map(&world.ada, ADAS, "Ada King"), mapping, "the same is the same");
    assert_eq!(world.site.snapshot().difference(&before), Vec::<String>::new());
    assert_eq!(world.mappings(), vec![mapping]);
    assert_eq!(world.secrets(), 1);
    let everything = format!(
        "{:?} {:?} {:?}",
        world.site.snapshot(),
        world.mappings(),
        world.alice.all("audit.entries", json!({}))
    );
    for canary in [ADAS, "canary", by_name.as_str()] {
        assert!(!everything.contains(canary), "{canary}");
    }
    let log = format!("{:?}", world.alice.all("audit.entries", json!({})));
    for canary in ["Ada King", "5ijk"] {
        assert!(!log.contains(canary), "{canary}");
    }
}

#[test]
fn one_account_is_one_persons() {
    let world = World::new();
    world.map(&world.ada, ADAS, "Ada King");
    let before = world.site.snapshot();
    for account in [ADAS, &format!("{ADAS}@example.com")] {
        world
            .alice
            .call("identities.put", world.input(&world.ben, account, "Ada King"))
            .refused("account_in_use");
    }
    assert_eq!(world.site.snapshot().difference(&before), Vec::<String>::new());
    // Another account for the same person takes the first one's place, which is then free.
    world.site.core().account(OKTA, "00uAdaTheSecondOne00", "Ada King");
    world.map(&world.ada, "00uAdaTheSecondOne00", "Ada King");
    world.site.tick();
    assert_eq!((world.mappings().len(), world.secrets()), (1, 1));
    world.map(&world.ben, ADAS, "Ada King");
    assert_eq!(world.mappings().len(), 2);
    // At another tenant the same id is somebody else's account.
    let other = world.site.okta_connector("Other", "other.okta.com");
    world.site.core().account("other.okta.com", ADAS, "Somebody Else");
    let input = json!({ "connector": other, "person": world.ben.id(), "account": ADAS, "display_name": "Somebody Else" });
    world.alice.call("identities.put", input).ok();
    // A second connector to the same tenant is no way around.
    let again = world.site.okta_connector("Okta again", OKTA);
    let list = world.alice.all("identities.list", json!({ "person": world.ben.id() }));
    assert_eq!(list.len(), 2);
    let _ = again;
}

#[test]
fn what_is_no_account_to_work_with_is_refused_and_says_what_to_do() {
    let world = World::new();
    let core = world.site.core();
    // The key of fingerprints is made when it is needed for the first time.
    world.map(&world.ben, BENS, "Ben B.");
    let put = |account: &str, name: &str| {
        world.alice.call("identities.put", world.input(&world.ada, account, name))
    };
    let before = world.site.snapshot();
    for wrong in ["me", " ME ", "", " ", "a/b", "a\\b", ".", "..", "a\nb", &"x".repeat(300)] {
        put(wrong, "Ada King").refused("malformed_input");
    }
    put("00uNobody", "Ada King").refused("account_not_found");
    let refusal = put(ADAS, "Ada Lovelace").refused("display_name_differs");
    assert!(!refusal.to_string().contains("King"), "{refusal}");
    for name in ["ada king", "Ada  King", "Ada Kíng"] {
        put(ADAS, name).refused("display_name_differs");
    }
    for status in [AccountStatus::Suspended, AccountStatus::Deactivated] {
        core.set_status(OKTA, ADAS, status);
        put(ADAS, "Ada King").refused("account_inactive");
        let found =
            world.alice.call("identities.look_up", json!({ "connector": world.connector, "account": ADAS }));
        assert_ne!(found.ok()["status"], "active");
    }
    core.set_status(OKTA, ADAS, AccountStatus::Active);
    core.fail([Fault::Answers(Outcome::NeedsFollowUp { reason: FollowUpReason::PermissionMissing })]);
    put(ADAS, "Ada King").refused("connector_failing");
    let nobody = json!({
        "connector": world.connector, "person": "person_00000000000000000000000000", "account": ADAS, "display_name": "Ada King",
    });
    world.alice.call("identities.put", nobody).refused("not_found");
    assert_eq!(world.site.snapshot().difference(&before), Vec::<String>::new());
    world
        .alice
        .call("people.put", json!({ "id": world.ada.id(), "name": "Ada Lovelace", "active": false }))
        .ok();
    put(ADAS, "Ada King").refused("person_deactivated");
    world.alice.call("connectors.disable", json!({ "connector": world.connector })).ok();
    world.alice.call("identities.put", world.input(&world.ben, BENS, "Ben B.")).refused("connector_disabled");
}

#[test]
fn the_providers_names_are_shown_as_plain_lines() {
    let world = World::new();
    world.site.core().account(OKTA, "00uX", "Ada\u{202e} gniK\n<b>");
    let found = world
        .alice
        .call("identities.look_up", json!({ "connector": world.connector, "account": "00uX" }))
        .ok();
    assert_eq!(found["display_name"], "Ada gniK <b>");
    world.map(&world.ada, "00uX", "Ada gniK <b>");
    world.site.core().account(OKTA, "00uY", "\u{202e}\u{7}");
    let found = world
        .alice
        .call("identities.look_up", json!({ "connector": world.connector, "account": "00uY" }))
        .ok();
    assert_eq!(found["display_name"], "00uY@example.com");
}

#[test]
fn ones_own_account_waits_for_somebody_else_and_for_the_provider_to_say_the_same() {
    let world = World::new();
    let bob = world.site.administrator("Bob Admin");
    world.site.core().account(OKTA, "00uAlice", "Alice A.");
    let own = world.input(&world.alice, "00uAlice", "Alice A.");
    let one = json!({ "proposal": world.alice.call("identities.put", own.clone()).ok()["proposal"]["id"] });
    assert_eq!(world.mappings(), Vec::<Value>::new());
    world.alice.call("proposals.confirm", one.clone()).refused("own_proposal");
    // The account was given another owner.
    world.site.core().account(OKTA, "00uAlice", "Mallory M.");
    bob.call("proposals.confirm", one.clone()).refused("proposal_outdated");
    world.site.core().account(OKTA, "00uAlice", "Alice A.");
    world.site.core().set_status(OKTA, "00uAlice", AccountStatus::Suspended);
    bob.call("proposals.confirm", one.clone()).refused("account_inactive");
    world.site.core().set_status(OKTA, "00uAlice", AccountStatus::Active);
    // Somebody else was mapped to it meanwhile.
    bob.call("identities.put", world.input(&world.ben, "00uAlice", "Alice A.")).ok();
    bob.call("proposals.confirm", one.clone()).refused("account_in_use");
    bob.call("identities.remove", json!({ "connector": world.connector, "person": world.ben.id() })).ok();
    bob.call("proposals.confirm", one).ok();
    let mapping = world.mappings().remove(0);
    assert_eq!(mapping["confirmed_by"]["id"], bob.id());
    // Bob maps Alice's anew alone: it is not his own.
    world.site.core().account(OKTA, "00uAlice2", "Alice A.");
    let answer = bob.call("identities.put", world.input(&world.alice, "00uAlice2", "Alice A.")).ok();
    assert_eq!(answer["identity"]["confirmed_by"], Value::Null);
}

#[test]
fn a_proposal_does_not_reach_another_tenant() {
    let world = World::new();
    let bob = world.site.administrator("Bob Admin");
    world.site.core().account(OKTA, "00uAlice", "Alice A.");
    let own = world.input(&world.alice, "00uAlice", "Alice A.");
    let one = json!({ "proposal": world.alice.call("identities.put", own).ok()["proposal"]["id"] });
    world.site.core().account("evil.okta.com", "00uAlice", "Alice A.");
    let credential = json!({ "kind": "api_token", "token": "another" });
    let elsewhere = json!({
        "connector": world.connector, "version": 1, "name": "Okta",
        "provider": { "kind": "okta", "host": "evil.okta.com", "credential": credential },
    });
    bob.signed_in_again().call("connectors.put", elsewhere).ok();
    bob.call("proposals.confirm", one).refused("proposal_outdated");
    assert_eq!(world.mappings(), Vec::<Value>::new());
}

#[test]
fn a_mapping_is_removed_with_what_the_vault_had() {
    let world = World::new();
    world.map(&world.ada, ADAS, "Ada King");
    let input = json!({ "connector": world.connector, "person": world.ada.id() });
    world.ada.call("identities.remove", input.clone()).refused("not_permitted");
    world.alice.call("identities.remove", input.clone()).ok();
    world.alice.call("identities.remove", input).refused("not_found");
    world.site.tick();
    assert_eq!((world.mappings().len(), world.secrets()), (0, 0));
    assert!(world.site.log_kinds().contains(&"identity.unmapped".to_owned()));
}

#[test]
fn erasing_a_person_takes_their_accounts_and_what_waits_about_them() {
    let world = World::new();
    let bob = world.site.administrator("Bob Admin");
    world.map(&world.ada, ADAS, "Ada King");
    world.site.core().account(OKTA, "00uBobsAccount000000", "Bob the Admin");
    bob.call("identities.put", world.input(&bob, "00uBobsAccount000000", "Bob the Admin")).ok();
    for person in [&world.ada, &bob] {
        world.site.console("people.erase", json!({ "person": person.id() }));
    }
    for _ in 0..3 {
        world.site.advance_minutes(2);
        world.site.tick();
    }
    for person in [&world.ada, &bob] {
        let erasure = world.alice.call("people.erasure", json!({ "person": person.id() })).ok();
        assert_eq!(erasure["state"], "erased");
    }
    assert_eq!((world.mappings().len(), world.secrets()), (0, 0));
    assert_eq!(world.alice.all("proposals.list", json!({ "state": "open" })), Vec::<Value>::new());
    let stored = format!("{:?}", world.site.snapshot());
    for name in ["Ada King", "Bob the Admin"] {
        assert!(!stored.contains(name), "{name}");
    }
}

#[test]
fn sixty_four_at_once_leave_one_person_with_the_account() {
    let world = World::on(Site::on_disk());
    for round in 0..3 {
        let account = format!("00u{round}");
        world.site.core().account(OKTA, &account, "Somebody");
        let answers = at_once(64, |n| {
            let person = if n % 2 == 0 { &world.ada } else { &world.ben };
            world.alice.call("identities.put", world.input(person, &account, "Somebody"))
        });
        let tally = tally(&answers);
        assert_eq!((tally.get("ok"), tally.get("account_in_use")), (Some(&32), Some(&32)), "{tally:?}");
        world.site.check();
    }
}

#[test]
fn an_import_is_shown_first_and_makes_only_what_was_shown() {
    let world = World::new();
    let bob = world.site.administrator("Bob Admin");
    world.site.core().account(OKTA, "00uAlicesAccount0000", "Alice A.");
    world.map(&world.ben, BENS, "Ben B.");
    let rows = json!([
        { "person": world.ada.id(), "account": ADAS },
        { "person": "BEN.bitdiddle@example.com", "account": format!("{BENS}@example.com") },
        { "person": world.alice.id(), "account": "00uAlicesAccount0000" },
        { "person": "nobody@example.com", "account": ADAS },
        { "person": bob.id(), "account": "00uNobody" },
    ]);
    let before = world.site.snapshot();
    let shown = world.import(&rows, None).ok();
    assert_eq!(world.site.snapshot().difference(&before), Vec::<String>::new(), "nothing is changed yet");
    let column = |answer: &Value, name: &str| {
        answer["rows"].as_array().expect("rows").iter().map(|row| row[name].clone()).collect::<Vec<_>>()
    };
    assert_eq!(column(&shown, "change"), ["add", "same", "add", "problem", "problem"]);
    let problems =
        [Value::Null, Value::Null, Value::Null, json!("unknown_reference"), json!("account_not_found")];
    assert_eq!(column(&shown, "problem"), problems);
    assert_eq!(column(&shown, "account_name")[0], "Ada King");
    assert_eq!((&shown["applied"], &shown["proposals"]), (&json!(0), &json!(0)));
    assert!(!shown.to_string().contains("canary"));

    // Somebody renamed the account meanwhile: that is not what was shown.
    world.site.core().account(OKTA, ADAS, "Mallory M.");
    world.import(&rows, Some(&shown["digest"])).refused("import_differs");
    world.site.core().account(OKTA, ADAS, "Ada King");
    world.import(&rows, Some(&json!("0".repeat(64)))).refused("import_differs");
    assert_eq!(world.mappings().len(), 1);

    let done = world.import(&rows, Some(&shown["digest"])).ok();
    assert_eq!((&done["applied"], &done["proposals"]), (&json!(1), &json!(1)));
    assert_eq!(world.mappings().len(), 2);
    let again = world.import(&rows, None).ok();
    assert_eq!(column(&again, "change"), ["same", "same", "add", "problem", "problem"]);
    assert_ne!(again["digest"], shown["digest"]);
    // One's own waits for somebody else, and does not wait twice.
    let repeated = world.import(&rows, Some(&again["digest"])).ok();
    assert_eq!((&repeated["applied"], &repeated["proposals"]), (&json!(0), &json!(1)));
    assert_eq!(world.alice.all("proposals.list", json!({ "state": "open" })).len(), 1);
}

#[test]
fn hostile_rows_are_problems_and_spoil_no_others() {
    let world = World::new();
    let rows = json!([
        { "person": world.ada.id(), "account": "me" },
        { "person": "=HYPERLINK(\"https://evil.example\")", "account": ADAS },
        { "person": world.ada.id().to_uppercase(), "account": ADAS },
        { "person": "'; drop table person; --", "account": BENS },
        { "person": "", "account": "" },
        { "person": "x".repeat(10_000), "account": "y".repeat(10_000) },
        { "person": "ada.lovelace@example.com\u{0}", "account": "\u{202e}" },
        { "person": world.ben.id(), "account": BENS },
    ]);
    let shown = world.import(&rows, None).ok();
    let changes: Vec<_> = shown["rows"].as_array().unwrap().iter().map(|row| text(&row["change"])).collect();
    assert_eq!(changes[..7], vec!["problem"; 7]);
    assert_eq!(changes[7], "add");
    assert!(!shown.to_string().contains("evil"), "what was typed is not said again");
    assert_eq!(world.import(&rows, Some(&shown["digest"])).ok()["applied"], 1);
    // An address at the provider means nobody.
    let guessed = json!([{ "person": format!("{ADAS}@example.com"), "account": ADAS }]);
    assert_eq!(world.import(&guessed, None).ok()["rows"][0]["problem"], "unknown_reference");
    // Two rows about one person, or one account: neither is right.
    world.site.core().account(OKTA, "00uC", "Carol C.");
    for rows in [
        json!([{ "person": world.ada.id(), "account": ADAS }, { "person": "ada.lovelace@example.com", "account": "00uC" }]),
        json!([{ "person": world.ada.id(), "account": "00uC" }, { "person": world.ben.id(), "account": "00uC@example.com" }]),
    ] {
        let shown = world.import(&rows, None).ok();
        assert!(shown["rows"].as_array().unwrap().iter().all(|row| row["change"] == "problem"), "{shown:#}");
    }
    let row = json!({ "person": world.ada.id(), "account": ADAS });
    for rows in [json!([]), json!(vec![row; 101])] {
        world.import(&rows, None).refused("malformed_input");
    }
    world
        .import(&json!([{ "person": world.ada.id(), "account": ADAS, "name": "x" }]), None)
        .refused("malformed_input");
}

#[test]
fn the_provider_out_of_reach_fails_an_import_as_a_whole() {
    let world = World::new();
    let rows =
        json!([{ "person": world.ada.id(), "account": ADAS }, { "person": world.ben.id(), "account": BENS }]);
    let shown = world.import(&rows, None).ok();
    let before = world.site.snapshot();
    world.site.core().set_down(Some(clearance::ports::CoreError::Unreachable("no route".to_owned())));
    world.import(&rows, Some(&shown["digest"])).refused("provider_unavailable");
    assert_eq!(world.site.snapshot().difference(&before), Vec::<String>::new());
    world.site.core().set_down(None);
    assert_eq!(world.import(&rows, Some(&shown["digest"])).ok()["applied"], 2);
}

#[test]
fn looking_up_and_importing_are_counted_whatever_comes_of_it() {
    let world = World::new();
    let allowance = json!({ "per_hour": 1, "burst": 2 });
    world.site.console("settings.put", json!({ "limits": { "connector_tests": allowance } }));
    let input = json!({ "connector": world.connector, "account": "00uNobody" });
    for _ in 0..2 {
        world.alice.call("identities.look_up", input.clone()).refused("account_not_found");
    }
    world.alice.call("identities.look_up", input).refused("rate_limited");
    let allowance = json!({ "per_hour": 1, "burst": 100 });
    world.site.console("settings.put", json!({ "limits": { "imports": allowance } }));
    let rows = json!(vec![json!({ "person": world.ada.id(), "account": ADAS }); 51]);
    world.import(&rows, None).ok();
    world.import(&rows, None).refused("rate_limited");
}
