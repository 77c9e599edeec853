//! Which entries of the log belong to an export: decided while the log is read, entry by entry, with no index.
//!
//! An entry belongs when one of its texts is an id that is looked for. Ids that follow from it (the requests and grants of a person or of
//! a tool) are looked for from then on: whatever speaks of a request comes after the entry of its submission. So one pass in order is enough.

use std::collections::HashSet;

use audit_log::entry::Fields;
use serde::Deserialize;

use crate::exception::Exception;
use crate::failure::Failure;
use crate::grant::Grant;
use crate::ids::{PersonId, RequestId, ToolId};
use crate::ports::StoreError;
use crate::time::{Days, Timestamp};

/// Days before an approval of which an auditor is told what may have widened access.
pub const WIDENING_DAYS: Days = Days::of(30);

/// What is looked for.
#[derive(Debug)]
enum About {
    /// Everything.
    All,
    /// One grant of one tool; what may have widened access counts within this time.
    Grant { grant: String, tool: String, widenings: (Timestamp, Timestamp) },
    /// One person.
    Person(String),
    /// One tool.
    Tool(String),
}

/// The entries that belong.
#[derive(Debug)]
pub(super) struct Selection {
    about: About,
    ids: HashSet<Vec<u8>>,
}

/// Ids that facts of entries hold.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    request: Option<String>,
    grant: Option<String>,
    person: Option<String>,
    tool: Option<String>,
    extends: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Acting {
    Person(String),
    #[serde(untagged)]
    Other(serde::de::IgnoredAny),
}

impl Selection {
    pub(super) fn all() -> Self {
        Self { about: About::All, ids: HashSet::new() }
    }

    /// One grant with the requests that made and extended it until `as_of`, and the exceptions that these rest on: what is extended later does
    /// not change an export.
    pub(super) fn grant(grant: &Grant, exceptions: &[Exception], as_of: Timestamp) -> Self {
        let approved = grant.approved_at;
        let before = i64::from(WIDENING_DAYS) * -24 * 60;
        let ids = requests_of(grant, as_of).map(|request| request.to_string()).chain([grant.id.to_string()]);
        let ids = ids.chain(exceptions.iter().map(|exception| exception.id.to_string()));
        Self {
            about: About::Grant {
                grant: grant.id.to_string(),
                tool: grant.tool.to_string(),
                widenings: (approved.plus_minutes(before), approved),
            },
            ids: ids.map(String::into_bytes).collect(),
        }
    }

    pub(super) fn person(person: PersonId) -> Self {
        let id = person.to_string();
        Self { ids: HashSet::from([id.clone().into_bytes()]), about: About::Person(id) }
    }

    pub(super) fn tool(tool: ToolId) -> Self {
        let id = tool.to_string();
        Self { ids: HashSet::from([id.clone().into_bytes()]), about: About::Tool(id) }
    }

    /// Whether the entry belongs. Entries are shown in the order of the log.
    pub(super) fn takes(&mut self, entry: &[u8]) -> Result<bool, Failure> {
        if matches!(self.about, About::All) {
            return Ok(true);
        }
        if texts_in(entry).any(|text| is_id_long(text) && self.ids.contains(text)) {
            self.follow(entry)?;
            return Ok(true);
        }
        let Some(kind) = kind_of(entry) else { return Ok(false) };
        if kind == "policy.published" {
            return Ok(true);
        }
        if !may_widen(kind, entry) {
            return Ok(false);
        }
        match &self.about {
            About::Grant { tool, widenings: (from, until), .. } => {
                // An entry about another tool widens nothing here.
                let of_it = || texts_in(entry).any(|text| text == tool.as_bytes());
                let at: Timestamp = fields(entry)?.at.parse().map_err(|_| unreadable())?;
                Ok(*from <= at && at <= *until && (!kind.starts_with("tool.") || of_it()))
            }
            About::All | About::Person(_) => Ok(true),
            About::Tool(_) => Ok(!kind.starts_with("tool.")),
        }
    }

    /// Looks from now on for what belongs to what is looked for.
    fn follow(&mut self, entry: &[u8]) -> Result<(), Failure> {
        let fields = fields(entry)?;
        let named: Named = serde_json::from_str(fields.facts_json()).unwrap_or_default();
        let known = |id: &Option<String>| id.as_ref().is_some_and(|id| self.ids.contains(id.as_bytes()));
        let is = |id: &Option<String>, wanted: &String| id.as_ref() == Some(wanted);
        let theirs = match &self.about {
            About::All => false,
            About::Grant { grant, .. } => is(&named.grant, grant) || is(&named.extends, grant),
            About::Tool(tool) => is(&named.tool, tool),
            About::Person(person) => {
                let acted = || match serde_json::from_str(fields.actor_json()) {
                    Ok(Acting::Person(actor)) => actor == *person,
                    Ok(Acting::Other(_)) | Err(_) => false,
                };
                is(&named.person, person) || (fields.kind == "request.submitted" && acted())
            }
        };
        if !(theirs || known(&named.request) || known(&named.grant)) {
            return Ok(());
        }
        self.ids.extend(named.request.map(String::into_bytes));
        // One grant is told of, whatever else its entries name.
        if !matches!(self.about, About::Grant { .. }) {
            self.ids.extend(named.grant.map(String::into_bytes));
        }
        Ok(())
    }
}

/// The requests that made and extended a grant until a time.
pub(super) fn requests_of(grant: &Grant, as_of: Timestamp) -> impl Iterator<Item = RequestId> {
    let extensions = grant.extensions.iter().filter(move |extension| extension.at <= as_of);
    extensions.map(|extension| extension.request).chain([grant.request])
}

/// Whether an entry says that access became wider, or may have where nothing judged it.
pub(super) fn may_widen(kind: &str, entry: &[u8]) -> bool {
    match kind {
        "policy.published" | "tool.changed" | "settings.changed" => !is_judged(entry, false),
        "tool.added" | "person.added" | "person.changed" | "person.deactivated" => is_judged(entry, true),
        _ => false,
    }
}

/// Whether the entry's facts say that the change gave more than before, or that it did not. What is free text is not in entries.
pub(super) fn is_judged(entry: &[u8], wider: bool) -> bool {
    let fact: &[u8] = if wider { br#""wider":true"# } else { br#""wider":false"# };
    memchr::memmem::find(entry, fact).is_some()
}

pub(super) fn fields(entry: &[u8]) -> Result<Fields<'_>, Failure> {
    Fields::read(entry).map_err(|_| unreadable())
}

fn unreadable() -> Failure {
    StoreError::Damaged("an entry of the log cannot be read".to_owned()).into()
}

/// What stands between two quotation marks: every text, and what is between texts. Ids hold nothing that is escaped.
pub(super) fn texts_in(entry: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut marks = memchr::memchr_iter(b'"', entry);
    let mut last = marks.next();
    std::iter::from_fn(move || {
        let (start, end) = (last?, marks.next()?);
        last = Some(end);
        entry.get(start + 1..end)
    })
}

/// The length that ids have: a prefix of 3 to 6 letters, `_`, and 26 digits.
fn is_id_long(text: &[u8]) -> bool {
    (30..=33).contains(&text.len())
}

/// The kind of an entry, which canonical form puts right before its end.
pub(super) fn kind_of(entry: &[u8]) -> Option<&str> {
    let rest = entry.strip_suffix(br#"","version":1}"#)?;
    let start = memchr::memrchr(b'"', rest)?;
    let (before, kind) = rest.split_at_checked(start + 1)?;
    before.ends_with(br#","kind":""#).then_some(())?;
    std::str::from_utf8(kind).ok()
}

#[cfg(test)]
mod tests {
    use audit_log::{Record, Value};

    use super::*;

    fn entry(kind: &str, actor: Option<PersonId>, facts: &[(&str, String)]) -> Vec<u8> {
        let facts = Value::object(facts.iter().map(|(name, id)| (*name, Value::from(id.as_str()))));
        let actor = actor.map_or(Value::from("system"), |person| {
            Value::object([("person", Value::from(person.to_string()))])
        });
        let record = Record { at: "2026-11-23T09:30:00.000Z".into(), kind: kind.into(), actor, facts };
        record.prepare().unwrap().into_bytes()
    }

    #[test]
    fn a_person_s_requests_are_followed_and_those_they_decided_are_not() {
        let (ada, ben) = (PersonId::of_name("ada"), PersonId::of_name("ben"));
        let id = |prefix: &str, digit: char| format!("{prefix}_{}", digit.to_string().repeat(26));
        let (one, two, grant) = (id("req", '1'), id("req", '2'), id("grant", '1'));
        let log = [
            entry("request.submitted", Some(ada), &[("request", one.clone())]),
            entry("request.submitted", Some(ben), &[("request", two.clone())]),
            entry("approval.decided", Some(ben), &[("request", one.clone())]),
            entry("approval.decided", Some(ada), &[("request", two.clone())]),
            entry("grant.created", Some(ben), &[("request", one), ("grant", grant.clone())]),
            entry("grant.ended", None, &[("grant", grant)]),
            entry("request.denied", None, &[("request", two)]),
            entry("session.signed_in", Some(ben), &[]),
            entry("policy.published", None, &[]),
        ];
        let mut selection = Selection::person(ada);
        let taken: Vec<bool> = log.iter().map(|entry| selection.takes(entry).unwrap()).collect();
        assert_eq!(taken, [true, false, true, true, true, true, false, false, true]);
        let mut selection = Selection::person(ben);
        let taken: Vec<bool> = log.iter().map(|entry| selection.takes(entry).unwrap()).collect();
        assert_eq!(taken, [false, true, true, true, true, false, true, true, true]);
    }

    #[test]
    fn the_kind_is_the_entry_s_own() {
        let entry = entry("tool.changed", None, &[("note", r#"","kind":"policy.published"#.to_owned())]);
        assert_eq!(kind_of(&entry), Some("tool.changed"));
        assert_eq!(kind_of(b"{}"), None);
    }
}
