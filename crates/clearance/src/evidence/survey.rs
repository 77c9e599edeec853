//! Where in the log the records of an export lie, and how many they are.

use super::register::ExportScope;
use super::selection::{Selection, requests_of};
use super::span::{page, period};
use crate::audit::by_time::{safely_after, safely_before};
use crate::documents::{Loaded, load};
use crate::exception::Exception;
use crate::failure::Failure;
use crate::grant::{Grant, GrantState};
use crate::people::Person;
use crate::policy::PolicyVersion;
use crate::ports::Store;
use crate::refusal::{Code, Refusal, malformed, not_found};
use crate::request::Request;
use crate::time::Timestamp;
use evidence_pack::layout::MAX_EXPLAINED_RECORDS;

/// Where the records lie, and how many they are.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) spans: Vec<(u64, u64)>,
    pub(super) records: u64,
}

/// What is looked for.
///
/// # Errors
/// [`Code::NotFound`] when there is no such grant, person or tool.
pub(super) async fn selection(
    store: &impl Store,
    scope: &ExportScope,
    as_of: Timestamp,
) -> Result<Selection, Failure> {
    Ok(match scope {
        ExportScope::Grant { grant } => {
            let grant = load::<Grant>(store, &grant.to_string()).await?.ok_or_else(|| not_found("grant"))?;
            let exceptions = exceptions_of(store, &grant, as_of).await?;
            Selection::grant(&grant, &exceptions, as_of)
        }
        ExportScope::Person { person } => {
            load::<Person>(store, &person.to_string()).await?.ok_or_else(|| not_found("person"))?;
            Selection::person(*person)
        }
        ExportScope::Tool { tool } => {
            load::<crate::catalog::Tool>(store, &tool.to_string()).await?.ok_or_else(|| not_found("tool"))?;
            Selection::tool(*tool)
        }
        ExportScope::Period { .. } | ExportScope::Requests => Selection::all(),
    })
}

/// Looks where the records of an export lie in the first `size` entries, and counts them.
///
/// A grant's records lie in the time it took; those of a person or a tool anywhere, so that the whole log is read, a million entries in
/// about a second.
///
/// # Errors
/// [`Code::TooLarge`] when there are more than a pack with explanations takes; a period can always be exported.
pub(super) async fn survey(
    store: &impl Store,
    scope: &ExportScope,
    (size, as_of): (u64, Timestamp),
) -> Result<Survey, Failure> {
    let spans = spans(store, scope, (size, as_of)).await?;
    if matches!(scope, ExportScope::Period { .. } | ExportScope::Requests) {
        let records = spans.iter().map(|(start, end)| end - start).sum();
        return Ok(Survey { spans, records });
    }
    let mut selection = selection(store, scope, as_of).await?;
    let mut records = 0;
    for (start, end) in &spans {
        let mut at = *start;
        while at < *end {
            for entry in page(store, at, *end).await? {
                at = entry.index + 1;
                records += u64::from(selection.takes(&entry.bytes)?);
            }
            fits(records)?;
        }
    }
    Ok(Survey { spans, records })
}

/// Refuses more records than a pack of one grant, person or tool may have.
pub(super) fn fits(records: u64) -> Result<(), Refusal> {
    if records <= MAX_EXPLAINED_RECORDS {
        return Ok(());
    }
    let message = format!(
        "these are more than the {MAX_EXPLAINED_RECORDS} records that fit one export; export a period instead"
    );
    Err(Refusal::new(Code::TooLarge, message))
}

/// Where the records of an export lie in the first `size` entries; in few looks at the log, however long it is.
pub(super) async fn spans(
    store: &impl Store,
    scope: &ExportScope,
    (size, as_of): (u64, Timestamp),
) -> Result<Vec<(u64, u64)>, Failure> {
    Ok(match scope {
        ExportScope::Grant { grant } => {
            let grant = load::<Grant>(store, &grant.to_string()).await?.ok_or_else(|| not_found("grant"))?;
            grant_spans(store, &grant, (size, as_of)).await?
        }
        ExportScope::Person { .. } | ExportScope::Tool { .. } => vec![(0, size)],
        ExportScope::Period { from, until } => {
            if from >= until {
                return Err(malformed("scope", "must end later than it begins").into());
            }
            vec![period(store, size, (*from, *until)).await?]
        }
        ExportScope::Requests => Vec::new(),
    })
}

/// The exceptions from policy on which a grant's requests rest.
async fn exceptions_of(
    store: &impl Store,
    grant: &Grant,
    as_of: Timestamp,
) -> Result<Vec<Exception>, Failure> {
    let mut exceptions = Vec::new();
    for request in requests_of(grant, as_of) {
        let Some(request) = load::<Request>(store, &request.to_string()).await? else { continue };
        let Some(exception) = request.exception else { continue };
        let exception = load::<Exception>(store, &exception.to_string()).await?;
        exceptions.extend(exception.map(Loaded::into_inner));
    }
    Ok(exceptions)
}

/// From what may have widened access before the approval, to the end of access; and where the policy versions were published.
async fn grant_spans(
    store: &impl Store,
    grant: &Grant,
    (size, as_of): (u64, Timestamp),
) -> Result<Vec<(u64, u64)>, Failure> {
    let mut spans = Vec::new();
    let mut begin = grant.approved_at.plus_minutes(-i64::from(super::selection::WIDENING_DAYS) * 24 * 60);
    for id in grant.extensions.iter().map(|extension| extension.request).chain([grant.request]) {
        let Some(request) = load::<Request>(store, &id.to_string()).await? else { continue };
        begin = begin.min(request.submitted_at);
        let key = PolicyVersion::key_of(request.evaluation.policy_version);
        if let Some(version) = load::<PolicyVersion>(store, &key).await? {
            let at = version.published_at;
            spans.push((safely_before(store, size, at).await?, safely_after(store, size, at).await?));
        }
    }
    for exception in exceptions_of(store, grant, as_of).await? {
        begin = begin.min(exception.made_at);
    }
    let end = match grant.state {
        GrantState::Ended { ended_at, .. } => safely_after(store, size, ended_at).await?,
        _ => size,
    };
    spans.push((safely_before(store, size, begin).await?, end));
    spans.sort_unstable();
    let mut merged: Vec<(u64, u64)> = Vec::new();
    for (start, end) in spans {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    Ok(merged)
}
