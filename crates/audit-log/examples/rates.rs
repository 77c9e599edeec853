//! Prints how fast this machine appends and verifies, on one core. Run it with
//! `cargo run --release -p audit-log --example rates [-- ENTRIES]`.

#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use audit_log::{CompactRange, Entry, Hash, Record, Value, Verifier, leaf_hash};

fn main() -> Result<(), Box<dyn Error>> {
    let count: usize = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let records: Vec<Record> = (0..1_000).map(record).collect();

    let start = Instant::now();
    let entries =
        records.iter().cycle().take(count).map(Record::prepare).collect::<Result<Vec<Entry>, _>>()?;
    report("prepare (write, hash)", count, start);
    let bytes: usize = entries.iter().map(|entry| entry.bytes().len()).sum();
    println!("  {} bytes an entry", bytes.checked_div(count).unwrap_or_default());

    let start = Instant::now();
    let mut head = CompactRange::new();
    for entry in &entries {
        head.append(entry.leaf_hash());
    }
    let root = black_box(head.root());
    report("append", count, start);

    let start = Instant::now();
    for entry in &entries {
        black_box::<Hash>(leaf_hash(entry.bytes()));
    }
    report("leaf hashes alone", count, start);

    for (name, mut verifier) in [
        ("verify", Verifier::new(CompactRange::new())),
        ("verify, strict", Verifier::strict(CompactRange::new())),
    ] {
        let start = Instant::now();
        for (index, entry) in (0..).zip(&entries) {
            verifier.push(index, entry.bytes(), &entry.leaf_hash())?;
        }
        verifier.finish(head.size(), &root)?;
        report(name, count, start);
    }
    Ok(())
}

/// A record of the usual size, about 200 bytes.
fn record(number: u32) -> Record {
    Record {
        at: "2026-11-23T09:30:00.123456Z".into(),
        kind: "request.submitted".into(),
        actor: Value::object([("person", "person_01J9Z6W8K3".into())]),
        facts: Value::object([
            ("days", Value::from(number % 90)),
            ("request", format!("req_01J9Z6W8K3{number:06}").into()),
            ("tool", "tool_01J9Z6".into()),
        ]),
    }
}

fn report(what: &str, count: usize, start: Instant) {
    let seconds = start.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate to three digits")]
    let rate = count as f64 / seconds / 1e6;
    println!("{what:<24} {rate:>8.3} M/s");
}
