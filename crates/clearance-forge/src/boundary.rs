//! The four functions that the module exports, and nothing else: `allocate`, `deallocate`, `start`, `resume`.
//!
//! A text crosses as UTF-8 at an address with a length. The glue asks [`allocate`] for room, writes its JSON there and hands address and
//! length to [`start`] or [`resume`], which take the room back. Their answer is one 64-bit number, the address in the upper half and the
//! length in the lower; the glue reads the JSON there and gives the room back with [`deallocate`].
//!
//! Addresses are never trusted ([`wasm_buffers`]): a wrong one is an answer, not damage. A panic traps (the module is built with
//! `panic = "abort"`): the glue sees a `RuntimeError`, drops the instance and with it all state.

#![expect(
    unsafe_code,
    reason = "the host looks the four functions up by name; nothing else in the module has their names"
)]

use std::sync::{Mutex, MutexGuard, PoisonError};

use wasm_buffers::Buffers;

use crate::invocation::{Invocation, Progress};

/// What lives in the instance.
struct Instance {
    /// What the glue may read or write.
    buffers: Buffers,
    /// The operation that waits for answers.
    invocation: Option<Invocation>,
}

static INSTANCE: Mutex<Instance> = Mutex::new(Instance { buffers: Buffers::new(), invocation: None });

fn instance() -> MutexGuard<'static, Instance> {
    INSTANCE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Instance {
    /// Hands an answer to the glue.
    fn hand_over(&mut self, progress: &Progress) -> u64 {
        self.buffers.hand_over(progress.to_json())
    }

    fn start(&mut self, address: usize, length: usize) -> Progress {
        if self.invocation.is_some() {
            return Progress::misused("`start` was called before; use a fresh instance for each invocation");
        }
        match self.buffers.take(address, length) {
            Ok(json) => self.advance(Invocation::start(&json)),
            Err(misuse) => Progress::misused(misuse.as_str()),
        }
    }

    fn resume(&mut self, address: usize, length: usize) -> Progress {
        let Some(invocation) = self.invocation.take() else {
            return Progress::misused("nothing waits for an answer");
        };
        match self.buffers.take(address, length) {
            Ok(json) => self.advance(invocation.resume(&json)),
            Err(misuse) => Progress::misused(misuse.as_str()),
        }
    }

    fn advance(&mut self, (progress, waiting): (Progress, Option<Invocation>)) -> Progress {
        self.invocation = waiting;
        progress
    }
}

/// Room for `length` bytes; returns its address.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn allocate(length: usize) -> usize {
    instance().buffers.allocate(length)
}

/// Gives room back. An address that was not given out is ignored.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn deallocate(address: usize, _length: usize) {
    instance().buffers.deallocate(address);
}

/// Begins an operation; see [`crate::invocation::Start`] for what it takes.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn start(address: usize, length: usize) -> u64 {
    let mut instance = instance();
    let progress = instance.start(address, length);
    instance.hand_over(&progress)
}

/// Goes on with the answers to all effects given out last: `{"answers": [{"id", "ok" | "error"}, …]}`.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn resume(address: usize, length: usize) -> u64 {
    let mut instance = instance();
    let progress = instance.resume(address, length);
    instance.hand_over(&progress)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Instance {
        Instance { buffers: Buffers::new(), invocation: None }
    }

    fn cause(progress: Progress) -> String {
        match progress {
            Progress::Failed { failed } => failed.cause,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn misuse_is_answered() {
        let mut instance = empty();
        assert!(cause(instance.start(64, 2)).contains("not given by `allocate`"));
        assert!(cause(instance.resume(64, 2)).contains("nothing waits"));
        let address = instance.buffers.keep(b"{}".to_vec());
        assert!(cause(instance.start(address, 2)).contains("missing field `operation`"));
    }
}
