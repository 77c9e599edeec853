//! What is to be sent by e-mail: one letter for each item that is to go at once, and one a day for all others of a person.

use std::collections::BTreeMap;

use super::About;
use super::item::{InboxItem, Mail};
use super::preferences::NoticePreferences;
use super::telling::{Teller, Told};
use super::topic::{Delivery, Topic};
use super::unsubscribe::{Subscription, secret_of};
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::people::Person;
use crate::ports::{Environment as _, MAX_PAGE, Ports, Store};
use crate::text::EmailAddress;
use crate::time::Timestamp;

/// Items of one digest that are named.
const NAMED: usize = 50;
/// Pages of items for digests that one pass goes through.
const PAGES: usize = 10;
/// Items changed by one commit.
const AT_ONCE: usize = 16;
/// Most characters of a subject.
const MAX_SUBJECT: usize = 150;

/// A message ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// To whom.
    pub to: EmailAddress,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// Where one click switches such e-mail off, for what is optional.
    pub unsubscribe: Option<String>,
}

/// Items that go out together, with what they say now.
#[derive(Debug)]
pub struct Letter {
    items: Vec<Loaded<InboxItem>>,
    /// What is to be sent; none when there is nothing to say any more, or nobody wants to hear it by e-mail.
    pub message: Option<Message>,
}

impl Letter {
    /// The size of the log's checkpoint that it brings, if it does.
    pub fn checkpoint(&self) -> Option<u64> {
        self.items.iter().find_map(|item| match item.about {
            About::Checkpoint(size) => Some(size),
            _ => None,
        })
    }

    /// Whether it is too old to be sent: it was to go before this instant. What it tells of is in the inbox.
    pub fn is_older_than(&self, instant: Timestamp) -> bool {
        self.items.iter().all(|item| match item.mail {
            Mail::Digest { from } => from < instant,
            Mail::Due | Mail::No | Mail::Sent { .. } => item.at < instant,
        })
    }

    /// Notes that the mail server took it.
    ///
    /// # Errors
    /// The store's.
    pub async fn sent(self, store: &impl Store, at: Timestamp) -> Result<(), Failure> {
        self.settle(store, Mail::Sent { at }).await
    }

    /// Notes that it is not to be sent.
    ///
    /// # Errors
    /// The store's.
    pub async fn dropped(self, store: &impl Store) -> Result<(), Failure> {
        self.settle(store, Mail::No).await
    }

    async fn settle(self, store: &impl Store, mail: Mail) -> Result<(), Failure> {
        for some in self.items.chunks(AT_ONCE) {
            let mut change = Change::new();
            for item in some {
                change.update(item, &item.with_mail(mail));
            }
            if change.commit_if_first(store).await? {
                continue;
            }
            // One of them was read or taken out meanwhile: each on its own.
            for item in some {
                settle_one(store, item, mail).await?;
            }
        }
        Ok(())
    }
}

/// An item that somebody else may be changing: what stands of it now gets the same standing.
async fn settle_one(store: &impl Store, item: &InboxItem, mail: Mail) -> Result<(), Failure> {
    let key = InboxItem::key_of(item.notice, item.person);
    if let Some(now) = load::<InboxItem>(store, &key).await? {
        let mut change = Change::new();
        change.update(&now, &now.with_mail(mail));
        change.commit_if_first(store).await?;
    }
    Ok(())
}

/// What is to be sent now, oldest first: a bounded part of it.
///
/// `address` is where the pages are; messages link there.
///
/// # Errors
/// The store's.
pub async fn due<P: Ports>(ports: &P, address: &str) -> Result<Vec<Letter>, Failure> {
    let (store, now) = (ports.store(), ports.environment().now());
    let mut writer = Writer { ports, address, teller: Teller::new(store, now) };
    let paging = Paging { after: None, limit: Some(MAX_PAGE) };
    let at_once =
        documents::list::<InboxItem>(store, Select::by(&InboxItem::BY_MAIL, ["due"]), &paging).await?;
    let mut letters = Vec::new();
    for item in at_once.items {
        letters.push(writer.letter(item).await?);
    }
    for items in digests(store, now).await? {
        letters.push(writer.digest(items).await?);
    }
    Ok(letters)
}

/// Items of digests whose time has come, by person.
async fn digests(store: &impl Store, now: Timestamp) -> Result<Vec<Vec<Loaded<InboxItem>>>, Failure> {
    let mut by_person = BTreeMap::<PersonId, Vec<_>>::new();
    let mut after = None;
    for _ in 0..PAGES {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let select = Select::by(&InboxItem::BY_MAIL, ["digest"]).until(now.plus_seconds(1));
        let page = documents::list::<InboxItem>(store, select, &paging).await?;
        for item in page.items {
            by_person.entry(item.person).or_default().push(item);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(by_person.into_values().collect())
}

struct Writer<'a, P: Ports> {
    ports: &'a P,
    address: &'a str,
    teller: Teller<'a, P::Store>,
}

impl<P: Ports> Writer<'_, P> {
    async fn letter(&mut self, item: Loaded<InboxItem>) -> Result<Letter, Failure> {
        let topic = item.topic();
        let mut message = None;
        if let Some((reader, to)) = self.reader(item.person).await?
            && self.delivery(item.person, topic).await? != Delivery::None
            && let Some(told) = self.teller.tell(&item, &reader).await?
        {
            let unsubscribe = if topic.is_mandatory() {
                None
            } else {
                self.link(&reader, Subscription::Topic(topic)).await?
            };
            let mut parts = vec![sentences(&told)];
            parts.extend(told.attached.clone());
            parts.push(format!("{}{}", self.address, told.link.path()));
            let why = format!("You get this e-mail because {}.", topic.reason());
            let body = self.signed(&parts.join("\n\n"), &why, unsubscribe.as_deref()).await?;
            message = Some(Message { to, subject: one_line(&told.subject), body, unsubscribe });
        }
        Ok(Letter { items: vec![item], message })
    }

    async fn digest(&mut self, items: Vec<Loaded<InboxItem>>) -> Result<Letter, Failure> {
        let Some(person) = items.first().map(|item| item.person) else {
            return Ok(Letter { items, message: None });
        };
        let Some((reader, to)) = self.reader(person).await? else {
            return Ok(Letter { items, message: None });
        };
        let mut lines = Vec::new();
        let mut count = 0_usize;
        for item in &items {
            if self.delivery(person, item.topic()).await? == Delivery::None {
                continue;
            }
            if let Some(told) = self.teller.tell(item, &reader).await? {
                count += 1;
                if lines.len() < NAMED {
                    lines.push(format!("- {}\n  {}{}", sentences(&told), self.address, told.link.path()));
                }
            }
        }
        if lines.is_empty() {
            return Ok(Letter { items, message: None });
        }
        if count > lines.len() {
            lines.push(format!(
                "- and {} more in your inbox: {}/app#/inbox",
                count - lines.len(),
                self.address
            ));
        }
        let unsubscribe = self.link(&reader, Subscription::Digest).await?;
        let subject = match count {
            1 => "Your day: 1 notice".to_owned(),
            count => format!("Your day: {count} notices"),
        };
        let why = "You get this e-mail once a day because you chose to.";
        let body = self.signed(&lines.join("\n\n"), why, unsubscribe.as_deref()).await?;
        Ok(Letter { items, message: Some(Message { to, subject, body, unsubscribe }) })
    }

    /// Whoever reads an inbox, with their address, while they take part.
    async fn reader(&self, person: PersonId) -> Result<Option<(Loaded<Person>, EmailAddress)>, Failure> {
        let person = load::<Person>(self.ports.store(), &person.to_string()).await?;
        let person = person.filter(|person| person.is_active());
        Ok(person.and_then(|person| {
            let email = person.email.clone()?;
            Some((person, email))
        }))
    }

    /// What they chose last: an e-mail that was switched off while it waited is not sent.
    async fn delivery(&self, person: PersonId, topic: Topic) -> Result<Delivery, Failure> {
        let preferences = NoticePreferences::load(self.ports.store(), person).await?;
        Ok(preferences.map_or_else(Delivery::default, |preferences| preferences.delivery(topic)))
    }

    async fn link(&self, reader: &Loaded<Person>, from: Subscription) -> Result<Option<String>, Failure> {
        let secret = secret_of(self.ports, reader).await?;
        Ok(secret.map(|secret| format!("{}/unsubscribe/{}/{}", self.address, secret.expose(), from.as_str())))
    }

    async fn signed(&mut self, text: &str, why: &str, unsubscribe: Option<&str>) -> Result<String, Failure> {
        let organization = self.teller.settings().await?.organization.clone();
        let mut lines = vec![format!("{text}\n\n--\nAI Clearance, {organization}"), why.to_owned()];
        if let Some(unsubscribe) = unsubscribe {
            lines.push(format!("Choose what you get by e-mail: {}/app#/inbox", self.address));
            lines.push(format!("No more of this by e-mail: {unsubscribe}"));
        }
        lines.push(String::new());
        Ok(lines.join("\n"))
    }
}

/// What an item says, its deadline and what happens otherwise.
fn sentences(told: &Told) -> String {
    let then = match (told.deadline, told.otherwise) {
        (Some(deadline), Some(otherwise)) if told.asks => {
            format!(" You have until {}; otherwise {otherwise}.", deadline.in_words())
        }
        (Some(deadline), Some(otherwise)) => format!(" On {} {otherwise}.", deadline.in_words()),
        (None, Some(otherwise)) => format!(" Otherwise {otherwise}."),
        (_, None) => String::new(),
    };
    format!("{}{then}", told.text)
}

/// One line of bounded length, whatever a name holds: nothing of it begins another header.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .take(MAX_SUBJECT)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(one_line("a\r\nBcc: eve@example.com"), "a  Bcc: eve@example.com");
        assert_eq!(one_line(&"x".repeat(500)).len(), MAX_SUBJECT);
    }
}
