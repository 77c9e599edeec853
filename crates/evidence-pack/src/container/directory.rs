//! Finding the files of a container and making sure that nothing else is in it.

use super::{
    CENTRAL, CENTRAL_BYTES, DESCRIPTOR, DESCRIPTOR_BYTES, END, END_BYTES, Fields, HARMLESS, LOCAL,
    LOCAL_BYTES, Malformed, Method, SIZES_BEHIND,
};

/// The most files of a container; a pack has fewer names than that.
pub const MAX_FILES: u64 = 32;
/// A file may unpack to this many times its size. Text full of repeated names reaches 30; a bomb wants 1,000.
pub const MAX_RATIO: u64 = 100;
/// The largest directory read: names, extra fields and comments of [`MAX_FILES`].
const MAX_DIRECTORY_BYTES: u32 = 64 * 1024;
/// The longest name, longer than any that a pack has.
const MAX_NAME: usize = 255;

/// A part of the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Offset of its first byte.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
}

/// A file in the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// How its bytes are kept.
    pub method: Method,
    /// Checksum of its bytes, as stated.
    pub checksum: u32,
    /// Its bytes, as stated.
    pub size: u64,
    /// Where its bytes are kept.
    pub data: Span,
    flags: u16,
    header: u64,
}

/// The files of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    entries: Vec<Entry>,
}

impl Directory {
    /// The files, by their place.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The file of this name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

/// Finds the files, asking for one part of the container after another: the end, the directory, each header.
#[derive(Debug)]
pub struct Locator {
    length: u64,
    stage: Stage,
    entries: Vec<Entry>,
    /// Where the directory starts.
    directory: u64,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    End,
    Directory {
        count: u16,
        length: u32,
    },
    /// The header before this file.
    Header(usize),
    /// The name in the header before this file, so long.
    Name(usize, u16),
    /// The sizes behind this file, so long.
    Behind(usize, u64),
    Done,
}

impl Locator {
    /// A locator for a container of so many bytes.
    pub fn new(length: u64) -> Self {
        Self { length, stage: Stage::End, entries: Vec::new(), directory: 0 }
    }

    /// The part to be read next; none when all files are found.
    pub fn wants(&self) -> Option<Span> {
        let span = |offset, length| Some(Span { offset, length });
        let entry = |number: usize| self.entries.get(number);
        match self.stage {
            Stage::End => {
                let end = END_BYTES as u64;
                span(self.length.saturating_sub(end), end.min(self.length))
            }
            Stage::Directory { length, .. } => span(self.directory, u64::from(length)),
            Stage::Header(number) => span(entry(number)?.header, LOCAL_BYTES as u64),
            Stage::Name(number, length) => {
                span(entry(number)?.header + LOCAL_BYTES as u64, u64::from(length))
            }
            Stage::Behind(number, length) => {
                let data = entry(number)?.data;
                span(data.offset + data.length, length)
            }
            Stage::Done => None,
        }
    }

    /// Takes the part that was asked for.
    pub fn give(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        if self.wants().is_some_and(|span| span.length != bytes.len() as u64) {
            return Err(Malformed::Truncated);
        }
        self.stage = match self.stage {
            Stage::End => self.end(bytes)?,
            Stage::Directory { count, .. } => self.read_directory(count, bytes)?,
            Stage::Header(number) => self.header(number, bytes)?,
            Stage::Name(number, _) => self.name(number, bytes)?,
            Stage::Behind(number, _) => self.behind(number, bytes)?,
            Stage::Done => Stage::Done,
        };
        Ok(())
    }

    /// What was found, once nothing is wanted any more.
    pub fn finish(self) -> Directory {
        Directory { entries: self.entries }
    }

    fn end(&mut self, bytes: &[u8]) -> Result<Stage, Malformed> {
        let mut fields = Fields(bytes);
        if fields.u32() != Some(END) || bytes.len() != END_BYTES {
            return Err(Malformed::End);
        }
        let mut short = || fields.u16().ok_or(Malformed::End);
        let (disk, first_disk, here, count) = (short()?, short()?, short()?, short()?);
        let length = fields.u32().ok_or(Malformed::End)?;
        let start = fields.u32().ok_or(Malformed::End)?;
        let comment = fields.u16().ok_or(Malformed::End)?;
        if comment != 0 {
            return Err(Malformed::End);
        }
        if count == u16::MAX || length == u32::MAX || start == u32::MAX {
            return Err(Malformed::Zip64);
        }
        if disk != 0 || first_disk != 0 || here != count {
            return Err(Malformed::Parts);
        }
        if u64::from(count) > MAX_FILES {
            return Err(Malformed::TooManyFiles { found: u64::from(count) });
        }
        let whole = u64::from(start) + u64::from(length) + END_BYTES as u64;
        if length > MAX_DIRECTORY_BYTES || whole != self.length {
            return Err(Malformed::Directory);
        }
        self.directory = u64::from(start);
        Ok(Stage::Directory { count, length })
    }

    fn read_directory(&mut self, count: u16, bytes: &[u8]) -> Result<Stage, Malformed> {
        let mut fields = Fields(bytes);
        for _ in 0..count {
            let entry = central(&mut fields)?;
            if self.entries.iter().any(|other| other.name == entry.name) {
                return Err(Malformed::DuplicateName { name: entry.name });
            }
            self.entries.push(entry);
        }
        if !fields.0.is_empty() {
            return Err(Malformed::Directory);
        }
        self.entries.sort_by_key(|entry| entry.header);
        match self.entries.first() {
            Some(first) if first.header != 0 => Err(Malformed::Gap { name: first.name.clone() }),
            Some(_) => Ok(Stage::Header(0)),
            None if self.directory != 0 => Err(Malformed::Gap { name: "the directory".to_owned() }),
            None => Ok(Stage::Done),
        }
    }

    fn header(&mut self, number: usize, bytes: &[u8]) -> Result<Stage, Malformed> {
        let next = self.start_after(number);
        let entry = self.entries.get_mut(number).ok_or(Malformed::Directory)?;
        let disagree = || Malformed::Header { name: entry.name.clone() };
        let mut fields = Fields(bytes);
        let signature = fields.u32();
        let _version = fields.u16();
        let (flags, method) = (fields.u16(), fields.u16());
        let _time = fields.u32();
        let (checksum, packed, size) = (fields.u32(), fields.u32(), fields.u32());
        let name = fields.u16().ok_or_else(disagree)?;
        let extra = fields.u16().ok_or_else(disagree)?;
        let behind = entry.flags & SIZES_BEHIND != 0;
        let agrees = |found: Option<u32>, stated: u64| {
            found.is_some_and(|found| u64::from(found) == stated || (behind && found == 0))
        };
        let same = signature == Some(LOCAL)
            && flags == Some(entry.flags)
            && method.and_then(method_of) == Some(entry.method)
            && agrees(checksum, u64::from(entry.checksum))
            && agrees(packed, entry.data.length)
            && agrees(size, entry.size)
            && usize::from(name) == entry.name.len();
        if !same {
            return Err(disagree());
        }
        entry.data.offset = entry.header + LOCAL_BYTES as u64 + u64::from(name) + u64::from(extra);
        if entry.data.offset + entry.data.length > next {
            return Err(Malformed::Overlap { name: entry.name.clone() });
        }
        Ok(Stage::Name(number, name))
    }

    fn name(&self, number: usize, bytes: &[u8]) -> Result<Stage, Malformed> {
        let next = self.start_after(number);
        let entry = self.entries.get(number).ok_or(Malformed::Directory)?;
        if entry.name.as_bytes() != bytes {
            return Err(Malformed::Header { name: entry.name.clone() });
        }
        match next - (entry.data.offset + entry.data.length) {
            0 => Ok(self.after(number)),
            behind @ (12 | 16) if entry.flags & SIZES_BEHIND != 0 => Ok(Stage::Behind(number, behind)),
            _ => Err(Malformed::Gap { name: self.name_after(number) }),
        }
    }

    fn behind(&self, number: usize, bytes: &[u8]) -> Result<Stage, Malformed> {
        let entry = self.entries.get(number).ok_or(Malformed::Directory)?;
        let mut fields = Fields(bytes);
        let signed = bytes.len() < DESCRIPTOR_BYTES || fields.u32() == Some(DESCRIPTOR);
        let same = fields.u32() == Some(entry.checksum)
            && fields.u32().map(u64::from) == Some(entry.data.length)
            && fields.u32().map(u64::from) == Some(entry.size);
        if signed && same {
            Ok(self.after(number))
        } else {
            Err(Malformed::Header { name: entry.name.clone() })
        }
    }

    fn after(&self, number: usize) -> Stage {
        if number + 1 < self.entries.len() { Stage::Header(number + 1) } else { Stage::Done }
    }

    fn start_after(&self, number: usize) -> u64 {
        self.entries.get(number + 1).map_or(self.directory, |next| next.header)
    }

    fn name_after(&self, number: usize) -> String {
        self.entries.get(number + 1).map_or_else(|| "the directory".to_owned(), |next| next.name.clone())
    }
}

fn method_of(number: u16) -> Option<Method> {
    match number {
        0 => Some(Method::Stored),
        8 => Some(Method::Deflate),
        _ => None,
    }
}

/// One header of the central directory.
fn central(fields: &mut Fields<'_>) -> Result<Entry, Malformed> {
    let header = fields.bytes(CENTRAL_BYTES).ok_or(Malformed::Directory)?;
    let mut header = Fields(header);
    if header.u32() != Some(CENTRAL) {
        return Err(Malformed::Directory);
    }
    let _versions = header.u32();
    let mut short = || header.u16().ok_or(Malformed::Directory);
    let (flags, method) = (short()?, short()?);
    let _time = header.u32();
    let mut long = || header.u32().ok_or(Malformed::Directory);
    let (checksum, packed, size) = (long()?, long()?, long()?);
    let mut short = || header.u16().ok_or(Malformed::Directory);
    let (name, extra, comment, disk) = (short()?, short()?, short()?, short()?);
    let _attributes = (header.u16(), header.u32());
    let start = header.u32().ok_or(Malformed::Directory)?;
    let name = fields.bytes(usize::from(name)).ok_or(Malformed::Directory)?;
    fields.bytes(usize::from(extra) + usize::from(comment)).ok_or(Malformed::Directory)?;
    let name = checked_name(name)?;
    if packed == u32::MAX || size == u32::MAX || start == u32::MAX {
        return Err(Malformed::Zip64);
    }
    if flags & !HARMLESS != 0 || disk != 0 {
        return Err(Malformed::Features { name });
    }
    let Some(kind) = method_of(method) else { return Err(Malformed::Method { name, method }) };
    let (packed, size) = (u64::from(packed), u64::from(size));
    if kind == Method::Stored && packed != size {
        return Err(Malformed::Size { name });
    }
    if size > packed.saturating_mul(MAX_RATIO) {
        return Err(Malformed::Ratio { name });
    }
    let data = Span { offset: 0, length: packed };
    Ok(Entry { name, method: kind, checksum, size, data, flags, header: u64::from(start) })
}

/// A plain file name. Folders, absolute paths and whatever a shell or another system could read as such are refused.
fn checked_name(bytes: &[u8]) -> Result<String, Malformed> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    match std::str::from_utf8(bytes) {
        Ok(name)
            if (1..=MAX_NAME).contains(&name.len()) && bytes.iter().all(plain) && !name.starts_with('.') =>
        {
            Ok(name.to_owned())
        }
        _ => {
            let name = String::from_utf8_lossy(bytes).chars().take(80).collect();
            Err(Malformed::UnsafeName { name })
        }
    }
}
