//! When the log is packed: as soon as 256 entries are behind its head, bundle by bundle. How is the glue's.
//!
//! The marker is a convenience: it spares asking for bundles that are packed. It moves only after a bundle is packed, so a packer that is
//! killed anywhere does its last bundle again, which does nothing.

use clearance::documents::{Change, Document, load};
use clearance::failure::Failure;
use clearance::ports::{Attributes, Environment as _, Kind, Ports as _, Store as _, StoreError};
use serde::{Deserialize, Serialize};

use crate::effect::{LogRequest, Nothing};
use crate::ports::ForgePorts;

/// Entries of a bundle.
pub(crate) const BUNDLE: u64 = 256;

/// How far the log is packed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LogPacking {
    /// The first bundle that may not be packed.
    next: u64,
}

impl LogPacking {
    const KEY: &'static str = "site";
}

impl Document for LogPacking {
    const KIND: &'static Kind = &Kind { name: "log_packing", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Packs what is behind the head, until the host's time is over; answers how many bundles it packed, and whether there are more.
pub(crate) async fn run(ports: &ForgePorts) -> Result<(u64, bool), Failure> {
    let full = ports.store().log_head().await?.size / BUNDLE;
    let mut packed = 0;
    loop {
        let marker = load::<LogPacking>(ports.store(), LogPacking::KEY).await?;
        let bundle = marker.as_ref().map_or(0, |marker| marker.next);
        if bundle >= full || ports.environment().is_time_up() {
            return Ok((packed, bundle < full));
        }
        ports.store().ask::<Nothing>(LogRequest::LogPack { bundle }).await?;
        packed += 1;
        let mut change = Change::new();
        change.upsert(marker.as_ref(), &LogPacking { next: bundle + 1 });
        match ports.store().commit(change.into_commit()?).await {
            // Another packer was first; the next look sees.
            Ok(_) | Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
