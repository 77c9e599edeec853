//! The ports of [`clearance`] over the bus.

mod core;
mod environment;
mod jira;
mod store;
mod vault;

use std::sync::Arc;

use clearance::ports::Ports;
use clearance::time::Timestamp;

pub(crate) use self::core::{EffectCore, Standing as CoreStanding};
pub(crate) use environment::{Clock, InvocationEnvironment};
pub(crate) use jira::EffectJira;
pub(crate) use store::EffectStore;
pub(crate) use vault::EffectVault;

use crate::bus::Bus;

/// What this host brings.
#[derive(Debug)]
pub(crate) struct ForgePorts {
    store: EffectStore,
    environment: Arc<InvocationEnvironment>,
    vault: EffectVault,
    core: EffectCore,
    jira: EffectJira,
}

impl ForgePorts {
    pub(crate) fn new(
        bus: Bus,
        clock: Clock,
        deadline: Timestamp,
        seed: [u8; 32],
        core_authority: Option<String>,
    ) -> Self {
        let environment = Arc::new(InvocationEnvironment::new(clock, deadline, seed));
        Self {
            vault: EffectVault::new(bus.clone()),
            core: EffectCore::new(bus.clone(), Arc::clone(&environment), core_authority),
            jira: EffectJira::new(bus.clone()),
            store: EffectStore::new(bus),
            environment,
        }
    }
}

impl Ports for ForgePorts {
    type Store = EffectStore;
    type Environment = InvocationEnvironment;
    type Vault = EffectVault;
    type Core = EffectCore;
    type Jira = EffectJira;

    fn store(&self) -> &EffectStore {
        &self.store
    }

    fn environment(&self) -> &InvocationEnvironment {
        &self.environment
    }

    fn vault(&self) -> &EffectVault {
        &self.vault
    }

    fn core(&self) -> &EffectCore {
        &self.core
    }

    fn jira(&self) -> &EffectJira {
        &self.jira
    }
}
