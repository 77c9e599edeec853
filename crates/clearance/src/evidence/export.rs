use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::content::Position;
use super::register::ExportScope;
use crate::audit::Actor;
use crate::documents::Document;
use crate::ids::ExportId;
use crate::ports::{Attributes, Kind};
use crate::time::Timestamp;

/// Minutes for which an export can be downloaded by whoever made it, if its content is made while it is downloaded.
pub const EXPORT_MINUTES: i64 = 60;
/// Hours for which an export may be in the making, and for which it is kept once it is whole.
pub const KEPT_HOURS: i64 = 24;

/// An export: what it is of, under which size of the log, and where its content comes from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Export {
    /// Its id.
    pub id: ExportId,
    /// Who made it: nobody else may download it.
    pub by: Actor,
    /// What it is of.
    pub scope: ExportScope,
    /// Entries of the log that are looked at.
    pub tree_size: u64,
    /// Where in the log its records lie: start, and end exclusive, in order.
    pub spans: Vec<(u64, u64)>,
    /// How many records it has, or has so far; of a list of requests, none is counted.
    pub records: u64,
    /// When it was made, or begun.
    pub made_at: Timestamp,
    /// Until when it can be downloaded; until when it must be whole, while it is in the making.
    pub expires_at: Timestamp,
    /// Where its content comes from.
    pub state: ExportState,
}

/// Where the content of an export comes from.
///
/// Either each download makes it anew, always the same but for what was erased meanwhile, and nothing of it is kept; or it is made once, a
/// piece at a time by whoever runs next, and kept in pieces until its time is over.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ExportState {
    /// Each download makes it anew.
    Streamed,
    /// It is in the making.
    Making(Box<Making>),
    /// It is whole.
    Kept {
        /// In so many pieces.
        pieces: u32,
        /// Of so many bytes together.
        bytes: u64,
    },
    /// It never became whole, or is gone. What there was of it is removed.
    Stopped {
        /// Why.
        reason: StopReason,
    },
}

/// How far an export in the making has come.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Making {
    /// Pieces that count. What lies behind them is of somebody who did not come to the end of a step.
    pub pieces: u32,
    /// Bytes in them.
    pub bytes: u64,
    /// Where the next piece begins; none before the first.
    pub(super) position: Option<Position>,
    /// Until when whoever works at it has it alone.
    pub(super) worked_until: Option<Timestamp>,
}

impl Making {
    /// Entries of the log that were read.
    pub fn read(&self) -> u64 {
        self.position.as_ref().map_or(0, Position::read)
    }
}

/// Why an export stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// It has more records, or bytes, than one export may have.
    TooLarge,
    /// The allowance of whoever began it is used up.
    TooOften,
    /// What it was of is gone.
    Gone,
    /// Somebody whom it named, or who began it, was erased.
    Erasure,
    /// It was not whole in time.
    TooLate,
}

impl StopReason {
    /// As the log holds it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::TooOften => "too_often",
            Self::Gone => "gone",
            Self::Erasure => "erasure",
            Self::TooLate => "too_late",
        }
    }
}

impl Export {
    /// Whether it is of everything in a period.
    pub(super) fn is_period(&self) -> bool {
        matches!(self.scope, ExportScope::Period { .. })
    }

    /// How many records it will have, if that is known before they are read.
    pub(super) fn expected_records(&self) -> Option<u64> {
        let is_counted_while_made = matches!(self.state, ExportState::Making(_)) && !self.is_period();
        (!is_counted_while_made).then_some(self.records)
    }

    /// The same in another state.
    pub(super) fn in_state(&self, state: ExportState) -> Self {
        Self { state, ..self.clone() }
    }

    /// What a downloaded file of it is called.
    pub fn file_name(&self) -> String {
        match self.scope {
            ExportScope::Requests => format!("requests-{}.csv", self.id),
            _ => format!("evidence-{}.zip", self.id),
        }
    }
}

impl Document for Export {
    const KIND: &'static Kind = &Kind { name: "export", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}
