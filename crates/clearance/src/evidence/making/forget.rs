//! What is kept of exports goes: when their time is over, when nothing comes of them, and with whoever they name.

use std::collections::BTreeSet;

use super::{ExportPiece, stop};
use crate::audit::Actor;
use crate::documents::{self, Change, Loaded, Paging, Select, list, load};
use crate::evidence::export::{Export, ExportState, StopReason};
use crate::evidence::register::ExportRegister;
use crate::failure::Failure;
use crate::ids::{ExportId, PersonId};
use crate::ports::{Environment as _, Ports, Store};
use crate::time::Timestamp;

/// Pieces removed by one commit.
const AT_ONCE: u16 = 20;

/// Removes exports whose time is over, and what is left of those that stopped; answers how many exports.
///
/// An export in the making is stopped first: then nobody writes pieces of it any more.
pub(crate) async fn forget_outdated(store: &impl Store, now: Timestamp) -> Result<u64, Failure> {
    let mut forgotten = 0;
    for export in documents::all::<Export>(store, Select::all()).await? {
        let is_over = export.expires_at <= now;
        match export.state {
            ExportState::Making(_) if is_over => {
                stop(store, &export, StopReason::TooLate, now).await?;
            }
            ExportState::Stopped { .. } => remove_pieces(store, export.id).await?,
            ExportState::Kept { .. } if is_over => remove_pieces(store, export.id).await?,
            ExportState::Making(_) | ExportState::Kept { .. } | ExportState::Streamed => {}
        }
        if is_over && !matches!(export.state, ExportState::Making(_)) {
            let mut change = Change::new();
            change.remove(&export);
            forgotten += u64::from(change.commit_if_first(store).await?);
        }
    }
    Ok(forgotten)
}

/// Stops what names somebody who is erased or was begun by them, and removes what there is of it.
pub(crate) async fn forget_person<P: Ports>(ports: &P, person: PersonId) -> Result<(), Failure> {
    let (store, now) = (ports.store(), ports.environment().now());
    let registered = Select::by(&ExportRegister::BY_PERSON, [person]);
    let registered = documents::all::<ExportRegister>(store, registered).await?;
    let mut exports: BTreeSet<ExportId> = registered.iter().map(|register| register.export).collect();
    for export in documents::all::<Export>(store, Select::all()).await? {
        if export.by == Actor::Person(person) {
            exports.insert(export.id);
        }
    }
    for id in exports {
        // Somebody who makes it may be first: then it is looked at again.
        while let Some(export) = load::<Export>(store, &id.to_string()).await?
            && is_kept(&export)
        {
            stop(store, &export, StopReason::Erasure, now).await?;
        }
        remove_pieces(store, id).await?;
    }
    Ok(())
}

fn is_kept(export: &Loaded<Export>) -> bool {
    matches!(export.state, ExportState::Making(_) | ExportState::Kept { .. })
}

async fn remove_pieces(store: &impl Store, export: ExportId) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let select = Select::all().from(format!("{export}:")).until(format!("{export};"));
        let page = list::<ExportPiece>(store, select, &Paging { after, limit: Some(AT_ONCE) }).await?;
        let mut change = Change::new();
        for piece in &page.items {
            change.remove(piece);
        }
        // Of two that remove the same, the other may be first.
        if !change.is_empty() {
            change.commit_if_first(store).await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}
