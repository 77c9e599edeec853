use std::collections::{BTreeMap, BTreeSet};

use super::rule::{Approvers, Quorum};
use crate::catalog::{DataClass, Risk, ToolStatus};
use crate::ids::{GroupId, PersonId, ToolId};
use crate::text::Line;
use crate::time::Days;

/// What a site knows now of whom and what a policy names: all that [`lint`](super::lint()) and
/// [`widening`](super::widening()) look at beside the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The catalogue.
    pub tools: BTreeMap<ToolId, ToolFacts>,
    /// People whom rules name and who are known, and whether they are active.
    pub people: BTreeMap<PersonId, bool>,
    /// Groups that exist, of those that rules name, with their active members. Groups that only conditions name may be without them.
    pub groups: BTreeMap<GroupId, BTreeSet<PersonId>>,
    /// The group that policy means by `security`.
    pub security: GroupId,
    /// The group that policy means by `administrators`.
    pub administrators: GroupId,
    /// Who stands in for whom now.
    pub delegates: BTreeMap<PersonId, BTreeSet<PersonId>>,
}

/// What policy sees of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolFacts {
    /// Its risk.
    pub risk: Risk,
    /// Where it stands.
    pub status: ToolStatus,
    /// Its tags.
    pub tags: BTreeSet<Line>,
    /// Data classes that it allows.
    pub data_classes: BTreeSet<DataClass>,
    /// Its owners.
    pub owners: BTreeSet<PersonId>,
    /// Longest duration.
    pub max_days: Days,
    /// Days before the end in which the need is looked at again.
    pub review_days: Days,
}

impl Facts {
    /// The active members of a group; nobody, if there is no such group.
    fn members(&self, group: GroupId) -> impl Iterator<Item = PersonId> + '_ {
        self.groups.get(&group).into_iter().flatten().copied()
    }

    /// Whom a stage means, for a tool with these owners and a requester with this manager.
    pub fn people<'a>(
        &self,
        approvers: impl IntoIterator<Item = &'a Approvers>,
        owners: &BTreeSet<PersonId>,
        manager: Option<PersonId>,
    ) -> BTreeSet<PersonId> {
        let mut people = BTreeSet::new();
        for approvers in approvers {
            match approvers {
                Approvers::Person(person) => {
                    if self.people.get(person) == Some(&true) {
                        people.insert(*person);
                    }
                }
                Approvers::Group(group) => people.extend(self.members(*group)),
                Approvers::ToolOwners => people.extend(owners),
                Approvers::Manager => people.extend(manager),
                Approvers::Security => people.extend(self.members(self.security)),
                Approvers::Administrators => people.extend(self.members(self.administrators)),
            }
        }
        people
    }
}

impl Quorum {
    /// How many approvals it takes when this many may decide; none when they are too few.
    pub fn required(self, people: usize) -> Option<usize> {
        let required = match self {
            Self::Any => 1,
            Self::AtLeast(number) => usize::from(number.max(1)),
            Self::All => people.max(1),
        };
        (required <= people).then_some(required)
    }
}
