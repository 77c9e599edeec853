//! `identities.look_up`, `identities.put`, `identities.remove`, `identities.list`.

use core_protocol::message::AccountStatus;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lookup::{find, identify, name_of};
use super::map::{Mapped, Target, require_name, unmap};
use super::{IdentityMapping, IdentityView, TypedAccount, identity_view};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::connector::{self, shown, unexpected};
use crate::documents::{self, Change, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::{ConnectorId, PersonId};
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Names;
use crate::ports::Ports;
use crate::proposal::{self, ProposalView};
use crate::refusal::{Code, Refusal, not_found};
use crate::text::Line;

/// `identities.look_up`.
#[derive(Debug)]
pub struct LookUp;

/// What `identities.look_up` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookUpAccount {
    /// At which connector.
    pub connector: ConnectorId,
    /// The account's id or sign-in name.
    pub account: TypedAccount,
}

/// Whether an account can be used.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatusView {
    /// It can.
    Active,
    /// Suspended for a while.
    Suspended,
    /// Deactivated.
    Deactivated,
    /// The provider does not tell.
    Unknown,
}

/// What `identities.look_up` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccountFound {
    /// The provider's name for whoever has the account: `identities.put` takes it as a confirmation.
    pub display_name: String,
    /// The sign-in name.
    pub sign_in_name: Option<String>,
    /// Whether the account can be used.
    pub status: AccountStatusView,
}

impl Operation for LookUp {
    const NAME: &'static str = "identities.look_up";
    const SUMMARY: &'static str = "Whose account it is, as the provider says";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    const RATE_CLASS: Option<RateClass> = Some(RateClass::ConnectorTests);
    /// Whatever comes of it: otherwise accounts could be tried out uncounted.
    const CHARGED_BEFORE: bool = true;
    type Input = LookUpAccount;
    type Output = AccountFound;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &LookUpAccount,
    ) -> Result<Decision<AccountFound>, Failure> {
        let connector = connector::required(context.store(), input.connector).await?;
        let account = find(context.ports, &connector, input.account.reference()?).await?;
        let found = AccountFound {
            display_name: name_of(&account).map_err(|_| unexpected())?.to_string(),
            sign_in_name: account.sign_in_name.as_deref().map(shown),
            status: match account.status {
                AccountStatus::Active => AccountStatusView::Active,
                AccountStatus::Suspended => AccountStatusView::Suspended,
                AccountStatus::Deactivated => AccountStatusView::Deactivated,
                AccountStatus::Unknown => AccountStatusView::Unknown,
            },
        };
        Ok(Decision::secret(found, Change::new()))
    }
}

/// `identities.put`.
#[derive(Debug)]
pub struct Put;

/// What `identities.put` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutIdentity {
    /// At which connector.
    pub connector: ConnectorId,
    /// Whose account it is.
    pub person: PersonId,
    /// The account's id or sign-in name.
    pub account: TypedAccount,
    /// The provider's name for whoever has it, as `identities.look_up` told: a confirmation that the account is theirs.
    pub display_name: Line,
}

/// What `identities.put` answers: one of both.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PutIdentityAnswer {
    /// The mapping, when it is made.
    pub identity: Option<IdentityView>,
    /// The proposal, when a second administrator must agree.
    pub proposal: Option<ProposalView>,
}

impl Operation for Put {
    const NAME: &'static str = "identities.put";
    const SUMMARY: &'static str =
        "Say which account a person has at a connector; one's own waits for a second administrator";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = PutIdentity;
    type Output = PutIdentityAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PutIdentity,
    ) -> Result<Decision<PutIdentityAnswer>, Failure> {
        let store = context.store();
        let target = Target::load(store, input.connector, input.person).await?;
        let found = identify(context.ports, &target.connector, input.account.reference()?).await?;
        require_name(&found, &input.display_name)?;
        let mut change = Change::new();
        let answer = match target.put(context, &mut change, &found).await? {
            Mapped::Now(mapping) => {
                let identity = identity_view(&mut Names::new(store), &mapping).await?;
                PutIdentityAnswer { identity: Some(identity), proposal: None }
            }
            Mapped::Proposed(proposal) => {
                let proposal = proposal::operations::view(context, &proposal).await?;
                PutIdentityAnswer { identity: None, proposal: Some(proposal) }
            }
        };
        // The provider's name for somebody is kept in one place only. Sent again, the command answers the same.
        Ok(Decision::secret(answer, change))
    }
}

/// `identities.remove`.
#[derive(Debug)]
pub struct Remove;

/// What `identities.remove` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveIdentity {
    /// At which connector.
    pub connector: ConnectorId,
    /// Whose mapping.
    pub person: PersonId,
}

/// What `identities.remove` answers: nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Removed {}

impl Operation for Remove {
    const NAME: &'static str = "identities.remove";
    const SUMMARY: &'static str =
        "Forget which account a person has at a connector; refused while they have access through it";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = RemoveIdentity;
    type Output = Removed;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &RemoveIdentity,
    ) -> Result<Decision<Removed>, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let key = IdentityMapping::key_of(input.connector, input.person);
        let mapping = load::<IdentityMapping>(store, &key).await?.ok_or_else(|| not_found("mapping"))?;
        super::forget::require_no_access(store, &mapping).await?;
        let mut change = Change::new();
        if !unmap(store, &mut change, &context.moment, &mapping).await?.is_empty() {
            let message = "this person has access through the account; end that access first";
            return Err(Refusal::new(Code::MappingInUse, message).into());
        }
        change.remove(&mapping);
        change.record(
            now,
            &context.admission.actor()?,
            EventKind::IdentityUnmapped,
            super::forget::facts(&mapping),
        );
        Ok(Decision::change(Removed {}, change))
    }
}

/// `identities.list`.
#[derive(Debug)]
pub struct List;

/// What `identities.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListIdentities {
    /// Only mappings at this connector.
    #[serde(default)]
    pub connector: Option<ConnectorId>,
    /// Only mappings of this person.
    #[serde(default)]
    pub person: Option<PersonId>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "identities.list";
    const SUMMARY: &'static str = "Which person has which account, without the accounts' ids";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = ListIdentities;
    type Output = documents::List<IdentityView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListIdentities,
    ) -> Result<Decision<Self::Output>, Failure> {
        let store = context.store();
        let select = match (input.person, input.connector) {
            (Some(person), _) => Select::by(&IdentityMapping::BY_PERSON, [person]),
            (None, Some(connector)) => Select::by(&IdentityMapping::BY_CONNECTOR, [connector]),
            (None, None) => Select::all(),
        };
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let wanted = |mapping: &IdentityMapping| {
            input.connector.is_none_or(|connector| mapping.connector == connector)
        };
        let page = documents::list_where(store, select, paging, wanted).await?;
        let mut names = Names::new(store);
        let mut items = Vec::with_capacity(page.items.len());
        for mapping in &page.items {
            items.push(identity_view(&mut names, mapping).await?);
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}
