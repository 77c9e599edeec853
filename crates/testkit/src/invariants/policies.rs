//! What policy decided, computed again from the version and the snapshot kept with each request.

use std::collections::BTreeMap;

use clearance::documents::load;
use clearance::emergency::Emergency;
use clearance::policy::replay::automatic::{
    renewal_of, replayed_emergency, replayed_proposal, replayed_renewal,
};
use clearance::policy::replay::replayed;
use clearance::policy::{ByTool, PlacedRule, PolicyVersion, all_rules};
use clearance::ports::Store;
use clearance::request::Request;
use clearance::review::Review;
use clearance::tool_proposal::ToolProposal;

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
    for proposal in every::<ToolProposal>(store).await {
        let number = proposal.evaluation.policy_version;
        let differs = by_tool.get(&number).map(|rules| replayed_proposal(&proposal, rules));
        require(broken, differs == Some(None), || {
            format!("{} under version {number} differs when computed again: {differs:?}", proposal.id)
        });
    }
    for emergency in every::<Emergency>(store).await {
        let request =
            load::<Request>(store, &emergency.request.to_string()).await.expect("the store answers");
        let differs = request.as_ref().and_then(|request| {
            let rules = by_tool.get(&request.evaluation.policy_version)?;
            Some(replayed_emergency(&emergency, request, rules))
        });
        require(broken, differs == Some(None), || format!("{} differs: {differs:?}", emergency.id));
    }
    for review in every::<Review>(store).await {
        let Some(renewal) = renewal_of(&review) else { continue };
        let request = renewal.request().expect("it made one").to_string();
        let request = load::<Request>(store, &request).await.expect("the store answers");
        let differs = request.as_ref().and_then(|request| {
            let rules = by_tool.get(&request.evaluation.policy_version)?;
            Some(replayed_renewal(&review, renewal, request, rules))
        });
        require(broken, differs == Some(None), || format!("{} differs: {differs:?}", review.id));
    }
}
