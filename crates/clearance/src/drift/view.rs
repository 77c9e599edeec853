//! Findings as people see them.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::remedy::is_under_way;
use super::{Difference, Disposition, DispositionKind, DriftCheck, DriftKind, Finding, FindingState, Remedy};
use crate::catalog::ToolRef;
use crate::documents::{self, Select, load};
use crate::failure::Failure;
use crate::ids::{FindingId, GrantId, JobId, ProposalId, ToolId};
use crate::people::{Names, PersonRef, Who};
use crate::ports::Store;
use crate::proposal::{Proposal, Proposed};
use crate::time::Timestamp;

/// What was decided about a finding, as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DispositionView {
    /// What is done.
    pub kind: DispositionKind,
    /// Who decided it.
    pub by: Who,
    /// Who agreed, where one may not decide it alone.
    pub confirmed_by: Option<Who>,
    /// When.
    pub at: Timestamp,
    /// Why, as it was written; none when the program decided it, or the text was destroyed.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<PersonRef>,
    /// Until when somebody answers for it, or the person is to ask.
    pub ends_at: Option<Timestamp>,
    /// The job that does it.
    pub job: Option<JobId>,
}

/// A finding as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingView {
    /// Its id.
    pub id: FindingId,
    /// What kind of difference it is.
    pub kind: DriftKind,
    /// The tool whose group it is.
    pub tool: ToolRef,
    /// Whose account it is about, when somebody is mapped to it.
    pub person: Option<PersonRef>,
    /// The grant that it is about.
    pub grant: Option<GrantId>,
    /// The last four characters of the provider's id of the account.
    pub hint: Option<String>,
    /// Why the group could not be read, or is not this program's to change.
    pub cause: Option<String>,
    /// Whether it was so when the group was bound.
    pub initial: bool,
    /// When it was found.
    pub first_seen_at: Timestamp,
    /// When it was last seen.
    pub last_seen_at: Timestamp,
    /// `open` or `settled`.
    pub state: String,
    /// What is being done or was done about it.
    pub disposition: Option<DispositionView>,
    /// What can be done about it now.
    pub dispositions: Vec<DispositionKind>,
    /// What is proposed about it, and waits for a second administrator.
    pub proposal: Option<ProposalId>,
}

/// What people can do about a finding as it stands; `busy` while a job about it is still to come to its end.
pub(super) fn possible(finding: &Finding, busy: bool) -> Vec<DispositionKind> {
    use DispositionKind::{Baseline, Exception, Removal, Restore, RetroRequest};
    let FindingState::Open { under_way } = &finding.state else { return Vec::new() };
    if busy {
        return Vec::new();
    }
    let asked = under_way.as_ref().is_some_and(|under_way| under_way.remedy.kind() == RetroRequest);
    let mut possible = match &finding.difference {
        Difference::ApprovedButMissing { .. } => return vec![Restore, Removal],
        Difference::RuleManaged { .. } => return vec![Exception],
        Difference::Unknown { .. } => return Vec::new(),
        // Whoever was asked once is not asked again.
        Difference::ObservedWithoutApproval { account } | Difference::Resurrected { account, .. }
            if account.person.is_some() && !asked =>
        {
            vec![Removal, RetroRequest, Exception]
        }
        Difference::ObservedWithoutApproval { .. }
        | Difference::Resurrected { .. }
        | Difference::Unmapped { .. } => vec![Removal, Exception],
    };
    if finding.initial {
        possible.push(Baseline);
    }
    possible
}

/// Makes views, each name and check looked up once.
pub(super) struct Views<'a, S> {
    store: &'a S,
    names: Names<'a, S>,
    checks: HashMap<ToolId, Option<DriftCheck>>,
    /// What waits for a second administrator about which findings, once it was looked at.
    proposed: Option<HashMap<FindingId, ProposalId>>,
}

impl<'a, S: Store> Views<'a, S> {
    pub(super) fn new(store: &'a S) -> Self {
        Self { store, names: Names::new(store), checks: HashMap::new(), proposed: None }
    }

    pub(super) async fn finding(&mut self, finding: &Finding) -> Result<FindingView, Failure> {
        let disposition = match finding.disposition() {
            Some(disposition) => Some(self.disposition(finding, disposition).await?),
            None => None,
        };
        let person = match finding.person() {
            Some(person) => Some(self.names.person(person).await?),
            None => None,
        };
        Ok(FindingView {
            id: finding.id,
            kind: finding.difference.kind(),
            tool: self.names.tool(finding.tool).await?,
            person,
            grant: finding.difference.grant(),
            hint: finding.difference.account().map(|account| account.hint.clone()),
            cause: finding.difference.cause().map(|cause| cause.as_str().to_owned()),
            initial: finding.initial,
            first_seen_at: finding.first_seen_at,
            last_seen_at: self.last_seen_at(finding).await?,
            state: finding.state_name().to_owned(),
            disposition,
            dispositions: possible(finding, is_under_way(self.store, finding).await?),
            proposal: self.proposal(finding).await?,
        })
    }

    /// What waits for a second administrator about a finding.
    async fn proposal(&mut self, finding: &Finding) -> Result<Option<ProposalId>, Failure> {
        if !finding.is_open() {
            return Ok(None);
        }
        if self.proposed.is_none() {
            let open = documents::all::<Proposal>(self.store, Select::by(&Proposal::BY_STATE, ["open"]));
            let mut proposed = HashMap::new();
            for proposal in open.await? {
                if let Proposed::AnswerForFindings(answer) = &proposal.proposed {
                    proposed.extend(answer.findings.iter().map(|finding| (*finding, proposal.id)));
                }
            }
            self.proposed = Some(proposed);
        }
        Ok(self.proposed.as_ref().and_then(|proposed| proposed.get(&finding.id).copied()))
    }

    /// An open finding is seen by every check; writing that down each time would write every finding again and again.
    async fn last_seen_at(&mut self, finding: &Finding) -> Result<Timestamp, Failure> {
        if !finding.is_open() {
            return Ok(finding.last_seen_at);
        }
        if !self.checks.contains_key(&finding.tool) {
            let check = load::<DriftCheck>(self.store, &finding.tool.to_string()).await?;
            let check = check.map(|check| DriftCheck::clone(&check));
            self.checks.insert(finding.tool, check);
        }
        let check = self.checks.get(&finding.tool).and_then(Option::as_ref);
        let complete = match finding.difference {
            Difference::Unknown { .. } => check.and_then(|check| check.last.map(|last| last.at)),
            _ => check.and_then(|check| check.complete_at),
        };
        Ok(complete.map_or(finding.last_seen_at, |complete| complete.max(finding.last_seen_at)))
    }

    async fn disposition(
        &mut self,
        finding: &Finding,
        disposition: &Disposition,
    ) -> Result<DispositionView, Failure> {
        let answered_for = disposition.remedy.answered_for();
        let owner = match answered_for {
            Some((owner, _)) => Some(self.names.person(owner).await?),
            None => None,
        };
        let job = match disposition.remedy {
            Remedy::Removal { job } => job,
            Remedy::Restore { job } => Some(job),
            _ => None,
        };
        let until = match disposition.remedy {
            Remedy::RetroRequest { until } => Some(until),
            _ => finding.ends_at(),
        };
        let reason = disposition.reason.as_ref().and_then(|reason| reason.text());
        Ok(DispositionView {
            kind: disposition.remedy.kind(),
            by: self.names.who(disposition.by).await?,
            confirmed_by: match disposition.confirmed_by {
                Some(actor) => Some(self.names.who(actor).await?),
                None => None,
            },
            at: disposition.at,
            reason: reason.map(ToString::to_string),
            owner,
            ends_at: until.or(answered_for.map(|(_, ends_at)| ends_at)),
            job,
        })
    }
}
