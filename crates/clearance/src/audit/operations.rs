//! `audit.verify`.

use audit_log::canonical::Integer;
use audit_log::{CompactRange, Deviation, Hash, Value, Verifier};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::EventKind;
use crate::authorization::CallerKind::{Administrator, Auditor, Console, System};
use crate::authorization::CallerKinds;
use crate::documents::Change;
use crate::failure::Failure;
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation, Scope};
use crate::ports::{MAX_LOG_PAGE, Ports, Store as _, Vault as _};
use crate::refusal::malformed;

/// Entries that one call of `audit.verify` reads: well below Forge's 25 seconds and 4,000 reads a minute.
pub(crate) const MAX_VERIFIED: u64 = 50_000;

/// `audit.verify`.
#[derive(Debug)]
pub struct Verify;

/// What `audit.verify` takes: nothing, or the `next` of a call that did not finish.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyInput {
    /// Where an earlier call stopped.
    #[serde(default)]
    pub next: Option<VerifyState>,
}

/// Where a verification stands between two calls.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyState {
    /// Size of the log that is being verified.
    pub size: u64,
    /// Root over that size, hexadecimal.
    pub root: String,
    /// Entries verified, and the hashes of the tree's right edge over them, hexadecimal.
    pub verified: u64,
    /// See `verified`.
    pub hashes: Vec<String>,
    /// The site's signature over the rest: what a later call goes on from was verified by an earlier one.
    pub seal: String,
}

impl VerifyState {
    /// What is sealed.
    fn text(&self) -> String {
        let Self { size, root, verified, hashes, seal: _ } = self;
        format!("verification\n{size}\n{root}\n{verified}\n{}\n", hashes.join(" "))
    }
}

/// The vault's name of the key that seals [`VerifyState`]; no auditor ever needs it.
const SEAL: &str = "verification";

async fn seal<P: Ports>(ports: &P, text: &str) -> Result<String, Failure> {
    let signature = ports.vault().sign(SEAL, text.as_bytes()).await?;
    Ok(STANDARD.encode(signature))
}

/// What `audit.verify` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VerifyAnswer {
    /// Whether the log is sound; `null` when not finished: call again with `next`.
    pub ok: Option<bool>,
    /// Entries verified so far.
    pub verified: u64,
    /// Size of the log that is being verified.
    pub size: u64,
    /// Root over that size.
    pub root: String,
    /// What is wrong, naming the entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Give this back to go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<VerifyState>,
}

impl Operation for Verify {
    const NAME: &'static str = "audit.verify";
    const SUMMARY: &'static str =
        "Read the log anew and recompute its root; call again with `next` until `ok` is not null";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console, System]);
    const SCOPE: Scope = Scope::Log;
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Verification);
    const CHARGED_BEFORE: bool = true;
    type Input = VerifyInput;
    type Output = VerifyAnswer;

    /// Entries that this call reads.
    async fn cost<P: Ports>(context: &Context<'_, P>, input: &VerifyInput) -> Result<u32, Failure> {
        let entries = match &input.next {
            None => context.store().log_head().await?.size,
            Some(state) => state.size.saturating_sub(state.verified),
        };
        Ok(u32::try_from(entries.min(MAX_VERIFIED)).unwrap_or(u32::MAX))
    }

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &VerifyInput,
    ) -> Result<Decision<VerifyAnswer>, Failure> {
        let store = context.store();
        let (size, root, range) = match &input.next {
            None => {
                let head = store.log_head().await?;
                (head.size, head.root, CompactRange::new())
            }
            Some(state) => resume(context.ports, state).await?,
        };
        let mut verifier = Verifier::new(range);
        let mut answer = VerifyAnswer {
            ok: None,
            verified: verifier.size(),
            size,
            root: root.to_string(),
            problem: None,
            next: None,
        };
        let stop = verifier.size().saturating_add(MAX_VERIFIED).min(size);
        while verifier.size() < stop {
            let from = verifier.size();
            let wanted = u16::try_from(stop.saturating_sub(from)).unwrap_or(MAX_LOG_PAGE).min(MAX_LOG_PAGE);
            let entries = store.log_entries(from, wanted).await?;
            let pushed = entries
                .iter()
                .try_for_each(|entry| verifier.push(entry.index, &entry.bytes, &entry.leaf_hash));
            let outcome = match pushed {
                Ok(()) if entries.is_empty() => verifier.clone().finish(size, &root).map(|_| ()),
                pushed => pushed,
            };
            answer.verified = verifier.size();
            if let Err(deviation) = outcome {
                (answer.ok, answer.problem) = (Some(false), Some(deviation.to_string()));
                return finished(context, answer, Some(&deviation));
            }
        }
        if verifier.size() < size {
            let hashes = verifier.head().hashes().iter().map(ToString::to_string).collect();
            let root = root.to_string();
            let mut next = VerifyState { size, root, verified: verifier.size(), hashes, seal: String::new() };
            next.seal = seal(context.ports, &next.text()).await?;
            answer.next = Some(next);
            return Ok(Decision::answer(answer));
        }
        match verifier.finish(size, &root) {
            Ok(_) => {
                answer.ok = Some(true);
                finished(context, answer, None)
            }
            Err(deviation) => {
                (answer.ok, answer.problem) = (Some(false), Some(deviation.to_string()));
                finished(context, answer, Some(&deviation))
            }
        }
    }
}

/// The answer of a verification that came to its end, which the log records.
fn finished<P: Ports>(
    context: &Context<'_, P>,
    answer: VerifyAnswer,
    deviation: Option<&Deviation>,
) -> Result<Decision<VerifyAnswer>, Failure> {
    // Positions in the log stay far below what JSON numbers hold exactly.
    let number = |number: u64| Value::from(Integer::try_from(number).unwrap_or(Integer::MAX));
    let mut facts = vec![
        ("ok", Value::from(deviation.is_none())),
        ("size", number(answer.size)),
        ("root", Value::from(answer.root.clone())),
    ];
    if let Some(deviation) = deviation {
        facts.push(("deviation", Value::from(deviation.code())));
        facts.extend(deviation.index().map(|index| ("entry", number(index))));
    }
    let mut change = Change::new();
    let (now, actor) = (context.moment.now, context.admission.actor()?);
    change.record(now, &actor, EventKind::LogVerified, Value::object(facts));
    Ok(Decision::change(answer, change))
}

async fn resume<P: Ports>(ports: &P, state: &VerifyState) -> Result<(u64, Hash, CompactRange), Failure> {
    let wrong = || malformed("next", "is not the `next` of an earlier answer");
    // Ed25519 signatures are determined by key and message: the right seal is the one that would be made now.
    // Hashes are compared, so that how long it takes says nothing about the seal.
    let right = seal(ports, &state.text()).await?;
    if Sha256::digest(right) != Sha256::digest(&state.seal) {
        return Err(wrong().into());
    }
    let root = state.root.parse::<Hash>().map_err(|_| wrong())?;
    let hashes = state
        .hashes
        .iter()
        .map(|hash| hash.parse::<Hash>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| wrong())?;
    let range = CompactRange::from_parts(state.verified, hashes).map_err(|_| wrong())?;
    Ok((state.size, root, range))
}
