//! Checkpoints, proofs, receipts and what leaves the site.

use audit_log::note::{CosignedAt, CosignerKey, NoteSignature, SignedNote, VerifierKey, cosigned_message};
use audit_log::{
    Checkpoint, Entry, Hash, TlogProof, TrustPolicy, Value as LogValue, leaf_hash, verify_consistency,
    verify_inclusion,
};
use clearance::ports::{Commit, Store as _};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, text};

/// A site with a pending request, and its log's first checkpoint.
struct World {
    site: Site,
    ada: PersonClient,
    owen: PersonClient,
    alice: PersonClient,
    audrey: PersonClient,
    request: String,
}

impl World {
    fn new() -> Self {
        let site = Site::on_disk();
        let (ada, owen) = (site.member("Ada Lovelace"), site.member("Owen Owner"));
        let (alice, audrey) = (site.administrator("Alice Admin"), site.auditor("Audrey Auditor"));
        let tool = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
        let request = ada.wait_for(&tool, 5);
        assert_eq!(site.tick().checkpoints, 1);
        Self { site, ada, owen, alice, audrey, request }
    }

    /// The log grows, and a checkpoint covers it.
    fn grow(&self) {
        self.site.console("people_groups.put", json!({ "name": format!("Group {}", self.size()) }));
        self.site.advance_minutes(1);
        assert_eq!(self.site.tick().checkpoints, 1);
    }

    fn latest(&self) -> Value {
        self.audrey.call("audit.checkpoint", json!({})).ok()
    }

    fn size(&self) -> u64 {
        self.latest()["checkpoint"]["size"].as_u64().expect("a size")
    }

    /// What an auditor trusts who was given the newest key.
    fn policy(&self) -> TrustPolicy {
        let answer = self.latest();
        let keys = answer["verifier_keys"].as_array().expect("keys");
        let key = text(&keys.last().expect("a key")["verifier"]).parse().expect("a verifier key");
        TrustPolicy::new(answer["origin"].as_str().expect("an origin"), vec![key])
    }
}

fn hash(value: &Value) -> Hash {
    text(value).parse().expect("a hash")
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().expect("hashes").iter().map(hash).collect()
}

#[test]
fn a_checkpoint_is_signed_when_the_log_has_grown_and_each_is_kept() {
    let world = World::new();
    let first = world.latest();
    let note = text(&first["checkpoint"]["note"]);
    let opened = world.policy().open(note.as_bytes()).expect("the signature is the log's");
    assert_eq!(opened.checkpoint.size(), first["log_size"].as_u64().expect("a size"));
    assert_eq!(*opened.checkpoint.root(), hash(&first["checkpoint"]["root"]));
    // Nothing new, or too soon: no further one.
    world.site.advance_minutes(10);
    assert_eq!(world.site.tick().checkpoints, 0);
    world.grow();
    world.site.console("people_groups.put", json!({ "name": "Another" }));
    assert_eq!(world.site.tick().checkpoints, 0, "within a minute");
    world.site.restart();
    let listed = world.audrey.all("audit.checkpoints", json!({ "limit": 1 }));
    assert_eq!(listed.len(), 2, "newest first, and the first one is as it was");
    assert_eq!(listed[1], first["checkpoint"]);
    let from = world.audrey.all("audit.checkpoints", json!({ "from_size": world.size() }));
    assert_eq!(from, [listed[0].clone()]);
}

#[test]
fn two_processes_publish_one_checkpoint() {
    let world = World::new();
    world.site.console("people_groups.put", json!({ "name": "Another" }));
    world.site.advance_minutes(1);
    let published: u64 = world.site.tick_at_once(4).iter().map(|pass| pass.checkpoints).sum();
    assert_eq!(published, 1);
    assert_eq!(world.audrey.all("audit.checkpoints", json!({})).len(), 2);
}

#[test]
fn proofs_verify_against_the_checkpoints_alone() {
    let world = World::new();
    let small = world.latest()["checkpoint"].clone();
    for _ in 0..4 {
        world.grow();
    }
    let large = world.latest()["checkpoint"].clone();
    let (from, to) = (small["size"].as_u64().expect("a size"), large["size"].as_u64().expect("a size"));
    let entries = world.audrey.all("audit.entries", json!({}));
    for entry in entries.iter().take(usize::try_from(to).expect("few")) {
        let index = entry["index"].as_u64().expect("an index");
        let answer = world.audrey.call("audit.proof", json!({ "inclusion": { "index": index } })).ok();
        let leaf = leaf_hash(text(&entry["entry"]).as_bytes());
        assert_eq!(leaf, hash(&answer["leaf_hash"]));
        verify_inclusion(&leaf, index, to, &hashes(&answer["hashes"]), &hash(&large["root"]))
            .expect("the entry is in the log");
        let proof = TlogProof::parse(text(&answer["tlog_proof"]).as_bytes()).expect("a tlog-proof");
        proof.verify(&leaf, &world.policy()).expect("the text proves it too");
        // In a tree that no checkpoint was made of there is a proof, but no text.
        let input = json!({ "inclusion": { "index": 0, "size": index + 1 } });
        let answer = world.audrey.call("audit.proof", input).ok();
        let first = leaf_hash(text(&entries[0]["entry"]).as_bytes());
        verify_inclusion(&first, 0, index + 1, &hashes(&answer["hashes"]), &hash(&answer["root"]))
            .expect("the first entry is in every tree");
    }
    let answer = world.audrey.call("audit.proof", json!({ "consistency": { "from": from } })).ok();
    assert_eq!(answer["from_root"], small["root"]);
    verify_consistency(from, &hash(&small["root"]), to, &hash(&large["root"]), &hashes(&answer["hashes"]))
        .expect("the log only grew");
    for wrong in [
        json!({ "inclusion": { "index": to } }),
        json!({ "inclusion": { "index": 0, "size": to + 1 } }),
        json!({ "inclusion": { "index": 5, "size": 5 } }),
        json!({ "consistency": { "from": 9, "to": 8 } }),
        json!({ "consistency": { "from": 1, "to": to + 1 } }),
        json!({ "inclusion": { "index": 0, "leaf": "x" } }),
        json!({ "root": { "size": 1 } }),
        json!({}),
    ] {
        world.audrey.call("audit.proof", wrong).refused("malformed_input");
    }
}

#[test]
fn requester_and_approver_take_receipts_of_their_own_entries() {
    let world = World::new();
    let receipt = json!({ "request": world.request });
    world.site.advance_minutes(90);
    world.owen.approve(&world.request).ok();
    let pending = world.owen.call("audit.receipt", receipt.clone()).refused("checkpoint_pending");
    assert!(text(&pending["message"]).contains("ask again"));
    world.grow();
    let policy = world.policy();
    let kinds = |who: &PersonClient| {
        let answer = who.call("audit.receipt", receipt.clone()).ok();
        assert_eq!(answer["verifier_keys"].as_array().expect("keys").len(), 1);
        let receipts = answer["receipts"].as_array().expect("receipts").clone();
        let kind = |receipt: &Value| {
            let proof = TlogProof::parse(text(&receipt["tlog_proof"]).as_bytes()).expect("a tlog-proof");
            let entry = proof.unauthenticated_extra().expect("the entry").to_vec();
            proof.verify(&leaf_hash(&entry), &policy).expect("the entry is in the log");
            let entry: Value = serde_json::from_slice(&entry).expect("an entry");
            assert_eq!(entry["actor"]["person"], who.id());
            assert_eq!(entry["facts"]["request"], world.request);
            text(&entry["kind"])
        };
        receipts.iter().map(kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&world.ada), ["request.submitted"]);
    assert_eq!(kinds(&world.owen), ["approval.decided", "request.approved", "grant.activated"]);
    // Whoever did nothing about it has no receipt, and whoever may not see it learns nothing.
    world.alice.call("audit.receipt", receipt.clone()).refused("not_found");
    world.site.member("Mallory").call("audit.receipt", receipt.clone()).refused("not_found");
    world.audrey.call("audit.receipt", receipt).refused("not_permitted");
}

#[test]
fn a_new_key_signs_and_the_old_one_stays_listed() {
    let world = World::new();
    let old = world.policy();
    world.alice.call("audit.rotate_key", json!({})).ok();
    assert_eq!(world.site.log_kinds().last().map(String::as_str), Some("audit.key_rotated"));
    world.site.advance_minutes(1);
    world.site.tick();
    let answer = world.latest();
    let keys = answer["verifier_keys"].as_array().expect("keys");
    assert_eq!((keys.len(), keys[0]["until"].is_null(), keys[1]["until"].is_null()), (2, false, true));
    // The first checkpoint after the change is signed by both, so that whoever knows the old key can go on.
    let note = text(&answer["checkpoint"]["note"]);
    old.open(note.as_bytes()).expect("signed by the old key");
    world.policy().open(note.as_bytes()).expect("signed by the new key");
    world.grow();
    let note = text(&world.latest()["checkpoint"]["note"]);
    old.open(note.as_bytes()).expect_err("not signed by the old key any more");
    world.policy().open(note.as_bytes()).expect("signed by the new key");
    world.site.advance_minutes(11);
    world.alice.call("audit.rotate_key", json!({})).refused("sign_in_required");
}

#[test]
fn a_checkpoint_is_anchored_once_a_configured_witness_has_signed_it() {
    let world = World::new();
    let answer = world.latest();
    assert_eq!((&answer["anchored_size"], &answer["rewritable"]), (&json!(0), &answer["log_size"]));
    let size = world.size();
    let witness = SigningKey::from_bytes(&[3; 32]);
    let name = "witness.example/w1".parse().expect("a name");
    let key = CosignerKey::new(name, witness.verifying_key().as_bytes()).expect("a key");
    let at = CosignedAt::from_seconds(1_795_000_000).expect("a time");
    let cosign = |note: &str, wrong: bool| {
        let mut note = SignedNote::parse(note.as_bytes()).expect("a note");
        let checkpoint = world.policy().open_note(&note).expect("the log's").checkpoint;
        let mut signature = witness.sign(cosigned_message(&checkpoint.to_text(), at).as_bytes()).to_bytes();
        signature[7] ^= u8::from(wrong);
        note.add_signature(NoteSignature::cosignature(&key, at, signature));
        note.to_string()
    };
    let note = text(&answer["checkpoint"]["note"]);
    let bring = |note: &str| world.alice.call("audit.add_cosignatures", json!({ "note": note }));
    bring(&cosign(&note, false)).refused("checkpoint_refused");
    let anchoring = json!({ "email": false, "witnesses": [key.to_string()] });
    world.site.console("audit.put_anchoring", anchoring.clone());
    world.site.console("audit.put_anchoring", anchoring);
    let changes = world.site.log_kinds().iter().filter(|kind| *kind == "audit.anchoring_changed").count();
    assert_eq!(changes, 1, "what is settled already is no event");
    bring(&note).refused("checkpoint_refused");
    bring(&cosign(&note, true)).refused("checkpoint_refused");
    bring("no note").refused("malformed_input");
    // A checkpoint of another log, although its witness is the right one.
    let foreign = SigningKey::from_bytes(&[9; 32]);
    let origin = "elsewhere.example/log";
    let foreign_key = VerifierKey::new(origin.parse().expect("a name"), foreign.verifying_key().as_bytes());
    let other = Checkpoint::new(origin, size, audit_log::EMPTY_ROOT).expect("a checkpoint");
    let signature = foreign.sign(other.to_text().as_bytes()).to_bytes();
    let other = other.to_note(NoteSignature::new(&foreign_key.expect("a key"), signature)).expect("a note");
    bring(&other.to_string()).refused("checkpoint_refused");

    let kept = bring(&cosign(&note, false)).ok();
    assert_eq!(kept["checkpoint"]["anchors"][0]["to"]["witness"], "witness.example/w1");
    let again = bring(&cosign(&note, false)).ok();
    assert_eq!(kept, again, "bringing it twice changes nothing");
    let answer = world.latest();
    assert_eq!(answer["anchored_size"], size);
    let policy = world.policy().with_witnesses(1, vec![key]).expect("a policy");
    policy.open(text(&answer["checkpoint"]["note"]).as_bytes()).expect("log and witness have signed");
    let first = &world.audrey.call("audit.proof", json!({ "inclusion": { "index": 0 } })).ok()["tlog_proof"];
    assert!(text(first).contains("witness.example/w1"), "proofs carry the cosignature");
    world.grow();
    let answer = world.latest();
    let log_size = answer["log_size"].as_u64().expect("a size");
    assert_eq!((&answer["anchored_size"], &answer["rewritable"]), (&json!(size), &json!(log_size - size)));
}

#[test]
fn witnesses_that_cannot_be_counted_are_refused() {
    let world = World::new();
    let put = |witnesses: Value| {
        let input = json!({ "email": false, "witnesses": witnesses });
        world.site.perform(clearance::authorization::Caller::Console, "audit.put_anchoring", &input)
    };
    let key = SigningKey::from_bytes(&[3; 32]).verifying_key();
    let key = |name: &str| {
        CosignerKey::new(name.parse().expect("a name"), key.as_bytes()).expect("a key").to_string()
    };
    let log = text(&world.latest()["verifier_keys"][0]["verifier"]);
    for wrong in [json!(["x"]), json!([key("a"), key("b")]), json!([log]), json!(vec![key("a"); 17])] {
        assert_eq!(put(wrong).expect_err("refused").code().as_str(), "malformed_input");
    }
    put(json!([key("a")])).expect("one is fine");
}

#[test]
fn a_log_that_does_not_continue_its_checkpoint_is_not_signed() {
    let world = World::new();
    let size = world.size();
    // Somebody lowers what is published, as if the log had been shorter, and signs on.
    world.site.with_store(async |store| {
        use clearance::audit::PublishedCheckpoint;
        use clearance::documents::{Change, Loaded};
        let kept: Loaded<PublishedCheckpoint> =
            PublishedCheckpoint::load(store, size).await.expect("the store").expect("a checkpoint");
        let mut change = Change::new();
        change.update(&kept, &PublishedCheckpoint { root: audit_log::EMPTY_ROOT, ..(*kept).clone() });
        store.commit(change.into_commit().expect("a commit")).await.expect("the store");
    });
    world.site.console("people_groups.put", json!({ "name": "Another" }));
    world.site.advance_minutes(1);
    assert_eq!(world.site.try_tick().expect_err("no second history").code().as_str(), "unavailable");
    assert_eq!(world.size(), size);
}

#[test]
fn a_verification_is_recorded_when_it_ends_and_goes_on_only_from_its_own_answers() {
    let world = World::new();
    let long = 50_010 - world.latest()["log_size"].as_u64().expect("a size");
    world.site.with_store(async |store| {
        let entry = |number: u64| Entry::prepare(&LogValue::from(number.to_string())).expect("an entry");
        let numbers: Vec<u64> = (0..long).collect();
        for numbers in numbers.chunks(20) {
            let entries = numbers.iter().map(|number| entry(*number)).collect();
            store.commit(Commit { writes: Vec::new(), entries }).await.expect("the store");
        }
    });
    let first = world.audrey.call("audit.verify", json!({})).ok();
    assert_eq!(
        (&first["ok"], &first["verified"], &first["size"]),
        (&Value::Null, &json!(50_000), &json!(50_010))
    );
    for (field, value) in [
        ("verified", json!(49_152)),
        ("size", json!(50_000)),
        ("root", json!("00".repeat(32))),
        ("seal", json!("A".repeat(88))),
    ] {
        let mut next = first["next"].clone();
        next[field] = value;
        world.audrey.call("audit.verify", json!({ "next": next })).refused("malformed_input");
    }
    let log_size = |world: &World| world.site.snapshot().entries;
    assert_eq!(log_size(&world), 50_010, "nothing is recorded before the end");
    let last = world.audrey.call("audit.verify", json!({ "next": first["next"] })).ok();
    assert_eq!((&last["ok"], &last["size"]), (&json!(true), &json!(50_010)));
    let entry = world.site.with_store(async |store| store.log_entries(50_010, 1).await.expect("the store"));
    let entry: Value = serde_json::from_slice(&entry[0].bytes).expect("an entry");
    assert_eq!(
        (&entry["kind"], &entry["actor"]["person"]),
        (&json!("audit.verified"), &json!(world.audrey.id()))
    );
    let facts = json!({ "ok": true, "size": 50_010, "root": last["root"] });
    assert_eq!(entry["facts"], facts);
    // Its entries are no records.
    world.site.leave_as_it_is();
}

#[test]
fn reading_the_log_s_files_is_an_entry_a_day_for_each_token_and_for_sessions() {
    let world = World::new();
    let read = |who: &dyn Fn(Value) -> testkit::Answer| drop(who(json!({ "path": "checkpoint" })).ok());
    let entries = || {
        let kinds = world.site.log_kinds();
        kinds.iter().filter(|kind| *kind == "audit.log_read").count()
    };
    let (mirror, browser) = (world.audrey.with_scope("log"), world.audrey.in_browser());
    for _ in 0..3 {
        read(&|input| mirror.call("audit.resource", input));
    }
    assert_eq!(entries(), 1);
    read(&|input| browser.call("audit.resource", input.clone()));
    read(&|input| world.audrey.in_browser().call("audit.resource", input));
    assert_eq!(entries(), 2, "sessions count together");
    read(&|input| world.audrey.with_scope("log").call("audit.resource", input));
    assert_eq!(entries(), 3, "another token");
    world.site.console("audit.resource", json!({ "path": "tile/0/000.p/1" }));
    assert_eq!(entries(), 3);
    world.site.advance_days(1);
    read(&|input| mirror.call("audit.resource", input));
    assert_eq!(entries(), 4, "another day");
    mirror.call("audit.resource", json!({ "path": "tile/0/001" })).refused("not_found");
    world
        .alice
        .with_scope("read")
        .call("audit.resource", json!({ "path": "checkpoint" }))
        .refused("token_scope");
}
