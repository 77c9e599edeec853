//! `reviews.decide`: whoever reviews says what becomes of the access.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::Review;
use super::renew::renew;
use super::reviewer::means;
use super::right::Reviewing;
use super::state::ReviewDecision;
use super::view::{ReviewView, review_view};
use super::{entries, look};
use crate::authorization::CallerKind::Approver;
use crate::authorization::CallerKinds;
use crate::catalog::Tool;
use crate::documents::{Change, Loaded, load};
use crate::exception::{Made, propose};
use crate::failure::Failure;
use crate::grant::{self, EndReason, Grant};
use crate::ids::{PersonId, ProposalId, ReviewId};
use crate::notices;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, Person};
use crate::ports::{Ports, Store};
use crate::refusal::{Code, Refusal, malformed, not_found};
use crate::text::{CommittedText, Paragraph};
use crate::time::Days;

/// What a reviewer can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewChoice {
    /// It is needed for longer: a request for more time is evaluated under today's policy.
    Renew,
    /// It is needed until its end and no longer.
    LetExpire,
    /// It is not needed any more: it is taken away now.
    Remove,
    /// Policy does not give it, and it is needed all the same: an exception until a day is proposed, which another administrator confirms. The
    /// reviewer has to be an administrator.
    Exception,
}

/// `reviews.decide`.
#[derive(Debug)]
pub struct Decide;

/// What `reviews.decide` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideReview {
    /// Which review.
    pub review: ReviewId,
    /// What.
    pub decision: ReviewChoice,
    /// Why; required to take access away.
    #[serde(default)]
    pub reason: Option<Paragraph>,
    /// To renew: days to add to the end; the tool's default when not given. For an exception: days until its end, required.
    #[serde(default)]
    pub days: Option<Days>,
    /// Who answers for an exception; the reviewer when not given.
    #[serde(default)]
    pub owner: Option<PersonId>,
}

impl DecideReview {
    fn check(&self) -> Result<(), Refusal> {
        let problem = match self.decision {
            ReviewChoice::LetExpire | ReviewChoice::Remove if self.days.is_some() => {
                ("days", "is for renewing and for an exception only")
            }
            ReviewChoice::Exception if self.days.is_none() => ("days", "is required: say for how long"),
            ReviewChoice::Exception if self.reason.is_none() => ("reason", "is required: say why"),
            ReviewChoice::Remove if self.reason.is_none() => {
                ("reason", "is required to take access away: say why")
            }
            ReviewChoice::Renew | ReviewChoice::LetExpire | ReviewChoice::Remove if self.owner.is_some() => {
                ("owner", "is for an exception only")
            }
            _ => return Ok(()),
        };
        Err(malformed(problem.0, problem.1))
    }
}

/// What operations on one review answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReviewAnswer {
    /// The review as stored now.
    pub review: ReviewView,
}

/// An open review that the caller decides, with what its decision rests on.
pub(super) struct Mine {
    pub(super) review: Loaded<Review>,
    pub(super) grant: Loaded<Grant>,
    pub(super) tool: Loaded<Tool>,
    pub(super) reviewer: Loaded<Person>,
    /// For whom they decide, if they stand in for somebody.
    pub(super) on_behalf_of: Option<PersonId>,
    /// What fails the commit when they may not decide any more.
    pub(super) checks: Change,
}

impl Mine {
    /// The review, if the caller may decide it now.
    ///
    /// # Errors
    /// [`Code::NotFound`] when they may not even see it, [`Code::OwnReview`], [`Code::NotEligible`], [`Code::ReviewState`].
    pub(super) async fn load<P: Ports>(context: &Context<'_, P>, id: ReviewId) -> Result<Self, Failure> {
        let store = context.store();
        let reviewer = context.admission.person()?.clone();
        let review = load::<Review>(store, &id.to_string()).await?.ok_or_else(|| not_found("review"))?;
        let (grant, tool) = subject(store, &review).await?;
        let meant = means(review.reviewer, &tool, review.person, &reviewer);
        let reviewing = Reviewing::load(store, &reviewer, context.moment.now).await?;
        let right = reviewing.right_to(&review, &tool);
        let decided = super::view::was_decided_by(&review, reviewer.id);
        if !(meant || right.is_some() || decided || context.admission.is_administrator()) {
            return Err(not_found("review").into());
        }
        if review.person == reviewer.id {
            return Err(Refusal::new(Code::OwnReview, "nobody reviews their own access").into());
        }
        review.require_open()?;
        let Some(right) = right else {
            return Err(if meant {
                let message = "you stand in for whoever has this access, and nobody reviews access for them";
                Refusal::new(Code::OwnReview, message)
            } else {
                let message = "you are not among those who review this access now";
                Refusal::new(Code::NotEligible, message)
            }
            .into());
        };
        // Between two looks of the clockwork the access may have ended.
        look::settle(&review, &grant, context.moment.now)?.require_open()?;
        let mut checks = Change::new();
        // Who may decide rests on the reviewer's groups as they are now, and on for whom they stand in.
        checks.check(&reviewer);
        reviewing.check(&mut checks, right);
        let on_behalf_of = right.on_behalf_of();
        Ok(Self { review, grant, tool, reviewer, on_behalf_of, checks })
    }
}

/// The grant and the tool that a review is about.
pub(super) async fn subject(
    store: &impl Store,
    review: &Review,
) -> Result<(Loaded<Grant>, Loaded<Tool>), Failure> {
    let grant = load::<Grant>(store, &review.grant.to_string()).await?;
    let tool = load::<Tool>(store, &review.tool.to_string()).await?;
    let of = |what: &str| Failure::Defect(format!("{} is of a {what} that does not exist", review.id));
    Ok((grant.ok_or_else(|| of("grant"))?, tool.ok_or_else(|| of("tool"))?))
}

impl Operation for Decide {
    const NAME: &'static str = "reviews.decide";
    const SUMMARY: &'static str =
        "Say of somebody's access that it is needed for longer, until its end, or not any more";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Approver]);
    type Input = DecideReview;
    type Output = ReviewAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &DecideReview,
    ) -> Result<Decision<ReviewAnswer>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let mut mine = Mine::load(context, input.review).await?;
        input.check()?;
        let mut change = std::mem::take(&mut mine.checks);
        let decision = match input.decision {
            ReviewChoice::Renew => {
                let days = input.days.unwrap_or(mine.tool.default_days);
                let (renewal, submitted) = renew(context, &mine, days).await?;
                change.extend(submitted);
                ReviewDecision::Renew { days, renewal }
            }
            ReviewChoice::LetExpire => {
                change.check(&mine.tool);
                change.check(&mine.grant);
                ReviewDecision::LetExpire
            }
            ReviewChoice::Remove => {
                change.check(&mine.tool);
                let actor = context.admission.actor()?;
                let (_, ending) =
                    grant::ending(store, &mine.grant, &actor, moment, EndReason::Revoked).await?;
                change.extend(ending);
                ReviewDecision::Remove
            }
            ReviewChoice::Exception => {
                change.check(&mine.grant);
                ReviewDecision::Exception { proposal: except(context, &mut change, &mine, input).await? }
            }
        };
        let reason = input.reason.clone().map(|text| CommittedText::new(text, moment, "reason"));
        let by = (mine.reviewer.id, mine.on_behalf_of);
        let review = mine.review.decide(decision, by, moment.now, reason)?;
        look::write(store, &mut change, &mine.review, &review).await?;
        entries::decided(&mut change, &review);
        notices::review_decided(&mut change, moment, review.id, review.person);
        let names = &mut Names::new(store);
        let review = review_view(names, &context.admission, None, &review, moment.now).await?;
        Ok(Decision::change(ReviewAnswer { review }, change))
    }
}

/// Proposes an exception for the holder, as an administrator may; what waits for another one.
async fn except<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    mine: &Mine,
    input: &DecideReview,
) -> Result<ProposalId, Failure> {
    let (Some(reason), Some(days)) = (input.reason.clone(), input.days) else {
        return Err(malformed("decision", "needs a reason and days").into());
    };
    if !context.admission.is_administrator() {
        let message = "only administrators propose exceptions; ask one of them";
        return Err(Refusal::new(Code::NotPermitted, message).into());
    }
    change.check(&mine.tool);
    let owner = input.owner.unwrap_or(mine.reviewer.id);
    let made = Made {
        person: mine.review.person,
        tool: mine.tool.id,
        owner,
        reason,
        days,
        checked: [mine.reviewer.id].into_iter().chain(mine.on_behalf_of).collect(),
    };
    let (store, moment) = (context.store(), &context.moment);
    let (_, proposal) = propose(store, change, moment, context.admission.actor()?, made).await?;
    Ok(proposal.id)
}
