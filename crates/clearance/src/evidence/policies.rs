//! The policy versions in force, rule by rule.

use std::collections::BTreeSet;

use evidence_pack::lines::RuleLine;

use crate::documents::{Paging, Select, list, load};
use crate::failure::Failure;
use crate::policy::{PlacedRule, PolicyVersion, all_rules, rule_value};
use crate::ports::{MAX_PAGE, Store};
use crate::time::Timestamp;

/// Numbers of the versions that were in force at some time of a period.
pub(super) async fn in_force(
    store: &impl Store,
    (from, until): (Timestamp, Timestamp),
) -> Result<BTreeSet<u32>, Failure> {
    let mut found = BTreeSet::new();
    let mut after = None;
    loop {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let select = Select::by(&PolicyVersion::BY_NUMBER, ["all"]).descending();
        let page = list::<PolicyVersion>(store, select, &paging).await?;
        for version in page.items {
            if version.published_at >= until {
                continue;
            }
            found.insert(version.number);
            // Newest first: what came before this one was replaced by it.
            if version.published_at <= from {
                return Ok(found);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// Writes the rules of a version by place.
pub(super) async fn write(store: &impl Store, number: u32, out: &mut Vec<u8>) -> Result<(), Failure> {
    let Some(version) = load::<PolicyVersion>(store, &PolicyVersion::key_of(number)).await? else {
        return Ok(());
    };
    for placed in all_rules(store, &version).await? {
        let PlacedRule { place, rule } = placed;
        RuleLine { version: number, place, rule: rule_value(&rule)? }.write(out);
    }
    Ok(())
}
