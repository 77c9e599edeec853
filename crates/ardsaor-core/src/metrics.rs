//! What `/metrics` shows, in the `OpenMetrics` text format.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Called {
    provider: &'static str,
    operation: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Code {
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    provider: &'static str,
    status: u16,
}

/// Upper bounds in seconds.
const BOUNDS: [f64; 9] = [0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 25.0];

/// Counts and durations of this process. No label holds a name, an id or an address.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    calls: Family<Called, Counter>,
    refused: Family<Code, Counter>,
    asked: Family<Asked, Counter>,
    durations: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("ardsaor_core");
        let calls = Family::default();
        registry.register("calls", "Calls carried out, by provider, operation and outcome", calls.clone());
        let refused = Family::default();
        registry.register("refused", "Requests not carried out, by code", refused.clone());
        let asked = Family::default();
        registry.register("provider_requests", "Requests to providers, by status; 0 is none", asked.clone());
        let durations = Histogram::new(BOUNDS);
        registry.register_with_unit(
            "call_duration",
            "Time to carry out a call",
            Unit::Seconds,
            durations.clone(),
        );
        Self { registry, calls, refused, asked, durations }
    }
}

impl Metrics {
    pub(crate) fn count_call(
        &self,
        provider: &'static str,
        operation: &'static str,
        outcome: &'static str,
        took: Duration,
    ) {
        self.calls.get_or_create(&Called { provider, operation, outcome }).inc();
        self.durations.observe(took.as_secs_f64());
    }

    pub(crate) fn count_refused(&self, code: &'static str) {
        self.refused.get_or_create(&Code { code }).inc();
    }

    pub(crate) fn count_asked(&self, provider: &'static str, status: u16) {
        self.asked.get_or_create(&Asked { provider, status }).inc();
    }

    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail; an empty page would show in whatever reads it.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
