//! What everything in a pack is proved against: a checkpoint, and the log's tiles.

use audit_log::proof::RangeProof;
use audit_log::tile::TilePlan;
use audit_log::{Hash, prove_inclusion, prove_range};

use crate::audit::{Publication, PublishedCheckpoint, Tiles, publish_now, sign_text};
use crate::failure::Failure;
use crate::ports::{Ports, Store, StoreError};

/// A checkpoint with the keys that its signatures are of.
#[derive(Debug)]
pub(super) struct Anchor {
    /// The log's name.
    pub(super) origin: String,
    /// The signed note.
    pub(super) note: String,
    /// Verifier keys, one per line.
    pub(super) keys: String,
}

/// The size of a checkpoint of the log as it is now; signs one if there is none.
pub(super) async fn fresh<P: Ports>(ports: &P) -> Result<u64, Failure> {
    publish_now(ports).await
}

/// The checkpoint of this size.
pub(super) async fn at<P: Ports>(ports: &P, size: u64) -> Result<Anchor, Failure> {
    let missing = || StoreError::Damaged(format!("checkpoint `{size}` is missing"));
    let checkpoint = PublishedCheckpoint::load(ports.store(), size).await?.ok_or_else(missing)?;
    let publication = Publication::load(ports.store()).await?.ok_or_else(missing)?;
    let keys: Vec<String> = publication.verifiers()?.iter().map(ToString::to_string).collect();
    let keys = keys.join("\n") + "\n";
    Ok(Anchor { origin: publication.origin.clone(), note: checkpoint.note.clone(), keys })
}

/// The site's signature over a text, as a signed note.
pub(super) async fn sign<P: Ports>(ports: &P, text: &str) -> Result<Vec<u8>, Failure> {
    Ok(sign_text(ports, text).await?.to_string().into_bytes())
}

/// The proofs of these entries in the tree of the first `size`. Neighbours share tiles, each of which is read once.
pub(super) async fn inclusion_proofs(
    store: &impl Store,
    indices: &[u64],
    size: u64,
) -> Result<Vec<Vec<Hash>>, Failure> {
    let plan = TilePlan::new(size);
    let impossible = |what: String| Failure::Defect(format!("a proof cannot be made: {what}"));
    for index in indices {
        prove_inclusion(&plan, *index, size).map_err(|error| impossible(error.to_string()))?;
    }
    let tiles = Tiles::read(store, size, plan).await?;
    let reader = tiles.reader();
    let proofs = indices.iter().map(|index| prove_inclusion(&reader, *index, size));
    proofs.collect::<Result<_, _>>().map_err(|error| impossible(error.to_string()))
}

/// The proof of all entries of a span in the tree of the first `size`.
pub(super) async fn range_proof(
    store: &impl Store,
    (start, end): (u64, u64),
    size: u64,
) -> Result<RangeProof, Failure> {
    let impossible = |what: String| Failure::Defect(format!("a proof cannot be made: {what}"));
    let plan = TilePlan::new(size);
    prove_range(&plan, start, end, size).map_err(|error| impossible(error.to_string()))?;
    let tiles = Tiles::read(store, size, plan).await?;
    prove_range(&tiles.reader(), start, end, size).map_err(|error| impossible(error.to_string()))
}
