//! `policies.publish`: the draft becomes the next version.
//!
//! Slices are written first, in commits of their own, under keys that no version names yet. The last commit makes the version, names it
//! the active one and clears the draft: killed before it, nothing has happened.

use std::collections::{BTreeMap, BTreeSet};

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::{PolicySlice, PolicyVersion, SliceSet, active_version, all_rules, digest};
use super::draft::Draft;
use super::draft::operations::require_version;
use super::operations::{PolicyView, policy_view};
use super::site_facts::site_facts;
use super::{ActivePolicy, Difference, PlacedRule, Severity, Widening, lint, widening};
use crate::audit::{Actor, EventKind};
use crate::authorization::CallerKind::{Administrator, Console};
use crate::authorization::CallerKinds;
use crate::documents::{Change, Document as _, Loaded, load};
use crate::failure::Failure;
use crate::ids::{RuleId, ToolId};
use crate::notices;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::ports::{Moment, Ports, Store, StoreError};
use crate::proposal::{self, ProposalView, Proposed, close_about, propose};
use crate::refusal::{Code, Refusal};
use crate::text::Line;
use crate::time::Timestamp;

/// Most bytes of rules in one document: Forge keeps 240 KiB under a key.
const DOCUMENT_BYTES: usize = 160 * 1024;
/// Most bytes of the rules that name no tools within the version's own document, which each decision reads.
const GENERAL_BYTES: usize = 96 * 1024;
/// Slices of one commit, and their bytes.
const SLICES_OF_A_COMMIT: usize = 16;
const BYTES_OF_A_COMMIT: usize = 2 * 1024 * 1024;

pub(super) fn no_draft() -> Refusal {
    Refusal::new(Code::InvalidPolicy, "there is no draft")
}

/// A draft that may be published, and what is known of it.
pub(crate) struct Publishable {
    draft: Draft,
    active: Loaded<ActivePolicy>,
    rules: Vec<PlacedRule>,
    difference: Difference,
    /// Whether it is wider than the active version.
    pub(crate) widening: Widening,
}

/// Looks whether this version of the draft may be published.
///
/// # Errors
/// [`Code::StaleRevision`] when the draft or the active policy has changed; [`Code::InvalidPolicy`] when lint finds an error, or there is
/// nothing to publish.
pub(crate) async fn publishable(
    store: &impl Store,
    version: u32,
    now: Timestamp,
) -> Result<Publishable, Failure> {
    let draft = Draft::load(store).await?;
    require_version(&draft, version)?;
    let open = draft.open().ok_or_else(no_draft)?;
    let (active, current) = active_version(store).await?;
    if open.based_on != active.number {
        // Publishing clears the draft, so its base and the active version can only differ between two reads.
        return Err(StoreError::Conflict.into());
    }
    let (before, rules) = (all_rules(store, &current).await?, draft.rules());
    let difference = Difference::between(&before, &rules);
    if difference.is_nothing() {
        return Err(Refusal::new(Code::InvalidPolicy, "the draft changes nothing").into());
    }
    let facts = site_facts(store, before.iter().chain(&rules), now).await?;
    let findings = lint(&rules, &facts);
    if let Some(finding) = findings.iter().find(|finding| finding.code.severity() == Severity::Error) {
        return Err(Refusal::new(Code::InvalidPolicy, format!("lint finds an error: {}", finding.sentence))
            .with("rule", finding.rule)
            .into());
    }
    let widening = widening(&before, &rules, &facts);
    Ok(Publishable { draft, active, rules, difference, widening })
}

impl Publishable {
    /// Writes the slices and adds the rest to the change that publishes.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else published at the same moment.
    pub(crate) async fn publish(
        self,
        store: &impl Store,
        change: &mut Change,
        moment: &Moment,
        (by, confirmed_by): (Actor, Option<Actor>),
        note: Option<Line>,
    ) -> Result<PolicyVersion, Failure> {
        let number = self.active.number.saturating_add(1);
        // The same after a lost race: what was written then is found again.
        let [a, b, c, d, ..] = moment.bytes("policy slices", self.draft.version());
        let set = format!("{:08x}", u32::from_be_bytes([a, b, c, d]));
        let (general, slices) = sliced(number, &set, &self.rules);
        write_slices(store, &slices).await?;
        let version = PolicyVersion {
            number,
            published_by: by,
            confirmed_by,
            published_at: moment.now,
            note,
            slices: SliceSet { id: set, general: general.is_none() },
            general: general.unwrap_or_default(),
            rules_in_all: u32::try_from(self.rules.len()).unwrap_or(u32::MAX),
            difference: Some(self.difference.clone()),
            wider: self.widening.is_wider(),
        };
        change.insert(&version);
        change.update(&self.active, &ActivePolicy { number });
        self.draft.clear(change);
        let ids = |ids: &BTreeSet<RuleId>| {
            Value::Array(ids.iter().take(16).map(|id| Value::from(id.to_string())).collect())
        };
        let count = |ids: &BTreeSet<RuleId>| Value::from(u32::try_from(ids.len()).unwrap_or(u32::MAX));
        let Difference { added, changed, removed, reordered } = &self.difference;
        let facts = Value::object([
            ("policy_version", Value::from(number)),
            ("rules", Value::from(version.rules_in_all)),
            ("digest", digest(&self.rules)?.into()),
            ("draft", Value::from(self.draft.version())),
            ("wider", Value::from(version.wider)),
            ("confirmed_by", confirmed_by.map_or(Value::Null, |actor| actor.to_value())),
            ("added", ids(added)),
            ("changed", ids(changed)),
            ("removed", ids(removed)),
            ("rules_added", count(added)),
            ("rules_changed", count(changed)),
            ("rules_removed", count(removed)),
            ("reordered", Value::from(*reordered)),
        ]);
        change.record(moment.now, &by, EventKind::PolicyPublished, facts);
        if version.wider {
            notices::wider_policy(change, moment, number);
        }
        Ok(version)
    }
}

/// The rules that name no tools, if they fit into the version's own document, and everything else in documents that are small enough.
fn sliced(number: u32, set: &str, rules: &[PlacedRule]) -> (Option<Vec<PlacedRule>>, Vec<PolicySlice>) {
    let mut by_tool: BTreeMap<Option<ToolId>, Vec<&PlacedRule>> = BTreeMap::new();
    for placed in rules {
        match &placed.rule.when.tools {
            None => by_tool.entry(None).or_default().push(placed),
            Some(tools) => {
                for tool in tools {
                    by_tool.entry(Some(*tool)).or_default().push(placed);
                }
            }
        }
    }
    let length =
        |placed: &PlacedRule| serde_json::to_string(placed).map_or(DOCUMENT_BYTES, |text| text.len());
    let general = by_tool.get(&None).cloned().unwrap_or_default();
    let inline = general.iter().map(|placed| length(placed)).sum::<usize>() <= GENERAL_BYTES;
    if inline {
        by_tool.remove(&None);
    }
    let mut slices = Vec::new();
    for (tool, rules) in by_tool {
        let mut parts: Vec<Vec<PlacedRule>> = Vec::new();
        let mut bytes = 0_usize;
        for placed in rules {
            bytes = bytes.saturating_add(length(placed));
            match parts.last_mut() {
                Some(part) if bytes <= DOCUMENT_BYTES => part.push(placed.clone()),
                _ => {
                    bytes = length(placed);
                    parts.push(vec![placed.clone()]);
                }
            }
        }
        let last = parts.len().saturating_sub(1);
        for (part, rules) in parts.into_iter().enumerate() {
            let more = part < last;
            let part = u16::try_from(part).unwrap_or(u16::MAX);
            slices.push(PolicySlice { number, set: set.to_owned(), tool, part, more, rules });
        }
    }
    (inline.then(|| general.into_iter().cloned().collect()), slices)
}

/// Writes slices, a few at a time. Those that an attempt before this one wrote under the same name are the same.
async fn write_slices(store: &impl Store, slices: &[PolicySlice]) -> Result<(), Failure> {
    let mut rest = slices;
    while !rest.is_empty() {
        let (mut change, mut bytes, mut taken) = (Change::new(), 0_usize, 0_usize);
        for slice in rest.iter().take(SLICES_OF_A_COMMIT) {
            bytes =
                bytes.saturating_add(serde_json::to_string(slice).map_or(DOCUMENT_BYTES, |text| text.len()));
            if taken > 0 && bytes > BYTES_OF_A_COMMIT {
                break;
            }
            change.insert(slice);
            taken += 1;
        }
        let (now, later) = rest.split_at(taken);
        match store.commit(change.into_commit()?).await {
            Ok(_) => {}
            Err(StoreError::Conflict) => {
                for slice in now {
                    let known = load::<PolicySlice>(store, &slice.key()).await?;
                    if known.is_none_or(|known| *known != *slice) {
                        return Err(StoreError::Conflict.into());
                    }
                }
            }
            Err(error) => return Err(error.into()),
        }
        rest = later;
    }
    Ok(())
}

/// `policies.publish`.
#[derive(Debug)]
pub struct Publish;

/// What `policies.publish` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishPolicy {
    /// The draft's version that is published.
    pub version: u32,
    /// Why, in a line.
    #[serde(default)]
    pub note: Option<Line>,
}

/// What `policies.publish` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Published {
    /// The version that decides from now on; none while a second administrator has to agree.
    pub policy: Option<PolicyView>,
    /// What waits for a second administrator, because the draft gives more than the active policy.
    pub proposal: Option<ProposalView>,
}

impl Operation for Publish {
    const NAME: &'static str = "policies.publish";
    const SUMMARY: &'static str =
        "Publish the draft as the next policy version, or propose it when it gives more than the active one";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    const RECENT_SIGN_IN: bool = true;
    type Input = PublishPolicy;
    type Output = Published;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PublishPolicy,
    ) -> Result<Decision<Published>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let publishable = publishable(store, input.version, context.moment.now).await?;
        let (mut change, by) = (Change::new(), context.admission.actor()?);
        if publishable.widening.is_wider() {
            // What is proposed is this version of the draft, with which whoever confirms begins anew.
            publishable.draft.check(&mut change);
            let proposed = Proposed::PublishPolicy { version: input.version, note: input.note.clone() };
            let proposal = propose(store, &mut change, moment, by, proposed).await?;
            let proposal = proposal::operations::view(context, &proposal).await?;
            return Ok(Decision::change(Published { policy: None, proposal: Some(proposal) }, change));
        }
        close_about(store, &mut change, moment, by, Proposed::ABOUT_POLICY).await?;
        let version = publishable.publish(store, &mut change, moment, (by, None), input.note.clone()).await?;
        let policy = policy_view(&mut Names::new(store), version, true).await?;
        Ok(Decision::change(Published { policy: Some(policy), proposal: None }, change))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Conditions, Effect as RuleEffect, Rule};

    fn rules(count: u32, tools: u32, reason: usize) -> Vec<PlacedRule> {
        let tool = |number: u32| ToolId::of_name(&number.to_string());
        let rule = |place: u32| PlacedRule {
            place,
            rule: Rule {
                id: RuleId::of_name(&place.to_string()),
                name: Line::parse(&format!("Rule {place}")).unwrap(),
                when: Conditions {
                    tools: (tools > 0)
                        .then(|| BTreeSet::from([tool(place % tools), tool(place % tools + 1)])),
                    ..Conditions::default()
                },
                then: RuleEffect::Deny { reason: Line::parse(&"x".repeat(reason)).unwrap() },
            },
        };
        (0..count).map(rule).collect()
    }

    #[test]
    fn every_rule_is_in_a_document_of_its_tools_and_no_document_is_too_large() {
        for (count, tools, reason) in
            [(0, 0, 1), (3, 0, 1), (1_000, 0, 200), (1_000, 1, 200), (1_000, 500, 200)]
        {
            let rules = rules(count, tools, reason);
            let (general, slices) = sliced(2, "set", &rules);
            let keys: BTreeSet<String> = slices.iter().map(crate::documents::Document::key).collect();
            assert_eq!(keys.len(), slices.len(), "a key for each");
            for slice in &slices {
                assert!(serde_json::to_string(slice).unwrap().len() < 240 * 1024);
            }
            for placed in &rules {
                let tools: Vec<_> = placed.rule.when.tools.iter().flatten().copied().map(Some).collect();
                for tool in if tools.is_empty() { vec![None] } else { tools } {
                    let sliced =
                        slices.iter().filter(|slice| slice.tool == tool).flat_map(|slice| &slice.rules);
                    let inline = general.iter().flatten().filter(|_| tool.is_none());
                    assert_eq!(sliced.chain(inline).filter(|other| *other == placed).count(), 1);
                }
            }
            let tools: BTreeSet<_> = slices.iter().map(|slice| slice.tool).collect();
            for tool in tools {
                let parts: Vec<_> = slices.iter().filter(|slice| slice.tool == tool).collect();
                let chain = parts.iter().enumerate().all(|(number, slice)| {
                    usize::from(slice.part) == number && slice.more == (number + 1 < parts.len())
                });
                assert!(chain, "parts follow one another");
            }
        }
    }
}
