//! How far a long command is, on standard error.

use std::io::{IsTerminal as _, Write as _, stderr};

/// Work below this many bytes or items is done before anybody wonders.
const SHOWN_FROM: u64 = 1 << 16;

/// A bar on a terminal; elsewhere a line for each tenth.
#[derive(Debug)]
pub(super) struct Progress {
    what: &'static str,
    terminal: bool,
    shown: Option<u64>,
}

impl Progress {
    /// Nothing shown yet.
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, terminal: stderr().is_terminal(), shown: None }
    }

    /// So much of so much is done.
    pub(super) fn show(&mut self, done: u64, all: u64) {
        if all < SHOWN_FROM {
            return;
        }
        let percent = u64::try_from(u128::from(done.min(all)) * 100 / u128::from(all)).unwrap_or(100);
        let step = if self.terminal { percent } else { percent / 10 * 10 };
        if self.shown == Some(step) {
            return;
        }
        self.shown = Some(step);
        // Nobody to show it to is no reason to stop.
        let _ = if self.terminal {
            let filled = usize::try_from(percent / 4).unwrap_or(0);
            let bar = "#".repeat(filled) + &"-".repeat(25_usize.saturating_sub(filled));
            write!(stderr(), "\r{} [{bar}] {percent:3} %", self.what)
        } else {
            writeln!(stderr(), "{} {step} %", self.what)
        };
    }

    /// It is done: what follows stands in a line of its own.
    pub(super) fn end(self) {
        if self.terminal && self.shown.is_some() {
            let _ = writeln!(stderr());
        }
    }
}
