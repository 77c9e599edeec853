//! What was asked for.

use std::ffi::OsString;

use anyhow::{Context as _, Result, bail};
use lexopt::prelude::*;

use crate::forge::{Core, Deployment};

pub(crate) const HELP: &str = "\
Usage: cargo xtask CHORE [OPTIONS]

  run [--demo] [--release] [-- ARGS]   build the pages when stale and serve http://127.0.0.1:8780 with data in ./data
                                       --demo     fill a small company to look around in
                                       --release  optimise: slower to build, faster to run
                                       ARGS       go to `clearance serve`, e.g. -- --listen 127.0.0.1:9000
  test [--only PART]                   everything that must pass; PART is lint, rust, wasm, ui, forge or browser
  bench [ARGS]                         measure against the goals; ARGS go to the benchmark program
  types [--check]                      write ui/openapi.json and the UI's types from the Rust types;
                                       --check writes nothing and fails when they are stale
  check                                format, lints and dependency trees: what `test --only lint` does
  forge module                         build the WebAssembly module that the Forge app carries
  forge build [--core URL]             build the app: module, glue by Atlassian's bundler, pages
  forge local [--core URL] [--port N]  build it and try it without Atlassian: serves http://127.0.0.1:8781, forgets when it ends
  forge check                          types, Atlassian's validators and ours, on the built app
  forge measure                        what the built app asks of the platform: effects, storage units, time (bench/README.md)
  forge package --app-id ID --core URL write target/forge/package, ready for `forge deploy`; --core none: without connectors
  verifier                             build the offline page that checks evidence packs: target/verifier
  help                                 this text

A fresh clone needs Rust (rustup), Node 20.19 or newer with npm, and a C compiler; each chore fetches the rest.
";

/// Where `forge local` serves unless told otherwise.
const LOCAL_PORT: u16 = 8781;

/// One chore with its options.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Chore {
    Run { demo: bool, release: bool, serve: Vec<OsString> },
    Test { only: Option<Part> },
    Bench { arguments: Vec<OsString> },
    Types { check: bool },
    Check,
    Forge { work: ForgeWork, deployment: Deployment, port: u16 },
    Verifier,
    Help,
}

/// What to do with the Forge app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ForgeWork {
    Module,
    Build,
    Local,
    Check,
    Measure,
    Package,
}

impl ForgeWork {
    fn parse(text: &str) -> Result<Self> {
        Ok(match text {
            "module" => Self::Module,
            "build" => Self::Build,
            "local" => Self::Local,
            "check" => Self::Check,
            "measure" => Self::Measure,
            "package" => Self::Package,
            _ => bail!("`{text}` is nothing to do with the Forge app; see `cargo xtask help`"),
        })
    }
}

/// A part of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Lint,
    Rust,
    Wasm,
    Ui,
    Forge,
    Browser,
}

impl Part {
    fn parse(text: &str) -> Result<Self> {
        Ok(match text {
            "lint" => Self::Lint,
            "rust" => Self::Rust,
            "wasm" => Self::Wasm,
            "ui" => Self::Ui,
            "forge" => Self::Forge,
            "browser" => Self::Browser,
            _ => bail!(
                "`{text}` is no part of the tests; the parts are lint, rust, wasm, ui, forge and browser"
            ),
        })
    }
}

/// Reads the command line.
pub(crate) fn parse(mut parser: lexopt::Parser) -> Result<Chore> {
    let mut chore = match parser.next()? {
        None | Some(Short('h') | Long("help")) => Chore::Help,
        Some(Value(name)) => match name.to_str() {
            Some("run") => Chore::Run { demo: false, release: false, serve: Vec::new() },
            Some("test") => Chore::Test { only: None },
            Some("bench") => return Ok(Chore::Bench { arguments: rest(&mut parser)? }),
            Some("types") => Chore::Types { check: false },
            Some("check") => Chore::Check,
            Some("forge") => Chore::Forge {
                work: ForgeWork::parse(
                    &parser.value().context("what shall be done with the Forge app?")?.string()?,
                )?,
                deployment: Deployment::AS_WRITTEN,
                port: LOCAL_PORT,
            },
            Some("verifier") => Chore::Verifier,
            Some("help") => Chore::Help,
            _ => bail!("there is no chore `{}`; see `cargo xtask help`", name.display()),
        },
        Some(argument) => return Err(argument.unexpected().into()),
    };
    loop {
        if let Chore::Run { serve, .. } = &mut chore
            && parser
                .try_raw_args()
                .is_some_and(|arguments| arguments.peek().is_some_and(|next| next == "--"))
        {
            *serve = rest(&mut parser)?;
            return Ok(chore);
        }
        let Some(argument) = parser.next()? else { return Ok(chore) };
        match (&mut chore, argument) {
            (_, Short('h') | Long("help")) => return Ok(Chore::Help),
            (Chore::Run { demo, .. }, Long("demo")) => *demo = true,
            (Chore::Run { release, .. }, Long("release")) => *release = true,
            (Chore::Test { only }, Long("only")) => *only = Some(Part::parse(&parser.value()?.string()?)?),
            (Chore::Types { check }, Long("check")) => *check = true,
            (Chore::Forge { work: ForgeWork::Package, deployment, .. }, Long("app-id")) => {
                deployment.app_id = Some(parser.value()?.string()?);
            }
            (
                Chore::Forge {
                    work: ForgeWork::Build | ForgeWork::Local | ForgeWork::Package,
                    deployment,
                    ..
                },
                Long("core"),
            ) => {
                deployment.core = Core::parse(&parser.value()?.string()?)?;
            }
            (Chore::Forge { work: ForgeWork::Local, port, .. }, Long("port")) => {
                *port = parser.value()?.parse()?;
            }
            (_, argument) => return Err(argument.unexpected().into()),
        }
    }
}

/// Everything that is left, without the `--` that may lead it.
fn rest(parser: &mut lexopt::Parser) -> Result<Vec<OsString>> {
    let mut arguments: Vec<OsString> = parser.raw_args()?.collect();
    if arguments.first().is_some_and(|first| first == "--") {
        arguments.remove(0);
    }
    Ok(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Chore> {
        parse(lexopt::Parser::from_args(arguments))
    }

    #[test]
    fn chores_take_their_own_options_only() {
        assert_eq!(read(&[]).unwrap(), Chore::Help);
        assert_eq!(read(&["test", "--only", "wasm"]).unwrap(), Chore::Test { only: Some(Part::Wasm) });
        assert_eq!(read(&["types", "--check"]).unwrap(), Chore::Types { check: true });
        assert_eq!(read(&["check", "--help"]).unwrap(), Chore::Help);
        let local = read(&["forge", "local", "--port", "9000", "--core", "none"]).unwrap();
        let deployment = Deployment { core: Core::Without, ..Deployment::AS_WRITTEN };
        assert_eq!(local, Chore::Forge { work: ForgeWork::Local, deployment, port: 9000 });
        for wrong in [
            &["forge", "check", "--port", "9000"][..],
            &["tset"],
            &["test", "--only", "all"],
            &["test", "--demo"],
            &["check", "now"],
            &["--demo"],
        ] {
            read(wrong).unwrap_err();
        }
    }

    #[test]
    fn what_follows_two_dashes_goes_to_the_server() {
        let serve = |arguments: &[&str]| arguments.iter().map(OsString::from).collect();
        assert_eq!(
            read(&["run", "--demo", "--", "--listen", "127.0.0.1:9000", "--", "x"]).unwrap(),
            Chore::Run {
                demo: true,
                release: false,
                serve: serve(&["--listen", "127.0.0.1:9000", "--", "x"])
            }
        );
        assert_eq!(
            read(&["bench", "B1", "--json"]).unwrap(),
            Chore::Bench { arguments: serve(&["B1", "--json"]) }
        );
    }
}
