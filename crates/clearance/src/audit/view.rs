//! `audit.checkpoint`, `audit.checkpoints`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::publication::{LogKey, Publication};
use super::{Anchor, PublishedCheckpoint};
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::documents::{self, List as Page, Loaded, Paging, Select};
use crate::failure::Failure;
use crate::operations::{Context, Decision, Effect, Operation, Scope};
use crate::ports::{Ports, Store as _};
use crate::refusal::{malformed, not_found};
use crate::settings::operations::Nothing;
use crate::time::Timestamp;

/// A checkpoint as auditors see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckpointView {
    /// Entries that it covers.
    pub size: u64,
    /// RFC 6962 root over them, hexadecimal.
    pub root: String,
    /// When it was signed.
    pub at: Timestamp,
    /// The signed note (C2SP tlog-checkpoint), with the cosignatures that came since.
    pub note: String,
    /// How it left the site; empty while it did not.
    pub anchors: Vec<Anchor>,
}

impl From<PublishedCheckpoint> for CheckpointView {
    fn from(checkpoint: PublishedCheckpoint) -> Self {
        let PublishedCheckpoint { size, root, at, note, anchors } = checkpoint;
        Self { size, root: root.to_string(), at, note, anchors }
    }
}

/// How the log is published; [`Code::NotFound`](crate::refusal::Code::NotFound) before its first checkpoint.
pub(super) async fn publication<P: Ports>(context: &Context<'_, P>) -> Result<Loaded<Publication>, Failure> {
    Publication::load(context.store()).await?.ok_or_else(|| not_found("checkpoint").into())
}

/// The checkpoint of this size.
pub(super) async fn checkpoint<P: Ports>(
    context: &Context<'_, P>,
    size: u64,
) -> Result<Loaded<PublishedCheckpoint>, Failure> {
    PublishedCheckpoint::load(context.store(), size).await?.ok_or_else(|| not_found("checkpoint").into())
}

/// `audit.checkpoint`.
#[derive(Debug)]
pub struct Latest;

/// What `audit.checkpoint` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckpointAnswer {
    /// The newest checkpoint.
    pub checkpoint: CheckpointView,
    /// The log's name: first line of every checkpoint, and name of the keys.
    pub origin: String,
    /// Every key that ever signed a checkpoint, oldest first; the last one signs.
    pub verifier_keys: Vec<LogKey>,
    /// Verifier keys of the witnesses whose cosignatures count.
    pub witnesses: Vec<String>,
    /// Entries in the log now.
    pub log_size: u64,
    /// Entries covered by a checkpoint that left the site.
    pub anchored_size: u64,
    /// Entries after those: whoever operates the site could still rewrite them, and nobody outside could tell.
    pub rewritable: u64,
}

impl Operation for Latest {
    const NAME: &'static str = "audit.checkpoint";
    const SUMMARY: &'static str =
        "The newest signed checkpoint, the keys that verify it, and how much of the log is anchored outside";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    const SCOPE: Scope = Scope::Log;
    type Input = Nothing;
    type Output = CheckpointAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        _: &Nothing,
    ) -> Result<Decision<CheckpointAnswer>, Failure> {
        let publication = publication(context).await?.into_inner();
        let checkpoint = checkpoint(context, publication.size()?).await?.into_inner();
        let log_size = context.store().log_head().await?.size;
        Ok(Decision::answer(CheckpointAnswer {
            checkpoint: checkpoint.into(),
            origin: publication.origin,
            verifier_keys: publication.keys,
            witnesses: publication.witnesses,
            log_size,
            anchored_size: publication.anchored,
            rewritable: log_size.saturating_sub(publication.anchored),
        }))
    }
}

/// `audit.checkpoints`.
#[derive(Debug)]
pub struct History;

/// What `audit.checkpoints` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListCheckpoints {
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
    /// Only checkpoints that cover at least so many entries; the first of these is last in the list.
    #[serde(default)]
    pub from_size: Option<u64>,
}

impl Operation for History {
    const NAME: &'static str = "audit.checkpoints";
    const SUMMARY: &'static str = "Every checkpoint that was published, newest first";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    const SCOPE: Scope = Scope::Log;
    type Input = ListCheckpoints;
    type Output = Page<CheckpointView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListCheckpoints,
    ) -> Result<Decision<Self::Output>, Failure> {
        let mut select = Select::by(&PublishedCheckpoint::BY_SIZE, ["all"]).descending();
        if let Some(size) = input.from_size {
            select = select.from(PublishedCheckpoint::key_of(size));
        }
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let page = documents::list::<PublishedCheckpoint>(context.store(), select, &paging).await?;
        Ok(Decision::answer(page.map(|checkpoint| checkpoint.into_inner().into())))
    }
}

/// A size of the log that was published: the one asked for, or the newest.
pub(super) fn published_size(publication: &Publication, asked: Option<u64>) -> Result<u64, Failure> {
    let latest = publication.size()?;
    match asked {
        Some(size) if size > latest => {
            Err(malformed("size", &format!("is beyond the newest checkpoint, which covers {latest} entries"))
                .into())
        }
        Some(size) => Ok(size),
        None => Ok(latest),
    }
}
