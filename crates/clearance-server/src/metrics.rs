//! What `/metrics` shows, in the `OpenMetrics` text format.

use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::StatusCode;
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    operation: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

type MakeHistogram = fn() -> Histogram;

/// Upper bounds in seconds: from an answer out of memory to one that is about to be given up.
const BOUNDS: [f64; 10] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0, 30.0];

/// Counts and durations of this process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Operation, Histogram, MakeHistogram>,
    passes: Family<Outcome, Counter>,
    notices: Family<Outcome, Counter>,
    jobs: Family<Outcome, Counter>,
    clock_halted: Gauge<i64, AtomicI64>,
    core: Family<State, Gauge<i64, AtomicI64>>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("clearance");
        let requests = Family::default();
        registry.register("requests", "Requests answered, by operation and status", requests.clone());
        let make: MakeHistogram = || Histogram::new(BOUNDS);
        let durations = Family::new_with_constructor(make);
        registry.register_with_unit(
            "request_duration",
            "Time to answer, by operation",
            Unit::Seconds,
            durations.clone(),
        );
        let passes = Family::default();
        registry.register("clockwork_passes", "Passes of the clockwork, by outcome", passes.clone());
        let notices = Family::default();
        registry.register("notices", "Notices sent, by outcome", notices.clone());
        let jobs = Family::default();
        registry.register("jobs", "Attempts of jobs at providers, by outcome", jobs.clone());
        let clock_halted = Gauge::default();
        registry.register(
            "clock_halted",
            "1 while the clock cannot be trusted and sweeps wait",
            clock_halted.clone(),
        );
        let core = Family::default();
        registry.register("core", "1 for how the site stands with ArdSaor Core", core.clone());
        Self { registry, requests, durations, passes, notices, jobs, clock_halted, core }
    }
}

impl Metrics {
    /// Counts a request.
    pub fn count(&self, operation: &'static str, status: StatusCode, took: Duration) {
        self.requests.get_or_create(&Answered { operation, status: status.as_u16() }).inc();
        self.durations.get_or_create(&Operation { operation }).observe(took.as_secs_f64());
    }

    /// Counts a pass of the clockwork.
    pub fn count_pass(&self, outcome: &'static str) {
        self.passes.get_or_create(&Outcome { outcome }).inc();
    }

    /// Counts attempts of jobs.
    pub fn count_jobs(&self, outcome: &'static str, jobs: u32) {
        self.jobs.get_or_create(&Outcome { outcome }).inc_by(u64::from(jobs));
    }

    /// Counts a notice.
    pub fn count_notice(&self, outcome: &'static str) {
        self.notices.get_or_create(&Outcome { outcome }).inc();
    }

    /// Says whether sweeps wait because the clock cannot be trusted.
    pub fn set_clock_halted(&self, halted: bool) {
        self.clock_halted.set(i64::from(halted));
    }

    /// Whether sweeps wait because the clock cannot be trusted.
    pub fn clock_is_halted(&self) -> bool {
        self.clock_halted.inner().load(Ordering::Relaxed) != 0
    }

    /// Says how the site stands with its Core.
    pub fn set_core(&self, state: Option<&'static str>) {
        self.core.clear();
        if let Some(state) = state {
            self.core.get_or_create(&State { state }).set(1);
        }
    }

    /// Everything, as text.
    pub fn render(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail; an empty page would show in whatever reads it.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
