use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ids::GroupId;
use crate::refusal::{Refusal, malformed};
use crate::time::{Days, Timestamp};

/// Whether a tool may be had in an emergency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmergencyUse {
    /// It may not.
    #[default]
    Never,
    /// It may, unless its risk is restricted or policy denies it.
    Allowed,
    /// It may, even though its risk is restricted or policy denies it.
    EvenRestricted,
}

impl EmergencyUse {
    /// Whether nothing was said about it.
    pub fn is_never(&self) -> bool {
        *self == Self::Never
    }

    /// The word as the log names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Allowed => "allowed",
            Self::EvenRestricted => "even_restricted",
        }
    }
}

/// Who may have access in an emergency, for how long, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencySettings {
    /// The group whose people may; nobody may as long as there is none.
    #[serde(default)]
    pub group: Option<GroupId>,
    /// Days of access, 1 to 3.
    #[schemars(range(min = 1, max = 3))]
    pub days: Days,
    /// How often one person may have one tool within `budget_days`, 1 to 20.
    #[schemars(range(min = 1, max = 20))]
    pub budget: u32,
    /// Days over which that is counted, 1 to 365.
    #[schemars(range(min = 1, max = 365))]
    pub budget_days: Days,
}

impl Default for EmergencySettings {
    fn default() -> Self {
        Self { group: None, days: Days::of(1), budget: 2, budget_days: Days::of(30) }
    }
}

impl EmergencySettings {
    /// Whether somebody may have access in an emergency who may not with the others, for longer or more often.
    pub(crate) fn gives_more_than(&self, other: &Self) -> bool {
        let Some(group) = self.group else { return false };
        other.group != Some(group)
            || self.days > other.days
            || self.budget > other.budget
            || self.budget_days < other.budget_days
    }

    /// Refuses settings beyond their bounds.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.days.get() > 3 {
            return Err(malformed("emergency.days", "must be 1 to 3"));
        }
        if !(1..=20).contains(&self.budget) {
            return Err(malformed("emergency.budget", "must be 1 to 20"));
        }
        if self.budget_days.get() > 365 {
            return Err(malformed("emergency.budget_days", "must be 1 to 365"));
        }
        Ok(())
    }

    /// What the log says of them.
    pub fn facts(&self) -> Value {
        Value::object([
            ("group", self.group.map_or(Value::Null, |group| Value::from(group.to_string()))),
            ("days", Value::from(self.days.get())),
            ("budget", Value::from(self.budget)),
            ("budget_days", Value::from(self.budget_days.get())),
        ])
    }

    /// From when on uses count against the budget.
    pub fn counted_since(&self, now: Timestamp) -> Timestamp {
        now.plus_minutes(-i64::from(self.budget_days.get()) * 24 * 60)
    }
}
