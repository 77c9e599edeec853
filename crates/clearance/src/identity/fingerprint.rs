use std::fmt;

use serde::{Deserialize, Serialize};

use crate::connector::Connector;
use crate::ports::{Ports, Vault as _, VaultError};

/// The name of the vault's key for fingerprints.
const KEY: &str = "identities";

/// HMAC-SHA256 of an account at a tenant under a key of the vault: 64 hexadecimal digits. Without the key it tells nothing of the account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The fingerprints of accounts at a connector's tenant, in order; `accounts` are the provider's ids.
///
/// # Errors
/// When the vault is not available.
pub async fn fingerprints<P: Ports>(
    ports: &P,
    connector: &Connector,
    accounts: impl IntoIterator<Item = &str>,
) -> Result<Vec<Fingerprint>, VaultError> {
    let (provider, tenant) = (connector.provider.name(), connector.provider.tenant());
    // No part holds a line break, so no two accounts give the same message.
    let messages: Vec<_> =
        accounts.into_iter().map(|account| format!("{provider}\n{tenant}\n{account}")).collect();
    let bytes = ports.vault().fingerprints(KEY, &messages).await?;
    Ok(bytes.iter().map(|bytes| Fingerprint(audit_log::Hash::from_bytes(*bytes).to_string())).collect())
}

/// The fingerprint of one account at a connector's tenant.
///
/// # Errors
/// As [`fingerprints`].
pub async fn fingerprint<P: Ports>(
    ports: &P,
    connector: &Connector,
    account: &str,
) -> Result<Fingerprint, VaultError> {
    let mut all = fingerprints(ports, connector, [account]).await?;
    all.pop().ok_or_else(|| VaultError("no fingerprint for an account".to_owned()))
}
