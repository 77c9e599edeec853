//! `core`: what `ArdSaor` Core costs between its caller and a provider. Core and the provider's stand-in share the machine, on two threads of
//! this process; the caller has a third, and signs, seals and verifies as an installation's backend does.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use ardsaor_core::provider::Endpoints;
use ardsaor_core::{Core, Environment as _, InstallationKind, Settings, System};
use core_protocol::key::SigningKey;
use core_protocol::message::{Answer, CALL_PATH, Call, Connector, Fence, OktaCredential, Operation, Outcome};
use core_protocol::pairing::{PAIRING_PATH, PairingAnswer};
use core_protocol::sealing::{Sealed, SealingContext};
use core_protocol::signature::{Nonce, Request, Response, Validity, sign_request, verify_response};
use futures::future::try_join_all;
use testkit_directories::Okta;
use tokio::runtime::Runtime;

use super::Bench;
use crate::latencies::Latencies;
use crate::report::{Figure, Goal};
use crate::site::DataDirectory;
use crate::stopwatch::{Stopwatch, per_second};

const CLIENTS: u32 = 16;
const HOST: &str = "acme.okta.com";
const GROUP: &str = "00gbench";

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let data = DataDirectory::empty(&bench.cache, "core")?;
    let service = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let site = Site::start(&service, &bench.runtime, &data)?;
    let runtime = &bench.runtime;
    let time = bench.time() / 2;
    let measure = |clients, what| runtime.block_on(site.measure(clients, time, what));

    let alone = measure(1, What::Provider)?;
    let through = measure(1, What::Check)?;
    let nothing = measure(1, What::Nothing)?;
    let changes = measure(1, What::Changes)?;
    let many_alone = measure(CLIENTS, What::Provider)?;
    let many = measure(CLIENTS, What::Check)?;
    let many_changes = measure(CLIENTS, What::Changes)?;
    let many_nothing = measure(CLIENTS, What::Nothing)?;

    let report = &mut bench.report;
    let mut add = |what: &str, measured: f64, unit: &'static str| {
        report.add(Figure::new("core", what, measured, unit, Goal::None));
    };
    add("the provider's stand-in alone, one request, 1 client, p50", alone.latencies.p50_ms(), "ms");
    add("a check through Core (1 request, 1 commit), 1 client, p50", through.latencies.p50_ms(), "ms");
    let ours = through.latencies.p50_ms() - alone.latencies.p50_ms();
    add("— of it Core's and the protocol's", ours, "ms");
    add("— share when the provider takes 100 ms", 100.0 * ours / (100.0 + ours), "%");
    add("a call that asks no provider (1 commit), 1 client, p50", nothing.latencies.p50_ms(), "ms");
    add("an add or removal (4 requests, 2 commits), 1 client, p50", changes.latencies.p50_ms(), "ms");
    add("the stand-in alone, 16 clients", many_alone.rate(), "/s");
    add("checks through Core, 16 clients", many.rate(), "/s");
    add("— p99", many.latencies.p99_ms(), "ms");
    add("adds and removals through Core, 16 clients", many_changes.rate(), "/s");
    add("calls that ask no provider (2 commits), 16 clients", many_nothing.rate(), "/s");
    bench.report.add(Figure::held("core", "every answer verified, and said what the stand-in shows"));
    service.block_on(site.core.stop())?;
    Ok(())
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// The provider's own request, without Core.
    Provider,
    /// Whether an account is in a group: one request to the provider.
    Check,
    /// In and out of a group by turns: four requests each, confirmed.
    Changes,
    /// To release a group that is not there: signature, nonce and Core's database alone.
    Nothing,
}

struct Measured {
    latencies: Latencies,
    elapsed: Duration,
}

impl Measured {
    fn rate(&self) -> f64 {
        per_second(self.latencies.len() as u64, self.elapsed)
    }
}

struct Site {
    core: Core,
    okta: Okta,
    http: reqwest::Client,
    key: SigningKey,
    fence: AtomicU32,
}

impl Site {
    fn start(service: &Runtime, caller: &Runtime, data: &DataDirectory) -> anyhow::Result<Self> {
        let okta = service.block_on(Okta::start(System.now().0))?;
        okta.forget();
        okta.put_plain_group(GROUP, "AI users");
        for number in 0..CLIENTS {
            okta.put_user(&account(number), &format!("person{number}@acme.example"), "ACTIVE");
        }
        let endpoints = Endpoints::DangerousLoopback { okta: okta.address(), entra: okta.address() };
        let settings = Settings::inside(data.path().to_path_buf());
        let core = service.block_on(Core::start(settings, System, endpoints))?;
        let http = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build()?;
        let (_, code) = core.installations().add(&System, "bench", InstallationKind::SelfHosted)?;
        let (key, nonce) = (code.key(), nonce());
        let answer = caller.block_on(exchange(&http, &core, &key, (PAIRING_PATH, b"{}".to_vec()), &nonce))?;
        let answer: PairingAnswer = serde_json::from_slice(&answer)?;
        let key = answer.open(&key, &nonce)?;
        let site = Self { core, okta, http, key, fence: AtomicU32::new(1) };
        let bound = caller.block_on(site.call(Operation::BindGroup { group: GROUP.parse()? }))?;
        ensure!(matches!(bound, Outcome::Group { .. }), "binding ended as {bound:?}");
        Ok(site)
    }

    /// So many clients, each with an account of its own, ask one thing after the other.
    async fn measure(&self, clients: u32, time: Duration, what: What) -> anyhow::Result<Measured> {
        let begun = Stopwatch::start();
        let all = try_join_all((0..clients).map(|number| self.ask(number, what, &begun, time))).await?;
        let elapsed = begun.elapsed();
        let mut latencies = Latencies::default();
        for each in all {
            latencies.extend(each);
        }
        Ok(Measured { latencies, elapsed })
    }

    async fn ask(
        &self,
        number: u32,
        what: What,
        begun: &Stopwatch,
        time: Duration,
    ) -> anyhow::Result<Latencies> {
        let mut latencies = Latencies::default();
        let mut inside = self.okta.is_member(GROUP, &account(number));
        while begun.elapsed() < time {
            let asked = Stopwatch::start();
            match what {
                What::Provider => self.ask_provider(number).await?,
                What::Check => {
                    let operation =
                        Operation::CheckMember { group: GROUP.parse()?, account: account(number).parse()? };
                    let outcome = self.call(operation).await?;
                    ensure!(matches!(outcome, Outcome::Member {}) == inside, "{outcome:?}");
                }
                What::Changes => {
                    let (group, account) = (GROUP.parse()?, account(number).parse()?);
                    let fence = Fence(self.fence.fetch_add(1, Ordering::Relaxed));
                    let outcome = self
                        .call(if inside {
                            Operation::RemoveMember { group, account, fence }
                        } else {
                            Operation::AddMember { group, account, fence }
                        })
                        .await?;
                    ensure!(outcome == Outcome::Changed {}, "{outcome:?}");
                    inside = !inside;
                }
                What::Nothing => {
                    let outcome = self.call(Operation::ReleaseGroup { group: "00gnone".parse()? }).await?;
                    ensure!(outcome == Outcome::Already {}, "{outcome:?}");
                }
            }
            latencies.push(asked.elapsed());
        }
        ensure!(self.okta.is_member(GROUP, &account(number)) == inside, "the stand-in shows something else");
        Ok(latencies)
    }

    async fn ask_provider(&self, number: u32) -> anyhow::Result<()> {
        let url = format!("http://{}/api/v1/users/{}/groups", self.okta.address(), account(number));
        let authorization = format!("SSWS {}", Okta::API_TOKEN);
        let response = self.http.get(url).header("authorization", authorization).send().await?;
        ensure!(response.status().is_success(), "{}", response.status());
        response.bytes().await?;
        Ok(())
    }

    async fn call(&self, operation: Operation) -> anyhow::Result<Outcome> {
        let nonce = nonce();
        let context = SealingContext { host: HOST, tenant: HOST, nonce: &nonce };
        let random = first::<24>();
        let sealed = Sealed::seal(&self.key, &context, Okta::API_TOKEN.as_bytes(), random)?;
        let connector =
            Connector::Okta { host: HOST.parse()?, credential: OktaCredential::ApiToken { sealed } };
        let body = serde_json::to_vec(&Call { connector, operation })?;
        let body = exchange(&self.http, &self.core, &self.key, (CALL_PATH, body), &nonce).await?;
        Ok(serde_json::from_slice::<Answer>(&body)?.outcome)
    }
}

fn account(number: u32) -> String {
    format!("00ubench{number}")
}

fn first<const N: usize>() -> [u8; N] {
    let entropy = System.entropy();
    std::array::from_fn(|index| entropy.get(index).copied().unwrap_or_default())
}

fn nonce() -> Nonce {
    Nonce::from_entropy(first())
}

/// A signed request and its answer, whose signature is verified.
async fn exchange(
    http: &reqwest::Client,
    core: &Core,
    key: &SigningKey,
    (path, body): (&str, Vec<u8>),
    nonce: &Nonce,
) -> anyhow::Result<Vec<u8>> {
    let authority = core.address().to_string();
    let request =
        Request { method: "POST", authority: &authority, path, query: None, headers: &[], body: &body };
    let signed = sign_request(key, &request, Validity::new(System.now(), 120)?, nonce)?;
    let mut post = http.post(format!("http://{authority}{path}"));
    for (name, value) in signed.fields() {
        post = post.header(name, value);
    }
    let signature = signed.signature().to_owned();
    let response = post.body(body).send().await?;
    let status = response.status().as_u16();
    let fields = response.headers().clone();
    let fields: Vec<_> =
        fields.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let body = response.bytes().await?.to_vec();
    ensure!(status == 200, "Core answered {status}: {}", String::from_utf8_lossy(&body));
    let answered = Response { status, headers: &fields, body: &body };
    verify_response(key, &answered, &signature, System.now()).context("the answer's signature")?;
    Ok(body)
}
