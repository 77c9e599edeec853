//! The contract on the store in memory.

use clearance_store::MemoryStore;
use clearance_store::contract::{Fixture, KINDS};

struct InMemory(MemoryStore);

impl Fixture for InMemory {
    type Store = MemoryStore;

    fn new() -> Self {
        Self(MemoryStore::new(KINDS))
    }

    fn open(&self) -> MemoryStore {
        self.0.clone()
    }
}

clearance_store::contract_suite!(crate::InMemory);
