//! How findings are made and settled: with their account, in one commit.

use futures_util::stream::{self, StreamExt as _};

use super::{Difference, Disposition, DriftKind, Finding, Observed, Remedy, entries};
use crate::connector::{Connector, Kept};
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::grant::{Grant, GrantState, Means};
use crate::identity::{Fingerprint, OpenFinding, ProviderAccount};
use crate::ids::{FindingId, GrantId, PersonId, ToolId};
use crate::ports::{MAX_PAGE, Moment, Ports, Secret, Store};
use crate::time::Timestamp;

/// Findings of one commit: each is an entry, a finding, an account, and the disposal of what was kept of it.
pub(super) const AT_ONCE: usize = 4;
/// Commits under way at once: the store merges what waits into one sync of the disk.
pub(super) const UNDER_WAY: usize = 16;

/// A member that this program did not put into the group.
#[derive(Debug)]
pub(super) struct Stranger {
    /// Which account.
    pub(super) fingerprint: Fingerprint,
    /// The provider's id of it.
    pub(super) account: Secret,
    /// The last characters of that id.
    pub(super) hint: String,
}

/// The group in which something is found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    /// The connector.
    pub(super) connector: &'a Connector,
    /// The tool.
    pub(super) tool: ToolId,
    /// Whether no check of the group was complete before.
    pub(super) initial: bool,
}

impl Scene<'_> {
    pub(super) fn finding(&self, moment: &Moment, difference: Difference) -> Finding {
        Finding {
            id: FindingId::new(moment, "finding", 0),
            tool: self.tool,
            connector: self.connector.id,
            difference,
            initial: self.initial,
            first_seen_at: moment.now,
            last_seen_at: moment.now,
            state: super::FindingState::Open { under_way: None },
        }
    }
}

/// Makes findings about members that this program did not put into the group; answers how many.
pub(super) async fn record_strangers<P: Ports>(
    ports: &P,
    scene: Scene<'_>,
    strangers: Vec<Stranger>,
) -> Result<u32, Failure> {
    let moment = Moment::draw(ports.environment());
    let mut batches = Vec::new();
    let mut rest = strangers.into_iter().peekable();
    while rest.peek().is_some() {
        batches.push(rest.by_ref().take(AT_ONCE).collect::<Vec<_>>());
    }
    let batches = (0_u32..).zip(batches);
    let mut outcomes = stream::iter(batches)
        .map(|(number, batch)| record_batch(ports, scene, batch, moment.part(number)))
        .buffer_unordered(UNDER_WAY);
    let mut found = 0_u32;
    while let Some(outcome) = outcomes.next().await {
        found = found.saturating_add(outcome?);
    }
    Ok(found)
}

/// One commit of findings. Of what somebody else changed at the same moment, the next check sees.
async fn record_batch<P: Ports>(
    ports: &P,
    scene: Scene<'_>,
    batch: Vec<Stranger>,
    moment: Moment,
) -> Result<u32, Failure> {
    let mut change = Change::new();
    let mut findings = Vec::with_capacity(batch.len());
    for (number, stranger) in (0_u32..).zip(batch) {
        let part = moment.part(number);
        findings.extend(record_stranger(ports, scene, stranger, &part, &mut change).await?);
    }
    if findings.is_empty() {
        return Ok(0);
    }
    for finding in &findings {
        entries::found(&mut change, moment.now, finding);
    }
    let first = change.commit_if_first(ports.store()).await?;
    Ok(if first { u32::try_from(findings.len()).unwrap_or(u32::MAX) } else { 0 })
}

async fn record_stranger<P: Ports>(
    ports: &P,
    scene: Scene<'_>,
    stranger: Stranger,
    moment: &Moment,
    change: &mut Change,
) -> Result<Option<Finding>, Failure> {
    let store = ports.store();
    let key = ProviderAccount::key_of(scene.connector.id, &stranger.fingerprint);
    let before = load::<ProviderAccount>(store, &key).await?;
    if before.as_ref().is_some_and(|account| {
        account.seats.contains_key(&scene.tool) || account.findings.contains_key(&scene.tool)
    }) {
        return Ok(None);
    }
    let person = before.as_ref().and_then(|account| account.mapped_to);
    let observed =
        Observed { fingerprint: stranger.fingerprint.clone(), hint: stranger.hint.clone(), person };
    let difference = match person {
        None => Difference::Unmapped { account: observed },
        Some(person) => match ended_grant(store, person, scene.tool).await? {
            Some(grant) => Difference::Resurrected { account: observed, grant: Some(grant) },
            None => Difference::ObservedWithoutApproval { account: observed },
        },
    };
    let finding = scene.finding(moment, difference);
    let open = OpenFinding { finding: finding.id, kind: finding.difference.kind() };
    if let Some(before) = &before {
        let mut account = ProviderAccount::clone(before);
        account.findings.insert(scene.tool, open);
        change.update(before, &account);
    } else {
        let kept = Kept::secret(ports, moment, ("account", 0), &stranger.account).await?;
        let account = kept.name(change);
        change.insert(&ProviderAccount {
            connector: scene.connector.id,
            fingerprint: stranger.fingerprint,
            account,
            hint: stranger.hint,
            mapped_to: None,
            seats: [].into(),
            findings: [(scene.tool, open)].into(),
        });
    }
    change.insert(&finding);
    Ok(Some(finding))
}

/// A grant of the tool that gave the person a seat in a group and has ended: this program removed them before.
async fn ended_grant(store: &impl Store, person: PersonId, tool: ToolId) -> Result<Option<GrantId>, Failure> {
    let mut after = None;
    loop {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let select = Select::by(&Grant::BY_PERSON, [person]).descending();
        let page = documents::list::<Grant>(store, select, &paging).await?;
        let ended = page.items.iter().find(|grant| grant.tool == tool && was_removed(grant));
        if let Some(grant) = ended {
            return Ok(Some(grant.id));
        }
        after = page.next;
        if after.is_none() {
            return Ok(None);
        }
    }
}

fn was_removed(grant: &Grant) -> bool {
    grant.means != Means::RecordOnly && matches!(grant.state, GrantState::Ended { activated_at: Some(_), .. })
}

/// A finding about an account, with the account, as both are stored.
pub(super) struct Concerned {
    pub(super) finding: Loaded<Finding>,
    pub(super) account: Option<Loaded<ProviderAccount>>,
}

impl Concerned {
    /// Both, if the finding is open.
    pub(super) async fn load(store: &impl Store, finding: FindingId) -> Result<Option<Self>, Failure> {
        let Some(finding) = load::<Finding>(store, &finding.to_string()).await? else { return Ok(None) };
        let account = match finding.difference.account() {
            Some(observed) => {
                let key = ProviderAccount::key_of(finding.connector, &observed.fingerprint);
                load::<ProviderAccount>(store, &key).await?
            }
            None => None,
        };
        Ok(Some(Self { finding, account }))
    }

    /// Settles the finding; its account forgets it.
    pub(super) fn settle(
        &self,
        change: &mut Change,
        moment: &Moment,
        disposition: Disposition,
        seat: Option<crate::identity::Seat>,
    ) -> Finding {
        let settled = self.finding.settled(disposition.clone(), moment.now);
        change.update(&self.finding, &settled);
        if let Some(before) = &self.account {
            let mut account = ProviderAccount::clone(before);
            account.findings.retain(|_, open| open.finding != self.finding.id);
            if let Some(seat) = seat {
                account.seats.insert(self.finding.tool, seat);
            }
            ProviderAccount::write(change, before, &account, moment.now);
        }
        entries::settled(change, moment.now, &disposition.by, &settled, &disposition);
        settled
    }
}

/// What a check says of a finding that is not so any more: what was being done about it worked, or it went by itself.
pub(super) fn outcome(finding: &Finding, approved: bool, now: Timestamp) -> Disposition {
    match finding.disposition() {
        Some(under_way) if worked(under_way.remedy, finding.difference.kind(), approved) => under_way.clone(),
        _ => Disposition::gone(now),
    }
}

fn worked(remedy: Remedy, kind: DriftKind, approved: bool) -> bool {
    match remedy {
        Remedy::Removal { .. } => !approved && kind != DriftKind::ApprovedButMissing,
        Remedy::Restore { .. } | Remedy::RetroRequest { .. } => approved,
        Remedy::Exception { .. } | Remedy::Baseline { .. } | Remedy::Gone => false,
    }
}

/// Settles a finding that is not so any more; `approved` when that is because the account has a seat now and is in the group.
pub(super) async fn settle_gone<P: Ports>(
    ports: &P,
    finding: FindingId,
    approved: bool,
) -> Result<u32, Failure> {
    let Some(concerned) = Concerned::load(ports.store(), finding).await? else { return Ok(0) };
    if !concerned.finding.is_open() {
        return Ok(0);
    }
    let moment = Moment::draw(ports.environment());
    let mut change = Change::new();
    let disposition = outcome(&concerned.finding, approved, moment.now);
    concerned.settle(&mut change, &moment, disposition, None);
    let first = change.commit_if_first(ports.store()).await?;
    Ok(u32::from(first))
}
