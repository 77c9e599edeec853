//! SIGKILL at random moments under load loses nothing that was answered, and leaves a log that verifies.

use std::sync::Arc;

use clearance::documents::load;
use clearance::grant::Grant;
use clearance::ports::{Environment as _, Store as _};
use clearance::request::Request;
use clearance_server::data::Opened;
use testkit::{Clock, Seeded, invariants};
use tokio::task::JoinSet;

use crate::load::{Ledger, Told, Worker};
use crate::program::{Data, Server, close, http, person, tool};

const KILLS: usize = 20;
const WORKERS: usize = 8;
const TOOLS: usize = 6;

async fn company(data: &Data) -> Vec<Worker> {
    let Opened { host, lock: _lock } = data.directory().open().await.unwrap();
    let owner = person(&host, "Owen Owner").await;
    let mut tools = Vec::new();
    for n in 0..TOOLS {
        // One after the other: a tool that policy gives, a tool whose owner decides.
        let risk = if n % 2 == 0 { "low" } else { "medium" };
        tools.push(tool(&host, &format!("Tool {n}"), risk, &[&owner.id]).await);
    }
    let tools: Arc<[String]> = tools.into();
    let mut workers = Vec::new();
    for n in 0..WORKERS {
        let person = person(&host, &format!("Worker number {n}")).await;
        workers.push(Worker::new(person, owner.clone(), Arc::clone(&tools)));
    }
    workers
}

/// Lets everybody work and kills the server once `after` more answers were given and `yields` more turns have passed.
async fn round(
    data: &Data,
    workers: Vec<Worker>,
    ledger: &Arc<Ledger>,
    (after, yields): (usize, usize),
) -> Vec<Worker> {
    let server = Server::start(data, &[]);
    let http = http();
    let mut answers = ledger.answers();
    let wanted = *answers.borrow() + after;
    let mut at_work = JoinSet::new();
    for mut worker in workers {
        let (http, address, ledger) = (http.clone(), server.address.clone(), Arc::clone(ledger));
        at_work.spawn(async move {
            worker.work(&http, &address, &ledger).await;
            worker
        });
    }
    tokio::select! {
        enough = answers.wait_for(|count| *count >= wanted) => drop(enough.unwrap()),
        ended = at_work.join_next() => {
            drop(ended.unwrap().unwrap());
            panic!("the server went away before it was killed");
        }
    }
    for _ in 0..yields {
        tokio::task::yield_now().await;
    }
    server.kill();
    at_work.join_all().await
}

/// Everything that anybody was told is still so, or has gone on from there.
async fn check(data: &Data, ledger: &Ledger, size_before: u64) -> u64 {
    let verified = data.says(&["audit", "verify", "--strict"]);
    assert!(verified.contains("sound"), "{verified}");
    let Opened { host, lock: _lock } = data.directory().open().await.unwrap();
    for told in ledger.told() {
        let (id, was, is) = match told {
            Told::Request { id, state } => {
                let request = load::<Request>(&host.store, &id).await.unwrap();
                let is = request.map(|request| request.state_name());
                (id, state, is)
            }
            Told::Grant { id, state } => {
                let grant = load::<Grant>(&host.store, &id).await.unwrap();
                let is = grant.map(|grant| grant.state_name());
                (id, state, is)
            }
        };
        let holds = is.is_some_and(|is| is == was || matches!(was.as_str(), "pending" | "active"));
        assert!(holds, "{id} was answered as {was} and is {is:?} after the kill");
    }
    let broken = invariants::broken(&host.store).await;
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let size = host.store.log_head().await.unwrap().size;
    assert!(size >= size_before, "the log shrank from {size_before} to {size}");
    close(host);
    size
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments_it_keeps_every_answered_operation() {
    let data = Data::new();
    let mut workers = company(&data).await;
    let ledger = Arc::new(Ledger::new());
    let chance = Seeded::new(Clock::default(), 7);
    let mut size = 0;
    for _ in 0..KILLS {
        let [answers, more, turns, ..] = chance.entropy();
        // Now and then right at the start, while everybody's first commit is under way.
        let after = if more % 5 == 0 { 1 } else { 1 + usize::from(answers) % 96 };
        workers = round(&data, workers, &ledger, (after, usize::from(turns))).await;
        size = check(&data, &ledger, size).await;
    }
    assert!(ledger.told().len() > KILLS, "there was load");
}
