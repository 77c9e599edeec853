//! `exports.read`: an export, a portion at a time, because no answer of the platform is as large as one may be.
//!
//! Nothing of an export is kept anywhere: each portion makes its content anew from the beginning and skips what was given before. That is
//! hashed again, so that nobody puts portions of two contents together: somebody may have been erased between them.

use audit_log::Hash;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clearance::authorization::Caller;
use clearance::evidence::operations::GetExport;
use clearance::evidence::{Pack, RequestTable};
use clearance::failure::Failure;
use clearance::ids::ExportId;
use clearance::operations::{Call, Operation as _, perform};
use clearance::ports::{Environment as _, Ports as _};
use clearance::refusal::{Code, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::ports::ForgePorts;

/// Bytes of a portion, or a little more: as base64 well below the platform's 5 MB for an answer.
const PORTION: usize = 3 * 1024 * 1024;

/// What `exports.read` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadExport {
    /// Which export.
    export: ExportId,
    /// The `next` of the answer before; none at the beginning.
    #[serde(default)]
    next: Option<Position>,
}

/// Where the next portion begins.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Position {
    /// Bytes given before.
    after: u64,
    /// SHA-256 of them.
    digest: Hash,
}

enum Content {
    Pack(Box<Pack>),
    Requests(RequestTable),
}

impl Content {
    async fn next(&mut self, ports: &ForgePorts) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Self::Pack(pack) => pack.next(ports).await,
            Self::Requests(table) => table.next(ports).await,
        }
    }
}

/// The next portion of an export: `{"file", "content", "next"}`. Who may have it, until when and how often, `exports.get` says.
pub(crate) async fn read(ports: &ForgePorts, caller: Caller, input: &ReadExport) -> Result<Value, Failure> {
    let ReadExport { export, next } = input;
    let admitted = json!({ "export": export }).to_string();
    let call = Call { operation: GetExport::NAME, caller, input: admitted.as_bytes(), idempotency_key: None };
    let answer: Value = serde_json::from_slice(&perform(ports, call).await?)
        .map_err(|error| Failure::Defect(format!("{}: {error}", GetExport::NAME)))?;
    let (file, mut content) =
        if answer.pointer("/export/scope/of").and_then(Value::as_str) == Some("requests") {
            (format!("requests-{export}.csv"), Content::Requests(RequestTable::open(ports, *export).await?))
        } else {
            (format!("evidence-{export}.zip"), Content::Pack(Box::new(Pack::open(ports, *export).await?)))
        };
    let mut given = Given { before: *next, hashed: Sha256::new(), bytes: 0 };
    let mut portion = Vec::new();
    let mut more = false;
    while let Some(piece) = content.next(ports).await? {
        portion.extend_from_slice(given.skip(&piece)?);
        let over = ports.environment().is_time_up();
        if over && portion.is_empty() {
            let message = "this export is too large to be made here; choose a shorter period";
            return Err(Refusal::new(Code::TooLarge, message).into());
        }
        more = over || portion.len() >= PORTION;
        if more {
            break;
        }
    }
    given.require_all()?;
    let next = more.then(|| given.and(&portion));
    Ok(json!({ "file": file, "content": STANDARD.encode(&portion), "next": next }))
}

/// What was given before this portion.
struct Given {
    before: Option<Position>,
    hashed: Sha256,
    bytes: u64,
}

impl Given {
    /// What of a piece was not given yet.
    fn skip<'p>(&mut self, piece: &'p [u8]) -> Result<&'p [u8], Refusal> {
        let Some(before) = self.before.filter(|before| self.bytes < before.after) else { return Ok(piece) };
        let left = before.after.saturating_sub(self.bytes);
        let known = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
        let (known, fresh) = piece.split_at(known);
        self.hashed.update(known);
        self.bytes = self.bytes.saturating_add(u64::try_from(known.len()).unwrap_or(u64::MAX));
        if self.bytes == before.after
            && Hash::from_bytes(self.hashed.clone().finalize().into()) != before.digest
        {
            return Err(changed());
        }
        Ok(fresh)
    }

    /// Fails when the content is shorter than what was given before.
    fn require_all(&self) -> Result<(), Refusal> {
        if self.before.is_some_and(|before| self.bytes < before.after) { Err(changed()) } else { Ok(()) }
    }

    /// The position behind a portion.
    fn and(mut self, portion: &[u8]) -> Position {
        self.hashed.update(portion);
        let after = self.bytes.saturating_add(u64::try_from(portion.len()).unwrap_or(u64::MAX));
        Position { after, digest: Hash::from_bytes(self.hashed.finalize().into()) }
    }
}

fn changed() -> Refusal {
    Refusal::new(
        Code::NotFound,
        "this export is not what it was, for somebody was erased meanwhile; make it again",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portions(pieces: &[&[u8]], before: Option<Position>) -> Result<(Vec<u8>, Position), Refusal> {
        let mut given = Given { before, hashed: Sha256::new(), bytes: 0 };
        let mut portion = Vec::new();
        for piece in pieces {
            portion.extend_from_slice(given.skip(piece)?);
        }
        given.require_all()?;
        let position = given.and(&portion);
        Ok((portion, position))
    }

    #[test]
    fn a_portion_goes_on_where_the_one_before_ended_however_the_pieces_fall() {
        let (first, position) = portions(&[b"evid", b"ence"], None).unwrap();
        assert_eq!((first.as_slice(), position.after), (b"evidence".as_slice(), 8));
        for pieces in [&[b"evidence of".as_slice()][..], &[b"evidence", b" of"], &[b"e", b"vidence ", b"of"]]
        {
            let (second, position) = portions(pieces, Some(position)).unwrap();
            assert_eq!((second.as_slice(), position.after), (b" of".as_slice(), 11));
        }
        let whole = Hash::from_bytes(Sha256::digest(b"evidence").into());
        assert_eq!(position.digest, whole);
    }

    #[test]
    fn portions_of_two_contents_are_never_put_together() {
        let (_, position) = portions(&[b"evidence"], None).unwrap();
        for pieces in [&[b"evidenze of".as_slice()][..], &[b"evid"], &[]] {
            assert_eq!(portions(pieces, Some(position)).unwrap_err().code(), Code::NotFound);
        }
    }
}
