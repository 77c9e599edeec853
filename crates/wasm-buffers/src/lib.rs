//! Bytes that cross the boundary of a WebAssembly module without imports.
//!
//! The host asks the module for room, writes there, and hands address and length to one of the module's functions. What the module answers
//! is one 64-bit number, the address in the upper half and the length in the lower; the host reads there and gives the room back.
//!
//! Addresses are looked up among the buffers handed out, never trusted: this needs no unsafe code, and a wrong address is an answer, not
//! damage. A module keeps one [`Buffers`] and exports functions around it; the functions are not here because each module names its own.

use std::collections::BTreeMap;

/// The buffers that the host may read or write, by address.
#[derive(Debug, Default)]
pub struct Buffers(BTreeMap<usize, Box<[u8]>>);

/// How the host misused the boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misuse {
    /// No buffer has this address: it was never handed out, or was taken or given back since.
    Address,
    /// The buffer is shorter.
    Length,
}

impl Misuse {
    /// What was wrong, for whoever writes the host's side.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "the address was not given by `allocate`",
            Self::Length => "the length is more than was asked of `allocate`",
        }
    }
}

impl Buffers {
    /// None yet.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Room for `length` bytes, all 0; returns its address.
    pub fn allocate(&mut self, length: usize) -> usize {
        self.keep(vec![0; length])
    }

    /// Keeps a buffer for the host and returns its address. The address of an empty one is not its own, so it gets a byte.
    pub fn keep(&mut self, mut buffer: Vec<u8>) -> usize {
        if buffer.is_empty() {
            buffer.push(0);
        }
        let mut buffer = buffer.into_boxed_slice();
        // The host writes through the address while no reference to the buffer is live.
        let address = buffer.as_mut_ptr().expose_provenance();
        self.0.insert(address, buffer);
        address
    }

    /// Takes the first `length` bytes of a buffer that the host wrote; its room is given back, even when it is shorter than that.
    ///
    /// # Errors
    /// When there is no such buffer, or it is shorter.
    pub fn take(&mut self, address: usize, length: usize) -> Result<Vec<u8>, Misuse> {
        let mut buffer = self.0.remove(&address).ok_or(Misuse::Address)?.into_vec();
        if length > buffer.len() {
            return Err(Misuse::Length);
        }
        buffer.truncate(length);
        Ok(buffer)
    }

    /// The first `length` bytes of a buffer that the host wrote; the room stays.
    ///
    /// # Errors
    /// When there is no such buffer, or it is shorter.
    pub fn read(&self, address: usize, length: usize) -> Result<&[u8], Misuse> {
        self.0.get(&address).ok_or(Misuse::Address)?.get(..length).ok_or(Misuse::Length)
    }

    /// Hands bytes to the host: their address in the upper half, their length in the lower. The host gives the room back.
    ///
    /// Natively addresses are wider than half of the number; only in a module does it name the whole address.
    pub fn hand_over(&mut self, bytes: Vec<u8>) -> u64 {
        let length = bytes.len() as u64;
        let address = self.keep(bytes) as u64;
        (address << 32) | length
    }

    /// What an answer of [`Self::hand_over`] names, for tests, which have no memory of a module to read it from.
    pub fn handed_over(&self, answer: u64) -> Option<&[u8]> {
        let lower = |address: usize| address as u64 & u64::from(u32::MAX);
        let (_, buffer) = self.0.iter().find(|(address, _)| lower(**address) == answer >> 32)?;
        buffer.get(..usize::try_from(answer & u64::from(u32::MAX)).ok()?)
    }

    /// Gives room back. An address that was not handed out is ignored.
    pub fn deallocate(&mut self, address: usize) {
        self.0.remove(&address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_taken_once_and_only_within_its_length() {
        let mut buffers = Buffers::new();
        let address = buffers.keep(b"text".to_vec());
        assert_eq!(buffers.read(address, 3), Ok(b"tex".as_slice()));
        assert_eq!(buffers.read(address, 5), Err(Misuse::Length));
        assert_eq!(buffers.take(address, 3), Ok(b"tex".to_vec()));
        assert_eq!(buffers.take(address, 3), Err(Misuse::Address));
        assert_eq!(buffers.read(address, 3), Err(Misuse::Address));

        let address = buffers.allocate(4);
        assert_eq!(buffers.take(address, 5), Err(Misuse::Length));
        assert_eq!(buffers.take(address, 4), Err(Misuse::Address));
        let (first, second) = (buffers.allocate(0), buffers.allocate(0));
        assert_ne!(first, second);
        assert_eq!(buffers.take(first, 0), Ok(Vec::new()));
    }

    #[test]
    fn what_is_handed_over_is_named_until_it_is_given_back() {
        let mut buffers = Buffers::new();
        let address = buffers.keep(b"other".to_vec());
        let answer = buffers.hand_over(b"text".to_vec());
        assert_eq!(answer & u64::from(u32::MAX), 4);
        assert_eq!(buffers.handed_over(answer), Some(b"text".as_slice()));
        buffers.deallocate(address);
        buffers.deallocate(address);
        assert_eq!(buffers.read(address, 5), Err(Misuse::Address));
        assert_eq!(buffers.handed_over(answer), Some(b"text".as_slice()));
    }
}
