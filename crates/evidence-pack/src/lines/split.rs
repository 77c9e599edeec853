//! Lines out of pieces.

use memchr::{memchr, memrchr};

/// A line longer than its file's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is longer than {limit} bytes")]
pub struct TooLong {
    /// Its number, from 1.
    pub line: u64,
    /// The limit.
    pub limit: usize,
}

/// Puts lines together from pieces, holding no more than one of them.
#[derive(Debug)]
pub struct Lines {
    limit: usize,
    rest: Vec<u8>,
    passed: u64,
}

impl Lines {
    /// Lines of at most so many bytes, line feed not counted.
    pub fn new(limit: usize) -> Self {
        Self { limit, rest: Vec::new(), passed: 0 }
    }

    /// The number of the line that comes next, from 1.
    pub fn next_line(&self) -> u64 {
        self.passed + 1
    }

    /// Takes the next piece and hands out, without line feeds, the lines that are whole.
    pub fn push<E: From<TooLong>>(
        &mut self,
        piece: &[u8],
        mut line: impl FnMut(u64, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut piece = piece;
        while let Some(end) = memchr(b'\n', piece) {
            let (head, tail) = piece.split_at_checked(end).unwrap_or((piece, &[]));
            piece = tail.get(1..).unwrap_or_default();
            self.fits(head)?;
            let number = self.next_line();
            if self.rest.is_empty() {
                line(number, head)?;
            } else {
                self.rest.extend_from_slice(head);
                line(number, &self.rest)?;
                self.rest.clear();
            }
            self.passed += 1;
        }
        self.fits(piece)?;
        self.rest.extend_from_slice(piece);
        Ok(())
    }

    fn fits(&self, more: &[u8]) -> Result<(), TooLong> {
        if self.rest.len() + more.len() > self.limit {
            Err(TooLong { line: self.next_line(), limit: self.limit })
        } else {
            Ok(())
        }
    }

    /// Whether the last line ended with a line feed.
    pub fn is_whole(&self) -> bool {
        self.rest.is_empty()
    }
}

/// Splits bytes after their last line feed: whole lines, and what has to wait for more.
pub(crate) fn whole_lines(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = memrchr(b'\n', bytes).map_or(0, |at| at + 1);
    bytes.split_at_checked(end).unwrap_or((bytes, &[]))
}
