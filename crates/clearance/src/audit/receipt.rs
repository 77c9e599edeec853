//! `audit.receipt`: requester and approver take the proof of what they did.

use audit_log::{Record, Value};
use schemars::JsonSchema;
use serde::Serialize;

use super::by_time::span;
use super::{Actor, proof, view};
use crate::authorization::CallerKind::{Approver, Requester};
use crate::authorization::CallerKinds;
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{LogEntry, MAX_LOG_PAGE, Ports, Store, StoreError};
use crate::refusal::{Code, Refusal, not_found};
use crate::request::operations::{OneRequest, visible};
use crate::request::{Consent, Denial, Forgoing, Request, RequestState};
use crate::time::Timestamp;

/// Entries looked at for one act; more within the skew means a site of thousands of entries a second.
const MAX_SCANNED: u64 = 50_000;
/// Records that a receipt counts as.
const COST: u32 = 5_000;

/// `audit.receipt`.
#[derive(Debug)]
pub struct Receipt;

/// The proof of one entry.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EntryReceipt {
    /// The entry's position, from 0.
    pub index: u64,
    /// When it was.
    pub at: String,
    /// What kind of event.
    pub kind: String,
    /// A C2SP `tlog-proof@v1` text: the proof with its signed checkpoint. Its extra data is the entry itself.
    pub tlog_proof: String,
}

/// What `audit.receipt` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReceiptAnswer {
    /// One for each entry of the request that the caller caused, oldest first.
    pub receipts: Vec<EntryReceipt>,
    /// Keys that verify them: take them from somebody who is not the operator of the site, if possible.
    pub verifier_keys: Vec<String>,
}

impl Operation for Receipt {
    const NAME: &'static str = "audit.receipt";
    const SUMMARY: &'static str =
        "Proofs of one's own entries about a request: submitting, answering, deciding";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Approver]);
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Export);
    type Input = OneRequest;
    type Output = ReceiptAnswer;

    /// Finding entries reads others around them, on a busy site thousands.
    async fn cost<P: Ports>(_: &Context<'_, P>, _: &OneRequest) -> Result<u32, Failure> {
        Ok(COST)
    }

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneRequest,
    ) -> Result<Decision<ReceiptAnswer>, Failure> {
        let request = visible(context, input.request).await?;
        let caller = context.admission.person()?.id;
        let mut times: Vec<Timestamp> =
            acts(&request).filter(|(who, _)| *who == caller).map(|(_, at)| at).collect();
        times.sort_unstable();
        times.dedup();
        if times.is_empty() {
            return Err(not_found("entry of yours about this request").into());
        }
        let store = context.store();
        let publication = view::publication(context).await?;
        let checkpoint = view::checkpoint(context, publication.size()?).await?;
        let mut receipts = Vec::new();
        for at in times {
            for (entry, record) in find(store, &request, caller, at).await? {
                if entry.index >= checkpoint.size {
                    let message = "the log's next checkpoint will cover this; ask again in two minutes";
                    return Err(Refusal::new(Code::CheckpointPending, message).into());
                }
                let proof = proof::tlog_proof(store, entry.index, &checkpoint).await?;
                let proof = proof
                    .with_extra(entry.bytes)
                    .map_err(|error| Failure::Defect(format!("entry {}: {error}", entry.index)))?;
                receipts.push(EntryReceipt {
                    index: entry.index,
                    at: record.at,
                    kind: record.kind,
                    tlog_proof: proof.to_string(),
                });
            }
        }
        let verifier_keys = publication.keys.iter().map(|key| key.verifier.clone()).collect();
        Ok(Decision::answer(ReceiptAnswer { receipts, verifier_keys }))
    }
}

/// Who did something about a request, and when.
fn acts(request: &Request) -> impl Iterator<Item = (PersonId, Timestamp)> {
    let requester = request.requester;
    let exchanges = request.exchanges.iter().flat_map(move |exchange| {
        let answered = exchange.answer.as_ref().map(|(_, at)| (requester, *at));
        [(exchange.asked_by, exchange.asked_at)].into_iter().chain(answered)
    });
    let (stages, ended) = match &request.state {
        RequestState::Pending { review } | RequestState::NeedsInformation { review } => {
            (&review.decided, None)
        }
        RequestState::Approved { stages, withdrawn, .. } => {
            (stages, withdrawn.as_ref().map(|withdrawal| (withdrawal.by, withdrawal.at)))
        }
        RequestState::AwaitingSeat { consent: Consent { stages, .. }, .. }
        | RequestState::Lapsed { stages, .. } => (stages, None),
        RequestState::Forgone { at, consent, why } => {
            let by = match why {
                Forgoing::Declined { by: Actor::Person(person) } => Some((*person, *at)),
                Forgoing::Declined { .. } | Forgoing::NotAccepted => None,
            };
            (&consent.stages, by)
        }
        RequestState::Denied { at, denial, stages } => match denial {
            Denial::Person { person, .. } => (stages, Some((*person, *at))),
            Denial::Policy { .. } => (stages, None),
        },
        RequestState::Cancelled { at, by, stages } => match by {
            Actor::Person(person) => (stages, Some((*person, *at))),
            Actor::Console | Actor::System => (stages, None),
        },
    };
    let open = request.review().map(|review| &review.open.approvals).into_iter().flatten();
    let approvals = stages.iter().flat_map(|stage| &stage.approvals).chain(open);
    let approvals = approvals.map(|approval| (approval.by, approval.at));
    let taken_back = request
        .taken_back
        .iter()
        .flat_map(|taken| [(taken.approval.by, taken.approval.at), (taken.by, taken.at)]);
    let approvals = approvals.chain(taken_back);
    [(requester, request.submitted_at)].into_iter().chain(exchanges).chain(approvals).chain(ended)
}

/// Entries about a request that a person caused at a time. The log is sorted by time but for the skew, so few entries are read.
async fn find(
    store: &impl Store,
    request: &Request,
    person: PersonId,
    at: Timestamp,
) -> Result<Vec<(LogEntry, Record)>, Failure> {
    let size = store.log_head().await?.size;
    let next = Timestamp::from_millisecond(at.as_millisecond().saturating_add(1));
    let (start, end) = span(store, size, Some(at), Some(next)).await?;
    let stop = end.min(start.saturating_add(MAX_SCANNED));
    let (request, person, time) = (request.id.to_string(), person.to_string(), at.to_string());
    let mut found = Vec::new();
    let mut from = start;
    while from < stop {
        let entries = store.log_entries(from, MAX_LOG_PAGE).await?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            from = entry.index.saturating_add(1);
            let record = read(&entry)?;
            let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
            if record.at == time
                && text(&record.facts, "request").as_ref() == Some(&request)
                && text(&record.actor, "person").as_ref() == Some(&person)
            {
                found.push((entry, record));
            }
        }
    }
    Ok(found)
}

fn read(entry: &LogEntry) -> Result<Record, Failure> {
    Record::parse(&entry.bytes)
        .map_err(|error| StoreError::Damaged(format!("log entry {}: {error}", entry.index)).into())
}
