//! The operation table: every way into the rules, in one place.
//!
//! From it come the HTTP interface with its OpenAPI document, the Forge resolver, the command line and the UI's types. To add an
//! operation: write a type that implements [`Operation`] in the folder of its noun, add it to [`table!`](table) below, and add its row to
//! the authorization table in `crates/testkit/tests/authorization.rs`; a test fails until you do.

mod handler;
mod idempotency;
mod openapi;
mod perform;

use std::future::Future;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::authorization::{Admission, CallerKinds, Demand};
use crate::documents::Change;
use crate::failure::Failure;
use crate::limits::RateClass;
use crate::ports::{Moment, Ports};

pub use crate::authorization::{Effect, Scope};
use handler::Handler;
pub(crate) use handler::Running;
pub use idempotency::StoredAnswer;
pub use openapi::openapi;
pub use perform::{Call, MAX_ATTEMPTS};
pub(crate) use perform::{context_of, decide_part};

/// Everything an operation's handler may use.
#[derive(Debug)]
pub struct Context<'a, P> {
    /// The host.
    pub ports: &'a P,
    /// Who calls, and as what.
    pub admission: Admission,
    /// When, and with which randomness.
    pub moment: Moment,
}

impl<P: Ports> Context<'_, P> {
    /// Documents and the log.
    pub fn store(&self) -> &P::Store {
        self.ports.store()
    }
}

/// What a handler decided: an answer and the change to be committed before it is given.
#[derive(Debug)]
pub struct Decision<O> {
    /// The answer.
    pub output: O,
    /// What is to be committed.
    pub change: Change,
    /// Whether the answer holds a secret, and must not be kept for repeated calls.
    pub secret: bool,
}

impl<O> Decision<O> {
    /// An answer that changes nothing.
    pub fn answer(output: O) -> Self {
        Self { output, change: Change::new(), secret: false }
    }

    /// An answer, given after the change is committed.
    pub fn change(output: O, change: Change) -> Self {
        Self { output, change, secret: false }
    }

    /// The same, with an answer that holds a secret.
    pub fn secret(output: O, change: Change) -> Self {
        Self { output, change, secret: true }
    }
}

/// One operation: name, who may call it, input, output, and its handler.
pub trait Operation: 'static {
    /// `noun.verb`.
    const NAME: &'static str;
    /// One sentence for the API's documentation.
    const SUMMARY: &'static str;
    /// Whether it changes anything.
    const EFFECT: Effect;
    /// Who may call it.
    const CALLERS: CallerKinds;
    /// Whether it reads the log only.
    const SCOPE: Scope = Scope::Site;
    /// Whether it needs a sign-in within ten minutes.
    const RECENT_SIGN_IN: bool = false;
    /// What its calls are counted as, each by its [`cost`](Self::cost). Ordinary operations are not counted and write no row.
    const RATE_CLASS: Option<RateClass> = None;
    /// Whether the count is committed before the handler runs, instead of with the change that the handler decided. So it is where no
    /// single commit stands for the work: for queries, and for commands of many commits.
    const CHARGED_BEFORE: bool = matches!(Self::EFFECT, Effect::Query);
    /// What it takes.
    type Input: DeserializeOwned + JsonSchema + Send + Sync + 'static;
    /// What it answers.
    type Output: Serialize + JsonSchema + Send;

    /// Items that a call counts as, by its input and by what is stored; one, unless an operation says otherwise. Called before the handler
    /// and only if there is a [`RATE_CLASS`](Self::RATE_CLASS); a refusal here ends the call uncounted.
    fn cost<P: Ports>(
        _context: &Context<'_, P>,
        _input: &Self::Input,
    ) -> impl Future<Output = Result<u32, Failure>> + Send {
        std::future::ready(Ok(1))
    }

    /// Loads, decides, and returns what to commit. Runs again from the start, with the same moment, after a lost race.
    fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Decision<Self::Output>, Failure>> + Send;
}

/// A row of the operation table.
#[derive(Debug, Clone, Copy)]
pub struct Descriptor {
    /// `noun.verb`.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Who may call it and how.
    pub demand: Demand,
    /// What calls are counted as.
    pub rate_class: Option<RateClass>,
    /// JSON Schema of the input.
    pub input: fn(&mut SchemaGenerator) -> Schema,
    /// JSON Schema of the output.
    pub output: fn(&mut SchemaGenerator) -> Schema,
}

const fn demand_of<O: Operation>() -> Demand {
    Demand { callers: O::CALLERS, effect: O::EFFECT, scope: O::SCOPE, recent_sign_in: O::RECENT_SIGN_IN }
}

impl Descriptor {
    const fn of<O: Operation>() -> Self {
        Self {
            name: O::NAME,
            summary: O::SUMMARY,
            demand: demand_of::<O>(),
            rate_class: O::RATE_CLASS,
            input: |generator| generator.subschema_for::<O::Input>(),
            output: |generator| generator.subschema_for::<O::Output>(),
        }
    }
}

macro_rules! table {
    ($($operation:path,)*) => {
        /// Every operation, in the order declared.
        pub fn table() -> &'static [Descriptor] {
            const TABLE: &[Descriptor] = &[$(Descriptor::of::<$operation>(),)*];
            TABLE
        }

        /// Runs one operation: parse, authorize, load, decide, commit, answer.
        ///
        /// The answer is the output as JSON, given only after the change is durable.
        ///
        /// # Errors
        /// [`Failure::Refused`] when a rule says no; otherwise the store failed or this program is wrong.
        pub async fn perform<P: Ports>(ports: &P, call: Call<'_>) -> Result<Vec<u8>, Failure> {
            let handler = handler(call.operation).ok_or_else(|| perform::unknown_operation(call.operation))?;
            perform::run(ports, call, handler).await
        }

        /// The operation of a name. They are looked up in data: code that chose would be compiled whole, on Forge, for the first of them.
        fn handler<P: Ports>(name: &str) -> Option<Handler<P>> {
            let handlers = const { [$(Handler::of::<$operation>(),)*] };
            handlers.iter().find(|handler| handler.name == name).copied()
        }
    };
}

table! {
    crate::catalog::operations::List,
    crate::catalog::operations::Get,
    crate::catalog::put::Put,
    crate::catalog::operations::LoadStarter,
    crate::people::operations::List,
    crate::people::operations::Get,
    crate::people::put::Put,
    crate::people::erase::Erase,
    crate::people::erase::ShowErasure,
    crate::people::operations::ListGroups,
    crate::people::operations::PutGroup,
    crate::intake::StoreDraft,
    crate::intake::IssueCreated,
    crate::intake::Confirm,
    crate::intake::IssueUpdated,
    crate::intake::IssueDeleted,
    crate::intake::Get,
    crate::intake::MayComplete,
    crate::intake::ListWaiting,
    crate::people::account_deleted::AccountDeleted,
    crate::settings::operations::Get,
    crate::settings::operations::Put,
    crate::policy::operations::List,
    crate::policy::operations::Get,
    crate::policy::operations::Lint,
    crate::policy::draft::operations::Get,
    crate::policy::draft::operations::Put,
    crate::policy::draft::operations::Discard,
    crate::policy::publish::Publish,
    crate::policy::replay::operations::Replay,
    crate::policy::replay::BackTest,
    crate::request::submit::Submit,
    crate::request::preview::Preview,
    crate::request::operations::Get,
    crate::request::operations::List,
    crate::request::operations::Cancel,
    crate::request::operations::ProvideInformation,
    crate::approval::queue::Queue,
    crate::approval::ask::Ask,
    crate::approval::decide::Decide,
    crate::approval::decide_many::DecideMany,
    crate::approval::withdraw::Withdraw,
    crate::delegation::operations::Put,
    crate::delegation::operations::List,
    crate::delegation::operations::End,
    crate::delegation::operations::Candidates,
    crate::grant::operations::List,
    crate::grant::operations::Get,
    crate::grant::explain::Explain,
    crate::grant::operations::Extend,
    crate::grant::operations::GiveBack,
    crate::grant::operations::Revoke,
    crate::grant::operations::Attest,
    crate::emergency::operations::RequestAccess,
    crate::emergency::operations::List,
    crate::emergency::AddNote,
    crate::emergency::Review,
    crate::seats::operations::List,
    crate::seats::operations::Get,
    crate::seats::operations::Accept,
    crate::seats::operations::Decline,
    crate::review::operations::List,
    crate::review::operations::Get,
    crate::review::decide::Decide,
    crate::review::postpone::Postpone,
    crate::exception::operations::Put,
    crate::exception::operations::List,
    crate::exception::operations::Get,
    crate::exception::operations::End,
    crate::exception::operations::Baseline,
    crate::provisioning::operations::List,
    crate::provisioning::operations::Alarm,
    crate::provisioning::operations::Get,
    crate::provisioning::operations::Retry,
    crate::provisioning::operations::Attest,
    crate::provisioning::operations::Cancel,
    crate::drift::operations::List,
    crate::drift::operations::Check,
    crate::drift::dispose::Dispose,
    crate::drift::dispose_many::DisposeMany,
    crate::connector::put::Put,
    crate::connector::operations::List,
    crate::connector::operations::Get,
    crate::connector::test::Test,
    crate::connector::operations::Disable,
    crate::connector::operations::Enable,
    crate::connector::put::RotateKey,
    crate::connector::group::operations::Find,
    crate::connector::group::operations::Check,
    crate::connector::group::operations::Bind,
    crate::connector::group::operations::Create,
    crate::connector::group::operations::Get,
    crate::connector::group::operations::List,
    crate::connector::group::operations::Release,
    crate::connector::group::operations::ReleaseHold,
    crate::identity::operations::LookUp,
    crate::identity::operations::Put,
    crate::identity::operations::Remove,
    crate::identity::operations::List,
    crate::identity::import::Import,
    crate::tool_proposal::operations::Submit,
    crate::tool_proposal::operations::List,
    crate::tool_proposal::operations::Get,
    crate::tool_proposal::operations::Withdraw,
    crate::tool_proposal::Begin,
    crate::tool_proposal::Assess,
    crate::proposal::operations::List,
    crate::proposal::operations::Confirm,
    crate::proposal::operations::Withdraw,
    crate::audit::entries::Entries,
    crate::audit::operations::Verify,
    crate::evidence::operations::ExportEvidence,
    crate::evidence::operations::ExportRequests,
    crate::evidence::operations::GetExport,
    crate::evidence::making::operations::Begin,
    crate::evidence::making::operations::List,
    crate::evidence::making::operations::Read,
    crate::audit::view::Latest,
    crate::audit::view::History,
    crate::audit::proof::Prove,
    crate::audit::receipt::Receipt,
    crate::audit::resource::Resource,
    crate::audit::anchor::PutAnchoring,
    crate::audit::anchor::AddCosignatures,
    crate::audit::publication::RotateKey,
    crate::insight::operations::Summary,
    crate::insight::operations::Series,
    crate::insight::operations::Export,
    crate::insight::operations::Rebuild,
    crate::insight::forecast::ForecastNext,
    crate::notices::inbox::List,
    crate::notices::inbox::Unread,
    crate::notices::inbox::MarkRead,
    crate::notices::preferences::Get,
    crate::notices::preferences::Put,
    crate::sign_in::operations::CreateToken,
    crate::sign_in::operations::ListTokens,
    crate::sign_in::operations::RevokeToken,
    crate::sign_in::operations::CreateSetUpLink,
}
