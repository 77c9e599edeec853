//! What is known of a person's accounts goes: when somebody removes a mapping, and when the person is erased.

use audit_log::Value;

use super::IdentityMapping;
use super::map::unmap;
use crate::audit::{Actor, EventKind};
use crate::catalog::Tool;
use crate::connector::Connector;
use crate::documents::{Change, Paging, Select, list, load};
use crate::failure::Failure;
use crate::grant::Means;
use crate::ids::PersonId;
use crate::people::unended_grants;
use crate::ports::{MAX_PAGE, Moment, Ports, Store};
use crate::proposal::{Proposed, close_about};
use crate::refusal::{Code, Refusal};

/// Refuses while the person has, or waits for, access through the connector.
///
/// # Errors
/// [`Code::MappingInUse`].
pub(super) async fn require_no_access(store: &impl Store, mapping: &IdentityMapping) -> Result<(), Failure> {
    for grant in unended_grants(store, mapping.person).await? {
        let tool = load::<Tool>(store, &grant.tool.to_string()).await?;
        if grant.means == Means::Connected
            && tool.is_some_and(|tool| tool.connector == Some(mapping.connector))
        {
            let message = "this person has or waits for access through the account; end that access first";
            return Err(Refusal::new(Code::MappingInUse, message).with("grant", grant.id).into());
        }
    }
    Ok(())
}

/// What the log says of a mapping that is not there any more.
pub(super) fn facts(mapping: &IdentityMapping) -> Value {
    Value::object([
        ("connector", Value::from(mapping.connector.to_string())),
        ("person", Value::from(mapping.person.to_string())),
    ])
}

/// Forgets every account of somebody who is being erased, with what waits about them; each in a commit of its own, and safe to run again.
///
/// Their access has ended: an account keeps no seat because of them. What a finding still needs stays until that is settled.
///
/// # Errors
/// When the store does not answer, or something changed meanwhile.
pub(crate) async fn forget_person<P: Ports>(
    ports: &P,
    person: PersonId,
    moment: &Moment,
) -> Result<(), Failure> {
    let store = ports.store();
    let mut paging = Paging { after: None, limit: Some(MAX_PAGE) };
    loop {
        let page = list::<Connector>(store, Select::by(&Connector::BY_NAME, ["all"]), &paging).await?;
        for connector in &page.items {
            let about = Proposed::about_identity(connector.id, person);
            let mut change = Change::new();
            close_about(store, &mut change, moment, Actor::System, &about).await?;
            if let Some(mapping) =
                load::<IdentityMapping>(store, &IdentityMapping::key_of(connector.id, person)).await?
            {
                unmap(store, &mut change, moment, &mapping).await?;
                change.remove(&mapping);
                change.record(moment.now, &Actor::System, EventKind::IdentityUnmapped, facts(&mapping));
            }
            if !change.is_empty() {
                store.commit(change.into_commit()?).await?;
            }
        }
        paging.after = page.next;
        if paging.after.is_none() {
            return Ok(());
        }
    }
}
