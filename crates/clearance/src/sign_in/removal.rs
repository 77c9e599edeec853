use super::account::Account;
use super::external_identity::ExternalIdentity;
use super::jira_account::KnownJiraAccount;
use super::session::end_sessions_of;
use super::set_up_link::SetUpLink;
use super::token::Token;
use crate::documents::{Change, Paging, Select, list, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::ports::{Ports, Store};

/// Tokens that one commit removes.
const PAGE: u16 = 20;

/// Removes what says how a person signs in, as part of a change: account, set-up link and external identity, each if there is one.
pub(crate) async fn remove_account(
    store: &impl Store,
    person: PersonId,
    change: &mut Change,
) -> Result<(), Failure> {
    let key = person.to_string();
    if let Some(account) = load::<Account>(store, &key).await? {
        if let Some(identity) = &account.identity
            && let Some(identity) = load::<ExternalIdentity>(store, identity.as_str()).await?
        {
            change.remove(&identity);
        }
        if let Some(jira) = &account.jira
            && let Some(known) = load::<KnownJiraAccount>(store, jira.as_str()).await?
        {
            change.remove(&known);
        }
        change.remove(&account);
    }
    if let Some(link) = load::<SetUpLink>(store, &key).await? {
        change.remove(&link);
    }
    Ok(())
}

/// Removes every session and token of a person, revoked and expired ones too.
pub(crate) async fn remove_sessions_and_tokens<P: Ports>(ports: &P, person: PersonId) -> Result<(), Failure> {
    end_sessions_of(ports, person).await?;
    loop {
        let page = Paging { after: None, limit: Some(PAGE) };
        let tokens = list::<Token>(ports.store(), Select::by(&Token::BY_PERSON, [person]), &page).await?;
        if tokens.items.is_empty() {
            return Ok(());
        }
        let mut change = Change::new();
        for token in &tokens.items {
            change.remove(token);
        }
        ports.store().commit(change.into_commit()?).await?;
    }
}
