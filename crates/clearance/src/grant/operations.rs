//! `grants.list`, `grants.get`, `grants.extend`, `grants.give_back`, `grants.revoke`, `grants.attest`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::end::{Ending, begin_end};
use super::state::{EndReason, Grant};
use super::view::{GrantView, grant_view, may_revoke};
use crate::authorization::CallerKind::{Administrator, Approver, Auditor, Console, Owner, Requester};
use crate::authorization::{Admission, CallerKinds};
use crate::catalog::Tool;
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::{GrantId, PersonId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::ports::Ports;
use crate::provisioning::open_task;
use crate::refusal::{malformed, not_found};
use crate::request::Request;
use crate::request::submit::{SubmitAnswer, SubmitRequest};
use crate::text::Paragraph;
use crate::time::Days;

/// Whose grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The caller's own.
    Me,
    /// One person's.
    Person(PersonId),
}

impl<'de> Deserialize<'de> for Whose {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        if text == "me" {
            return Ok(Self::Me);
        }
        text.parse().map(Self::Person).map_err(|_| serde::de::Error::custom("must be `me` or a person's id"))
    }
}

impl JsonSchema for Whose {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Whose".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "`me` or a person's id" })
    }
}

impl Whose {
    /// The person meant, if the caller may ask about them.
    ///
    /// # Errors
    /// [`crate::refusal::Code::NotFound`] for somebody else, unless the caller sees all.
    pub fn resolve(whose: Option<Self>, admission: &Admission) -> Result<Option<PersonId>, Failure> {
        match (whose, admission.sees_all()) {
            (None, true) => Ok(None),
            (None | Some(Self::Me), false) | (Some(Self::Me), true) => Ok(Some(admission.person()?.id)),
            (Some(Self::Person(id)), true) => Ok(Some(id)),
            (Some(Self::Person(id)), false) if admission.person_id() == Some(id) => Ok(Some(id)),
            (Some(Self::Person(_)), false) => Err(not_found("person").into()),
        }
    }
}

/// The states by which grants can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantStateName {
    /// Approved; access does not work yet.
    AwaitingProvisioning,
    /// Access works.
    Active,
    /// Access is being taken away.
    Removing,
    /// Access is gone.
    Ended,
    /// Somebody must look after it.
    NeedsFollowUp,
}

impl GrantStateName {
    fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingProvisioning => "awaiting_provisioning",
            Self::Active => "active",
            Self::Removing => "removing",
            Self::Ended => "ended",
            Self::NeedsFollowUp => "needs_follow_up",
        }
    }
}

/// `grants.list`.
#[derive(Debug)]
pub struct List;

/// What `grants.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListGrants {
    /// Whose; all that the caller may see when not given.
    #[serde(default)]
    pub person: Option<Whose>,
    /// Only this state.
    #[serde(default)]
    pub state: Option<GrantStateName>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "grants.list";
    const SUMMARY: &'static str = "Grants, newest first";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Administrator, Auditor, Console]);
    type Input = ListGrants;
    type Output = documents::List<GrantView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListGrants,
    ) -> Result<Decision<Self::Output>, Failure> {
        let store = context.store();
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let page = if let Some(person) = Whose::resolve(input.person, &context.admission)? {
            // One person has few grants: picking a state out of them costs less than one more index at every change of a grant.
            let select = Select::by(&Grant::BY_PERSON, [person]).descending();
            let wanted = |grant: &Grant| input.state.is_none_or(|state| state.as_str() == grant.state_name());
            documents::list_where(store, select, paging, wanted).await?
        } else {
            let select = match input.state {
                Some(state) => Select::by(&Grant::BY_STATE, [state.as_str()]),
                None => Select::by(&Grant::BY_TIME, ["all"]),
            };
            documents::list(store, select.descending(), &paging).await?
        };
        let mut names = Names::new(store);
        let subjects = page.items.iter().map(|grant| (grant.person, grant.tool));
        let (people, tools) = subjects.unzip();
        names.look_up(people, tools).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for grant in &page.items {
            items.push(grant_view(&mut names, &context.admission, grant, context.moment.now).await?);
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

/// What operations on one grant take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneGrant {
    /// Which grant.
    pub grant: GrantId,
}

/// What operations on one grant answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GrantAnswer {
    /// The grant as stored now.
    pub grant: GrantView,
}

async fn answer<P: Ports>(context: &Context<'_, P>, grant: &Grant) -> Result<GrantAnswer, Failure> {
    let mut names = Names::new(context.store());
    let grant = grant_view(&mut names, &context.admission, grant, context.moment.now).await?;
    Ok(GrantAnswer { grant })
}

/// The grant, if the caller may see it: its holder, the tool's owners, administrators, auditors and console.
async fn visible<P: Ports>(
    context: &Context<'_, P>,
    id: GrantId,
) -> Result<(Loaded<Grant>, Loaded<Tool>), Failure> {
    let grant = load::<Grant>(context.store(), &id.to_string()).await?.ok_or_else(|| not_found("grant"))?;
    let tool = load::<Tool>(context.store(), &grant.tool.to_string()).await?;
    let tool = tool.ok_or_else(|| Failure::Defect(format!("{id} is for a tool that does not exist")))?;
    let own = context.admission.person_id() == Some(grant.person);
    if own || context.admission.sees_all() || may_revoke(&context.admission, Some(&tool)) {
        Ok((grant, tool))
    } else {
        Err(not_found("grant").into())
    }
}

/// `grants.get`.
#[derive(Debug)]
pub struct Get;

impl Operation for Get {
    const NAME: &'static str = "grants.get";
    const SUMMARY: &'static str = "One grant";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds =
        CallerKinds::of(&[Requester, Approver, Owner, Administrator, Auditor, Console]);
    type Input = OneGrant;
    type Output = GrantAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneGrant,
    ) -> Result<Decision<GrantAnswer>, Failure> {
        let (grant, _) = visible(context, input.grant).await?;
        Ok(Decision::answer(answer(context, &grant).await?))
    }
}

async fn end<P: Ports>(
    context: &Context<'_, P>,
    grant: &Loaded<Grant>,
    tool: &Tool,
    reason: EndReason,
) -> Result<Decision<GrantAnswer>, Failure> {
    let ending = Ending::load(context.store(), grant, tool).await?;
    let mut change = Change::new();
    let ended = begin_end(&mut change, &context.moment, &context.admission.actor()?, &ending, reason)?;
    Ok(Decision::change(answer(context, &ended).await?, change))
}

/// `grants.give_back`.
#[derive(Debug)]
pub struct GiveBack;

impl Operation for GiveBack {
    const NAME: &'static str = "grants.give_back";
    const SUMMARY: &'static str = "Give one's own access back";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester]);
    type Input = OneGrant;
    type Output = GrantAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneGrant,
    ) -> Result<Decision<GrantAnswer>, Failure> {
        let (grant, tool) = visible(context, input.grant).await?;
        if context.admission.person_id() != Some(grant.person) {
            return Err(not_found("grant").into());
        }
        end(context, &grant, &tool, EndReason::GivenBack).await
    }
}

/// `grants.revoke`.
#[derive(Debug)]
pub struct Revoke;

/// What `grants.revoke` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeGrant {
    /// Which grant.
    pub grant: GrantId,
}

impl Operation for Revoke {
    const NAME: &'static str = "grants.revoke";
    const SUMMARY: &'static str = "Take somebody's access away";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Owner, Administrator, Console]);
    type Input = RevokeGrant;
    type Output = GrantAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &RevokeGrant,
    ) -> Result<Decision<GrantAnswer>, Failure> {
        let (grant, tool) = visible(context, input.grant).await?;
        if !(context.admission.is(Console) || may_revoke(&context.admission, Some(&tool))) {
            return Err(not_found("grant").into());
        }
        end(context, &grant, &tool, EndReason::Revoked).await
    }
}

/// `grants.attest`.
#[derive(Debug)]
pub struct Attest;

impl Operation for Attest {
    const NAME: &'static str = "grants.attest";
    const SUMMARY: &'static str = "Attest that a grant's manual task is done: the seat exists, or is gone";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Approver, Owner, Administrator]);
    type Input = OneGrant;
    type Output = GrantAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneGrant,
    ) -> Result<Decision<GrantAnswer>, Failure> {
        let store = context.store();
        let job = open_task(store, input.grant).await?.ok_or_else(|| not_found("task"))?;
        let mut change = Change::new();
        let (_, grant) = crate::provisioning::attest(context, &mut change, &job).await?;
        let grant = grant.ok_or_else(|| not_found("grant"))?;
        Ok(Decision::change(answer(context, &grant).await?, change))
    }
}

/// `grants.extend`.
#[derive(Debug)]
pub struct Extend;

/// What `grants.extend` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendGrant {
    /// Which grant.
    pub grant: GrantId,
    /// Days to add to its end.
    pub days: Days,
    /// What for; as in the grant's request when not given.
    #[serde(default)]
    pub purpose: Option<Paragraph>,
    /// Data classes; as in the grant's request when not given.
    #[serde(default)]
    pub data_classes: Option<BTreeSet<crate::catalog::DataClass>>,
    /// The usage-policy version accepted; required exactly when the tool has one.
    #[serde(default)]
    pub acknowledged: Option<u32>,
}

impl Operation for Extend {
    const NAME: &'static str = "grants.extend";
    const SUMMARY: &'static str = "Ask for more time: a new request, evaluated under today's policy";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester]);
    type Input = ExtendGrant;
    type Output = SubmitAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ExtendGrant,
    ) -> Result<Decision<SubmitAnswer>, Failure> {
        let (grant, _) = visible(context, input.grant).await?;
        if context.admission.person_id() != Some(grant.person) {
            return Err(not_found("grant").into());
        }
        if grant.active_span(context.moment.now).is_none() {
            return Err(grant.wrong_state("is active and its time is not over").into());
        }
        let request = load::<Request>(context.store(), &grant.request.to_string()).await?;
        let request = request.ok_or_else(|| Failure::Defect(format!("{} has no request", grant.id)))?;
        let purpose = input.purpose.as_ref().or(request.purpose.text()).cloned();
        let purpose =
            purpose.ok_or_else(|| malformed("purpose", "is needed: the earlier one is not kept any more"))?;
        let submit = SubmitRequest {
            tool: grant.tool,
            purpose,
            data_classes: input.data_classes.clone().unwrap_or_else(|| request.data_classes.clone()),
            days: input.days,
            acknowledged: input.acknowledged,
        };
        let source = crate::request::submit::source_of(context);
        crate::request::submit::submit(context, &submit, source).await
    }
}
