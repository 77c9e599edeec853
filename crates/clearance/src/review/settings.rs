use std::collections::BTreeMap;

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::Risk;
use crate::policy::Approvers;
use crate::time::Days;

/// Who reviews, how long a review may wait, and what lets many be opened at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewSettings {
    /// Who reviews access to tools of a risk; the tool's owners where nothing is said. With nobody left but the holder, administrators do.
    pub reviewers: BTreeMap<Risk, Approvers>,
    /// How often one review may be postponed, 0 to 5.
    pub postponements: u8,
    /// For how long at a time, 1 to 30 days.
    pub postponement_days: Days,
    /// More new grants of one tool than this within `burst_days` let each of them be reviewed; 0 for never.
    pub burst_grants: u32,
    /// The days in which new grants are counted, 1 to 30.
    pub burst_days: Days,
}

impl Default for ReviewSettings {
    fn default() -> Self {
        Self {
            reviewers: BTreeMap::new(),
            postponements: 1,
            postponement_days: Days::of(7),
            burst_grants: 100,
            burst_days: Days::of(7),
        }
    }
}

/// A number is out of its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "`reviews` may be postponed at most 5 times, for at most 30 days at a time; new access is counted over at most 30 days"
)]
pub struct InvalidReviewSettings;

impl ReviewSettings {
    /// Most postponements of one review.
    pub const MAX_POSTPONEMENTS: u8 = 5;
    /// Most days of a postponement, and most days over which new grants are counted.
    pub const MAX_DAYS: Days = Days::of(30);

    /// Refuses numbers out of their bounds.
    ///
    /// # Errors
    /// [`InvalidReviewSettings`].
    pub fn check(&self) -> Result<(), InvalidReviewSettings> {
        let within = self.postponements <= Self::MAX_POSTPONEMENTS
            && self.postponement_days <= Self::MAX_DAYS
            && self.burst_days <= Self::MAX_DAYS;
        if within { Ok(()) } else { Err(InvalidReviewSettings) }
    }

    /// What the log says of them.
    pub(crate) fn facts(&self) -> Value {
        let reviewers = self.reviewers.iter().map(|(risk, reviewers)| {
            let who = match reviewers {
                Approvers::Person(person) => person.to_string(),
                Approvers::Group(group) => group.to_string(),
                Approvers::ToolOwners => "tool_owners".to_owned(),
                Approvers::Manager => "manager".to_owned(),
                Approvers::Security => "security".to_owned(),
                Approvers::Administrators => "administrators".to_owned(),
            };
            (risk.as_str(), Value::from(who))
        });
        Value::object([
            ("reviewers", Value::object(reviewers)),
            ("postponements", Value::from(u32::from(self.postponements))),
            ("postponement_days", Value::from(self.postponement_days.get())),
            ("burst_grants", Value::from(self.burst_grants)),
            ("burst_days", Value::from(self.burst_days.get())),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_bounds_and_what_is_not_given_is_as_it_comes() {
        let read = |text| serde_json::from_str::<ReviewSettings>(text).unwrap();
        assert_eq!(read("{}"), ReviewSettings::default());
        assert_eq!(read(r#"{"postponements": 5, "burst_days": 30}"#).check(), Ok(()));
        for beyond in [r#"{"postponements": 6}"#, r#"{"postponement_days": 31}"#, r#"{"burst_days": 31}"#] {
            assert_eq!(read(beyond).check(), Err(InvalidReviewSettings), "{beyond}");
        }
        let named = read(r#"{"reviewers": {"high": "security", "low": "tool_owners"}}"#);
        assert_eq!(named.reviewers.get(&Risk::High), Some(&Approvers::Security));
        assert!(serde_json::from_str::<ReviewSettings>(r#"{"reviewers": {"huge": "security"}}"#).is_err());
    }
}
