//! `policies.list`, `policies.get`, `policies.lint`.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::{PolicyVersion, active_version, all_rules};
use super::draft::operations::PutRule;
use super::mentioned::{Mentioned, Mentions};
use super::rule::{PlacedRule, Rule};
use super::site_facts::site_facts;
use super::subject::Subject;
use super::{Difference, FindingCode, Outcome, Severity, Snapshot, Widening, Witness, lint, widening};
use crate::audit::Actor;
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::catalog::{DataClass, Risk, ToolRef};
use crate::documents::{self, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::{PersonId, RuleId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{GroupRef, Names, PersonRef, Who};
use crate::ports::{Ports, Store};
use crate::refusal::not_found;
use crate::text::Line;
use crate::time::{Days, Timestamp};

/// A policy version as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyView {
    /// Its number.
    pub number: u32,
    /// Whether it is the one that decides now.
    pub active: bool,
    /// Who published it; none when the program did.
    pub published_by: Option<PersonRef>,
    /// Who agreed, when it took a second administrator.
    pub confirmed_by: Option<Who>,
    /// When.
    pub published_at: Timestamp,
    /// Why.
    pub note: Option<Line>,
    /// Rules that name no tools, in order.
    pub rules: Vec<Rule>,
    /// What the tools, groups and people are called that these rules mention.
    pub mentioned: Mentioned,
    /// Rules in all, those that name tools included.
    pub rules_in_all: u32,
    /// What it changed of the version before; none for versions of the program.
    pub difference: Option<Difference>,
    /// Whether it gave more than the version before it, for some request.
    pub wider: bool,
}

/// A policy version as people see it.
pub(super) async fn policy_view<S: Store>(
    names: &mut Names<'_, S>,
    version: PolicyVersion,
    active: bool,
) -> Result<PolicyView, Failure> {
    let rules: Vec<Rule> = version.general.into_iter().map(|placed| placed.rule).collect();
    Ok(PolicyView {
        number: version.number,
        active,
        published_by: match version.published_by {
            Actor::Person(person) => Some(names.person(person).await?),
            Actor::Console | Actor::System => None,
        },
        confirmed_by: match version.confirmed_by {
            Some(actor) => Some(names.who(actor).await?),
            None => None,
        },
        published_at: version.published_at,
        note: version.note,
        mentioned: Mentions::of_rules(&rules).named(names).await?,
        rules,
        rules_in_all: version.rules_in_all,
        difference: version.difference,
        wider: version.wider,
    })
}

/// `policies.list`.
#[derive(Debug)]
pub struct List;

/// What `policies.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListPolicies {
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "policies.list";
    const SUMMARY: &'static str = "Policy versions, newest first";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = ListPolicies;
    type Output = documents::List<PolicyView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListPolicies,
    ) -> Result<Decision<Self::Output>, Failure> {
        let store = context.store();
        let (active, _) = active_version(store).await?;
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let select = Select::by(&PolicyVersion::BY_NUMBER, ["all"]).descending();
        let page = documents::list::<PolicyVersion>(store, select, &paging).await?;
        let mut names = Names::new(store);
        let mut items = Vec::with_capacity(page.items.len());
        for version in page.items {
            let version = version.into_inner();
            let is_active = version.number == active.number;
            items.push(policy_view(&mut names, version, is_active).await?);
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

/// `policies.get`.
#[derive(Debug)]
pub struct Get;

/// What `policies.get` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetPolicy {
    /// Which version; the active one when not given.
    #[serde(default)]
    pub number: Option<u32>,
    /// Which version it is compared with.
    #[serde(default)]
    pub against: Option<u32>,
}

/// What `policies.get` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyAnswer {
    /// The version with all of its rules, in order.
    pub policy: PolicyView,
    /// The version it was to be compared with, with all of its rules.
    pub against: Option<PolicyView>,
    /// What it changes of that version.
    pub difference: Option<Difference>,
}

async fn numbered(store: &impl Store, number: u32) -> Result<PolicyVersion, Failure> {
    let version = load::<PolicyVersion>(store, &PolicyVersion::key_of(number)).await?;
    Ok(version.ok_or_else(|| not_found("policy version"))?.into_inner())
}

/// A version with all of its rules.
async fn whole<S: Store>(
    names: &mut Names<'_, S>,
    version: PolicyVersion,
    active: u32,
) -> Result<(PolicyView, Vec<PlacedRule>), Failure> {
    let rules = all_rules(names.store(), &version).await?;
    let is_active = version.number == active;
    let mut policy = policy_view(names, version, is_active).await?;
    policy.rules = rules.iter().map(|placed| placed.rule.clone()).collect();
    policy.mentioned = Mentions::of_rules(&policy.rules).named(names).await?;
    Ok((policy, rules))
}

impl Operation for Get {
    const NAME: &'static str = "policies.get";
    const SUMMARY: &'static str = "A policy version with all of its rules, and what it changes of another";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = GetPolicy;
    type Output = PolicyAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GetPolicy,
    ) -> Result<Decision<PolicyAnswer>, Failure> {
        let store = context.store();
        let (active, current) = active_version(store).await?;
        let version = match input.number {
            None => current.into_inner(),
            Some(number) => numbered(store, number).await?,
        };
        let mut names = Names::new(store);
        let (policy, rules) = whole(&mut names, version, active.number).await?;
        let (against, difference) = match input.against {
            None => (None, None),
            Some(number) => {
                let (against, before) =
                    whole(&mut names, numbered(store, number).await?, active.number).await?;
                (Some(against), Some(Difference::between(&before, &rules)))
            }
        };
        Ok(Decision::answer(PolicyAnswer { policy, against, difference }))
    }
}

/// `policies.lint`.
#[derive(Debug)]
pub struct Lint;

/// What `policies.lint` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LintPolicy {
    /// Which version; the draft when not given, and the active version when there is none.
    #[serde(default)]
    pub number: Option<u32>,
    /// Rules to look at that are stored nowhere, as a draft would have them.
    #[serde(default)]
    pub rules: Option<Vec<PutRule>>,
}

/// A request that shows something.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExampleView {
    /// For which tool; none for one that is not in the catalogue.
    pub tool: Option<ToolRef>,
    /// The tool's risk.
    pub risk: Risk,
    /// The tool's tags.
    pub tags: BTreeSet<Line>,
    /// Groups that the requester is in.
    pub requester_groups: Vec<GroupRef>,
    /// Data classes declared.
    pub data_classes: BTreeSet<DataClass>,
    /// Days asked for.
    pub days: Days,
    /// Days from first activation to the end asked for.
    pub days_in_all: Days,
    /// Who asks, where it matters.
    pub requester: Option<PersonRef>,
}

/// A finding as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LintFinding {
    /// What is wrong.
    pub code: FindingCode,
    /// How bad it is.
    pub severity: Severity,
    /// In which rule.
    pub rule: RuleId,
    /// What people call the rule.
    pub rule_name: Line,
    /// In which of its stages, from 0.
    pub stage: Option<usize>,
    /// What it means.
    pub sentence: String,
    /// A request that shows it.
    pub example: ExampleView,
}

/// Whether a draft is wider than the active policy.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum WideningView {
    /// For every request it is at least as strict.
    No,
    /// For this one it is not.
    Yes(Box<WitnessView>),
    /// It could not be told within bounds, and counts as wider.
    Undecided,
}

/// A request for which a draft, or another change, gives more.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WitnessView {
    /// The request.
    pub request: ExampleView,
    /// What is said of it now.
    pub before: Outcome,
    /// What would be said of it.
    pub after: Outcome,
    /// What the groups and people are called that these outcomes mention.
    pub mentioned: Mentioned,
}

/// What `policies.lint` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LintAnswer {
    /// What is wrong, in the order of the rules.
    pub findings: Vec<LintFinding>,
    /// Whether the draft, or the rules given, give more than the active policy; publishing them then takes a second administrator. None for a
    /// version.
    pub widening: Option<WideningView>,
}

async fn example<S: Store>(
    names: &mut Names<'_, S>,
    request: &Snapshot,
    requester: Option<PersonId>,
) -> Result<ExampleView, Failure> {
    let mut requester_groups = Vec::new();
    for group in &request.requester_groups {
        requester_groups.push(names.group(*group).await?);
    }
    Ok(ExampleView {
        tool: match request.tool {
            Some(tool) => Some(names.tool(tool).await?),
            None => None,
        },
        risk: request.risk,
        tags: request.tags.clone(),
        requester_groups,
        data_classes: request.data_classes.clone(),
        days: request.days,
        days_in_all: request.days_in_all,
        requester: match requester {
            Some(person) => Some(names.person(person).await?),
            None => None,
        },
    })
}

/// A request for which a change gives more, with names.
pub(crate) async fn witness_view<S: Store>(
    names: &mut Names<'_, S>,
    witness: &Witness,
) -> Result<WitnessView, Failure> {
    let request = example(names, &witness.request, witness.requester).await?;
    let (before, after) = (witness.before.clone(), witness.after.clone());
    let mentioned = Mentions::of_outcomes([&before, &after]).named(names).await?;
    Ok(WitnessView { request, before, after, mentioned })
}

impl Operation for Lint {
    const NAME: &'static str = "policies.lint";
    const SUMMARY: &'static str =
        "What is wrong with the draft, a version or given rules, and whether they would give more than now";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = LintPolicy;
    type Output = LintAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &LintPolicy,
    ) -> Result<Decision<LintAnswer>, Failure> {
        let store = context.store();
        let (_, active) = active_version(store).await?;
        let current = all_rules(store, &active).await?;
        let Subject { rules, proposed } =
            Subject::load(context, input.number, input.rules.as_deref()).await?;
        let facts = site_facts(store, current.iter().chain(&rules), context.moment.now).await?;
        let rule_names: BTreeMap<RuleId, Line> =
            rules.iter().map(|placed| (placed.rule.id, placed.rule.name.clone())).collect();
        let mut names = Names::new(store);
        let mut findings = Vec::new();
        for finding in lint(&rules, &facts) {
            let Some(rule_name) = rule_names.get(&finding.rule).cloned() else { continue };
            findings.push(LintFinding {
                code: finding.code,
                severity: finding.code.severity(),
                rule: finding.rule,
                rule_name,
                stage: finding.stage,
                sentence: finding.sentence,
                example: example(&mut names, &finding.example, finding.requester).await?,
            });
        }
        let widening = match proposed.then(|| widening(&current, &rules, &facts)) {
            None => None,
            Some(Widening::No) => Some(WideningView::No),
            Some(Widening::Undecided) => Some(WideningView::Undecided),
            Some(Widening::Yes(witness)) => {
                Some(WideningView::Yes(Box::new(witness_view(&mut names, &witness).await?)))
            }
        };
        Ok(Decision::answer(LintAnswer { findings, widening }))
    }
}
