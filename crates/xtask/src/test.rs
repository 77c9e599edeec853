//! The second of the README's two commands: everything that must pass, in the order in which it is cheapest to fail.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::command_line::Part;
use crate::process::Program;
use crate::{dependency_tree, forge, lint, set_up, types, ui, verifier};

struct Step {
    part: Part,
    name: &'static str,
    run: fn() -> Result<()>,
}

const STEPS: &[Step] = &[
    Step { part: Part::Lint, name: "format", run: lint::format },
    Step { part: Part::Lint, name: "dependency trees", run: dependency_tree::check },
    Step { part: Part::Lint, name: "clippy", run: lint::clippy },
    Step { part: Part::Rust, name: "Rust tests", run: rust_tests },
    Step { part: Part::Wasm, name: "Forge module on Node", run: forge::test_module },
    Step { part: Part::Wasm, name: "offline verifier on Node", run: verifier::test },
    Step { part: Part::Ui, name: "types are fresh", run: types::check },
    Step { part: Part::Ui, name: "pages build", run: ui::build },
    Step { part: Part::Forge, name: "Forge app", run: forge::check },
    Step { part: Part::Forge, name: "store contract on Forge", run: forge::contract },
    Step { part: Part::Forge, name: "Forge app on the local platform", run: forge::test_app },
    Step { part: Part::Forge, name: "scenarios on Forge", run: forge::test_scenarios },
    Step { part: Part::Browser, name: "browser tests", run: ui::browser_tests },
];

/// npm packages that Rust tests start as servers.
const RUST_TESTS_NPM: [&str; 2] = ["crates/clearance-server/tests/oidc", "crates/ardsaor-core/tests/vendor"];

fn rust_tests() -> Result<()> {
    set_up::c_compiler()?;
    RUST_TESTS_NPM.into_iter().try_for_each(set_up::npm_packages)?;
    Program::new("cargo").args(["test", "--workspace"]).run()
}

/// Runs the steps of one part, or all; stops at the first that fails; ends with a summary.
pub(crate) fn run(only: Option<Part>) -> Result<()> {
    let mut summary = Vec::new();
    let (mut passed, mut failure) = (0, None);
    let started = now();
    let steps: Vec<_> = STEPS.iter().filter(|step| only.is_none_or(|part| part == step.part)).collect();
    for step in &steps {
        eprintln!("\n== {} ==", step.name);
        let begun = now();
        let outcome = (step.run)();
        let elapsed = seconds(begun.elapsed());
        match outcome {
            Ok(()) => {
                passed += 1;
                summary.push(format!("passed  {elapsed:>7}  {}", step.name));
            }
            Err(error) => {
                summary.push(format!("FAILED  {elapsed:>7}  {}", step.name));
                failure = Some(error.context(format!("{} failed", step.name)));
                break;
            }
        }
    }
    println!("\n== summary ==\n{}", summary.join("\n"));
    let failed = u32::from(failure.is_some());
    let left = steps.len() - summary.len();
    let elapsed = seconds(started.elapsed());
    println!("{passed} passed, {failed} failed, {left} not run, {elapsed}");
    match failure {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a step took is shown to the person who waits, and decides nothing"
)]
fn now() -> Instant {
    Instant::now()
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
