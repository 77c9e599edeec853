//! Checkpoints that leave the site: `audit.put_anchoring`, `audit.add_cosignatures`, and what hosts do in between.
//!
//! A checkpoint counts as anchored once it truly went out: it is in the file outside, the mail server took it for an auditor, or a witness
//! signed it.

use audit_log::note::{CosignerKey, SignedNote};
use audit_log::{Checkpoint, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::publication::Publication;
use super::{Anchor, AnchoredTo, EventKind, PublishedCheckpoint, view};
use crate::authorization::CallerKind::{Administrator, Console};
use crate::authorization::CallerKinds;
use crate::documents::{self, Change, Loaded, Paging, Select};
use crate::failure::Failure;
use crate::operations::{Context, Decision, Effect, MAX_ATTEMPTS, Operation};
use crate::ports::{Environment as _, MAX_PAGE, Ports, StoreError};
use crate::refusal::{Code, Refusal, malformed};
use crate::time::Timestamp;

/// Witnesses known at most.
const MAX_WITNESSES: usize = 16;

/// `audit.put_anchoring`.
#[derive(Debug)]
pub struct PutAnchoring;

/// What `audit.put_anchoring` takes: what the host's configuration says.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnchoringInput {
    /// Whether a checkpoint a day goes to every auditor by e-mail.
    pub email: bool,
    /// Verifier keys of the witnesses whose cosignatures count; at most 16.
    pub witnesses: Vec<String>,
}

/// What `audit.put_anchoring` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AnchoringAnswer {
    /// As given.
    pub email: bool,
    /// As given.
    pub witnesses: Vec<String>,
}

impl Operation for PutAnchoring {
    const NAME: &'static str = "audit.put_anchoring";
    const SUMMARY: &'static str = "Settle whether checkpoints go out by e-mail, and whose cosignatures count";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Console]);
    type Input = AnchoringInput;
    type Output = AnchoringAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &AnchoringInput,
    ) -> Result<Decision<AnchoringAnswer>, Failure> {
        let moment = &context.moment;
        let (loaded, before) = Publication::load_or_found(context.ports, moment).await?;
        check_witnesses(&before, &input.witnesses)?;
        let answer = AnchoringAnswer { email: input.email, witnesses: input.witnesses.clone() };
        let after = Publication { email: input.email, witnesses: input.witnesses.clone(), ..before.clone() };
        if after == before {
            return Ok(Decision::answer(answer));
        }
        let mut change = Change::new();
        change.upsert(loaded.as_ref(), &after);
        let witnesses = after.witnesses.iter().map(|key| Value::from(key.clone())).collect();
        let facts =
            Value::object([("email", Value::from(after.email)), ("witnesses", Value::Array(witnesses))]);
        change.record(moment.now, &context.admission.actor()?, EventKind::AnchoringChanged, facts);
        Ok(Decision::change(answer, change))
    }
}

/// Each witness counts once, and the log itself does not.
fn check_witnesses(publication: &Publication, witnesses: &[String]) -> Result<(), Failure> {
    let wrong = |problem: &str| Failure::from(malformed("witnesses", problem));
    if witnesses.len() > MAX_WITNESSES {
        return Err(wrong("must be at most 16"));
    }
    let keys = witnesses
        .iter()
        .map(|key| key.parse::<CosignerKey>().map_err(|error| wrong(&error.to_string())))
        .collect::<Result<Vec<_>, _>>()?;
    audit_log::TrustPolicy::new(&publication.origin, publication.verifiers()?)
        .with_witnesses(0, keys)
        .map(drop)
        .map_err(|error| wrong(&error.to_string()))
}

/// `audit.add_cosignatures`.
#[derive(Debug)]
pub struct AddCosignatures;

/// What `audit.add_cosignatures` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CosignedNote {
    /// A checkpoint of this log with the lines that witnesses added.
    #[schemars(length(max = 16384))]
    pub note: String,
}

/// What `audit.add_cosignatures` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CosignedAnswer {
    /// The checkpoint as kept now.
    pub checkpoint: view::CheckpointView,
}

impl Operation for AddCosignatures {
    const NAME: &'static str = "audit.add_cosignatures";
    const SUMMARY: &'static str = "Keep the cosignatures that configured witnesses gave a checkpoint";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = CosignedNote;
    type Output = CosignedAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &CosignedNote,
    ) -> Result<Decision<CosignedAnswer>, Failure> {
        let refused = |why: String| Failure::from(Refusal::new(Code::CheckpointRefused, why));
        let publication = view::publication(context).await?;
        let brought = SignedNote::parse(input.note.as_bytes())
            .map_err(|error| malformed("note", &error.to_string()))?;
        let head = Checkpoint::open_note(&brought, &publication.verifiers()?, &publication.origin)
            .map_err(|error| refused(error.to_string()))?;
        let kept = view::checkpoint(context, head.size()).await?;
        if kept.root != *head.root() {
            return Err(refused("this site published another checkpoint of that size".to_owned()));
        }
        let witnesses = publication.cosigners()?;
        let cosignatures = brought.cosignatures(&witnesses).map_err(|error| refused(error.to_string()))?;
        if cosignatures.is_empty() {
            return Err(refused("none of the configured witnesses has signed it".to_owned()));
        }
        let mut after = (*kept).clone();
        let mut note = kept.signed_note()?;
        let of_witness = |line: &&audit_log::note::NoteSignature| {
            witnesses.iter().any(|key| key.name() == line.name() && key.id() == line.key_id())
        };
        for line in brought.signatures().iter().filter(of_witness) {
            if !note.signatures().contains(line) {
                note.add_signature(line.clone());
            }
        }
        after.note = note.to_string();
        for cosignature in cosignatures {
            let seconds = i64::try_from(cosignature.at.seconds()).unwrap_or(i64::MAX);
            let at = Timestamp::from_millisecond(seconds.saturating_mul(1000));
            add(&mut after, AnchoredTo::Witness(cosignature.witness.to_string()), at);
        }
        let change = anchored(&publication, &kept, &after, |_| ());
        Ok(Decision::change(CosignedAnswer { checkpoint: after.into() }, change))
    }
}

fn add(checkpoint: &mut PublishedCheckpoint, to: AnchoredTo, at: Timestamp) {
    checkpoint.anchors.retain(|anchor| anchor.to != to);
    checkpoint.anchors.push(Anchor { to, at });
}

/// The change by which a checkpoint counts as anchored.
fn anchored(
    publication: &Loaded<Publication>,
    before: &Loaded<PublishedCheckpoint>,
    after: &PublishedCheckpoint,
    more: impl FnOnce(&mut Publication),
) -> Change {
    let mut revised = (**publication).clone();
    revised.anchored = revised.anchored.max(after.size);
    more(&mut revised);
    let mut change = Change::new();
    change.update(publication, &revised);
    change.update(before, after);
    change
}

/// Notes that a checkpoint truly left the site. A host calls this after it did.
///
/// # Errors
/// The store's.
pub async fn note_anchored<P: Ports>(ports: &P, size: u64, to: AnchoredTo) -> Result<(), Failure> {
    let store = ports.store();
    for _ in 0..MAX_ATTEMPTS {
        let publication = Publication::load(store).await?;
        let checkpoint = PublishedCheckpoint::load(store, size).await?;
        let (Some(publication), Some(before)) = (publication, checkpoint) else {
            return Err(StoreError::Damaged(format!("checkpoint `{size}` is missing")).into());
        };
        let mut after = (*before).clone();
        add(&mut after, to.clone(), ports.environment().now());
        let change = anchored(&publication, &before, &after, |revised| {
            if to == AnchoredTo::File {
                revised.filed = revised.filed.max(size);
            }
        });
        if change.commit_if_first(store).await? {
            return Ok(());
        }
    }
    Err(StoreError::Conflict.into())
}

/// Checkpoints that the file outside does not hold yet, oldest first; at most 100.
pub async fn not_filed<P: Ports>(ports: &P) -> Result<Vec<PublishedCheckpoint>, Failure> {
    let Some(publication) = Publication::load(ports.store()).await? else { return Ok(Vec::new()) };
    if publication.latest.is_none_or(|(latest, _)| latest <= publication.filed) {
        return Ok(Vec::new());
    }
    let select = Select::by(&PublishedCheckpoint::BY_SIZE, ["all"])
        .from(PublishedCheckpoint::key_of(publication.filed.saturating_add(1)));
    let paging = Paging { after: None, limit: Some(MAX_PAGE) };
    let page = documents::list::<PublishedCheckpoint>(ports.store(), select, &paging).await?;
    Ok(page.items.into_iter().map(Loaded::into_inner).collect())
}
