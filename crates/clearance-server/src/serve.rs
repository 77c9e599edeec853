//! Serving: everything put together, from the first byte of configuration to the last answer before the end.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use clearance::ports::Ports;
use hyper_util::rt::TokioTimer;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use url::Url;

use crate::anchor::{self, AnchorFile};
use crate::config::{Config, Transport};
use crate::core::CoreWatch;
use crate::drift;
use crate::http::{App, Openid, Origin, Pages, router, unexpected};
use crate::jobs;
use crate::known_checkpoint::KnownCheckpoint;
use crate::mail::{self, Mailer};
use crate::sign_in::attempts::Attempts;
use crate::sign_in::openid::Provider;
use crate::ticker;
use crate::vault::{self, VaultKey};

/// Seconds that requests under way are given when the server stops.
const GRACE_SECONDS: u64 = 10;
/// Seconds in which a client must have sent the head of a request.
const HEAD_SECONDS: u64 = 10;

/// A server that holds its port and is ready to answer.
#[derive(Debug)]
pub struct Server<P> {
    listener: TcpListener,
    address: SocketAddr,
    transport: Transport,
    tick: Duration,
    app: Arc<App<P>>,
}

impl<P: Ports + 'static> Server<P> {
    /// Takes the port and reads the pages.
    ///
    /// # Errors
    /// When the port is taken, or the pages cannot be read.
    pub async fn new(
        config: &Config,
        ports: P,
        vault: &VaultKey,
        known_checkpoint: KnownCheckpoint,
        core: CoreWatch,
    ) -> anyhow::Result<Self> {
        let wanted = config.listen.address;
        let listener = TcpListener::bind(wanted).with_context(|| format!("cannot listen on {wanted}"))?;
        let address = listener.local_addr()?;
        let trusted_proxies = match &config.listen.transport {
            Transport::Proxy { trusted } => trusted.clone(),
            Transport::Loopback | Transport::Tls { .. } => Vec::new(),
        };
        let origin = Origin::new(config.listen.public_url(address));
        mail::follow_configuration(&ports, config.smtp.is_some()).await?;
        anchor::follow_configuration(&ports, &config.anchor).await?;
        let openid = match &config.oidc {
            Some(oidc) => {
                let cookie_key = vault::random_secret(&ports, vault, "cookie/openid").await?;
                let provider = Provider::new(oidc.clone(), origin.as_str()).context("cannot use `oidc`")?;
                Some(Openid { provider, cookie_key: VaultKey::new(*cookie_key) })
            }
            None => None,
        };
        let attempts = Attempts::new(&vault::random_secret(&ports, vault, "rate/sign_in").await?);
        let app = App {
            attempts,
            trusted_proxies,
            pages: read_pages(config.ui.as_deref())?,
            openid,
            mailer: config.smtp.as_ref().map(Mailer::new).transpose()?,
            known_checkpoint: Some(known_checkpoint),
            anchor_file: config.anchor.file.as_ref().map(AnchorFile::at),
            core,
            ..App::new(ports, origin)
        };
        let tick = Duration::from_secs(config.tick_seconds);
        Ok(Self { listener, address, transport: config.listen.transport.clone(), tick, app: Arc::new(app) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address under which people reach it, without a slash at its end.
    pub fn public_address(&self) -> &str {
        self.app.origin.as_str()
    }

    /// Answers until `stop` is done, then finishes what is under way.
    ///
    /// # Errors
    /// When the certificate or key cannot be used, or the port is lost.
    pub async fn run(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let service = router(Arc::clone(&self.app)).into_make_service_with_connect_info::<SocketAddr>();
        let handle = Handle::new();
        let (stop_ticker, stopped) = watch::channel(false);
        let ticker = tokio::spawn(ticker::run(Arc::clone(&self.app), self.tick, stopped.clone()));
        // Apart from the clockwork, which must not wait for a slow mail server.
        let mail = tokio::spawn(mail::run(Arc::clone(&self.app), self.tick, stopped.clone()));
        let drift = tokio::spawn(drift::run(Arc::clone(&self.app), stopped.clone()));
        let jobs = tokio::spawn(jobs::run(Arc::clone(&self.app), stopped));
        let mut server = axum_server::from_tcp(self.listener)?.handle(handle.clone());
        server
            .http_builder()
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(HEAD_SECONDS));
        let serving = async {
            match &self.transport {
                Transport::Tls { certificate, key } => {
                    let tls =
                        RustlsConfig::from_pem_file(certificate, key).await.context("cannot use `tls`")?;
                    let acceptor = RustlsAcceptor::new(tls).acceptor(NoDelayAcceptor::new());
                    Ok(server.acceptor(acceptor).serve(service).await?)
                }
                Transport::Loopback | Transport::Proxy { .. } => {
                    Ok(server.acceptor(NoDelayAcceptor::new()).serve(service).await?)
                }
            }
        };
        let stopping = async {
            stop.await;
            handle.graceful_shutdown(Some(Duration::from_secs(GRACE_SECONDS)));
            std::future::pending().await
        };
        let outcome: anyhow::Result<()> = tokio::select! {
            outcome = serving => outcome,
            never = stopping => never,
        };
        stop_ticker.send_replace(true);
        ticker.await.context("the ticker did not end well")?;
        // A message under way may be sent twice rather than hold up the end.
        mail.abort();
        // A check under way begins anew when its lease is over.
        drift.abort();
        // A call under way is made again when its lease is over.
        jobs.abort();
        if let Err(failure) = ticker::keep_checkpoint(&self.app).await
            && let Some(what) = unexpected(&failure)
        {
            tracing::error!(failure = what, "the last checkpoint was not kept");
        }
        outcome
    }
}

fn read_pages(configured: Option<&Path>) -> anyhow::Result<Pages> {
    match configured.map(Path::to_path_buf).or_else(Pages::find) {
        Some(directory) if directory.is_dir() => Pages::read(&directory)
            .with_context(|| format!("cannot read the pages in {}", directory.display())),
        Some(directory) => anyhow::bail!("there are no built pages in {}", directory.display()),
        None => Ok(Pages::default()),
    }
}

/// Done when the operating system asks the program to end. Listens from the moment it is called, before it is awaited.
///
/// # Errors
/// When the signals cannot be listened to.
pub fn asked_to_end() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// The set-up link for people to follow.
pub fn link(public_address: &str, path: &str) -> String {
    Url::parse(public_address).and_then(|url| url.join(path)).map_or_else(|_| path.to_owned(), String::from)
}
