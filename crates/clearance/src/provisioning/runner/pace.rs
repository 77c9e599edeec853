//! How fast a connector is used: how many calls at once, and by what its provider says is left.

use core_protocol::message::RateLimit;

use crate::connector::{Connector, ConnectorPace, Spread};
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::ports::{Environment as _, Ports, Store as _, StoreError};

/// Times that it is written anew when others count calls at the same moment. The next answer says it again.
const TRIES: usize = 4;

/// Calls under way at one connector: enough for its provider's pace when each of the five requests of a call takes a quarter of a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AtOnce(usize);

impl AtOnce {
    /// At any connector: enough for what is usual, and fewer than Core takes for one tenant unless it is told to take more.
    pub(super) const USUAL: Self = Self(24);

    /// At a connector.
    pub(super) fn at(connector: &Connector) -> Self {
        let per_second = usize::from(connector.pace().get());
        Self(Self::USUAL.0.max(per_second + per_second / 5))
    }

    /// Places left beside so many calls.
    pub(super) fn room(self, under_way: usize) -> usize {
        self.0.saturating_sub(under_way)
    }

    /// Places that are free when more is looked for: what is looked for one by one costs reads and a commit each.
    pub(super) fn refill(self) -> usize {
        self.0 * 5 / 12
    }
}

/// Writes down what an answer says is left of the provider's limit, if that changes how fast it may be asked.
///
/// # Errors
/// The store's.
pub(super) async fn note<P: Ports>(
    ports: &P,
    connector: &Connector,
    limit: RateLimit,
) -> Result<(), Failure> {
    let store = ports.store();
    for _ in 0..TRIES {
        let now = ports.environment().now();
        let before = load::<ConnectorPace>(store, &connector.id.to_string()).await?;
        let pace = before.as_deref().cloned().unwrap_or_else(|| ConnectorPace::at_rest(connector.id, now));
        let said = Spread::of(limit, now);
        let spread = Some(said).filter(|it| it.per_hour < ConnectorPace::in_general(connector).per_hour);
        let known = pace.spread.filter(|known| now < known.until);
        let is_known = match (known, spread) {
            (None, None) => true,
            (Some(known), Some(spread)) => known.is_like(&spread),
            _ => false,
        };
        if is_known {
            return Ok(());
        }
        // What was let through at the old pace has drained at that pace until now.
        let level = pace.level.drained(pace.allowance(connector, now), now);
        let mut change = Change::new();
        change.upsert(before.as_ref(), &ConnectorPace { level, spread, ..pace });
        match store.commit(change.into_commit()?).await {
            Ok(_) => return Ok(()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
