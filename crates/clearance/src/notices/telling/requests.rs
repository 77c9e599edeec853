//! What is told of requests.

use super::{Link, LinkKind, Teller, Told};
use crate::approval::{Circle, Standing, right_of};
use crate::catalog::Tool;
use crate::documents::load;
use crate::failure::Failure;
use crate::grant::Grant;
use crate::ids::RequestId;
use crate::people::Person;
use crate::ports::Store;
use crate::request::{Request, RequestState, SeatWait};

/// What happens to a request on which nobody acts.
const LAPSES: &str = "it lapses, and has to be asked for anew";

impl<S: Store> Teller<'_, S> {
    /// That a request waits for the reader's decision, while they may decide it.
    pub(super) async fn of_waiting_request(
        &mut self,
        request: RequestId,
        reader: &Person,
    ) -> Result<Option<Told>, Failure> {
        let (store, now) = (self.store, self.now);
        let Some(request) = load::<Request>(store, &request.to_string()).await? else { return Ok(None) };
        let Some(tool) = load::<Tool>(store, &request.tool.to_string()).await? else { return Ok(None) };
        let RequestState::Pending { review } = &request.state else { return Ok(None) };
        let circle = Circle::of(self.settings().await?, &tool, &request);
        let standing = right_of(store, circle, (&request, review), reader, now).await?;
        let Standing::Decides(right) = standing else { return Ok(None) };
        let on_behalf_of = match self.names.person_if(right.on_behalf_of()).await? {
            Some(delegator) => format!(" You decide for {}.", delegator.name),
            None => String::new(),
        };
        let requester = self.names.person(request.requester).await?.name;
        let text = format!(
            "{requester} asks for {} for {}. It waits for your decision.{on_behalf_of}",
            tool.name, request.days
        );
        Ok(Some(Told::asks(
            format!("{requester} asks for {}", tool.name),
            text,
            (review.deadline, LAPSES),
            Link::to(LinkKind::Approval, request.id),
        )))
    }

    /// That nobody at all can decide a request, while that is so.
    pub(super) async fn of_stranded_request(&mut self, request: RequestId) -> Result<Option<Told>, Failure> {
        let Some(request) = load::<Request>(self.store, &request.to_string()).await? else { return Ok(None) };
        let Some(review) = request.review().filter(|review| review.open.stranded_since.is_some()) else {
            return Ok(None);
        };
        let requester = self.names.person(request.requester).await?.name;
        let tool = self.names.tool(request.tool).await?.name;
        let subject = format!("Nobody can decide the request of {requester} for {tool}");
        let text = format!("{subject}. Add somebody to the group of administrators who approve.");
        let link = Link::to(LinkKind::Request, request.id);
        Ok(Some(Told::asks(subject, text, (review.deadline, LAPSES), link)))
    }

    /// What became of the reader's own request, or what is asked of them.
    pub(super) async fn of_own_request(
        &mut self,
        request: RequestId,
        reader: &Person,
    ) -> Result<Option<Told>, Failure> {
        let request = load::<Request>(self.store, &request.to_string()).await?;
        let Some(request) = request.filter(|request| request.requester == reader.id) else { return Ok(None) };
        let tool = self.names.tool(request.tool).await?.name;
        let link = Link::to(LinkKind::Request, request.id);
        let news = |subject: String, more: &str| {
            let text = format!("{subject}.{more}");
            Told::news(subject, text, link.clone())
        };
        Ok(match &request.state {
            RequestState::Pending { .. } => None,
            RequestState::NeedsInformation { review } => {
                let subject = format!("An approver has a question about your request for {tool}");
                let text = format!("{subject}. It waits for your answer.");
                Some(Told::asks(subject, text, (review.deadline, LAPSES), link))
            }
            RequestState::Approved { withdrawn: Some(_), .. } => {
                let subject = format!("The approval of your request for {tool} was taken back");
                Some(news(subject, " The access that it gave is taken away. The request says why."))
            }
            RequestState::Approved { days, grant, .. } => {
                let grant = load::<Grant>(self.store, &grant.to_string()).await?;
                let ends_at = grant.and_then(|grant| grant.runs_until());
                let subject = format!("Your request for {tool} was approved");
                let text = format!("{subject} for {days}.");
                let otherwise =
                    ends_at.map(|_| "access ends; ask for an extension before that if you need it");
                Some(Told { deadline: ends_at, otherwise, ..Told::news(subject, text, link) })
            }
            RequestState::AwaitingSeat { seat: SeatWait::Listed, .. } => {
                let subject = format!("Your request for {tool} was approved, and waits for a seat");
                Some(news(subject, " Every seat is taken now; you are told when one is kept for you."))
            }
            RequestState::AwaitingSeat { seat: SeatWait::Offered { until, .. }, .. } => {
                let subject = format!("A seat of {tool} is kept for you");
                let text = format!("{subject}. Accept it in time.");
                let otherwise = "it goes to whoever is next, and you have to ask anew";
                Some(Told::asks(subject, text, (*until, otherwise), link))
            }
            RequestState::Forgone { .. } => {
                let subject = format!("Your seat of {tool} was not taken");
                Some(news(subject, " Ask again if you still need it."))
            }
            RequestState::Denied { .. } => {
                Some(news(format!("Your request for {tool} was denied"), " The request says why."))
            }
            RequestState::Cancelled { .. } => {
                Some(news(format!("Your request for {tool} was withdrawn"), ""))
            }
            RequestState::Lapsed { .. } => {
                let subject = format!("Nobody decided your request for {tool} in time");
                Some(news(subject, " Ask again if you still need it."))
            }
        })
    }
}
