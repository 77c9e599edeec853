//! Which entries of the log somebody looks for.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::EventKind;
use super::by_time::fields;
use crate::failure::Failure;
use crate::ids::{AnyId, PersonId};
use crate::ports::LogEntry;
use crate::time::Timestamp;

/// A family of event kinds: the noun before the dot, for example `request`. Known by the first of its kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Family(EventKind);

/// The text names no family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no family of events has this name")]
pub struct UnknownFamily;

impl Family {
    /// Every family, in the order in which [`EventKind`] declares its first kind.
    pub fn all() -> Vec<Self> {
        let mut families: Vec<Self> = Vec::new();
        for kind in EventKind::ALL {
            if !families.iter().any(|family| family.name() == family_of(kind.as_str())) {
                families.push(Self(*kind));
            }
        }
        families
    }

    /// The noun.
    pub fn name(self) -> &'static str {
        family_of(self.0.as_str())
    }
}

impl TryFrom<String> for Family {
    type Error = UnknownFamily;

    fn try_from(text: String) -> Result<Self, UnknownFamily> {
        Self::all().into_iter().find(|family| family.name() == text).ok_or(UnknownFamily)
    }
}

impl JsonSchema for Family {
    fn schema_name() -> Cow<'static, str> {
        "Family".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<_> = Self::all().into_iter().map(Self::name).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

fn family_of(kind: &str) -> &str {
    kind.split('.').next().unwrap_or(kind)
}

/// What an entry must be to be shown; whatever is not given holds of every entry.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// One of these families, when there are any.
    pub families: Vec<Family>,
    /// Caused by this person, or about them.
    pub person: Option<PersonId>,
    /// Its facts name this.
    pub about: Option<AnyId>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub until: Option<Timestamp>,
}

/// A filter with its texts made once, for many entries.
#[derive(Debug)]
pub(super) struct Matcher {
    families: Vec<&'static str>,
    person: Option<String>,
    about: Option<String>,
    from: Option<String>,
    until: Option<String>,
}

impl Filter {
    /// Whether finding what it admits may take reading many entries that it does not. A period alone does not: its place is looked up.
    pub(super) fn searches(&self) -> bool {
        !self.families.is_empty() || self.person.is_some() || self.about.is_some()
    }

    pub(super) fn matcher(&self) -> Matcher {
        // No free text is ever in the log and ids need no escapes, so what stands in quotation marks is the id itself.
        let quoted = |id: String| format!("\"{id}\"");
        Matcher {
            families: self.families.iter().map(|family| family.name()).collect(),
            person: self.person.map(|id| quoted(id.to_string())),
            about: self.about.as_ref().map(|id| quoted(id.to_string())),
            from: self.from.map(|at| at.to_string()),
            until: self.until.map(|at| at.to_string()),
        }
    }
}

impl Matcher {
    /// Whether an entry is to be shown.
    pub(super) fn admits(&self, entry: &LogEntry) -> Result<bool, Failure> {
        let fields = fields(entry)?;
        // Times are texts of one width: comparing texts compares instants.
        Ok(self.from.as_ref().is_none_or(|from| *fields.at >= **from)
            && self.until.as_ref().is_none_or(|until| *fields.at < **until)
            && (self.families.is_empty() || self.families.contains(&family_of(&fields.kind)))
            && self.about.as_ref().is_none_or(|id| fields.facts_json().contains(id.as_str()))
            && self.person.as_ref().is_none_or(|id| {
                fields.actor_json().contains(id.as_str()) || fields.facts_json().contains(id.as_str())
            }))
    }
}
