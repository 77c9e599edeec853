use schemars::JsonSchema;
use serde::Serialize;

use super::IdentityMapping;
use crate::connector::{ConnectorRef, connector_ref};
use crate::failure::Failure;
use crate::people::{Names, PersonRef, Who};
use crate::ports::Store;
use crate::time::Timestamp;

/// Which account a person has, as far as it is shown.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IdentityView {
    /// At which connector.
    pub connector: ConnectorRef,
    /// Who.
    pub person: PersonRef,
    /// The provider's name for whoever has the account, as it was confirmed.
    pub display_name: String,
    /// The last characters of the provider's id; empty when the id is so short that they would tell it.
    pub hint: String,
    /// When it was mapped.
    pub mapped_at: Timestamp,
    /// By whom.
    pub mapped_by: Who,
    /// The second administrator, where one was needed.
    pub confirmed_by: Option<Who>,
}

/// A mapping as it is shown.
///
/// # Errors
/// When the store does not answer.
pub async fn identity_view<S: Store>(
    names: &mut Names<'_, S>,
    mapping: &IdentityMapping,
) -> Result<IdentityView, Failure> {
    Ok(IdentityView {
        connector: connector_ref(names.store(), mapping.connector).await?,
        person: names.person(mapping.person).await?,
        display_name: mapping.display_name.to_string(),
        hint: mapping.hint.clone(),
        mapped_at: mapping.mapped_at,
        mapped_by: names.who(mapping.mapped_by).await?,
        confirmed_by: match mapping.confirmed_by {
            Some(actor) => Some(names.who(actor).await?),
            None => None,
        },
    })
}
