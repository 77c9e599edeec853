//! Credentials of connectors that run out.

use super::operations::{CredentialEnd, CredentialKind};
use crate::connector::{Connector, EntraCredential, Provider};
use crate::documents::{self, Loaded, Paging, Select};
use crate::failure::Failure;
use crate::ports::{MAX_PAGE, Store};
use crate::time::Timestamp;

/// Certificates and client secrets that run out before an instant, or have, soonest first: of the first hundred connectors by name.
///
/// Of a client secret that is known only if somebody said it. Keys and API tokens of Okta have no end of their own.
pub(super) async fn credentials(store: &impl Store, until: Timestamp) -> Result<Vec<CredentialEnd>, Failure> {
    let paging = Paging { after: None, limit: Some(MAX_PAGE) };
    let select = Select::by(&Connector::BY_NAME, ["all"]);
    let connectors = documents::list::<Connector>(store, select, &paging).await?;
    let mut ends: Vec<_> =
        connectors.items.into_iter().filter_map(|connector| end_of(connector, until)).collect();
    ends.sort_by_key(|end| (end.ends_at, end.connector));
    Ok(ends)
}

fn end_of(connector: Loaded<Connector>, until: Timestamp) -> Option<CredentialEnd> {
    let (kind, ends_at) = match &connector.provider {
        Provider::Okta { .. } => return None,
        Provider::Entra { credential: EntraCredential::Certificate { current, .. }, .. } => {
            (CredentialKind::Certificate, current.ends_at)
        }
        Provider::Entra { credential: EntraCredential::ClientSecret { lapses_at, .. }, .. } => {
            (CredentialKind::ClientSecret, (*lapses_at)?)
        }
    };
    (ends_at < until).then(|| CredentialEnd {
        connector: connector.id,
        name: connector.name.to_string(),
        kind,
        ends_at,
    })
}
