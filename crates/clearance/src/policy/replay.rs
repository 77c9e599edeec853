//! What was decided, computed again from what was known then; and `policies.back_test`.

pub mod automatic;
pub mod operations;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::draft::operations::PutRule;
use super::evaluate::{Outcome, PlannedStage, evaluate};
use super::mentioned::{Mentioned, Mentions};
use super::subject::Subject;
use super::{Approvers, ByTool, Quorum};
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::catalog::ToolRef;
use crate::documents::{Loaded, Paging, Select, list};
use crate::exception::allowance;
use crate::failure::Failure;
use crate::ids::RequestId;
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::ports::{MAX_PAGE, Ports, Store};
use crate::request::{Consent, Decider, Denial, Request, RequestState};
use crate::time::{Days, Timestamp};

/// Most requests of one call.
pub const MAX_REQUESTS: u16 = 1_000;

/// Some requests by time, in pages of the store.
async fn requests(
    store: &impl Store,
    from: Option<Timestamp>,
    after: Option<String>,
    limit: u16,
) -> Result<(Vec<Loaded<Request>>, Option<String>), Failure> {
    let (mut requests, mut after) = (Vec::new(), after);
    loop {
        let wanted = usize::from(limit).saturating_sub(requests.len());
        let paging =
            Paging { after, limit: Some(u16::try_from(wanted).unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE)) };
        let mut select = Select::by(&Request::BY_TIME, ["all"]);
        if let Some(from) = from {
            select = select.from(from);
        }
        let page = list::<Request>(store, select, &paging).await?;
        requests.extend(page.items);
        after = page.next;
        if after.is_none() || requests.len() >= usize::from(limit) {
            return Ok((requests, after));
        }
    }
}

fn limit_of(limit: Option<u16>) -> u16 {
    limit.unwrap_or(MAX_REQUESTS).clamp(1, MAX_REQUESTS)
}

/// What was found to differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Differs {
    /// There is no such policy version.
    PolicyVersion,
    /// Other rules match, or something else follows from them.
    Evaluation,
    /// Nobody decided it, and it does not follow from the evaluation: what policy alone decided, what came of a renewal, or access that was
    /// taken in an emergency where it was not to be had.
    AutomaticDecision,
    /// A stage that the evaluation does not demand, or one that is missing.
    Stages,
}

/// What of a request differs when it is computed again, from the rules of the version that evaluated it. None is expected.
pub fn replayed(request: &Request, rules: &ByTool<'_>) -> Option<Differs> {
    let stored = &request.evaluation;
    let again = evaluate(stored.policy_version, rules.of(request.snapshot.tool), &request.snapshot);
    if again != *stored {
        return Some(Differs::Evaluation);
    }
    // It was taken in an emergency, past what was evaluated, and is reviewed for that.
    if matches!(request.state, RequestState::Approved { by: Decider::Emergency, .. }) {
        return None;
    }
    // What policy denies and an exception allows is decided in the exception's stage.
    let outcome = match (&again.outcome, request.exception) {
        (Outcome::Denied { .. }, Some(_)) => allowance().ok(),
        (outcome, _) => Some(outcome.clone()),
    };
    let Some(outcome) = outcome else { return Some(Differs::AutomaticDecision) };
    let decided_as_evaluated = match (&outcome, &request.state) {
        (Outcome::AutoApproved { .. }, RequestState::Approved { by, days, stages, .. }) => {
            *by == Decider::Policy && *days == request.days && stages.is_empty()
        }
        (
            Outcome::AutoApproved { .. },
            RequestState::AwaitingSeat { consent, .. } | RequestState::Forgone { consent, .. },
        ) => consent.by == Decider::Policy && consent.days == request.days && consent.stages.is_empty(),
        (Outcome::Denied { reasons }, RequestState::Denied { denial, .. }) => {
            matches!(denial, Denial::Policy { reasons: told } if told == reasons)
        }
        (Outcome::AutoApproved { .. } | Outcome::Denied { .. }, _) => false,
        (Outcome::Stages { .. }, state) => !matches!(
            state,
            RequestState::Approved { by: Decider::Policy, .. }
                | RequestState::AwaitingSeat { consent: Consent { by: Decider::Policy, .. }, .. }
                | RequestState::Forgone { consent: Consent { by: Decider::Policy, .. }, .. }
                | RequestState::Denied { denial: Denial::Policy { .. }, .. }
        ),
    };
    if !decided_as_evaluated {
        return Some(Differs::AutomaticDecision);
    }
    match &outcome {
        Outcome::Stages { stages } if !plan_follows(stages, request) => Some(Differs::Stages),
        Outcome::Stages { .. } | Outcome::AutoApproved { .. } | Outcome::Denied { .. } => None,
    }
}

/// Whether the stages that a request went through, and has before it, are those demanded, in their order: each as demanded or fallen to
/// administrators, and, while the request is open or was approved, none left out but those that came to the same.
fn plan_follows(demanded: &[PlannedStage], request: &Request) -> bool {
    let (plans, whole): (Vec<&PlannedStage>, bool) = match &request.state {
        RequestState::Pending { review } | RequestState::NeedsInformation { review } => {
            let decided = review.decided.iter().map(|stage| &stage.plan);
            (decided.chain([&review.open.plan]).chain(&review.ahead).collect(), true)
        }
        RequestState::Approved { stages, .. }
        | RequestState::AwaitingSeat { consent: Consent { stages, .. }, .. }
        | RequestState::Forgone { consent: Consent { stages, .. }, .. } => {
            (stages.iter().map(|stage| &stage.plan).collect(), true)
        }
        RequestState::Denied { stages, .. }
        | RequestState::Cancelled { stages, .. }
        | RequestState::Lapsed { stages, .. } => (stages.iter().map(|stage| &stage.plan).collect(), false),
    };
    let administrators = BTreeSet::from([Approvers::Administrators]);
    let fell = |plan: &PlannedStage| plan.approvers == administrators && plan.quorum == Quorum::Any;
    let mut left = demanded.iter();
    let in_order =
        plans.iter().all(|plan| left.any(|stage| stage.name == plan.name && (stage == *plan || fell(plan))));
    // Stages that fall to administrators are one.
    let kept = |stage: &PlannedStage| {
        plans.iter().any(|plan| plan.name == stage.name) || plans.iter().any(|plan| fell(plan))
    };
    in_order && (!whole || demanded.iter().all(kept))
}

/// `policies.back_test`.
#[derive(Debug)]
pub struct BackTest;

/// What `policies.back_test` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackTestPolicy {
    /// Requests of how many days back.
    pub days: Days,
    /// Which version to try; the draft when not given, and the active version when there is none.
    #[serde(default)]
    pub number: Option<u32>,
    /// Rules to try that are stored nowhere, as a draft would have them.
    #[serde(default)]
    pub rules: Option<Vec<PutRule>>,
    /// The last part's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Requests of this part, 1 to 1,000; 1,000 when not given.
    #[serde(default)]
    pub limit: Option<u16>,
}

/// A request that would fare differently.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BackTestChange {
    /// Which.
    pub request: RequestId,
    /// For which tool; none for one that was not in the catalogue.
    pub tool: Option<ToolRef>,
    /// Days asked for.
    pub days: Days,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// Whether it would be approved, denied or put before people where it was not.
    pub outcome: bool,
    /// Whether others, or more or fewer, would have to agree.
    pub approvers: bool,
    /// Whether an automatic approval would reach less or more far.
    pub durations: bool,
    /// What followed when it was submitted.
    pub before: Outcome,
    /// What would follow.
    pub after: Outcome,
}

/// What `policies.back_test` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BackTestAnswer {
    /// Requests tried.
    pub requests: u32,
    /// Those that would be approved at once.
    pub auto_approved: u32,
    /// Those that people would decide.
    pub stages: u32,
    /// Those that would be denied.
    pub denied: u32,
    /// Those that would fare differently, by time.
    pub changes: Vec<BackTestChange>,
    /// What the groups and people are called that the outcomes of these changes mention.
    pub mentioned: Mentioned,
    /// Give this as `after` to go on; none when this was the last part.
    pub next: Option<String>,
}

/// What of a request's evaluation changes. The tool's name is looked up later.
fn changed(request: &Request, after: Outcome) -> Option<BackTestChange> {
    let same = |before: &[PlannedStage], after: &[PlannedStage]| {
        before.len() == after.len()
            && before.iter().zip(after).all(|(before, after)| before.asks_the_same(after))
    };
    let before = request.evaluation.outcome.clone();
    let (outcome, approvers, durations) = match (&before, &after) {
        (Outcome::AutoApproved { max_days: before }, Outcome::AutoApproved { max_days: after }) => {
            (false, false, before != after)
        }
        (Outcome::Stages { stages: before }, Outcome::Stages { stages: after }) => {
            (false, !same(before, after), false)
        }
        (Outcome::Denied { .. }, Outcome::Denied { .. }) => (false, false, false),
        _ => (true, false, false),
    };
    (outcome || approvers || durations).then_some(BackTestChange {
        request: request.id,
        tool: None,
        days: request.days,
        submitted_at: request.submitted_at,
        outcome,
        approvers,
        durations,
        before,
        after,
    })
}

impl Operation for BackTest {
    const NAME: &'static str = "policies.back_test";
    const SUMMARY: &'static str =
        "What the draft, a version or given rules would have said of the requests of the last days";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Verification);
    type Input = BackTestPolicy;
    type Output = BackTestAnswer;

    async fn cost<P: Ports>(_: &Context<'_, P>, input: &BackTestPolicy) -> Result<u32, Failure> {
        Ok(u32::from(limit_of(input.limit)))
    }

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &BackTestPolicy,
    ) -> Result<Decision<BackTestAnswer>, Failure> {
        let store = context.store();
        let Subject { rules, .. } = Subject::load(context, input.number, input.rules.as_deref()).await?;
        let by_tool = ByTool::new(&rules);
        let from = context.moment.now.plus_minutes(-i64::from(input.days.get()) * 24 * 60);
        let (requests, next) =
            requests(store, Some(from), input.after.clone(), limit_of(input.limit)).await?;
        let mut answer = BackTestAnswer {
            requests: u32::try_from(requests.len()).unwrap_or(u32::MAX),
            auto_approved: 0,
            stages: 0,
            denied: 0,
            changes: Vec::new(),
            mentioned: Mentioned::default(),
            next,
        };
        let mut names = Names::new(store);
        for request in requests {
            let outcome = evaluate(0, by_tool.of(request.snapshot.tool), &request.snapshot).outcome;
            let count = match outcome {
                Outcome::AutoApproved { .. } => &mut answer.auto_approved,
                Outcome::Stages { .. } => &mut answer.stages,
                Outcome::Denied { .. } => &mut answer.denied,
            };
            *count = count.saturating_add(1);
            let Some(mut change) = changed(&request, outcome) else { continue };
            if let Some(tool) = request.snapshot.tool {
                change.tool = Some(names.tool(tool).await?);
            }
            answer.changes.push(change);
        }
        let outcomes = answer.changes.iter().flat_map(|change| [&change.before, &change.after]);
        answer.mentioned = Mentions::of_outcomes(outcomes).named(&mut names).await?;
        Ok(Decision::answer(answer))
    }
}
