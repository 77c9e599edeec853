//! The contract of every store, kept by the effect bus: each call goes out as JSON, somebody does what the JSON says, and the answer comes
//! back as JSON. With a store in memory: so nothing is lost or bent on the way. With the app's own glue on the local platform
//! ([`platform`]): so what Forge would store keeps the contract, too.

mod platform;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use audit_log::Hash;
use clearance::ports::{Commit, Committed, Kind, LogEntry, LogHead, Page, PageQuery, Row, Store, StoreError};
use clearance_store::MemoryStore;
use clearance_store::contract::{Fixture, KINDS};
use serde_json::{Value, json};

use crate::bus::Bus;
use crate::glue;
use crate::ports::EffectStore;

clearance_store::contract_suite!(crate::contract::ByEffects<crate::contract::Memory>);

/// Somebody who performs effects.
trait Interpreter: Clone + Send + Sync {
    fn new() -> Self;

    /// What came of an effect, as `resume` takes it.
    fn answer(&self, effect: Value) -> impl Future<Output = Value> + Send;
}

/// Performs effects on a store in memory.
#[derive(Clone)]
struct Memory(MemoryStore);

impl Interpreter for Memory {
    fn new() -> Self {
        Self(MemoryStore::new(KINDS))
    }

    async fn answer(&self, effect: Value) -> Value {
        match glue::perform(&self.0, &effect).await {
            Ok(ok) => json!({ "id": effect["id"], "ok": ok }),
            Err(error) => json!({ "id": effect["id"], "error": glue::describe(&error) }),
        }
    }
}

/// A store whose calls are effects that an interpreter performs.
#[derive(Clone)]
struct ByEffects<I>(I);

impl<I: Interpreter> Fixture for ByEffects<I> {
    type Store = Self;

    fn new() -> Self {
        Self(I::new())
    }

    fn open(&self) -> Self {
        self.clone()
    }
}

impl<I: Interpreter> ByEffects<I> {
    /// Makes a call on the bus and answers its effects until it is settled.
    async fn drive<T, F: Future<Output = T> + Send>(&self, call: impl FnOnce(EffectStore) -> F + Send) -> T {
        let bus = Bus::default();
        let mut call = pin!(call(EffectStore::new(bus.clone())));
        loop {
            if let Poll::Ready(settled) = poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await {
                return settled;
            }
            let mut answers = Vec::new();
            for effect in bus.take_effects() {
                answers.push(self.0.answer(serde_json::to_value(effect).unwrap()).await);
            }
            let answers = serde_json::to_string(&answers).unwrap();
            bus.bring(serde_json::from_str(&answers).unwrap()).unwrap();
        }
    }
}

impl<I: Interpreter> Store for ByEffects<I> {
    async fn get(&self, kind: &'static Kind, key: &str) -> Result<Option<Row>, StoreError> {
        self.drive(|store| async move { store.get(kind, key).await }).await
    }

    async fn page(&self, query: PageQuery) -> Result<Page, StoreError> {
        self.drive(|store| async move { store.page(query).await }).await
    }

    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.drive(|store| async move { store.commit(commit).await }).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.drive(|store| async move { store.scrub().await }).await
    }

    async fn log_head(&self) -> Result<LogHead, StoreError> {
        self.drive(|store| async move { store.log_head().await }).await
    }

    async fn log_entries(&self, from: u64, limit: u16) -> Result<Vec<LogEntry>, StoreError> {
        self.drive(|store| async move { store.log_entries(from, limit).await }).await
    }

    async fn log_tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        self.drive(|store| async move { store.log_tile(level, index).await }).await
    }
}
