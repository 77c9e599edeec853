use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::sealing::Sealed;
use crate::text::{InvalidText, checked_text, is_token, is_uuid};

checked_text! {
    /// An Okta org's own host, such as `acme.okta.com`. Custom domains and `-admin` hosts are refused: use the org's URL.
    OktaHost, "Okta org host (like acme.okta.com; neither a custom domain nor an -admin host)", is_okta_host
}

checked_text! {
    /// The client id of an Okta API services app.
    OktaClientId, "Okta client id", |text| is_token(text, 64)
}

checked_text! {
    /// A Microsoft Entra tenant: its id, a lowercase UUID. Domain names can change hands.
    EntraTenant, "Entra tenant id", is_uuid
}

checked_text! {
    /// The application (client) id of an Entra app registration, a lowercase UUID.
    EntraClientId, "Entra client id", is_uuid
}

/// Domains under which Okta runs its orgs; one label stands before them.
const OKTA_DOMAINS: [&str; 8] = [
    ".okta.com",
    ".oktapreview.com",
    ".okta-emea.com",
    ".okta-gov.com",
    ".okta.mil",
    ".okta-miltest.com",
    ".trex-govcloud.com",
    ".trexcloud.com",
];

fn is_okta_host(host: &str) -> bool {
    OKTA_DOMAINS.iter().filter_map(|domain| host.strip_suffix(domain)).any(|org| {
        (1..=63).contains(&org.len())
            && org.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !org.starts_with('-')
            && !org.ends_with('-')
            && !org.ends_with("-admin")
    })
}

/// Which Microsoft cloud the tenant is in. A closed list: there is no free address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntraCloud {
    /// `graph.microsoft.com`.
    Global,
    /// US government L4, `graph.microsoft.us`.
    UsGovernment,
    /// US government L5, `dod-graph.microsoft.us`.
    UsDefense,
    /// China, `microsoftgraph.chinacloudapi.cn`.
    China,
}

impl EntraCloud {
    /// The host that gives tokens.
    pub const fn sign_in_host(self) -> &'static str {
        match self {
            Self::Global => "login.microsoftonline.com",
            Self::UsGovernment | Self::UsDefense => "login.microsoftonline.us",
            Self::China => "login.partner.microsoftonline.cn",
        }
    }

    /// The host of Microsoft Graph.
    pub const fn graph_host(self) -> &'static str {
        match self {
            Self::Global => "graph.microsoft.com",
            Self::UsGovernment => "graph.microsoft.us",
            Self::UsDefense => "dod-graph.microsoft.us",
            Self::China => "microsoftgraph.chinacloudapi.cn",
        }
    }
}

/// A client assertion ([RFC 7523](https://www.rfc-editor.org/rfc/rfc7523)) that the app's vault signed, valid for minutes. It cannot be
/// printed; it travels in requests only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Assertion(Zeroizing<String>);

impl Assertion {
    /// The JWT.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Assertion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Assertion(…)")
    }
}

impl TryFrom<String> for Assertion {
    type Error = InvalidText;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = Zeroizing::new(text);
        let mut parts = text.split('.');
        let jwt = (0..3).all(|_| parts.next().is_some_and(|part| is_token(part, 4096)));
        if jwt && parts.next().is_none() { Ok(Self(text)) } else { Err(InvalidText("client assertion")) }
    }
}

impl From<Assertion> for String {
    fn from(assertion: Assertion) -> Self {
        assertion.0.as_str().to_owned()
    }
}

/// How to sign in at an Okta org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum OktaCredential {
    /// OAuth 2 with `private_key_jwt`. Two assertions, because the demand for a `DPoP` nonce uses up the first.
    Assertions {
        /// The API services app.
        client_id: OktaClientId,
        /// For the first try.
        first: Assertion,
        /// For the try with the nonce that Okta demanded.
        second: Assertion,
    },
    /// An API token (`SSWS`), sealed with the org's host as both host and tenant.
    ApiToken {
        /// The token.
        sealed: Sealed,
    },
}

/// How to sign in at a Microsoft Entra tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum EntraCredential {
    /// A client assertion signed with the key of a certificate.
    Assertion {
        /// The assertion.
        assertion: Assertion,
    },
    /// A client secret, sealed with the sign-in host as host and the tenant's id as tenant.
    ClientSecret {
        /// The secret.
        sealed: Sealed,
    },
}

/// A provider's tenant and the credential for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "provider", rename_all = "snake_case", deny_unknown_fields)]
pub enum Connector {
    /// An Okta org.
    Okta {
        /// The org's host.
        host: OktaHost,
        /// How to sign in.
        credential: OktaCredential,
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
        credential: EntraCredential,
    },
}

impl Connector {
    /// The host that a sealed secret of this connector is bound to.
    pub fn sealing_host(&self) -> &str {
        match self {
            Self::Okta { host, .. } => host.as_str(),
            Self::Entra { cloud, .. } => cloud.sign_in_host(),
        }
    }

    /// The tenant that a sealed secret of this connector is bound to, and to which groups belong.
    pub fn tenant(&self) -> &str {
        match self {
            Self::Okta { host, .. } => host.as_str(),
            Self::Entra { tenant, .. } => tenant.as_str(),
        }
    }

    /// `okta` or `entra`.
    pub const fn provider(&self) -> &'static str {
        match self {
            Self::Okta { .. } => "okta",
            Self::Entra { .. } => "entra",
        }
    }
}
