//! Every way of changing a log is found by `clearance audit verify`, and each is told from the others.

use audit_log::note::{CosignedAt, CosignerKey, KeyName, NoteSignature, VerifierKey, cosigned_message};
use audit_log::{CompactRange, leaf_hash};
use ed25519_dalek::{Signer as _, SigningKey};
use rusqlite::Connection;
use serde_json::Value;

use super::{Data, people};

/// A log with two checkpoints kept elsewhere, the second one larger.
struct Kept {
    data: Data,
    sizes: [u64; 2],
    vkey: String,
}

impl Kept {
    fn new() -> Self {
        let data = Data::new();
        let add = |from: usize| {
            let file = data.path().join("people.csv");
            std::fs::write(&file, people(from..from + 300)).unwrap();
            data.says(&["people", "import", file.to_str().unwrap()]);
        };
        add(0);
        let first = data.json(&["audit", "checkpoint"]);
        std::fs::write(data.path().join("first"), first["checkpoint"]["note"].as_str().unwrap()).unwrap();
        add(300);
        // A minute must pass between two checkpoints: let the first one be older.
        data.change(
            "UPDATE log_publication SET body = json_set(body, '$.latest[1]', '2026-01-01T00:00:00.000Z')",
        );
        let second = data.json(&["audit", "checkpoint"]);
        let notes = [&first, &second].map(|answer| answer["checkpoint"]["note"].as_str().unwrap().to_owned());
        std::fs::write(data.path().join("both"), notes.map(|note| note + "\n").concat()).unwrap();
        let sizes = [&first, &second].map(|answer| answer["checkpoint"]["size"].as_u64().unwrap());
        assert!(sizes[0] > 300 && sizes[1] >= sizes[0] + 300);
        let vkey = second["verifier_keys"][0]["verifier"].as_str().unwrap().to_owned();
        Self { data, sizes, vkey }
    }

    /// A copy to be tampered with.
    fn copy(&self) -> Data {
        let copy = Data::new();
        for file in ["clearance.db", "vault.key", "first", "both"] {
            std::fs::copy(self.data.path().join(file), copy.path().join(file)).unwrap();
        }
        copy
    }
}

impl Data {
    fn connection(&self) -> Connection {
        Connection::open(self.path().join("clearance.db")).unwrap()
    }

    fn change(&self, statement: &str) {
        assert_ne!(self.connection().execute(statement, []).unwrap(), 0, "{statement}");
    }

    /// Writes leaf hashes, tiles and head anew, as somebody who controls the host would.
    fn rebuild_tree(&self) {
        let connection = self.connection();
        let entries: Vec<(i64, Vec<u8>)> = {
            let mut statement =
                connection.prepare("SELECT position, body FROM log_entry ORDER BY position").unwrap();
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            rows.map(Result::unwrap).collect()
        };
        connection.execute("DELETE FROM log_entry", []).unwrap();
        connection.execute("DELETE FROM log_tile", []).unwrap();
        let mut head = CompactRange::new();
        for (position, (_, body)) in (0_i64..).zip(&entries) {
            let leaf = leaf_hash(body);
            let insert = "INSERT INTO log_entry (position, leaf_hash, body) VALUES (?1, ?2, ?3)";
            connection.execute(insert, (position, leaf.as_bytes().as_slice(), body)).unwrap();
            head.append(leaf);
        }
        let update = "UPDATE log_head SET size = ?1, compact_range = ?2";
        connection.execute(update, (i64::try_from(head.size()).unwrap(), head.to_bytes())).unwrap();
        // The program makes the tiles of a log that has none.
        connection.execute("UPDATE meta SET value = 1 WHERE name = 'schema_version'", []).unwrap();
        connection.execute("DROP TABLE log_tile", []).unwrap();
        drop(connection);
        self.says(&["people", "import", "/dev/null"]);
    }

    /// What a verification that fails says.
    fn unsound(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["audit", "verify"];
        all.extend(arguments);
        let complaint = self.complains(&all);
        assert!(complaint.contains("NOT sound"), "{complaint}");
        all.push("--json");
        let output = self.run(&all);
        assert!(!output.status.success());
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(complaint.contains(answer["problem"].as_str().unwrap()));
        assert_eq!(answer["ok"], false);
        answer
    }

    fn file(&self, name: &str) -> String {
        self.path().join(name).to_str().unwrap().to_owned()
    }
}

/// A code, and between which entries the first deviation is said to lie.
type Found<'a> = (&'a str, Option<(u64, u64)>);

fn found(answer: &Value) -> Found<'_> {
    let between = answer["from"].as_u64().zip(answer["until"].as_u64());
    (answer["code"].as_str().unwrap(), between)
}

fn problem(answer: &Value) -> String {
    answer["problem"].as_str().unwrap().to_owned()
}

const REWRITE: &str =
    "UPDATE log_entry SET body = CAST(replace(CAST(body AS TEXT), 'person.added', 'person.changed') AS BLOB)
    WHERE position IN (350, 500)";
const CUT: &str = "DELETE FROM log_entry WHERE position >= 590";

fn swap(data: &Data) {
    for (from, to) in [(10, -1), (11, 10), (-1, 11)] {
        data.change(&format!("UPDATE log_entry SET position = {to} WHERE position = {from}"));
    }
}

fn replace(data: &Data) {
    data.change("UPDATE log_entry SET (leaf_hash, body) = (SELECT leaf_hash, body FROM log_entry WHERE position = 30) WHERE position = 20");
}

fn repeat(data: &Data) {
    let end = "SELECT count(*) FROM log_entry";
    data.change(&format!(
        "INSERT INTO log_entry SELECT ({end}), leaf_hash, body FROM log_entry WHERE position = 5"
    ));
}

fn spoil_tile(data: &Data) {
    data.change("UPDATE log_tile SET hashes = zeroblob(8192) WHERE level = 0 AND position = 1");
}

/// A way of changing a log, and what is found.
type Case = (fn(&Data), Found<'static>);

/// Logs that do not agree with themselves: no checkpoint is needed.
fn within_the_log(kept: &Kept) -> Vec<String> {
    let cases: [Case; 7] = [
        // A forged leaf, a dropped entry, reordered entries, a forged leaf with its hash, a truncated tail, an entry too many, a tile that spoils proofs.
        (|data| data.change(REWRITE), ("leaf_mismatch", Some((350, 351)))),
        (|data| data.change("DELETE FROM log_entry WHERE position = 7"), ("gap", Some((7, 8)))),
        (swap, ("exchanged", Some((10, 12)))),
        (replace, ("replaced", Some((20, 21)))),
        (|data| data.change(CUT), ("truncated", Some((590, 591)))),
        (repeat, ("surplus", None)),
        (spoil_tile, ("wrong_tile", None)),
    ];
    let find = |(change, (code, between)): Case| {
        let data = kept.copy();
        change(&data);
        let strict: &[&str] = if code == "wrong_tile" { &["--strict"] } else { &[] };
        let answer = data.unsound(strict);
        assert_eq!(answer["code"], code, "{answer}");
        assert!(between.is_none() || found(&answer).1 == between, "{answer}");
        problem(&answer)
    };
    cases.into_iter().map(find).collect()
}

/// Logs that agree with themselves: only a checkpoint kept elsewhere tells, and which one narrows it down.
fn against_checkpoints(kept: &Kept) -> Vec<String> {
    let [small, large] = kept.sizes;
    let cases = [
        // History rewritten with a fresh tree; cut with a fresh tree.
        (REWRITE, ("rewritten", Some((small, large)))),
        (CUT, ("behind_checkpoint", Some((590, large)))),
    ];
    let find = |(change, expected)| {
        let data = kept.copy();
        data.change(change);
        data.rebuild_tree();
        assert_eq!(data.json(&["audit", "verify", "--strict"])["ok"], true);
        let (first, both) = (data.file("first"), data.file("both"));
        let before = ["audit", "verify", "--checkpoint", &first, "--key", &kept.vkey];
        assert_eq!(data.json(&before)["ok"], true, "nothing before the first checkpoint was changed");
        let answer = data.unsound(&["--checkpoint", &both, "--key", &kept.vkey]);
        assert_eq!(found(&answer), expected);
        problem(&answer)
    };
    cases.into_iter().map(find).collect()
}

/// Checkpoints that prove nothing: of another log, under another key, changed, or none.
fn checkpoints_themselves(kept: &Kept) -> Vec<String> {
    let other = Data::new();
    other.add("Ada", "admin");
    let swapped = other.json(&["audit", "checkpoint"])["checkpoint"]["note"].as_str().unwrap().to_owned();
    let note = std::fs::read_to_string(kept.data.path().join("first")).unwrap();
    let origin: KeyName = note.lines().next().unwrap().parse().unwrap();
    let stranger = SigningKey::from_bytes(&[1; 32]).verifying_key();
    let stranger = VerifierKey::new(origin, stranger.as_bytes()).unwrap().to_string();
    let changed = note.replacen(&format!("\n{}\n", kept.sizes[0]), "\n300\n", 1);
    assert_ne!(changed, note);
    let cases = [
        (swapped.as_str(), &kept.vkey, "other_log"),
        (&note, &stranger, "unknown_key"),
        (&changed, &kept.vkey, "wrong_signature"),
        ("hello\n\nworld\n", &kept.vkey, "no_checkpoint"),
    ];
    let find = |(note, key, code): (&str, &String, &str)| {
        let file = kept.data.file("brought");
        std::fs::write(&file, note).unwrap();
        let answer = kept.data.unsound(&["--checkpoint", &file, "--key", key]);
        assert_eq!(answer["code"], code, "{answer}");
        problem(&answer)
    };
    cases.into_iter().map(find).collect()
}

#[test]
fn each_way_of_changing_a_log_is_found_and_told_from_the_others() {
    let kept = Kept::new();
    // As it is, it continues both checkpoints.
    let both = kept.data.file("both");
    let sound = ["audit", "verify", "--strict", "--checkpoint", &both, "--key", &kept.vkey];
    let said = kept.data.json(&sound);
    assert_eq!((&said["ok"], said["checkpoints"].as_u64()), (&Value::Bool(true), Some(2)));
    assert_eq!(said["continues"].as_u64(), Some(kept.sizes[1]));
    assert_eq!(said["anchored_size"], said["continues"], "what the file covers lies outside");
    assert!(kept.data.says(&sound).contains("continues every checkpoint"));

    let problems =
        [within_the_log(&kept), against_checkpoints(&kept), checkpoints_themselves(&kept)].concat();
    let different: std::collections::BTreeSet<_> = problems.iter().collect();
    assert_eq!(different.len(), problems.len(), "each has its own message: {problems:#?}");
}

#[test]
fn checkpoints_are_printed_and_say_what_is_not_anchored() {
    let data = Data::new();
    data.add("Ada", "admin");
    let output = data.run(&["audit", "checkpoint"]);
    let (note, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(note.starts_with("ai-clearance.site_") && note.contains("\n\n— ai-clearance.site_"), "{note}");
    assert!(said.contains("could still rewrite all 3 entries"), "{said}");
    let file = data.file("kept");
    std::fs::write(&file, &note).unwrap();
    let said = data.says(&["audit", "verify", "--checkpoint", &file]);
    assert!(said.contains("continues every checkpoint") && said.contains("give yours with --key"), "{said}");
    assert!(data.says(&["audit", "verify"]).contains("could still rewrite all 3 entries"));
    let old =
        data.json(&["audit", "checkpoint"])["verifier_keys"][0]["verifier"].as_str().unwrap().to_owned();
    let new = data.says(&["audit", "rotate-key"]);
    assert_ne!(old, new.trim());
    data.change(
        "UPDATE log_publication SET body = json_set(body, '$.latest[1]', '2026-01-01T00:00:00.000Z')",
    );
    let note = data.says(&["audit", "checkpoint"]);
    let signers = note.lines().filter(|line| line.starts_with('—')).count();
    assert_eq!(signers, 2, "the first checkpoint after the change is signed by both keys");
    std::fs::write(&file, &note).unwrap();
    data.says(&["audit", "verify", "--checkpoint", &file, "--key", new.trim()]);
    assert!(data.complains(&["audit", "cosign", &file]).contains("checkpoint_refused"));
}

#[test]
fn cosignatures_of_configured_witnesses_are_kept_and_demanded() {
    let data = Data::new();
    data.add("Ada", "admin");
    let answer = data.json(&["audit", "checkpoint"]);
    let (note, vkey) = (&answer["checkpoint"]["note"], &answer["verifier_keys"][0]["verifier"]);
    let (note, vkey) = (note.as_str().unwrap(), vkey.as_str().unwrap());
    let signer = SigningKey::from_bytes(&[3; 32]);
    let name = "witness.example/w1".parse().unwrap();
    let witness = CosignerKey::new(name, signer.verifying_key().as_bytes()).unwrap();
    let at = CosignedAt::from_seconds(1_795_000_000).unwrap();
    let text = format!("{}\n", note.split_once("\n\n").unwrap().0);
    let cosigned = |message: &str| {
        let signature = signer.sign(cosigned_message(message, at).as_bytes()).to_bytes();
        format!("{note}{}\n", NoteSignature::cosignature(&witness, at, signature))
    };
    let witness = witness.to_string();
    let (plain, good, wrong) = (data.file("plain"), data.file("good"), data.file("wrong"));
    std::fs::write(&plain, note).unwrap();
    std::fs::write(&good, cosigned(&text)).unwrap();
    std::fs::write(&wrong, cosigned("another text\n")).unwrap();
    let demand = |file: &str| {
        let demanded = ["--checkpoint", file, "--key", vkey, "--witness", &witness, "--quorum", "1"];
        data.unsound(&demanded)["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(demand(&plain), "unwitnessed");
    assert_eq!(demand(&wrong), "wrong_cosignature");

    let config = format!("[anchor]\nwitnesses = [\"{witness}\"]\n");
    std::fs::write(data.path().join("clearance.toml"), config).unwrap();
    assert!(data.complains(&["audit", "cosign", &wrong]).contains("checkpoint_refused"));
    assert!(data.says(&["audit", "cosign", &good]).contains("witness.example/w1"));
    let said = data.says(&[
        "audit",
        "verify",
        "--checkpoint",
        &good,
        "--key",
        vkey,
        "--witness",
        &witness,
        "--quorum",
        "1",
    ]);
    assert!(said.contains("cosigned by witness.example/w1"), "{said}");
    // What the site keeps now carries it too.
    let kept = data.json(&["audit", "checkpoint"]);
    assert_eq!(kept["anchored_size"], answer["checkpoint"]["size"]);
    assert_eq!(kept["checkpoint"]["note"], std::fs::read_to_string(&good).unwrap());
}
