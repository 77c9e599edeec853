//! What policy decided, computed again from the version and the snapshot kept with each request.

use std::collections::BTreeMap;

use clearance::policy::replay::replayed;
use clearance::policy::{ByTool, PlacedRule, PolicyVersion, all_rules};
use clearance::ports::Store;
use clearance::request::Request;

use super::{every, require};

pub(super) async fn check(store: &impl Store, broken: &mut Vec<String>) {
    let mut versions: BTreeMap<u32, Vec<PlacedRule>> = BTreeMap::new();
    for version in every::<PolicyVersion>(store).await {
        let rules = all_rules(store, &version).await.expect("every version is whole");
        versions.insert(version.number, rules);
    }
    let by_tool: BTreeMap<u32, ByTool<'_>> =
        versions.iter().map(|(number, rules)| (*number, ByTool::new(rules))).collect();
    for request in every::<Request>(store).await {
        let number = request.evaluation.policy_version;
        let differs = by_tool.get(&number).map(|rules| replayed(&request, rules));
        require(broken, differs == Some(None), || {
            format!("{} under version {number} differs when computed again: {differs:?}", request.id)
        });
    }
}
