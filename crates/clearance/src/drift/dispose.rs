//! `drift.dispose`: what is done about a finding.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::remedy::{self, is_under_way};
use super::settle::Concerned;
use super::view::{FindingView, Views, possible};
use super::{Difference, Disposition, DispositionKind, Finding, Remedy, entries};
use crate::audit::Actor;
use crate::authorization::CallerKind::{Administrator, Console};
use crate::authorization::CallerKinds;
use crate::catalog::Tool;
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::grant::{EndReason, Ending, Grant, Guards, begin_end};
use crate::identity::{Seat, SeatBasis};
use crate::ids::{FindingId, GrantId, PersonId};
use crate::notices;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Person;
use crate::ports::{Moment, Ports, Store};
use crate::provisioning::{Lane, open_task};
use crate::refusal::{Code, Refusal, malformed, not_found};
use crate::seats;
use crate::text::{CommittedText, Paragraph};
use crate::time::{Days, Timestamp};

/// Longest time for which somebody answers for a difference.
const MAX_ANSWERED_DAYS: Days = Days::of(365);
/// Longest time in which a person is to ask.
const MAX_ASKING_DAYS: Days = Days::of(30);
/// The time in which a person is to ask when nothing else was said.
const ASKING_DAYS: Days = Days::of(14);

/// What people can do about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Take the account out of the group; of what is missing, end the grant.
    Removal,
    /// Put the person into the group again.
    Restore,
    /// Let the person ask for the access, until a day; otherwise it is removed.
    RetroRequest,
    /// Somebody answers for it until a day.
    Exception,
    /// It was so when the group was bound; somebody answers for it until a day.
    Baseline,
}

impl Choice {
    fn kind(self) -> DispositionKind {
        match self {
            Self::Removal => DispositionKind::Removal,
            Self::Restore => DispositionKind::Restore,
            Self::RetroRequest => DispositionKind::RetroRequest,
            Self::Exception => DispositionKind::Exception,
            Self::Baseline => DispositionKind::Baseline,
        }
    }
}

/// What is to be done about a finding.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DispositionInput {
    /// What.
    pub kind: Choice,
    /// Why.
    pub reason: Paragraph,
    /// Who answers for it: required for an exception or a baseline, and for nothing else.
    #[serde(default)]
    pub owner: Option<PersonId>,
    /// Days until its end: required for an exception or a baseline, 1 to 365; days in which the person is to ask, 1 to 30, 14 when not given.
    #[serde(default)]
    pub days: Option<Days>,
}

/// What a person decided, checked.
#[derive(Debug, Clone, Copy)]
enum Decided {
    Removal,
    Restore,
    RetroRequest { until: Timestamp },
    Answered { owner: PersonId, ends_at: Timestamp, baseline: bool },
}

impl DispositionInput {
    fn check(&self, now: Timestamp) -> Result<Decided, Refusal> {
        let at_most = |days: Days, most: Days| {
            if days > most {
                return Err(malformed("disposition.days", &format!("must be 1 to {}", most.get())));
            }
            Ok(now.plus_days(days))
        };
        let none = |field: &str, given: bool| {
            if given { Err(malformed(field, "is not for this disposition")) } else { Ok(()) }
        };
        match self.kind {
            Choice::Removal | Choice::Restore => {
                none("disposition.owner", self.owner.is_some())?;
                none("disposition.days", self.days.is_some())?;
                Ok(if self.kind == Choice::Removal { Decided::Removal } else { Decided::Restore })
            }
            Choice::RetroRequest => {
                none("disposition.owner", self.owner.is_some())?;
                let until = at_most(self.days.unwrap_or(ASKING_DAYS), MAX_ASKING_DAYS)?;
                Ok(Decided::RetroRequest { until })
            }
            Choice::Exception | Choice::Baseline => {
                let owner = self
                    .owner
                    .ok_or_else(|| malformed("disposition.owner", "is required: say who answers for it"))?;
                let days = self
                    .days
                    .ok_or_else(|| malformed("disposition.days", "is required: say for how long"))?;
                let ends_at = at_most(days, MAX_ANSWERED_DAYS)?;
                Ok(Decided::Answered { owner, ends_at, baseline: self.kind == Choice::Baseline })
            }
        }
    }
}

/// `drift.dispose`.
#[derive(Debug)]
pub struct Dispose;

/// What `drift.dispose` takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisposeFinding {
    /// Which finding.
    pub finding: FindingId,
    /// What is to be done about it.
    pub disposition: DispositionInput,
}

/// What `drift.dispose` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingAnswer {
    /// The finding as stored now. What takes a job stays open until the job, or the next check, has seen that it is done.
    pub finding: FindingView,
}

impl Operation for Dispose {
    const NAME: &'static str = "drift.dispose";
    const SUMMARY: &'static str =
        "Do something about a finding: remove, restore, let the person ask, or answer for it until a day";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = DisposeFinding;
    type Output = FindingAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &DisposeFinding,
    ) -> Result<Decision<FindingAnswer>, Failure> {
        dispose(context, input, Lane::Interactive).await
    }
}

/// One of many findings of a call: what is removed for it waits behind what people wait for, and is counted by the brake.
#[derive(Debug)]
pub(super) struct DisposePart;

impl Operation for DisposePart {
    const NAME: &'static str = Dispose::NAME;
    const SUMMARY: &'static str = Dispose::SUMMARY;
    const EFFECT: Effect = Dispose::EFFECT;
    const CALLERS: CallerKinds = Dispose::CALLERS;
    type Input = DisposeFinding;
    type Output = FindingAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &DisposeFinding,
    ) -> Result<Decision<FindingAnswer>, Failure> {
        dispose(context, input, Lane::Sweep).await
    }
}

async fn dispose<P: Ports>(
    context: &Context<'_, P>,
    input: &DisposeFinding,
    lane: Lane,
) -> Result<Decision<FindingAnswer>, Failure> {
    let (store, moment) = (context.store(), &context.moment);
    let decided = input.disposition.check(moment.now)?;
    let concerned = Concerned::load(store, input.finding).await?.ok_or_else(|| not_found("finding"))?;
    let finding = &concerned.finding;
    let kind = input.disposition.kind.kind();
    if !possible(finding, is_under_way(store, finding).await?).contains(&kind) {
        let message = "this cannot be done about the finding as it stands; look at it again";
        return Err(Refusal::new(Code::FindingState, message).with("state", finding.state_name()).into());
    }
    let own = finding.person().is_some() && finding.person() == context.admission.person_id();
    if own && !matches!(decided, Decided::Removal | Decided::Restore) {
        let message = "this is about your own account; somebody else has to decide it";
        return Err(Refusal::new(Code::OwnFinding, message).into());
    }
    let reason = CommittedText::new(input.disposition.reason.clone(), moment, "reason");
    let actor = context.admission.actor()?;
    let by = |remedy| Disposition { remedy, by: actor, at: moment.now, reason: Some(reason) };
    let mut change = Change::new();
    let after = match decided {
        Decided::Answered { owner, ends_at, baseline } => {
            check_owner(store, &mut change, owner, finding).await?;
            let remedy = if baseline {
                Remedy::Baseline { owner, ends_at, over: false }
            } else {
                Remedy::Exception { owner, ends_at, over: false }
            };
            let basis = SeatBasis::Baseline { finding: finding.id, owner, ends_at };
            let seat = Seat { basis, since: moment.now };
            if concerned.account.is_some() {
                seats::member_joins(store, &mut change, finding.tool).await?;
            }
            concerned.settle(&mut change, moment, by(remedy), Some(seat))
        }
        Decided::RetroRequest { until } => {
            let after = finding.under_way(by(Remedy::RetroRequest { until }));
            tell(&mut change, moment, &after);
            decide(&mut change, moment, &concerned, after)
        }
        Decided::Removal => {
            if let Difference::ApprovedButMissing { grant, .. } = finding.difference {
                end_grant(store, &mut change, moment, &actor, grant).await?;
                concerned.settle(&mut change, moment, by(Remedy::Removal { job: None }), None)
            } else {
                let remedy = remedy::removal(&mut change, moment, &actor, lane, finding);
                let remedy = remedy.ok_or_else(|| Failure::Defect("no account to remove".to_owned()))?;
                decide(&mut change, moment, &concerned, finding.under_way(by(remedy)))
            }
        }
        Decided::Restore => {
            let grant = finding.difference.grant();
            let grant = grant.ok_or_else(|| Failure::Defect("nothing to restore".to_owned()))?;
            let remedy = remedy::restore(store, &mut change, moment, &actor, grant).await?;
            decide(&mut change, moment, &concerned, finding.under_way(by(remedy)))
        }
    };
    let finding = Views::new(store).finding(&after).await?;
    Ok(Decision::change(FindingAnswer { finding }, change))
}

/// Writes a finding about which something is being done.
fn decide(change: &mut Change, moment: &Moment, concerned: &Concerned, after: Finding) -> Finding {
    change.update(&concerned.finding, &after);
    entries::decided(change, moment.now, &after);
    after
}

/// Whoever answers for something takes part, and answers for somebody else.
async fn check_owner(
    store: &impl Store,
    change: &mut Change,
    owner: PersonId,
    finding: &Finding,
) -> Result<(), Failure> {
    let person = load::<Person>(store, &owner.to_string()).await?.filter(|person| person.is_active());
    let Some(person) = person else {
        let message = "whoever is to answer for it does not exist or is not active";
        return Err(Refusal::new(Code::UnknownReference, message).with("person", owner).into());
    };
    if finding.person() == Some(owner) {
        let message = "nobody answers for their own account; name somebody else";
        return Err(Refusal::new(Code::OwnFinding, message).into());
    }
    change.check(&person);
    Ok(())
}

/// Tells the person that they are to ask.
fn tell(change: &mut Change, moment: &Moment, finding: &Finding) {
    if let Some(person) = finding.person() {
        notices::ask_for_access(change, moment, finding.id, person);
    }
}

/// Ends the grant of somebody who is missing: then nothing is missing.
async fn end_grant(
    store: &impl Store,
    change: &mut Change,
    moment: &Moment,
    actor: &Actor,
    grant: GrantId,
) -> Result<(), Failure> {
    let grant = load::<Grant>(store, &grant.to_string()).await?.ok_or_else(|| not_found("grant"))?;
    let tool = load::<Tool>(store, &grant.tool.to_string()).await?.ok_or_else(|| not_found("tool"))?;
    let guards = Guards::of(store, &grant).await?;
    let open_task = if grant.may_have_job() { open_task(store, grant.id).await? } else { None };
    let ending = Ending { grant: &grant, tool: &tool, guards: &guards, open_task: open_task.as_ref() };
    begin_end(change, moment, actor, &ending, EndReason::Revoked)?;
    Ok(())
}
