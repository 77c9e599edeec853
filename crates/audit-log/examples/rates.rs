//! Prints how fast this machine appends, verifies and proves, on one core. Run it with
//! `cargo run --release -p audit-log --example rates [-- ENTRIES]`.

#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::io::ErrorKind;
use std::time::Instant;

use audit_log::tile::{TILE_WIDTH, Tile, TilePath, TileReader, tiles_between};
use audit_log::{
    CompactRange, Entry, Hash, Record, Value, Verifier, leaf_hash, prove_consistency, prove_inclusion,
    prove_range, verify_inclusion, verify_range,
};

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
    let leaves: Vec<Hash> = entries.iter().map(Entry::leaf_hash).collect();
    proofs(&leaves, &root)
}

/// Proofs from tiles in memory, as a server with a cache makes them.
fn proofs(leaves: &[Hash], root: &Hash) -> Result<(), Box<dyn Error>> {
    let size = leaves.len() as u64;
    let start = Instant::now();
    let mut tiles: BTreeMap<TilePath, Tile> = BTreeMap::new();
    for path in tiles_between(0, size) {
        let hashes = if path.level() == 0 {
            let first = usize::try_from(path.index() * u64::from(TILE_WIDTH))?;
            leaves.iter().skip(first).take(path.width().into()).copied().collect()
        } else {
            path.children().filter_map(|below| tiles.get(&below)?.root().copied()).collect()
        };
        tiles.insert(path, Tile::new(path, hashes)?);
    }
    report("leaves into tiles", leaves.len(), start);

    let reader = TileReader::new(size, |path| {
        tiles.get(&path).ok_or(ErrorKind::NotFound).map_err(std::io::Error::from)
    });
    // Spread over the log, without pattern.
    let indices: Vec<u64> = (1..=10_000).map(|number| number * 2_654_435_761 % size.max(1)).collect();
    let start = Instant::now();
    let made =
        indices.iter().map(|index| prove_inclusion(&reader, *index, size)).collect::<Result<Vec<_>, _>>()?;
    report("inclusion proofs made", made.len(), start);
    let start = Instant::now();
    for (index, proof) in indices.iter().zip(&made) {
        let leaf = leaves.get(usize::try_from(*index)?).ok_or("no such leaf")?;
        verify_inclusion(leaf, *index, size, proof, root)?;
    }
    report("inclusion proofs checked", made.len(), start);
    let start = Instant::now();
    for old in &indices {
        black_box(prove_consistency(&reader, *old, size)?);
    }
    report("consistency proofs made", indices.len(), start);

    let tail = prove_range(&reader, size.saturating_sub(1_000), size, size)?;
    let start = Instant::now();
    verify_range(leaves.iter().rev().take(1_000).rev().copied(), &tail, size, root)?;
    report("leaves of a tail checked", leaves.len().min(1_000), start);
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
