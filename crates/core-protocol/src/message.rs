//! Messages: one [`Call`] a request, one [`Answer`] back.
//!
//! Everything is parsed into types whose values are valid; unknown fields are refused. What the provider says in prose never travels: an
//! answer names its outcome and reason by codes that stay as they are.

mod answer;
mod connector;
mod ids;
mod operation;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use answer::{
    Account, AccountStatus, Answer, FollowUpReason, Group, GroupReach, Member, MemberCount, Outcome,
    RateLimit, RefusalReason, RetryReason,
};
pub use connector::{
    Assertion, Connector, EntraClientId, EntraCloud, EntraCredential, EntraTenant, OktaClientId,
    OktaCredential, OktaHost,
};
pub use ids::{
    AccountId, AccountReference, Fence, GroupDescription, GroupId, GroupName, InstallationId, PageCursor,
    ProviderRequestId,
};
pub use operation::Operation;

/// Where a [`Call`] is posted.
pub const CALL_PATH: &str = "/v1/calls";
/// The body of a request for a call that asks for nothing: so a backend learns, without a credential on the way, whether Core knows its key.
/// Core refuses it with [`NO_CALL_CODE`], in a signed answer, when it does.
pub const NO_CALL: &str = "{}";
/// The code with which Core refuses [`NO_CALL`].
pub const NO_CALL_CODE: &str = "no_call";

/// One operation at one connector, with the credential for it. Core keeps neither.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Which provider and tenant, and how to sign in there.
    pub connector: Connector,
    /// What to do.
    pub operation: Operation,
}

/// A request that Core did not carry out, as the body of an error status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorCode,
}

/// The stable code of an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorCode {
    /// For example `nonce_used` or one of [`SignatureRefused::code`](crate::signature::SignatureRefused::code).
    pub code: String,
}
