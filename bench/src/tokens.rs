//! API tokens of many people, made through the product's own operation.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use clearance::authorization::Caller;
use clearance::documents::{Change, load};
use clearance::operations::{Call, perform};
use clearance::people::{Person, Role};
use clearance::ports::{Absent, Environment, Ports, Store as _};
use clearance::time::Timestamp;
use clearance_store::SqliteStore;
use futures::executor::block_on;
use futures::future::join_all;

use crate::site::{Size, person};

/// Secrets of tokens by the number of their person, and that of an auditor.
#[derive(Debug)]
pub(crate) struct Tokens {
    secrets: HashMap<u32, String>,
    auditor: String,
}

impl Tokens {
    /// Makes a token for every owner of a tool and for everybody who asks.
    pub(crate) fn make(database: &Path, size: Size) -> anyhow::Result<Self> {
        let host =
            Console { store: SqliteStore::open(database, clearance::KINDS)?, drawn: AtomicU64::new(0) };
        let one = async |number: u32| {
            let input = format!(r#"{{"person":"{}","scope":"act"}}"#, person(number));
            let call = Call {
                operation: "tokens.create",
                caller: Caller::Console,
                input: input.as_bytes(),
                idempotency_key: None,
            };
            let answer: serde_json::Value = serde_json::from_slice(&perform(&host, call).await?)?;
            let secret = answer.pointer("/secret").and_then(|secret| secret.as_str());
            anyhow::Ok((number, secret.context("a token without its secret")?.to_owned()))
        };
        let made = block_on(join_all((0..size.tools + Size::REQUESTERS).map(one)));
        let secrets = made.into_iter().collect::<Result<_, _>>()?;
        let last = size.people.saturating_sub(1);
        let found =
            block_on(load::<Person>(&host.store, &person(last).to_string()))?.context("the last person")?;
        let mut change = Change::new();
        change.update(&found, &Person { role: Role::Auditor, ..(*found).clone() });
        block_on(host.store.commit(change.into_commit()?))?;
        let (_, auditor) = block_on(one(last))?;
        host.store.close()?;
        Ok(Self { secrets, auditor })
    }

    pub(crate) fn of(&self, number: u32) -> anyhow::Result<&str> {
        self.secrets.get(&number).map(String::as_str).context("this person has no token")
    }

    pub(crate) fn auditor(&self) -> &str {
        &self.auditor
    }
}

/// The store with today's clock. Its randomness is good for measuring only: nobody else ever sees these sites.
struct Console {
    store: SqliteStore,
    drawn: AtomicU64,
}

impl Environment for Console {
    fn now(&self) -> Timestamp {
        now()
    }

    fn entropy(&self) -> [u8; 32] {
        use sha2::{Digest as _, Sha256};
        let drawn = self.drawn.fetch_add(1, Ordering::Relaxed);
        let now = self.now().as_millisecond();
        Sha256::new().chain_update(drawn.to_be_bytes()).chain_update(now.to_be_bytes()).finalize().into()
    }
}

/// The time of day: tokens are made to be valid today.
#[expect(clippy::disallowed_methods, reason = "benchmarks measure")]
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millisecond(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

impl Ports for Console {
    type Store = SqliteStore;
    type Environment = Self;
    type Vault = Absent;
    type Core = Absent;
    type Jira = Absent;
    fn store(&self) -> &SqliteStore {
        &self.store
    }
    fn environment(&self) -> &Self {
        self
    }
    fn vault(&self) -> &Absent {
        &Absent
    }
    fn core(&self) -> &Absent {
        &Absent
    }

    fn jira(&self) -> &Absent {
        &Absent
    }
}
