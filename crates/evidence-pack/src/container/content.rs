//! Taking one file out, piece by piece.

use crc32fast::Hasher;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

use super::{Entry, Malformed, Method};

/// Bytes that come out of a compressed file at a time.
const PIECE: usize = 64 * 1024;

/// The bytes of one file, as they come out.
///
/// The checksum is for [`Content::finish`] to compare; whoever takes the pieces may count it elsewhere, see [`Content::skip_checksum`].
pub struct Content {
    name: String,
    state: State,
    size: u64,
    produced: u64,
    expected: u32,
    checksum: Option<Hasher>,
}

enum State {
    Stored,
    Deflate { state: Box<InflateState>, piece: Vec<u8>, ended: bool },
}

impl std::fmt::Debug for Content {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Content").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Content {
    /// The content of an entry, nothing of it read yet.
    pub fn of(entry: &Entry) -> Self {
        let state = match entry.method {
            Method::Stored => State::Stored,
            Method::Deflate => State::Deflate {
                state: InflateState::new_boxed(DataFormat::Raw),
                piece: vec![0; PIECE],
                ended: false,
            },
        };
        Self {
            name: entry.name.clone(),
            state,
            size: entry.size,
            produced: 0,
            expected: entry.checksum,
            checksum: Some(Hasher::new()),
        }
    }

    /// The checksum is counted by whoever takes the pieces, and handed to [`Content::finish`].
    #[must_use]
    pub fn skip_checksum(self) -> Self {
        Self { checksum: None, ..self }
    }

    /// Takes the next bytes of the container and hands out what they unpack to, in pieces. Never hands out more than the directory states.
    pub fn push<E: From<Malformed>>(
        &mut self,
        bytes: &[u8],
        mut piece_out: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let Self { name, state, size, produced, checksum, .. } = self;
        let mut hand_out = |piece: &[u8]| {
            *produced += piece.len() as u64;
            if *produced > *size {
                return Err(Malformed::Size { name: name.clone() }.into());
            }
            if let Some(checksum) = checksum {
                checksum.update(piece);
            }
            piece_out(piece)
        };
        match state {
            State::Stored => hand_out(bytes),
            State::Deflate { state, piece, ended } => {
                let mut rest = bytes;
                loop {
                    if *ended {
                        let none_left = rest.is_empty();
                        return if none_left {
                            Ok(())
                        } else {
                            Err(Malformed::Deflate { name: name.clone() }.into())
                        };
                    }
                    let result = inflate(state, rest, piece, MZFlush::None);
                    rest = rest.get(result.bytes_consumed..).unwrap_or_default();
                    hand_out(piece.get(..result.bytes_written).unwrap_or_default())?;
                    match result.status {
                        Ok(MZStatus::StreamEnd) => *ended = true,
                        Ok(_) | Err(MZError::Buf) => {}
                        Err(_) => return Err(Malformed::Deflate { name: name.clone() }.into()),
                    }
                    let stuck = result.bytes_consumed == 0 && result.bytes_written == 0;
                    // A full piece may have more behind it.
                    if rest.is_empty() && result.bytes_written < PIECE {
                        return Ok(());
                    }
                    if stuck {
                        return Err(Malformed::Deflate { name: name.clone() }.into());
                    }
                }
            }
        }
    }

    /// Checks size and checksum; `counted` is the checksum when it was counted elsewhere.
    pub fn finish(self, counted: Option<u32>) -> Result<(), Malformed> {
        if let State::Deflate { ended: false, .. } = self.state {
            return Err(Malformed::Deflate { name: self.name });
        }
        if self.produced != self.size {
            return Err(Malformed::Size { name: self.name });
        }
        let found = self.checksum.map(Hasher::finalize).or(counted);
        if found == Some(self.expected) { Ok(()) } else { Err(Malformed::Checksum { name: self.name }) }
    }
}
