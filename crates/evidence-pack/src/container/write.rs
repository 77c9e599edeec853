//! Writing a container without ever going back.

use crc32fast::Hasher;
use serde::{Deserialize, Serialize};

use super::{
    CENTRAL, CENTRAL_BYTES, DATE, DESCRIPTOR, DESCRIPTOR_BYTES, END, END_BYTES, LOCAL, LOCAL_BYTES,
    SIZES_BEHIND, UTF8_NAME,
};
use crate::layout::file_named;

/// Version of zip needed to take the files out: 2.0.
const VERSION: u16 = 20;

/// The pack would need the 64-bit form of zip, which no pack has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the pack would become larger than 4 GiB: export a shorter period")]
pub struct TooLarge;

/// Writes stored files one after another. It keeps nothing but what the directory needs; what is to be sent is put into `out`.
#[derive(Debug, Default)]
pub struct Container {
    /// Bytes put out so far.
    at: u64,
    written: Vec<Written>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Written {
    name: &'static str,
    checksum: u32,
    size: u32,
    at: u32,
}

#[derive(Debug)]
struct Open {
    name: &'static str,
    checksum: Hasher,
    size: u64,
    at: u64,
}

/// Where a [`Container`] stands, so that another goes on from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    at: u64,
    written: Vec<StandingFile>,
    open: Option<StandingFile>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StandingFile {
    name: String,
    checksum: u32,
    size: u64,
    at: u64,
}

/// Bytes before the content of a file of this name.
pub fn header_bytes(name: &str) -> usize {
    LOCAL_BYTES + name.len()
}

impl Container {
    /// Where it stands.
    pub fn standing(&self) -> Standing {
        let written = |file: &Written| StandingFile {
            name: file.name.to_owned(),
            checksum: file.checksum,
            size: file.size.into(),
            at: file.at.into(),
        };
        let open = |file: &Open| StandingFile {
            name: file.name.to_owned(),
            checksum: file.checksum.clone().finalize(),
            size: file.size,
            at: file.at,
        };
        Standing {
            at: self.at,
            written: self.written.iter().map(written).collect(),
            open: self.open.as_ref().map(open),
        }
    }

    /// A container that goes on from there; none when no container ever stood so.
    pub fn from_standing(standing: &Standing) -> Option<Self> {
        let written = |file: &StandingFile| {
            let (size, at) = (u32::try_from(file.size).ok()?, u32::try_from(file.at).ok()?);
            Some(Written { name: file_named(&file.name)?, checksum: file.checksum, size, at })
        };
        let open = match &standing.open {
            Some(StandingFile { name, checksum, size, at }) => Some(Open {
                name: file_named(name)?,
                checksum: Hasher::new_with_initial(*checksum),
                size: *size,
                at: *at,
            }),
            None => None,
        };
        let written = standing.written.iter().map(written).collect::<Option<_>>()?;
        Some(Self { at: standing.at, written, open })
    }

    /// Begins a file; one that is open is ended.
    pub fn begin(&mut self, name: &'static str, out: &mut Vec<u8>) -> Result<(), TooLarge> {
        self.end(out)?;
        self.open = Some(Open { name, checksum: Hasher::new(), size: 0, at: self.at });
        put_u32(out, LOCAL);
        put_u16(out, VERSION);
        put_u16(out, SIZES_BEHIND | UTF8_NAME);
        put_u16(out, 0);
        put_u16(out, 0);
        put_u16(out, DATE);
        // Checksum and both sizes stand behind the file.
        [0; 3].into_iter().for_each(|zero| put_u32(out, zero));
        put_u16(out, length(name));
        put_u16(out, 0);
        out.extend_from_slice(name.as_bytes());
        self.at += header_bytes(name) as u64;
        Ok(())
    }

    /// Counts bytes of the open file; whoever calls sends them as they are.
    pub fn data(&mut self, bytes: &[u8]) {
        if let Some(open) = &mut self.open {
            open.checksum.update(bytes);
            open.size += bytes.len() as u64;
            self.at += bytes.len() as u64;
        }
    }

    /// Ends the open file, if there is one.
    pub fn end(&mut self, out: &mut Vec<u8>) -> Result<(), TooLarge> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let (size, at) =
            (u32::try_from(open.size).map_err(|_| TooLarge)?, u32::try_from(open.at).map_err(|_| TooLarge)?);
        let checksum = open.checksum.finalize();
        put_u32(out, DESCRIPTOR);
        put_u32(out, checksum);
        put_u32(out, size);
        put_u32(out, size);
        self.at += DESCRIPTOR_BYTES as u64;
        self.written.push(Written { name: open.name, checksum, size, at });
        Ok(())
    }

    /// Ends the open file and writes the directory.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), TooLarge> {
        self.end(out)?;
        let mut directory = 0;
        for file in &self.written {
            put_u32(out, CENTRAL);
            put_u16(out, VERSION);
            put_u16(out, VERSION);
            put_u16(out, SIZES_BEHIND | UTF8_NAME);
            put_u16(out, 0);
            put_u16(out, 0);
            put_u16(out, DATE);
            put_u32(out, file.checksum);
            put_u32(out, file.size);
            put_u32(out, file.size);
            put_u16(out, length(file.name));
            // No extra field, no comment, first disk, no attributes.
            [0; 4].into_iter().for_each(|zero| put_u16(out, zero));
            put_u32(out, 0);
            put_u32(out, file.at);
            out.extend_from_slice(file.name.as_bytes());
            directory += CENTRAL_BYTES + file.name.len();
        }
        let start = u32::try_from(self.at).map_err(|_| TooLarge)?;
        let whole = self.at + (directory + END_BYTES) as u64;
        if whole >= u64::from(u32::MAX) {
            return Err(TooLarge);
        }
        put_u32(out, END);
        put_u16(out, 0);
        put_u16(out, 0);
        let count = u16::try_from(self.written.len()).map_err(|_| TooLarge)?;
        put_u16(out, count);
        put_u16(out, count);
        put_u32(out, u32::try_from(directory).map_err(|_| TooLarge)?);
        put_u32(out, start);
        put_u16(out, 0);
        Ok(())
    }
}

/// Names are those of [`crate::layout`], far shorter than zip allows.
fn length(name: &str) -> u16 {
    u16::try_from(name.len()).unwrap_or(u16::MAX)
}

fn put_u16(out: &mut Vec<u8>, number: u16) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put_u32(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}
