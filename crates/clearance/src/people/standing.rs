//! What changes of somebody's standing, and what that gives more than before.

use std::collections::BTreeSet;

use audit_log::Value;
use serde::{Deserialize, Serialize};

use super::guards::MAX_MEMBERSHIP_CHANGES;
use super::{Person, PersonStatus, Role};
use crate::catalog::Ownership;
use crate::documents::{Select, all};
use crate::failure::Failure;
use crate::ids::{GroupId, ToolId};
use crate::policy::{self, ChangedRequester, Facts, all_rules, people_widening, site_facts};
use crate::ports::Store;
use crate::proposal::Gain;
use crate::refusal::{Refusal, malformed};
use crate::settings::Settings;
use crate::time::Timestamp;

/// What changes of somebody's standing: groups, role, whether they take part again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingChange {
    /// Groups that they join.
    pub joins: BTreeSet<GroupId>,
    /// Groups that they leave.
    pub leaves: BTreeSet<GroupId>,
    /// The role that they get.
    pub role: Option<Role>,
    /// Whether they left and come back.
    pub returns: bool,
}

impl StandingChange {
    /// What makes the second of the first.
    pub(super) fn between(before: &Person, after: &Person) -> Self {
        Self {
            joins: after.groups.difference(&before.groups).copied().collect(),
            leaves: before.groups.difference(&after.groups).copied().collect(),
            role: (before.role != after.role).then_some(after.role),
            returns: after.is_active() && !before.is_active(),
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Refuses more memberships than one commit changes.
    pub(super) fn require_few(&self) -> Result<(), Refusal> {
        if self.joins.len() + self.leaves.len() <= MAX_MEMBERSHIP_CHANGES {
            return Ok(());
        }
        let message =
            format!("changes too many memberships at once; change at most {MAX_MEMBERSHIP_CHANGES}");
        Err(malformed("groups", &message))
    }

    /// Somebody with this change.
    pub(super) fn applied(&self, person: &Person, now: Timestamp) -> Person {
        let mut after = person.clone();
        after.groups.extend(&self.joins);
        after.groups.retain(|group| !self.leaves.contains(group));
        after.role = self.role.unwrap_or(after.role);
        if self.returns {
            after.status = PersonStatus::Active;
        }
        if after.role != person.role || after.is_active() != person.is_active() {
            after.role_changed_at = now;
        }
        after
    }

    /// What the log says of it while it is proposed.
    pub(crate) fn facts(&self) -> Vec<(&'static str, Value)> {
        let groups = |groups: &BTreeSet<GroupId>| {
            Value::Array(groups.iter().map(|group| Value::from(group.to_string())).collect())
        };
        vec![
            ("joins", groups(&self.joins)),
            ("leaves", groups(&self.leaves)),
            ("role", self.role.map_or(Value::Null, |role| Value::from(role.as_str()))),
            ("returns", Value::from(self.returns)),
        ]
    }
}

impl Person {
    /// Whether they are active and more than an auditor, who asks for nothing and decides nothing.
    fn takes_part(&self) -> bool {
        self.is_active() && self.role != Role::Auditor
    }

    /// Whether groups, role or taking part are others than before; somebody new had no groups and no role.
    pub(super) fn stands_otherwise(&self, before: Option<&Self>) -> bool {
        match before {
            None => !self.groups.is_empty() || self.role != Role::Member,
            Some(before) => {
                !StandingChange::between(before, self).is_nothing() || self.is_active() != before.is_active()
            }
        }
    }
}

/// What somebody's changed standing gives more than before, to them or to whoever they decide about.
pub(super) async fn gains(
    store: &impl Store,
    settings: &Settings,
    (before, after): (Option<&Person>, &Person),
    now: Timestamp,
) -> Result<Vec<Gain>, Failure> {
    if !after.stands_otherwise(before) {
        return Ok(Vec::new());
    }
    let mut gains = Vec::new();
    let administers = |person: &Person| person.is_active() && person.role == Role::Administrator;
    if administers(after) && !before.is_some_and(administers) {
        gains.push(Gain::Administrator);
    }
    let emergency = settings.emergency.group;
    let may =
        |person: &Person| person.is_active() && emergency.is_some_and(|group| person.groups.contains(&group));
    if may(after) && !before.is_some_and(may) {
        gains.push(Gain::Emergency);
    }
    let none = BTreeSet::new();
    let was = before.filter(|before| before.takes_part()).map_or(&none, |before| &before.groups);
    let is = if after.takes_part() { &after.groups } else { &none };
    // Somebody new may ask as anybody may: that gives nothing more.
    let took_part = before.is_none_or(Person::takes_part);
    if was == is && took_part == after.takes_part() {
        return Ok(gains);
    }
    let (_, version) = policy::active_version(store).await?;
    let rules = all_rules(store, &version).await?;
    let known = site_facts(store, &rules, now).await?;
    let owned = all::<Ownership>(store, Select::by(&Ownership::BY_PERSON, [after.id])).await?;
    let owned: BTreeSet<ToolId> = owned.iter().map(|ownership| ownership.tool).collect();
    let facts_before = with(known.clone(), after, (took_part, was), &owned);
    let facts_after = with(known, after, (after.takes_part(), is), &owned);
    let requester =
        after.takes_part().then_some(ChangedRequester { person: after.id, before: was, after: is });
    gains.extend(Gain::of(people_widening(&rules, (&facts_before, &facts_after), requester)));
    Ok(gains)
}

/// The site with somebody in these groups, if they take part.
fn with(
    mut facts: Facts,
    person: &Person,
    (takes_part, groups): (bool, &BTreeSet<GroupId>),
    owned: &BTreeSet<ToolId>,
) -> Facts {
    for (group, members) in &mut facts.groups {
        members.remove(&person.id);
        if takes_part && groups.contains(group) {
            members.insert(person.id);
        }
    }
    if let Some(active) = facts.people.get_mut(&person.id) {
        *active = takes_part;
    }
    for (tool, known) in &mut facts.tools {
        known.owners.remove(&person.id);
        if takes_part && owned.contains(tool) {
            known.owners.insert(person.id);
        }
    }
    facts
}
