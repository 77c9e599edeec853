//! Reading a file of a pack, a part at a time: its bytes are counted, and what they say is taken.

use crc32fast::Hasher;
use sha2::{Digest as _, Sha256};

use super::{Stage, Verification};
use crate::container::{Content, Entry, Malformed, Method, Span};
use crate::layout::{
    CHECKPOINT, DOCUMENTS, MANIFEST, MAX_DOCUMENT_LINE, MAX_PROOF_LINE, MAX_RECORD_LINE, MAX_RULE_LINE,
    MAX_WHOLE_BYTES, POLICIES, PROOFS, RANGE_PROOF, RECORDS, SIGNATURE, VERIFIER_KEYS,
};
use crate::lines::{Lines, TooLong, whole_lines};
use crate::verify::records::{Expected, Piece, check_piece};
use crate::verify::report::CheckName;
use crate::verify::{Deviation, Workers};

/// Bytes of a stored file asked for at a time.
const READ: u64 = 1 << 20;
/// Bytes of a compressed file asked for at a time, which unpack to a thousand times as many at the worst.
const READ_PACKED: u64 = 16 * 1024;
/// Bytes of records checked at once.
const BATCH: usize = 4 << 20;
/// Bytes of records that one worker checks at a time.
const PIECE: usize = 512 << 10;

/// A file being read.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) name: &'static str,
    entry: Entry,
    /// Bytes of the container taken.
    at: u64,
    pub(super) content: Content,
    pub(super) taken: Taken,
    pub(super) use_of_it: Use,
    /// What is wrong with what the file says. The rest is still hashed.
    pub(super) wrong: Option<Deviation>,
}

impl Reading {
    /// Begins with a file.
    pub(super) fn new(name: &'static str, entry: Entry, use_of_it: Use) -> Self {
        let content = Content::of(&entry).skip_checksum();
        Self { name, entry, at: 0, content, taken: Taken::default(), use_of_it, wrong: None }
    }

    /// Where its next bytes are.
    pub(super) fn wants(&self) -> Span {
        let data = self.entry.data;
        let most = if self.entry.method == Method::Stored { READ } else { READ_PACKED };
        let length = data.length.saturating_sub(self.at).min(most);
        Span { offset: data.offset + self.at, length }
    }

    /// How many of its bytes in the container were read.
    pub(super) fn progress(&self) -> u64 {
        self.at
    }
}

/// What is counted of every file.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken {
    pub(super) hash: Sha256,
    pub(super) size: u64,
    pub(super) checksum: Hasher,
}

impl Taken {
    fn add(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.checksum.update(bytes);
        self.size += bytes.len() as u64;
    }
}

/// What becomes of a file's bytes.
#[derive(Debug)]
pub(super) enum Use {
    /// Kept until it is whole.
    Whole(Vec<u8>),
    /// Read line by line.
    Lines(Lines),
    /// Checked in batches.
    Records { expected: Expected, pending: Vec<u8>, lines: u64 },
    /// Hashed only.
    Opaque,
}

/// A share of a batch.
enum Part<'a> {
    Count(Box<Taken>, &'a [u8]),
    Check { piece: &'a [u8], before: u64 },
}

/// What came of a share.
enum Made {
    Counted(Box<Taken>),
    Checked(Result<Piece, Deviation>),
}

impl<W: Workers> Verification<W> {
    /// What is to be done with a file.
    pub(super) fn use_of(&mut self, name: &'static str, entry: &Entry) -> Result<Use, Deviation> {
        let whole = || {
            if entry.size > MAX_WHOLE_BYTES as u64 {
                Err(Deviation::FileTooLarge { name: name.to_owned() })
            } else {
                Ok(Use::Whole(Vec::new()))
            }
        };
        match name {
            MANIFEST | SIGNATURE | CHECKPOINT | VERIFIER_KEYS | RANGE_PROOF => whole(),
            PROOFS => Ok(Use::Lines(Lines::new(MAX_PROOF_LINE))),
            DOCUMENTS => Ok(Use::Lines(Lines::new(MAX_DOCUMENT_LINE))),
            POLICIES => Ok(Use::Lines(Lines::new(MAX_RULE_LINE))),
            RECORDS if self.has_failed(CheckName::Proofs) => Ok(Use::Opaque),
            RECORDS => {
                let expected = match self.range_proof.take() {
                    Some(proof) => Expected::range(proof)?,
                    None => Expected::each(std::mem::take(&mut self.proven)),
                };
                Ok(Use::Records { expected, pending: Vec::new(), lines: 0 })
            }
            _ => Ok(Use::Opaque),
        }
    }
    /// Takes the part of a file that was asked for.
    pub(super) fn read(&mut self, mut reading: Box<Reading>, bytes: &[u8]) {
        let data = reading.entry.data;
        let asked = data.length.saturating_sub(reading.at).min(READ);
        if bytes.is_empty() || bytes.len() as u64 > asked {
            return self.failed(CheckName::Container, Malformed::Truncated.into());
        }
        reading.at += bytes.len() as u64;
        let Reading { content, taken, use_of_it, wrong, name, .. } = &mut *reading;
        let outcome = content.push(bytes, |piece| {
            self.take(name, piece, taken, use_of_it, wrong);
            Ok::<(), Malformed>(())
        });
        if let Err(malformed) = outcome {
            return self.failed(CheckName::Container, malformed.into());
        }
        if reading.at < data.length {
            self.stage = Stage::Reading(reading);
            return;
        }
        self.passed_bytes += reading.at;
        self.end(reading);
        if !self.stopped() {
            self.begin_next();
        }
    }

    /// Takes a piece of a file.
    fn take(
        &mut self,
        name: &'static str,
        piece: &[u8],
        taken: &mut Taken,
        use_of_it: &mut Use,
        wrong: &mut Option<Deviation>,
    ) {
        match use_of_it {
            Use::Whole(whole) => {
                taken.add(piece);
                whole.extend_from_slice(piece);
            }
            Use::Opaque => taken.add(piece),
            Use::Lines(lines) => {
                taken.add(piece);
                if wrong.is_none() {
                    let outcome = lines.push(piece, |number, line| {
                        self.line(name, number, line).map_err(LineFailure::Wrong)
                    });
                    *wrong = outcome.err().map(|failure| failure.into_deviation(name));
                }
            }
            Use::Records { expected, pending, lines } => {
                pending.extend_from_slice(piece);
                if pending.len() >= BATCH {
                    let (whole, rest) = whole_lines(pending);
                    if rest.len() > MAX_RECORD_LINE && wrong.is_none() {
                        *wrong = Some(Deviation::LineTooLong {
                            file: name,
                            line: *lines + 1,
                            limit: MAX_RECORD_LINE,
                        });
                    }
                    let keep = if wrong.is_some() { 0 } else { rest.len() };
                    let whole = if wrong.is_some() { pending.as_slice() } else { whole };
                    self.batch(whole, taken, expected, lines, wrong);
                    pending.drain(..pending.len() - keep);
                }
            }
        }
    }

    /// Counts and checks whole lines of records, on all workers.
    pub(super) fn batch(
        &mut self,
        whole: &[u8],
        taken: &mut Taken,
        expected: &mut Expected,
        lines: &mut u64,
        wrong: &mut Option<Deviation>,
    ) {
        let mut parts = vec![Part::Count(Box::new(std::mem::take(taken)), whole)];
        let mut late = None;
        let mut rest = if wrong.is_some() { &[] } else { whole };
        let mut before = *lines;
        while !rest.is_empty() {
            let at = rest.len().min(PIECE);
            let (head, tail) = rest.split_at_checked(at).unwrap_or((rest, &[]));
            let (mut piece, _) = whole_lines(head);
            if tail.is_empty() {
                piece = rest;
            } else if piece.is_empty() {
                late =
                    Some(Deviation::LineTooLong { file: RECORDS, line: before + 1, limit: MAX_RECORD_LINE });
                break;
            }
            parts.push(Part::Check { piece, before });
            before += memchr::memchr_iter(b'\n', piece).count() as u64;
            rest = rest.get(piece.len()..).unwrap_or_default();
        }
        let (manner, strictness, wanted) = (expected.manner(), self.strictness, &self.wanted);
        let made = self.workers.each(parts, |part| match part {
            Part::Count(mut taken, bytes) => {
                taken.add(bytes);
                Made::Counted(taken)
            }
            Part::Check { piece, before } => {
                Made::Checked(check_piece(piece, before, manner, strictness, wanted))
            }
        });
        for made in made {
            match made {
                Made::Counted(counted) => *taken = *counted,
                // What follows a piece that is wrong says nothing more.
                Made::Checked(_) if wrong.is_some() => {}
                Made::Checked(checked) => {
                    let joined = checked.and_then(|piece| {
                        expected.join(&piece.leaves)?;
                        *lines += piece.lines;
                        self.records += piece.lines;
                        self.wanted.note(piece.found);
                        Ok(())
                    });
                    *wrong = joined.err();
                }
            }
        }
        if wrong.is_none() {
            *wrong = late;
        }
    }

    fn line(&mut self, name: &'static str, number: u64, line: &[u8]) -> Result<(), Deviation> {
        match (name, &self.checkpoint) {
            (PROOFS, Some(checkpoint)) => self.proven.add(number, line, checkpoint),
            (DOCUMENTS, _) => self.wanted.add_text(number, line),
            (POLICIES, _) => self.wanted.add_rule(number, line),
            _ => Ok(()),
        }
    }
}

/// Why lines are read no further.
enum LineFailure {
    Long(TooLong),
    Wrong(Deviation),
}

impl From<TooLong> for LineFailure {
    fn from(long: TooLong) -> Self {
        Self::Long(long)
    }
}

impl LineFailure {
    fn into_deviation(self, file: &'static str) -> Deviation {
        match self {
            Self::Long(long) => Deviation::too_long(file, long),
            Self::Wrong(deviation) => deviation,
        }
    }
}
