//! `tokens.create`, `tokens.list`, `tokens.revoke`, `set_up_links.create`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::secret::TokenSecret;
use super::set_up_link;
use super::token::{Token, TokenDays, TokenState};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Approver, Auditor, Console, Owner, Requester};
use crate::authorization::{Admission, Caller, CallerKind, CallerKinds, TokenScope};
use crate::documents::{self, Change, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::{PersonId, TokenId};
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, Person, PersonRef};
use crate::ports::Ports;
use crate::refusal::{Code, Refusal, malformed, not_found};
use crate::time::Timestamp;

/// Any signed-in person may have tokens: they never allow more than the person may do.
const EVERY_PERSON: CallerKinds =
    CallerKinds::of(&[Requester, Approver, Owner, Administrator, Auditor, Console]);

/// A token as its person and administrators see it; the secret is shown once, when it is made.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TokenView {
    /// Its id.
    pub id: TokenId,
    /// For whom it acts.
    pub person: PersonRef,
    /// What it may be used for.
    pub scope: TokenScope,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops to work.
    pub expires_at: Timestamp,
    /// Since when it is revoked.
    pub revoked_at: Option<Timestamp>,
}

fn view(token: &Token, person: PersonRef) -> TokenView {
    let revoked_at = match token.state {
        TokenState::Usable => None,
        TokenState::Revoked { at, .. } => Some(at),
    };
    let Token { id, scope, created_at, expires_at, .. } = *token;
    TokenView { id, person, scope, created_at, expires_at, revoked_at }
}

fn scope_name(scope: TokenScope) -> &'static str {
    match scope {
        TokenScope::Read => "read",
        TokenScope::Act => "act",
        TokenScope::Log => "log",
    }
}

/// `tokens.create`.
#[derive(Debug)]
pub struct CreateToken;

/// What `tokens.create` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTokenInput {
    /// For whom; the caller when not given. Only the command line makes tokens for others.
    #[serde(default)]
    pub person: Option<PersonId>,
    /// What it may be used for; `act` when not given.
    #[serde(default)]
    pub scope: Option<TokenScope>,
    /// Days for which it works, 1 to 365; 90 when not given.
    #[serde(default)]
    pub days: TokenDays,
}

/// What `tokens.create` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CreatedToken {
    /// The token.
    pub token: TokenView,
    /// What the program presents as `Authorization: Bearer …`. Shown this once.
    pub secret: String,
}

/// Whose token is to be made: one's own, or anybody's from the command line. An administrator who could make a token for somebody else
/// could act as them.
fn owner(admission: &Admission, wanted: Option<PersonId>) -> Result<PersonId, Failure> {
    match (admission.person_id(), wanted) {
        (Some(caller), Some(wanted)) if caller != wanted => {
            Err(Refusal::new(Code::NotPermitted, "you can make tokens for yourself only").into())
        }
        (Some(caller), _) => Ok(caller),
        (None, Some(wanted)) => Ok(wanted),
        (None, None) => Err(malformed("person", "is needed here: say for whom").into()),
    }
}

impl Operation for CreateToken {
    const NAME: &'static str = "tokens.create";
    const SUMMARY: &'static str = "Make an API token; its secret is shown once";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = EVERY_PERSON;
    const RECENT_SIGN_IN: bool = true;
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Tokens);
    type Input = CreateTokenInput;
    type Output = CreatedToken;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &CreateTokenInput,
    ) -> Result<Decision<CreatedToken>, Failure> {
        let store = context.store();
        let moment = &context.moment;
        let person = owner(&context.admission, input.person)?;
        let person = load::<Person>(store, &person.to_string()).await?.ok_or_else(|| not_found("person"))?;
        if !person.is_active() {
            return Err(Refusal::new(Code::PersonDeactivated, "this person is deactivated").into());
        }
        let secret = TokenSecret::new(TokenId::new(moment, "token", 0), moment);
        let signed_in_at = match context.admission.caller() {
            Caller::Person(principal) => principal.signed_in_at,
            Caller::Anonymous | Caller::Console | Caller::System => moment.now,
        };
        let scope = input.scope.unwrap_or(TokenScope::Act);
        let token = Token::new(&secret, person.id, scope, input.days, (signed_in_at, moment.now));
        let mut change = Change::new();
        change.check(&person);
        change.insert(&token);
        let facts = super::facts([
            ("token", token.id.to_string()),
            ("person", person.id.to_string()),
            ("scope", scope_name(token.scope).to_owned()),
            ("expires_at", token.expires_at.to_string()),
        ]);
        change.record(moment.now, &context.admission.actor()?, EventKind::TokenCreated, facts);
        let token = view(&token, PersonRef { id: person.id, name: person.name.to_string() });
        Ok(Decision::secret(CreatedToken { token, secret: secret.expose().to_string() }, change))
    }
}

/// `tokens.list`.
#[derive(Debug)]
pub struct ListTokens;

/// What `tokens.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListTokensInput {
    /// Whose; all one may see when not given.
    #[serde(default)]
    pub person: Option<PersonId>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for ListTokens {
    const NAME: &'static str = "tokens.list";
    const SUMMARY: &'static str = "API tokens, newest first";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = EVERY_PERSON;
    type Input = ListTokensInput;
    type Output = documents::List<TokenView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListTokensInput,
    ) -> Result<Decision<Self::Output>, Failure> {
        let select = match (context.admission.sees_all(), context.admission.person_id(), input.person) {
            (true, _, Some(person)) => Select::by(&Token::BY_PERSON, [person]),
            (true, _, None) => Select::by(&Token::BY_CREATION, ["all"]),
            (false, Some(caller), wanted) if wanted.is_none_or(|wanted| wanted == caller) => {
                Select::by(&Token::BY_PERSON, [caller])
            }
            (false, _, _) => return Err(not_found("person").into()),
        };
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let page = documents::list::<Token>(context.store(), select.descending(), &paging).await?;
        let mut names = Names::new(context.store());
        let mut items = Vec::with_capacity(page.items.len());
        for token in &page.items {
            items.push(view(token, names.person(token.person).await?));
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

/// `tokens.revoke`.
#[derive(Debug)]
pub struct RevokeToken;

/// What `tokens.revoke` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeTokenInput {
    /// The token.
    pub token: TokenId,
}

/// What `tokens.revoke` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TokenAnswer {
    /// The token as stored now.
    pub token: TokenView,
}

impl Operation for RevokeToken {
    const NAME: &'static str = "tokens.revoke";
    const SUMMARY: &'static str = "Revoke an API token at once";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = EVERY_PERSON;
    type Input = RevokeTokenInput;
    type Output = TokenAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &RevokeTokenInput,
    ) -> Result<Decision<TokenAnswer>, Failure> {
        let store = context.store();
        let admission = &context.admission;
        let before = load::<Token>(store, &input.token.to_string()).await?;
        let own = |token: &Token| admission.person_id() == Some(token.person);
        let any = admission.is(CallerKind::Administrator) || admission.is(CallerKind::Console);
        let before = before.filter(|token| any || own(token)).ok_or_else(|| not_found("token"))?;
        let now = context.moment.now;
        let after = Token::clone(&before).revoked(now, admission.actor()?);
        let mut change = Change::new();
        // Revoking a revoked token changes nothing and says so by its unchanged `revoked_at`.
        if after.state != before.state {
            change.update(&before, &after);
            let facts = super::facts([("token", after.id.to_string()), ("person", after.person.to_string())]);
            change.record(now, &admission.actor()?, EventKind::TokenRevoked, facts);
        }
        let token = view(&after, Names::new(store).person(after.person).await?);
        Ok(Decision::change(TokenAnswer { token }, change))
    }
}

/// `set_up_links.create`.
#[derive(Debug)]
pub struct CreateSetUpLink;

/// What `set_up_links.create` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSetUpLinkInput {
    /// Who is to set a password.
    pub person: PersonId,
}

/// What `set_up_links.create` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CreatedSetUpLink {
    /// Who can set a password with it.
    pub person: PersonRef,
    /// The link's path with its one-time token, behind the server's own address. Shown this once.
    pub path: String,
    /// When it stops to work.
    pub expires_at: Timestamp,
}

impl Operation for CreateSetUpLink {
    const NAME: &'static str = "set_up_links.create";
    const SUMMARY: &'static str =
        "Make a one-time link by which a person sets a password; replaces an earlier one";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    const RECENT_SIGN_IN: bool = true;
    const RATE_CLASS: Option<RateClass> = Some(RateClass::SetUpLinks);
    type Input = CreateSetUpLinkInput;
    type Output = CreatedSetUpLink;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &CreateSetUpLinkInput,
    ) -> Result<Decision<CreatedSetUpLink>, Failure> {
        let store = context.store();
        let person =
            load::<Person>(store, &input.person.to_string()).await?.ok_or_else(|| not_found("person"))?;
        let mut change = Change::new();
        change.check(&person);
        let actor = context.admission.actor()?;
        let (secret, expires_at) =
            set_up_link::make(store, &person, &actor, &context.moment, &mut change).await?;
        let person = PersonRef { id: person.id, name: person.name.to_string() };
        let path = format!("/set-up?token={}", secret.expose().as_str());
        Ok(Decision::secret(CreatedSetUpLink { person, path, expires_at }, change))
    }
}
