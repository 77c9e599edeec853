//! JSON with exactly one byte form for each value: [RFC 8785](https://www.rfc-editor.org/rfc/rfc8785) (JCS) without fractions.
//!
//! A value is written with [`Value::to_canonical`] and read back with [`parse_canonical`], which accepts those bytes and no others:
//! equal values have equal bytes and therefore equal hashes, and no byte of an entry is free to vary.
//!
//! Numbers are integers within ±(2^53 − 1), the range in which every JSON reader agrees
//! ([RFC 8785 §3.2.2.3](https://www.rfc-editor.org/rfc/rfc8785#section-3.2.2.3),
//! [RFC 7493 §2.2](https://www.rfc-editor.org/rfc/rfc7493#section-2.2)). Fractions are deliberately left out, so number formatting
//! can never decide whether a record verifies.

mod parse;
mod value;
mod write;

pub use parse::{Flaw, NotCanonical, check_canonical, parse_canonical};
pub use value::{Integer, IntegerOutOfRange, Value};

/// Arrays and objects may be nested this deep; deeper values are neither accepted as entries nor read back.
pub const MAX_DEPTH: usize = 32;
