use serde::{Deserialize, Serialize};

use super::rule::PlacedRule;
use crate::audit::Actor;
use crate::documents::{Document, Loaded, load};
use crate::failure::Failure;
use crate::ids::ToolId;
use crate::ports::{Attributes, Index, Kind, Store};
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
    /// When.
    pub published_at: Timestamp,
    /// Why, in a line.
    pub note: Option<Line>,
    /// Rules that name no tools.
    pub general: Vec<PlacedRule>,
    /// Rules in all, sliced ones included.
    pub rules_in_all: u32,
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

/// The rules of one policy version that name one tool.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PolicySlice {
    /// The version.
    pub number: u32,
    /// The tool.
    pub tool: ToolId,
    /// Its rules.
    pub rules: Vec<PlacedRule>,
}

impl PolicySlice {
    /// The key of a tool's slice of a version.
    pub fn key_of(number: u32, tool: ToolId) -> String {
        format!("{number:08}:{tool}")
    }
}

impl Document for PolicySlice {
    const KIND: &'static Kind = &Kind { name: "policy_slice", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::key_of(self.number, self.tool)
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
    if let Some(tool) = tool
        && version.rules_in_all as usize > rules.len()
        && let Some(slice) = load::<PolicySlice>(store, &PolicySlice::key_of(version.number, tool)).await?
    {
        rules.extend(slice.into_inner().rules);
    }
    Ok(rules)
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
    let by_place: std::collections::BTreeMap<u32, &PlacedRule> =
        rules.iter().map(|placed| (placed.place, placed)).collect();
    let mut digest = evidence_pack::lines::PolicyDigest::new();
    for (place, placed) in by_place {
        digest.add(place, &rule_value(&placed.rule)?);
    }
    Ok(digest.finish())
}
