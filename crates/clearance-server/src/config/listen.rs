use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use url::{Host, Url};

use super::ConfigError;

/// How what people send is protected on its way here.
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
    /// TLS ends at a proxy, which says who called in `X-Forwarded-For`. Nobody else is believed.
    Proxy {
        /// The proxies' addresses.
        trusted: Vec<IpAddr>,
    },
}

/// Where and how the server listens, and under which address people reach it.
#[derive(Debug, Clone)]
pub struct Listen {
    /// Interface and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// Protection on the way.
    pub transport: Transport,
    public_url: Option<Url>,
}

impl Listen {
    /// Checks that nothing is sent in the clear over a network.
    pub(super) fn new(
        address: SocketAddr,
        public_url: Option<Url>,
        tls: Option<(PathBuf, PathBuf)>,
        trusted_proxies: Vec<IpAddr>,
    ) -> Result<Self, ConfigError> {
        let transport = match (tls, trusted_proxies.is_empty(), address.ip().is_loopback()) {
            (Some(_), false, _) => {
                return Err(ConfigError::value(
                    "trusted_proxies",
                    "and `tls` exclude each other: TLS ends in one place",
                ));
            }
            (Some((certificate, key)), true, _) => Transport::Tls { certificate, key },
            (None, false, _) => Transport::Proxy { trusted: trusted_proxies },
            (None, true, true) => Transport::Loopback,
            (None, true, false) => {
                return Err(ConfigError::value(
                    "listen",
                    "is reachable from a network, where passwords and tokens would travel in the clear: set `tls`, or \
                     `trusted_proxies` when TLS ends at a proxy, or listen on 127.0.0.1",
                ));
            }
        };
        if let Some(url) = &public_url {
            check_public_url(url, &transport)?;
        } else if matches!(transport, Transport::Proxy { .. }) {
            return Err(ConfigError::value(
                "public_url",
                "is needed with `trusted_proxies`: the address people use",
            ));
        }
        Ok(Self { address, transport, public_url })
    }

    /// The address under which people reach the server, without a slash at its end. `bound` is where it really listens.
    pub fn public_url(&self, bound: SocketAddr) -> Url {
        if let Some(url) = &self.public_url {
            return url.clone();
        }
        let scheme = if matches!(self.transport, Transport::Tls { .. }) { "https" } else { "http" };
        let ip = if bound.ip().is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { bound.ip() };
        let text = format!("{scheme}://{}/", SocketAddr::new(ip, bound.port()));
        // A scheme and a socket address always make an address; the loopback stands in for what cannot be.
        Url::parse(&text).unwrap_or_else(|_| fallback())
    }
}

#[expect(clippy::expect_used, reason = "a constant address that a test parses")]
fn fallback() -> Url {
    Url::parse("http://127.0.0.1/").expect("a constant")
}

fn check_public_url(url: &Url, transport: &Transport) -> Result<(), ConfigError> {
    let problem = if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        "must be an address like https://clearance.example.com"
    } else if url.path() != "/"
        || url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
    {
        "must be a host and nothing behind it: the server owns its whole origin"
    } else if url.scheme() == "http" && !is_loopback(url) {
        "must begin with https://"
    } else if url.scheme() == "http" && matches!(transport, Transport::Tls { .. }) {
        "must begin with https:// when `tls` is set"
    } else {
        return Ok(());
    };
    Err(ConfigError::value("public_url", problem))
}

/// Whether an address leads to this host only.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
