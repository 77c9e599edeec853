//! `reviews.postpone`: whoever reviews needs more time, within bounds.

use schemars::JsonSchema;
use serde::Deserialize;

use super::decide::{Mine, ReviewAnswer};
use super::right::Reviewing;
use super::view::review_view;
use super::{entries, look};
use crate::authorization::CallerKind::Approver;
use crate::authorization::CallerKinds;
use crate::failure::Failure;
use crate::ids::ReviewId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::ports::Ports;
use crate::settings;
use crate::text::{CommittedText, Paragraph};
use crate::time::Days;

/// `reviews.postpone`.
#[derive(Debug)]
pub struct Postpone;

/// What `reviews.postpone` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PostponeReview {
    /// Which review.
    pub review: ReviewId,
    /// Why.
    pub reason: Paragraph,
    /// For how long; as long as the settings allow when not given. Never until the access ends.
    #[serde(default)]
    pub days: Option<Days>,
}

impl Operation for Postpone {
    const NAME: &'static str = "reviews.postpone";
    const SUMMARY: &'static str =
        "Put a review off, as often and as long as the settings allow; the end of the access stays";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Approver]);
    type Input = PostponeReview;
    type Output = ReviewAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PostponeReview,
    ) -> Result<Decision<ReviewAnswer>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let mut mine = Mine::load(context, input.review).await?;
        let settings = settings::current(store).await?;
        let reason = CommittedText::new(input.reason.clone(), moment, "reason");
        let by = (mine.reviewer.id, mine.on_behalf_of);
        let review = mine.review.postpone(&settings.reviews, input.days, by, moment.now, reason)?;
        let mut change = std::mem::take(&mut mine.checks);
        change.check(&mine.tool);
        look::write(store, &mut change, &mine.review, &review).await?;
        if let Some(postponement) = review.postponements.last() {
            entries::postponed(&mut change, &review, postponement);
        }
        let reviewing = Reviewing::load(store, &mine.reviewer, moment.now).await?;
        let names = &mut Names::new(store);
        let review = review_view(names, &context.admission, Some(&reviewing), &review, moment.now).await?;
        Ok(Decision::change(ReviewAnswer { review }, change))
    }
}
