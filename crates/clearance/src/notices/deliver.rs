//! Bringing notices into inboxes.

use super::item::{InboxItem, Mail};
use super::preferences::NoticePreferences;
use super::telling::Teller;
use super::topic::{Capacity, Delivery};
use super::{Notice, audience, waiting};
use crate::documents::{Change, Document as _, Loaded, load};
use crate::failure::Failure;
use crate::people::Person;
use crate::ports::{Environment as _, Ports, Store};
use crate::settings::Settings;
use crate::time::Timestamp;

/// Inboxes of one commit: an item and a check of its person each.
const AT_ONCE: usize = 8;
/// The hour of the day, UTC, from which on digests are sent.
const DIGEST_HOUR: i64 = 7;

/// What one pass delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered {
    /// Notices that reached everybody whom they mean.
    pub notices: u32,
    /// Items put into inboxes.
    pub items: u32,
}

/// Puts what waits into the inboxes of those whom it means now, oldest first, until the host's time is over.
///
/// It may be killed anywhere and run by several hosts at once: an item's key is its notice and its person, so that nobody is told twice, and
/// the notice goes with the last of its items.
///
/// # Errors
/// The store's.
pub async fn deliver<P: Ports>(ports: &P) -> Result<Delivered, Failure> {
    let (mut delivered, mut after) = (Delivered::default(), None);
    loop {
        let page = waiting(ports.store(), after).await?;
        for notice in &page.items {
            let Some(capacity) = Capacity::of(&notice.to) else { continue };
            if ports.environment().is_time_up() {
                return Ok(delivered);
            }
            let (items, first) = put(ports, notice, capacity).await?;
            delivered.items += items;
            delivered.notices += u32::from(first);
        }
        after = page.next;
        if after.is_none() {
            return Ok(delivered);
        }
    }
}

/// One notice; how many items, and whether the notice is done with by this host.
async fn put<P: Ports>(
    ports: &P,
    notice: &Loaded<Notice>,
    capacity: Capacity,
) -> Result<(u32, bool), Failure> {
    let (store, now) = (ports.store(), ports.environment().now());
    let mut teller = Teller::new(store, now);
    let mut items = Vec::new();
    for id in audience::people(store, &notice.to, now).await? {
        let Some(person) = load::<Person>(store, &id.to_string()).await? else { continue };
        let item = InboxItem::new(notice, id, capacity, Mail::No);
        if load::<InboxItem>(store, &item.key()).await?.is_none()
            && teller.tell(&item, &person).await?.is_some()
        {
            let mail = mail_of(store, teller.settings().await?, &item, &person, now).await?;
            items.push((item.with_mail(mail), person));
        }
    }
    let (mut put, mut chunks) = (0, items.chunks(AT_ONCE).peekable());
    loop {
        let chunk = chunks.next().unwrap_or_default();
        let last = chunks.peek().is_none();
        let mut change = Change::new();
        for (item, person) in chunk {
            // Whoever is being erased meanwhile gets nothing.
            change.check(person);
            change.insert(item);
        }
        if last {
            change.remove(notice);
        }
        if !change.commit_if_first(store).await? {
            // Another host delivers it, or somebody changed: the next pass sees.
            return Ok((put, false));
        }
        put += u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        if last {
            return Ok((put, true));
        }
    }
}

async fn mail_of(
    store: &impl Store,
    settings: &Settings,
    item: &InboxItem,
    person: &Person,
    now: Timestamp,
) -> Result<Mail, Failure> {
    if !settings.email_notices || person.email.is_none() {
        return Ok(Mail::No);
    }
    let preferences = NoticePreferences::load(store, person.id).await?;
    let chosen = preferences.map_or_else(
        || NoticePreferences::none(person.id).delivery(item.topic()),
        |preferences| preferences.delivery(item.topic()),
    );
    Ok(match chosen {
        Delivery::Immediate => Mail::Due,
        Delivery::Daily => Mail::Digest { from: next_digest(now) },
        Delivery::None => Mail::No,
    })
}

/// The next time at which digests are sent.
fn next_digest(now: Timestamp) -> Timestamp {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    const HOUR: i64 = 60 * 60 * 1000;
    let today = now.as_millisecond().div_euclid(DAY).saturating_mul(DAY).saturating_add(DIGEST_HOUR * HOUR);
    Timestamp::from_millisecond(if now.as_millisecond() < today { today } else { today.saturating_add(DAY) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_sent_at_the_next_seven_o_clock() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(next_digest(at("2026-11-23T06:59:59.999Z")), at("2026-11-23T07:00:00.000Z"));
        assert_eq!(next_digest(at("2026-11-23T07:00:00.000Z")), at("2026-11-24T07:00:00.000Z"));
        assert_eq!(next_digest(at("2026-12-31T23:00:00.000Z")), at("2027-01-01T07:00:00.000Z"));
    }
}
