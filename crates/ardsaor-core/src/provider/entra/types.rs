//! Graph's objects, as far as Core looks at them. Whatever is not a key may be missing or `null`.

use core_protocol::message::{self, AccountStatus, RefusalReason};
use serde::Deserialize;

use crate::provider::Interrupted;

#[derive(Deserialize)]
pub(super) struct List<T> {
    pub(super) value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    pub(super) next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    id: String,
    pub(super) display_name: Option<String>,
    description: Option<String>,
    #[serde(rename = "groupTypes")]
    kinds: Option<Vec<String>>,
    mail_enabled: Option<bool>,
    on_premises_sync_enabled: Option<bool>,
    is_assignable_to_role: Option<bool>,
}

impl Group {
    fn is(&self, kind: &str) -> bool {
        self.kinds.iter().flatten().any(|given| given == kind)
    }

    /// Why the group's members cannot or must not be changed by Core.
    pub(super) fn not_writable(&self) -> Option<RefusalReason> {
        if self.is("DynamicMembership") {
            Some(RefusalReason::GroupDynamic)
        } else if self.on_premises_sync_enabled == Some(true) {
            Some(RefusalReason::GroupSynced)
        } else if self.is_assignable_to_role == Some(true) {
            Some(RefusalReason::GroupRoleAssignable)
        } else if self.mail_enabled == Some(true) && !self.is("Unified") {
            Some(RefusalReason::GroupMailEnabled)
        } else {
            None
        }
    }
}

impl TryFrom<Group> for message::Group {
    type Error = Interrupted;

    fn try_from(group: Group) -> Result<Self, Interrupted> {
        Ok(Self {
            id: group.id.try_into().map_err(|_| Interrupted::UNEXPECTED)?,
            name: group.display_name.unwrap_or_default(),
            description: group.description,
            members: None,
            reach: None,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    id: String,
    account_enabled: Option<bool>,
    #[serde(rename = "userPrincipalName")]
    sign_in_name: Option<String>,
    display_name: Option<String>,
}

impl TryFrom<User> for message::Account {
    type Error = Interrupted;

    fn try_from(user: User) -> Result<Self, Interrupted> {
        Ok(Self {
            id: user.id.try_into().map_err(|_| Interrupted::UNEXPECTED)?,
            sign_in_name: user.sign_in_name,
            display_name: user.display_name,
            status: match user.account_enabled {
                Some(true) => AccountStatus::Active,
                Some(false) => AccountStatus::Deactivated,
                None => AccountStatus::Unknown,
            },
        })
    }
}

/// Any object of the directory.
#[derive(Deserialize)]
pub(super) struct Object {
    pub(super) id: String,
}

impl TryFrom<Object> for message::Member {
    type Error = Interrupted;

    fn try_from(object: Object) -> Result<Self, Interrupted> {
        let id = object.id.try_into().map_err(|_| Interrupted::UNEXPECTED)?;
        Ok(Self { id, status: AccountStatus::Unknown })
    }
}
