//! `core.toml`: how one Core is set up. Read once, at start-up; unknown keys are refused, so that a misspelt one does not silently leave a
//! default in force. It holds no secret.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use url::{Host, Url};

use crate::core::{Settings, Transport};
use crate::forge::ForgeSettings;
use crate::load::Limits;
use crate::perform::CALL_TIMEOUT;

/// Where Core listens when nothing else is said.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8790);
/// Where Atlassian publishes the keys of invocation tokens.
const JWKS_URL: &str = "https://forge.cdn.prod.atlassian-dev.net/.well-known/jwks.json";
/// Who issues invocation tokens.
const ISSUER: &str = "forge/invocation-token";
/// Seconds that Atlassian's clock and ours may differ, when nothing else is said.
const CLOCK_SKEW: i64 = 10;
/// The configuration's name in the data directory.
const FILE: &str = "core.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    listen: Option<SocketAddr>,
    authority: Option<String>,
    proxy: bool,
    tls: Option<TlsFile>,
    forge: Option<ForgeFile>,
    limits: LimitsFile,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsFile {
    certificate: PathBuf,
    key: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ForgeFile {
    audience: String,
    jwks_url: Option<Url>,
    issuer: Option<String>,
    clock_skew: Option<u8>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LimitsFile {
    requests: Option<u16>,
    calls_per_installation: Option<u16>,
    calls_per_tenant: Option<u16>,
    failures_to_open: Option<u16>,
    open_seconds: Option<u16>,
    provider_seconds: Option<u8>,
}

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {error}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is no TOML, or has a key that there is not.
    #[error("{}: {error}", .path.display())]
    Toml {
        /// Which.
        path: PathBuf,
        /// Why, and where.
        error: Box<toml::de::Error>,
    },
    /// A value cannot be.
    #[error("`{key}` {problem}")]
    Value {
        /// Which.
        key: &'static str,
        /// Why.
        problem: &'static str,
    },
}

/// Reads the configuration: the given file, or `core.toml` in the data directory, or the defaults where there is none.
///
/// # Errors
/// [`ConfigError`].
pub fn load(data: &Path, file: Option<&Path>) -> Result<Settings, ConfigError> {
    let path = file.map_or_else(|| data.join(FILE), Path::to_owned);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(ConfigError::Io { path, error }),
    };
    let parsed = toml::from_str(&text).map_err(|error| ConfigError::Toml { path, error: Box::new(error) })?;
    settings(data, parsed)
}

fn settings(data: &Path, file: File) -> Result<Settings, ConfigError> {
    let listen = file.listen.unwrap_or(DEFAULT_LISTEN);
    let transport = match (file.tls, file.proxy) {
        (Some(_), true) => return Err(wrong("proxy", "and `tls` exclude each other: TLS ends in one place")),
        (Some(tls), false) => Transport::Tls { certificate: tls.certificate, key: tls.key },
        (None, true) if file.authority.is_none() => {
            return Err(wrong("authority", "is needed with `proxy`: the host that callers use"));
        }
        (None, true) => Transport::Proxy,
        (None, false) if listen.ip().is_loopback() => Transport::Loopback,
        (None, false) => {
            return Err(wrong(
                "listen",
                "is reachable from a network, where requests would travel in the clear: set `tls`, or `proxy` when TLS ends there",
            ));
        }
    };
    if file.authority.as_deref().is_some_and(|authority| !is_authority(authority)) {
        return Err(wrong("authority", "must be a host, with a port if it is not 443: core.example.com"));
    }
    Ok(Settings {
        data: data.to_owned(),
        listen,
        transport,
        authority: file.authority,
        forge: file.forge.map(forge).transpose()?,
        limits: limits(&file.limits)?,
    })
}

fn wrong(key: &'static str, problem: &'static str) -> ConfigError {
    ConfigError::Value { key, problem }
}

fn is_authority(authority: &str) -> bool {
    Url::parse(&format!("https://{authority}/")).is_ok_and(|url| {
        url.path() == "/" && url.query().is_none() && url.username().is_empty() && url.password().is_none()
    }) && !authority.contains(['/', '?', '#', '@'])
}

fn forge(file: ForgeFile) -> Result<ForgeSettings, ConfigError> {
    if !file.audience.starts_with("ari:cloud:ecosystem::app/") {
        return Err(wrong("forge.audience", "must be the app's id: ari:cloud:ecosystem::app/…"));
    }
    let jwks_url = match file.jwks_url {
        Some(url) => url,
        None => Url::parse(JWKS_URL).map_err(|_| wrong("forge.jwks_url", "must be an address"))?,
    };
    let loopback = match jwks_url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        _ => false,
    };
    if jwks_url.scheme() != "https" && !(jwks_url.scheme() == "http" && loopback) {
        return Err(wrong("forge.jwks_url", "must begin with https://"));
    }
    Ok(ForgeSettings {
        jwks_url,
        issuer: file.issuer.unwrap_or_else(|| ISSUER.to_owned()),
        audience: file.audience,
        clock_skew: file.clock_skew.map_or(CLOCK_SKEW, i64::from),
    })
}

fn limits(file: &LimitsFile) -> Result<Limits, ConfigError> {
    let default = Limits::default();
    let limits = Limits {
        requests: file.requests.map_or(default.requests, usize::from),
        calls_per_installation: file
            .calls_per_installation
            .map_or(default.calls_per_installation, usize::from),
        calls_per_tenant: file.calls_per_tenant.map_or(default.calls_per_tenant, usize::from),
        failures_to_open: file.failures_to_open.map_or(default.failures_to_open, u32::from),
        open_seconds: file.open_seconds.map_or(default.open_seconds, u32::from),
        request_timeout: file
            .provider_seconds
            .map_or(default.request_timeout, |seconds| Duration::from_secs(u64::from(seconds))),
    };
    if !(Duration::from_secs(1)..=CALL_TIMEOUT).contains(&limits.request_timeout) {
        return Err(wrong("limits.provider_seconds", "must be from 1 to 20"));
    }
    let Limits { requests, calls_per_installation, calls_per_tenant, failures_to_open, .. } = limits;
    if requests == 0 || calls_per_installation == 0 || calls_per_tenant == 0 || failures_to_open == 0 {
        return Err(wrong("limits", "must be at least 1"));
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Settings, String> {
        let file = toml::from_str(text).map_err(|error| error.to_string())?;
        settings(Path::new("data"), file).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_said_is_loopback_without_forge() {
        let settings = check("").unwrap();
        assert_eq!((settings.listen, settings.transport), (DEFAULT_LISTEN, Transport::Loopback));
        assert!(settings.forge.is_none());
    }

    #[test]
    fn nothing_travels_in_the_clear_over_a_network() {
        assert!(check("listen = '0.0.0.0:8790'").unwrap_err().contains("in the clear"));
        assert!(check("listen = '0.0.0.0:8790'\nproxy = true").unwrap_err().contains("authority"));
        let behind = check("listen = '0.0.0.0:8790'\nproxy = true\nauthority = 'core.example.com'").unwrap();
        assert_eq!(behind.transport, Transport::Proxy);
        assert!(check("proxy = true\nauthority = 'a'\ntls = { certificate = 'c', key = 'k' }").is_err());
        let forge = "[forge]\naudience = 'ari:cloud:ecosystem::app/1'\njwks_url = ";
        assert!(check(&format!("{forge}'http://keys.example/'")).is_err());
        assert!(check(&format!("{forge}'https://keys.example/'")).is_ok());
        assert!(check(&format!("{forge}'http://127.0.0.1:9/'")).is_ok());
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for wrong in [
            "listen = 'somewhere'",
            "okta_url = 'http://127.0.0.1:1'",
            "authority = 'core.example.com/x'",
            "authority = 'user@core.example.com'",
            "[forge]\naudience = 'my app'",
            "[limits]\ncalls_per_tenant = 0",
            "[limits]\nprovider_seconds = 0",
            "[limits]\nprovider_seconds = 21",
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}
