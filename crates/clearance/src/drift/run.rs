//! The loop's one pass: which groups are due, each checked under a lease.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{Checked, Stopped, compare};
use super::known::Known;
use super::settle::Scene;
use super::{
    Cause, CheckOutcome, Difference, Disposition, DriftCheck, Finding, LastCheck, entries, leave, release,
    sweep,
};
use crate::clockwork::check_clock;
use crate::connector::{Connector, ProviderGroup};
use crate::documents::{self, Change, Loaded, Select, load};
use crate::failure::Failure;
use crate::ids::{FindingId, ToolId};
use crate::ports::{Environment as _, Moment, Ports, Store, StoreError};
use crate::settings;
use crate::time::Timestamp;

/// Minutes after which somebody else checks a group whose check did not come to its end.
const LEASE_MINUTES: i64 = 30;
/// Minutes until a group is looked at again that could not be read for a reason that passes.
const RETRY_MINUTES: i64 = 15;
/// Times that the end of a check is written anew when somebody else changed it.
const ATTEMPTS: usize = 8;

/// What one pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DriftPass {
    /// Groups compared to the end.
    pub checked: u32,
    /// Groups that could not be read.
    pub unknown: u32,
    /// Findings made.
    pub found: u32,
    /// Findings settled because they are not so any more.
    pub settled: u32,
    /// What somebody answered for until now.
    pub lapsed: u32,
    /// People whom the provider has deactivated.
    pub left: u32,
}

/// Checks every group that is due, and ends what is over.
///
/// It calls Core and may take long: a host runs it apart from the clockwork. Several hosts may run it at once.
///
/// # Errors
/// [`ClockHalted`](crate::refusal::Code::ClockHalted) when the clock cannot be trusted; otherwise the store's. What could be checked was.
pub async fn run_due<P: Ports>(ports: &P) -> Result<DriftPass, Failure> {
    check_clock(ports).await?;
    let mut pass = DriftPass { lapsed: sweep::end_what_is_over(ports).await?, ..DriftPass::default() };
    let mut checks: BTreeMap<ToolId, Loaded<DriftCheck>> =
        documents::all::<DriftCheck>(ports.store(), Select::all())
            .await?
            .into_iter()
            .map(|check| (check.tool, check))
            .collect();
    let mut failed = None;
    for connector in documents::all::<Connector>(ports.store(), Select::all()).await? {
        let select = Select::by(&ProviderGroup::BY_CONNECTOR, [connector.id]);
        let groups = documents::all::<ProviderGroup>(ports.store(), select).await?;
        let bound = groups.into_iter().map(|group| {
            let check = checks.remove(&group.tool);
            (group, check)
        });
        if let Err(failure) = check_connector(ports, &connector, bound.collect(), &mut pass).await {
            failed.get_or_insert(failure);
        }
    }
    for check in checks.into_values() {
        pass.settled += release::clear(ports, check).await?;
    }
    failed.map_or(Ok(pass), Err)
}

async fn check_connector<P: Ports>(
    ports: &P,
    connector: &Connector,
    groups: Vec<(Loaded<ProviderGroup>, Option<Loaded<DriftCheck>>)>,
    pass: &mut DriftPass,
) -> Result<(), Failure> {
    let now = ports.environment().now();
    let mut due = Vec::new();
    for (group, check) in groups {
        let is_of_it = |check: &DriftCheck| check.connector == connector.id && check.group == group.group;
        // A tool that was bound to another group meanwhile: what was found in the old one is over.
        if let Some(check) = check.as_ref().filter(|check| !is_of_it(check)) {
            pass.settled += release::clear(ports, check.clone()).await?;
        } else if check.as_ref().is_none_or(|check| check.due_at <= now) {
            due.push((group, check));
        }
    }
    if due.is_empty() {
        return Ok(());
    }
    let tools: BTreeSet<_> = due.iter().map(|(group, _)| group.tool).collect();
    let mut known = if connector.is_enabled() {
        Known::read(ports.store(), connector.id, &tools).await?
    } else {
        Known::default()
    };
    for (group, check) in due {
        if ports.environment().is_time_up() {
            // The rest stays due.
            break;
        }
        // One after the other, so that no lease is over before its check begins.
        let began_at = ports.environment().now();
        let Some(check) = claim(ports.store(), &group, check.as_ref(), began_at).await? else { continue };
        let scene = Scene { connector, tool: group.tool, initial: check.complete_at.is_none() };
        let outcome = if connector.is_enabled() {
            compare(ports, scene, &group, &mut known).await
        } else {
            Err(Stopped::Unknown(Cause::ConnectorDisabled))
        };
        let mut outcome = match outcome {
            Ok(checked) => Ok(checked),
            Err(Stopped::Unknown(cause)) => Err(cause),
            Err(Stopped::Failed(failure)) => return Err(failure),
        };
        if let Ok(checked) = &mut outcome {
            let left = leave::all(ports, &checked.deactivated, checked.members).await?;
            pass.left += left.people;
            checked.doubt = left.doubt;
            note_group(ports.store(), &group, checked).await?;
        }
        finish(ports, scene, began_at, &outcome, pass).await?;
    }
    Ok(())
}

/// Moves the time of a group's check, so that nobody else checks it at once; none when somebody else does.
async fn claim(
    store: &impl Store,
    group: &ProviderGroup,
    before: Option<&Loaded<DriftCheck>>,
    now: Timestamp,
) -> Result<Option<DriftCheck>, Failure> {
    let never = || DriftCheck::never(group, now);
    let check = before.map_or_else(never, |check| DriftCheck::clone(check));
    let check = DriftCheck { due_at: now.plus_minutes(LEASE_MINUTES), ..check };
    let mut change = Change::new();
    change.upsert(before, &check);
    let first = change.commit_if_first(store).await?;
    Ok(if first { Some(check) } else { None })
}

/// Notes the group's name and how many are in it, for whoever looks; whoever counts removals goes before.
async fn note_group(
    store: &impl Store,
    group: &Loaded<ProviderGroup>,
    checked: &Checked,
) -> Result<(), Failure> {
    let name = checked.name.clone().unwrap_or_else(|| group.name.clone());
    if name == group.name && checked.members == group.members {
        return Ok(());
    }
    let Some(before) = load::<ProviderGroup>(store, &group.tool.to_string()).await? else { return Ok(()) };
    if before.group != group.group || before.connector != group.connector {
        return Ok(());
    }
    let mut change = Change::new();
    change
        .update(&before, &ProviderGroup { name, members: checked.members, ..ProviderGroup::clone(&before) });
    change.commit_if_first(store).await?;
    Ok(())
}

/// Writes how a check came out, with the findings about the group itself.
async fn finish<P: Ports>(
    ports: &P,
    scene: Scene<'_>,
    began_at: Timestamp,
    outcome: &Result<Checked, Cause>,
    pass: &mut DriftPass,
) -> Result<(), Failure> {
    let store = ports.store();
    let hours = settings::current(store).await?.drift_hours.get();
    let moment = Moment::draw(ports.environment());
    for _ in 0..ATTEMPTS {
        let Some(before) = load::<DriftCheck>(store, &scene.tool.to_string()).await? else { return Ok(()) };
        let mut after = DriftCheck::clone(&before);
        let mut change = Change::new();
        let (mut found, mut settled) = (0, 0);
        let minutes = match outcome {
            Ok(checked) => {
                if let Some(cause) = checked.doubt {
                    let of = Difference::Unknown { cause };
                    found += note_finding(&mut change, &mut after.unknown, scene, &moment.part(1), of);
                } else {
                    let unknown = after.unknown.take();
                    settled += u32::from(settle_group(store, &mut change, unknown, &moment).await?);
                }
                if let Some(cause) = checked.rule {
                    let of = Difference::RuleManaged { cause };
                    found += note_finding(&mut change, &mut after.rule_managed, scene, &moment.part(0), of);
                } else {
                    let rule = after.rule_managed.take();
                    settled += u32::from(settle_group(store, &mut change, rule, &moment).await?);
                }
                after.complete_at = Some(began_at);
                after.last = Some(LastCheck {
                    at: began_at,
                    outcome: CheckOutcome::Complete {
                        members: checked.members,
                        findings: checked.open
                            + u32::from(after.rule_managed.is_some())
                            + u32::from(after.unknown.is_some()),
                    },
                });
                if checked.more { 1 } else { i64::from(hours) * 60 }
            }
            Err(cause) => {
                let of = Difference::Unknown { cause: *cause };
                found += note_finding(&mut change, &mut after.unknown, scene, &moment.part(1), of);
                after.last =
                    Some(LastCheck { at: began_at, outcome: CheckOutcome::Unknown { cause: *cause } });
                if cause.passes() { RETRY_MINUTES } else { i64::from(hours) * 60 }
            }
        };
        // Somebody who asked for a check while this one ran gets another one.
        if before.due_at > moment.now {
            after.due_at = moment.now.plus_minutes(minutes);
        }
        change.update(&before, &after);
        match store.commit(change.into_commit()?).await {
            Ok(_) => {
                match outcome {
                    Ok(checked) => {
                        pass.checked += 1;
                        pass.found += checked.found;
                        pass.settled += checked.settled;
                    }
                    Err(_) => pass.unknown += 1,
                }
                pass.found += found;
                pass.settled += settled;
                return Ok(());
            }
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}

/// Makes a finding about the group itself, unless there is one; how many were made.
fn note_finding(
    change: &mut Change,
    known: &mut Option<FindingId>,
    scene: Scene<'_>,
    moment: &Moment,
    difference: Difference,
) -> u32 {
    if known.is_some() {
        return 0;
    }
    let finding = scene.finding(moment, difference);
    *known = Some(finding.id);
    change.insert(&finding);
    entries::found(change, moment.now, &finding);
    1
}

/// Settles a finding about the group itself that is not so any more; whether there was an open one.
pub(super) async fn settle_group(
    store: &impl Store,
    change: &mut Change,
    finding: Option<FindingId>,
    moment: &Moment,
) -> Result<bool, Failure> {
    let Some(finding) = finding else { return Ok(false) };
    let Some(finding) = load::<Finding>(store, &finding.to_string()).await? else { return Ok(false) };
    if finding.is_open() {
        let disposition = Disposition::gone(moment.now);
        let settled = finding.settled(disposition.clone(), moment.now);
        change.update(&finding, &settled);
        entries::settled(change, moment.now, &disposition.by, &settled, &disposition);
        return Ok(true);
    }
    if finding.ends_at().is_some() {
        let over = finding.over();
        change.update(&finding, &over);
        entries::lapsed(change, moment.now, &over);
    }
    Ok(false)
}
