//! The self-hosted host's adapters, bundled.

use clearance::ports::{Environment, Ports, Store};

/// A store and an environment: what the rules need from a host.
#[derive(Debug, Clone)]
pub struct Host<S, E> {
    /// Documents and the log.
    pub store: S,
    /// Time and randomness.
    pub environment: E,
}

impl<S: Store, E: Environment> Ports for Host<S, E> {
    type Store = S;
    type Environment = E;

    fn store(&self) -> &S {
        &self.store
    }

    fn environment(&self) -> &E {
        &self.environment
    }
}
