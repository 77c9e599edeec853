//! `exceptions.put`, `exceptions.list`, `exceptions.get`, `exceptions.end`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::baseline::{BaselineCount, count};
use super::document::{Exception, OverReason};
use super::put::{Made, propose};
use super::view::{ExceptionView, answered, of_finding, of_person};
use super::{ExceptionKind, end};
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::documents::{self, Change, List as Page, Paging, Select, load};
use crate::drift::{self, Finding};
use crate::failure::Failure;
use crate::ids::{ExceptionId, FindingId, PersonId, ToolId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::ports::Ports;
use crate::proposal::ProposalView;
use crate::refusal::{Code, Refusal, malformed, not_found};
use crate::text::Paragraph;
use crate::time::Days;

/// `exceptions.put`.
#[derive(Debug)]
pub struct Put;

/// What `exceptions.put` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutException {
    /// Who may ask although policy denies it.
    pub person: PersonId,
    /// For which tool.
    pub tool: ToolId,
    /// Who answers for it: somebody else.
    pub owner: PersonId,
    /// Why.
    pub reason: Paragraph,
    /// Days until its end, 1 to 365.
    pub days: Days,
}

/// What `exceptions.put` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExceptionProposed {
    /// The exception, which is in force once somebody else confirms it.
    pub exception: ExceptionView,
    /// What waits for a second administrator.
    pub proposal: ProposalView,
}

impl Operation for Put {
    const NAME: &'static str = "exceptions.put";
    const SUMMARY: &'static str = "Let somebody ask for a tool that policy denies them, until a day; another administrator has to confirm it";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = PutException;
    type Output = ExceptionProposed;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PutException,
    ) -> Result<Decision<ExceptionProposed>, Failure> {
        let (store, mut change) = (context.store(), Change::new());
        let made = Made {
            person: input.person,
            tool: input.tool,
            owner: input.owner,
            reason: input.reason.clone(),
            days: input.days,
            checked: Vec::new(),
        };
        let actor = context.admission.actor()?;
        let (exception, proposal) = propose(store, &mut change, &context.moment, actor, made).await?;
        let view = crate::proposal::operations::view(context, &proposal).await?;
        // The exception is not stored yet when the proposal is looked at.
        let (ends_at, reason) = (Some(exception.ends_at), Some(input.reason.clone()));
        let proposal = ProposalView { ends_at, reason, ..view };
        let exception = of_person(&mut Names::new(store), &context.admission, &exception).await?;
        Ok(Decision::change(ExceptionProposed { exception, proposal }, change))
    }
}

/// The states by which exceptions can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionStateName {
    /// It waits for a second person.
    Proposed,
    /// It is in force.
    InForce,
    /// Nobody confirmed it.
    Refused,
    /// It is not in force any more.
    Over,
}

impl ExceptionStateName {
    fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::InForce => "in_force",
            Self::Refused => "refused",
            Self::Over => "over",
        }
    }
}

/// `exceptions.list`.
#[derive(Debug)]
pub struct List;

/// What `exceptions.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListExceptions {
    /// Only this state; those in force when not given. Of members of groups only those in force are listed: the others are findings.
    #[serde(default)]
    pub state: Option<ExceptionStateName>,
    /// Only this kind.
    #[serde(default)]
    pub kind: Option<ExceptionKind>,
    /// Only this tool.
    #[serde(default)]
    pub tool: Option<ToolId>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl ListExceptions {
    fn wants(&self, view: &ExceptionView) -> bool {
        self.kind.is_none_or(|kind| view.kind == kind) && self.tool.is_none_or(|tool| view.tool.id == tool)
    }
}

impl Operation for List {
    const NAME: &'static str = "exceptions.list";
    const SUMMARY: &'static str = "Exceptions of every kind by their end: people outside policy, members nobody approved, members from before";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = ListExceptions;
    type Output = Page<ExceptionView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListExceptions,
    ) -> Result<Decision<Self::Output>, Failure> {
        let mut after = input.after.clone();
        loop {
            let page = page(context, input, after).await?;
            let wanted: Vec<_> = page.items.into_iter().filter(|view| input.wants(view)).collect();
            if !wanted.is_empty() || page.next.is_none() {
                return Ok(Decision::answer(Page { items: wanted, next: page.next }));
            }
            after = page.next;
        }
    }
}

/// One page of both kinds of documents, merged by their ends: a cursor is a place in that order, hence in either.
async fn page<P: Ports>(
    context: &Context<'_, P>,
    input: &ListExceptions,
    after: Option<String>,
) -> Result<Page<ExceptionView>, Failure> {
    let store = context.store();
    let paging = Paging { after, limit: input.limit };
    let limit = usize::from(paging.limit());
    let state = input.state.unwrap_or(ExceptionStateName::InForce);
    let mut names = Names::new(store);
    let mut rows = BTreeMap::new();
    let of_people = Select::by(&Exception::BY_STATE, [state.as_str()]);
    let of_people = documents::list::<Exception>(store, of_people, &paging).await?;
    let mut more = of_people.next.is_some();
    for exception in &of_people.items {
        let view = of_person(&mut names, &context.admission, exception).await?;
        rows.insert((exception.ends_at, exception.id.to_string()), Some(view));
    }
    if state == ExceptionStateName::InForce {
        let findings =
            documents::list::<Finding>(store, Select::by(&Finding::BY_END, ["ending"]), &paging).await?;
        more |= findings.next.is_some();
        for finding in &findings.items {
            let Some(ends_at) = finding.ends_at() else { continue };
            let view = of_finding(&mut names, &context.admission, finding).await?;
            rows.insert((ends_at, finding.id.to_string()), view);
        }
    }
    more |= rows.len() > limit;
    let next =
        rows.keys().take(limit).next_back().filter(|_| more).map(|(ends_at, id)| format!("{id}~{ends_at}"));
    let items = rows.into_values().take(limit).flatten().collect();
    Ok(Page { items, next })
}

/// `exceptions.get`.
#[derive(Debug)]
pub struct Get;

/// What operations on one exception take: exactly one of both.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneException {
    /// The exception of a person.
    #[serde(default)]
    pub exception: Option<ExceptionId>,
    /// The finding that somebody answers for.
    #[serde(default)]
    pub finding: Option<FindingId>,
}

/// Which it is.
enum Which {
    Exception(ExceptionId),
    Finding(FindingId),
}

impl OneException {
    fn which(&self) -> Result<Which, Refusal> {
        match (self.exception, self.finding) {
            (Some(exception), None) => Ok(Which::Exception(exception)),
            (None, Some(finding)) => Ok(Which::Finding(finding)),
            _ => Err(malformed("exception", "or `finding` is required, and not both")),
        }
    }
}

/// What operations on one exception answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExceptionAnswer {
    /// The exception as it is now.
    pub exception: ExceptionView,
}

impl Operation for Get {
    const NAME: &'static str = "exceptions.get";
    const SUMMARY: &'static str = "One exception, of a person or of a finding that somebody answers for";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = OneException;
    type Output = ExceptionAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneException,
    ) -> Result<Decision<ExceptionAnswer>, Failure> {
        let store = context.store();
        let mut names = Names::new(store);
        let exception = match input.which()? {
            Which::Exception(id) => {
                let exception = load::<Exception>(store, &id.to_string()).await?;
                let exception = exception.ok_or_else(|| not_found("exception"))?;
                of_person(&mut names, &context.admission, &exception).await?
            }
            Which::Finding(id) => {
                let finding = load::<Finding>(store, &id.to_string()).await?;
                let finding = finding.ok_or_else(|| not_found("exception"))?;
                let view = of_finding(&mut names, &context.admission, &finding).await?;
                view.ok_or_else(|| not_found("exception"))?
            }
        };
        Ok(Decision::answer(ExceptionAnswer { exception }))
    }
}

/// `exceptions.end`.
#[derive(Debug)]
pub struct End;

impl Operation for End {
    const NAME: &'static str = "exceptions.end";
    const SUMMARY: &'static str = "End an exception before its date: access under it is taken away; a member for whom nobody answers is found again";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = OneException;
    type Output = ExceptionAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneException,
    ) -> Result<Decision<ExceptionAnswer>, Failure> {
        let (store, actor, mut change) = (context.store(), context.admission.actor()?, Change::new());
        let mut names = Names::new(store);
        let exception = match input.which()? {
            Which::Exception(id) => {
                let before = load::<Exception>(store, &id.to_string()).await?;
                let before = before.ok_or_else(|| not_found("exception"))?;
                let why = OverReason::Ended;
                let over = end::end(store, &mut change, &context.moment, &actor, &before, why).await?;
                of_person(&mut names, &context.admission, &over).await?
            }
            Which::Finding(id) => {
                let finding = load::<Finding>(store, &id.to_string()).await?;
                let finding = finding.ok_or_else(|| not_found("exception"))?;
                if answered(&finding).is_none() {
                    let message = "nobody answers for this any more";
                    return Err(Refusal::new(Code::ExceptionState, message).with("finding", id).into());
                }
                let view = of_finding(&mut names, &context.admission, &finding).await?;
                let view = view.ok_or_else(|| not_found("exception"))?;
                drift::stop_answering(store, &mut change, &context.moment, &actor, &finding).await?;
                ExceptionView {
                    state: "over".to_owned(),
                    ended_at: Some(context.moment.now),
                    ended_because: Some(OverReason::Ended),
                    may_end: false,
                    ..view
                }
            }
        };
        Ok(Decision::change(ExceptionAnswer { exception }, change))
    }
}

/// `exceptions.baseline`.
#[derive(Debug)]
pub struct Baseline;

/// What `exceptions.baseline` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BaselineOf {
    /// Of which tool's group.
    pub tool: ToolId,
}

impl Operation for Baseline {
    const NAME: &'static str = "exceptions.baseline";
    const SUMMARY: &'static str =
        "How many members from before a tool's group was bound are still without approval: it only falls";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = BaselineOf;
    type Output = BaselineCount;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &BaselineOf,
    ) -> Result<Decision<BaselineCount>, Failure> {
        Ok(Decision::answer(count(context.store(), input.tool).await?))
    }
}
