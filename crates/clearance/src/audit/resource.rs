//! `audit.resource`: the log as the files of [C2SP tlog-tiles](https://c2sp.org/tlog-tiles), which hosts serve below `/log/`.

use audit_log::tile::{BundlePath, LogPath, write_bundle};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tiles::read_tile;
use super::{reading, view};
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::failure::Failure;
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation, Scope};
use crate::ports::{Ports, Store, StoreError};
use crate::refusal::not_found;

/// `audit.resource`.
#[derive(Debug)]
pub struct Resource;

/// What `audit.resource` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceInput {
    /// `checkpoint`, `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]`, as C2SP tlog-tiles writes them.
    #[schemars(length(max = 64))]
    pub path: String,
}

/// What `audit.resource` answers.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct ResourceAnswer {
    /// The file's bytes, base64.
    pub content: String,
    /// Whether it is text (the checkpoint) rather than bytes.
    pub text: bool,
    /// Whether it never changes: a full tile or bundle.
    pub immutable: bool,
}

impl Operation for Resource {
    const NAME: &'static str = "audit.resource";
    const SUMMARY: &'static str =
        "One file of the log as C2SP tlog-tiles publishes it: checkpoint, tile or entries";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    const SCOPE: Scope = Scope::Log;
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Export);
    const CHARGED_BEFORE: bool = true;
    type Input = ResourceInput;
    type Output = ResourceAnswer;

    /// Entries or hashes that the file holds.
    async fn cost<P: Ports>(_: &Context<'_, P>, input: &ResourceInput) -> Result<u32, Failure> {
        Ok(match parse(input)? {
            LogPath::Checkpoint => 1,
            LogPath::Tile(path) => path.width().into(),
            LogPath::Entries(path) => path.width().into(),
        })
    }

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ResourceInput,
    ) -> Result<Decision<ResourceAnswer>, Failure> {
        let path = parse(input)?;
        let published = view::publication(context).await?.size()?;
        let store = context.store();
        // A tile beyond the published checkpoint could not be verified by anybody.
        let check = |min_size: u64| {
            if min_size <= published { Ok(()) } else { Err(Failure::from(not_found("file of the log"))) }
        };
        let (content, text, immutable) = match path {
            LogPath::Checkpoint => {
                let checkpoint = view::checkpoint(context, published).await?.into_inner();
                (checkpoint.note.into_bytes(), true, false)
            }
            LogPath::Tile(path) => {
                check(path.min_size())?;
                (read_tile(store, path).await?.to_bytes(), false, path.is_full())
            }
            LogPath::Entries(path) => {
                check(path.min_size())?;
                (bundle(store, path).await?, false, path.is_full())
            }
        };
        let answer = ResourceAnswer { content: STANDARD.encode(content), text, immutable };
        Ok(Decision::change(answer, reading::record(context).await?))
    }
}

fn parse(input: &ResourceInput) -> Result<LogPath, Failure> {
    input.path.parse().map_err(|_| not_found("file of the log").into())
}

async fn bundle(store: &impl Store, path: BundlePath) -> Result<Vec<u8>, Failure> {
    let entries = store.log_entries(path.start(), path.width()).await?;
    let bytes: Vec<Vec<u8>> = entries.into_iter().map(|entry| entry.bytes).collect();
    write_bundle(path, &bytes).map_err(|error| StoreError::Damaged(format!("log {path}: {error}")).into())
}
