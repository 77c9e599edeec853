//! Exports that are made step by step, each taken up by whoever runs next, and kept in pieces.
//!
//! A step makes the next stretch of content, and commits where the content stands then together with the pieces of it. A step of which that
//! commit did not come about is made again, over what it left: nothing is there twice, and nothing is missing. Only who has claimed the
//! export writes pieces of it: each commit checks the claim, so that somebody who is late changes nothing any more.

mod forget;
pub mod operations;
mod piece;

use futures_util::future::try_join_all;

use super::content::ExportContent;
use super::export::{Export, ExportState, KEPT_HOURS, Making, StopReason};
use super::operations::record_exported;
use crate::audit::{Actor, EventKind};
use crate::documents::{self, Change, Document as _, Loaded, Select, load};
use crate::failure::Failure;
use crate::limits::{self, RateClass, Subject};
use crate::operations::MAX_ATTEMPTS;
use crate::ports::{Environment as _, Ports, Store, StoreError};
use crate::refusal::Code;
use crate::time::Timestamp;

pub(crate) use forget::{forget_outdated, forget_person};
pub use piece::ExportPiece;
use piece::pieces_of;
pub(super) use piece::read_piece;

/// Seconds for which whoever works at an export has it alone, counted anew with each step.
const CLAIM_SECONDS: i64 = 180;
/// Pieces of one commit: below its 4 MiB, with the export beside them.
const PIECES_AT_ONCE: usize = 12;

/// What one run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExportPass {
    /// About how much was read: documents, and units of 10 KB of the log.
    pub reads: u64,
    /// Exports that became whole.
    pub whole: u32,
    /// Exports of which nothing comes.
    pub stopped: u32,
    /// Whether there is more to do.
    pub more: bool,
}

/// Goes on with exports that are in the making, step by step, until about so much is read or the host's time is over. A host's allowance is
/// by what is read and written; a step reads at most a few hundred documents or units, and writes about as much as it reads of the log.
///
/// # Errors
/// The store's and the vault's. What was made stays, and the next run goes on from there.
pub async fn run_due<P: Ports>(ports: &P, reads: u64) -> Result<ExportPass, Failure> {
    let (mut pass, mut failed) = (ExportPass::default(), None);
    for export in documents::all::<Export>(ports.store(), Select::all()).await? {
        match work_at(ports, export, reads, &mut pass).await {
            Ok(()) => {}
            // Somebody else is at it.
            Err(failure) if failure.is_conflict() => {}
            Err(failure) => {
                failed.get_or_insert(failure);
            }
        }
    }
    failed.map_or(Ok(pass), Err)
}

async fn work_at<P: Ports>(
    ports: &P,
    export: Loaded<Export>,
    reads: u64,
    pass: &mut ExportPass,
) -> Result<(), Failure> {
    let now = ports.environment().now();
    let ExportState::Making(making) = &export.state else { return Ok(()) };
    // What was not whole in time is stopped by the clockwork.
    if making.worked_until.is_some_and(|until| now < until) || export.expires_at <= now {
        return Ok(());
    }
    let making = Making::clone(making);
    let is_over = |pass: &ExportPass| pass.reads >= reads || ports.environment().is_time_up();
    if is_over(pass) {
        pass.more = true;
        return Ok(());
    }
    let mut work = Work { export, making };
    work.hold(ports, true).await?;
    let made = make(ports, &mut work, pass, is_over).await;
    let Err(failure) = made else { return Ok(()) };
    if let Failure::Refused(refusal) = &failure
        && let Some(reason) = reason_of(refusal.code())
    {
        let now = ports.environment().now();
        pass.stopped += u32::from(stop(ports.store(), &work.export, reason, now).await?);
        return Ok(());
    }
    if !failure.is_conflict() {
        // So that nobody waits for the claim to end. If this does not succeed either, they do.
        let _ = work.hold(ports, false).await;
    }
    Err(failure)
}

async fn make<P: Ports>(
    ports: &P,
    work: &mut Work,
    pass: &mut ExportPass,
    is_over: impl Fn(&ExportPass) -> bool,
) -> Result<(), Failure> {
    let export = Export::clone(&work.export);
    let mut content = match work.making.position.clone() {
        Some(position) => ExportContent::resume(ports, export, position).await?,
        None => ExportContent::begin(ports, export).await?,
    };
    loop {
        if is_over(pass) {
            pass.more = true;
            return work.hold(ports, false).await;
        }
        let before = content.reads();
        let is_whole = work.step(ports, &mut content).await?;
        pass.reads = pass.reads.saturating_add(content.reads() - before).max(1);
        if is_whole {
            pass.whole += 1;
            return Ok(());
        }
    }
}

/// Why an export stops when this refuses it; none when it is tried again.
fn reason_of(code: Code) -> Option<StopReason> {
    match code {
        Code::TooLarge => Some(StopReason::TooLarge),
        Code::RateLimited => Some(StopReason::TooOften),
        Code::NotFound => Some(StopReason::Gone),
        _ => None,
    }
}

/// Stops an export; whether this was what stopped it.
async fn stop(
    store: &impl Store,
    export: &Loaded<Export>,
    reason: StopReason,
    now: Timestamp,
) -> Result<bool, Failure> {
    let mut change = Change::new();
    change.update(export, &export.in_state(ExportState::Stopped { reason }));
    let facts = audit_log::Value::object([
        ("export", audit_log::Value::from(export.id.to_string())),
        ("reason", audit_log::Value::from(reason.as_str())),
    ]);
    change.record(now, &Actor::System, EventKind::ExportStopped, facts);
    change.commit_if_first(store).await
}

/// An export that this run has claimed.
struct Work {
    export: Loaded<Export>,
    making: Making,
}

impl Work {
    /// Claims the export, or lets go of it.
    async fn hold<P: Ports>(&mut self, ports: &P, holds: bool) -> Result<(), Failure> {
        let until = ports.environment().now().plus_seconds(CLAIM_SECONDS);
        self.making.worked_until = holds.then_some(until);
        let next = self.export.in_state(ExportState::Making(Box::new(self.making.clone())));
        let mut change = Change::new();
        change.update(&self.export, &next);
        if !change.commit_if_first(ports.store()).await? {
            return Err(StoreError::Conflict.into());
        }
        self.export = self.export.replaced_by(next);
        Ok(())
    }

    /// Makes the next stretch of content and keeps it; whether the export is whole with it.
    async fn step<P: Ports>(&mut self, ports: &P, content: &mut ExportContent) -> Result<bool, Failure> {
        let before = content.records();
        let bytes = content.some(ports).await?;
        let pieces = pieces_of(self.export.id, self.making.pieces, &bytes);
        let (early, last) = pieces.split_at(pieces.len().saturating_sub(PIECES_AT_ONCE));
        for some in early.chunks(PIECES_AT_ONCE) {
            self.keep(ports, some, None).await?;
        }
        let now = ports.environment().now();
        let number = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        let making = Making {
            pieces: self.making.pieces.saturating_add(number),
            bytes: self.making.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            position: content.position(),
            worked_until: Some(now.plus_seconds(CLAIM_SECONDS)),
        };
        let is_whole = making.position.is_none();
        let records = self.export.expected_records().unwrap_or_else(|| content.records());
        let next = if is_whole {
            let state = ExportState::Kept { pieces: making.pieces, bytes: making.bytes };
            let expires_at = now.plus_minutes(KEPT_HOURS * 60);
            Export { records, expires_at, ..self.export.in_state(state) }
        } else {
            Export { records, ..self.export.in_state(ExportState::Making(Box::new(making.clone()))) }
        };
        let read = u32::try_from(content.records().saturating_sub(before)).unwrap_or(u32::MAX);
        self.keep(ports, last, Some((&next, read))).await?;
        self.export = self.export.replaced_by(next);
        self.making = making;
        Ok(is_whole)
    }

    /// Writes pieces, if the export is still this run's; and, with the last of a step, what it is then and how many records count for it.
    async fn keep<P: Ports>(
        &self,
        ports: &P,
        pieces: &[ExportPiece],
        then: Option<(&Export, u32)>,
    ) -> Result<(), Failure> {
        let (store, now) = (ports.store(), ports.environment().now());
        for _ in 0..MAX_ATTEMPTS {
            // Somebody may have left pieces here who did not come to the end of this step.
            let left = pieces.iter().map(async |piece| load::<ExportPiece>(store, &piece.key()).await);
            let left = try_join_all(left).await?;
            let mut change = Change::new();
            for (piece, left) in pieces.iter().zip(&left) {
                change.upsert(left.as_ref(), piece);
            }
            match then {
                None => change.check(&self.export),
                Some((next, records)) => {
                    change.update(&self.export, next);
                    // What is read is counted with what is made of it, once.
                    if let (Actor::Person(person), 1..) = (next.by, records) {
                        let subject = Subject::person(person);
                        let charge = limits::charge(store, RateClass::Export, subject, records, now);
                        charge.await?.write(&mut change);
                    }
                    if let ExportState::Kept { .. } = next.state {
                        record_exported(&mut change, next, now);
                    }
                }
            }
            if change.commit_if_first(store).await? {
                return Ok(());
            }
            let stored = load::<Export>(store, &self.export.id.to_string()).await?;
            if stored.is_none_or(|stored| stored.revision() != self.export.revision()) {
                break;
            }
        }
        Err(StoreError::Conflict.into())
    }
}
