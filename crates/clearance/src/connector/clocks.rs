//! Whether the providers' clocks and this site's agree. While they do not, nobody knows what is due, so nothing is done by time.

use std::collections::BTreeMap;

use audit_log::Value;
use core_protocol::message::{Answer, Operation};
use serde::{Deserialize, Serialize};

use super::{Connector, call};
use crate::audit::{Actor, EventKind};
use crate::documents::{Change, Document, Loaded, load};
use crate::failure::Failure;
use crate::ids::ConnectorId;
use crate::ports::{Attributes, Environment as _, Kind, Ports, Store};
use crate::time::Timestamp;

/// Seconds by which a provider's clock may differ from this site's.
pub const TOLERANCE_SECONDS: i64 = 5 * 60;
/// Seconds by which a known difference may change before it is written down anew.
const ABOUT_SECONDS: i64 = 60;
/// Milliseconds between two looks at a clock that differed.
const PAUSE: i64 = 60_000;
/// Times that a difference is written anew when others write the same. The next answer says it again.
const TRIES: usize = 4;

/// How a provider's clock differs from this site's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockDifference {
    /// Since when, by this site's clock.
    pub since: Timestamp,
    /// Seconds by which the provider's is ahead; behind when negative.
    pub seconds: i64,
    /// When the provider was last asked whether that is still so.
    pub looked_at: Timestamp,
}

/// The providers whose clocks differ from this site's by more than [`TOLERANCE_SECONDS`].
///
/// One document for the whole site: what may be done by time must not rest on a query.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProviderClocks {
    /// By connector. None, as a rule.
    pub differing: BTreeMap<ConnectorId, ClockDifference>,
}

impl ProviderClocks {
    /// The only key.
    pub const KEY: &'static str = "site";

    /// As it is stored, or as it is when nothing was.
    ///
    /// # Errors
    /// The store's.
    pub async fn stored(store: &impl Store) -> Result<(Option<Loaded<Self>>, Self), Failure> {
        let before = load::<Self>(store, Self::KEY).await?;
        let known = before.as_deref().cloned().unwrap_or_default();
        Ok((before, known))
    }
}

impl Document for ProviderClocks {
    const KIND: &'static Kind = &Kind { name: "provider_clocks", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Seconds by which a provider's clock is certainly ahead of this site's, or behind when negative: it was read at some moment of the call, and
/// tells whole seconds.
fn difference(provider_time: i64, (asked_at, answered_at): (Timestamp, Timestamp)) -> i64 {
    let earliest = provider_time.saturating_mul(1_000);
    let latest = earliest.saturating_add(999);
    let ahead = earliest.saturating_sub(answered_at.as_millisecond()).max(0);
    let behind = asked_at.as_millisecond().saturating_sub(latest).max(0);
    (ahead - behind) / 1_000
}

/// Notes what an answer says of the provider's clock: a difference as soon as one answer shows it, its end when the connector is tried out.
///
/// # Errors
/// The store's.
pub(super) async fn note<P: Ports>(
    ports: &P,
    connector: ConnectorId,
    operation: &Operation,
    answer: &Answer,
    asked_at: Timestamp,
) -> Result<(), Failure> {
    let Some(provider_time) = answer.provider_time else { return Ok(()) };
    let now = ports.environment().now();
    let seconds = difference(provider_time, (asked_at, now));
    let differs = seconds.abs() > TOLERANCE_SECONDS;
    // That clocks agree is so with nearly every answer: it is looked up only where somebody wants to know.
    if !differs && !matches!(operation, Operation::TestConnector {}) {
        return Ok(());
    }
    for _ in 0..TRIES {
        let (before, mut clocks) = ProviderClocks::stored(ports.store()).await?;
        let known = clocks.differing.get(&connector).copied();
        let mut change = Change::new();
        match (known, differs) {
            (None, false) => return Ok(()),
            (Some(known), true) if (known.seconds - seconds).abs() <= ABOUT_SECONDS => return Ok(()),
            (known, true) => {
                let since = known.map_or(now, |known| known.since);
                clocks.differing.insert(connector, ClockDifference { since, seconds, looked_at: now });
                if known.is_none() {
                    let apart = u32::try_from(seconds.unsigned_abs()).unwrap_or(u32::MAX);
                    let facts = Value::object([
                        ("connector", Value::from(connector.to_string())),
                        ("seconds", Value::from(apart)),
                        ("provider_is_ahead", Value::from(seconds > 0)),
                    ]);
                    change.record(now, &Actor::System, EventKind::ConnectorClockDiffered, facts);
                }
            }
            (Some(_), false) => agree(&mut change, &mut clocks, connector, now),
        }
        change.upsert(before.as_ref(), &clocks);
        if change.commit_if_first(ports.store()).await? {
            return Ok(());
        }
    }
    Ok(())
}

fn agree(change: &mut Change, clocks: &mut ProviderClocks, connector: ConnectorId, now: Timestamp) {
    clocks.differing.remove(&connector);
    let facts = Value::object([("connector", Value::from(connector.to_string()))]);
    change.record(now, &Actor::System, EventKind::ConnectorClockAgreed, facts);
}

/// Asks a provider whose clock differed again, now and then. A connector that is disabled is asked nothing, and so says nothing of the clock
/// any more.
///
/// # Errors
/// The store's.
pub(crate) async fn look_again<P: Ports>(ports: &P, id: ConnectorId) -> Result<(), Failure> {
    let (before, mut clocks) = ProviderClocks::stored(ports.store()).await?;
    let (Some(before), Some(known)) = (before, clocks.differing.get(&id).copied()) else { return Ok(()) };
    let now = ports.environment().now();
    let connector = load::<Connector>(ports.store(), &id.to_string()).await?;
    let mut change = Change::new();
    let Some(connector) = connector.filter(|connector| connector.is_enabled()) else {
        agree(&mut change, &mut clocks, id, now);
        change.update(&before, &clocks);
        change.commit_if_first(ports.store()).await?;
        return Ok(());
    };
    // Whichever way this site's clock was set meanwhile.
    if now.as_millisecond().abs_diff(known.looked_at.as_millisecond()) < PAUSE.unsigned_abs() {
        return Ok(());
    }
    clocks.differing.insert(id, ClockDifference { looked_at: now, ..known });
    change.update(&before, &clocks);
    if change.commit_if_first(ports.store()).await? {
        // What it answers is noted on the way; a provider that does not answer is asked again.
        let _ = call(ports, &connector, Operation::TestConnector {}).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(1_795_000_000_000 + millisecond)
    }

    #[test]
    fn what_the_call_s_own_time_explains_is_no_difference() {
        // Asked at 0, answered at 20 s.
        let call = (at(0), at(20_000));
        for (provider, expected) in [(0, 0), (20, 0), (-1, 0), (21, 1), (-11, -10), (321, 301), (-302, -301)]
        {
            assert_eq!(difference(1_795_000_000 + provider, call), expected, "{provider}");
        }
    }

    proptest! {
        #[test]
        fn clocks_that_agree_never_differ_and_those_that_do_not_are_found(
            off in -100_000_i64..100_000,
            took in 0_i64..30_000,
            read in 0_i64..30_000,
        ) {
            let (asked, read) = (at(0).as_millisecond(), read.min(took));
            let provider = (asked + read + off * 1_000).div_euclid(1_000);
            let found = difference(provider, (at(0), at(took)));
            let slack = took / 1_000 + 1;
            prop_assert!((off - slack..=off + slack).contains(&found), "{found} of {off}");
            if off == 0 {
                prop_assert_eq!(found, 0);
            }
            prop_assert!(found == 0 || found.signum() == off.signum());
        }
    }
}
