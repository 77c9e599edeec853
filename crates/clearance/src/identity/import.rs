//! `identities.import`: many mappings at once, shown before they are made.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::TypedAccount;
use super::lookup::{Identified, identify};
use super::map::{Mapped, Target, is_same};
use crate::authorization::CallerKind::{Administrator, Console};
use crate::authorization::CallerKinds;
use crate::connector::{self, Connector};
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::ids::{ConnectorId, PersonId};
use crate::limits::RateClass;
use crate::operations::{Context, Decision, Effect, MAX_ATTEMPTS, Operation};
use crate::people::{EmailAddressOwner, Names, Person, PersonRef};
use crate::ports::{Ports, Store, StoreError};
use crate::refusal::{Code, Refusal, malformed};
use crate::text::EmailAddress;

/// Most rows of one call.
pub(crate) const MAX_ROWS: usize = 100;
/// Accounts looked up at once: few enough for a provider, enough for a hundred within a host's patience.
const AT_ONCE: usize = 8;

/// `identities.import`.
#[derive(Debug)]
pub struct Import;

/// A row of an import.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRow {
    /// Whose account: a person's id, or the e-mail address that they have at this site.
    pub person: String,
    /// The account's id or sign-in name at the provider.
    pub account: TypedAccount,
}

/// What `identities.import` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportIdentities {
    /// At which connector.
    pub connector: ConnectorId,
    /// 1 to 100 rows.
    #[schemars(length(min = 1, max = 100))]
    pub rows: Vec<ImportRow>,
    /// The digest of the changes that were shown: then they are made, unless they would be others now. Without it nothing is changed.
    #[serde(default)]
    pub digest: Option<String>,
}

/// What a row would do, or did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowChange {
    /// The person has no account yet.
    Add,
    /// The person has another account now.
    Change,
    /// It is so already.
    Same,
    /// The row cannot be done; the others can.
    Problem,
}

/// A row as it is shown.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ImportedRow {
    /// Whose account, if somebody is meant.
    pub person: Option<PersonRef>,
    /// The provider's name for whoever has the account.
    pub account_name: Option<String>,
    /// The last characters of the account's id.
    pub hint: Option<String>,
    /// What the row would do, or did.
    pub change: RowChange,
    /// Why it cannot be done: a stable code.
    pub problem: Option<String>,
    /// The same in a sentence.
    pub message: Option<String>,
}

/// What `identities.import` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ImportAnswer {
    /// The rows in their order.
    pub rows: Vec<ImportedRow>,
    /// Names these changes, and no others: give it to make them.
    pub digest: String,
    /// Mappings made or changed.
    pub applied: u32,
    /// Mappings that wait for a second administrator, because they are the caller's own.
    pub proposals: u32,
}

/// What a row means.
struct Row {
    person: Option<PersonId>,
    found: Option<Identified>,
    verdict: Result<RowChange, Refusal>,
}

impl Row {
    fn problem(person: Option<PersonId>, refusal: Refusal) -> Self {
        Self { person, found: None, verdict: Err(refusal) }
    }

    fn change(&self) -> RowChange {
        self.verdict.as_ref().copied().unwrap_or(RowChange::Problem)
    }

    async fn show<S: Store>(&self, names: &mut Names<'_, S>) -> Result<ImportedRow, Failure> {
        let problem = self.verdict.as_ref().err();
        Ok(ImportedRow {
            person: match self.person {
                Some(person) => Some(names.person(person).await?),
                None => None,
            },
            account_name: self.found.as_ref().map(|found| found.display_name.to_string()),
            hint: self.found.as_ref().map(|found| found.hint.clone()),
            change: self.change(),
            problem: problem.map(|refusal| refusal.code().as_str().to_owned()),
            message: problem.map(|refusal| refusal.message().to_owned()),
        })
    }
}

impl Operation for Import {
    const NAME: &'static str = "identities.import";
    const SUMMARY: &'static str =
        "Say which accounts many people have: first shown, then, with the digest of what was shown, made";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    const RATE_CLASS: Option<RateClass> = Some(RateClass::Imports);
    /// Each row is a commit of its own.
    const CHARGED_BEFORE: bool = true;
    type Input = ImportIdentities;
    type Output = ImportAnswer;

    async fn cost<P: Ports>(_: &Context<'_, P>, input: &ImportIdentities) -> Result<u32, Failure> {
        if input.rows.is_empty() || input.rows.len() > MAX_ROWS {
            return Err(malformed("rows", "must be 1 to 100").into());
        }
        Ok(u32::try_from(input.rows.len()).unwrap_or(u32::MAX))
    }

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ImportIdentities,
    ) -> Result<Decision<ImportAnswer>, Failure> {
        let store = context.store();
        // The command line is not charged, so its rows are counted here.
        Self::cost(context, input).await?;
        let connector = connector::required(store, input.connector).await?;
        let mut rows = Vec::with_capacity(input.rows.len());
        for some in input.rows.chunks(AT_ONCE) {
            for row in join_all(some.iter().map(|row| understand(context, &connector, row))).await {
                rows.push(row?);
            }
        }
        refuse_repeated(&mut rows);
        let digest = digest_of(input.connector, &rows);
        let (mut applied, mut proposals) = (0, 0);
        if let Some(shown) = &input.digest {
            if *shown != digest {
                let message =
                    "these rows would do something else now than what was shown; look at them again";
                return Err(Refusal::new(Code::ImportDiffers, message).into());
            }
            for (number, row) in (0_u32..).zip(&mut rows) {
                match apply(context, input.connector, number, row).await? {
                    Some(true) => applied += 1,
                    Some(false) => proposals += 1,
                    None => {}
                }
            }
        }
        let mut names = Names::new(store);
        let mut shown = Vec::with_capacity(rows.len());
        for row in &rows {
            shown.push(row.show(&mut names).await?);
        }
        Ok(Decision::secret(ImportAnswer { rows: shown, digest, applied, proposals }, Change::new()))
    }
}

/// What a row means now; a failure when the provider cannot be asked at all.
async fn understand<P: Ports>(
    context: &Context<'_, P>,
    connector: &Connector,
    row: &ImportRow,
) -> Result<Row, Failure> {
    let person = match person_of(context.store(), &row.person).await {
        Ok(person) => person,
        Err(failure) => return only_of_the_row(None, failure),
    };
    let found = match row.account.reference() {
        Ok(account) => identify(context.ports, connector, account).await,
        Err(failure) => Err(failure),
    };
    let found = match found {
        Ok(found) => found,
        Err(failure) => return only_of_the_row(Some(person), failure),
    };
    let verdict = match judge(context.store(), connector.id, person, &found).await {
        Ok(change) => Ok(change),
        Err(Failure::Refused(refusal)) => Err(refusal),
        Err(failure) => return Err(failure),
    };
    Ok(Row { person: Some(person), found: Some(found), verdict })
}

/// A refusal that is about one row lets the others go on.
fn only_of_the_row(person: Option<PersonId>, failure: Failure) -> Result<Row, Failure> {
    match failure {
        Failure::Refused(refusal)
            if matches!(
                refusal.code(),
                Code::MalformedInput | Code::UnknownReference | Code::AccountNotFound | Code::AccountInactive
            ) =>
        {
            Ok(Row::problem(person, refusal))
        }
        failure => Err(failure),
    }
}

/// The person with an id or an address of this site. An address at the provider says nothing.
async fn person_of(store: &impl Store, text: &str) -> Result<PersonId, Failure> {
    let unknown = || Refusal::new(Code::UnknownReference, "nobody here has this id or e-mail address");
    if let Ok(id) = text.trim().parse::<PersonId>() {
        return load::<Person>(store, &id.to_string())
            .await?
            .map(|person| person.id)
            .ok_or_else(|| unknown().into());
    }
    let address = EmailAddress::parse(text).map_err(|_| unknown())?;
    let owner = load::<EmailAddressOwner>(store, address.as_str()).await?;
    owner.and_then(|owner| owner.person).ok_or_else(|| unknown().into())
}

async fn judge(
    store: &impl Store,
    connector: ConnectorId,
    person: PersonId,
    found: &Identified,
) -> Result<RowChange, Failure> {
    let target = Target::load(store, connector, person).await?;
    let change = match target.before(store).await? {
        Some(before) if is_same(&before, found) => return Ok(RowChange::Same),
        Some(_) => RowChange::Change,
        None => RowChange::Add,
    };
    target.require_free_account(store, found).await?;
    Ok(change)
}

/// Of two rows about one person or account, neither is right.
fn refuse_repeated(rows: &mut [Row]) {
    let mut people = BTreeMap::<PersonId, u32>::new();
    let mut accounts = BTreeMap::<super::Fingerprint, u32>::new();
    for row in &*rows {
        if let Some(person) = row.person {
            *people.entry(person).or_default() += 1;
        }
        if let Some(found) = &row.found {
            *accounts.entry(found.fingerprint.clone()).or_default() += 1;
        }
    }
    let people: BTreeSet<_> = people.into_iter().filter(|(_, times)| *times > 1).map(|(it, _)| it).collect();
    let accounts: BTreeSet<_> =
        accounts.into_iter().filter(|(_, times)| *times > 1).map(|(it, _)| it).collect();
    for row in rows {
        let repeated = row.person.is_some_and(|person| people.contains(&person))
            || row.found.as_ref().is_some_and(|found| accounts.contains(&found.fingerprint));
        if repeated && row.verdict.is_ok() {
            let message = "another row is about the same person or account";
            row.verdict = Err(Refusal::new(Code::MalformedInput, message));
        }
    }
}

/// Names what rows would do. Accounts are in it by keyed fingerprint, so that it tells nothing.
fn digest_of(connector: ConnectorId, rows: &[Row]) -> String {
    let lines: Vec<_> = rows
        .iter()
        .map(|row| {
            let found = row.found.as_ref();
            (
                row.person,
                found.map(|found| (&found.fingerprint, found.display_name.as_str())),
                row.change(),
                row.verdict.as_ref().err().map(|refusal| refusal.code().as_str()),
            )
        })
        .collect();
    let text = serde_json::json!([connector, lines]).to_string();
    audit_log::Hash::from_bytes(Sha256::digest(text).into()).to_string()
}

/// Does what a row says, in a commit of its own: true when the account is mapped, false when that waits for a second administrator.
async fn apply<P: Ports>(
    context: &Context<'_, P>,
    connector: ConnectorId,
    number: u32,
    row: &mut Row,
) -> Result<Option<bool>, Failure> {
    let (Some(person), Some(found), Ok(RowChange::Add | RowChange::Change)) =
        (row.person, &row.found, &row.verdict)
    else {
        return Ok(None);
    };
    let part = Context {
        ports: context.ports,
        admission: context.admission.clone(),
        moment: context.moment.part(number),
    };
    for _ in 0..MAX_ATTEMPTS {
        match commit(&part, connector, person, found).await {
            Err(failure) if failure.is_conflict() => {}
            Err(Failure::Refused(refusal)) => {
                row.verdict = Err(refusal);
                return Ok(None);
            }
            done => return done.map(Some),
        }
    }
    Err(StoreError::Conflict.into())
}

async fn commit<P: Ports>(
    part: &Context<'_, P>,
    connector: ConnectorId,
    person: PersonId,
    found: &Identified,
) -> Result<bool, Failure> {
    let target = Target::load(part.store(), connector, person).await?;
    let mut change = Change::new();
    let mapped = target.put(part, &mut change, found).await?;
    if !change.is_empty() {
        part.store().commit(change.into_commit()?).await?;
    }
    Ok(matches!(mapped, Mapped::Now(_)))
}
