//! The server's cookies: written with every restriction a browser knows, read by name.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// A cookie of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CookieName {
    /// The session.
    Session,
    /// A sign-in at the OpenID provider that is under way.
    Openid,
}

impl CookieName {
    /// With `__Host-` a browser takes the cookie only over https, for this host alone and every path of it.
    fn as_str(self, https: bool) -> &'static str {
        match (self, https) {
            (Self::Session, true) => "__Host-clearance_session",
            (Self::Session, false) => "clearance_session",
            (Self::Openid, true) => "__Host-clearance_openid",
            (Self::Openid, false) => "clearance_openid",
        }
    }

    /// The cookie's value as the browser sent it.
    pub(super) fn read(self, headers: &HeaderMap, https: bool) -> Option<&str> {
        let name = self.as_str(https);
        let pairs = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|text| text.split(';'));
        let mut values = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(key, _)| *key == name);
        values.next().map(|(_, value)| value)
    }

    /// `Set-Cookie` for a value of URL-safe characters; it lasts until the browser is closed, or for some seconds.
    pub(super) fn write(self, value: &str, seconds: Option<u32>, https: bool) -> Option<HeaderValue> {
        let secure = if https { "; Secure" } else { "" };
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.as_str(https));
        let mut header = HeaderValue::from_str(&text).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// `Set-Cookie` that makes the browser forget it.
    pub(super) fn forget(self, https: bool) -> Option<HeaderValue> {
        self.write("", Some(0), https)
    }
}
