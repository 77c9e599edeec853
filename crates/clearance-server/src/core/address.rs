use std::net::SocketAddr;

use core_protocol::signature::Scheme;
use url::{Host, Url};

/// Where a Core is: scheme, host and port, as `https://core.example.com`. Plain HTTP leads to this machine only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    scheme: Scheme,
    /// Host and port in the form that is signed.
    authority: String,
}

/// Why a text is no address of a Core.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an https:// address of a host and nothing behind it; http:// only with a loopback address")]
pub struct InvalidAddress;

impl Address {
    /// Host and port, without the scheme's default port.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The whole address of a path that begins with a slash.
    pub(super) fn of(&self, path: &str) -> String {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        format!("{scheme}://{}{path}", self.authority)
    }
}

/// As a program on this machine listens.
impl TryFrom<SocketAddr> for Address {
    type Error = InvalidAddress;

    fn try_from(address: SocketAddr) -> Result<Self, InvalidAddress> {
        if address.ip().is_loopback() {
            Ok(Self { scheme: Scheme::Http, authority: address.to_string() })
        } else {
            Err(InvalidAddress)
        }
    }
}

impl std::str::FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let url = Url::parse(text).map_err(|_| InvalidAddress)?;
        // A name is no proof of this machine: what it leads to is settled elsewhere.
        let loopback = match url.host().ok_or(InvalidAddress)? {
            Host::Domain(_) => false,
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        };
        let scheme = match url.scheme() {
            "https" => Scheme::Https,
            "http" if loopback => Scheme::Http,
            _ => return Err(InvalidAddress),
        };
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let origin = url.origin().ascii_serialization();
        match origin.split_once("://") {
            Some((_, authority)) if bare => Ok(Self { scheme, authority: authority.to_owned() }),
            _ => Err(InvalidAddress),
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.of(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine_and_nothing_stands_behind_the_host() {
        for (text, of) in [
            ("https://core.example.com", "https://core.example.com/v1"),
            ("https://CORE.example.com:443/", "https://core.example.com/v1"),
            ("https://core.example.com:8443", "https://core.example.com:8443/v1"),
            ("http://127.0.0.1:8790", "http://127.0.0.1:8790/v1"),
            ("http://[::1]:8790/", "http://[::1]:8790/v1"),
        ] {
            assert_eq!(text.parse::<Address>().unwrap().of("/v1"), of);
        }
        for wrong in [
            "http://core.example.com",
            "http://localhost:8790",
            "http://10.0.0.1",
            "https://core.example.com/x",
            "https://core.example.com?x",
            "https://ada@core.example.com",
            "https://:x@core.example.com",
            "ftp://127.0.0.1",
            "core.example.com",
            "file:///core",
        ] {
            assert_eq!(wrong.parse::<Address>(), Err(InvalidAddress), "{wrong}");
        }
        assert!(Address::try_from(SocketAddr::from(([10, 0, 0, 1], 1))).is_err());
    }
}
