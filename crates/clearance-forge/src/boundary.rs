//! The four functions that the module exports, and nothing else: `allocate`, `deallocate`, `start`, `resume`.
//!
//! A text crosses as UTF-8 at an address with a length. The glue asks [`allocate`] for room, writes its JSON there and hands address and
//! length to [`start`] or [`resume`], which take the room back. Their answer is one 64-bit number, the address in the upper half and the
//! length in the lower; the glue reads the JSON there and gives the room back with [`deallocate`].
//!
//! Addresses are looked up among the buffers handed out, never trusted: this needs no unsafe code beyond the exports' names, and a wrong
//! address is an answer, not damage. A panic traps (the module is built with `panic = "abort"`): the glue sees a `RuntimeError`, drops the
//! instance and with it all state.

#![expect(
    unsafe_code,
    reason = "the host looks the four functions up by name; nothing else in the module has their names"
)]

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::invocation::{Invocation, Progress};

/// What lives in the instance.
struct Instance {
    /// Buffers that the glue may read or write, by address.
    buffers: BTreeMap<usize, Box<[u8]>>,
    /// The operation that waits for answers.
    invocation: Option<Invocation>,
}

static INSTANCE: Mutex<Instance> = Mutex::new(Instance { buffers: BTreeMap::new(), invocation: None });

fn instance() -> MutexGuard<'static, Instance> {
    INSTANCE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Instance {
    /// Keeps a buffer for the glue. The address of an empty one is not its own, so there are none.
    fn keep(&mut self, mut buffer: Vec<u8>) -> usize {
        if buffer.is_empty() {
            buffer.push(0);
        }
        let mut buffer = buffer.into_boxed_slice();
        // The glue writes through the address while no reference to the buffer is live.
        let address = buffer.as_mut_ptr().expose_provenance();
        self.buffers.insert(address, buffer);
        address
    }

    /// Takes a buffer that the glue wrote.
    fn take(&mut self, address: usize, length: usize) -> Result<Vec<u8>, &'static str> {
        let buffer = self.buffers.remove(&address).ok_or("the address was not given by `allocate`")?;
        let mut buffer = buffer.into_vec();
        if length > buffer.len() {
            return Err("the length is more than was asked of `allocate`");
        }
        buffer.truncate(length);
        Ok(buffer)
    }

    /// Hands an answer to the glue.
    fn hand_over(&mut self, progress: &Progress) -> u64 {
        let text = progress.to_json();
        let length = text.len() as u64;
        let address = self.keep(text) as u64;
        (address << 32) | length
    }

    fn start(&mut self, address: usize, length: usize) -> Progress {
        if self.invocation.is_some() {
            return Progress::misused("`start` was called before; use a fresh instance for each invocation");
        }
        match self.take(address, length) {
            Ok(json) => self.advance(Invocation::start(&json)),
            Err(problem) => Progress::misused(problem),
        }
    }

    fn resume(&mut self, address: usize, length: usize) -> Progress {
        let Some(invocation) = self.invocation.take() else {
            return Progress::misused("nothing waits for an answer");
        };
        match self.take(address, length) {
            Ok(json) => self.advance(invocation.resume(&json)),
            Err(problem) => Progress::misused(problem),
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
    instance().keep(vec![0; length])
}

/// Gives room back. An address that was not given out is ignored.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn deallocate(address: usize, _length: usize) {
    instance().buffers.remove(&address);
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
        Instance { buffers: BTreeMap::new(), invocation: None }
    }

    fn cause(progress: Progress) -> String {
        match progress {
            Progress::Failed(failed) => failed.cause,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_buffer_is_taken_once_and_only_within_its_length() {
        let mut instance = empty();
        let address = instance.keep(b"text".to_vec());
        assert_eq!(instance.take(address, 3), Ok(b"tex".to_vec()));
        assert!(instance.take(address, 3).is_err());

        let address = instance.keep(vec![0; 4]);
        assert!(instance.take(address, 5).is_err());
        let (first, second) = (instance.keep(Vec::new()), instance.keep(Vec::new()));
        assert_ne!(first, second);
        assert_eq!(instance.take(first, 0), Ok(Vec::new()));
    }

    #[test]
    fn misuse_is_answered() {
        let mut instance = empty();
        assert!(cause(instance.start(64, 2)).contains("not given by `allocate`"));
        assert!(cause(instance.resume(64, 2)).contains("nothing waits"));
        let address = instance.keep(b"{}".to_vec());
        assert!(cause(instance.start(address, 2)).contains("missing field `operation`"));
    }
}
