//! The files of a pack and the limits that hold for them.
//!
//! Limits are there so that whoever checks a pack needs little memory and little time to refuse a hostile one. They hold when a pack is made
//! too, so that no pack is made that does not verify.

use audit_log::MAX_ENTRY_BYTES;

/// What the pack says about itself: JSON.
pub const MANIFEST: &str = "manifest.json";
/// The site's signature over the manifest: a C2SP signed note.
pub const SIGNATURE: &str = "manifest.sig";
/// The head of the log against which everything is proved: a C2SP checkpoint.
pub const CHECKPOINT: &str = "checkpoint";
/// The site's keys, one per line, for convenience: an auditor uses those got from elsewhere.
pub const VERIFIER_KEYS: &str = "verifier-keys";
/// The records: JSON lines.
pub const RECORDS: &str = "records.jsonl";
/// The inclusion proof of each record, when they are not all of a period: JSON lines.
pub const PROOFS: &str = "proofs.jsonl";
/// The one proof of all records of a period: JSON.
pub const RANGE_PROOF: &str = "range-proof.json";
/// The texts that records commit to: JSON lines.
pub const DOCUMENTS: &str = "documents.jsonl";
/// The rules of the policy versions in force: JSON lines.
pub const POLICIES: &str = "policies.jsonl";
/// Who the pseudonyms are: JSON. The only file that may be taken out.
pub const IDENTITIES: &str = "identities.json";
/// The records for spreadsheets.
pub const RECORDS_TABLE: &str = "records.csv";
/// The grants for spreadsheets.
pub const GRANTS_TABLE: &str = "grants.csv";
/// The report for people.
pub const REPORT: &str = "report.html";
/// How to check the pack.
pub const README: &str = "README.txt";

/// Every name, in the order in which the files are checked: what others rest on comes first.
pub const FILES: [&str; 14] = [
    MANIFEST,
    SIGNATURE,
    CHECKPOINT,
    VERIFIER_KEYS,
    RANGE_PROOF,
    PROOFS,
    DOCUMENTS,
    POLICIES,
    RECORDS,
    RECORDS_TABLE,
    GRANTS_TABLE,
    IDENTITIES,
    REPORT,
    README,
];

/// The name as this program writes it, if a pack may have a file of that name.
pub fn file_named(name: &str) -> Option<&'static str> {
    FILES.into_iter().find(|known| *known == name)
}

/// The records of a pack with explanations: proofs of their own, texts, tables, report. A period may have more; then it has the records, their
/// one proof and the policy versions, and no more.
pub const MAX_EXPLAINED_RECORDS: u64 = 100_000;
/// The largest file that is read whole.
pub const MAX_WHOLE_BYTES: usize = 1 << 20;
/// The longest line of records: an entry with its index and hash.
pub const MAX_RECORD_LINE: usize = MAX_ENTRY_BYTES + 160;
/// The longest line of proofs: 64 hashes.
pub const MAX_PROOF_LINE: usize = 8 * 1024;
/// The longest line of texts: 20,000 characters, all of which may have to be escaped.
pub const MAX_DOCUMENT_LINE: usize = 256 * 1024;
/// The longest line of rules.
pub const MAX_RULE_LINE: usize = 256 * 1024;
/// The most texts: each record has at most four commitments.
pub const MAX_DOCUMENTS: usize = 400_000;
/// The most policy versions.
pub const MAX_POLICIES: usize = 10_000;
/// The most keys.
pub const MAX_KEYS: usize = 64;
