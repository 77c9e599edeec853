//! What was asked for.

use std::path::PathBuf;

use anyhow::bail;
use lexopt::prelude::*;

use crate::benchmarks::NAMES;

pub(crate) const HELP: &str = "\
Measures AI Clearance against its goals.

  --only B1,B2     only these of B1 B2 B3 B4 B5 B6 B7 B8 B8w B9 B10 B11 B12 core (B1 and B2 run together)
  --quick          a small site and short measurements: does everything work?
  --long-log       B7 and B8 with ten times as many entries too
  --program FILE   measure this `clearance` instead of building one
  --json FILE      write everything to a file

Example:
  cargo xtask bench --only B1,B4 --json figures.json";

/// What to do.
#[derive(Debug)]
pub(crate) enum Chore {
    Measure(Options),
    /// One verification in a process of its own.
    VerifyChild {
        database: PathBuf,
        strictness: String,
    },
    Help,
}

#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) only: Vec<String>,
    pub(crate) quick: bool,
    pub(crate) long_log: bool,
    pub(crate) program: Option<PathBuf>,
    pub(crate) json: Option<PathBuf>,
}

pub(crate) fn read(mut parser: lexopt::Parser) -> anyhow::Result<Chore> {
    let mut options = Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("only") => {
                for name in parser.value()?.string()?.split(',') {
                    let known = NAMES.iter().find(|known| known.eq_ignore_ascii_case(name.trim()));
                    let Some(known) = known else {
                        bail!("there is no benchmark `{name}`; there are {}", NAMES.join(" "));
                    };
                    options.only.push((*known).to_owned());
                }
            }
            Long("quick") => options.quick = true,
            Long("long-log") => options.long_log = true,
            Long("program") => options.program = Some(parser.value()?.into()),
            Long("json") => options.json = Some(parser.value()?.into()),
            Long("help") | Short('h') => return Ok(Chore::Help),
            Value(word) if word == "verify-child" => {
                return Ok(Chore::VerifyChild {
                    database: parser.value()?.into(),
                    strictness: parser.value()?.string()?,
                });
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Chore::Measure(options))
}
