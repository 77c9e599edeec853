use serde::{Deserialize, Serialize};

use super::topic::{Capacity, Topic, topic_of};
use super::{About, Notice};
use crate::documents::Document;
use crate::ids::{NoticeId, PersonId};
use crate::ports::{Attributes, Index, Kind};
use crate::time::Timestamp;

/// How an item stands with e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Mail {
    /// It is not sent: nobody sends here, the person has no address, or does not want it.
    No,
    /// It is to be sent.
    Due,
    /// It is to be sent with everything else of the day, from this instant on.
    Digest {
        /// From when on.
        from: Timestamp,
    },
    /// The mail server took it.
    Sent {
        /// When.
        at: Timestamp,
    },
}

/// One notice in one person's inbox. It holds ids and no text. Erasing the person removes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxItem {
    /// The notice that it came from.
    pub notice: NoticeId,
    /// Whose inbox.
    pub person: PersonId,
    /// What it is about.
    pub about: About,
    /// As what they are told.
    pub capacity: Capacity,
    /// When the notice was queued.
    pub at: Timestamp,
    /// When it was marked as read.
    pub read_at: Option<Timestamp>,
    /// How it stands with e-mail.
    pub mail: Mail,
}

impl InboxItem {
    /// One person's items.
    pub const BY_PERSON: Index = Index { name: "by_person", partition: &["person_id"], range: "at" };
    /// One person's items that are not marked as read.
    pub const UNREAD: Index = Index { name: "unread", partition: &["unread_of"], range: "at" };
    /// Items by whether they are to be sent (`due`, by time; `digest`, by the time from which on and then by person).
    pub const BY_MAIL: Index = Index { name: "by_mail", partition: &["mail"], range: "mail_order" };
    /// All items.
    pub const BY_TIME: Index = Index { name: "by_time", partition: &["all"], range: "at" };

    /// The key of a notice in a person's inbox: delivering it again makes nothing new.
    pub fn key_of(notice: NoticeId, person: PersonId) -> String {
        format!("{notice}:{person}")
    }

    /// A notice in somebody's inbox, unread.
    pub(super) fn new(notice: &Notice, person: PersonId, capacity: Capacity, mail: Mail) -> Self {
        let Notice { id, about, at, .. } = *notice;
        Self { notice: id, person, about, capacity, at, read_at: None, mail }
    }

    /// What it is about, as people choose how they want to hear of it.
    pub fn topic(&self) -> Topic {
        topic_of(self.about, self.capacity)
    }

    /// The same item with another standing at the mail server.
    #[must_use]
    pub fn with_mail(&self, mail: Mail) -> Self {
        Self { mail, ..self.clone() }
    }
}

impl Document for InboxItem {
    const KIND: &'static Kind = &Kind {
        name: "inbox_item",
        attributes: &["all", "person_id", "unread_of", "at", "mail", "mail_order"],
        indexes: &[Self::BY_PERSON, Self::UNREAD, Self::BY_MAIL, Self::BY_TIME],
    };

    fn key(&self) -> String {
        Self::key_of(self.notice, self.person)
    }

    fn attributes(&self) -> Attributes {
        let (person, at) = (self.person.to_string(), self.at.to_string());
        let (mail, order) = match self.mail {
            Mail::Due => (Some("due"), Some(at.clone())),
            Mail::Digest { from } => (Some("digest"), Some(format!("{from}/{person}"))),
            Mail::No | Mail::Sent { .. } => (None, None),
        };
        vec![
            Some("all".to_owned()),
            Some(person.clone()),
            self.read_at.is_none().then_some(person),
            Some(at),
            mail.map(str::to_owned),
            order,
        ]
    }
}
