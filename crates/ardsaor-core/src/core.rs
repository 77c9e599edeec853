//! Core as a running thing, alone or inside another process.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use core_protocol::signature::{Scheme, normal_authority};
use hyper_util::rt::TokioTimer;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::database::{Database, DatabaseError, Lease};
use crate::environment::Environment;
use crate::forge::{ForgeSettings, Verifier};
use crate::http::{App, router};
use crate::installation::Installations;
use crate::load::Limits;
use crate::metrics::Metrics;
use crate::perform::Performer;
use crate::provider::Endpoints;

/// Seconds in which a client must have sent the head of a request.
const HEAD_SECONDS: u64 = 10;
/// Seconds that calls in work are given when Core stops. Longer than any call may take.
const GRACE_SECONDS: u64 = 30;
/// Time between two rounds of forgetting what has ended.
const HOUSEKEEPING: Duration = Duration::from_mins(1);

/// How requests are protected on their way to Core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// Plain HTTP that never leaves this host.
    Loopback,
    /// TLS ends here.
    Tls {
        /// PEM file with the certificate and its chain.
        certificate: PathBuf,
        /// PEM file with the private key.
        key: PathBuf,
    },
    /// TLS ends at a proxy in front of Core, which must leave the `Host` field as it is.
    Proxy,
}

/// How one Core is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Directory of the database.
    pub data: PathBuf,
    /// Interface and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Protection on the way.
    pub transport: Transport,
    /// Host and port that callers use, when they are not those of `listen`. Requests signed for another are refused.
    pub authority: Option<String>,
    /// Checks of Forge's invocation tokens; without them installations of kind `forge` are refused.
    pub forge: Option<ForgeSettings>,
    /// How much at once.
    pub limits: Limits,
}

impl Settings {
    /// Core on a free loopback port, as a server that runs it inside itself wants it.
    pub fn inside(data: PathBuf) -> Self {
        let limits = Limits::default();
        Self {
            data,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            transport: Transport::Loopback,
            authority: None,
            forge: None,
            // The only caller, which keeps to the pace of each provider by itself.
            limits: Limits { calls_per_installation: limits.requests, calls_per_tenant: 256, ..limits },
        }
    }
}

/// Why Core does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Database or lease.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The port is taken or not there.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// Plain HTTP would leave this host.
    #[error(
        "{0} is reachable from a network, where requests would travel in the clear: set `tls`, or `proxy` when TLS ends there"
    )]
    Exposed(SocketAddr),
    /// Behind a proxy Core must know its outer name.
    #[error("`authority` is needed behind a proxy: the host that callers use")]
    NoAuthority,
    /// Certificate or key.
    #[error("cannot use the certificate: {0}")]
    Certificate(std::io::Error),
    /// The HTTP client.
    #[error("no HTTP client can be made")]
    Client(#[from] reqwest::Error),
}

/// What a Core's `/metrics` shows, for the process that it runs in.
#[derive(Debug, Clone)]
pub struct CoreMetrics(Arc<Metrics>);

impl CoreMetrics {
    /// Everything, in the `OpenMetrics` text format.
    pub fn render(&self) -> String {
        self.0.render()
    }
}

/// A Core that serves, until [`stop`](Self::stop) is called or its runtime ends; not when this value is dropped.
#[derive(Debug)]
pub struct Core {
    address: SocketAddr,
    installations: Installations,
    metrics: CoreMetrics,
    handle: Handle<SocketAddr>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<std::io::Result<()>>,
    housekeeping: JoinHandle<()>,
}

impl Core {
    /// Starts to serve, on the runtime that this is called on.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start<E: Environment>(
        settings: Settings,
        environment: E,
        endpoints: Endpoints,
    ) -> Result<Self, StartError> {
        let wanted = settings.listen;
        if settings.transport == Transport::Loopback && !wanted.ip().is_loopback() {
            return Err(StartError::Exposed(wanted));
        }
        // The first provider of cryptography installed stays; there is no other in these programs.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let lease = Lease::take(&settings.data)?;
        let database = Database::open(&settings.data)?;
        let listen = |error| StartError::Listen { address: wanted, error };
        let listener = TcpListener::bind(wanted).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let scheme = if settings.transport == Transport::Loopback { Scheme::Http } else { Scheme::Https };
        let authority = match settings.authority {
            Some(authority) => authority,
            None if settings.transport == Transport::Proxy => return Err(StartError::NoAuthority),
            None => address.to_string(),
        };
        let metrics = Arc::new(Metrics::default());
        let shown = CoreMetrics(Arc::clone(&metrics));
        let app = Arc::new(App {
            authority: normal_authority(&authority, scheme),
            scheme,
            forge: settings.forge.map(Verifier::new).transpose()?,
            performer: Performer::new(database.clone(), endpoints, settings.limits, Arc::clone(&metrics))?,
            metrics,
            doors: Semaphore::new(settings.limits.requests),
            environment,
            database: database.clone(),
        });
        forget_ended(&app).await;
        let (stop, stopped) = watch::channel(false);
        let handle = Handle::new();
        let housekeeping = tokio::spawn(keep_house(Arc::clone(&app), stopped));
        let mut server = axum_server::from_tcp(listener).map_err(listen)?.handle(handle.clone());
        server
            .http_builder()
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(HEAD_SECONDS));
        let service = router(app).into_make_service();
        let serving = match settings.transport {
            Transport::Tls { certificate, key } => {
                let tls =
                    RustlsConfig::from_pem_file(certificate, key).await.map_err(StartError::Certificate)?;
                let acceptor = RustlsAcceptor::new(tls).acceptor(NoDelayAcceptor::new());
                tokio::spawn(serve(server.acceptor(acceptor).serve(service), lease))
            }
            Transport::Loopback | Transport::Proxy => {
                tokio::spawn(serve(server.acceptor(NoDelayAcceptor::new()).serve(service), lease))
            }
        };
        tracing::info!(version = env!("CARGO_PKG_VERSION"), address = %address, "Core serves");
        let installations = Installations::of(database);
        Ok(Self { address, installations, metrics: shown, handle, stop, serving, housekeeping })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its installations, to add and change.
    pub fn installations(&self) -> &Installations {
        &self.installations
    }

    /// What its `/metrics` shows.
    pub fn metrics(&self) -> &CoreMetrics {
        &self.metrics
    }

    /// Takes no more calls, and finishes those in work.
    ///
    /// # Errors
    /// When the port was lost before.
    pub async fn stop(self) -> std::io::Result<()> {
        self.handle.graceful_shutdown(Some(Duration::from_secs(GRACE_SECONDS)));
        self.stop.send_replace(true);
        let served = self.serving.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        let _ = self.housekeeping.await;
        served
    }
}

/// Holds the lease for as long as it serves, whatever becomes of the [`Core`] in hand.
async fn serve(serving: impl Future<Output = std::io::Result<()>>, lease: Lease) -> std::io::Result<()> {
    let served = serving.await;
    drop(lease);
    served
}

async fn keep_house<E: Environment>(app: Arc<App<E>>, mut stopped: watch::Receiver<bool>) {
    let mut rounds = tokio::time::interval(HOUSEKEEPING);
    // The first tick comes at once; a first round was made before serving.
    rounds.tick().await;
    loop {
        tokio::select! {
            _ = rounds.tick() => {}
            _ = stopped.changed() => return,
        }
        forget_ended(&app).await;
    }
}

async fn forget_ended<E: Environment>(app: &App<E>) {
    let now = app.environment.now();
    match app.database.forget_ended(now).await {
        Ok(0) => {}
        Ok(items) => tracing::info!(items, "what has ended was forgotten"),
        Err(error) => tracing::error!(failure = %error, "housekeeping failed"),
    }
    app.performer.forget_idle(now).await;
}
