//! What happens when somebody else is quicker, between any two steps: deterministically, where threads would find it once in a thousand runs.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use clearance::authorization::Caller;
use clearance::operations::{Call, perform};
use clearance::ports::{Commit, Committed, Kind, LogEntry, LogHead, Page, PageQuery, Row, Store, StoreError};
use clearance::provisioning::run_due;
use clearance::refusal::Code;
use clearance_server::host::Host;
use clearance_store::MemoryStore;
use serde_json::{Value, json};
use testkit::connected::{Connected, TENANT};
use testkit::{Client as _, Clock, Directory, PersonClient, Seeded, Site, Storage, text};

type Plain = Host<Storage, Seeded, Directory>;

/// What somebody else does meanwhile.
enum Other {
    Calls(Vec<(&'static str, Value)>),
    RunsJobs,
}

impl Other {
    async fn happen(self, host: &Plain) {
        match self {
            Self::Calls(calls) => {
                for (operation, input) in calls {
                    drop(call(host, operation, &input).await.expect("it is carried out"));
                }
            }
            Self::RunsJobs => drop(run_due(host).await.expect("the runner runs")),
        }
    }
}

async fn call<P: clearance::ports::Ports>(
    ports: &P,
    operation: &str,
    input: &Value,
) -> Result<Vec<u8>, clearance::failure::Failure> {
    let input = input.to_string();
    let call = Call { operation, caller: Caller::Console, input: input.as_bytes(), idempotency_key: None };
    perform(ports, call).await
}

/// A store in which something else happens before a given step: a read or a commit.
struct Overtaken {
    store: MemoryStore,
    steps_left: AtomicU32,
    other: Mutex<Option<(Other, Plain)>>,
}

impl Overtaken {
    async fn step(&self) {
        let left =
            self.steps_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_err() {
            let other = self.other.lock().expect("nothing panicked").take();
            if let Some((other, host)) = other {
                Box::pin(other.happen(&host)).await;
            }
        }
    }
}

impl Store for Overtaken {
    async fn get(&self, kind: &'static Kind, key: &str) -> Result<Option<Row>, StoreError> {
        self.step().await;
        self.store.get(kind, key).await
    }
    async fn page(&self, query: PageQuery) -> Result<Page, StoreError> {
        self.step().await;
        self.store.page(query).await
    }
    async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.step().await;
        self.store.commit(commit).await
    }
    async fn scrub(&self) -> Result<(), StoreError> {
        self.store.scrub().await
    }
    async fn log_head(&self) -> Result<LogHead, StoreError> {
        self.store.log_head().await
    }
    async fn log_entries(&self, from: u64, limit: u16) -> Result<Vec<LogEntry>, StoreError> {
        self.store.log_entries(from, limit).await
    }
    async fn log_tile(&self, level: u8, index: u64) -> Result<Vec<audit_log::Hash>, StoreError> {
        self.store.log_tile(level, index).await
    }
}

/// Does something on a host of a site in memory, while something else happens before the n-th step; whether there were so many steps.
fn overtaken<T>(
    site: &Site,
    steps: u32,
    other: Other,
    work: impl AsyncFnOnce(&Host<Overtaken, Seeded, Directory>) -> T,
) -> (T, bool) {
    let (now, core) = (site.now(), site.core());
    site.with_store(async |store: &Storage| {
        let Storage::Memory(store) = store else { panic!("a site in memory") };
        let plain = Host {
            store: Storage::Memory(store.clone()),
            environment: Seeded::new(Clock::at(now), 11),
            vault: testkit::vault_key(),
            core: core.clone(),
        };
        let store = Overtaken {
            store: store.clone(),
            steps_left: AtomicU32::new(steps),
            other: Mutex::new(Some((other, plain))),
        };
        let host = Host {
            store,
            environment: Seeded::new(Clock::at(now), 13),
            vault: testkit::vault_key(),
            core: core.clone(),
        };
        let done = work(&host).await;
        let happened = host.store.other.lock().expect("nothing panicked").is_none();
        (done, happened)
    })
}

fn world() -> (Site, PersonClient, Connected) {
    let site = Site::in_memory();
    site.administrator("Alice Admin");
    let ben = site.member("Ben Bitdiddle");
    let at = site.connected("Code agent");
    (site, ben, at)
}

#[test]
fn a_mapping_that_is_changed_at_the_same_moment_is_changed_once_more() {
    for steps in 0.. {
        let (site, ben, at) = world();
        site.map(&at, &ben, "00ubenfirst01");
        for account in ["00ubensecond1", "00ubenthird01"] {
            site.core().account(TENANT, account, account);
        }
        let to = |account: &str| json!({ "connector": at.connector, "person": ben.id(), "account": account, "display_name": account });
        let other = Other::Calls(vec![("identities.put", to("00ubensecond1"))]);
        let (answer, happened) = overtaken(&site, steps, other, async |host| {
            call(host, "identities.put", &to("00ubenthird01")).await
        });
        answer.unwrap_or_else(|failure| panic!("before step {steps}: {failure:?}"));
        let mapped = site.console("identities.list", json!({ "person": ben.id() }));
        assert_eq!(mapped["items"][0]["hint"], "rd01", "before step {steps}: the last one stays");
        if !happened {
            assert!(steps > 5, "{steps}");
            break;
        }
    }
}

#[test]
fn two_people_never_have_the_same_account_whoever_is_first() {
    for steps in 0.. {
        let (site, ben, at) = world();
        let ada = site.member("Ada Lovelace");
        site.core().account(TENANT, "00ushared0001", "Shared");
        let to = |person: &PersonClient| json!({ "connector": at.connector, "person": person.id(), "account": "00ushared0001", "display_name": "Shared" });
        let other = Other::Calls(vec![("identities.put", to(&ada))]);
        let (answer, happened) =
            overtaken(&site, steps, other, async |host| call(host, "identities.put", &to(&ben)).await);
        let code =
            answer.map_err(clearance::failure::Failure::into_refusal).err().map(|refusal| refusal.code());
        assert_eq!(code, happened.then_some(Code::AccountInUse), "before step {steps}");
        if !happened {
            break;
        }
    }
}

#[test]
fn a_runner_that_is_overtaken_anywhere_does_nothing_twice_and_fails_nowhere() {
    for removing in [false, true] {
        for steps in 0.. {
            let (site, ben, at) = world();
            site.map(&at, &ben, "00uben00000001");
            let grant = text(&ben.take(&at.tool, 5)["id"]);
            if removing {
                site.run_jobs();
                ben.call("grants.give_back", json!({ "grant": grant })).ok();
            }
            site.core().take_calls();
            let (ran, happened) = overtaken(&site, steps, Other::RunsJobs, async |host| run_due(host).await);
            ran.unwrap_or_else(|failure| panic!("before step {steps}: {failure:?}"));
            let expected = if removing { ("ended", 0) } else { ("active", 1) };
            let members = site.core().members(TENANT, &at.group).len();
            assert_eq!(
                (ben.grant(&grant)["state"].as_str(), members),
                (Some(expected.0), expected.1),
                "{steps}"
            );
            assert_eq!(site.core().take_calls().len(), 1, "before step {steps}");
            if !happened {
                assert!(steps > 10, "{steps}");
                break;
            }
        }
    }
}

#[test]
fn what_changes_under_a_runner_is_so_at_the_provider_in_the_end() {
    const ACCOUNTS: [&str; 2] = ["00ubenfirst01", "00ubensecond1"];
    for revoked in [true, false] {
        for steps in 0.. {
            let (site, ben, at) = world();
            site.map(&at, &ben, ACCOUNTS[0]);
            site.core().account(TENANT, ACCOUNTS[1], ACCOUNTS[1]);
            let grant = text(&ben.take(&at.tool, 5)["id"]);
            let other = if revoked {
                Other::Calls(vec![("grants.revoke", json!({ "grant": grant }))])
            } else {
                let to = json!({ "connector": at.connector, "person": ben.id(), "account": ACCOUNTS[1], "display_name": ACCOUNTS[1] });
                Other::Calls(vec![("identities.put", to)])
            };
            let (ran, happened) = overtaken(&site, steps, other, async |host| run_due(host).await);
            ran.unwrap_or_else(|failure| panic!("before step {steps}: {failure:?}"));
            if !happened {
                assert!(steps > 15, "{steps}");
                break;
            }
            site.check();
            for _ in 0..4 {
                site.advance_minutes(5);
                site.tick();
                site.run_jobs();
            }
            let (state, members): (_, &[&str]) =
                if revoked { ("ended", &[]) } else { ("active", &ACCOUNTS[1..]) };
            assert_eq!(ben.grant(&grant)["state"], state, "before step {steps}");
            assert_eq!(site.core().members(TENANT, &at.group), members, "before step {steps}");
        }
    }
}

#[test]
fn what_is_claimed_after_a_secret_was_changed_is_done_with_the_new_one() {
    // Between the read of the connector and the claim of a batch behind it, of which this pass has two.
    let mut with_the_old_one = 0;
    for steps in 0.. {
        let (site, ben, at) = world();
        let cy = site.member("Cy D. Fect");
        site.map(&at, &ben, "00ubenfirst01");
        // Cy waits for somebody to say which account is theirs.
        let waits = text(&cy.take(&at.tool, 5)["id"]);
        site.run_jobs();
        let job = site.console("jobs.list", json!({ "state": "needs_follow_up" }))["items"][0]["id"].clone();
        site.map(&at, &cy, "00ucyfirst001");
        ben.take(&at.tool, 5);

        let connector =
            site.console("connectors.get", json!({ "connector": at.connector }))["connector"].clone();
        let credential = json!({ "kind": "api_token", "token": "the new token" });
        let changed = json!({
            "connector": at.connector, "version": connector["version"], "name": connector["name"],
            "provider": { "kind": "okta", "host": TENANT, "credential": credential },
        });
        let both = Other::Calls(vec![("connectors.put", changed), ("jobs.retry", json!({ "job": job }))]);
        let (ran, happened) = overtaken(&site, steps, both, async |host| run_due(host).await);
        ran.unwrap_or_else(|failure| panic!("before step {steps}: {failure:?}"));
        if !happened {
            assert!(steps > 30 && with_the_old_one < 6, "{with_the_old_one} of {steps}");
            break;
        }
        site.run_jobs();
        assert_eq!(cy.grant(&waits)["state"], "active", "before step {steps}");
        with_the_old_one += u32::from(site.core().typed_secret().as_deref() == Some("a token"));
        assert_eq!(site.core().members(TENANT, &at.group).len(), 2, "before step {steps}");
    }
}
