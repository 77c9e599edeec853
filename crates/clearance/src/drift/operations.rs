//! `drift.list`, `drift.check`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{FindingView, Views};
use super::{DriftCheck, Finding};
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::connector::ProviderGroup;
use crate::documents::{self, Change, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::ToolId;
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::Ports;
use crate::refusal::not_found;

/// The states by which findings can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingStateName {
    /// It is so.
    Open,
    /// It is not so any more, or somebody answers for it.
    Settled,
}

impl FindingStateName {
    fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Settled => "settled",
        }
    }
}

/// `drift.list`.
#[derive(Debug)]
pub struct List;

/// What `drift.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListFindings {
    /// Only those about this tool's group.
    #[serde(default)]
    pub tool: Option<ToolId>,
    /// Only this state; any, the newest first, when not given.
    #[serde(default)]
    pub state: Option<FindingStateName>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "drift.list";
    const SUMMARY: &'static str = "Differences between who is in a tool's group and who may be: in one state the longest seen first, in any the newest";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = ListFindings;
    type Output = documents::List<FindingView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListFindings,
    ) -> Result<Decision<Self::Output>, Failure> {
        let store = context.store();
        let select = match (input.tool, input.state.map(FindingStateName::as_str)) {
            (Some(tool), Some(state)) => Select::by(&Finding::BY_TOOL, [tool.to_string().as_str(), state]),
            (None, Some(state)) => Select::by(&Finding::BY_STATE, [state]),
            (_, None) => Select::by(&Finding::BY_TIME, ["all"]).descending(),
        };
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let wanted = |finding: &Finding| input.tool.is_none_or(|tool| finding.tool == tool);
        let page = documents::list_where::<Finding>(store, select, paging, wanted).await?;
        let mut views = Views::new(store);
        let mut items = Vec::with_capacity(page.items.len());
        for finding in &page.items {
            items.push(views.finding(finding).await?);
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

/// `drift.check`.
#[derive(Debug)]
pub struct Check;

/// What `drift.check` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckTool {
    /// The tool whose group is to be checked.
    pub tool: ToolId,
}

/// What `drift.check` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckAnswer {
    /// Whether this call made the check due; not when it was due already.
    pub queued: bool,
}

impl Operation for Check {
    const NAME: &'static str = "drift.check";
    const SUMMARY: &'static str = "Let a tool's group be checked now rather than when it is due";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    const RATE_CLASS: Option<RateClass> = Some(RateClass::ConnectorTests);
    type Input = CheckTool;
    type Output = CheckAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &CheckTool,
    ) -> Result<Decision<CheckAnswer>, Failure> {
        let (store, key, now) = (context.store(), input.tool.to_string(), context.moment.now);
        let group = load::<ProviderGroup>(store, &key).await?.ok_or_else(|| not_found("group of a tool"))?;
        let before = load::<DriftCheck>(store, &key).await?;
        if before.as_ref().is_some_and(|check| check.due_at <= now) {
            return Ok(Decision::answer(CheckAnswer { queued: false }));
        }
        let check = before.as_deref().cloned();
        let check = check.unwrap_or_else(|| DriftCheck::never(&group, now));
        let mut change = Change::new();
        change.upsert(before.as_ref(), &DriftCheck { due_at: now, ..check });
        Ok(Decision::change(CheckAnswer { queued: true }, change))
    }
}
