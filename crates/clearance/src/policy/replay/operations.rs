//! `policies.replay`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::automatic::{renewal_of, replayed_emergency, replayed_proposal, replayed_renewal};
use super::{Differs, limit_of, replayed};
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::documents::{Loaded, Paging, Select, list, load};
use crate::emergency::Emergency;
use crate::failure::Failure;
use crate::ids::{EmergencyId, RequestId, ReviewId, ToolProposalId};
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::policy::ByTool;
use crate::policy::document::{PolicyVersion, all_rules};
use crate::ports::{MAX_PAGE, Ports, Store};
use crate::refusal::{Refusal, malformed};
use crate::request::Request;
use crate::review::{Renewal, Review};
use crate::tool_proposal::ToolProposal;

/// `policies.replay`.
#[derive(Debug)]
pub struct Replay;

/// What `policies.replay` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayDecisions {
    /// The last part's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Things looked at in this part, 1 to 1,000; 1,000 when not given.
    #[serde(default)]
    pub limit: Option<u16>,
}

/// Something that differs: one of its four ids is given.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReplayDifference {
    /// A request.
    pub request: Option<RequestId>,
    /// A proposed tool.
    pub tool_proposal: Option<ToolProposalId>,
    /// Access that was taken in an emergency.
    pub emergency: Option<EmergencyId>,
    /// A review that was decided to renew.
    pub review: Option<ReviewId>,
    /// The policy version that evaluated it; 0 when its request is gone.
    pub policy_version: u32,
    /// What differs.
    pub differs: Differs,
}

/// What `policies.replay` answers.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct ReplayAnswer {
    /// Requests computed again.
    pub requests: u32,
    /// Proposals of tools computed again.
    pub tool_proposals: u32,
    /// Accesses in emergencies computed again.
    pub emergencies: u32,
    /// Renewals by reviews computed again.
    pub renewals: u32,
    /// What differs; nothing is expected to.
    pub differences: Vec<ReplayDifference>,
    /// Give this as `after` to go on; none when this was the last part.
    pub next: Option<String>,
}

/// Kinds of things, in the order in which they are computed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Requests,
    ToolProposals,
    Emergencies,
    Renewals,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Requests, Self::ToolProposals, Self::Emergencies, Self::Renewals];

    fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::ToolProposals => "tool_proposals",
            Self::Emergencies => "emergencies",
            Self::Renewals => "renewals",
        }
    }

    fn following(self) -> Option<Self> {
        Self::ALL.into_iter().skip_while(|kind| *kind != self).nth(1)
    }

    /// Where to go on: the kind, and the store's own cursor in it; none at its beginning.
    fn cursor(self, after: Option<&str>) -> String {
        format!("{}:{}", self.name(), after.unwrap_or_default())
    }

    fn read(cursor: Option<&str>) -> Result<(Self, Option<String>), Refusal> {
        let Some(cursor) = cursor else { return Ok((Self::Requests, None)) };
        let of = |kind: Self| {
            let after = cursor.strip_prefix(kind.name())?.strip_prefix(':')?;
            Some((kind, (!after.is_empty()).then(|| after.to_owned())))
        };
        let found = Self::ALL.into_iter().find_map(of);
        found.ok_or_else(|| malformed("after", "is no `next` of an earlier answer"))
    }
}

/// Something that was decided under a policy version.
enum Decided {
    Request(Request),
    ToolProposal(ToolProposal),
    Emergency(Emergency, Option<Request>),
    Renewal(Review, Renewal, Option<Request>),
}

impl Decided {
    fn policy_version(&self) -> u32 {
        let of = |request: &Request| request.evaluation.policy_version;
        match self {
            Self::Request(request) => of(request),
            Self::ToolProposal(proposal) => proposal.evaluation.policy_version,
            Self::Emergency(_, request) | Self::Renewal(_, _, request) => request.as_ref().map_or(0, of),
        }
    }

    fn differs(&self, rules: &ByTool<'_>) -> Option<Differs> {
        match self {
            Self::Request(request) => replayed(request, rules),
            Self::ToolProposal(proposal) => replayed_proposal(proposal, rules),
            Self::Emergency(emergency, Some(request)) => replayed_emergency(emergency, request, rules),
            Self::Renewal(review, renewal, Some(request)) => {
                replayed_renewal(review, *renewal, request, rules)
            }
            Self::Emergency(_, None) | Self::Renewal(_, _, None) => Some(Differs::AutomaticDecision),
        }
    }

    fn difference(&self, differs: Differs) -> ReplayDifference {
        let (mut request, mut tool_proposal, mut emergency, mut review) = (None, None, None, None);
        match self {
            Self::Request(of) => request = Some(of.id),
            Self::ToolProposal(of) => tool_proposal = Some(of.id),
            Self::Emergency(of, _) => emergency = Some(of.id),
            Self::Renewal(of, _, _) => review = Some(of.id),
        }
        let policy_version = self.policy_version();
        ReplayDifference { request, tool_proposal, emergency, review, policy_version, differs }
    }
}

/// A page of things of a kind: how many were looked at, what of them was decided by the program, and the cursor.
async fn page(
    store: &impl Store,
    kind: Kind,
    after: Option<String>,
    limit: u16,
) -> Result<(u16, Vec<Decided>, Option<String>), Failure> {
    let paging = Paging { after, limit: Some(limit.clamp(1, MAX_PAGE)) };
    let count = |found: usize| u16::try_from(found).unwrap_or(u16::MAX);
    let mut decided = Vec::new();
    let (looked_at, next) = match kind {
        Kind::Requests => {
            let page = list::<Request>(store, Select::by(&Request::BY_TIME, ["all"]), &paging).await?;
            decided.extend(page.items.into_iter().map(|request| Decided::Request(request.into_inner())));
            (count(decided.len()), page.next)
        }
        Kind::ToolProposals => {
            let select = Select::by(&ToolProposal::BY_TIME, ["all"]);
            let page = list::<ToolProposal>(store, select, &paging).await?;
            decided.extend(page.items.into_iter().map(|of| Decided::ToolProposal(of.into_inner())));
            (count(decided.len()), page.next)
        }
        Kind::Emergencies => {
            let page = list::<Emergency>(store, Select::by(&Emergency::BY_TIME, ["all"]), &paging).await?;
            for emergency in page.items {
                let request = of_id(store, emergency.request).await?;
                decided.push(Decided::Emergency(emergency.into_inner(), request));
            }
            (count(decided.len()), page.next)
        }
        Kind::Renewals => {
            let page = list::<Review>(store, Select::by(&Review::BY_STATE, ["decided"]), &paging).await?;
            let looked_at = count(page.items.len());
            for review in page.items {
                let Some(renewal) = renewal_of(&review) else { continue };
                let request = match renewal.request() {
                    Some(request) => of_id(store, request).await?,
                    None => None,
                };
                decided.push(Decided::Renewal(review.into_inner(), renewal, request));
            }
            (looked_at, page.next)
        }
    };
    Ok((looked_at, decided, next))
}

async fn of_id(store: &impl Store, request: RequestId) -> Result<Option<Request>, Failure> {
    Ok(load::<Request>(store, &request.to_string()).await?.map(Loaded::into_inner))
}

impl ReplayAnswer {
    fn count(&mut self, decided: &[Decided]) {
        for one in decided {
            let count = match one {
                Decided::Request(_) => &mut self.requests,
                Decided::ToolProposal(_) => &mut self.tool_proposals,
                Decided::Emergency(..) => &mut self.emergencies,
                Decided::Renewal(..) => &mut self.renewals,
            };
            *count = count.saturating_add(1);
        }
    }
}

/// Everything that differs, from the rules of the versions that evaluated it.
async fn differences(store: &impl Store, decided: Vec<Decided>) -> Result<Vec<ReplayDifference>, Failure> {
    let mut by_version: BTreeMap<u32, Vec<Decided>> = BTreeMap::new();
    for one in decided {
        by_version.entry(one.policy_version()).or_default().push(one);
    }
    let mut differences = Vec::new();
    for (number, decided) in by_version {
        let version = load::<PolicyVersion>(store, &PolicyVersion::key_of(number)).await?;
        let rules = match &version {
            Some(version) => Some(all_rules(store, version).await?),
            None => None,
        };
        let by_tool = rules.as_ref().map(|rules| ByTool::new(rules));
        for one in &decided {
            let differs = match &by_tool {
                None => Some(Differs::PolicyVersion),
                Some(rules) => one.differs(rules),
            };
            differences.extend(differs.map(|differs| one.difference(differs)));
        }
    }
    Ok(differences)
}

impl Operation for Replay {
    const NAME: &'static str = "policies.replay";
    const SUMMARY: &'static str = "Compute past evaluations, and what the program decided by them, again from what was known then, and report every difference";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Verification);
    type Input = ReplayDecisions;
    type Output = ReplayAnswer;

    async fn cost<P: Ports>(_: &Context<'_, P>, input: &ReplayDecisions) -> Result<u32, Failure> {
        Ok(u32::from(limit_of(input.limit)))
    }

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ReplayDecisions,
    ) -> Result<Decision<ReplayAnswer>, Failure> {
        let store = context.store();
        let (mut kind, mut after) = Kind::read(input.after.as_deref())?;
        let mut left = limit_of(input.limit);
        let (mut answer, mut all) = (ReplayAnswer::default(), Vec::new());
        loop {
            if left == 0 {
                answer.next = Some(kind.cursor(after.as_deref()));
                break;
            }
            let (looked_at, decided, next) = page(store, kind, after.take(), left).await?;
            left = left.saturating_sub(looked_at);
            answer.count(&decided);
            all.extend(decided);
            if next.is_none() {
                let Some(following) = kind.following() else { break };
                kind = following;
            }
            after = next;
        }
        answer.differences = differences(store, all).await?;
        Ok(Decision::answer(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_place() {
        for kind in Kind::ALL {
            for after in [None, Some("req_1~2026-11-23T09:00:00.000Z".to_owned())] {
                let read = Kind::read(Some(&kind.cursor(after.as_deref()))).unwrap();
                assert_eq!(read, (kind, after));
            }
        }
        assert_eq!(Kind::read(None).unwrap(), (Kind::Requests, None));
        for wrong in ["", "requests", "renewal:", "req_1~2026"] {
            assert!(Kind::read(Some(wrong)).is_err(), "{wrong}");
        }
        assert_eq!(Kind::Requests.following(), Some(Kind::ToolProposals));
        assert_eq!(Kind::Renewals.following(), None);
    }
}
