//! What can be wrong with a pack: each thing its own variant.

use audit_log::canonical::NotCanonical;
use audit_log::checkpoint::InvalidCheckpoint;
use audit_log::proof::{InclusionError, RangeError};

use crate::container::Malformed;
use crate::lines::TooLong;
use crate::manifest::{InvalidManifest, SignatureRefused};

/// The way in which a pack is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Deviation {
    /// The zip file.
    #[error(transparent)]
    Container(#[from] Malformed),
    /// The manifest.
    #[error(transparent)]
    Manifest(#[from] InvalidManifest),
    /// A file that must be there.
    #[error("the file `{name}` is missing")]
    FileMissing {
        /// Its name.
        name: String,
    },
    /// A file that no pack has, or that the manifest does not name.
    #[error("the file `{name}` does not belong to the pack")]
    UnknownFile {
        /// Its name.
        name: String,
    },
    /// A file that is read whole and is too large for that.
    #[error("the file `{name}` is larger than such a file may be")]
    FileTooLarge {
        /// Its name.
        name: String,
    },
    /// A file whose bytes are not those of the manifest.
    #[error("the file `{name}` was changed: it is not the one that the manifest names")]
    FileMismatch {
        /// Its name.
        name: String,
    },
    /// The signature over the manifest.
    #[error(transparent)]
    Signature(#[from] SignatureRefused),

    /// The keys given are of another site.
    #[error("the keys given are not keys of `{origin}`, the site that the pack names")]
    OtherSite {
        /// The origin by the manifest.
        origin: String,
    },
    /// None of the keys given signed the checkpoint.
    #[error("the checkpoint is not signed with any of the keys given")]
    WrongKey,
    /// A known key's line that is not its signature.
    #[error("the signature of the checkpoint is wrong: the checkpoint was changed")]
    CheckpointForged,
    /// No checkpoint at all.
    #[error("the checkpoint cannot be read: {0}")]
    CheckpointForm(InvalidCheckpoint),
    /// No signed note.
    #[error("the checkpoint is not a signed note")]
    CheckpointNote,
    /// A checkpoint of another log.
    #[error("the checkpoint is of another log")]
    CheckpointOfOtherLog,
    /// A checkpoint of another size of the same log.
    #[error("the checkpoint was swapped: it is over {found} entries, and the pack over {expected}")]
    CheckpointSwapped {
        /// Entries by the manifest.
        expected: u64,
        /// Entries by the checkpoint.
        found: u64,
    },

    /// A proof that proves nothing.
    #[error("the proof of record {index} was changed or is of another log: {why}")]
    Proof {
        /// The record's place in the log.
        index: u64,
        /// What is wrong with it.
        why: InclusionError,
    },
    /// Proofs that are not in the order of the log.
    #[error("the proofs are not in order: that of record {index} comes too late or twice")]
    ProofOrder {
        /// The record's place in the log.
        index: u64,
    },
    /// A range proof that cannot be read.
    #[error("the proof of the period cannot be read: {why}")]
    RangeProofForm {
        /// What is wrong with it.
        why: String,
    },
    /// A range proof of other bounds than the manifest's.
    #[error("the proof is not of the records from {start} until before {end}")]
    RangeProofOfOtherPeriod {
        /// Index of the first record.
        start: u64,
        /// Index after the last record.
        end: u64,
    },
    /// A range proof whose hashes do not fit its bounds.
    #[error("the proof of the period was changed: {0}")]
    RangeProof(RangeError),

    /// A record whose bytes do not have the hash beside them.
    #[error("record {index} was changed: its content does not have its hash")]
    RecordForged {
        /// Its place in the log.
        index: u64,
    },
    /// A record whose hash is not the proven one.
    #[error("record {index} was replaced: it is not the one that the proof is of")]
    RecordReplaced {
        /// Its place in the log.
        index: u64,
    },
    /// Records left out.
    #[error("record {expected} is missing: record {found} comes in its place")]
    RecordMissing {
        /// The place of the first that is missing.
        expected: u64,
        /// The place of the one that is there instead.
        found: u64,
    },
    /// Records left out at the end.
    #[error("records are missing at the end: {expected} comes next")]
    RecordsTruncated {
        /// The place of the first that is missing.
        expected: u64,
    },
    /// A record that comes twice or too late.
    #[error("the records are not in order: record {index} comes too late or twice")]
    RecordOutOfOrder {
        /// Its place in the log.
        index: u64,
    },
    /// A record without proof.
    #[error("record {index} is not proven: there is no proof of it")]
    RecordNotProven {
        /// Its place in the log.
        index: u64,
    },
    /// Each record has its hash, and together they are not those of the log.
    #[error("records were replaced, swapped or made up, with their hashes: {0}")]
    RecordsNotInLog(RangeError),
    /// A record that is not in canonical form.
    #[error("record {index} is not in canonical form: {why}")]
    RecordNotCanonical {
        /// Its place in the log.
        index: u64,
        /// What is wrong and where.
        why: NotCanonical,
    },
    /// More or fewer records than the manifest says.
    #[error("there are {found} records, and the manifest says {expected}")]
    RecordCount {
        /// By the manifest.
        expected: u64,
        /// In the file.
        found: u64,
    },

    /// A text that is not the one committed to.
    #[error("the text in line {line} of `documents.jsonl` was changed: it does not open its commitment")]
    TextMismatch {
        /// The line, from 1.
        line: u64,
    },
    /// A text that no record commits to.
    #[error("the text in line {line} of `documents.jsonl` was made up: no record commits to it")]
    TextUnknown {
        /// The line, from 1.
        line: u64,
    },
    /// Rules that are not those published.
    #[error("policy version {version} was changed: its rules are not those that the log says were published")]
    PolicyMismatch {
        /// Its number.
        version: u32,
    },
    /// Rules that are not in order.
    #[error("the rules of policy version {version} are not in order")]
    PolicyOrder {
        /// Its number.
        version: u32,
    },

    /// A line that is not what its file is made of.
    #[error("line {line} of `{file}` cannot be read: {why}")]
    Line {
        /// The file.
        file: &'static str,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// A line that is too long.
    #[error("line {line} of `{file}` is longer than {limit} bytes")]
    LineTooLong {
        /// The file.
        file: &'static str,
        /// The line, from 1.
        line: u64,
        /// The limit.
        limit: usize,
    },
    /// A last line without a line feed.
    #[error("the last line of `{file}` is not whole")]
    LineUnfinished {
        /// The file.
        file: &'static str,
    },
    /// More of something than a pack may have.
    #[error("`{file}` has more than the {limit} lines that it may have")]
    TooMany {
        /// The file.
        file: &'static str,
        /// The limit.
        limit: u64,
    },
}

impl Deviation {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Container(malformed) => malformed.code(),
            Self::Manifest(InvalidManifest::Form(_)) => "manifest_form",
            Self::Manifest(InvalidManifest::Format { .. }) => "manifest_format",
            Self::Manifest(InvalidManifest::Twice { .. }) => "manifest_duplicate",
            Self::Manifest(InvalidManifest::Period) => "manifest_period",
            Self::FileMissing { .. } => "file_missing",
            Self::UnknownFile { .. } => "file_unknown",
            Self::FileTooLarge { .. } => "file_too_large",
            Self::FileMismatch { .. } => "file_mismatch",
            Self::Signature(SignatureRefused::Form) => "signature_form",
            Self::Signature(SignatureRefused::UnknownKey) => "signature_unknown_key",
            Self::Signature(SignatureRefused::Wrong) => "signature_wrong",
            Self::Signature(SignatureRefused::OtherManifest) => "manifest_changed",
            Self::OtherSite { .. } => "other_site",
            Self::WrongKey => "wrong_key",
            Self::CheckpointForged => "checkpoint_forged",
            Self::CheckpointForm(_) | Self::CheckpointNote => "checkpoint_form",
            Self::CheckpointOfOtherLog => "checkpoint_of_other_log",
            Self::CheckpointSwapped { .. } => "checkpoint_swapped",
            Self::Proof { .. } => "proof_mismatch",
            Self::ProofOrder { .. } => "proof_order",
            Self::RangeProofForm { .. } => "range_proof_form",
            Self::RangeProofOfOtherPeriod { .. } => "range_proof_of_other_period",
            Self::RangeProof(_) => "range_proof_mismatch",
            Self::RecordForged { .. } => "record_forged",
            Self::RecordReplaced { .. } => "record_replaced",
            Self::RecordMissing { .. } => "record_missing",
            Self::RecordsTruncated { .. } => "records_truncated",
            Self::RecordOutOfOrder { .. } => "record_out_of_order",
            Self::RecordNotProven { .. } => "record_not_proven",
            Self::RecordsNotInLog(_) => "records_not_in_log",
            Self::RecordNotCanonical { .. } => "record_not_canonical",
            Self::RecordCount { .. } => "record_count",
            Self::TextMismatch { .. } => "text_mismatch",
            Self::TextUnknown { .. } => "text_unknown",
            Self::PolicyMismatch { .. } => "policy_mismatch",
            Self::PolicyOrder { .. } => "policy_order",
            Self::Line { .. } => "line_form",
            Self::LineTooLong { .. } => "line_too_long",
            Self::LineUnfinished { .. } => "line_unfinished",
            Self::TooMany { .. } => "too_many_lines",
        }
    }

    /// A line of a file that is too long.
    pub(super) fn too_long(file: &'static str, long: TooLong) -> Self {
        Self::LineTooLong { file, line: long.line, limit: long.limit }
    }
}
