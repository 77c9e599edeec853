//! The bytes of an export, whatever it is of.

use clearance::evidence::{Pack, RequestTable};
use clearance::failure::Failure;
use clearance::ids::ExportId;
use clearance::ports::Ports;
use serde_json::Value;

/// An export that is being made.
#[derive(Debug)]
pub enum Content {
    /// An evidence pack.
    Pack(Box<Pack>),
    /// A table of requests.
    Requests(RequestTable),
}

impl Content {
    /// The content of an export to which its caller was admitted, with what the operation answered.
    ///
    /// # Errors
    /// When the export is gone.
    pub async fn open<P: Ports>(ports: &P, id: ExportId, answer: &Value) -> Result<Self, Failure> {
        let of = answer.pointer("/export/scope/of").and_then(Value::as_str);
        Ok(if of == Some("requests") {
            Self::Requests(RequestTable::open(ports, id).await?)
        } else {
            Self::Pack(Box::new(Pack::open(ports, id).await?))
        })
    }

    /// The next bytes; none when it is whole.
    ///
    /// # Errors
    /// See [`Pack::next`] and [`RequestTable::next`].
    pub async fn next<P: Ports>(&mut self, ports: &P) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Self::Pack(pack) => pack.next(ports).await,
            Self::Requests(table) => table.next(ports).await,
        }
    }

    /// How much is done and how much there is to do, if that is known.
    pub fn progress(&self) -> Option<(u64, u64)> {
        match self {
            Self::Pack(pack) => Some(pack.progress()),
            Self::Requests(_) => None,
        }
    }
}
