//! Removals that do not come about, and who is told: the longer it lasts, the more people.

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::job::{Job, JobState, Task};
use crate::audit::{Actor, EventKind};
use crate::documents::{Change, Document, List, Loaded, Paging, Select, list, load};
use crate::failure::Failure;
use crate::notices;
use crate::ports::{Attributes, Kind, MAX_PAGE, Moment, Ports, Store};
use crate::time::Timestamp;

/// Minutes after which a removal is stuck that nothing has stopped, but that is not confirmed either.
const PATIENCE_MINUTES: i64 = 24 * 60;
/// Minutes until people are told again of what is still stuck.
const AGAIN_MINUTES: i64 = 24 * 60;
/// Minutes until people are told of what got stuck since they were told.
const MORE_MINUTES: i64 = 60;
/// Minutes of being stuck after which auditors are told, too.
const DAY_MINUTES: i64 = 24 * 60;
/// Minutes of being stuck after which it is the loudest.
const WEEK_MINUTES: i64 = 7 * DAY_MINUTES;

/// How long something has been stuck.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmLevel {
    /// Less than a day: administrators are told.
    Raised,
    /// A day or more: auditors are told, too.
    Day,
    /// A week or more.
    Week,
}

impl AlarmLevel {
    /// Of what has been stuck since a time.
    pub fn of(since: Timestamp, now: Timestamp) -> Self {
        if since.plus_minutes(WEEK_MINUTES) <= now {
            Self::Week
        } else if since.plus_minutes(DAY_MINUTES) <= now {
            Self::Day
        } else {
            Self::Raised
        }
    }

    /// The level as the log and the interface name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Day => "day",
            Self::Week => "week",
        }
    }
}

impl Job {
    /// From when on it is an alarm that this job is not done: a removal at once when it needs somebody, otherwise a day after it was due,
    /// whether it is tried again and again, held by the brake, or left undone by whom it names.
    pub fn alarm_from(&self) -> Option<Timestamp> {
        if self.task != Task::Deprovision || !self.is_open() {
            return None;
        }
        let late = self.queued_at.plus_minutes(PATIENCE_MINUTES);
        Some(match self.state {
            JobState::NeedsFollowUp { since, .. } => since.min(late),
            _ => late,
        })
    }

    /// Since when it is stuck, if it is.
    pub fn stuck_since(&self, now: Timestamp) -> Option<Timestamp> {
        self.alarm_from().filter(|since| *since <= now)
    }
}

/// Removals that are stuck, the longest first.
pub(crate) fn stuck(now: Timestamp) -> Select {
    // What gets stuck this very millisecond is stuck.
    let until = Timestamp::from_millisecond(now.as_millisecond().saturating_add(1));
    Select::by(&Job::BY_ALARM, ["removal"]).until(until)
}

/// Removals that are stuck, as many as one page shows, the longest first.
pub(crate) async fn first_stuck(store: &impl Store, now: Timestamp) -> Result<List<Loaded<Job>>, Failure> {
    list::<Job>(store, stuck(now), &Paging { after: None, limit: Some(MAX_PAGE) }).await
}

/// That people were told of removals that are stuck. There is none while none is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovalAlarm {
    /// Since when some removal has been stuck.
    pub raised_at: Timestamp,
    /// Times that people were told.
    pub told: u32,
    /// When they were told last.
    pub told_at: Timestamp,
    /// The newest of which they were told: since when it is stuck.
    pub newest: Timestamp,
}

impl RemovalAlarm {
    /// The only key.
    pub const KEY: &'static str = "removals";

    /// Whether people are to be told again.
    fn is_due(&self, newest: Timestamp, now: Timestamp) -> bool {
        let more = newest > self.newest && self.told_at.plus_minutes(MORE_MINUTES) <= now;
        more || self.told_at.plus_minutes(AGAIN_MINUTES) <= now
    }
}

impl Document for RemovalAlarm {
    const KIND: &'static Kind = &Kind { name: "removal_alarm", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Tells people of removals that are stuck: at once, when more got stuck but not more than once an hour, and then once a day until none is.
/// How often that was done; a pass that is late tells once.
///
/// # Errors
/// A conflict when another host told them; otherwise the store's.
pub(crate) async fn sound<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let store = ports.store();
    let moment = Moment::draw(ports.environment());
    let now = moment.now;
    let before = load::<RemovalAlarm>(store, RemovalAlarm::KEY).await?;
    let one = Paging { after: None, limit: Some(1) };
    let newest = list::<Job>(store, stuck(now).descending(), &one).await?.items.pop();
    let mut change = Change::new();
    let Some(newest) = newest.and_then(|job| job.alarm_from()) else {
        let Some(before) = before else { return Ok(0) };
        change.remove(&before);
        let facts = Value::object([("told", Value::from(before.told))]);
        change.record(now, &Actor::System, EventKind::JobAlarmEnded, facts);
        store.commit(change.into_commit()?).await?;
        return Ok(0);
    };
    if before.as_ref().is_some_and(|before| !before.is_due(newest, now)) {
        return Ok(0);
    }
    let page = first_stuck(store, now).await?;
    let since = page.items.first().and_then(|job| job.alarm_from()).unwrap_or(newest);
    let level = AlarmLevel::of(since, now);
    let after = RemovalAlarm {
        raised_at: before.as_ref().map_or(now, |before| before.raised_at),
        told: before.as_ref().map_or(1, |before| before.told.saturating_add(1)),
        told_at: now,
        newest,
    };
    change.upsert(before.as_ref(), &after);
    let facts = Value::object([
        ("level", Value::from(level.as_str())),
        ("removals", Value::from(u32::try_from(page.items.len()).unwrap_or(u32::MAX))),
        ("more", Value::from(page.next.is_some())),
        ("since", Value::from(since.to_string())),
        ("told", Value::from(after.told)),
    ]);
    change.record(now, &Actor::System, EventKind::JobAlarmRaised, facts);
    notices::removals_stuck(&mut change, &moment, level >= AlarmLevel::Day);
    store.commit(change.into_commit()?).await?;
    Ok(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_millisecond(1_795_000_000_000).plus_minutes(60 * hour)
    }

    #[test]
    fn the_alarm_grows() {
        let level = |hours| AlarmLevel::of(hour(0), hour(hours));
        assert_eq!(level(0), AlarmLevel::Raised);
        assert_eq!((level(23), level(24)), (AlarmLevel::Raised, AlarmLevel::Day));
        assert_eq!((level(7 * 24 - 1), level(7 * 24)), (AlarmLevel::Day, AlarmLevel::Week));
    }

    #[test]
    fn people_are_told_daily_and_of_more_once_an_hour() {
        let told = RemovalAlarm { raised_at: hour(0), told: 1, told_at: hour(10), newest: hour(10) };
        assert!(!told.is_due(hour(10), hour(33)) && told.is_due(hour(10), hour(34)));
        assert!(!told.is_due(hour(11), hour(10)) && told.is_due(hour(11), hour(11)));
    }
}
