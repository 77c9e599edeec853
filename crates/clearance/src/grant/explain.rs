//! `grants.explain`: why a person has, lacks or lost a tool.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operations::Whose;
use super::state::{EndReason, Grant, GrantState, Interrupted};
use super::view::{GrantView, grant_view, may_revoke};
use crate::authorization::CallerKind::{Administrator, Auditor, Console, Owner, Requester};
use crate::authorization::CallerKinds;
use crate::catalog::{Tool, ToolRef, ToolStatus};
use crate::documents::{self, Loaded, Select, load};
use crate::failure::Failure;
use crate::ids::{PersonId, RequestId, ToolId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, Person, PersonRef};
use crate::policy::Outcome;
use crate::ports::{Ports, Store};
use crate::refusal::not_found;
use crate::request::{Consent, Decider, Denial, Forgoing, Request, RequestState, SeatWait};
use crate::review::{Renewal, Review, ReviewDecision, ReviewOfGrant, ReviewState};
use crate::time::Timestamp;

/// `grants.explain`.
#[derive(Debug)]
pub struct Explain;

/// What `grants.explain` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainAccess {
    /// Whose access; the caller's own when not given.
    #[serde(default)]
    pub person: Option<Whose>,
    /// To which tool.
    pub tool: ToolId,
}

/// How a person stands with a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessStanding {
    /// Access works.
    Has,
    /// Approved; access does not work yet.
    Awaits,
    /// A request waits for a decision or for information.
    Asked,
    /// Access is being taken away.
    Losing,
    /// They had access, or were to have it, and it ended.
    Lost,
    /// Their last request was denied or withdrawn, or nobody decided it.
    Refused,
    /// They never asked.
    NeverAsked,
}

/// One thing that explains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// They asked.
    Requested,
    /// They asked for more time.
    ExtensionRequested,
    /// A rule of the policy matched.
    RuleMatched,
    /// No rule matched, so administrators decide.
    NoRuleMatched,
    /// Policy alone approved.
    ApprovedByPolicy,
    /// Taken in an emergency: nobody approved.
    TakenInEmergency,
    /// Somebody approved a stage.
    StageApproved,
    /// The approval was taken back.
    Unapproved,
    /// A stage waits for decisions.
    StageWaits,
    /// The request rests until its requester answers.
    InformationWanted,
    /// It is approved and waits for a seat.
    AwaitsSeat,
    /// A seat is kept for it.
    SeatOffered,
    /// Approved, and its seat was given up or not accepted in time.
    Forgone,
    /// Denied.
    Denied,
    /// Withdrawn.
    Cancelled,
    /// Nobody decided in time.
    Lapsed,
    /// Access began to work.
    Activated,
    /// It does not work yet.
    NotActiveYet,
    /// It was extended.
    Extended,
    /// An exception lets them ask although policy denies it.
    Excepted,
    /// Its need is being looked at.
    ReviewOpen,
    /// Its need was looked at.
    Reviewed,
    /// It ends by itself.
    Ends,
    /// Somebody must look after it.
    FollowUp,
    /// It is being taken away.
    Removing,
    /// It ended.
    Ended,
    /// The person has left.
    PersonLeft,
    /// The tool cannot be asked for.
    NotOffered,
    /// Nothing was ever asked.
    NeverAsked,
}

/// One thing that explains it, in words.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessReason {
    /// What kind of thing. Stable.
    pub code: ReasonCode,
    /// The same in a sentence.
    pub text: String,
    /// When it happened, or will.
    pub at: Option<Timestamp>,
    /// The request it is about.
    pub request: Option<RequestId>,
}

/// What `grants.explain` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Explanation {
    /// Whose access.
    pub person: PersonRef,
    /// To which tool.
    pub tool: ToolRef,
    /// How they stand.
    pub standing: AccessStanding,
    /// Why, in the order in which it happened.
    pub reasons: Vec<AccessReason>,
    /// The grant that is there, or was there last.
    pub grant: Option<GrantView>,
}

/// What is told of one person and tool.
struct Story<'a, 'b, S> {
    names: &'a mut Names<'b, S>,
    reasons: Vec<AccessReason>,
}

impl<S: Store> Story<'_, '_, S> {
    fn tell(&mut self, code: ReasonCode, at: Option<Timestamp>, request: Option<RequestId>, text: String) {
        self.reasons.push(AccessReason { code, text, at, request });
    }

    async fn name(&mut self, person: PersonId) -> Result<String, Failure> {
        Ok(self.names.person(person).await?.name)
    }

    /// Who did something, and for whom if they stood in for somebody.
    async fn deciding(&mut self, by: PersonId, on_behalf_of: Option<PersonId>) -> Result<String, Failure> {
        let by = self.name(by).await?;
        Ok(match on_behalf_of {
            Some(delegator) => format!("{by} for {}", self.name(delegator).await?),
            None => by,
        })
    }

    /// How a request came about, what policy said, and who decided.
    async fn request(&mut self, request: &Request) -> Result<(), Failure> {
        let id = Some(request.id);
        let name = self.name(request.requester).await?;
        let (code, text) = match request.extends {
            None => (ReasonCode::Requested, format!("{name} asked for {} of access.", request.days)),
            Some(_) => (ReasonCode::ExtensionRequested, format!("{name} asked for {} more.", request.days)),
        };
        self.tell(code, Some(request.submitted_at), id, text);
        let version = request.evaluation.policy_version;
        for rule in &request.evaluation.matched {
            let text = format!("The rule “{}” of policy version {version} applied.", rule.name);
            self.tell(ReasonCode::RuleMatched, None, id, text);
        }
        if request.evaluation.matched.is_empty() {
            let text =
                format!("No rule of policy version {version} applied, so an administrator had to decide.");
            self.tell(ReasonCode::NoRuleMatched, None, id, text);
        }
        if request.exception.is_some() {
            let text = "Policy denies it; an exception lets an administrator decide.".to_owned();
            self.tell(ReasonCode::Excepted, None, id, text);
        }
        let stages = match &request.state {
            RequestState::Pending { review } | RequestState::NeedsInformation { review } => {
                review.clone().close()
            }
            RequestState::Approved { stages, .. }
            | RequestState::AwaitingSeat { consent: Consent { stages, .. }, .. }
            | RequestState::Forgone { consent: Consent { stages, .. }, .. }
            | RequestState::Denied { stages, .. }
            | RequestState::Cancelled { stages, .. }
            | RequestState::Lapsed { stages, .. } => stages.clone(),
        };
        for stage in &stages {
            for approval in &stage.approvals {
                let by = self.deciding(approval.by, approval.on_behalf_of).await?;
                let text = format!("{by} approved in the stage “{}”.", stage.plan.name);
                self.tell(ReasonCode::StageApproved, Some(approval.at), id, text);
            }
        }
        self.outcome(request).await
    }

    /// Where a request stands, or how it ended.
    async fn outcome(&mut self, request: &Request) -> Result<(), Failure> {
        let id = Some(request.id);
        match &request.state {
            RequestState::Pending { review } => {
                let text = format!(
                    "The stage “{}” waits for a decision; without one the request lapses.",
                    review.open.plan.name
                );
                self.tell(ReasonCode::StageWaits, Some(review.open.opened_at), id, text);
            }
            RequestState::NeedsInformation { .. } => {
                let asked = request.exchanges.last();
                let name = match asked {
                    Some(exchange) => self.deciding(exchange.asked_by, exchange.asked_on_behalf_of).await?,
                    None => "An approver".to_owned(),
                };
                let text = format!("{name} asked a question; the request rests until it is answered.");
                self.tell(ReasonCode::InformationWanted, asked.map(|exchange| exchange.asked_at), id, text);
            }
            RequestState::Approved { at, by: Decider::Policy, days, .. } => {
                let cap = match &request.evaluation.outcome {
                    Outcome::AutoApproved { max_days } => format!(" It allows {max_days} in all."),
                    Outcome::Denied { .. } | Outcome::Stages { .. } => String::new(),
                };
                let text = format!("Policy approved {days} at once.{cap}");
                self.tell(ReasonCode::ApprovedByPolicy, Some(*at), id, text);
            }
            RequestState::Approved { at, by: Decider::Emergency, days, .. } => {
                let text =
                    format!("It was taken for {days} in an emergency, without an approval, and is reviewed.");
                self.tell(ReasonCode::TakenInEmergency, Some(*at), id, text);
            }
            RequestState::Approved { .. } => {}
            RequestState::AwaitingSeat { consent, seat } => {
                let at = match seat {
                    SeatWait::Listed => {
                        let text =
                            "It was approved while every seat of the tool was taken, and waits for one.";
                        self.tell(ReasonCode::AwaitsSeat, Some(consent.at), id, text.to_owned());
                        return Ok(());
                    }
                    SeatWait::Offered { at, .. } => *at,
                };
                let text = "A seat is kept for it until the person accepts it or the time is over.";
                self.tell(ReasonCode::SeatOffered, Some(at), id, text.to_owned());
            }
            RequestState::Forgone { at, why, .. } => {
                let text = match why {
                    Forgoing::Declined { .. } => "It was approved, and the place or the seat was given up.",
                    Forgoing::NotAccepted => "It was approved, and the seat was not accepted in time.",
                };
                self.tell(ReasonCode::Forgone, Some(*at), id, text.to_owned());
            }
            RequestState::Denied { at, denial, .. } => {
                let text = match denial {
                    Denial::Policy { reasons } => {
                        let reasons: Vec<_> = reasons.iter().map(ToString::to_string).collect();
                        format!("Policy denied it: {}.", reasons.join("; "))
                    }
                    Denial::Person { person, on_behalf_of, .. } => {
                        format!("{} denied it.", self.deciding(*person, *on_behalf_of).await?)
                    }
                };
                self.tell(ReasonCode::Denied, Some(*at), id, text);
            }
            RequestState::Cancelled { at, .. } => {
                self.tell(ReasonCode::Cancelled, Some(*at), id, "The request was withdrawn.".to_owned());
            }
            RequestState::Lapsed { at, .. } => {
                let text = "Nobody decided in time, and the request lapsed.".to_owned();
                self.tell(ReasonCode::Lapsed, Some(*at), id, text);
            }
        }
        if let RequestState::Approved { withdrawn: Some(withdrawal), .. } = &request.state {
            let text = format!("{} took the approval back.", self.name(withdrawal.by).await?);
            self.tell(ReasonCode::Unapproved, Some(withdrawal.at), id, text);
        }
        Ok(())
    }

    /// How its need was looked at last.
    async fn review(&mut self, review: &Review) -> Result<(), Failure> {
        let (code, at, text) = match &review.state {
            ReviewState::Open { .. } => {
                let text = "Its review waits for a decision; without one it ends by itself.".to_owned();
                (ReasonCode::ReviewOpen, review.opened_at, text)
            }
            ReviewState::Decided { decision, by, on_behalf_of, at, .. } => {
                let name = self.deciding(*by, *on_behalf_of).await?;
                (ReasonCode::Reviewed, *at, format!("{name} reviewed it: {}.", decided(decision)))
            }
            ReviewState::Undecided { at } => {
                let text = "Nobody decided its review, and it ended by itself.".to_owned();
                (ReasonCode::Reviewed, *at, text)
            }
            ReviewState::Void { .. } => return Ok(()),
        };
        self.tell(code, Some(at), None, text);
        Ok(())
    }

    /// What became of access once it was approved.
    fn grant(&mut self, grant: &Grant) {
        if let Some(at) = grant.activated_at() {
            self.tell(ReasonCode::Activated, Some(at), None, "Access began to work.".to_owned());
        }
        for extension in &grant.extensions {
            let text = format!("It was extended by {}.", extension.days);
            self.tell(ReasonCode::Extended, Some(extension.at), Some(extension.request), text);
        }
        match grant.state {
            GrantState::AwaitingProvisioning { days } => {
                let text = format!("Access does not work yet. Once it does, it lasts {days}.");
                self.tell(ReasonCode::NotActiveYet, None, None, text);
            }
            GrantState::Active { ends_at, .. } => self.ends(ends_at),
            GrantState::Removing { since, reason, .. } => self.removing(since, reason),
            GrantState::Ended { ended_at, reason, .. } => {
                let text = format!("Access is gone: {}.", why(reason));
                self.tell(ReasonCode::Ended, Some(ended_at), None, text);
            }
            GrantState::NeedsFollowUp { interrupted, reason, since } => {
                match interrupted {
                    Interrupted::Provisioning { .. } => {
                        let text = "Access does not work yet.".to_owned();
                        self.tell(ReasonCode::NotActiveYet, None, None, text);
                    }
                    Interrupted::Access { ends_at, .. } => self.ends(ends_at),
                    Interrupted::Removal { since, reason, .. } => self.removing(since, reason),
                }
                let text = format!("Somebody must look after it: {}", reason.what_to_do());
                self.tell(ReasonCode::FollowUp, Some(since), None, text);
            }
        }
    }

    fn ends(&mut self, at: Timestamp) {
        self.tell(ReasonCode::Ends, Some(at), None, "It ends by itself unless it is extended.".to_owned());
    }

    fn removing(&mut self, since: Timestamp, reason: EndReason) {
        let text = format!("Access is being taken away: {}.", why(reason));
        self.tell(ReasonCode::Removing, Some(since), None, text);
    }
}

fn decided(decision: &ReviewDecision) -> &'static str {
    match decision {
        ReviewDecision::Renew { renewal: Renewal::Extended { .. }, .. } => "it was renewed",
        ReviewDecision::Renew { renewal: Renewal::Asked { .. }, .. } => {
            "it is to be renewed, which others have to approve"
        }
        ReviewDecision::Renew { renewal: Renewal::Denied { .. }, .. } => {
            "it was to be renewed, which policy denied"
        }
        ReviewDecision::Renew { renewal: Renewal::AwaitsAcceptance, .. } => {
            "it is to be renewed, once the changed usage policy is accepted"
        }
        ReviewDecision::LetExpire => "it ends by itself",
        ReviewDecision::Remove => "it is not needed any more",
        ReviewDecision::Exception { .. } => "an exception was proposed",
    }
}

fn why(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Expired => "its time was over",
        EndReason::Revoked => "it was revoked",
        EndReason::GivenBack => "it was given back",
        EndReason::RejectedByProvider => "the provider rejected it",
    }
}

/// How a person stands, by the last grant and the last request.
fn standing(grant: Option<&Grant>, request: Option<&Request>, now: Timestamp) -> AccessStanding {
    let open = request.is_some_and(Request::is_open);
    match grant.map(|grant| grant.state) {
        Some(GrantState::Active { ends_at, .. }) if ends_at <= now => AccessStanding::Losing,
        Some(
            GrantState::Active { .. }
            | GrantState::NeedsFollowUp { interrupted: Interrupted::Access { .. }, .. },
        ) => AccessStanding::Has,
        Some(
            GrantState::AwaitingProvisioning { .. }
            | GrantState::NeedsFollowUp { interrupted: Interrupted::Provisioning { .. }, .. },
        ) => AccessStanding::Awaits,
        Some(
            GrantState::Removing { .. }
            | GrantState::NeedsFollowUp { interrupted: Interrupted::Removal { .. }, .. },
        ) => AccessStanding::Losing,
        Some(GrantState::Ended { .. }) | None if open => AccessStanding::Asked,
        Some(GrantState::Ended { .. }) => AccessStanding::Lost,
        None if request.is_some() => AccessStanding::Refused,
        None => AccessStanding::NeverAsked,
    }
}

/// The last grant and the last request of a person for a tool. One person has few of either.
async fn last(
    store: &impl Store,
    person: PersonId,
    tool: ToolId,
) -> Result<(Option<Loaded<Grant>>, Option<Loaded<Request>>), Failure> {
    let grants = documents::all::<Grant>(store, Select::by(&Grant::BY_PERSON, [person])).await?;
    let requests = documents::all::<Request>(store, Select::by(&Request::BY_REQUESTER, [person])).await?;
    let grant = grants.into_iter().rev().find(|grant| grant.tool == tool);
    let request = requests.into_iter().rev().find(|request| request.tool == tool);
    Ok((grant, request))
}

impl Operation for Explain {
    const NAME: &'static str = "grants.explain";
    const SUMMARY: &'static str = "Why somebody has, lacks or lost access to a tool";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Owner, Administrator, Auditor, Console]);
    type Input = ExplainAccess;
    type Output = Explanation;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ExplainAccess,
    ) -> Result<Decision<Explanation>, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let tool = load::<Tool>(store, &input.tool.to_string()).await?.ok_or_else(|| not_found("tool"))?;
        let person = match input.person {
            Some(Whose::Person(person)) => {
                let own = context.admission.person_id() == Some(person);
                if !(own || context.admission.sees_all() || may_revoke(&context.admission, Some(&tool))) {
                    return Err(not_found("person").into());
                }
                person
            }
            None | Some(Whose::Me) => context.admission.person()?.id,
        };
        let person = load::<Person>(store, &person.to_string()).await?.ok_or_else(|| not_found("person"))?;
        let (grant, request) = last(store, person.id, tool.id).await?;
        let may_know = context.admission.sees_all() || may_revoke(&context.admission, Some(&tool));
        if tool.status == ToolStatus::Draft && grant.is_none() && request.is_none() && !may_know {
            return Err(not_found("tool").into());
        }
        let standing = standing(grant.as_deref(), request.as_deref(), now);
        let mut names = Names::new(store);
        names.know_person(&person);
        names.know_tool(&tool);
        let mut story = Story { names: &mut names, reasons: Vec::new() };
        if let Some(grant) = &grant {
            let first = [grant.request];
            for id in first.into_iter().chain(grant.extensions.iter().map(|extension| extension.request)) {
                if let Some(request) = load::<Request>(store, &id.to_string()).await? {
                    story.request(&request).await?;
                }
            }
            if let Some(guard) = load::<ReviewOfGrant>(store, &grant.id.to_string()).await?
                && let Some(review) = load::<Review>(store, &guard.review.to_string()).await?
            {
                story.review(&review).await?;
            }
            story.grant(grant);
        }
        let told = |request: &Request| {
            grant.as_ref().is_some_and(|grant| {
                grant.request == request.id
                    || grant.extensions.iter().any(|extension| extension.request == request.id)
            })
        };
        match &request {
            Some(request) if !told(request) => story.request(request).await?,
            Some(_) => {}
            None => {
                let text = "Nobody asked for this access.".to_owned();
                story.tell(ReasonCode::NeverAsked, None, None, text);
            }
        }
        if !matches!(standing, AccessStanding::Has | AccessStanding::Awaits | AccessStanding::Losing) {
            if !person.is_active() {
                story.tell(ReasonCode::PersonLeft, None, None, format!("{} has left.", person.name));
            }
            if tool.status != ToolStatus::Requestable {
                let text = format!("{} cannot be asked for now.", tool.name);
                story.tell(ReasonCode::NotOffered, None, None, text);
            }
        }
        let reasons = story.reasons;
        let grant = match &grant {
            Some(grant) => Some(grant_view(&mut names, &context.admission, grant, now).await?),
            None => None,
        };
        let (person, tool) = (names.person(person.id).await?, names.tool(tool.id).await?);
        Ok(Decision::answer(Explanation { person, tool, standing, reasons, grant }))
    }
}
