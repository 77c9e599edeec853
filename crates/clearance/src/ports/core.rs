//! The `Core` port: `ArdSaor` Core, the one way to a directory provider.

use std::future::Future;

use core_protocol::message::{
    Answer, Assertion, EntraClientId, EntraCloud, EntraTenant, OktaClientId, OktaHost, Operation,
};

use super::Secret;

/// The connector service. It keeps no credential: each call brings one, which the adapter seals for its way.
pub trait Core: Send + Sync {
    /// Carries out one operation at one provider. Changes may have happened although there is no answer: ask again, with the same fence.
    fn call(&self, call: CoreCall) -> impl Future<Output = Result<Answer, CoreError>> + Send;
}

/// One operation at one provider.
#[derive(Debug, Clone)]
pub struct CoreCall {
    /// Where, and how to sign in there.
    pub provider: ProviderSignIn,
    /// What to do.
    pub operation: Operation,
}

/// A provider's tenant with the credential for one call.
#[derive(Debug, Clone)]
pub enum ProviderSignIn {
    /// An Okta org.
    Okta {
        /// The org's host.
        host: OktaHost,
        /// How to sign in.
        credential: OktaSignIn,
    },
    /// A Microsoft Entra tenant.
    Entra {
        /// Which cloud.
        cloud: EntraCloud,
        /// Which tenant.
        tenant: EntraTenant,
        /// As which application.
        client_id: EntraClientId,
        /// How to sign in.
        credential: EntraSignIn,
    },
}

/// How to sign in at an Okta org.
#[derive(Debug, Clone)]
pub enum OktaSignIn {
    /// Two assertions: the demand for a `DPoP` nonce uses up the first.
    Assertions {
        /// The API services app.
        client_id: OktaClientId,
        /// For the first try.
        first: Assertion,
        /// For the try with the nonce that Okta demanded.
        second: Assertion,
    },
    /// An API token.
    ApiToken(Secret),
}

/// How to sign in at a Microsoft Entra tenant.
#[derive(Debug, Clone)]
pub enum EntraSignIn {
    /// A client assertion signed with the key of a certificate.
    Assertion(Assertion),
    /// A client secret.
    ClientSecret(Secret),
}

/// Why Core gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CoreError {
    /// No Core is set up for this site.
    #[error("no ArdSaor Core is set up")]
    NotConfigured,
    /// Core cannot be reached, or did not answer in time, or its answer is not the one to this request.
    #[error("ArdSaor Core cannot be reached: {0}")]
    Unreachable(String),
    /// Core refused the request itself, by its code: `nonce_used`, `installation_disabled`, `unknown_key`, …
    #[error("ArdSaor Core refused the request: {0}")]
    Refused(String),
}
