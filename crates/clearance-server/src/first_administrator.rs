//! The first administrator of a fresh site: somebody must be able to sign in.

use clearance::authorization::Caller;
use clearance::documents::load;
use clearance::failure::Failure;
use clearance::ids::PersonId;
use clearance::operations::{Call, perform};
use clearance::people::{AdministratorRoster, Person};
use clearance::ports::Ports;
use clearance::sign_in::Account;
use clearance::text::EmailAddress;
use serde_json::{Value, json};

/// The address of the administrator that a fresh site gets.
const ADDRESS: &str = "admin@localhost";

/// The first administrator's way in.
#[derive(Debug)]
pub struct Invitation {
    /// The path of a one-time link.
    pub path: String,
    /// The address to sign in with after that.
    pub email: Option<EmailAddress>,
}

/// While no administrator ever set up an account: a link by which one can. Adds the person when there is none.
///
/// # Errors
/// When the store does not answer.
pub async fn invite<P: Ports>(ports: &P) -> Result<Option<Invitation>, Failure> {
    let roster = load::<AdministratorRoster>(ports.store(), AdministratorRoster::KEY).await?;
    let administrators = roster.map(|roster| roster.into_inner().people).unwrap_or_default();
    for person in &administrators {
        if load::<Account>(ports.store(), &person.to_string()).await?.is_some() {
            return Ok(None);
        }
    }
    let person = match administrators.first() {
        Some(person) => *person,
        None => add(ports).await?,
    };
    let link = call(ports, "set_up_links.create", &json!({ "person": person })).await?;
    let path = link.get("path").and_then(Value::as_str).map(str::to_owned);
    let email =
        load::<Person>(ports.store(), &person.to_string()).await?.and_then(|person| person.email.clone());
    Ok(path.map(|path| Invitation { path, email }))
}

async fn add<P: Ports>(ports: &P) -> Result<PersonId, Failure> {
    let input = json!({ "name": "Administrator", "email": ADDRESS, "role": "administrator" });
    let answer = call(ports, "people.put", &input).await?;
    let id = answer.pointer("/person/id").and_then(Value::as_str).and_then(|id| id.parse().ok());
    id.ok_or_else(|| Failure::Defect("people.put answered no person".to_owned()))
}

/// Runs an operation from the host's command line.
pub(crate) async fn call<P: Ports>(ports: &P, operation: &str, input: &Value) -> Result<Value, Failure> {
    let input = input.to_string();
    let call = Call { operation, caller: Caller::Console, input: input.as_bytes(), idempotency_key: None };
    let answer = perform(ports, call).await?;
    serde_json::from_slice(&answer).map_err(|error| Failure::Defect(format!("{operation}: {error}")))
}
