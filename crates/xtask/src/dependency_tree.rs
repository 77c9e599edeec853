//! The rules stay free of I/O, clocks and randomness because nothing that brings them may enter their dependency tree.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::process::Program;
use crate::set_up::{self, WASM_TARGET};

/// Crates that run inside Forge or an auditor's browser and must run anywhere else too.
const KEPT_PURE: [&str; 6] =
    ["audit-log", "clearance", "clearance-forge", "core-protocol", "evidence-pack", "evidence-verifier"];

/// Crates that would bring a runtime, a database, a network, a clock, randomness or JavaScript.
const FORBIDDEN: [&str; 17] = [
    "console_error_panic_hook",
    "getrandom",
    "hyper",
    "instant",
    "js-sys",
    "libsqlite3-sys",
    "mio",
    "rand",
    "reqwest",
    "rusqlite",
    "sqlx",
    "sqlx-core",
    "tokio",
    "wasm-bindgen",
    "wasm-bindgen-futures",
    "web-sys",
    "web-time",
];

/// Features that would bring the same into a crate that is harmless without them.
const FORBIDDEN_FEATURES: [(&str, &[&str]); 3] = [
    ("chrono", &["clock", "now", "wasmbind"]),
    ("jiff", &["js", "std", "tz-system"]),
    ("uuid", &["js", "rng", "rng-getrandom", "v4", "v7"]),
];

/// Fails when one of the pure crates depends on something that is not.
pub(crate) fn check() -> Result<()> {
    set_up::wasm_target()?;
    let mut found = Vec::new();
    for package in KEPT_PURE {
        let tree = ["tree", "--package", package, "--target", WASM_TARGET, "--edges", "normal"];
        let tree =
            Program::new("cargo").args(tree).args(["--prefix", "none", "--format", "{p} {f}"]).output()?;
        let tree = String::from_utf8(tree)?;
        let offences = offences(&tree);
        let names: BTreeSet<_> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
        println!("{package}: {} crates, {} forbidden", names.len(), offences.len());
        found.extend(offences.into_iter().map(|offence| format!("{package} depends on {offence}")));
    }
    if !found.is_empty() {
        bail!("{}; `cargo tree --invert` shows the way", found.join(", "));
    }
    Ok(())
}

/// Forbidden crates and features in lines of `name vVERSION [(path or note)] feature,feature`.
fn offences(tree: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let Some(name) = words.next() else { continue };
        let features = words.next_back().unwrap_or_default();
        if FORBIDDEN.contains(&name) {
            found.push(name.to_owned());
        }
        for (_, forbidden) in FORBIDDEN_FEATURES.iter().filter(|(of, _)| *of == name) {
            let on = features.split(',').filter(|feature| forbidden.contains(feature));
            found.extend(on.map(|feature| format!("{name} with feature {feature}")));
        }
    }
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::offences;

    #[test]
    fn forbidden_crates_and_features_are_found_and_others_are_not() {
        let tree = "clearance v0.1.0 (/somewhere/tokio) \nserde v1.0.229 default,std\njiff v1.0.1 alloc\ntokio v1.54.1 rt\n\
                    tokio v1.54.1 rt (*)\nchrono v0.4.45 alloc,clock\nrand_core v0.9.0 \n";
        assert_eq!(offences(tree), ["chrono with feature clock", "tokio"]);
    }
}
