//! The seeded site: made through the store's own commits from typed documents, so that documents, indexes, guards and log are what the
//! product itself would have written. Nothing in it is random: the same program makes the same site.

mod bulk;
mod cache;
mod grants;
mod log;
mod organization;
mod requests;

use clearance::failure::Failure;
use clearance::ids::{Id, IdKind, PersonId, ToolId};
use clearance::ports::{Absent, Environment, Moment, Ports};
use clearance::text::{Line, Paragraph};
use clearance::time::Timestamp;
use clearance_store::SqliteStore;

pub(crate) use cache::{Cache, DataDirectory, Site};
pub(crate) use grants::Due;
pub(crate) use organization::{rules_of, tool_document};

/// 2025-11-01T00:00:00Z, in milliseconds: when the site's past begins.
const BEGIN: i64 = 1_761_955_200_000;
/// 2026-11-01T00:00:00Z: when it ends, before any run of this program.
pub(crate) const END: i64 = 1_793_491_200_000;

/// How large the site is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) people: u32,
    pub(crate) tools: u32,
    /// Requests that were decided long ago; entries of the log beside them.
    pub(crate) past_requests: u32,
    /// Requests that wait for one approver.
    pub(crate) pending: u32,
    /// Active manual grants, and how many of them are due.
    pub(crate) grants: u32,
    pub(crate) due: u32,
    /// Due grants that are all of one tool, or spread over the tools.
    pub(crate) group: u32,
    /// Entries of the long log.
    pub(crate) entries: u32,
}

impl Size {
    pub(crate) const FULL: Self = Self {
        people: 50_000,
        tools: 500,
        past_requests: 1_000_000,
        pending: 10_000,
        grants: 500_000,
        due: 100_000,
        group: 50_000,
        entries: 1_000_000,
    };
    pub(crate) const QUICK: Self = Self {
        people: 5_000,
        tools: 500,
        past_requests: 20_000,
        pending: 1_000,
        grants: 10_000,
        due: 2_000,
        group: 2_000,
        entries: 20_000,
    };
    /// People who ask while it is measured; they come behind the owners, one for each tool.
    pub(crate) const REQUESTERS: u32 = 1_000;
}

/// The n-th person. The first ones own the tool of their own number.
pub(crate) fn person(number: u32) -> PersonId {
    PersonId::of_name(&format!("bench {number}"))
}

/// The n-th person's address.
pub(crate) fn address(number: u32) -> String {
    format!("person{number}@example.com")
}

/// The n-th tool.
pub(crate) fn tool(number: u32) -> ToolId {
    ToolId::of_name(&format!("bench {number}"))
}

/// The moment of the n-th thing of a series, spread evenly over the site's past.
fn moment(series: &str, number: u32, of: u32) -> Moment {
    let at = BEGIN + (END - BEGIN) * i64::from(number) / i64::from(of.max(1));
    Moment::new(Timestamp::from_millisecond(at), seed(series, number))
}

fn seed(series: &str, number: u32) -> [u8; 32] {
    use sha2::{Digest as _, Sha256};
    Sha256::new().chain_update(series).chain_update(number.to_be_bytes()).finalize().into()
}

/// An ordered id of a moment.
fn id<K: IdKind>(moment: &Moment) -> Id<K> {
    Id::new(moment, "bench", 0)
}

fn line(text: &str) -> Result<Line, Failure> {
    Line::parse(text).map_err(|error| Failure::Defect(format!("`{text}` {error}")))
}

fn paragraph(text: &str) -> Result<Paragraph, Failure> {
    Paragraph::parse(text).map_err(|error| Failure::Defect(format!("`{text}` {error}")))
}

/// The store with a clock that stands still and randomness that is none: what the site's own first start is given.
struct Seeder<'s>(&'s SqliteStore);

struct Still;

impl Environment for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(BEGIN)
    }
    fn entropy(&self) -> [u8; 32] {
        seed("site", 0)
    }
}

impl Ports for Seeder<'_> {
    type Store = SqliteStore;
    type Environment = Still;
    type Vault = Absent;
    type Core = Absent;
    type Jira = Absent;
    fn store(&self) -> &SqliteStore {
        self.0
    }
    fn environment(&self) -> &Still {
        &Still
    }
    fn vault(&self) -> &Absent {
        &Absent
    }
    fn core(&self) -> &Absent {
        &Absent
    }

    fn jira(&self) -> &Absent {
        &Absent
    }
}
