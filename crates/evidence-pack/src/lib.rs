//! Evidence packs: what a site hands to an auditor, and the check of it that needs nothing but the pack and the site's key.
//!
//! What this crate is **not**: it reads no file, sends nothing, has no clock and no randomness, and chooses no records. A host gives it bytes
//! and sends on the bytes that it makes; so the same checks run in the command line, in a browser without a network, and in tests.
//!
//! | module | gives |
//! |---|---|
//! | [`layout`] | the files of a pack and the limits that hold for them |
//! | [`manifest`] | what the pack says about itself: files with their hashes, origin, size of the tree, scope |
//! | [`lines`] | the files made of lines: records, proofs, texts, rules of policies |
//! | [`table`] | files for spreadsheets, in which no cell is a formula |
//! | [`container`] | the zip file around them, of a strict kind |
//! | [`write`](mod@write) | making a pack, front to back, in constant memory |
//! | [`verify`] | checking one, in constant memory |
//! | [`log`] | checking a whole log from its bundles |
//!
//! # What a pack proves, and what not
//! Records are proved by hashes up to a checkpoint that the site signed: nobody, the site included, can change, add or swap one without
//! another checkpoint. That the records of one grant, person or tool are all that there are rests on the site; the records of a period
//! prove it themselves. Texts and rules of policies are proved by the commitments and digests in records. Names, tables and the report are
//! the site's statement: the signature over the manifest says that they are as the site made them, and no more.

pub mod container;
pub mod layout;
pub mod lines;
pub mod log;
pub mod manifest;
pub mod table;
pub mod verify;
pub mod write;

pub use manifest::{Manifest, Scope};
pub use verify::{Deviation, Report, Verification};
pub use write::{PackWriter, Suspended};
