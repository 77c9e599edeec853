//! The content of an export, whatever it is of: made a piece at a time, and taken up again from where it stood.

use serde::{Deserialize, Serialize};

use super::export::Export;
use super::pack::{Pack, PackPosition};
use super::register::ExportScope;
use super::requests::{RequestTable, TablePosition};
use crate::documents::load;
use crate::failure::Failure;
use crate::ids::ExportId;
use crate::ports::Ports;
use crate::refusal::not_found;

/// Stretches of a pack made at a time.
const STRETCHES: u32 = 4;
/// Reads of a stretch of a pack: 64 documents, or as many units of 10 KB of the log.
const STRETCH_READS: u64 = 64;
/// Reads of a page of a table: its hundred requests, whom they name, and whom it registers.
const PAGE_READS: u64 = 400;

/// The content of an export.
#[derive(Debug)]
pub enum ExportContent {
    /// An evidence pack.
    Pack(Box<Pack>),
    /// A table of requests.
    Requests(Box<RequestTable>),
}

/// Where content stands between two pieces, so that somebody else makes the next.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Position {
    /// Of an evidence pack.
    Pack(PackPosition),
    /// Of a table of requests.
    Requests(TablePosition),
}

impl Position {
    /// Entries of the log that were read.
    pub(super) fn read(&self) -> u64 {
        match self {
            Self::Pack(position) => position.read(),
            Self::Requests(_) => 0,
        }
    }
}

impl ExportContent {
    /// The content of an export from the beginning. Whoever calls was admitted to it by `exports.get`.
    ///
    /// # Errors
    /// [`crate::refusal::Code::NotFound`] when there is no such export, or what it is of is gone.
    pub async fn open<P: Ports>(ports: &P, id: ExportId) -> Result<Self, Failure> {
        let export = load::<Export>(ports.store(), &id.to_string()).await?;
        Self::begin(ports, export.ok_or_else(|| not_found("export"))?.into_inner()).await
    }

    pub(super) async fn begin<P: Ports>(ports: &P, export: Export) -> Result<Self, Failure> {
        Ok(match export.scope {
            ExportScope::Requests => Self::Requests(Box::new(RequestTable::begin(export))),
            _ => Self::Pack(Box::new(Pack::begin(ports, export).await?)),
        })
    }

    /// Goes on from where it stood; what was made before lies in the export's pieces.
    pub(super) async fn resume<P: Ports>(
        ports: &P,
        export: Export,
        position: Position,
    ) -> Result<Self, Failure> {
        Ok(match position {
            Position::Pack(position) => Self::Pack(Box::new(Pack::resume(ports, export, position).await?)),
            Position::Requests(position) => Self::Requests(Box::new(RequestTable::resume(export, position))),
        })
    }

    /// The next bytes; none when it is whole.
    ///
    /// # Errors
    /// The store's and the vault's; [`crate::refusal::Code::TooLarge`] for a pack beyond what one may have, and
    /// [`crate::refusal::Code::RateLimited`] for a table when the allowance is used up.
    pub async fn next<P: Ports>(&mut self, ports: &P) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Self::Pack(pack) => pack.next(ports).await,
            Self::Requests(table) => table.next(ports).await,
        }
    }

    /// The next bytes that take few reads; there may be none.
    pub(super) async fn some<P: Ports>(&mut self, ports: &P) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Pack(pack) => pack.some(ports, STRETCHES).await,
            Self::Requests(table) => Ok(table.next(ports).await?.unwrap_or_default()),
        }
    }

    /// About how many documents, or units of 10 KB of the log, were read for it since it was begun or resumed.
    pub(super) fn reads(&self) -> u64 {
        match self {
            Self::Pack(pack) => pack.stretches().saturating_mul(STRETCH_READS),
            Self::Requests(table) => table.pages().saturating_mul(PAGE_READS),
        }
    }

    /// How much is done and how much there is to do, if that is known.
    pub fn progress(&self) -> Option<(u64, u64)> {
        match self {
            Self::Pack(pack) => Some(pack.progress()),
            Self::Requests(_) => None,
        }
    }

    /// Records so far.
    pub(super) fn records(&self) -> u64 {
        match self {
            Self::Pack(pack) => pack.records(),
            Self::Requests(_) => 0,
        }
    }

    /// Where it stands; none when it is whole.
    pub(super) fn position(&self) -> Option<Position> {
        match self {
            Self::Pack(pack) => pack.position().map(Position::Pack),
            Self::Requests(table) => table.position().map(Position::Requests),
        }
    }
}
