//! `exports.begin`, `exports.list`, `exports.read`: exports that are made step by step, for hosts on which no call lasts long enough.

use audit_log::Value;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::read_piece;
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::documents::{self, Change, Paging, Select, list_where};
use crate::evidence::anchors;
use crate::evidence::export::{Export, ExportState, KEPT_HOURS};
use crate::evidence::operations::{ExportAnswer, ExportView, not_whole, own_export, scope_facts, view};
use crate::evidence::register::ExportScope;
use crate::evidence::survey::{selection, spans};
use crate::failure::Failure;
use crate::ids::ExportId;
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{Ports, Store as _};
use crate::refusal::malformed;

/// Pieces of one answer: as base64 below the 5 MB that the narrowest host lets through.
const PIECES_OF_AN_ANSWER: u32 = 16;

const WHO: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);

/// `exports.begin`.
#[derive(Debug)]
pub struct Begin;

/// What `exports.begin` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginExport {
    /// What it is to be of.
    pub scope: ExportScope,
}

impl Operation for Begin {
    const NAME: &'static str = "exports.begin";
    const SUMMARY: &'static str =
        "Begin an export that is made step by step and then kept for a day, to be fetched in portions";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = WHO;
    const RECENT_SIGN_IN: bool = true;
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Export);
    type Input = BeginExport;
    type Output = ExportAnswer;

    // Its records count when they are read.
    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &BeginExport,
    ) -> Result<Decision<ExportAnswer>, Failure> {
        let (store, now, scope) = (context.store(), context.moment.now, input.scope);
        let by = context.admission.actor()?;
        // That there is such a thing.
        selection(store, &scope, now).await?;
        let tree_size = match scope {
            ExportScope::Requests => store.log_head().await?.size,
            _ => anchors::fresh(context.ports).await?,
        };
        let spans = spans(store, &scope, (tree_size, context.moment.now)).await?;
        let records = match scope {
            ExportScope::Period { .. } => spans.iter().map(|(start, end)| end - start).sum(),
            _ => 0,
        };
        let export = Export {
            id: ExportId::new(&context.moment, "export", 0),
            by,
            scope,
            tree_size,
            spans,
            records,
            made_at: now,
            expires_at: now.plus_minutes(KEPT_HOURS * 60),
            state: ExportState::Making(Box::default()),
        };
        let mut change = Change::new();
        change.insert(&export);
        let facts =
            Value::object([("export", Value::from(export.id.to_string())), ("scope", scope_facts(&scope))]);
        change.record(now, &by, EventKind::ExportBegun, facts);
        Ok(Decision::change(ExportAnswer { export: view(&export) }, change))
    }
}

/// `exports.list`.
#[derive(Debug)]
pub struct List;

/// What `exports.list` takes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListExports {
    /// The last page's `next`.
    pub after: Option<String>,
    /// Items per page, 1 to 100; 50 when not given.
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "exports.list";
    const SUMMARY: &'static str =
        "One's own exports, newest first: how far each is, and until when it can be had";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = WHO;
    type Input = ListExports;
    type Output = documents::List<ExportView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListExports,
    ) -> Result<Decision<Self::Output>, Failure> {
        let (by, now) = (context.admission.actor()?, context.moment.now);
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let own = |export: &Export| export.by == by && now < export.expires_at;
        let page = list_where::<Export>(context.store(), Select::all().descending(), paging, own).await?;
        Ok(Decision::answer(page.map(|export| view(&export))))
    }
}

/// `exports.read`.
#[derive(Debug)]
pub struct Read;

/// What `exports.read` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadExport {
    /// Which.
    pub export: ExportId,
    /// The `next` of the portion before; 0 at the beginning.
    #[serde(default)]
    pub from: u32,
}

/// A portion of an export.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Portion {
    /// What the file is to be called.
    pub file: String,
    /// Its bytes, as base64. Portions one after another are the file.
    pub content: String,
    /// Give this as `from` to get the next portion; none when this was the last.
    pub next: Option<u32>,
}

impl Operation for Read {
    const NAME: &'static str = "exports.read";
    const SUMMARY: &'static str = "A portion of an export of one's own that is whole";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = WHO;
    const RECENT_SIGN_IN: bool = true;
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Export);
    type Input = ReadExport;
    type Output = Portion;

    /// Its share of the records: all portions together count as one download.
    async fn cost<P: Ports>(context: &Context<'_, P>, input: &ReadExport) -> Result<u32, Failure> {
        let (export, pieces) = portion(context, input).await?;
        let (from, until, all) = pieces;
        let share = export.records.saturating_mul(u64::from(until - from)).div_ceil(u64::from(all.max(1)));
        Ok(u32::try_from(share).unwrap_or(u32::MAX).max(1))
    }

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ReadExport,
    ) -> Result<Decision<Portion>, Failure> {
        let (export, (from, until, all)) = portion(context, input).await?;
        let pieces = (from..until).map(|number| read_piece(context.store(), export.id, number));
        let content = try_join_all(pieces).await?.concat();
        let next = (until < all).then_some(until);
        let portion = Portion { file: export.file_name(), content: STANDARD.encode(content), next };
        Ok(Decision::answer(portion))
    }
}

/// Which pieces a portion has: from, until before, and how many the export has.
async fn portion<P: Ports>(
    context: &Context<'_, P>,
    input: &ReadExport,
) -> Result<(Export, (u32, u32, u32)), Failure> {
    let export = own_export(context, input.export).await?.into_inner();
    let ExportState::Kept { pieces, .. } = export.state else { return Err(not_whole(&export).into()) };
    if input.from >= pieces {
        return Err(malformed("from", "is not the `next` of a portion before").into());
    }
    let until = input.from.saturating_add(PIECES_OF_AN_ANSWER).min(pieces);
    Ok((export, (input.from, until, pieces)))
}
