use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rule::PlacedRule;
use crate::ids::RuleId;

/// What one policy changes of another, by the ids of rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// Rules that are new.
    pub added: BTreeSet<RuleId>,
    /// Rules that say something else, or have another name.
    pub changed: BTreeSet<RuleId>,
    /// Rules that are gone.
    pub removed: BTreeSet<RuleId>,
    /// Whether rules that stay come in another order: their stages then do, too.
    pub reordered: bool,
}

impl Difference {
    /// What the second policy changes of the first.
    pub fn between(before: &[PlacedRule], after: &[PlacedRule]) -> Self {
        let by_id = |rules: &'_ [PlacedRule]| -> BTreeMap<RuleId, PlacedRule> {
            rules.iter().map(|placed| (placed.rule.id, placed.clone())).collect()
        };
        let (old, new) = (by_id(before), by_id(after));
        let changed = |(id, placed): (&RuleId, &PlacedRule)| {
            old.get(id).is_some_and(|old| old.rule != placed.rule).then_some(*id)
        };
        let staying = |rules: &[PlacedRule]| -> Vec<RuleId> {
            let mut staying: Vec<_> = rules
                .iter()
                .filter(|placed| old.contains_key(&placed.rule.id) && new.contains_key(&placed.rule.id))
                .map(|placed| (placed.place, placed.rule.id))
                .collect();
            staying.sort_unstable();
            staying.into_iter().map(|(_, id)| id).collect()
        };
        Self {
            added: new.keys().filter(|id| !old.contains_key(*id)).copied().collect(),
            changed: new.iter().filter_map(changed).collect(),
            removed: old.keys().filter(|id| !new.contains_key(*id)).copied().collect(),
            reordered: staying(before) != staying(after),
        }
    }

    /// Whether both are the same.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}
