//! The way to `ArdSaor` Core: the platform's remote `core`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What to send to Core.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CoreRequest {
    /// `POST` this by `invokeRemote('core')`, every header and the body byte for byte as they are: they are signed. Answer: [`CoreAnswer`],
    /// whatever the status; `unavailable` only when there was no answer.
    Core {
        /// The path, from the remote's base URL.
        path: &'static str,
        /// Header fields by lower-case name. The platform adds its invocation token.
        headers: BTreeMap<&'static str, String>,
        /// The body, JSON as text. It may hold sealed secrets: never log it.
        body: String,
    },
}

impl std::fmt::Debug for CoreRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Core { path, .. } = self;
        f.debug_struct("Core").field("path", path).finish_non_exhaustive()
    }
}

/// Answer to `core`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoreAnswer {
    /// The status code.
    pub status: u16,
    /// Header fields by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body as text, exactly as it came.
    pub body: String,
}

impl std::fmt::Debug for CoreAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CoreAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}
