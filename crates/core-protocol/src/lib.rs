//! What the app and `ArdSaor` Core say to each other: typed messages, and the signatures that protect them.
//!
//! This crate is no HTTP client and no store of secrets. It has no clock, no randomness and no I/O: times, nonces and entropy come in as
//! values. So the app uses it inside Forge as well as self-hosted, and Core verifies with the same code that signed.
//!
//! - [`message`]: operations, connectors with their credentials, answers. An answer names outcomes and reasons by stable codes and carries
//!   the provider's request ids, never the provider's prose.
//! - [`signature`]: a closed profile of HTTP Message Signatures ([RFC 9421]) for requests and for the answers, which are bound to them.
//! - [`sealing`]: typed secrets travel sealed under a key derived apart from the signing key.
//! - [`pairing`]: the single-use code that an installation's backend exchanges for its signing key.
//!
//! [RFC 9421]: https://www.rfc-editor.org/rfc/rfc9421

pub mod key;
pub mod message;
pub mod pairing;
pub mod sealing;
pub mod signature;
mod text;

/// Seconds since 1970-01-01T00:00:00Z, as RFC 9421 counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixSeconds(pub i64);

impl UnixSeconds {
    /// So many seconds later; the end of time when there is no such instant.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}
