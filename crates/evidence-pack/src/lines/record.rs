//! Lines of `records.jsonl`.

use std::io::Write as _;

use audit_log::Hash;

use super::InvalidLine;

const INDEX: &[u8] = b"{\"index\":";
const LEAF_HASH: &[u8] = b",\"leaf_hash\":\"";
const RECORD: &[u8] = b"\",\"record\":";
const END: &[u8] = b"}";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// One record with its place in the log: `{"index":n,"leaf_hash":"…","record":{…}}`.
///
/// What stands behind `"record":` are the entry's bytes exactly as they are stored and hashed; they are never written anew. The leaf hash
/// lets the one record be named that was changed, where the root only says that one was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordLine<'a> {
    /// Its place in the log, from 0.
    pub index: u64,
    /// RFC 6962 hash of the bytes, as stored.
    pub leaf_hash: Hash,
    /// The bytes.
    pub record: &'a [u8],
}

/// Writes a line. The entry's bytes are canonical JSON, in which there is no line feed.
pub fn write_record(out: &mut Vec<u8>, index: u64, leaf_hash: &Hash, record: &[u8]) {
    out.reserve(record.len() + 128);
    out.extend_from_slice(INDEX);
    // Writing into memory does not fail.
    let _ = write!(out, "{index}");
    out.extend_from_slice(LEAF_HASH);
    let digit = |value: u8| HEX.get(usize::from(value & 15)).copied().unwrap_or(b'0');
    out.extend(leaf_hash.as_bytes().iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]));
    out.extend_from_slice(RECORD);
    out.extend_from_slice(record);
    out.extend_from_slice(END);
    out.push(b'\n');
}

impl<'a> RecordLine<'a> {
    /// Reads a line without its line feed. That the bytes are those of the hash is for the caller to check.
    pub fn parse(line: &'a [u8]) -> Result<Self, InvalidLine> {
        let invalid = |why| InvalidLine::new("`{\"index\":…,\"leaf_hash\":…,\"record\":…}`", why);
        let rest = line.strip_prefix(INDEX).ok_or_else(|| invalid("it has no index"))?;
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (index, rest) = rest.split_at_checked(digits).unwrap_or((rest, &[]));
        let index = decimal(index).ok_or_else(|| invalid("its index is no plain number"))?;
        let rest = rest.strip_prefix(LEAF_HASH).ok_or_else(|| invalid("it has no leaf hash"))?;
        let (hash, rest) =
            rest.split_first_chunk::<64>().ok_or_else(|| invalid("its leaf hash is too short"))?;
        let leaf_hash = hash_of(hash).ok_or_else(|| invalid("its leaf hash is no hash"))?;
        let rest = rest.strip_prefix(RECORD).ok_or_else(|| invalid("it has no record"))?;
        let record = rest.strip_suffix(END).ok_or_else(|| invalid("it does not end as it should"))?;
        Ok(Self { index, leaf_hash, record })
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.len() > 1 && digits.starts_with(b"0") {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// A hash as 64 lowercase hexadecimal digits. As [`Hash`]'s own reader, but for a million of them.
pub(crate) fn hash_of(digits: &[u8; 64]) -> Option<Hash> {
    let mut bytes = [0; 32];
    let (pairs, _) = digits.as_chunks::<2>();
    let mut wrong = 0;
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (value_of(*high), value_of(*low));
        wrong |= high | low;
        *byte = (high << 4) | (low & 15);
    }
    (wrong < 16).then(|| Hash::from_bytes(bytes))
}

fn value_of(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => 0xf0,
    }
}
