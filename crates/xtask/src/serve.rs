//! The first of the README's two commands.

use std::ffi::OsString;

use anyhow::Result;

use crate::process::Program;
use crate::{set_up, ui};

/// What the server is told unless the caller says otherwise.
const DEFAULTS: [(&str, &str); 3] = [("--data", "data"), ("--listen", "127.0.0.1:8780"), ("--ui", "ui/dist")];

/// Builds what is stale and serves. The server prints its address and the one-time sign-in link.
///
/// Unoptimised unless asked for: a newcomer waits for the first page, and dependencies are optimised a little anyway.
pub(crate) fn run(demo: bool, release: bool, arguments: &[OsString]) -> Result<()> {
    set_up::c_compiler()?;
    ui::build()?;
    let mut cargo = vec!["run", "--package", "clearance-server", "--bin", "clearance"];
    if release {
        cargo.push("--release");
    }
    Program::new("cargo")
        .args(cargo)
        .args(["--", "serve"])
        .args(defaults(arguments))
        .args(demo.then_some("--demo"))
        .args(arguments)
        .become_it()
}

/// The defaults that the caller's arguments leave open.
fn defaults(arguments: &[OsString]) -> Vec<&'static str> {
    let given = |name: &str| {
        arguments.iter().filter_map(|argument| argument.to_str()).any(|argument| {
            argument.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        })
    };
    DEFAULTS.iter().filter(|(name, _)| !given(name)).flat_map(|(name, value)| [*name, *value]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_gives_way_to_what_the_caller_says() {
        let defaults = |arguments: &[&str]| {
            super::defaults(&arguments.iter().map(OsString::from).collect::<Vec<_>>()).join(" ")
        };
        assert_eq!(defaults(&[]), "--data data --listen 127.0.0.1:8780 --ui ui/dist");
        assert_eq!(defaults(&["--listen", "127.0.0.1:1"]), "--data data --ui ui/dist");
        assert_eq!(defaults(&["--data=/srv", "--data-x"]), "--listen 127.0.0.1:8780 --ui ui/dist");
    }
}
