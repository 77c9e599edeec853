//! `catalog.list`, `catalog.get`, `catalog.load_starter`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::put::{record, reserve_name};
use super::starter;
use super::tool::{Category, DataClass, Risk, Tool, ToolStatus};
use super::view::{ToolView, sees, tool_view};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Approver, Auditor, Console, Owner, Requester};
use crate::authorization::{Admission, CallerKinds};
use crate::documents::{self, Change, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::ToolId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::ports::Ports;
use crate::proposal::{Agreed, needs_second};
use crate::refusal::{Code, not_found};
use crate::settings::operations::Nothing;
use crate::text::Line;

/// `catalog.list`.
#[derive(Debug)]
pub struct List;

/// What `catalog.list` takes. Filters narrow; a page may hold fewer items than its limit and still have a `next`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListTools {
    /// Words that name, vendor, summary or tags contain.
    #[serde(default)]
    pub search: Option<String>,
    /// Only this risk.
    #[serde(default)]
    pub risk: Option<Risk>,
    /// Only tools that allow this data class.
    #[serde(default)]
    pub data_class: Option<DataClass>,
    /// Only this category.
    #[serde(default)]
    pub category: Option<Category>,
    /// Only this status. Without it: `requestable` for requesters, every status for administrators, auditors and console.
    #[serde(default)]
    pub status: Option<ToolStatus>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl ListTools {
    fn matches(&self, tool: &Tool) -> bool {
        let found = |word: &str| {
            [tool.name.as_str(), tool.vendor.as_str(), tool.summary.as_str(), tool.category.as_str()]
                .into_iter()
                .chain(tool.tags.iter().map(Line::as_str))
                .any(|text| text.to_lowercase().contains(word))
        };
        self.risk.is_none_or(|risk| tool.risk == risk)
            && self.data_class.is_none_or(|class| tool.data_classes.contains(&class))
            && self.category.is_none_or(|category| tool.category == category)
            && self.search.as_ref().is_none_or(|search| search.to_lowercase().split_whitespace().all(found))
    }

    fn select(&self, admission: &Admission) -> Select {
        let status = match self.status {
            Some(status) => Some(status),
            None if admission.sees_all() => None,
            None => Some(ToolStatus::Requestable),
        };
        match (status, self.risk) {
            (Some(status), Some(risk)) => Select::by(&Tool::BY_RISK, [status.as_str(), risk.as_str()]),
            (Some(status), None) => Select::by(&Tool::BY_STATUS, [status.as_str()]),
            (None, _) => Select::by(&Tool::BY_NAME, ["all"]),
        }
    }
}

/// Pages read for one answer at most, so that a filter that matches little does not read a whole catalogue in one call.
const MAX_PAGES_READ: usize = 10;

impl Operation for List {
    const NAME: &'static str = "catalog.list";
    const SUMMARY: &'static str = "Tools by name";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds =
        CallerKinds::of(&[Requester, Approver, Owner, Administrator, Auditor, Console]);
    type Input = ListTools;
    type Output = documents::List<ToolView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListTools,
    ) -> Result<Decision<Self::Output>, Failure> {
        let limit = Paging { after: None, limit: input.limit }.limit();
        let mut names = Names::new(context.store());
        let mut items = Vec::new();
        let mut after = input.after.clone();
        for _ in 0..MAX_PAGES_READ {
            let wanted = u16::try_from(usize::from(limit).saturating_sub(items.len())).unwrap_or(limit);
            let paging = Paging { after: after.take(), limit: Some(wanted) };
            let page =
                documents::list::<Tool>(context.store(), input.select(&context.admission), &paging).await?;
            for tool in page.items.iter().filter(|tool| input.matches(tool) && sees(&context.admission, tool))
            {
                items.push(tool_view(&mut names, &context.admission, tool).await?);
            }
            after = page.next;
            if after.is_none() || items.len() >= usize::from(limit) {
                break;
            }
        }
        Ok(Decision::answer(documents::List { items, next: after }))
    }
}

/// `catalog.get`.
#[derive(Debug)]
pub struct Get;

/// What `catalog.get` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetTool {
    /// Which tool.
    pub tool: ToolId,
}

/// What operations on one tool answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ToolAnswer {
    /// The tool as stored now.
    pub tool: ToolView,
}

impl Operation for Get {
    const NAME: &'static str = "catalog.get";
    const SUMMARY: &'static str = "One tool";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds =
        CallerKinds::of(&[Requester, Approver, Owner, Administrator, Auditor, Console]);
    type Input = GetTool;
    type Output = ToolAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GetTool,
    ) -> Result<Decision<ToolAnswer>, Failure> {
        let tool = load::<Tool>(context.store(), &input.tool.to_string()).await?;
        let tool = tool.filter(|tool| sees(&context.admission, tool)).ok_or_else(|| not_found("tool"))?;
        let tool = tool_view(&mut Names::new(context.store()), &context.admission, &tool).await?;
        Ok(Decision::answer(ToolAnswer { tool }))
    }
}

/// `catalog.load_starter`.
#[derive(Debug)]
pub struct LoadStarter;

/// What `catalog.load_starter` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Added {
    /// Tools added, as drafts once people ask for access; those there already are left as they are.
    pub added: u32,
}

impl Operation for LoadStarter {
    const NAME: &'static str = "catalog.load_starter";
    const SUMMARY: &'static str = "Load the starter catalogue of AI tools";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = Nothing;
    type Output = Added;

    /// Each tool is a commit of its own: a commit holds few documents, and loading again continues where it stopped.
    async fn run<P: Ports>(context: &Context<'_, P>, _: &Nothing) -> Result<Decision<Added>, Failure> {
        let store = context.store();
        let mut added = 0;
        for tool in starter::tools()? {
            if load::<Tool>(store, &tool.id.to_string()).await?.is_some() {
                continue;
            }
            let mut change = Change::new();
            match reserve_name(store, &mut change, None, &tool).await {
                Err(Failure::Refused(refusal)) if refusal.code() == Code::NameInUse => continue,
                reserved => reserved?,
            }
            // Nobody opens so many tools alone once people ask for access.
            let status = if needs_second(store, &mut change).await? {
                ToolStatus::Draft
            } else {
                ToolStatus::Requestable
            };
            let tool = Tool { status, ..tool };
            change.insert(&tool);
            let agreed = Agreed::alone(context.admission.actor()?);
            let wider = status == ToolStatus::Requestable;
            record(&mut change, context.moment.now, (&agreed, wider), EventKind::ToolAdded, &tool);
            // Somebody else loads it at the same moment, and added this one.
            if change.commit_if_first(store).await? {
                added += 1;
            }
        }
        Ok(Decision::answer(Added { added }))
    }
}
