//! `evidence.export`, `requests.export`, `exports.get`: exports whose content is made while it is downloaded.

use audit_log::Value;
use evidence_pack::layout::MAX_EXPLAINED_RECORDS;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::anchors;
use super::export::{EXPORT_MINUTES, Export, ExportState, StopReason};
use super::register::ExportScope;
use super::survey::{Survey, survey};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::documents::{Change, Loaded, load};
use crate::failure::Failure;
use crate::ids::{ExportId, GrantId, PersonId, ToolId};
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{Ports, Store as _};
use crate::refusal::{Code, Refusal, not_found};
use crate::settings::operations::Nothing;
use crate::time::Timestamp;

/// An export as whoever made it sees it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExportView {
    /// Its id.
    pub id: ExportId,
    /// What it is of.
    pub scope: ExportScope,
    /// Entries of the log under the checkpoint that it is proved against.
    pub tree_size: u64,
    /// Records in it, so far while it is in the making; 0 for a list of requests, which has none.
    pub records: u64,
    /// Whether it has texts, identities, tables and a report. A period of more than 100,000 records has records and their proof only.
    pub explained: bool,
    /// When it was made, or begun.
    pub made_at: Timestamp,
    /// Until when it can be downloaded; until when it must be whole, while it is in the making.
    pub expires_at: Timestamp,
    /// How its content comes about.
    pub progress: ExportProgress,
    /// Where on this host to download it, with `GET`, unless it is in the making or stopped.
    pub download: String,
}

/// How the content of an export comes about.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ExportProgress {
    /// Each download makes it anew.
    Streamed,
    /// It is in the making.
    Making {
        /// Entries of the log that were read.
        read: u64,
        /// Entries of the log that are to be read; 0 for a list of requests.
        of: u64,
        /// Bytes that are there.
        bytes: u64,
    },
    /// It is whole, and `exports.read` gives it.
    Kept {
        /// Its bytes.
        bytes: u64,
    },
    /// Nothing comes of it.
    Stopped {
        /// Why.
        reason: StopReason,
    },
}

/// What operations about one export answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExportAnswer {
    /// The export.
    pub export: ExportView,
}

pub(super) fn view(export: &Export) -> ExportView {
    ExportView {
        id: export.id,
        scope: export.scope,
        tree_size: export.tree_size,
        records: export.records,
        explained: export.records <= MAX_EXPLAINED_RECORDS,
        made_at: export.made_at,
        expires_at: export.expires_at,
        progress: match &export.state {
            ExportState::Streamed => ExportProgress::Streamed,
            ExportState::Making(making) => ExportProgress::Making {
                read: making.read(),
                of: export.spans.iter().map(|(start, end)| end - start).sum(),
                bytes: making.bytes,
            },
            ExportState::Kept { bytes, .. } => ExportProgress::Kept { bytes: *bytes },
            ExportState::Stopped { reason } => ExportProgress::Stopped { reason: *reason },
        },
        download: format!("/api/v1/exports/{}", export.id),
    }
}

/// `evidence.export`.
#[derive(Debug)]
pub struct ExportEvidence;

/// What `evidence.export` takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportEvidenceInput {
    /// What the pack is to be of: exactly one of these.
    pub scope: ScopeInput,
}

/// What a pack is to be of.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ScopeInput {
    /// One grant.
    Grant(GrantId),
    /// One person.
    Person(PersonId),
    /// One tool.
    Tool(ToolId),
    /// Everything of a period.
    Period {
        /// From this instant on.
        from: Timestamp,
        /// Up to this instant, exclusive.
        to: Timestamp,
    },
}

impl From<ScopeInput> for ExportScope {
    fn from(scope: ScopeInput) -> Self {
        match scope {
            ScopeInput::Grant(grant) => Self::Grant { grant },
            ScopeInput::Person(person) => Self::Person { person },
            ScopeInput::Tool(tool) => Self::Tool { tool },
            ScopeInput::Period { from, to } => Self::Period { from, until: to },
        }
    }
}

impl Operation for ExportEvidence {
    const NAME: &'static str = "evidence.export";
    const SUMMARY: &'static str =
        "Make an evidence pack of one grant, person, tool or period, to be downloaded within an hour";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    const RECENT_SIGN_IN: bool = true;
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Export);
    type Input = ExportEvidenceInput;
    type Output = ExportAnswer;

    /// Records of the pack; one that has none counts as one.
    async fn cost<P: Ports>(context: &Context<'_, P>, input: &ExportEvidenceInput) -> Result<u32, Failure> {
        let size = context.store().log_head().await?.size;
        let as_of = (size, context.moment.now);
        let Survey { records, .. } = survey(context.store(), &input.scope.into(), as_of).await?;
        Ok(u32::try_from(records).unwrap_or(u32::MAX).max(1))
    }

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ExportEvidenceInput,
    ) -> Result<Decision<ExportAnswer>, Failure> {
        let scope = input.scope.into();
        let tree_size = anchors::fresh(context.ports).await?;
        let found = survey(context.store(), &scope, (tree_size, context.moment.now)).await?;
        make(context, scope, tree_size, found)
    }
}

/// `requests.export`.
#[derive(Debug)]
pub struct ExportRequests;

impl Operation for ExportRequests {
    const NAME: &'static str = "requests.export";
    const SUMMARY: &'static str =
        "Make a table of all requests for spreadsheets, to be downloaded within an hour";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    const RECENT_SIGN_IN: bool = true;
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Export);
    type Input = Nothing;
    type Output = ExportAnswer;

    async fn run<P: Ports>(context: &Context<'_, P>, _: &Nothing) -> Result<Decision<ExportAnswer>, Failure> {
        // Requests are counted when they are read: nobody knows before how many there are.
        let size = context.store().log_head().await?.size;
        make(context, ExportScope::Requests, size, Survey { spans: Vec::new(), records: 0 })
    }
}

fn make<P: Ports>(
    context: &Context<'_, P>,
    scope: ExportScope,
    tree_size: u64,
    found: Survey,
) -> Result<Decision<ExportAnswer>, Failure> {
    let now = context.moment.now;
    let by = context.admission.actor()?;
    let export = Export {
        id: ExportId::new(&context.moment, "export", 0),
        by,
        scope,
        tree_size,
        spans: found.spans,
        records: found.records,
        made_at: now,
        expires_at: now.plus_minutes(EXPORT_MINUTES),
        state: ExportState::Streamed,
    };
    let mut change = Change::new();
    change.insert(&export);
    record_exported(&mut change, &export, now);
    Ok(Decision::change(ExportAnswer { export: view(&export) }, change))
}

/// That somebody can take it away from now on.
pub(super) fn record_exported(change: &mut Change, export: &Export, now: Timestamp) {
    let facts = Value::object([
        ("export", Value::from(export.id.to_string())),
        ("scope", scope_facts(&export.scope)),
        ("records", Value::from(u32::try_from(export.records).unwrap_or(u32::MAX))),
        ("tree_size", Value::from(u32::try_from(export.tree_size).unwrap_or(u32::MAX))),
    ]);
    change.record(now, &export.by, EventKind::EvidenceExported, facts);
}

pub(super) fn scope_facts(scope: &ExportScope) -> Value {
    let one = |name: &str, id: String| Value::object([(name, Value::from(id))]);
    match scope {
        ExportScope::Grant { grant } => one("grant", grant.to_string()),
        ExportScope::Person { person } => one("person", person.to_string()),
        ExportScope::Tool { tool } => one("tool", tool.to_string()),
        ExportScope::Period { from, until } => {
            Value::object([("from", Value::from(from.to_string())), ("to", Value::from(until.to_string()))])
        }
        ExportScope::Requests => Value::from("requests"),
    }
}

/// `exports.get`: what a download is admitted by.
#[derive(Debug)]
pub struct GetExport;

/// What `exports.get` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetExportInput {
    /// Which.
    pub export: ExportId,
}

/// The export, if this caller made it, and it has not expired.
pub(super) async fn own_export<P: Ports>(
    context: &Context<'_, P>,
    id: ExportId,
) -> Result<Loaded<Export>, Failure> {
    let export = load::<Export>(context.store(), &id.to_string()).await?;
    let by = context.admission.actor()?;
    let export = export.filter(|export| export.by == by).ok_or_else(|| not_found("export"))?;
    if export.expires_at <= context.moment.now {
        let message = "this export can no longer be downloaded; make it again";
        return Err(Refusal::new(Code::NotFound, message).into());
    }
    Ok(export)
}

/// Refuses an export that is not whole.
async fn downloadable<P: Ports>(context: &Context<'_, P>, id: ExportId) -> Result<Loaded<Export>, Failure> {
    let export = own_export(context, id).await?;
    match export.state {
        ExportState::Streamed | ExportState::Kept { .. } => Ok(export),
        ExportState::Making(_) | ExportState::Stopped { .. } => Err(not_whole(&export).into()),
    }
}

pub(super) fn not_whole(export: &Export) -> Refusal {
    let message = match export.state {
        ExportState::Stopped { .. } => "nothing came of this export, or it is gone; make it again",
        _ => "this export is not whole yet",
    };
    Refusal::new(Code::ExportState, message)
}

impl Operation for GetExport {
    const NAME: &'static str = "exports.get";
    const SUMMARY: &'static str = "An export of one's own that can be downloaded; counts as a download";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    const RECENT_SIGN_IN: bool = true;
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Export);
    type Input = GetExportInput;
    type Output = ExportAnswer;

    /// Records of the export: each download reads them again.
    async fn cost<P: Ports>(context: &Context<'_, P>, input: &GetExportInput) -> Result<u32, Failure> {
        let export = downloadable(context, input.export).await?;
        Ok(u32::try_from(export.records).unwrap_or(u32::MAX).max(1))
    }

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GetExportInput,
    ) -> Result<Decision<ExportAnswer>, Failure> {
        Ok(Decision::answer(ExportAnswer { export: view(&*downloadable(context, input.export).await?) }))
    }
}
