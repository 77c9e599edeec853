//! Changes that wait for a second administrator: who may agree, from when on, and what is left of them.

use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, text};

use crate::concurrency::{at_once, tally};

const OKTA: &str = "acme.okta.com";
const ACCOUNT: &str = "00u1canary2cd3ef4gh5";

struct World {
    site: Site,
    alice: PersonClient,
    connector: String,
}

impl World {
    fn new() -> Self {
        let site = Site::in_memory();
        let alice = site.administrator("Alice Admin");
        let connector = site.okta_connector("Okta", OKTA);
        site.core().account(OKTA, ACCOUNT, "Alice A. Admin");
        Self { site, alice, connector }
    }

    /// Alice says which account is hers.
    fn propose(&self) -> Value {
        let input = json!({
            "connector": self.connector, "person": self.alice.id(), "account": ACCOUNT, "display_name": "Alice A. Admin",
        });
        self.alice.signed_in_again().call("identities.put", input).ok()["proposal"].take()
    }

    fn mappings(&self) -> Vec<Value> {
        self.site.console("identities.list", json!({}))["items"].as_array().expect("items").clone()
    }

    fn secrets(&self) -> usize {
        let documents = self.site.snapshot().documents;
        documents.keys().filter(|(kind, key)| *kind == "vault_entry" && key.contains("account")).count()
    }
}

fn one(proposal: &Value) -> Value {
    json!({ "proposal": proposal["id"] })
}

#[test]
fn the_only_administrator_waits_a_day_and_another_one_does_not() {
    let world = World::new();
    let proposal = world.propose();
    assert_eq!((&proposal["state"], &proposal["may_confirm"]), (&json!("open"), &json!(false)));
    let at = world.site.now();
    assert_eq!(proposal["alone_from"], json!(at.plus_minutes(24 * 60).to_string()));
    let refusal = world.alice.call("proposals.confirm", one(&proposal)).refused("own_proposal");
    assert_eq!(refusal["details"]["alone_from"], proposal["alone_from"]);
    world.site.advance_minutes(24 * 60 - 1);
    world.alice.call("proposals.confirm", one(&proposal)).refused("own_proposal");
    world.site.advance_minutes(1);
    let alice = world.alice.signed_in_again();
    assert_eq!(alice.all("proposals.list", json!({ "state": "open" }))[0]["may_confirm"], true);
    let confirmed = alice.call("proposals.confirm", one(&proposal)).ok()["proposal"].take();
    assert_eq!((&confirmed["state"], &confirmed["account_name"]), (&json!("confirmed"), &Value::Null));
    let mapping = &world.mappings()[0];
    assert_eq!(mapping["mapped_by"]["id"], alice.id());
    assert_eq!(mapping["confirmed_by"]["id"], alice.id());
}

#[test]
fn nobody_gets_rid_of_the_others_to_agree_with_himself() {
    let world = World::new();
    let bob = world.site.administrator("Bob Admin");
    let proposal = world.propose();
    world.site.advance_days(2);
    let alice = world.alice.signed_in_again();
    alice.call("proposals.confirm", one(&proposal)).refused("own_proposal");
    alice.call("people.put", json!({ "id": bob.id(), "name": "Bob Admin", "role": "member" })).ok();
    bob.call("proposals.confirm", one(&proposal)).refused("not_permitted");
    let refusal = alice.call("proposals.confirm", one(&proposal)).refused("own_proposal");
    let from = world.site.now().plus_minutes(24 * 60).to_string();
    assert_eq!(refusal["details"]["alone_from"], json!(from));
    world.site.advance_days(1);
    alice.signed_in_again().call("proposals.confirm", one(&proposal)).ok();
}

#[test]
fn the_command_line_agrees_with_people_and_not_with_itself() {
    let world = World::new();
    let proposal = world.propose();
    let confirmed = world.site.console("proposals.confirm", one(&proposal));
    assert_eq!(confirmed["proposal"]["decided_by"], json!({ "kind": "console" }));

    // What the command line proposes waits for a person.
    let tool = world.site.tool("Note taker", json!({}));
    world.site.core().group(OKTA, "00g1", "Note takers");
    world.site.core().join(OKTA, "00g1", ACCOUNT);
    let bind = json!({ "tool": tool, "connector": world.connector, "group": "00g1" });
    let proposal = world.site.console("provider_groups.bind", bind)["proposal"].take();
    let own =
        world.site.perform(clearance::authorization::Caller::Console, "proposals.confirm", &one(&proposal));
    assert_eq!(own.unwrap_err().code().as_str(), "own_proposal");
    world.site.advance_days(2);
    let own =
        world.site.perform(clearance::authorization::Caller::Console, "proposals.confirm", &one(&proposal));
    assert_eq!(own.unwrap_err().code().as_str(), "own_proposal");
    world.alice.signed_in_again().call("proposals.confirm", one(&proposal)).ok();
}

#[test]
fn whoever_is_no_administrator_any_more_proposes_nothing() {
    let world = World::new();
    let bob = world.site.administrator("Bob Admin");
    let proposal = world.propose();
    bob.call("people.put", json!({ "id": world.alice.id(), "name": "Alice Admin", "role": "member" })).ok();
    bob.call("proposals.confirm", one(&proposal)).refused("proposal_state");
    world.alice.call("proposals.confirm", one(&proposal)).refused("not_permitted");
    world.alice.call("proposals.withdraw", one(&proposal)).refused("not_permitted");
    assert_eq!(world.mappings(), Vec::<Value>::new());
    let withdrawn = bob.call("proposals.withdraw", one(&proposal)).ok();
    assert_eq!(withdrawn["proposal"]["decided_by"]["id"], bob.id());
}

#[test]
fn what_is_withdrawn_or_lapses_leaves_nothing_of_the_account() {
    let world = World::new();
    let bob = world.site.administrator("Bob Admin");
    let first = world.propose();
    assert_eq!((first["account_name"].clone(), world.secrets()), (json!("Alice A. Admin"), 1));
    bob.call("proposals.withdraw", one(&first)).ok();
    bob.call("proposals.withdraw", one(&first)).refused("proposal_state");
    world.site.tick();
    assert_eq!(world.secrets(), 0);

    world.site.advance_minutes(1);
    let second = world.propose();
    world.site.advance_days(30);
    let bob = bob.signed_in_again();
    // Nobody agrees any more, whether or not the clockwork has come by.
    bob.call("proposals.confirm", one(&second)).refused("proposal_state");
    let shown = bob.all("proposals.list", json!({})).remove(0);
    assert_eq!((&shown["state"], &shown["may_withdraw"]), (&json!("lapsed"), &json!(false)));
    // The same may be proposed again before that, too.
    let third = world.propose();
    assert_ne!(third["id"], second["id"]);
    world.site.advance_minutes(1);
    assert_eq!(world.site.tick().proposals_lapsed, 1);
    assert_eq!(bob.all("proposals.list", json!({ "state": "lapsed" })).len(), 1);
    assert_eq!(world.secrets(), 1);
    bob.call("proposals.confirm", one(&third)).ok();
    world.site.tick();
    assert_eq!(world.secrets(), 1, "the mapped account's own");
    let kinds = world.site.log_kinds();
    let count = |kind: &str| kinds.iter().filter(|other| *other == kind).count();
    let counts = ["made", "confirmed", "withdrawn", "lapsed"].map(|it| count(&format!("proposal.{it}")));
    assert_eq!(counts, [3, 1, 1, 1]);
    let stored = format!("{:?}", world.site.snapshot());
    assert!(!stored.contains(ACCOUNT));
}

#[test]
fn one_proposal_about_a_thing_waits_at_a_time() {
    let world = World::new();
    let first = world.propose();
    let before = world.site.snapshot();
    assert_eq!(world.propose()["id"], first["id"], "the same is the same");
    let changed = world.site.snapshot().difference(&before);
    assert!(changed.iter().all(|it| !it.starts_with("proposal")), "{changed:?}");
    world.site.core().account(OKTA, "00uother", "Alice Other");
    let other = json!({
        "connector": world.connector, "person": world.alice.id(), "account": "00uother", "display_name": "Alice Other",
    });
    let refusal = world.alice.call("identities.put", other).refused("proposal_open");
    assert_eq!(refusal["details"]["proposal"], first["id"]);
    // What nobody named is destroyed after an hour.
    world.site.advance_minutes(61);
    world.site.tick();
    assert_eq!(world.secrets(), 1);
}

#[test]
fn sixty_four_agree_and_call_off_at_once_and_one_is_heard() {
    let site = Site::on_disk();
    let alice = site.administrator("Alice Admin");
    let others: Vec<_> = (0..4).map(|n| site.administrator(&format!("Other {n}"))).collect();
    let connector = site.okta_connector("Okta", OKTA);
    for round in 0..3 {
        let account = format!("00u{round}");
        site.core().account(OKTA, &account, "Alice A. Admin");
        let input = json!({
            "connector": connector, "person": alice.id(), "account": account, "display_name": "Alice A. Admin",
        });
        let made = at_once(64, |_| alice.call("identities.put", input.clone()));
        let ids: std::collections::BTreeSet<_> =
            made.iter().map(|answer| text(&answer.clone().ok()["proposal"]["id"])).collect();
        assert_eq!(ids.len(), 1, "the same proposal");
        let one = json!({ "proposal": ids.first() });
        let answers = at_once(64, |n| {
            let operation = if n % 2 == 0 { "proposals.confirm" } else { "proposals.withdraw" };
            others[n % 4].call(operation, one.clone())
        });
        let tally = tally(&answers);
        assert_eq!((tally.get("ok"), tally.get("proposal_state")), (Some(&1), Some(&63)), "{tally:?}");
        site.check();
    }
}

#[test]
fn who_only_reads_sees_and_decides_nothing() {
    let world = World::new();
    let auditor = world.site.auditor("Audrey Auditor");
    let proposal = world.propose();
    let seen = auditor.all("proposals.list", json!({})).remove(0);
    assert_eq!(seen["id"], proposal["id"]);
    assert_eq!((&seen["may_confirm"], &seen["may_withdraw"]), (&json!(false), &json!(false)));
    for operation in ["proposals.confirm", "proposals.withdraw"] {
        auditor.call(operation, one(&proposal)).refused("not_permitted");
    }
    let ada = world.site.member("Ada Lovelace");
    ada.call("proposals.list", json!({})).refused("not_permitted");
}
