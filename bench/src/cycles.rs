//! The main job as load: a person asks for a tool, its owner approves.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;

use crate::client::{Client, after};
use crate::latencies::Latencies;
use crate::site::{Size, tool};
use crate::stopwatch::{Stopwatch, per_second};
use crate::tokens::Tokens;

/// Everything that clients of one site share.
#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) tokens: Tokens,
    size: Size,
    /// Cycles begun so far: each asks for a pair of person and tool that nobody asked for before.
    begun: AtomicU32,
    stop: AtomicBool,
    /// Requests whose approval was answered.
    acknowledged: Mutex<Vec<String>>,
}

/// What clients did together.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) latencies: Latencies,
    pub(crate) time: Duration,
}

impl Done {
    pub(crate) fn rate(&self) -> f64 {
        per_second(u64::try_from(self.latencies.len()).unwrap_or(u64::MAX), self.time)
    }
}

impl Load {
    pub(crate) fn new(tokens: Tokens, size: Size) -> Arc<Self> {
        Arc::new(Self {
            tokens,
            size,
            begun: AtomicU32::new(0),
            stop: AtomicBool::new(false),
            acknowledged: Mutex::default(),
        })
    }

    /// Requests whose approval was answered.
    pub(crate) fn acknowledged(&self) -> Vec<String> {
        self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells clients to finish the cycle that they are at.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// One cycle.
    async fn cycle(&self, client: &mut Client) -> anyhow::Result<()> {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        let requester = self.size.tools + number % Size::REQUESTERS;
        let tool_number = (number % self.size.tools + number / Size::REQUESTERS) % self.size.tools;
        let input = format!(
            r#"{{"tool":"{}","purpose":"Drafting release notes for our open documentation","data_classes":["public","internal"],"days":30}}"#,
            tool(tool_number)
        );
        let answer = client.call("requests.submit", self.tokens.of(requester)?, &input).await?;
        let request = after(answer, "\"id\":\"req_").context("a submitted request has no id")?;
        let request = format!("req_{request}");
        let input = format!(r#"{{"request":"{request}","decision":"approve"}}"#);
        let answer = client.call("approvals.decide", self.tokens.of(tool_number)?, &input).await?;
        anyhow::ensure!(answer.contains("\"awaiting_provisioning\""), "an approval made no grant: {answer}");
        self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        Ok(())
    }

    /// Cycles of so many clients for so long, or until [`stop`](Self::stop).
    pub(crate) async fn run(
        self: &Arc<Self>,
        address: SocketAddr,
        clients: u32,
        time: Duration,
    ) -> anyhow::Result<Done> {
        self.stop.store(false, Ordering::Relaxed);
        let begun = Stopwatch::start();
        let tasks: Vec<_> = (0..clients)
            .map(|_| {
                let load = Arc::clone(self);
                tokio::spawn(async move {
                    let mut client = Client::connect(address).await?;
                    let mut latencies = Latencies::default();
                    while begun.elapsed() < time && !load.stop.load(Ordering::Relaxed) {
                        let cycle = Stopwatch::start();
                        load.cycle(&mut client).await?;
                        latencies.push(cycle.elapsed());
                    }
                    anyhow::Ok(latencies)
                })
            })
            .collect();
        let mut done = Done::default();
        for task in tasks {
            done.latencies.extend(task.await??);
        }
        done.time = begun.elapsed();
        Ok(done)
    }
}

/// One question again and again by so many clients for so long: `ask` is given the client, its number and how often it asked.
pub(crate) async fn ask<F>(address: SocketAddr, clients: u32, time: Duration, ask: F) -> anyhow::Result<Done>
where
    F: AsyncFn(&mut Client, u32, u32) -> anyhow::Result<()>,
{
    let begun = Stopwatch::start();
    let one = async |number| {
        let mut client = Client::connect(address).await?;
        let mut latencies = Latencies::default();
        let mut count = 0;
        while begun.elapsed() < time {
            let question = Stopwatch::start();
            ask(&mut client, number, count).await?;
            latencies.push(question.elapsed());
            count += 1;
        }
        anyhow::Ok(latencies)
    };
    let mut done = Done::default();
    for latencies in futures::future::join_all((0..clients).map(one)).await {
        done.latencies.extend(latencies?);
    }
    done.time = begun.elapsed();
    Ok(done)
}
