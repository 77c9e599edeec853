//! How much at once: bulkheads, so that one installation or tenant cannot take everybody's place, and a circuit breaker, so that a
//! provider that is down is left alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use core_protocol::UnixSeconds;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How much Core does at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests in work, of anybody: what an unknown caller can make Core hold in memory is this many bodies of 64 KiB.
    pub requests: usize,
    /// Calls of one installation in work.
    pub calls_per_installation: usize,
    /// Calls to one tenant in work. Okta counts concurrent transactions per org.
    pub calls_per_tenant: usize,
    /// Failures of a tenant in a row after which it is left alone.
    pub failures_to_open: u32,
    /// Seconds that it is left alone.
    pub open_seconds: u32,
    /// Time for one request to a provider.
    pub request_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: 512,
            calls_per_installation: 64,
            calls_per_tenant: 32,
            failures_to_open: 5,
            open_seconds: 30,
            request_timeout: Duration::from_secs(10),
        }
    }
}

/// The right to carry out one call.
#[derive(Debug)]
pub(crate) struct Place {
    _installation: OwnedSemaphorePermit,
    _tenant: OwnedSemaphorePermit,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// Too many calls are in work.
    Busy,
    /// The provider failed too often; so many seconds to go.
    Open(u32),
}

#[derive(Debug, Default)]
struct Circuit {
    failures: u32,
    open_until: Option<UnixSeconds>,
}

/// Places and circuit breakers.
#[derive(Debug)]
pub(crate) struct Load {
    limits: Limits,
    places: Mutex<HashMap<(Side, String), Arc<Semaphore>>>,
    circuits: Mutex<HashMap<String, Circuit>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    Installation,
    Tenant,
}

impl Load {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, places: Mutex::default(), circuits: Mutex::default() }
    }

    /// A place for one call, at once or not at all: waiting here would hold the caller's connection for nothing.
    pub(crate) fn enter(&self, installation: &str, tenant: &str, now: UnixSeconds) -> Result<Place, NoPlace> {
        {
            let circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(until) = circuits.get(tenant).and_then(|circuit| circuit.open_until)
                && until > now
            {
                return Err(NoPlace::Open(u32::try_from(until.0 - now.0).unwrap_or(u32::MAX)));
            }
        }
        let of_installation =
            self.place(Side::Installation, installation, self.limits.calls_per_installation)?;
        let of_tenant = self.place(Side::Tenant, tenant, self.limits.calls_per_tenant)?;
        Ok(Place { _installation: of_installation, _tenant: of_tenant })
    }

    fn place(&self, side: Side, name: &str, limit: usize) -> Result<OwnedSemaphorePermit, NoPlace> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let semaphore =
            places.entry((side, name.to_owned())).or_insert_with(|| Arc::new(Semaphore::new(limit)));
        Arc::clone(semaphore).try_acquire_owned().map_err(|_| NoPlace::Busy)
    }

    /// Tells how a call to a tenant went.
    pub(crate) fn record(&self, tenant: &str, failed: bool, now: UnixSeconds) {
        let mut circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        if !failed {
            circuits.remove(tenant);
            return;
        }
        let circuit = circuits.entry(tenant.to_owned()).or_default();
        circuit.failures = circuit.failures.saturating_add(1);
        // Once open, each further failure opens it again: one try at a time finds out whether the provider is back.
        if circuit.failures >= self.limits.failures_to_open {
            circuit.open_until = Some(now.plus(i64::from(self.limits.open_seconds)));
        }
    }

    /// Forgets what is not in use, so that memory does not grow with every name ever seen.
    pub(crate) fn forget_idle(&self, now: UnixSeconds) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        let mut circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        circuits.retain(|_, circuit| circuit.open_until.is_none_or(|until| until.plus(600) > now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        requests: 9,
        calls_per_installation: 2,
        calls_per_tenant: 1,
        failures_to_open: 2,
        open_seconds: 30,
        request_timeout: Duration::from_secs(1),
    };
    const NOW: UnixSeconds = UnixSeconds(1_000);

    #[test]
    fn one_tenant_or_installation_cannot_take_the_others_places() {
        let load = Load::new(LIMITS);
        let first = load.enter("a", "x", NOW).unwrap();
        assert_eq!(load.enter("a", "x", NOW).unwrap_err(), NoPlace::Busy);
        assert_eq!(load.enter("b", "x", NOW).unwrap_err(), NoPlace::Busy);
        let _second = load.enter("a", "y", NOW).unwrap();
        assert_eq!(load.enter("a", "z", NOW).unwrap_err(), NoPlace::Busy);
        let _third = load.enter("b", "z", NOW).unwrap();
        drop(first);
        load.forget_idle(NOW);
        assert!(load.enter("b", "x", NOW).is_ok());
        assert_eq!(load.enter("b", "y", NOW).unwrap_err(), NoPlace::Busy, "what is in use is not forgotten");
    }

    #[test]
    fn a_failing_tenant_is_left_alone_and_tried_again() {
        let load = Load::new(LIMITS);
        load.record("x", true, NOW);
        assert!(load.enter("a", "x", NOW).is_ok());
        load.record("x", true, NOW);
        assert_eq!(load.enter("a", "x", NOW.plus(10)).unwrap_err(), NoPlace::Open(20));
        assert!(load.enter("a", "y", NOW).is_ok());
        assert!(load.enter("a", "x", NOW.plus(30)).is_ok());
        load.record("x", true, NOW.plus(30));
        assert_eq!(load.enter("a", "x", NOW.plus(31)).unwrap_err(), NoPlace::Open(29));
        load.record("x", false, NOW.plus(60));
        load.record("x", true, NOW.plus(61));
        assert!(load.enter("a", "x", NOW.plus(61)).is_ok(), "a success starts the count anew");
    }
}
