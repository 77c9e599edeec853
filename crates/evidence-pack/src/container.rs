//! The container: a zip file of a strict kind.
//!
//! What is written is plain [APPNOTE](https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT) zip that every tool opens: stored files
//! one after another, each with its sizes behind it, since they are not known before. What is read may also have been packed anew by
//! somebody else, compressed with *deflate* and in another order, as when the identities were taken out.
//!
//! The reader is our own, over `miniz_oxide` for *deflate*: the kept crates (`zip`, `rawzip`, `async_zip`) pull from a file, which neither a
//! browser nor a module without imports can offer, and all of them accept what must not pass here: bytes before, between and after the
//! files, two files in the same place, local headers that say something else than the directory. Two readers that see different files in
//! one pack would make the pack worthless, so everything about it must be unambiguous.

mod content;
mod directory;
mod write;

pub use content::Content;
pub use directory::{Directory, Entry, Locator, MAX_FILES, MAX_RATIO, Span};
pub use write::{Container, Standing, TooLarge, header_bytes};

/// Signature of the end of the central directory.
const END: u32 = 0x0605_4b50;
/// Length of the end of the central directory, without a comment.
const END_BYTES: usize = 22;
/// Signature of a header in the central directory.
const CENTRAL: u32 = 0x0201_4b50;
/// Length of such a header, without name and extra field.
const CENTRAL_BYTES: usize = 46;
/// Signature of a header before a file.
const LOCAL: u32 = 0x0403_4b50;
/// Length of such a header, without name and extra field.
const LOCAL_BYTES: usize = 30;
/// Signature of sizes behind a file.
const DESCRIPTOR: u32 = 0x0807_4b50;
/// Length of sizes behind a file, signature included.
const DESCRIPTOR_BYTES: usize = 16;
/// Flag: sizes stand behind the file.
const SIZES_BEHIND: u16 = 1 << 3;
/// Flag: the name is UTF-8.
const UTF8_NAME: u16 = 1 << 11;
/// Flags that change nothing for us: how hard *deflate* tried.
const HARMLESS: u16 = SIZES_BEHIND | UTF8_NAME | (1 << 1) | (1 << 2);
/// 1 January 1980, the first day of zip's calendar: the time of a pack stands in its manifest.
const DATE: u16 = 0x0021;

/// How the bytes of a file are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// As they are.
    Stored,
    /// Compressed, [RFC 1951](https://www.rfc-editor.org/rfc/rfc1951).
    Deflate,
}

/// Why a file is not a container that can be trusted to say one thing only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Too short for a zip file, or no end of directory at its end: no zip file, cut off, or with something behind it.
    #[error("the file is no zip file, or it is cut off, or something was added at its end")]
    End,
    /// Parts on several disks.
    #[error("the zip file is one of several parts")]
    Parts,
    /// Sizes that only the 64-bit form of zip can say.
    #[error("the zip file is of the 64-bit kind, which packs never are")]
    Zip64,
    /// More files than a pack has.
    #[error("the zip file has {found} files, more than the {MAX_FILES} that a pack may have")]
    TooManyFiles {
        /// How many.
        found: u64,
    },
    /// The directory does not lie right before the end, or does not hold what it should.
    #[error("the directory of the zip file is damaged")]
    Directory,
    /// A name that leads out of the folder into which somebody unpacks.
    #[error("the name {name:?} would lead out of the folder into which the pack is unpacked")]
    UnsafeName {
        /// The name, its first 80 characters.
        name: String,
    },
    /// Two files of one name.
    #[error("the name `{name}` is there twice")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// An encrypted file, or one with features that no pack has.
    #[error("`{name}` is encrypted or needs features that no pack has")]
    Features {
        /// The file.
        name: String,
    },
    /// A compression other than *deflate*.
    #[error("`{name}` is compressed in a way (number {method}) that no pack is")]
    Method {
        /// The file.
        name: String,
        /// Zip's number of the method.
        method: u16,
    },
    /// A compression so strong that only a bomb has it.
    #[error("`{name}` would unpack to more than {MAX_RATIO} times its size")]
    Ratio {
        /// The file.
        name: String,
    },
    /// Two files in one place.
    #[error("`{name}` lies within another file")]
    Overlap {
        /// The file.
        name: String,
    },
    /// Bytes that belong to no file.
    #[error("there are bytes before `{name}` that belong to no file")]
    Gap {
        /// The file, or `the directory`.
        name: String,
    },
    /// The header before a file says something else than the directory.
    #[error("the header before `{name}` and the directory do not agree")]
    Header {
        /// The file.
        name: String,
    },
    /// A file's bytes do not have the checksum that the directory states.
    #[error("`{name}` is damaged: its checksum is not the one in the directory")]
    Checksum {
        /// The file.
        name: String,
    },
    /// A file unpacks to more or fewer bytes than the directory states.
    #[error("`{name}` has another size than the directory states")]
    Size {
        /// The file.
        name: String,
    },
    /// Compressed bytes that are none.
    #[error("`{name}` cannot be unpacked: its compressed bytes are damaged")]
    Deflate {
        /// The file.
        name: String,
    },
    /// Fewer bytes came than the file has.
    #[error("the file ends before it should: it was cut off while it was read")]
    Truncated,
}

impl Malformed {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::End => "zip_end",
            Self::Parts => "zip_parts",
            Self::Zip64 => "zip_64",
            Self::TooManyFiles { .. } => "zip_too_many_files",
            Self::Directory => "zip_directory",
            Self::UnsafeName { .. } => "zip_unsafe_name",
            Self::DuplicateName { .. } => "zip_duplicate_name",
            Self::Features { .. } => "zip_features",
            Self::Method { .. } => "zip_method",
            Self::Ratio { .. } => "zip_ratio",
            Self::Overlap { .. } => "zip_overlap",
            Self::Gap { .. } => "zip_gap",
            Self::Header { .. } => "zip_header",
            Self::Checksum { .. } => "zip_checksum",
            Self::Size { .. } => "zip_size",
            Self::Deflate { .. } => "zip_deflate",
            Self::Truncated => "zip_truncated",
        }
    }
}

/// Reads little-endian numbers, one after another.
#[derive(Debug, Clone, Copy)]
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn u16(&mut self) -> Option<u16> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u16::from_le_bytes(*bytes))
    }

    fn u32(&mut self) -> Option<u32> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*bytes))
    }

    fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}
