//! `policies.draft`, `policies.put_draft`, `policies.discard_draft`.

use std::collections::{BTreeMap, BTreeSet};

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bounds;
use super::document::Draft;
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::documents::Change;
use crate::failure::Failure;
use crate::ids::RuleId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, Who};
use crate::policy::mentioned::Mentions;
use crate::policy::{self, Conditions, Difference, Mentioned, PlacedRule, Rule, active_version, all_rules};
use crate::ports::{Moment, Ports};
use crate::proposal::{Proposed, close_about};
use crate::refusal::{Code, Refusal, malformed};
use crate::settings::operations::Nothing;
use crate::text::Line;
use crate::time::Timestamp;

/// The draft as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DraftView {
    /// Give it with the next change. It rises with each.
    pub version: u32,
    /// Whether there is a draft; without one, the rules are those of the active policy.
    pub open: bool,
    /// The policy version from which it was made.
    pub based_on: u32,
    /// The policy version that decides now.
    pub active: u32,
    /// Who changed it last; none without a draft.
    pub changed_by: Option<Who>,
    /// When.
    pub changed_at: Option<Timestamp>,
    /// Its rules, in order.
    pub rules: Vec<Rule>,
    /// What the tools, groups and people are called that these rules mention.
    pub mentioned: Mentioned,
    /// What it changes of the active policy.
    pub difference: Difference,
}

/// What operations on the draft answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DraftAnswer {
    /// The draft as stored now.
    pub draft: DraftView,
}

/// `policies.draft`.
#[derive(Debug)]
pub struct Get;

impl Operation for Get {
    const NAME: &'static str = "policies.draft";
    const SUMMARY: &'static str = "The draft of the next policy version";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = Nothing;
    type Output = DraftAnswer;

    async fn run<P: Ports>(context: &Context<'_, P>, _: &Nothing) -> Result<Decision<DraftAnswer>, Failure> {
        let store = context.store();
        let draft = Draft::load(store).await?;
        let (_, active) = active_version(store).await?;
        let current = all_rules(store, &active).await?;
        let rules = if draft.open().is_some() { draft.rules() } else { current.clone() };
        let mut names = Names::new(store);
        let changed_by = match draft.open() {
            Some(open) => Some(names.who(open.changed_by).await?),
            None => None,
        };
        let mentioned = Mentions::of_rules(rules.iter().map(|placed| &placed.rule)).named(&mut names).await?;
        let draft = DraftView {
            version: draft.version(),
            open: draft.open().is_some(),
            based_on: draft.open().map_or(active.number, |open| open.based_on),
            active: active.number,
            changed_by,
            changed_at: draft.open().map(|open| open.changed_at),
            difference: Difference::between(&current, &rules),
            rules: rules.into_iter().map(|placed| placed.rule).collect(),
            mentioned,
        };
        Ok(Decision::answer(DraftAnswer { draft }))
    }
}

/// A rule to be added or changed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutRule {
    /// Which rule; a new one gets an id when none is given.
    #[serde(default)]
    pub id: Option<RuleId>,
    /// What people call it.
    pub name: Line,
    /// When it takes part.
    #[serde(default)]
    pub when: Conditions,
    /// What it does then.
    pub then: policy::Effect,
}

/// What `policies.put_draft` takes. Without a draft, one is made from the active policy.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutDraft {
    /// The draft's version that this changes.
    pub version: u32,
    /// Start from no rules instead of those that are there.
    #[serde(default)]
    pub replace: bool,
    /// Rules to leave out.
    #[serde(default)]
    pub remove: BTreeSet<RuleId>,
    /// Rules to change where they are, and to add behind the others.
    #[serde(default)]
    pub put: Vec<PutRule>,
    /// Every rule's id, in the order wanted. New rules whose ids are not known yet cannot be placed by it.
    #[serde(default)]
    pub order: Option<Vec<RuleId>>,
}

impl PutDraft {
    /// The rules after the change.
    fn applied(&self, rules: Vec<PlacedRule>, moment: &Moment) -> Result<Vec<PlacedRule>, Refusal> {
        let mut rules: Vec<Rule> = rules.into_iter().map(|placed| placed.rule).collect();
        if self.replace {
            rules.clear();
        }
        for id in &self.remove {
            let before = rules.len();
            rules.retain(|rule| rule.id != *id);
            if rules.len() == before {
                let message = "the draft has no such rule to remove";
                return Err(Refusal::new(Code::UnknownReference, message).with("rule", id));
            }
        }
        put_into(&mut rules, &self.put, moment);
        if let Some(order) = &self.order {
            let places: BTreeMap<RuleId, usize> = order.iter().copied().zip(0..).collect();
            let all = places.len() == order.len()
                && places.len() == rules.len()
                && rules.iter().all(|rule| places.contains_key(&rule.id));
            if !all {
                return Err(malformed("order", "must name every rule of the draft once"));
            }
            rules.sort_by_key(|rule| places.get(&rule.id).copied());
        }
        placed(rules)
    }
}

/// Changes rules where they are, and adds new ones behind the others.
fn put_into(rules: &mut Vec<Rule>, put: &[PutRule], moment: &Moment) {
    for (number, put) in (0_u32..).zip(put) {
        let id = put.id.unwrap_or_else(|| RuleId::new(moment, "rule", number));
        let rule = Rule { id, name: put.name.clone(), when: put.when.clone(), then: put.then.clone() };
        match rules.iter_mut().find(|known| known.id == id) {
            Some(known) => *known = rule,
            None => rules.push(rule),
        }
    }
}

fn placed(rules: Vec<Rule>) -> Result<Vec<PlacedRule>, Refusal> {
    let rules: Vec<_> = (0..).zip(rules).map(|(place, rule)| PlacedRule { place, rule }).collect();
    bounds::check(&rules)?;
    Ok(rules)
}

/// Rules that were given and are stored nowhere, in their order.
///
/// # Errors
/// As for a draft of them.
pub(in crate::policy) fn rules_given(given: &[PutRule], moment: &Moment) -> Result<Vec<PlacedRule>, Refusal> {
    let mut rules = Vec::with_capacity(given.len());
    put_into(&mut rules, given, moment);
    placed(rules)
}

/// Refuses a change of a draft that has changed since.
///
/// # Errors
/// [`Code::StaleRevision`].
pub(in crate::policy) fn require_version(draft: &Draft, version: u32) -> Result<(), Refusal> {
    if draft.version() == version {
        return Ok(());
    }
    let message = "somebody changed the draft meanwhile; load it again and repeat your change";
    Err(Refusal::new(Code::StaleRevision, message).with("version", draft.version()))
}

/// What a change of the draft came to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DraftChanged {
    /// The draft's version now.
    pub version: u32,
    /// The policy version on which it is based.
    pub based_on: u32,
    /// Ids of its rules, in order.
    pub rules: Vec<RuleId>,
}

/// `policies.put_draft`.
#[derive(Debug)]
pub struct Put;

impl Operation for Put {
    const NAME: &'static str = "policies.put_draft";
    const SUMMARY: &'static str = "Make or change the draft of the next policy version";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = PutDraft;
    type Output = DraftChanged;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PutDraft,
    ) -> Result<Decision<DraftChanged>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let draft = Draft::load(store).await?;
        require_version(&draft, input.version)?;
        let (_, active) = active_version(store).await?;
        let (before, based_on) = match draft.open() {
            Some(open) => (draft.rules(), open.based_on),
            None => (all_rules(store, &active).await?, active.number),
        };
        let rules = input.applied(before, moment)?;
        let actor = context.admission.actor()?;
        let mut change = Change::new();
        draft.write(&mut change, based_on, &rules, (actor, moment.now));
        // Whoever would confirm it has seen other rules.
        close_about(store, &mut change, moment, actor, Proposed::ABOUT_POLICY).await?;
        let version = draft.version().saturating_add(1);
        let facts = Value::object([
            ("draft", Value::from(version)),
            ("based_on", Value::from(based_on)),
            ("rules", Value::from(u32::try_from(rules.len()).unwrap_or(u32::MAX))),
            ("digest", policy::digest(&rules)?.into()),
        ]);
        change.record(moment.now, &actor, EventKind::PolicyDrafted, facts);
        let rules = rules.into_iter().map(|placed| placed.rule.id).collect();
        Ok(Decision::change(DraftChanged { version, based_on, rules }, change))
    }
}

/// `policies.discard_draft`.
#[derive(Debug)]
pub struct Discard;

/// What `policies.discard_draft` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscardDraft {
    /// The draft's version that is thrown away.
    pub version: u32,
}

/// What `policies.discard_draft` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Discarded {
    /// The version from which the next draft begins.
    pub version: u32,
}

impl Operation for Discard {
    const NAME: &'static str = "policies.discard_draft";
    const SUMMARY: &'static str = "Throw the draft away";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = DiscardDraft;
    type Output = Discarded;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &DiscardDraft,
    ) -> Result<Decision<Discarded>, Failure> {
        let draft = Draft::load(context.store()).await?;
        require_version(&draft, input.version)?;
        if draft.open().is_none() {
            return Err(super::super::publish::no_draft().into());
        }
        let mut change = Change::new();
        draft.clear(&mut change);
        let (store, moment, actor) = (context.store(), &context.moment, context.admission.actor()?);
        close_about(store, &mut change, moment, actor, Proposed::ABOUT_POLICY).await?;
        let facts = Value::object([("draft", Value::from(input.version))]);
        change.record(moment.now, &actor, EventKind::PolicyDraftDiscarded, facts);
        Ok(Decision::change(Discarded { version: input.version.saturating_add(1) }, change))
    }
}
