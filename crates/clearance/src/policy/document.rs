use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::difference::Difference;
use super::rule::PlacedRule;
use crate::audit::Actor;
use crate::documents::{Document, Loaded, Paging, Select, list, load};
use crate::failure::Failure;
use crate::ids::ToolId;
use crate::ports::{Attributes, Index, Kind, MAX_PAGE, Store, StoreError};
use crate::text::Line;
use crate::time::Timestamp;

/// An immutable, numbered version of the policy.
///
/// Rules whose conditions name tools lie apart, in one [`PolicySlice`] per tool, so that a decision reads only rules that can match.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// From 1.
    pub number: u32,
    /// Who published it.
    pub published_by: Actor,
    /// Who agreed, when it took a second administrator.
    #[serde(default)]
    pub confirmed_by: Option<Actor>,
    /// When.
    pub published_at: Timestamp,
    /// Why, in a line.
    pub note: Option<Line>,
    /// Rules that name no tools, unless they are too many for this document.
    pub general: Vec<PlacedRule>,
    /// Rules in all, sliced ones included.
    pub rules_in_all: u32,
    /// Where the other rules are.
    #[serde(default)]
    pub slices: SliceSet,
    /// What it changed; none in versions of the program.
    #[serde(default)]
    pub difference: Option<Difference>,
    /// Whether it was wider than the version before it.
    #[serde(default)]
    pub wider: bool,
}

impl PolicyVersion {
    /// Versions by number.
    pub const BY_NUMBER: Index = Index { name: "by_number", partition: &["all"], range: "number" };

    /// The key of a version. Eight digits sort as numbers do.
    pub fn key_of(number: u32) -> String {
        format!("{number:08}")
    }
}

impl Document for PolicyVersion {
    const KIND: &'static Kind =
        &Kind { name: "policy_version", attributes: &["all", "number"], indexes: &[Self::BY_NUMBER] };

    fn key(&self) -> String {
        Self::key_of(self.number)
    }

    fn attributes(&self) -> Attributes {
        vec![Some("all".to_owned()), Some(self.key())]
    }
}

/// Names the slices of one version.
///
/// A publication that was killed leaves slices that no version names; one that is tried again writes others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SliceSet {
    /// Part of their keys.
    pub id: String,
    /// Whether the rules that name no tools are slices, too.
    pub general: bool,
}

/// A part of a policy version's rules: those that name one tool, or those that name none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySlice {
    /// The version.
    pub number: u32,
    /// The [`SliceSet`]'s id.
    #[serde(default)]
    pub set: String,
    /// The tool; none for rules that name none.
    pub tool: Option<ToolId>,
    /// From 0: many rules take several documents.
    #[serde(default)]
    pub part: u16,
    /// Whether another part follows.
    #[serde(default)]
    pub more: bool,
    /// Its rules.
    pub rules: Vec<PlacedRule>,
}

impl PolicySlice {
    /// What the keys of a version's slices begin with.
    fn prefix(number: u32, set: &str) -> String {
        if set.is_empty() { format!("{number:08}:") } else { format!("{number:08}-{set}:") }
    }

    fn key_of(number: u32, set: &str, tool: Option<ToolId>, part: u16) -> String {
        let tool = tool.map_or_else(|| "general".to_owned(), |tool| tool.to_string());
        format!("{}{tool}:{part:03}", Self::prefix(number, set))
    }

    /// The slices of a version, by key.
    pub(crate) fn of_version(version: &PolicyVersion) -> Select {
        let prefix = Self::prefix(version.number, &version.slices.id);
        // `;` follows `:`, with which the prefix ends.
        let until = format!("{};", prefix.trim_end_matches(':'));
        Select::all().from(prefix).until(until)
    }
}

impl Document for PolicySlice {
    const KIND: &'static Kind = &Kind { name: "policy_slice", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::key_of(self.number, &self.set, self.tool, self.part)
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Guard: which version is active.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ActivePolicy {
    /// Its number.
    pub number: u32,
}

impl ActivePolicy {
    /// The only key.
    pub const KEY: &'static str = "site";
}

impl Document for ActivePolicy {
    const KIND: &'static Kind = &Kind { name: "active_policy", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// The active policy version.
///
/// # Errors
/// [`Failure::Defect`] before the site was initialized.
pub async fn active_version(
    store: &impl Store,
) -> Result<(Loaded<ActivePolicy>, Loaded<PolicyVersion>), Failure> {
    let defect = || Failure::Defect("the site has no active policy".to_owned());
    let active = load::<ActivePolicy>(store, ActivePolicy::KEY).await?.ok_or_else(defect)?;
    let version =
        load::<PolicyVersion>(store, &PolicyVersion::key_of(active.number)).await?.ok_or_else(defect)?;
    Ok((active, version))
}

/// The rules of a version that can match requests for a tool.
pub async fn rules_for(
    store: &impl Store,
    version: &PolicyVersion,
    tool: Option<ToolId>,
) -> Result<Vec<PlacedRule>, Failure> {
    let mut rules = version.general.clone();
    if version.slices.general {
        add_slice(store, version, None, &mut rules).await?;
    }
    if tool.is_some() && version.rules_in_all as usize > rules.len() {
        add_slice(store, version, tool, &mut rules).await?;
    }
    Ok(rules)
}

async fn add_slice(
    store: &impl Store,
    version: &PolicyVersion,
    tool: Option<ToolId>,
    rules: &mut Vec<PlacedRule>,
) -> Result<(), Failure> {
    for part in 0.. {
        let key = PolicySlice::key_of(version.number, &version.slices.id, tool, part);
        let Some(slice) = load::<PolicySlice>(store, &key).await? else { break };
        let slice = slice.into_inner();
        rules.extend(slice.rules);
        if !slice.more {
            break;
        }
    }
    Ok(())
}

/// Every rule of a version, in order.
///
/// # Errors
/// [`StoreError::Unavailable`] while the store's lists do not show all of them yet.
pub async fn all_rules(store: &impl Store, version: &PolicyVersion) -> Result<Vec<PlacedRule>, Failure> {
    let mut rules: BTreeMap<u32, PlacedRule> = BTreeMap::new();
    rules.extend(version.general.iter().map(|placed| (placed.place, placed.clone())));
    let mut after = None;
    while rules.len() < version.rules_in_all as usize {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let page = list::<PolicySlice>(store, PolicySlice::of_version(version), &paging).await?;
        for slice in page.items {
            rules.extend(slice.into_inner().rules.into_iter().map(|placed| (placed.place, placed)));
        }
        after = page.next;
        if after.is_none() && rules.len() < version.rules_in_all as usize {
            let problem = format!("policy version {} shows {} rules", version.number, rules.len());
            return Err(StoreError::Unavailable(problem).into());
        }
    }
    Ok(rules.into_values().collect())
}

/// A rule as the log's digest and evidence packs hold it.
///
/// # Errors
/// [`Failure::Defect`] when it holds a fraction, which no rule does.
pub fn rule_value(rule: &super::rule::Rule) -> Result<audit_log::Value, Failure> {
    let value = serde_json::to_value(rule).and_then(serde_json::from_value);
    value.map_err(|error| Failure::Defect(format!("rule {}: {error}", rule.id)))
}

/// The digest of a version's rules, general and sliced ones together, which the entry of its publication holds: see
/// [`evidence_pack::lines::PolicyDigest`].
///
/// # Errors
/// As [`rule_value`].
pub fn digest(rules: &[PlacedRule]) -> Result<audit_log::Hash, Failure> {
    let by_place: BTreeMap<u32, &PlacedRule> = rules.iter().map(|placed| (placed.place, placed)).collect();
    let mut digest = evidence_pack::lines::PolicyDigest::new();
    for (place, placed) in by_place {
        digest.add(place, &rule_value(&placed.rule)?);
    }
    Ok(digest.finish())
}
