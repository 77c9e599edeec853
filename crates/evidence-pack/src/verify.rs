//! Checking a pack with nothing but the pack and the site's keys.
//!
//! A [`Verification`] asks for one part of the pack after another and is given its bytes, so it works wherever bytes come from. It holds a few
//! megabytes, however large the pack is. Records are checked in pieces that do not depend on one another; who has several threads hands them
//! out, see [`Workers`].
//!
//! ```no_run
//! use evidence_pack::verify::{OneByOne, Verification};
//! # let (pack, key): (Vec<u8>, &str) = unimplemented!();
//! let mut verification = Verification::new(pack.len() as u64, vec![key.parse()?], OneByOne);
//! while let Some(span) = verification.wants() {
//!     let from = usize::try_from(span.offset)?;
//!     verification.give(&pack[from..from + usize::try_from(span.length)?]);
//! }
//! assert!(verification.finish().ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod anchors;
mod deviation;
mod explanations;
mod machine;
mod records;
mod report;
mod workers;

pub use deviation::Deviation;
pub use machine::Verification;
pub use report::{Check, CheckName, Note, Outcome, Report};
pub use workers::{OneByOne, Workers};
