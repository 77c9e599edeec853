//! How the site stands with its Core, for whoever watches the server.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use ardsaor_core::CoreMetrics;
use clearance::ports::{Environment, Store};
use tokio::time::{MissedTickBehavior, interval};

use super::{CoreClient, Standing};

/// Time between two looks. Each is an empty call, which Core counts among those it refuses.
const PERIOD: Duration = Duration::from_mins(1);

/// How the site stands with its Core, as last seen. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct CoreWatch {
    seen: Arc<Mutex<Option<&'static str>>>,
    own: Arc<OnceLock<CoreMetrics>>,
}

impl CoreWatch {
    /// Of the Core that a client calls.
    pub fn of<S: Store, E: Environment>(client: &CoreClient<S, E>) -> Self {
        Self { seen: Arc::default(), own: client.own_metrics() }
    }

    /// `paired`, `not_paired`, `unknown_key`, `refused` or `unreachable`; none before the first look.
    pub fn state(&self) -> Option<&'static str> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the Core in this process counts, if there is one.
    pub fn metrics(&self) -> Option<String> {
        self.own.get().map(CoreMetrics::render)
    }

    /// Looks now.
    pub async fn look<S: Store, E: Environment>(&self, client: &CoreClient<S, E>) {
        let state = match client.standing().await {
            Ok(Standing::Paired) => "paired",
            Ok(Standing::NotPaired) => "not_paired",
            Ok(Standing::Unknown) => "unknown_key",
            Ok(Standing::Refused(_)) => "refused",
            Err(_) => "unreachable",
        };
        let before = self.seen.lock().unwrap_or_else(PoisonError::into_inner).replace(state);
        if before != Some(state) {
            if state == "paired" {
                tracing::info!(code = state, "ArdSaor Core answers");
            } else {
                tracing::warn!(
                    code = state,
                    "ArdSaor Core cannot be used: what is to be done at providers waits"
                );
            }
        }
    }

    /// Looks again and again.
    pub async fn run<S: Store, E: Environment>(self, client: CoreClient<S, E>) {
        let mut looks = interval(PERIOD);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            self.look(&client).await;
        }
    }
}
