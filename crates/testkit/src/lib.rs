//! The test harness: a whole site in one process, with the shipped HTTP surface, a clock that stands still until it is told to move, and
//! randomness that repeats.
//!
//! ```
//! use serde_json::json;
//! use testkit::{Client as _, Site};
//!
//! let site = Site::in_memory();
//! let ada = site.member("Ada");
//! let tool = site.tool("Note taker", json!({ "risk": "low" }));
//! let asked = json!({ "tool": tool, "purpose": "Minutes", "data_classes": ["internal"], "days": 7 });
//! assert_eq!(ada.call("requests.submit", asked).ok()["grant"]["state"], "active");
//! site.advance_days(8);
//! assert_eq!(site.tick().expired, 1);
//! ```
//!
//! When a [`Site`] goes out of scope it is checked as a whole: the log is read anew, and every document is compared with what the others
//! and the log say of it ([`invariants`]).
//!
//! This crate holds no rule: what is right is said by the tests.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a harness fails by panicking: each failure is the failure of a test"
)]

pub mod answer;
pub mod client;
pub mod clock;
mod company;
pub mod connected;
pub mod directory;
mod environment;
mod interrupted;
pub mod invariants;
pub mod jira;
pub mod life;
mod mail;
pub mod site;
pub mod snapshot;
pub mod stage;
pub mod storage;

pub use answer::Answer;
pub use client::{AnonymousClient, Client, PersonClient, SessionClient};
pub use clock::Clock;
pub use company::{request_for, text, tool_input};
pub use directory::{Directory, Fault};
pub use environment::Seeded;
pub use interrupted::Interruption;
pub use jira::{JiraCaller, JiraSite, Written};
pub use site::{Site, vault_key};
pub use snapshot::Snapshot;
pub use storage::Storage;
