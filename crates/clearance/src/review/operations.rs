//! `reviews.list`, `reviews.get`.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decide::subject;
use super::document::Review;
use super::facts::{ReviewFacts, facts};
use super::right::Reviewing;
use super::view::{ReviewStateName, ReviewView, review_view, was_decided_by};
use crate::approval::Selector;
use crate::authorization::CallerKind::{Administrator, Approver, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::catalog::{Ownership, Tool};
use crate::documents::{self, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::{ReviewId, ToolId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::ports::{MAX_PAGE, Ports, Store};
use crate::refusal::not_found;

/// `reviews.list`.
#[derive(Debug)]
pub struct List;

/// What `reviews.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListReviews {
    /// Only those that the caller can decide now, the next end first. Whoever neither administers nor audits sees no others.
    #[serde(default)]
    pub mine: bool,
    /// Only this state; not for those that the caller can decide.
    #[serde(default)]
    pub state: Option<ReviewStateName>,
    /// Only of access to this tool.
    #[serde(default)]
    pub tool: Option<ToolId>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "reviews.list";
    const SUMMARY: &'static str = "Reviews of access: those that the caller can decide, or for administrators and auditors all, newest first";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Approver, Administrator, Auditor, Console]);
    type Input = ListReviews;
    type Output = documents::List<ReviewView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListReviews,
    ) -> Result<Decision<Self::Output>, Failure> {
        let store = context.store();
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let wanted = |review: &Review| input.tool.is_none_or(|tool| review.tool == tool);
        let reviewing = match context.admission.person() {
            Ok(person) => Some(Reviewing::load(store, person, context.moment.now).await?),
            Err(_) => None,
        };
        let page = if input.mine || !context.admission.sees_all() {
            context.admission.person()?;
            match &reviewing {
                Some(reviewing) => mine(store, reviewing, paging, wanted).await?,
                None => documents::List { items: Vec::new(), next: None },
            }
        } else {
            let select = match input.state {
                Some(state) => Select::by(&Review::BY_STATE, [state.as_str()]),
                None => Select::by(&Review::BY_TIME, ["all"]),
            };
            documents::list_where(store, select.descending(), paging, wanted).await?
        };
        let mut names = Names::new(store);
        let mut items = Vec::with_capacity(page.items.len());
        for review in &page.items {
            let (admission, now) = (&context.admission, context.moment.now);
            items.push(review_view(&mut names, admission, reviewing.as_ref(), review, now).await?);
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

/// Reviews that a person can decide, the next end first: found under themselves, their groups, the tools that they own, and those of whoever
/// they stand in for.
async fn mine(
    store: &impl Store,
    reviewing: &Reviewing<'_>,
    paging: Paging,
    wanted: impl Fn(&Review) -> bool,
) -> Result<documents::List<Loaded<Review>>, Failure> {
    let mut selectors = BTreeSet::new();
    for person in reviewing.people() {
        selectors.insert(Selector::Person(person.id));
        selectors.extend(person.groups.iter().copied().map(Selector::Group));
        let owned = Select::by(&Ownership::BY_PERSON, [person.id]);
        let all = Paging { after: None, limit: Some(MAX_PAGE) };
        let owned = documents::list::<Ownership>(store, owned, &all).await?;
        selectors.extend(owned.items.iter().map(|ownership| Selector::Owner(ownership.tool)));
    }
    let limit = usize::from(paging.limit());
    let mut after = paging.after;
    loop {
        // A cursor is a place in the order of ends and keys, hence in every partition.
        let (mut rows, mut more) = (BTreeMap::new(), false);
        for selector in &selectors {
            let paging = Paging { after: after.clone(), limit: paging.limit };
            let page =
                documents::list::<Review>(store, Select::by(&Review::BY_REVIEWER, [selector]), &paging)
                    .await?;
            more |= page.next.is_some();
            rows.extend(page.items.into_iter().map(|review| ((review.due_at(), review.id), review)));
        }
        more |= rows.len() > limit;
        let rows: Vec<_> = rows.into_iter().take(limit).collect();
        let next = rows.last().filter(|_| more).map(|((due_at, id), _)| format!("{id}~{due_at}"));
        let mut items = Vec::with_capacity(rows.len());
        for (_, review) in rows {
            let tool = load::<Tool>(store, &review.tool.to_string()).await?;
            let theirs = tool.is_some_and(|tool| reviewing.right_to(&review, &tool).is_some());
            if theirs && wanted(&review) {
                items.push(review);
            }
        }
        if !items.is_empty() || next.is_none() {
            return Ok(documents::List { items, next });
        }
        after = next;
    }
}

/// `reviews.get`.
#[derive(Debug)]
pub struct Get;

/// What operations on one review take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneReview {
    /// Which.
    pub review: ReviewId,
}

/// What `reviews.get` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReviewWithFacts {
    /// The review.
    pub review: ReviewView,
    /// The facts of its grant as they are now.
    pub facts: ReviewFacts,
}

impl Operation for Get {
    const NAME: &'static str = "reviews.get";
    const SUMMARY: &'static str = "One review, with the facts of the access that it is about";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Approver, Administrator, Auditor, Console]);
    type Input = OneReview;
    type Output = ReviewWithFacts;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneReview,
    ) -> Result<Decision<ReviewWithFacts>, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let review = load::<Review>(store, &input.review.to_string()).await?;
        let review = review.ok_or_else(|| not_found("review"))?;
        let (grant, tool) = subject(store, &review).await?;
        let person = context.admission.person().ok();
        let reviewing = match person {
            Some(person) => Some(Reviewing::load(store, person, now).await?),
            None => None,
        };
        let right = reviewing.as_ref().filter(|_| review.is_open());
        let right = right.and_then(|reviewing| reviewing.right_to(&review, &tool));
        let decided = person.is_some_and(|person| was_decided_by(&review, person.id));
        if !(context.admission.sees_all() || right.is_some() || decided) {
            return Err(not_found("review").into());
        }
        let mut names = Names::new(store);
        names.know_tool(&tool);
        let view = review_view(&mut names, &context.admission, reviewing.as_ref(), &review, now).await?;
        let facts = facts(&mut names, &context.admission, &review, (&grant, &tool), now).await?;
        Ok(Decision::answer(ReviewWithFacts { review: view, facts }))
    }
}
