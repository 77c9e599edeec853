//! What somebody is told who decides for another person, or does no more.

use super::{Link, LinkKind, Teller, Told};
use crate::delegation::{Delegation, Delegations};
use crate::documents::Loaded;
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::insight::Day;
use crate::people::Person;
use crate::ports::Store;

impl<S: Store> Teller<'_, S> {
    /// That the reader decides for somebody, as long as they do or are to.
    pub(super) async fn of_delegation(
        &mut self,
        delegator: PersonId,
        reader: &Person,
    ) -> Result<Option<Told>, Failure> {
        let Some(delegation) = self.delegation(delegator, reader).await? else { return Ok(None) };
        let name = self.names.person(delegator).await?.name;
        let when = if delegation.is_active(self.now) {
            format!("You decide for {name} from now on")
        } else {
            format!("You decide for {name} from {} on (UTC)", Day::of(delegation.from))
        };
        let text = format!(
            "{when}: what waits for {name} is in your list, and every record says for whom you decided. You decide nothing that {name} asks \
             for, or about access that {name} has. If you do not want that, give it up."
        );
        let told = Told::news(format!("You decide for {name}"), text, Link::at(LinkKind::Delegations));
        Ok(Some(Told { deadline: Some(delegation.until), ..told }))
    }

    /// That the reader decides for somebody no more; nothing when they do again.
    pub(super) async fn of_ended_delegation(
        &mut self,
        delegator: PersonId,
        reader: &Person,
    ) -> Result<Option<Told>, Failure> {
        if self.delegation(delegator, reader).await?.is_some() {
            return Ok(None);
        }
        let name = self.names.person(delegator).await?.name;
        let text = format!("You decide for {name} no more: that was ended before its time.");
        let subject = format!("You decide for {name} no more");
        Ok(Some(Told::news(subject, text, Link::at(LinkKind::Delegations))))
    }

    /// By what the reader decides for somebody now or later.
    async fn delegation(
        &mut self,
        delegator: PersonId,
        reader: &Person,
    ) -> Result<Option<Delegation>, Failure> {
        let own = Delegations::load(self.store, reader.id).await?.map(Loaded::into_inner);
        let received = own.map(|own| own.received).unwrap_or_default();
        Ok(received.into_iter().rfind(|one| one.delegator == delegator && !one.is_over(self.now)))
    }
}
