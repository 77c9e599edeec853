//! Stages that pass to other people: when they time out, and when nobody is left who could decide them.

use std::collections::BTreeSet;

use super::eligibility::{Circle, excluded};
use super::waiting::{show_waiting, summary_of};
use crate::catalog::Tool;
use crate::documents::{Change, Loaded, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people::Person;
use crate::policy::{Approvers, Quorum};
use crate::ports::Store;
use crate::refusal::not_found;
use crate::request::{Course, OpenStage, Request, RequestState, Review};
use crate::settings::{self, Settings};
use crate::time::Timestamp;

/// A pending request with what says who decides it.
pub(crate) struct WaitingRequest {
    pub(crate) request: Loaded<Request>,
    pub(crate) settings: Loaded<Settings>,
    pub(crate) tool: Loaded<Tool>,
    requester: Loaded<Person>,
    /// Who does not decide its open stage: whoever asks, who stands in for them, and who decided before or had somebody decide for them.
    without: BTreeSet<PersonId>,
}

impl WaitingRequest {
    /// A pending request, ready to be passed on.
    ///
    /// # Errors
    /// [`RequestState`](crate::refusal::Code::RequestState) when it does not wait for approval.
    pub(crate) async fn load(
        store: &impl Store,
        request: Loaded<Request>,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let mut without = excluded(store, request.requester, now).await?;
        without.extend(request.pending_review()?.deciders());
        let settings = settings::current(store).await?;
        let tool = load::<Tool>(store, &request.tool.to_string()).await?.ok_or_else(|| not_found("tool"))?;
        let requester = load::<Person>(store, &request.requester.to_string()).await?;
        let requester = requester.ok_or_else(|| not_found("person"))?;
        Ok(Self { request, settings, tool, requester, without })
    }

    pub(crate) fn circle(&self) -> Circle<'_> {
        Circle::of(&self.settings, &self.tool, &self.request)
    }

    /// Whether as many can decide the open stage now as it needs.
    pub(crate) async fn is_decidable(&self, store: &impl Store, open: &OpenStage) -> Result<bool, Failure> {
        let people = self.circle().people(store, &open.approvers(), &self.without).await?;
        let given = u32::try_from(open.approvals.len()).unwrap_or(u32::MAX);
        let left = u32::try_from(people.len()).unwrap_or(u32::MAX);
        Ok(left >= open.required.saturating_sub(given).max(1))
    }

    /// The open stage as it is when its fallback takes over: when that has too few people, administrators do.
    pub(crate) async fn fall_back(&self, store: &impl Store, now: Timestamp) -> Result<OpenStage, Failure> {
        let open = &self.request.pending_review()?.open;
        let people = self.circle().people(store, &open.plan.fallback, &self.without).await?;
        let given = u32::try_from(open.approvals.len()).unwrap_or(u32::MAX);
        let left = u32::try_from(people.len()).unwrap_or(u32::MAX);
        let required = match open.plan.quorum {
            Quorum::Any => 1,
            Quorum::AtLeast(number) => u32::from(number.max(1)),
            Quorum::All => given.saturating_add(left.max(1)),
        };
        if left < required.saturating_sub(given).max(1) {
            return Ok(to_administrators(open, now));
        }
        Ok(OpenStage { required, course: Course::FellBack { at: now }, stranded_since: None, ..open.clone() })
    }

    /// Writes the request with its open stage passed on, and shows it to whom it is passed.
    pub(crate) fn pass_to(&self, change: &mut Change, open: OpenStage) -> Result<Request, Failure> {
        let review = self.request.pending_review()?;
        let mut after = Review { open, ..review.clone() };
        let summary = summary_of(&self.request, &self.requester, &self.tool, review.deadline);
        show_waiting(change, self.circle(), &review.open.queue, &mut after, &summary);
        let passed = self.request.in_state(RequestState::Pending { review: after });
        change.update(&self.request, &passed);
        Ok(passed)
    }
}

/// The stage as administrators decide it: one of them, besides those who have approved it already.
pub(crate) fn to_administrators(open: &OpenStage, now: Timestamp) -> OpenStage {
    let given = u32::try_from(open.approvals.len()).unwrap_or(u32::MAX);
    OpenStage {
        required: given.saturating_add(1),
        course: Course::Administrators { at: now },
        stranded_since: None,
        ..open.clone()
    }
}

/// Whether administrators are all whom a stage asks.
pub(crate) fn asks_administrators_alone(open: &OpenStage) -> bool {
    open.approvers() == BTreeSet::from([Approvers::Administrators])
}
