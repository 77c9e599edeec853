//! What settings say of who decides and for how long requests wait, and what a change of it gives more than before.

use std::collections::BTreeSet;

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Settings;
use crate::documents::{Select, all};
use crate::emergency::EmergencySettings;
use crate::failure::Failure;
use crate::ids::{GroupId, PersonId};
use crate::people::Membership;
use crate::policy::{self, Facts, all_rules, people_widening, site_facts};
use crate::ports::Store;
use crate::proposal::Gain;
use crate::time::{Days, Timestamp};

/// Who named the groups of security and of administrators, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupsNamed {
    /// Who named them, and who agreed to that.
    pub by: BTreeSet<PersonId>,
    /// When.
    pub at: Timestamp,
}

/// A change of what settings mean; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeaningChange {
    /// The group of administrators who act as approvers.
    pub administrators: Option<GroupId>,
    /// The group that policy means by `security`.
    pub security: Option<GroupId>,
    /// Days until a request that nobody decided lapses.
    pub pending_days: Option<Days>,
    /// Who may have access in an emergency, for how long, and how often.
    pub emergency: Option<EmergencySettings>,
}

impl MeaningChange {
    /// What makes the second of the first.
    pub(super) fn between(before: &Settings, after: &Settings) -> Self {
        fn changed<T: PartialEq + Copy>(before: T, after: T) -> Option<T> {
            (before != after).then_some(after)
        }
        Self {
            administrators: changed(before.administrators, after.administrators),
            security: changed(before.security, after.security),
            pending_days: changed(before.pending_days, after.pending_days),
            emergency: changed(before.emergency, after.emergency),
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Settings with this change.
    pub(super) fn applied(&self, settings: &Settings) -> Settings {
        Settings {
            administrators: self.administrators.unwrap_or(settings.administrators),
            security: self.security.unwrap_or(settings.security),
            pending_days: self.pending_days.unwrap_or(settings.pending_days),
            emergency: self.emergency.unwrap_or(settings.emergency),
            ..settings.clone()
        }
    }

    /// Settings that were wanted, without this part of what was wanted.
    pub(super) fn held_back(&self, wanted: &Settings, before: &Settings) -> Settings {
        let back = Self {
            administrators: self.administrators.map(|_| before.administrators),
            security: self.security.map(|_| before.security),
            pending_days: self.pending_days.map(|_| before.pending_days),
            emergency: self.emergency.map(|_| before.emergency),
        };
        back.applied(wanted)
    }

    /// What the log says of it while it is proposed.
    pub(crate) fn facts(&self) -> Vec<(&'static str, Value)> {
        let group =
            |group: Option<GroupId>| group.map_or(Value::Null, |group| Value::from(group.to_string()));
        vec![
            ("administrators", group(self.administrators)),
            ("security", group(self.security)),
            ("pending_days", self.pending_days.map_or(Value::Null, |days| Value::from(days.get()))),
            ("emergency", self.emergency.map_or(Value::Null, |emergency| emergency.facts())),
        ]
    }
}

/// What other settings give more than before, and the part of the change that does.
pub(super) async fn gains(
    store: &impl Store,
    before: &Settings,
    after: &Settings,
    now: Timestamp,
) -> Result<(Vec<Gain>, MeaningChange), Failure> {
    let changed = MeaningChange::between(before, after);
    let (mut gains, mut wider) = (Vec::new(), MeaningChange::default());
    let (from, to) = (before.pending_days, after.pending_days);
    if to > from {
        gains.push(Gain::LongerPending { from, to });
        wider.pending_days = changed.pending_days;
    }
    if after.emergency.gives_more_than(&before.emergency) {
        gains.push(Gain::Emergency);
        wider.emergency = changed.emergency;
    }
    if (before.administrators, before.security) != (after.administrators, after.security) {
        let (_, version) = policy::active_version(store).await?;
        let rules = all_rules(store, &version).await?;
        let mut facts = site_facts(store, &rules, now).await?;
        for group in [after.administrators, after.security] {
            let members = all::<Membership>(store, Select::by(&Membership::BY_GROUP, [group])).await?;
            facts.groups.insert(group, members.iter().map(|membership| membership.person).collect());
        }
        let (security, administrators) = (after.security, after.administrators);
        let facts_after = Facts { security, administrators, ..facts.clone() };
        if let Some(gain) = Gain::of(people_widening(&rules, (&facts, &facts_after), None)) {
            gains.push(gain);
            (wider.administrators, wider.security) = (changed.administrators, changed.security);
        }
    }
    Ok((gains, wider))
}
