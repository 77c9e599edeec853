use audit_log::Checkpoint;
use audit_log::note::{NoteSignature, SignedNote};

use super::publication::{LogKey, Publication};
use super::{PublishedCheckpoint, root_at};
use crate::documents::Change;
use crate::failure::Failure;
use crate::notices;
use crate::operations::MAX_ATTEMPTS;
use crate::ports::{LogHead, Moment, Ports, Store as _, StoreError, Vault as _};
use crate::settings;

/// Minutes from one checkpoint to the next, at least: each is kept for good.
pub const CHECKPOINT_MINUTES: i64 = 1;
/// Minutes from one checkpoint sent by e-mail to the next, at least.
pub const EMAIL_MINUTES: i64 = 24 * 60;

/// Signs a checkpoint of the log if it has grown since the last one, and keeps it. Answers how many it published: 0 or 1.
///
/// It is no log entry, so that a log at rest stays at rest. Of two processes that publish at once one loses the race and leaves it.
///
/// # Errors
/// The store's and the vault's; [`StoreError::Damaged`] when the log does not continue what was published before: a second history is never
/// signed.
pub async fn publish<P: Ports>(ports: &P) -> Result<u64, Failure> {
    publish_after(ports, CHECKPOINT_MINUTES).await
}

/// The size of a checkpoint of the log as it is now: signs one, however young the last one is, unless the log has not grown since.
///
/// # Errors
/// As [`publish`]; [`StoreError::Conflict`] when others publish at the same time again and again.
pub async fn publish_now<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let wanted = ports.store().log_head().await?.size;
    for _ in 0..MAX_ATTEMPTS {
        if let Some((size, _)) =
            Publication::load(ports.store()).await?.and_then(|publication| publication.latest)
            && size >= wanted
        {
            return Ok(size);
        }
        publish_after(ports, 0).await?;
    }
    Err(StoreError::Conflict.into())
}

/// Signs with the current key a text that is no checkpoint: one that does not begin with the log's origin.
///
/// # Errors
/// The store's and the vault's.
pub(crate) async fn sign_text<P: Ports>(ports: &P, text: &str) -> Result<SignedNote, Failure> {
    let unusable = |what: &str| Failure::Defect(format!("a text cannot be signed: {what}"));
    let publication = Publication::load(ports.store()).await?.ok_or_else(|| unusable("there is no key"))?;
    if text.split('\n').next() == Some(publication.origin.as_str()) {
        return Err(unusable("it could be taken for a checkpoint"));
    }
    let key = publication.keys.last().ok_or_else(|| unusable("there is no key"))?;
    let verifier = key.verifier()?;
    let signature = ports.vault().sign(&LogKey::vault_name(key.number), text.as_bytes()).await?;
    let note = SignedNote::new(text, NoteSignature::new(&verifier, signature));
    let note = note.map_err(|error| unusable(&error.to_string()))?;
    note.verify(&[verifier]).map_err(|error| unusable(&error.to_string()))?;
    Ok(note)
}

async fn publish_after<P: Ports>(ports: &P, minutes: i64) -> Result<u64, Failure> {
    let moment = Moment::draw(ports.environment());
    // The head is read last: read first, it could lie before a checkpoint that somebody else publishes meanwhile.
    let (loaded, mut publication) = Publication::load_or_found(ports, &moment).await?;
    let head = ports.store().log_head().await?;
    if head.size == 0 {
        return Ok(0);
    }
    if let Some((size, at)) = publication.latest {
        if head.size == size || moment.now < at.plus_minutes(minutes) {
            return Ok(0);
        }
        check_continues(ports, size, &head).await?;
    }
    let note = sign(ports, &publication, &head).await?;
    let mut change = Change::new();
    change.insert(&PublishedCheckpoint {
        size: head.size,
        root: head.root,
        at: moment.now,
        note: note.to_string(),
        anchors: Vec::new(),
    });
    publication.latest = Some((head.size, moment.now));
    let rested = publication.emailed_at.is_none_or(|at| at.plus_minutes(EMAIL_MINUTES) <= moment.now);
    if publication.email && rested && settings::current(ports.store()).await?.email_notices {
        publication.emailed_at = Some(moment.now);
        notices::checkpoint_published(&mut change, &moment, head.size);
    }
    change.upsert(loaded.as_ref(), &publication);
    let first = change.commit_if_first(ports.store()).await?;
    Ok(u64::from(first))
}

/// Refuses a log that is not what the last checkpoint says, with more entries.
async fn check_continues<P: Ports>(ports: &P, size: u64, head: &LogHead) -> Result<(), Failure> {
    let last = PublishedCheckpoint::load(ports.store(), size).await?;
    let last = last.ok_or_else(|| StoreError::Damaged(format!("checkpoint `{size}` is missing")))?;
    if head.size > size && root_at(ports.store(), size).await? == last.root {
        return Ok(());
    }
    let problem = format!("the log of {} entries does not continue its checkpoint of {size}", head.size);
    Err(StoreError::Damaged(problem).into())
}

/// A checkpoint of the head with the signature of the current key, and of one that was replaced since the last checkpoint: whoever knows
/// only that one can go on from there.
async fn sign<P: Ports>(ports: &P, publication: &Publication, head: &LogHead) -> Result<SignedNote, Failure> {
    let unusable = |what: String| Failure::Defect(format!("no checkpoint can be made: {what}"));
    let checkpoint = Checkpoint::new(&publication.origin, head.size, head.root)
        .map_err(|error| unusable(error.to_string()))?;
    let text = checkpoint.to_text();
    let signs = |key: &&LogKey| match (key.until, publication.latest) {
        (None, _) => true,
        (Some(until), Some((_, latest))) => until >= latest,
        (Some(_), None) => false,
    };
    let mut note: Option<SignedNote> = None;
    let mut verifiers = Vec::new();
    for key in publication.keys.iter().filter(signs) {
        let verifier = key.verifier()?;
        let signature = ports.vault().sign(&LogKey::vault_name(key.number), text.as_bytes()).await?;
        let line = NoteSignature::new(&verifier, signature);
        match &mut note {
            Some(note) => note.add_signature(line),
            None => note = Some(SignedNote::new(&text, line).map_err(|error| unusable(error.to_string()))?),
        }
        verifiers.push(verifier);
    }
    let note = note.ok_or_else(|| unusable("no key signs".to_owned()))?;
    // A vault that was replaced has other keys than those listed: nobody could verify what they sign.
    note.verify(&verifiers).map_err(|error| unusable(error.to_string()))?;
    Ok(note)
}
