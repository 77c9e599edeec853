//! Reviews: opened before access ends and when they were called for, reminded of, and closed with their access.

use serde::{Deserialize, Serialize};

use crate::documents::{Change, Document, load};
use crate::exception::tell_until;
use crate::failure::Failure;
use crate::ports::{Attributes, Environment as _, Kind, Ports};
use crate::review::{Windows, bursts, close_due, look_after, open_called, open_upcoming};
use crate::time::Timestamp;

/// Minutes between two walks: windows are of days.
const REST_MINUTES: i64 = 60;

/// The walk through all access that works and all open reviews.
///
/// What is due at a moment has an index; a walk once an hour in steps finds the rest, and costs nobody's request anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ReviewWalk {
    /// Opens what is due, from this place on.
    Opening {
        /// The last page's `next`.
        after: Option<String>,
        /// Whoever answers for an exception that ends before this was told of it.
        told_until: Timestamp,
    },
    /// Looks after open reviews, from this place on.
    Looking {
        /// The last page's `next`.
        after: Option<String>,
        /// Whoever answers for an exception that ends before this was told of it.
        told_until: Timestamp,
    },
    /// Came to the end; begins anew at this time.
    Resting {
        /// When.
        until: Timestamp,
        /// Whoever answers for an exception that ends before this was told of it.
        told_until: Timestamp,
    },
}

impl ReviewWalk {
    /// The only key.
    pub const KEY: &'static str = "site";
}

impl Document for ReviewWalk {
    const KIND: &'static Kind = &Kind { name: "review_walk", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// What is looked at once a walk: bursts of new access, and exceptions that end soon.
async fn begin<P: Ports>(ports: &P, told_until: Timestamp) -> Result<ReviewWalk, Failure> {
    bursts(ports).await?;
    Ok(ReviewWalk::Opening { after: None, told_until: tell_until(ports, told_until).await? })
}

/// Reviews that one pass opened and closed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reviews {
    pub(super) opened: u64,
    pub(super) closed: u64,
}

/// Closes what is due, opens what was called for, and goes on with the walk.
pub(super) async fn run<P: Ports>(ports: &P) -> Result<Reviews, Failure> {
    let (store, now) = (ports.store(), ports.environment().now());
    let mut reviews = Reviews { closed: close_due(ports).await?, ..Reviews::default() };
    let stored = load::<ReviewWalk>(store, ReviewWalk::KEY).await?;
    let mut walk = match stored.as_deref() {
        Some(ReviewWalk::Resting { until, .. }) if now < *until => {
            reviews.opened += open_called(ports).await?;
            return Ok(reviews);
        }
        Some(ReviewWalk::Resting { told_until, .. }) => begin(ports, *told_until).await?,
        None => begin(ports, now).await?,
        Some(walking) => walking.clone(),
    };
    reviews.opened += open_called(ports).await?;
    let windows = Windows::load(store).await?;
    loop {
        walk = match walk {
            ReviewWalk::Opening { after, told_until } => {
                let (opened, after) = open_upcoming(ports, &windows, after).await?;
                reviews.opened += opened;
                match after {
                    Some(_) => ReviewWalk::Opening { after, told_until },
                    None => ReviewWalk::Looking { after: None, told_until },
                }
            }
            ReviewWalk::Looking { after, told_until } => {
                let (closed, after) = look_after(ports, after).await?;
                reviews.closed += closed;
                match after {
                    Some(_) => ReviewWalk::Looking { after, told_until },
                    None => ReviewWalk::Resting { until: now.plus_minutes(REST_MINUTES), told_until },
                }
            }
            resting @ ReviewWalk::Resting { .. } => resting,
        };
        if matches!(walk, ReviewWalk::Resting { .. }) || ports.environment().is_time_up() {
            break;
        }
    }
    let mut change = Change::new();
    change.upsert(stored.as_ref(), &walk);
    // Another host walks, too: either place will do.
    change.commit_if_first(store).await?;
    Ok(reviews)
}
