//! `audit.proof`: that an entry is in the log, and that a larger log begins with a smaller one.

use audit_log::tile::TilePlan;
use audit_log::{Hash, TlogProof, prove_consistency, prove_inclusion};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tiles::{Tiles, not_made, not_planned, root_at};
use super::{PublishedCheckpoint, view};
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::failure::Failure;
use crate::operations::{Context, Decision, Effect, Operation, Scope};
use crate::ports::{Ports, Store};
use crate::refusal::malformed;

/// Hashes of the proof that the entry `index` is in the tree of the first `size` entries, which it must be, from the leaf upwards.
pub async fn inclusion(store: &impl Store, index: u64, size: u64) -> Result<Vec<Hash>, Failure> {
    let plan = TilePlan::new(size);
    prove_inclusion(&plan, index, size).map_err(not_planned)?;
    let tiles = Tiles::read(store, size, plan).await?;
    prove_inclusion(&tiles.reader(), index, size).map_err(not_made)
}

/// Hashes of the proof that the tree of the first `to` entries begins with that of the first `from`, which must not be more.
pub async fn consistency(store: &impl Store, from: u64, to: u64) -> Result<Vec<Hash>, Failure> {
    let plan = TilePlan::new(to);
    prove_consistency(&plan, from, to).map_err(not_planned)?;
    let tiles = Tiles::read(store, to, plan).await?;
    prove_consistency(&tiles.reader(), from, to).map_err(not_made)
}

/// The proof of an entry that a checkpoint covers, as a file of its own ([C2SP tlog-proof](https://c2sp.org/tlog-proof)).
pub(super) async fn tlog_proof(
    store: &impl Store,
    index: u64,
    checkpoint: &PublishedCheckpoint,
) -> Result<TlogProof, Failure> {
    let hashes = inclusion(store, index, checkpoint.size).await?;
    TlogProof::new(index, hashes, checkpoint.signed_note()?)
        .map_err(|error| Failure::Defect(format!("entry {index}: {error}")))
}

/// `audit.proof`.
#[derive(Debug)]
pub struct Prove;

/// What `audit.proof` takes: what to prove.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ProofInput {
    /// That an entry is in the log.
    Inclusion {
        /// The entry's position, from 0.
        index: u64,
        /// Entries of the tree it is proved in; the newest checkpoint's when not given, and not more.
        #[serde(default)]
        size: Option<u64>,
    },
    /// That the log of one size begins with the log of another: nothing was changed, only appended.
    Consistency {
        /// Entries of the smaller tree.
        from: u64,
        /// Entries of the larger tree; the newest checkpoint's when not given, and not more.
        #[serde(default)]
        to: Option<u64>,
    },
}

/// What `audit.proof` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProofAnswer {
    /// Entries of the (larger) tree.
    pub size: u64,
    /// RFC 6962 root over them, hexadecimal.
    pub root: String,
    /// Hashes of the proof in the order of RFC 9162 §2.1, hexadecimal.
    pub hashes: Vec<String>,
    /// Of an inclusion: the entry's leaf hash, hexadecimal. Compute it from the entry rather than believe it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaf_hash: Option<String>,
    /// Of a consistency: the root over the smaller tree, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_root: Option<String>,
    /// Of an inclusion in a published checkpoint: proof and checkpoint as one C2SP `tlog-proof@v1` text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tlog_proof: Option<String>,
}

impl Operation for Prove {
    const NAME: &'static str = "audit.proof";
    const SUMMARY: &'static str = "Prove that an entry is in the log, or that the log only grew";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    const SCOPE: Scope = Scope::Log;
    type Input = ProofInput;
    type Output = ProofAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ProofInput,
    ) -> Result<Decision<ProofAnswer>, Failure> {
        let store = context.store();
        let publication = view::publication(context).await?;
        let mut answer = ProofAnswer {
            size: 0,
            root: String::new(),
            hashes: Vec::new(),
            leaf_hash: None,
            from_root: None,
            tlog_proof: None,
        };
        let (size, hashes) = match *input {
            ProofInput::Inclusion { index, size } => {
                let size = view::published_size(&publication, size)?;
                if index >= size {
                    return Err(malformed("index", "is not below the size of the tree").into());
                }
                let entry = store.log_entries(index, 1).await?.into_iter().next();
                answer.leaf_hash = entry.map(|entry| entry.leaf_hash.to_string());
                if let Some(checkpoint) = PublishedCheckpoint::load(store, size).await? {
                    let proof = tlog_proof(store, index, &checkpoint).await?;
                    answer.tlog_proof = Some(proof.to_string());
                    (size, proof.hashes().to_vec())
                } else {
                    (size, inclusion(store, index, size).await?)
                }
            }
            ProofInput::Consistency { from, to } => {
                let to = view::published_size(&publication, to)?;
                if from > to {
                    return Err(malformed("from", "is larger than `to`").into());
                }
                answer.from_root = Some(root_at(store, from).await?.to_string());
                (to, consistency(store, from, to).await?)
            }
        };
        answer.size = size;
        answer.root = root_at(store, size).await?.to_string();
        answer.hashes = hashes.iter().map(ToString::to_string).collect();
        Ok(Decision::answer(answer))
    }
}
