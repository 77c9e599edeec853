//! Settings of the site.

mod meaning;
pub mod operations;
mod retention;

pub use meaning::{GroupsNamed, MeaningChange};
pub use retention::{PutRetention, Retention};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::documents::{Document, Loaded, load};
use crate::emergency::EmergencySettings;
use crate::failure::Failure;
use crate::ids::GroupId;
use crate::intake::JiraSettings;
use crate::limits::Limits;
use crate::ports::{Attributes, Kind, Store};
use crate::review::ReviewSettings;
use crate::text::Line;
use crate::time::Days;

/// Hours between two checks of who is in a tool's group: 1 to 168.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u16", into = "u16")]
pub struct DriftHours(#[schemars(range(min = 1, max = 168))] u16);

impl DriftHours {
    /// The number of hours.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl Default for DriftHours {
    fn default() -> Self {
        Self(6)
    }
}

/// The number is not one of hours between two checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 168 hours")]
pub struct InvalidDriftHours;

impl TryFrom<u16> for DriftHours {
    type Error = InvalidDriftHours;
    fn try_from(hours: u16) -> Result<Self, InvalidDriftHours> {
        if (1..=168).contains(&hours) { Ok(Self(hours)) } else { Err(InvalidDriftHours) }
    }
}

impl From<DriftHours> for u16 {
    fn from(hours: DriftHours) -> Self {
        hours.0
    }
}

/// Percent of a group's members whose removal within an hour stops until somebody has looked: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
pub struct RemovalShare(#[schemars(range(min = 1, max = 100))] u8);

impl RemovalShare {
    /// The percentage.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl Default for RemovalShare {
    fn default() -> Self {
        Self(30)
    }
}

/// The number is no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 100 percent")]
pub struct InvalidRemovalShare;

impl TryFrom<u8> for RemovalShare {
    type Error = InvalidRemovalShare;
    fn try_from(percent: u8) -> Result<Self, InvalidRemovalShare> {
        if (1..=100).contains(&percent) { Ok(Self(percent)) } else { Err(InvalidRemovalShare) }
    }
}

impl From<RemovalShare> for u8 {
    fn from(share: RemovalShare) -> Self {
        share.0
    }
}

/// Settings of the site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// Name of the organization, shown in pages and notices.
    pub organization: Line,
    /// The group of administrators who act as approvers: whatever no rule matches, and stages left with nobody, fall to it.
    pub administrators: GroupId,
    /// The group that policy means by `security`.
    pub security: GroupId,
    /// Days until a request that nobody decided lapses.
    pub pending_days: Days,
    /// Days for which a free seat is kept for whoever waits longest.
    #[serde(default = "three_days")]
    pub seat_offer_days: Days,
    /// Whether people are told by e-mail what they can act on.
    pub email_notices: bool,
    /// How often people may do what is counted.
    #[serde(default)]
    pub limits: Limits,
    /// For how long what nobody needs any more is kept.
    #[serde(default)]
    pub retention: Retention,
    /// Hours between two checks of who is in a tool's group.
    #[serde(default)]
    pub drift_hours: DriftHours,
    /// Percent of a group's members, but never fewer than 10, whose removal by time or by the program within an hour waits for a person;
    /// nor does anybody leave by it when a check finds more of a group deactivated at the provider.
    #[serde(default)]
    pub removal_share_percent: RemovalShare,
    /// Who may have access in an emergency, for how long, and how often.
    #[serde(default)]
    pub emergency: EmergencySettings,
    /// What happens in Jira, and because of it; a self-hosted site has none.
    #[serde(default)]
    pub jira: JiraSettings,
    /// Who reviews access, how long that may wait, and what lets many reviews be opened at once.
    #[serde(default)]
    pub reviews: ReviewSettings,
    /// Who named the two groups last; none while they are those of the first start.
    #[serde(default)]
    pub groups_named: Option<GroupsNamed>,
}

fn three_days() -> Days {
    Days::of(3)
}

impl Settings {
    /// The only key.
    pub const KEY: &'static str = "site";
}

impl Document for Settings {
    const KIND: &'static Kind = &Kind { name: "settings", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// The site's settings.
///
/// # Errors
/// [`Failure::Defect`] before the site was initialized.
pub async fn current(store: &impl Store) -> Result<Loaded<Settings>, Failure> {
    load(store, Settings::KEY).await?.ok_or_else(|| Failure::Defect("the site is not initialized".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_stored_before_there_were_limits_and_retention_are_read() {
        let group = GroupId::of_name("group");
        let old = serde_json::json!({
            "organization": "Example", "administrators": group, "security": group, "pending_days": 14, "email_notices": false,
        });
        let settings: Settings = serde_json::from_value(old).unwrap();
        assert_eq!((settings.limits, settings.retention), (Limits::default(), Retention::default()));
        assert_eq!((settings.drift_hours.get(), settings.jira), (6, JiraSettings::default()));
        assert_eq!(settings.seat_offer_days, Days::of(3));
        assert_eq!(settings.emergency, EmergencySettings::default());
        assert_eq!(settings.reviews, ReviewSettings::default());
    }
}
