//! `issues.waiting`: issues that wait for somebody.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::issue::{IssueIntake, IssueOfRequest};
use crate::authorization::CallerKind::{Administrator, Approver, Auditor, Owner};
use crate::authorization::CallerKinds;
use crate::catalog::ToolRef;
use crate::documents::{self, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::RequestId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, PersonRef};
use crate::ports::{IssueId, Ports};
use crate::request::{Request, Source, sees_request};
use crate::time::Timestamp;

/// `issues.waiting`.
#[derive(Debug)]
pub struct ListWaiting;

/// What `issues.waiting` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListWaitingInput {
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

/// What an issue waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// That its reporter confirms it.
    Confirmation,
    /// That approvers decide.
    Approval,
    /// That the requester answers.
    Information,
}

/// An issue that waits. Who may not see the request learns neither whose it is nor for which tool.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WaitingIssue {
    /// The issue's id.
    pub issue: IssueId,
    /// What it waits for.
    pub waits_for: WaitsFor,
    /// Since when.
    pub since: Timestamp,
    /// The request, for those who may see it.
    pub request: Option<RequestId>,
    /// Who asks, likewise.
    pub requester: Option<PersonRef>,
    /// For which tool, likewise.
    pub tool: Option<ToolRef>,
}

/// The three lists, one after the other; a cursor begins with the letter of its list.
const LISTS: [(&str, WaitsFor); 3] =
    [("c", WaitsFor::Confirmation), ("p", WaitsFor::Approval), ("i", WaitsFor::Information)];

impl Operation for ListWaiting {
    const NAME: &'static str = "issues.waiting";
    const SUMMARY: &'static str = "Jira issues whose requests wait for somebody";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Approver, Owner, Administrator, Auditor]);
    type Input = ListWaitingInput;
    type Output = documents::List<WaitingIssue>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListWaitingInput,
    ) -> Result<Decision<Self::Output>, Failure> {
        let (list, after) = match input.after.as_deref().map(|after| after.split_at_checked(1)) {
            None => (0, None),
            Some(found) => {
                let place = found.and_then(|(letter, rest)| {
                    Some((LISTS.iter().position(|(known, _)| *known == letter)?, rest))
                });
                let (list, rest) = place.ok_or_else(|| {
                    crate::refusal::malformed("after", "is not the `next` of an earlier page")
                })?;
                (list, Some(rest.to_owned()).filter(|rest| !rest.is_empty()))
            }
        };
        let Some((letter, waits_for)) = LISTS.get(list).copied() else {
            return Ok(Decision::answer(documents::List { items: Vec::new(), next: None }));
        };
        let paging = Paging { after, limit: input.limit };
        let mut page = match waits_for {
            WaitsFor::Confirmation => unconfirmed(context, &paging).await?,
            WaitsFor::Approval => undecided(context, "pending", waits_for, paging).await?,
            WaitsFor::Information => undecided(context, "needs_information", waits_for, paging).await?,
        };
        let following = LISTS.get(list + 1).map(|(letter, _)| (*letter).to_owned());
        page.next = page.next.map(|next| format!("{letter}{next}")).or(following);
        Ok(Decision::answer(page))
    }
}

async fn unconfirmed<P: Ports>(
    context: &Context<'_, P>,
    paging: &Paging,
) -> Result<documents::List<WaitingIssue>, Failure> {
    let select = Select::by(&IssueIntake::BY_WAITING, ["confirmation"]);
    let page = documents::list::<IssueIntake>(context.store(), select, paging).await?;
    Ok(page.map(|intake| WaitingIssue {
        issue: intake.issue.clone(),
        waits_for: WaitsFor::Confirmation,
        since: intake.since,
        request: None,
        requester: None,
        tool: None,
    }))
}

async fn undecided<P: Ports>(
    context: &Context<'_, P>,
    state: &str,
    waits_for: WaitsFor,
    paging: Paging,
) -> Result<documents::List<WaitingIssue>, Failure> {
    let store = context.store();
    let select = Select::by(&Request::BY_STATE, [state]);
    let page = documents::list::<Request>(store, select, &paging).await?;
    let mut names = Names::new(store);
    let mut items = Vec::new();
    for request in page.items.iter().filter(|request| request.source == Source::Portal) {
        let Some(link) = load::<IssueOfRequest>(store, &request.id.to_string()).await? else { continue };
        let asked_at = request.exchanges.last().map(|exchange| exchange.asked_at);
        let since = match (waits_for, request.review()) {
            (WaitsFor::Information, _) => asked_at.unwrap_or(request.submitted_at),
            (_, Some(review)) => review.open.opened_at,
            (_, None) => request.submitted_at,
        };
        let mut item = WaitingIssue {
            issue: link.issue.clone(),
            waits_for,
            since,
            request: None,
            requester: None,
            tool: None,
        };
        if sees_request(store, &context.admission, request, context.moment.now).await? {
            item.request = Some(request.id);
            item.requester = Some(names.person(request.requester).await?);
            item.tool = Some(names.tool(request.tool).await?);
        }
        items.push(item);
    }
    Ok(documents::List { items, next: page.next })
}
