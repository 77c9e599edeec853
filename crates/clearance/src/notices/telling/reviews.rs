//! What is told of reviews: to those who can decide one, and to whoever has the access.

use super::{Link, LinkKind, Teller, Told};
use crate::catalog::Tool;
use crate::documents::load;
use crate::failure::Failure;
use crate::ids::ReviewId;
use crate::people::Person;
use crate::ports::Store;
use crate::review::{Renewal, Review, ReviewCause, ReviewDecision, ReviewState, Reviewing};

impl<S: Store> Teller<'_, S> {
    /// That a review waits for the reader, while they may decide it.
    pub(super) async fn of_waiting_review(
        &mut self,
        review: ReviewId,
        reader: &Person,
    ) -> Result<Option<Told>, Failure> {
        let Some(review) = load::<Review>(self.store, &review.to_string()).await? else { return Ok(None) };
        let Some(tool) = load::<Tool>(self.store, &review.tool.to_string()).await? else { return Ok(None) };
        let reviewing = Reviewing::load(self.store, reader, self.now).await?;
        let Some(right) = reviewing.right_to(&review, &tool).filter(|_| review.is_open()) else {
            return Ok(None);
        };
        let on_behalf_of = match self.names.person_if(right.on_behalf_of()).await? {
            Some(delegator) => format!(" You decide it for {}.", delegator.name),
            None => String::new(),
        };
        let person = self.names.person(review.person).await?.name;
        let because = match review.cause {
            ReviewCause::Ending => "",
            ReviewCause::RiskRaised => ", which became riskier",
            ReviewCause::Burst => ", to which many people got access within days",
            ReviewCause::SeatCap => ", which has fewer seats than before",
        };
        let subject = format!("Does {person} still need {}?", tool.name);
        let text = format!(
            "{person} has access to {}{because}. Say whether it is still needed.{on_behalf_of}",
            tool.name
        );
        let told = Told::news(subject, text, Link::at(LinkKind::Reviews));
        let otherwise = review.ends_at.map(|_| "the access ends");
        Ok(Some(Told { deadline: review.ends_at, otherwise, asks: true, ..told }))
    }

    /// What the review of the reader's own access came to.
    pub(super) async fn of_own_review(
        &mut self,
        review: ReviewId,
        reader: &Person,
    ) -> Result<Option<Told>, Failure> {
        let review = load::<Review>(self.store, &review.to_string()).await?;
        let Some(review) = review.filter(|review| review.person == reader.id) else { return Ok(None) };
        let ReviewState::Decided { decision, .. } = &review.state else { return Ok(None) };
        let tool = self.names.tool(review.tool).await?.name;
        let (what, ends_at, otherwise) = match decision {
            ReviewDecision::Renew { renewal: Renewal::Extended { ends_at, .. }, .. } => {
                ("It was renewed.", Some(*ends_at), None)
            }
            ReviewDecision::Renew { renewal: Renewal::Asked { .. }, .. } => {
                ("It is to be renewed; others still have to approve that.", review.ends_at, Some("it ends"))
            }
            ReviewDecision::Renew { renewal: Renewal::Denied { .. }, .. } => {
                ("It was to be renewed, which policy denies: it ends as planned.", review.ends_at, None)
            }
            ReviewDecision::Renew { renewal: Renewal::AwaitsAcceptance, .. } => (
                "It is to be renewed. Its usage policy has changed: read and accept it, and ask for more time.",
                review.ends_at,
                Some("it ends"),
            ),
            ReviewDecision::LetExpire => ("It ends as planned and is not renewed.", review.ends_at, None),
            ReviewDecision::Remove => ("It is being taken away.", None, None),
            ReviewDecision::Exception { .. } => (
                "An exception was proposed for it, which somebody else has to confirm.",
                review.ends_at,
                None,
            ),
        };
        let subject = format!("Your access to {tool} was reviewed");
        let told = Told::news(subject, what.to_owned(), Link::to(LinkKind::Access, review.grant));
        Ok(Some(Told { deadline: ends_at, otherwise, ..told }))
    }
}
