//! Findings, the accounts that they are about, the checks that made them, and what the log says of each.

use std::collections::BTreeMap;

use clearance::audit::Actor;
use clearance::drift::{DispositionKind, DriftCheck, DriftKind, Finding};
use clearance::identity::{ProviderAccount, SeatBasis};
use clearance::ids::FindingId;
use clearance::ports::Store;
use clearance::text::CommittedText;

use super::log::Log;
use super::people::hidden;
use super::{every, require};

pub(super) async fn check(store: &impl Store, log: &Log, broken: &mut Vec<String>) {
    let findings: BTreeMap<FindingId, Finding> =
        every(store).await.into_iter().map(|finding: Finding| (finding.id, finding)).collect();
    let accounts: Vec<ProviderAccount> = every(store).await;
    let checks: Vec<DriftCheck> = every(store).await;
    for finding in findings.values() {
        in_the_log(finding, log, broken);
        named_once(finding, &accounts, &checks, broken);
    }
    for account in &accounts {
        named_rightly(account, &findings, broken);
        require(broken, !account.is_unused(), || {
            format!("an account at {} is kept and nothing needs it", account.connector)
        });
        let told = log.holds(account.fingerprint.as_str()) || log.holds(account.account.as_str());
        require(broken, !told, || "the log tells of an account".to_owned());
    }
}

fn in_the_log(finding: &Finding, log: &Log, broken: &mut Vec<String>) {
    let disposition = finding.disposition();
    let answered_for = disposition.is_some_and(|disposition| disposition.remedy.answered_for().is_some());
    let over = answered_for && !disposition.is_some_and(|disposition| disposition.remedy.is_in_force());
    for (kind, expected) in [
        ("drift.found", 1),
        ("drift.settled", usize::from(!finding.is_open())),
        ("drift.lapsed", usize::from(over)),
    ] {
        let logged = log.count(kind, finding.id);
        require(broken, logged == expected, || {
            format!("{} is {}: {logged} × {kind}", finding.id, finding.state_name())
        });
    }
    if let Some(disposition) = disposition {
        let by_program = disposition.by == Actor::System;
        require(broken, by_program || disposition.reason.is_some(), || {
            format!("{}: decided without a reason", finding.id)
        });
        let gone = disposition.remedy.kind() == DispositionKind::Gone;
        require(broken, by_program || !gone, || format!("{}: somebody said that it is gone", finding.id));
        if let Some(text) = disposition.reason.as_ref().and_then(CommittedText::text) {
            hidden(log, text.as_str(), broken);
        }
        if let Some(commitment) = disposition.reason.as_ref().and_then(CommittedText::commitment) {
            require(broken, log.says(commitment), || {
                format!("{}: its reason is not committed to", finding.id)
            });
        }
    }
}

/// Whoever looks at an account or a tool's check finds what is open about it, and nobody else.
fn named_once(
    finding: &Finding,
    accounts: &[ProviderAccount],
    checks: &[DriftCheck],
    broken: &mut Vec<String>,
) {
    let in_force = finding.disposition().is_some_and(|disposition| disposition.remedy.is_in_force());
    let Some(observed) = finding.difference.account() else {
        let named = |check: &&DriftCheck| {
            let of = if finding.difference.kind() == DriftKind::Unknown {
                check.unknown
            } else {
                check.rule_managed
            };
            check.tool == finding.tool && of == Some(finding.id)
        };
        let named = checks.iter().filter(named).count();
        require(broken, named == usize::from(finding.is_open() || in_force), || {
            format!("{} is {}: {named} checks name it", finding.id, finding.state_name())
        });
        return;
    };
    let account = accounts.iter().find(|account| {
        account.connector == finding.connector && account.fingerprint == observed.fingerprint
    });
    let open = account.and_then(|account| account.findings.get(&finding.tool));
    let named = open.is_some_and(|open| open.finding == finding.id && open.kind == finding.difference.kind());
    require(broken, named == finding.is_open(), || {
        format!("{} is {}, its account says {open:?}", finding.id, finding.state_name())
    });
}

fn named_rightly(
    account: &ProviderAccount,
    findings: &BTreeMap<FindingId, Finding>,
    broken: &mut Vec<String>,
) {
    for (tool, open) in &account.findings {
        let finding = findings.get(&open.finding);
        let right = finding.is_some_and(|finding| finding.tool == *tool && finding.is_open());
        require(broken, right, || format!("an account names {}, which is not open", open.finding));
    }
    for (tool, seat) in &account.seats {
        let SeatBasis::Baseline { finding, owner, ends_at } = &seat.basis else { continue };
        let remedy = findings
            .get(finding)
            .filter(|finding| finding.tool == *tool)
            .and_then(|finding| finding.disposition())
            .map(|disposition| disposition.remedy);
        let right = remedy
            .is_some_and(|remedy| remedy.is_in_force() && remedy.answered_for() == Some((*owner, *ends_at)));
        require(broken, right, || format!("a seat rests on {finding}, which nobody answers for"));
    }
}
