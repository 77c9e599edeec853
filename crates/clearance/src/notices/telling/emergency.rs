//! What is told of access that somebody took in an emergency.

use super::{Link, LinkKind, Teller, Told};
use crate::catalog::Tool;
use crate::documents::load;
use crate::emergency::{Emergency, EmergencyState};
use crate::failure::Failure;
use crate::ids::EmergencyId;
use crate::notices::topic::Capacity;
use crate::people::Person;
use crate::ports::Store;
use crate::time::Timestamp;

/// What happens to a note or a review that nobody writes.
const AGAIN: &str = "you are told again, daily, until it is there";

fn link(capacity: Capacity) -> Link {
    Link::at(match capacity {
        Capacity::Own | Capacity::Approver => LinkKind::Emergency,
        Capacity::Administrator | Capacity::Auditor => LinkKind::EmergencyOversight,
    })
}

impl<S: Store> Teller<'_, S> {
    async fn emergency(&mut self, id: EmergencyId) -> Result<Option<(Emergency, Tool)>, Failure> {
        let Some(emergency) = load::<Emergency>(self.store, &id.to_string()).await? else { return Ok(None) };
        let tool = load::<Tool>(self.store, &emergency.tool.to_string()).await?;
        Ok(tool.map(|tool| (emergency.into_inner(), tool.into_inner())))
    }

    /// That somebody took access: to whoever answers for the tool, for security, or for the site.
    pub(super) async fn of_emergency(
        &mut self,
        id: EmergencyId,
        capacity: Capacity,
        reader: &Person,
    ) -> Result<Option<Told>, Failure> {
        let Some((emergency, tool)) = self.emergency(id).await? else { return Ok(None) };
        let security = self.settings().await?.security;
        let answers = tool.owners.contains(&reader.id) || reader.groups.contains(&security);
        if emergency.person == reader.id || capacity == Capacity::Approver && !answers {
            return Ok(None);
        }
        let person = self.names.person(emergency.person).await?.name;
        let incident = emergency.incident.text().map_or("(destroyed)", |text| text.as_str());
        let text = format!(
            "{person} took {} at once, without an approval, for the incident {incident}. The access ends by itself; a note about it is due \
             on {}, a review on {}.",
            tool.name,
            emergency.note_due.in_words(),
            emergency.review_due.in_words()
        );
        Ok(Some(Told::news(format!("{person} took {} in an emergency", tool.name), text, link(capacity))))
    }

    /// That the reader is to write down what they used it for, while they have not.
    pub(super) async fn of_own_emergency(
        &mut self,
        id: EmergencyId,
        reader: &Person,
    ) -> Result<Option<Told>, Failure> {
        let Some((emergency, tool)) = self.emergency(id).await? else { return Ok(None) };
        if emergency.person != reader.id || !matches!(emergency.state, EmergencyState::Open) {
            return Ok(None);
        }
        let text = format!(
            "You took {} in an emergency. Write down what you used it for: until then you cannot take it so again.",
            tool.name
        );
        let subject = format!("Write down what you used {} for", tool.name);
        Ok(Some(Told::asks(subject, text, (emergency.note_due, AGAIN), link(Capacity::Own))))
    }

    /// That the reader is to review it, while that is possible: once there is a note, or that is overdue.
    pub(super) async fn of_emergency_to_review(
        &mut self,
        id: EmergencyId,
        capacity: Capacity,
        reader: &Person,
        queued_at: Timestamp,
    ) -> Result<Option<Told>, Failure> {
        let Some((emergency, tool)) = self.emergency(id).await? else { return Ok(None) };
        let may = capacity == Capacity::Administrator || tool.owners.contains(&reader.id);
        if emergency.person == reader.id || !may {
            return Ok(None);
        }
        let person = self.names.person(emergency.person).await?.name;
        let overdue = if emergency.is_overdue(queued_at) { "Overdue: " } else { "" };
        let (subject, text) = match emergency.state {
            EmergencyState::Reviewed { .. } => return Ok(None),
            EmergencyState::Open if overdue.is_empty() => return Ok(None),
            EmergencyState::Open => (
                format!("{overdue}the note about {}", tool.name),
                format!(
                    "{person} has not written down what {} was used for in an emergency. Review it without a note, or remind them.",
                    tool.name
                ),
            ),
            EmergencyState::Noted { .. } => (
                format!("{overdue}review the emergency access to {}", tool.name),
                format!(
                    "{person} has written down what {} was used for. Say whether it was justified.",
                    tool.name
                ),
            ),
        };
        Ok(Some(Told::asks(subject, text, (emergency.review_due, AGAIN), link(capacity))))
    }
}
