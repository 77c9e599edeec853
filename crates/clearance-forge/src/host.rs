//! What this host alone offers: the clockwork's runs, each bounded by the invocation's time, and the pairing with Core.
//!
//! A run answers `{"again_in_seconds"}` when there is more to do: the glue pushes a queue event for the same operation. Each may run twice, be
//! killed anywhere, or never be called again without harm but delay.

use clearance::clockwork;
use clearance::documents::Document as _;
use clearance::drift;
use clearance::evidence::{self, Export};
use clearance::failure::Failure;
use clearance::intake;
use clearance::notices::{self, Notice};
use clearance::ports::{CoreError, Environment as _, Ports as _};
use clearance::provisioning;
use clearance::refusal::{Code, Refusal, malformed};
use clearance::sign_in::report_accounts;
use clearance::site::{initialize, uninstalling};
use core_protocol::pairing::PairingCode;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::caller::StartCaller;
use crate::invocation::Start;
use crate::packing;
use crate::ports::{CoreStanding, ForgePorts};
use crate::verification;

/// Longest delay of a queue event on the platform.
const LONGEST_DELAY_SECONDS: i64 = 900;

/// Reads of exports in one run, and seconds until the next: half the platform's allowance of a minute, which people need, too.
const EXPORT_READS: u64 = 2_000;
const EXPORT_PAUSE_SECONDS: i64 = 60;

/// An operation that only this host has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostOperation {
    /// Brings the site into being; does nothing when it is there.
    Initialize,
    /// Settles what is due by time.
    Clockwork,
    /// Does what jobs ask for at providers.
    Provisioning,
    /// Compares provider groups with grants.
    Drift,
    /// Packs what is behind the log's head.
    PackLog,
    /// Verifies the next portion of the log.
    VerifyLog,
    /// Brings notices into inboxes, and tells issues what became of what they asked for.
    SendNotices,
    /// Reports of whose accounts personal data is kept, and erases those of whom it must go.
    ReportAccounts,
    /// What is to be done before the app is uninstalled.
    Uninstalling,
    /// Exchanges a pairing code for the key to Core.
    PairCore,
    /// How this site stands with its Core.
    CoreStanding,
    /// Goes on with exports that are in the making.
    MakeExports,
    /// As what the caller calls, so that pages offer what is for them.
    Standing,
}

impl HostOperation {
    /// The operation of this name, for a caller who may call it. The clockwork's are the platform's own; the way to Core is for
    /// administrators on the admin page.
    pub(crate) fn named(name: &str, caller: &StartCaller) -> Option<Self> {
        let (operation, admitted) = match name {
            "site.initialize" => (Self::Initialize, *caller == StartCaller::System),
            "clockwork.run" => (Self::Clockwork, *caller == StartCaller::System),
            "provisioning.run" => (Self::Provisioning, *caller == StartCaller::System),
            "drift.run" => (Self::Drift, *caller == StartCaller::System),
            "log.pack" => (Self::PackLog, *caller == StartCaller::System),
            "log.verify" => (Self::VerifyLog, *caller == StartCaller::System),
            "exports.make" => (Self::MakeExports, *caller == StartCaller::System),
            "notices.send" => (Self::SendNotices, *caller == StartCaller::System),
            "people.report_accounts" => (Self::ReportAccounts, *caller == StartCaller::System),
            "site.uninstalling" => (Self::Uninstalling, *caller == StartCaller::System),
            "core.pair" => (Self::PairCore, caller.administers()),
            "core.standing" => (Self::CoreStanding, caller.administers()),
            "accounts.standing" => (Self::Standing, matches!(caller, StartCaller::Account(_))),
            _ => return None,
        };
        admitted.then_some(operation)
    }
}

/// Runs one of the host's own operations.
///
/// # Errors
/// A refusal, or what the ports say.
pub(crate) async fn run(
    ports: &ForgePorts,
    operation: HostOperation,
    start: &Start,
) -> Result<Vec<u8>, Failure> {
    let mut answer = Map::new();
    let mut count = |name: &str, count: u64| {
        answer.insert(name.to_owned(), Value::from(count));
    };
    let mut again = None;
    match operation {
        HostOperation::Initialize => initialize(ports).await?,
        HostOperation::Clockwork => {
            let pass = clockwork::run_due(ports).await?;
            count("expired", pass.expired);
            count("lapsed", pass.lapsed);
            count("left", pass.left);
            count("forgotten", pass.forgotten);
            count("erased", pass.erased);
            count("checkpoints", pass.checkpoints);
        }
        HostOperation::Provisioning => {
            let ran = provisioning::run_due(ports).await?;
            count("succeeded", ran.succeeded.into());
            count("advanced", ran.advanced.into());
            count("delayed", ran.delayed.into());
            count("follow_ups", ran.follow_ups.into());
            count("cancelled", ran.cancelled.into());
            count("looked_again", ran.looked_again.into());
            count("resumed", ran.resumed.into());
            let now = ports.environment().now();
            again = ran.next_at.map(|at| (at.as_millisecond() - now.as_millisecond()).div_euclid(1000) + 1);
        }
        HostOperation::Drift => {
            let pass = drift::run_due(ports).await?;
            count("checked", pass.checked.into());
            count("unknown", pass.unknown.into());
            count("found", pass.found.into());
            count("settled", pass.settled.into());
            count("lapsed", pass.lapsed.into());
            count("left", pass.left.into());
        }
        HostOperation::PackLog => {
            let (packed, more) = packing::run(ports).await?;
            count("packed", packed);
            again = more.then_some(1);
        }
        HostOperation::VerifyLog => {
            let portion = verification::run(ports).await?;
            count("verified", portion.verified);
            answer.insert("sound".to_owned(), Value::from(portion.ok));
            again = portion.again;
        }
        HostOperation::MakeExports => {
            let pass = evidence::run_due(ports, EXPORT_READS).await?;
            count("reads", pass.reads);
            count("whole", pass.whole.into());
            count("stopped", pass.stopped.into());
            again = pass.more.then_some(EXPORT_PAUSE_SECONDS);
        }
        HostOperation::SendNotices => {
            let delivered = notices::deliver(ports).await?;
            count("delivered", delivered.notices.into());
            let told = intake::tell(ports).await?;
            count("told", told.told.into());
            count("refused", told.refused.into());
            again = told.again_in_seconds.map(i64::from);
        }
        HostOperation::ReportAccounts => {
            let pass = report_accounts(ports).await?;
            count("reported", pass.reported.into());
            count("erased", pass.erased.into());
            count("left", pass.left.into());
        }
        HostOperation::Uninstalling => {
            let done = uninstalling(ports).await?;
            count("ending", done.ending.into());
            count("unended", done.unended.into());
            // There is no later for jobs: the app is gone then.
            if done.ending > 0 {
                count("removed", provisioning::run_due(ports).await?.succeeded.into());
            }
        }
        HostOperation::Standing => {
            answer.insert("administers".to_owned(), Value::from(start.caller.administers()));
            answer.insert("reads_everything".to_owned(), Value::from(start.caller.reads_everything()));
        }
        HostOperation::PairCore => {
            answer.insert("installation".to_owned(), Value::from(pair(ports, start).await?));
        }
        HostOperation::CoreStanding => {
            start.caller.authenticate(ports).await?;
            answer.extend(core_standing(ports).await);
        }
    }
    if ports.environment().is_time_up() {
        again = Some(1);
    }
    if let Some(seconds) = again {
        answer.insert("again_in_seconds".to_owned(), Value::from(seconds.clamp(1, LONGEST_DELAY_SECONDS)));
    }
    Ok(Value::Object(answer).to_string().into_bytes())
}

/// The installation that this site is at Core from now on.
async fn pair(ports: &ForgePorts, start: &Start) -> Result<String, Failure> {
    // Making the person a person here comes first: a stranger pairs nothing.
    start.caller.authenticate(ports).await?;
    let PairCore { code } = read(start.input.get())?;
    let code = PairingCode::parse(&code)
        .map_err(|_| malformed("code", "is not a pairing code; copy it whole, from `pair_` on"))?;
    Ok(ports.core().pair(&code).await.map_err(refused)?.to_string())
}

async fn core_standing(ports: &ForgePorts) -> Map<String, Value> {
    let (standing, code) = match ports.core().standing().await {
        Ok(CoreStanding::NotConfigured) => ("not_configured", None),
        Ok(CoreStanding::NotPaired) => ("not_paired", None),
        Ok(CoreStanding::Paired) => ("paired", None),
        Ok(CoreStanding::Refused(code)) => ("refused", Some(code)),
        Ok(CoreStanding::Unknown) => ("unknown", None),
        Err(_) => ("unreachable", None),
    };
    let standing = ("standing".to_owned(), Value::from(standing));
    let code = code.map(|code| ("code".to_owned(), Value::from(code)));
    [standing].into_iter().chain(code).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PairCore {
    code: String,
}

fn read<T: for<'de> Deserialize<'de>>(input: &str) -> Result<T, Refusal> {
    // What was given may be a code: the refusal does not repeat it.
    serde_json::from_str(input).map_err(|_| malformed("", "the input is not what this operation takes"))
}

fn refused(error: CoreError) -> Failure {
    let (code, message) = match error {
        CoreError::NotConfigured => (Code::Unavailable, "the app was deployed without a Core".to_owned()),
        CoreError::Refused(code) => {
            let message = format!("Core refused the pairing code ({code}); make a new one and try again");
            return Refusal::new(Code::CoreRefused, message).with("code", code).into();
        }
        CoreError::Unreachable(_) => {
            (Code::ProviderUnavailable, "Core does not answer now; try again".to_owned())
        }
    };
    Refusal::new(code, message).into()
}

/// Host operations for which an operation has made work.
pub(crate) fn wake(ports: &ForgePorts, operation: &str) -> Vec<&'static str> {
    let mut wake = Vec::new();
    if operation != "provisioning.run" && ports.store().wrote(provisioning::Job::KIND) {
        wake.push("provisioning.run");
    }
    if operation != "exports.make" && ports.store().wrote(Export::KIND) {
        wake.push("exports.make");
    }
    if operation != "notices.send" && ports.store().wrote(Notice::KIND) {
        wake.push("notices.send");
    }
    wake
}
