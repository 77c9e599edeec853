use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::documents::Document;
use crate::ids::{GroupId, PersonId};
use crate::ports::{Attributes, Index, Kind};
use crate::text::Line;
use crate::time::Timestamp;

/// A group of people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Group {
    /// Its id; policy refers to it.
    pub id: GroupId,
    /// Name as shown.
    pub name: Line,
}

impl Group {
    /// Groups by name.
    pub const BY_NAME: Index = Index { name: "by_name", partition: &["all"], range: "sort_name" };
}

impl Document for Group {
    const KIND: &'static Kind =
        &Kind { name: "people_group", attributes: &["all", "sort_name"], indexes: &[Self::BY_NAME] };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        vec![Some("all".to_owned()), Some(self.name.as_str().to_lowercase())]
    }
}

/// One active person's membership in one group; kept in step with [`Person::groups`](super::Person::groups).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Membership {
    /// The group.
    pub group: GroupId,
    /// The person.
    pub person: PersonId,
    /// Since when.
    pub since: Timestamp,
    /// Who let them in, and who agreed to that.
    #[serde(default)]
    pub added_by: BTreeSet<PersonId>,
}

impl Membership {
    /// Members of a group, longest first.
    pub const BY_GROUP: Index = Index { name: "by_group", partition: &["group_id"], range: "since" };

    /// The key of a person's membership in a group.
    pub fn key_of(group: GroupId, person: PersonId) -> String {
        format!("{group}:{person}")
    }
}

impl Document for Membership {
    const KIND: &'static Kind =
        &Kind { name: "membership", attributes: &["group_id", "since"], indexes: &[Self::BY_GROUP] };

    fn key(&self) -> String {
        Self::key_of(self.group, self.person)
    }

    fn attributes(&self) -> Attributes {
        vec![Some(self.group.to_string()), Some(self.since.to_string())]
    }
}
