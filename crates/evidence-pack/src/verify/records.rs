//! The records: in pieces that do not depend on one another, and then all together.

use audit_log::proof::{RangeError, RangeProof};
use audit_log::verify::{Chunk, Deviation as LogDeviation, Verifier};
use audit_log::{Checkpoint, Hash, Range, Strictness, canonical, leaf_hash};
use memchr::memchr_iter;

use super::Deviation;
use super::anchors::Proven;
use super::explanations::{Found, Wanted};
use crate::layout::{MAX_RECORD_LINE, RECORDS};
use crate::lines::{RecordLine, TooLong};

/// What the records must be.
#[derive(Debug)]
pub(super) enum Expected {
    /// All of a range, proven at once.
    Range { proof: RangeProof, verifier: Verifier },
    /// Each proven by itself.
    Each { proven: Proven, next: usize },
}

impl Expected {
    pub(super) fn range(proof: RangeProof) -> Result<Self, Deviation> {
        let head = proof.head().map_err(Deviation::RangeProof)?;
        Ok(Self::Range { proof, verifier: Verifier::new(head) })
    }

    pub(super) fn each(proven: Proven) -> Self {
        Self::Each { proven, next: 0 }
    }

    /// Which way a piece is to be looked at.
    pub(super) fn manner(&self) -> Manner {
        match self {
            Self::Range { .. } => Manner::Range,
            Self::Each { .. } => Manner::Each,
        }
    }

    /// Takes the next piece.
    pub(super) fn join(&mut self, leaves: &Leaves) -> Result<(), Deviation> {
        match (self, leaves) {
            (Self::Range { proof, verifier }, Leaves::Range(range)) => {
                if range.end() > proof.end {
                    return Err(Deviation::RecordNotProven { index: proof.end.max(range.start()) });
                }
                verifier.join(range).map_err(of_log)
            }
            (Self::Each { proven, next }, Leaves::Each(leaves)) => {
                for (index, leaf) in leaves {
                    let Some((expected, hash)) = proven.0.get(*next) else {
                        return Err(Deviation::RecordNotProven { index: *index });
                    };
                    if index > expected {
                        return Err(Deviation::RecordMissing { expected: *expected, found: *index });
                    }
                    if index < expected {
                        let passed = proven.0.get(..*next).unwrap_or_default();
                        let known = passed.binary_search_by_key(index, |(index, _)| *index).is_ok();
                        return Err(if known {
                            Deviation::RecordOutOfOrder { index: *index }
                        } else {
                            Deviation::RecordNotProven { index: *index }
                        });
                    }
                    if leaf != hash {
                        return Err(Deviation::RecordReplaced { index: *index });
                    }
                    *next += 1;
                }
                Ok(())
            }
            // Pieces are made in the manner that was asked for.
            _ => Ok(()),
        }
    }

    /// All pieces were taken.
    pub(super) fn finish(self, checkpoint: &Checkpoint) -> Result<(), Deviation> {
        match self {
            Self::Range { proof, verifier } => proof
                .check(verifier.head(), checkpoint.size(), checkpoint.root())
                .map_err(|refused| match refused {
                    RangeError::Missing { found, .. } => Deviation::RecordsTruncated { expected: found },
                    RangeError::Surplus { end } => Deviation::RecordNotProven { index: end },
                    RangeError::RootMismatch { .. } => Deviation::RecordsNotInLog(refused),
                    RangeError::OutOfRange | RangeError::TooLong | RangeError::TooShort => {
                        Deviation::RangeProof(refused)
                    }
                }),
            Self::Each { proven, next } => match proven.0.get(next) {
                Some((expected, _)) => Err(Deviation::RecordsTruncated { expected: *expected }),
                None => Ok(()),
            },
        }
    }
}

fn of_log(deviation: LogDeviation) -> Deviation {
    match deviation {
        LogDeviation::LeafMismatch { index } => Deviation::RecordForged { index },
        LogDeviation::Gap { expected, found } => Deviation::RecordMissing { expected, found },
        LogDeviation::Duplicate { index } => Deviation::RecordOutOfOrder { index },
        LogDeviation::Truncated { found, .. } => Deviation::RecordsTruncated { expected: found },
        LogDeviation::Surplus { expected, .. } => Deviation::RecordNotProven { index: expected },
        LogDeviation::RootMismatch { expected, found, .. } => {
            Deviation::RecordsNotInLog(RangeError::RootMismatch { expected, found })
        }
        LogDeviation::NotCanonical { index, why } => Deviation::RecordNotCanonical { index, why },
    }
}

/// In which way a piece is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Range,
    Each,
}

/// The leaves of a piece.
#[derive(Debug)]
pub(super) enum Leaves {
    /// Consecutive ones, as the roots over them.
    Range(Range),
    /// Any, with their places.
    Each(Vec<(u64, Hash)>),
}

/// What came of a piece.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) lines: u64,
    pub(super) leaves: Leaves,
    pub(super) found: Found,
}

/// Checks a piece, which is whole lines and not empty. `before` is the number of lines before it.
pub(super) fn check_piece(
    piece: &[u8],
    before: u64,
    manner: Manner,
    strictness: Strictness,
    wanted: &Wanted,
) -> Result<Piece, Deviation> {
    let mut found = Found::default();
    let mut lines = piece.split_inclusive(|byte| *byte == b'\n').zip(before + 1..).map(|(line, number)| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        if line.len() > MAX_RECORD_LINE {
            let long = TooLong { line: number, limit: MAX_RECORD_LINE };
            return Err(Deviation::too_long(RECORDS, long));
        }
        let record = RecordLine::parse(line).map_err(|error| Deviation::Line {
            file: RECORDS,
            line: number,
            why: error.to_string(),
        })?;
        wanted.look_in(record.record, &mut found);
        Ok(record)
    });
    let mut count = 0;
    let leaves = match manner {
        Manner::Each => {
            let mut leaves = Vec::new();
            for line in lines {
                let RecordLine { index, leaf_hash: stated, record } = line?;
                let leaf = leaf_hash(record);
                if leaf != stated {
                    return Err(Deviation::RecordForged { index });
                }
                if strictness == Strictness::Canonical {
                    canonical::check_canonical(record)
                        .map_err(|why| Deviation::RecordNotCanonical { index, why })?;
                }
                leaves.push((index, leaf));
                count += 1;
            }
            Leaves::Each(leaves)
        }
        Manner::Range => {
            let all = memchr_iter(b'\n', piece).count() as u64;
            let first = match lines.next() {
                Some(first) => first?,
                None => return Err(Deviation::LineUnfinished { file: RECORDS }),
            };
            let beyond = || Deviation::RecordNotProven { index: first.index };
            let end = first.index.checked_add(all).ok_or_else(beyond)?;
            let mut chunk = Chunk::new(first.index, end, strictness).map_err(|_| beyond())?;
            for record in std::iter::once(Ok(first)).chain(lines) {
                let record = record?;
                chunk.push(record.index, record.record, &record.leaf_hash).map_err(of_log)?;
                count += 1;
            }
            Leaves::Range(chunk.finish().map_err(of_log)?)
        }
    };
    Ok(Piece { lines: count, leaves, found })
}
