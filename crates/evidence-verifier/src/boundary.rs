//! The functions that the module exports, and nothing else.
//!
//! | function | does |
//! |---|---|
//! | `allocate(length) → address` | room for bytes that the page writes |
//! | `deallocate(address, length)` | gives room back |
//! | `begin(address, length) → answer` | begins a verification with the JSON there |
//! | `give(address, length) → answer` | goes on with the part of the pack there |
//! | `log_begin()` | begins a whole log |
//! | `log_bundle(address, length) → entries` | reads a bundle; the room stays; 2^64 − 1 when it is none |
//! | `log_finish() → answer` | `{"size", "root"}` |
//!
//! An answer is one 64-bit number, the address of a JSON text in the upper half and its length in the lower. The page reads it there and gives
//! the room back; see [`wasm_buffers`]. A wrong address is an answer, not damage. `begin` and `give` take the room back that they are given.

#![expect(
    unsafe_code,
    reason = "the page looks the functions up by name; nothing else in the module has their names"
)]

use std::sync::{Mutex, MutexGuard, PoisonError};

use evidence_pack::log::LogCheck;
use wasm_buffers::Buffers;

use crate::session::{Answer, Session};

/// What lives in the instance.
#[derive(Default)]
struct Instance {
    buffers: Buffers,
    session: Option<Session>,
    log: LogCheck,
}

static INSTANCE: Mutex<Option<Instance>> = Mutex::new(None);

/// Does something with the instance, made on first use.
fn with<T>(work: impl FnOnce(&mut Instance) -> T) -> T {
    let mut instance: MutexGuard<'_, Option<Instance>> =
        INSTANCE.lock().unwrap_or_else(PoisonError::into_inner);
    work(instance.get_or_insert_default())
}

impl Instance {
    fn answer(&mut self, (answer, session): (Answer, Option<Session>)) -> u64 {
        self.session = session;
        let text = serde_json::to_string(&answer).unwrap_or_default();
        self.buffers.hand_over(text.into_bytes())
    }

    fn misused(&mut self, problem: &str) -> u64 {
        self.answer((Answer::Misused(problem.to_owned()), None))
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn allocate(length: usize) -> usize {
    with(|instance| instance.buffers.allocate(length))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn deallocate(address: usize, _length: usize) {
    with(|instance| instance.buffers.deallocate(address));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn begin(address: usize, length: usize) -> u64 {
    with(|instance| match instance.buffers.take(address, length) {
        Ok(json) => instance.answer(Session::begin(&json)),
        Err(misuse) => instance.misused(misuse.as_str()),
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn give(address: usize, length: usize) -> u64 {
    with(|instance| match (instance.buffers.take(address, length), instance.session.take()) {
        (Ok(bytes), Some(session)) => instance.answer(session.give(&bytes)),
        (Err(misuse), _) => instance.misused(misuse.as_str()),
        (_, None) => instance.misused("no verification waits for a part"),
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn log_begin() {
    with(|instance| instance.log = LogCheck::new());
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn log_bundle(address: usize, length: usize) -> u64 {
    with(|instance| {
        let Instance { buffers, log, .. } = instance;
        let entries = buffers.read(address, length).ok().and_then(|bytes| log.bundle(bytes).ok());
        entries.unwrap_or(u64::MAX)
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn log_finish() -> u64 {
    with(|instance| {
        let text = format!(r#"{{"size":{},"root":"{}"}}"#, instance.log.size(), instance.log.root());
        instance.buffers.hand_over(text.into_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misuse_is_answered() {
        let read = |answer: u64| {
            with(|instance| {
                String::from_utf8(instance.buffers.handed_over(answer).unwrap().to_vec()).unwrap()
            })
        };
        assert!(read(begin(64, 2)).contains("not given by `allocate`"));
        let address = allocate(3);
        assert!(read(give(address, 3)).contains("no verification waits"));
        assert_eq!(log_bundle(64, 2), u64::MAX);
        log_begin();
        assert!(read(log_finish()).contains(r#""size":0"#));
    }
}
