use std::fs::File;

use anyhow::{Context as _, anyhow};
use clearance::documents::load;
use clearance::failure::Failure;
use clearance::ids::PersonId;
use clearance::people::{EmailAddressOwner, Person};
use clearance::sign_in::find_by_email;
use clearance::text::EmailAddress;
use serde_json::{Value, json};

use super::Common;
use crate::data::{LocalHost, Opened};
use crate::first_administrator::call;

/// Operations, called from the command line of the host.
#[derive(Debug)]
pub(super) struct Console {
    pub(super) host: LocalHost,
    _lock: File,
}

/// A failure as a sentence with its code.
pub(super) fn told(failure: Failure) -> anyhow::Error {
    // Here the one who reads is the operator: what went wrong inside is theirs to know.
    let inside = match &failure {
        Failure::Refused(_) => None,
        Failure::Store(_) | Failure::Defect(_) => Some(failure.to_string()),
    };
    let refusal = failure.into_refusal();
    let inside = inside.map(|inside| format!(": {inside}")).unwrap_or_default();
    anyhow!("{} ({}){inside}", refusal.message(), refusal.code().as_str())
}

impl Console {
    pub(super) async fn open(common: &Common) -> anyhow::Result<Self> {
        let Opened { host, lock } = common.data()?.open().await?;
        Ok(Self { host, _lock: lock })
    }

    /// Runs an operation.
    pub(super) async fn call(&self, operation: &str, input: &Value) -> anyhow::Result<Value> {
        call(&self.host, operation, input).await.map_err(told)
    }

    /// Every item of a list operation.
    pub(super) async fn all(&self, operation: &str) -> anyhow::Result<Vec<Value>> {
        let (mut items, mut after) = (Vec::new(), Value::Null);
        loop {
            let mut page = self.call(operation, &json!({ "after": after, "limit": 100 })).await?;
            if let Some(Value::Array(more)) = page.get_mut("items").map(Value::take) {
                items.extend(more);
            }
            after = page.get_mut("next").map_or(Value::Null, Value::take);
            if after.is_null() {
                return Ok(items);
            }
        }
    }

    /// The active person with an address.
    pub(super) async fn person(&self, email: &str) -> anyhow::Result<Person> {
        let address = EmailAddress::parse(email).with_context(|| format!("`{email}`"))?;
        let person = find_by_email(&self.host.store, &address).await.map_err(told)?;
        let person = person
            .ok_or_else(|| anyhow!("nobody active has the address {address}; see `clearance people add`"))?;
        Ok(person.into_inner())
    }

    /// The person with an address or id, active or not.
    pub(super) async fn anybody(&self, text: &str) -> anyhow::Result<PersonId> {
        if let Ok(id) = text.parse::<PersonId>() {
            return Ok(id);
        }
        let address = EmailAddress::parse(text).with_context(|| format!("`{text}`"))?;
        let owner = load::<EmailAddressOwner>(&self.host.store, address.as_str()).await.map_err(told)?;
        let person = owner.and_then(|owner| owner.person);
        person.ok_or_else(|| anyhow!("nobody has the address {address}"))
    }

    /// Ids of groups given by name or id; a group that does not exist is added.
    pub(super) async fn groups(&self, names: &[String]) -> anyhow::Result<Vec<Value>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut known = self.all("people_groups.list").await?;
        let mut ids = Vec::with_capacity(names.len());
        for name in names {
            let text =
                |group: &Value, field: &str| group.get(field).and_then(Value::as_str).map(str::to_owned);
            let is_it = |group: &&Value| {
                text(group, "id").as_deref() == Some(name)
                    || text(group, "name")
                        .is_some_and(|other| other.to_lowercase() == name.trim().to_lowercase())
            };
            let group = if let Some(group) = known.iter().find(is_it) {
                group.clone()
            } else {
                let mut added = self.call("people_groups.put", &json!({ "name": name })).await?;
                let group = added.get_mut("group").map_or(Value::Null, Value::take);
                known.push(group.clone());
                group
            };
            ids.push(group.get("id").cloned().unwrap_or_default());
        }
        Ok(ids)
    }
}
