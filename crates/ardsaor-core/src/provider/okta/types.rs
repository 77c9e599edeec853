//! Okta's objects, as far as Core looks at them. Whatever is not a key may be missing or `null`.

use core_protocol::message::{self, AccountStatus};
use serde::Deserialize;

use crate::provider::Interrupted;

#[derive(Deserialize)]
pub(super) struct Group {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    profile: Option<GroupProfile>,
}

#[derive(Deserialize)]
struct GroupProfile {
    name: Option<String>,
    description: Option<String>,
}

impl Group {
    pub(super) fn name(&self) -> Option<&str> {
        self.profile.as_ref()?.name.as_deref()
    }
}

impl TryFrom<Group> for message::Group {
    type Error = Interrupted;

    fn try_from(group: Group) -> Result<Self, Interrupted> {
        let (name, description) =
            group.profile.map_or((None, None), |profile| (profile.name, profile.description));
        Ok(Self {
            id: group.id.try_into().map_err(|_| Interrupted::UNEXPECTED)?,
            name: name.unwrap_or_default(),
            description,
            members: None,
            reach: None,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct User {
    id: String,
    status: Option<String>,
    profile: Option<UserProfile>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct UserProfile {
    login: Option<String>,
    display_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

impl User {
    fn account_status(&self) -> AccountStatus {
        match self.status.as_deref() {
            Some("STAGED" | "PROVISIONED" | "ACTIVE" | "RECOVERY" | "PASSWORD_EXPIRED" | "LOCKED_OUT") => {
                AccountStatus::Active
            }
            Some("SUSPENDED") => AccountStatus::Suspended,
            Some("DEPROVISIONED") => AccountStatus::Deactivated,
            _ => AccountStatus::Unknown,
        }
    }
}

impl TryFrom<User> for message::Account {
    type Error = Interrupted;

    fn try_from(user: User) -> Result<Self, Interrupted> {
        let status = user.account_status();
        let profile = user.profile.unwrap_or_default();
        let parts = [profile.first_name, profile.last_name];
        let full = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        Ok(Self {
            id: user.id.try_into().map_err(|_| Interrupted::UNEXPECTED)?,
            sign_in_name: profile.login,
            display_name: profile.display_name.or((!full.is_empty()).then_some(full)),
            status,
        })
    }
}

impl TryFrom<User> for message::Member {
    type Error = Interrupted;

    fn try_from(user: User) -> Result<Self, Interrupted> {
        let status = user.account_status();
        Ok(Self { id: user.id.try_into().map_err(|_| Interrupted::UNEXPECTED)?, status })
    }
}

#[derive(Deserialize)]
pub(super) struct Rule {
    actions: Option<Actions>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Actions {
    assign_user_to_groups: Option<Assignment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assignment {
    group_ids: Option<Vec<String>>,
}

impl Rule {
    /// Whether the rule puts people into the group. An inactive one may be switched on any day.
    pub(super) fn targets(&self, group: &str) -> bool {
        let assignment = self.actions.as_ref().and_then(|actions| actions.assign_user_to_groups.as_ref());
        let ids = assignment.and_then(|assignment| assignment.group_ids.as_deref()).unwrap_or_default();
        ids.iter().any(|id| id == group)
    }
}

#[derive(Deserialize)]
pub(super) struct App {
    pub(super) label: Option<String>,
}
