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
//! the room back. Addresses are looked up among the buffers handed out, never trusted: this needs no unsafe code beyond the exports' names,
//! and a wrong address is an answer, not damage. `begin` and `give` take the room back that they are given.

#![expect(
    unsafe_code,
    reason = "the page looks the functions up by name; nothing else in the module has their names"
)]

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use evidence_pack::log::LogCheck;

use crate::session::{Answer, Session};

/// What lives in the instance.
#[derive(Default)]
struct Instance {
    buffers: BTreeMap<usize, Box<[u8]>>,
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
    /// Keeps a buffer for the page. The address of an empty one is not its own, so there are none.
    fn keep(&mut self, mut buffer: Vec<u8>) -> usize {
        if buffer.is_empty() {
            buffer.push(0);
        }
        let mut buffer = buffer.into_boxed_slice();
        // The page writes through the address while no reference to the buffer is live.
        let address = buffer.as_mut_ptr().expose_provenance();
        self.buffers.insert(address, buffer);
        address
    }

    fn take(&mut self, address: usize, length: usize) -> Option<Vec<u8>> {
        let mut buffer = self.buffers.remove(&address)?.into_vec();
        if length > buffer.len() {
            return None;
        }
        buffer.truncate(length);
        Some(buffer)
    }

    fn hand_over(&mut self, text: String) -> u64 {
        let length = text.len() as u64;
        let address = self.keep(text.into_bytes()) as u64;
        (address << 32) | length
    }

    fn answer(&mut self, (answer, session): (Answer, Option<Session>)) -> u64 {
        self.session = session;
        let text = serde_json::to_string(&answer).unwrap_or_default();
        self.hand_over(text)
    }

    fn misused(&mut self, problem: &str) -> u64 {
        self.answer((Answer::Misused(problem.to_owned()), None))
    }
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn allocate(length: usize) -> usize {
    with(|instance| instance.keep(vec![0; length]))
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn deallocate(address: usize, _length: usize) {
    with(|instance| instance.buffers.remove(&address));
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn begin(address: usize, length: usize) -> u64 {
    with(|instance| match instance.take(address, length) {
        Some(json) => instance.answer(Session::begin(&json)),
        None => instance.misused("the address was not given by `allocate`"),
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn give(address: usize, length: usize) -> u64 {
    with(|instance| match (instance.take(address, length), instance.session.take()) {
        (Some(bytes), Some(session)) => instance.answer(session.give(&bytes)),
        (None, _) => instance.misused("the address was not given by `allocate`"),
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
        let bytes = buffers.get(&address).and_then(|buffer| buffer.get(..length));
        bytes.and_then(|bytes| log.bundle(bytes).ok()).unwrap_or(u64::MAX)
    })
}

#[unsafe(no_mangle)]
pub(crate) extern "C" fn log_finish() -> u64 {
    with(|instance| {
        let text = format!(r#"{{"size":{},"root":"{}"}}"#, instance.log.size(), instance.log.root());
        instance.hand_over(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_taken_once_and_only_within_its_length() {
        let mut instance = Instance::default();
        let address = instance.keep(b"text".to_vec());
        assert_eq!(instance.take(address, 3), Some(b"tex".to_vec()));
        assert_eq!(instance.take(address, 3), None);
        let address = instance.keep(vec![0; 4]);
        assert_eq!(instance.take(address, 5), None);
    }

    #[test]
    fn misuse_is_answered() {
        let read = |answer: u64| {
            with(|instance| {
                let (address, length) =
                    (usize::try_from(answer >> 32).unwrap(), answer & u64::from(u32::MAX));
                // Addresses of the test's machine are wider than those of the module: the answer is the buffer kept last.
                let _ = address;
                let kept = instance.buffers.values().find(|buffer| buffer.len() as u64 == length).unwrap();
                String::from_utf8(kept.to_vec()).unwrap()
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
