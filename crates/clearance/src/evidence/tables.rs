//! The files for spreadsheets, and what the report and they call people.

use std::collections::BTreeMap;

use evidence_pack::table::write_row;

use super::selection::fields;
use super::story::{Actor, Event, GrantStory, Story};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::ports::LogEntry;

/// What the report says where the entries say nothing. Never "compliant".
pub(super) const UNKNOWN: &str = "unknown";

/// Numbers by which people are called where names must not stand: the same in every file of a pack.
#[derive(Debug, Default)]
pub(super) struct Labels(BTreeMap<PersonId, usize>);

impl Labels {
    pub(super) fn of(story: &Story) -> Self {
        Self(story.people.iter().copied().zip(1..).collect())
    }

    pub(super) fn person(&self, id: PersonId) -> String {
        self.0.get(&id).map_or_else(|| id.to_string(), |number| format!("Person {number}"))
    }

    pub(super) fn actor(&self, actor: Actor) -> String {
        match actor {
            Actor::Person(id) => self.person(id),
            Actor::Console => "the host's command line".to_owned(),
            Actor::System => "policy or clockwork".to_owned(),
        }
    }

    pub(super) fn people(&self) -> impl Iterator<Item = (PersonId, usize)> {
        self.0.iter().map(|(id, number)| (*id, *number))
    }
}

pub(super) fn records_head(out: &mut Vec<u8>) {
    write_row(out, ["index", "at", "kind", "actor", "facts", "leaf_hash"]);
}

pub(super) fn records_row(out: &mut Vec<u8>, entry: &LogEntry) -> Result<(), Failure> {
    let fields = fields(&entry.bytes)?;
    write_row(
        out,
        [
            &entry.index.to_string(),
            fields.at.as_ref(),
            fields.kind.as_ref(),
            fields.actor_json(),
            fields.facts_json(),
            &entry.leaf_hash.to_string(),
        ],
    );
    Ok(())
}

/// An auditor's four questions about one grant, answered from entries alone.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) approved_by: String,
    pub(super) policy: String,
    pub(super) ends: String,
    pub(super) reviewed: String,
    pub(super) directory: String,
}

impl Answers {
    pub(super) fn of(grant: &GrantStory, story: &Story, labels: &Labels) -> Self {
        let requests: Vec<_> = grant.requests.iter().filter_map(|id| story.requests.get(id)).collect();
        let mut approved = Vec::new();
        let mut policy = Vec::new();
        for request in &requests {
            let yes = request.decisions.iter().filter(|decision| decision.said == "approve");
            let mut deciders: Vec<String> =
                yes.map(|decision| decided(&decision.event, decision.on_behalf_of, labels)).collect();
            if let Some((event, kind)) = &request.closed
                && kind == "request.approved"
                && deciders.is_empty()
            {
                deciders.push(did(event, labels));
            }
            approved.extend(deciders);
            approved.extend(
                request.unapproved.as_ref().map(|event| format!("taken back by {}", did(event, labels))),
            );
            policy.extend(request.policy_version.map(|version| {
                let rules = if request.rules.is_empty() {
                    "no rule matched: administrators decide".to_owned()
                } else {
                    format!("rules {}", request.rules.join(", "))
                };
                format!(
                    "version {version}, {rules}, outcome {}",
                    request.outcome.as_deref().unwrap_or(UNKNOWN)
                )
            }));
        }
        let or_unknown = |list: Vec<String>, what: &str| {
            if list.is_empty() { format!("{UNKNOWN}: {what}") } else { list.join("; ") }
        };
        Self {
            approved_by: or_unknown(approved, "no approval is among the records"),
            policy: or_unknown(policy, "no submission is among the records"),
            ends: ends(grant),
            reviewed: reviewed(grant, labels),
            directory: directory(grant, labels),
        }
    }
}

/// Who decided, for whom if they stood in for somebody, when and where it is written.
fn decided(event: &Event, on_behalf_of: Option<PersonId>, labels: &Labels) -> String {
    let on_behalf_of = on_behalf_of.map_or_else(String::new, |id| format!(" for {}", labels.person(id)));
    format!("{}{on_behalf_of} on {} (record {})", labels.actor(event.actor), event.at, event.index)
}

fn did(event: &Event, labels: &Labels) -> String {
    decided(event, None, labels)
}

fn ends(grant: &GrantStory) -> String {
    if let Some((event, reason)) = &grant.ended {
        return format!("ended {reason} on {} (record {})", event.at, event.index);
    }
    if let Some((event, reason)) = &grant.removing {
        return format!(
            "being removed ({reason}) since {} (record {}); the end is not confirmed",
            event.at, event.index
        );
    }
    match &grant.ends_at {
        Some((event, ends_at)) => format!("{ends_at} (record {})", event.index),
        None => format!("{UNKNOWN}: access has not begun by these records"),
    }
}

/// How the need was looked at. A renewal that policy or the usage policy stopped was a review all the same.
fn reviewed(grant: &GrantStory, labels: &Labels) -> String {
    let told: Vec<String> = grant
        .reviews
        .iter()
        .map(|(event, for_whom, what)| {
            format!("{} by {}", what.replace('_', " "), decided(event, *for_whom, labels))
        })
        .collect();
    let told = told.join("; ");
    let is_decided = grant.reviews.iter().any(|(_, _, what)| what.starts_with("decided"));
    match grant.reviews.last() {
        None => format!("{UNKNOWN}: no review of the need is among the records"),
        Some(_) if is_decided => format!("yes: {told}"),
        Some((_, _, last)) if last.starts_with("closed") => format!("no: {told}"),
        Some(_) => format!("not yet: {told}"),
    }
}

/// What checks of the directory found about the grant, and what became of it. That a check found nothing is no entry, so that without a finding
/// nothing is known; what people attested is said as such.
fn directory(grant: &GrantStory, labels: &Labels) -> String {
    let attested =
        grant.attested.iter().map(|(event, task)| format!("{task} attested by {}", did(event, labels)));
    let found = grant
        .drift
        .iter()
        .map(|(event, what)| format!("{} by {}", what.replace('_', " "), did(event, labels)));
    let told: Vec<String> = found.chain(attested).collect();
    let told = told.join("; ");
    match grant.drift.last() {
        Some((_, last)) if last.starts_with("found") => format!("no: {told}"),
        _ if told.is_empty() => format!("{UNKNOWN}: no difference is among the records"),
        _ => format!("{UNKNOWN}: {told}"),
    }
}

pub(super) fn grants_head(out: &mut Vec<u8>) {
    write_row(
        out,
        ["grant", "person", "tool", "approved by", "policy", "ends", "need reviewed", "directory agrees"],
    );
}

pub(super) fn grants_row(out: &mut Vec<u8>, id: &str, grant: &GrantStory, story: &Story, labels: &Labels) {
    let answers = Answers::of(grant, story, labels);
    let person = grant.person.map_or_else(|| UNKNOWN.to_owned(), |person| person.to_string());
    let tool = grant.tool.map_or_else(|| UNKNOWN.to_owned(), |tool| tool.to_string());
    write_row(
        out,
        [
            id,
            &person,
            &tool,
            &answers.approved_by,
            &answers.policy,
            &answers.ends,
            &answers.reviewed,
            &answers.directory,
        ],
    );
}
