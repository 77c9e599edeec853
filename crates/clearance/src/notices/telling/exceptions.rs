//! What is told of exceptions: to auditors, to whoever answers for one, and to whoever may ask by it.

use super::{Link, LinkKind, Teller, Told};
use crate::documents::load;
use crate::drift::Finding;
use crate::exception::Exception;
use crate::failure::Failure;
use crate::ids::{PersonId, ToolId};
use crate::notices::AboutException;
use crate::people::{Person, Role};
use crate::ports::Store;
use crate::time::Timestamp;

/// An exception that is in force.
struct InForce {
    person: Option<PersonId>,
    tool: ToolId,
    owner: PersonId,
    ends_at: Timestamp,
}

impl<S: Store> Teller<'_, S> {
    /// That an exception is in force; nothing once it is over, or to whom it does not concern any more.
    pub(super) async fn of_exception(
        &mut self,
        about: AboutException,
        reader: &Person,
        at: Timestamp,
    ) -> Result<Option<Told>, Failure> {
        let Some(InForce { person, tool, owner, ends_at }) = self.in_force(about, at).await? else {
            return Ok(None);
        };
        let tool_name = self.names.tool(tool).await?.name;
        let name = match person {
            Some(person) => self.names.person(person).await?.name,
            None => "an account that nobody is mapped to".to_owned(),
        };
        let told = if owner == reader.id {
            let subject = format!("You answer for an exception for {tool_name}");
            let text = format!(
                "It is for {name}. If it is still needed after its end, an administrator has to decide anew."
            );
            let told = Told::news(subject, text, Link::at(LinkKind::Exceptions));
            Told { otherwise: Some("the access ends, or is found again"), ..told }
        } else if person == Some(reader.id) {
            let subject = format!("You may ask for {tool_name}");
            let text =
                "An exception lets you ask although policy denies it; administrators decide.".to_owned();
            Told::news(subject, text, Link::to(LinkKind::Tool, tool))
        } else if reader.role == Role::Auditor {
            let subject = format!("An exception from policy for {tool_name}");
            let text = format!("It lets {name} ask although policy denies it.");
            Told::news(subject, text, Link::at(LinkKind::Exceptions))
        } else {
            return Ok(None);
        };
        Ok(Some(Told { deadline: Some(ends_at), ..told }))
    }

    async fn in_force(&self, about: AboutException, now: Timestamp) -> Result<Option<InForce>, Failure> {
        Ok(match about {
            AboutException::Person(id) => {
                let exception = load::<Exception>(self.store, &id.to_string()).await?;
                let exception = exception.filter(|exception| exception.is_in_force(now));
                exception.map(|exception| InForce {
                    person: Some(exception.person),
                    tool: exception.tool,
                    owner: exception.owner,
                    ends_at: exception.ends_at,
                })
            }
            AboutException::Finding(id) => {
                let finding = load::<Finding>(self.store, &id.to_string()).await?;
                finding.and_then(|finding| {
                    let decided = finding.disposition().filter(|decided| decided.remedy.is_in_force())?;
                    let (owner, ends_at) = decided.remedy.answered_for()?;
                    Some(InForce { person: finding.person(), tool: finding.tool, owner, ends_at })
                })
            }
        })
    }
}
