//! `drift.dispose`: what is done about a finding.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{ProposedAnswer, answerable, not_own, propose_answer, wrong_state};
use super::remedy::{self, is_under_way};
use super::settle::Concerned;
use super::view::{FindingView, Views, possible};
use super::{Difference, Disposition, DispositionKind, Finding, Remedy, entries};
use crate::audit::Actor;
use crate::authorization::CallerKind::{Administrator, Console};
use crate::authorization::CallerKinds;
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::grant::{self, EndReason, Grant};
use crate::ids::{FindingId, GrantId, PersonId};
use crate::notices;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{Moment, Ports, Store};
use crate::proposal::{self, ProposalView};
use crate::provisioning::Lane;
use crate::refusal::{Refusal, malformed, not_found};
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
}

/// What a person decided, or proposes.
#[derive(Debug, Clone, Copy)]
enum Checked {
    /// To be done at once.
    Now(Decided),
    /// To be proposed: somebody answers for it, once a second person agrees.
    Answer(Answered),
}

/// Who is to answer, and until when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answered {
    pub(super) owner: PersonId,
    pub(super) ends_at: Timestamp,
    pub(super) kind: DispositionKind,
}

impl Answered {
    /// As it is proposed about findings.
    pub(super) fn of(self, findings: &[Finding], reason: Paragraph) -> ProposedAnswer {
        ProposedAnswer {
            findings: findings.iter().map(|finding| finding.id).collect(),
            tools: findings.iter().map(|finding| finding.tool).collect(),
            owner: self.owner,
            ends_at: self.ends_at,
            baseline: self.kind == DispositionKind::Baseline,
            reason: Some(reason),
        }
    }
}

impl DispositionInput {
    /// Who is to answer, and until when, when that is what is wanted.
    ///
    /// # Errors
    /// [`Code::MalformedInput`].
    pub(super) fn answered(&self, now: Timestamp) -> Result<Option<Answered>, Refusal> {
        Ok(match self.check(now)? {
            Checked::Answer(answered) => Some(answered),
            Checked::Now(_) => None,
        })
    }

    fn check(&self, now: Timestamp) -> Result<Checked, Refusal> {
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
                Ok(Checked::Now(match self.kind {
                    Choice::Removal => Decided::Removal,
                    _ => Decided::Restore,
                }))
            }
            Choice::RetroRequest => {
                none("disposition.owner", self.owner.is_some())?;
                let until = at_most(self.days.unwrap_or(ASKING_DAYS), MAX_ASKING_DAYS)?;
                Ok(Checked::Now(Decided::RetroRequest { until }))
            }
            Choice::Exception | Choice::Baseline => {
                let owner = self
                    .owner
                    .ok_or_else(|| malformed("disposition.owner", "is required: say who answers for it"))?;
                let days = self
                    .days
                    .ok_or_else(|| malformed("disposition.days", "is required: say for how long"))?;
                let ends_at = at_most(days, MAX_ANSWERED_DAYS)?;
                Ok(Checked::Answer(Answered { owner, ends_at, kind: self.kind.kind() }))
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
    /// The finding as stored now. What takes a job stays open until the job, or the next check, has seen that it is done; what somebody is to
    /// answer for, until a second administrator has confirmed it.
    pub finding: FindingView,
    /// What waits for a second administrator.
    pub proposal: Option<ProposalView>,
}

impl Operation for Dispose {
    const NAME: &'static str = "drift.dispose";
    const SUMMARY: &'static str = "Do something about a finding: remove, restore, let the person ask, or propose that somebody answers for it until a day";
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
    let actor = context.admission.actor()?;
    let decided = match input.disposition.check(moment.now)? {
        Checked::Now(decided) => decided,
        Checked::Answer(answered) => return propose(context, input, answered).await,
    };
    let concerned = Concerned::load(store, input.finding).await?.ok_or_else(|| not_found("finding"))?;
    let finding = &concerned.finding;
    let kind = input.disposition.kind.kind();
    if !possible(finding, is_under_way(store, finding).await?).contains(&kind) {
        return Err(wrong_state(finding).into());
    }
    if matches!(decided, Decided::RetroRequest { .. }) {
        not_own(finding, actor)?;
    }
    let reason = CommittedText::new(input.disposition.reason.clone(), moment, "reason");
    let by =
        |remedy| Disposition { remedy, by: actor, confirmed_by: None, at: moment.now, reason: Some(reason) };
    let mut change = Change::new();
    let after = match decided {
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
    Ok(Decision::change(FindingAnswer { finding, proposal: None }, change))
}

/// Proposes that somebody answers for a finding.
async fn propose<P: Ports>(
    context: &Context<'_, P>,
    input: &DisposeFinding,
    answered: Answered,
) -> Result<Decision<FindingAnswer>, Failure> {
    let (store, actor) = (context.store(), context.admission.actor()?);
    let of = (answered.kind, answered.owner);
    let finding = answerable(store, actor, input.finding, of).await?;
    let answer = answered.of(std::slice::from_ref(&finding), input.disposition.reason.clone());
    let mut change = Change::new();
    let proposal = propose_answer(store, &mut change, &context.moment, actor, answer).await?;
    // The proposal is not stored yet when the finding is looked at.
    let finding = FindingView { proposal: Some(proposal.id), ..Views::new(store).finding(&finding).await? };
    let proposal = Some(proposal::operations::view(context, &proposal).await?);
    Ok(Decision::change(FindingAnswer { finding, proposal }, change))
}

/// Writes a finding about which something is being done.
fn decide(change: &mut Change, moment: &Moment, concerned: &Concerned, after: Finding) -> Finding {
    change.update(&concerned.finding, &after);
    entries::decided(change, moment.now, &after);
    after
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
    let (_, ending) = grant::ending(store, &grant, actor, moment, EndReason::Revoked).await?;
    change.extend(ending);
    Ok(())
}
