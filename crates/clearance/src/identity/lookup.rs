//! Which account a text means, as the provider says. Nothing is guessed: an administrator gives the id or sign-in name.

use core_protocol::message::{Account, AccountReference, AccountStatus, Operation, Outcome};
use zeroize::Zeroizing;

use super::{Fingerprint, fingerprint, hint_of};
use crate::connector::{Connector, ask, inactive, shown, unexpected};
use crate::failure::Failure;
use crate::ports::{Ports, Secret};
use crate::refusal::malformed;
use crate::text::Line;

/// An account as somebody typed it: its id or sign-in name. Whatever it is, it is taken, and judged by [`reference`](Self::reference).
#[derive(Clone, serde::Deserialize)]
#[serde(from = "String")]
pub struct TypedAccount(Zeroizing<String>);

impl From<String> for TypedAccount {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl TypedAccount {
    /// What may be asked of a provider.
    ///
    /// # Errors
    /// [`crate::refusal::Code::MalformedInput`] for what can be neither id nor sign-in name, and for `me`.
    pub(super) fn reference(&self) -> Result<AccountReference, Failure> {
        let text = self.0.trim().to_owned();
        AccountReference::try_from(text)
            .map_err(|_| malformed("account", "is neither an account's id nor a sign-in name").into())
    }
}

impl std::fmt::Debug for TypedAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TypedAccount(…)")
    }
}

impl schemars::JsonSchema for TypedAccount {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TypedAccount".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "minLength": 1, "maxLength": 256, "writeOnly": true })
    }
}

/// An account that can be mapped.
#[derive(Debug, Clone)]
pub(super) struct Identified {
    /// The provider's own id, whatever it was asked by.
    pub(super) id: Secret,
    /// Which account.
    pub(super) fingerprint: Fingerprint,
    /// The provider's name for whoever has it.
    pub(super) display_name: Line,
    /// The last characters of the id.
    pub(super) hint: String,
}

/// Asks the provider for an account, in whatever state it is.
pub(super) async fn find<P: Ports>(
    ports: &P,
    connector: &Connector,
    account: AccountReference,
) -> Result<Account, Failure> {
    match ask(ports, connector, Operation::FindAccount { account }).await? {
        Outcome::Account { account } => Ok(account),
        _ => Err(unexpected().into()),
    }
}

/// Asks the provider for an account that somebody can work with.
///
/// # Errors
/// [`crate::refusal::Code::AccountNotFound`], [`crate::refusal::Code::AccountInactive`]; when the provider does not answer.
pub(super) async fn identify<P: Ports>(
    ports: &P,
    connector: &Connector,
    account: AccountReference,
) -> Result<Identified, Failure> {
    let account = find(ports, connector, account).await?;
    match account.status {
        AccountStatus::Suspended | AccountStatus::Deactivated => return Err(inactive().into()),
        AccountStatus::Active | AccountStatus::Unknown => {}
    }
    Ok(Identified {
        id: Secret::new(account.id.as_str()).map_err(|_| unexpected())?,
        fingerprint: fingerprint(ports, connector, account.id.as_str()).await?,
        display_name: name_of(&account).map_err(|_| unexpected())?,
        hint: hint_of(account.id.as_str()),
    })
}

/// The name by which a mapping is confirmed: what the provider shows, else the sign-in name.
pub(super) fn name_of(account: &Account) -> Result<Line, crate::text::InvalidText> {
    let names = [account.display_name.as_deref(), account.sign_in_name.as_deref()];
    let name = names.into_iter().flatten().map(shown).find(|name| !name.is_empty());
    Line::parse(name.as_deref().unwrap_or("(no name)"))
}

impl From<&Secret> for TypedAccount {
    fn from(account: &Secret) -> Self {
        Self(Zeroizing::new(account.expose().to_owned()))
    }
}
