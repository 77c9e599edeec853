//! What the entries of a pack tell, gathered while they are read.
//!
//! Everything here comes from entries in the pack and from nowhere else: what they do not say is unknown, never assumed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use audit_log::Hash;
use serde::Deserialize;

use super::selection::{fields, is_judged, may_widen, texts_in};
use crate::failure::Failure;
use crate::ids::{PersonId, ToolId};

/// Where and when something stands in the log, and who did it.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) index: u64,
    pub(super) at: String,
    pub(super) actor: Actor,
}

/// Who did something, as an entry says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Actor {
    Person(PersonId),
    Console,
    System,
}

/// What somebody decided in a stage.
#[derive(Debug)]
pub(super) struct Decision {
    pub(super) event: Event,
    /// For whom, if they stood in for somebody.
    pub(super) on_behalf_of: Option<PersonId>,
    /// `approve` or `deny`.
    pub(super) said: String,
}

/// A request.
#[derive(Debug, Default)]
pub(super) struct RequestStory {
    pub(super) submitted: Option<Event>,
    pub(super) policy_version: Option<u32>,
    pub(super) rules: Vec<String>,
    pub(super) outcome: Option<String>,
    pub(super) decisions: Vec<Decision>,
    /// How it closed: `request.approved`, `request.denied`, …
    pub(super) closed: Option<(Event, String)>,
    /// That its approval was taken back.
    pub(super) unapproved: Option<Event>,
    /// The exception from policy that it rests on.
    pub(super) exception: Option<String>,
}

/// A grant.
#[derive(Debug, Default)]
pub(super) struct GrantStory {
    pub(super) person: Option<PersonId>,
    pub(super) tool: Option<ToolId>,
    pub(super) requests: BTreeSet<String>,
    pub(super) activated: Option<Event>,
    pub(super) ends_at: Option<(Event, String)>,
    pub(super) removing: Option<(Event, String)>,
    pub(super) ended: Option<(Event, String)>,
    pub(super) attested: Vec<(Event, String)>,
    /// How its need was looked at: opened, put off, decided, closed; and for whom, if who did it stood in for somebody.
    pub(super) reviews: Vec<(Event, Option<PersonId>, String)>,
    /// What holds texts about it besides its requests: reviews, findings, and exceptions that requests rest on.
    pub(super) described: BTreeSet<String>,
    /// What checks of the directory found about it, and what became of that.
    pub(super) drift: Vec<(Event, String)>,
}

/// A change that gave more than before, or may have.
#[derive(Debug)]
pub(super) struct Widening {
    pub(super) event: Event,
    pub(super) kind: String,
    /// Whether it was found to give more.
    pub(super) judged: bool,
    /// Who agreed to it.
    pub(super) agreed: Option<Actor>,
}

/// What the entries tell.
#[derive(Debug, Default)]
pub(super) struct Story {
    pub(super) requests: BTreeMap<String, RequestStory>,
    pub(super) grants: BTreeMap<String, GrantStory>,
    /// Entries after which access was wider, or may have been where nothing judged them.
    pub(super) widenings: Vec<Widening>,
    pub(super) kinds: BTreeMap<String, u64>,
    pub(super) people: BTreeSet<PersonId>,
    pub(super) tools: BTreeSet<ToolId>,
    /// What may hold texts: requests, reviews, exceptions, findings.
    pub(super) described: BTreeSet<String>,
    /// Everything in entries that may be a commitment.
    pub(super) commitments: HashSet<Hash>,
    pub(super) versions: BTreeSet<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Facts {
    request: Option<String>,
    grant: Option<String>,
    person: Option<PersonId>,
    tool: Option<ToolId>,
    policy_version: Option<u32>,
    rules: Option<serde_json::Value>,
    outcome: Option<String>,
    decision: Option<String>,
    on_behalf_of: Option<PersonId>,
    ends_at: Option<String>,
    reason: Option<String>,
    task: Option<String>,
    kind: Option<String>,
    disposition: Option<String>,
    cause: Option<String>,
    renewal: Option<String>,
    until: Option<String>,
    review: Option<String>,
    exception: Option<String>,
    finding: Option<String>,
    confirmed_by: Option<Actor>,
}

impl Facts {
    /// What it names that may hold texts, besides requests.
    fn described(&self) -> impl Iterator<Item = &String> {
        [&self.review, &self.exception, &self.finding].into_iter().flatten()
    }
}

impl Story {
    /// Takes the next entry.
    pub(super) fn add(&mut self, index: u64, entry: &[u8]) -> Result<(), Failure> {
        let fields = fields(entry)?;
        for text in texts_in(entry).filter_map(|text| std::str::from_utf8(text).ok()) {
            match text.len() {
                64 => self.commitments.extend(text.parse::<Hash>().ok()),
                33 => self.people.extend(text.parse::<PersonId>().ok()),
                31 => self.tools.extend(text.parse::<ToolId>().ok()),
                _ => {}
            }
        }
        *self.kinds.entry(fields.kind.clone().into_owned()).or_default() += 1;
        // Later kinds of entries may have facts of other forms; then they are told of by kind alone.
        let facts: Facts = serde_json::from_str(fields.facts_json()).unwrap_or_default();
        let actor = serde_json::from_str(fields.actor_json()).unwrap_or(Actor::System);
        let event = Event { index, at: fields.at.clone().into_owned(), actor };
        self.versions.extend(facts.policy_version);
        if may_widen(&fields.kind, entry) {
            let (event, kind) = (event.clone(), fields.kind.clone().into_owned());
            self.widenings.push(Widening {
                event,
                kind,
                judged: is_judged(entry, true),
                agreed: facts.confirmed_by,
            });
        }
        self.tell(&fields.kind, event, facts);
        Ok(())
    }

    fn tell(&mut self, kind: &str, event: Event, facts: Facts) {
        self.described.extend(facts.described().cloned());
        if let (Some(request), true) =
            (&facts.request, kind.starts_with("request.") || kind.starts_with("approval."))
        {
            self.described.insert(request.clone());
            let story = self.requests.entry(request.clone()).or_default();
            story.exception = facts.exception.clone().or(story.exception.take());
            match kind {
                "request.submitted" => {
                    story.submitted = Some(event.clone());
                    story.policy_version = facts.policy_version;
                    story.outcome.clone_from(&facts.outcome);
                    let rules = facts.rules.as_ref().and_then(|rules| rules.as_array());
                    let rules = rules.into_iter().flatten().filter_map(|rule| rule.as_str());
                    story.rules = rules.map(str::to_owned).collect();
                }
                "approval.decided" => {
                    story.decisions.push(Decision {
                        event: event.clone(),
                        on_behalf_of: facts.on_behalf_of,
                        said: facts.decision.clone().unwrap_or_default(),
                    });
                }
                "request.unapproved" => story.unapproved = Some(event.clone()),
                "request.approved" | "request.denied" | "request.cancelled" | "request.lapsed" => {
                    story.closed = Some((event.clone(), kind.to_owned()));
                }
                _ => {}
            }
        }
        let described: Vec<String> = facts.described().cloned().collect();
        let Some(grant) = facts.grant else { return };
        let story = self.grants.entry(grant).or_default();
        story.described.extend(described);
        // A request that a review made is the grant's own only if it was approved, which other entries say.
        if !kind.starts_with("review.") {
            story.requests.extend(facts.request);
        }
        story.person = facts.person.or(story.person);
        story.tool = facts.tool.or(story.tool);
        match kind {
            "grant.activated" | "grant.extended" => {
                if kind == "grant.activated" {
                    story.activated = Some(event.clone());
                }
                story.ends_at = facts.ends_at.map(|ends_at| (event, ends_at));
            }
            "grant.removing" => story.removing = Some((event, facts.reason.unwrap_or_default())),
            "grant.ended" => story.ended = Some((event, facts.reason.unwrap_or_default())),
            "drift.found" => story.drift.push((event, format!("found {}", facts.kind.unwrap_or_default()))),
            "drift.settled" => {
                story.drift.push((event, format!("settled {}", facts.disposition.unwrap_or_default())));
            }
            "review.opened" => {
                story.reviews.push((event, None, format!("opened ({})", facts.cause.unwrap_or_default())));
            }
            "review.postponed" => {
                let until = facts.until.unwrap_or_default();
                story.reviews.push((event, facts.on_behalf_of, format!("put off until {until}")));
            }
            "review.decided" => {
                let renewal = facts.renewal.map_or_else(String::new, |renewal| format!(" ({renewal})"));
                let what = format!("decided {}{renewal}", facts.decision.unwrap_or_default());
                story.reviews.push((event, facts.on_behalf_of, what));
            }
            "review.closed" => {
                story.reviews.push((event, None, format!("closed {}", facts.outcome.unwrap_or_default())));
            }
            "job.attested" => story.attested.push((event, facts.task.unwrap_or_default())),
            _ => {}
        }
    }
}
