//! `inbox.list`, `inbox.unread`, `inbox.mark_read`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::item::InboxItem;
use super::telling::{Link, Teller};
use super::topic::Topic;
use crate::authorization::CallerKind::{Auditor, Requester};
use crate::authorization::CallerKinds;
use crate::documents::{self, Change, List as Page, Paging, Select, load};
use crate::failure::Failure;
use crate::ids::NoticeId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::Ports;
use crate::refusal::malformed;
use crate::settings::operations::Nothing;
use crate::time::Timestamp;

pub use super::telling::LinkKind;

/// Items that one call marks: each is a document of its commit.
pub const MAX_MARKED: usize = 16;
/// Unread items that are looked at to count them.
const MAX_COUNTED: u16 = 50;

/// An item of somebody's inbox, as it stands now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InboxItemView {
    /// The notice's id, by which it is marked as read.
    pub id: NoticeId,
    /// What it is about, as preferences name it.
    pub topic: Topic,
    /// Since when it is there.
    pub at: Timestamp,
    /// Whether it was marked as read.
    pub read: bool,
    /// Whether something is asked of the reader. Such an item disappears when it cannot be done any more.
    pub asks: bool,
    /// One line.
    pub subject: String,
    /// Sentences: what it is about.
    pub text: String,
    /// Until when something can be done; of news, when what it tells of ends.
    pub deadline: Option<Timestamp>,
    /// What happens then, if nothing is done: a sentence without its beginning and its end.
    pub otherwise: Option<String>,
    /// Where to see it, and do it.
    pub link: Link,
}

/// `inbox.list`.
#[derive(Debug)]
pub struct List;

/// What `inbox.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListInbox {
    /// Only what is not marked as read.
    #[serde(default)]
    pub unread: bool,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

fn select(unread: bool, person: impl ToString) -> Select {
    let index = if unread { &InboxItem::UNREAD } else { &InboxItem::BY_PERSON };
    Select::by(index, [person]).descending()
}

impl Operation for List {
    const NAME: &'static str = "inbox.list";
    const SUMMARY: &'static str = "The caller's inbox, newest first; what is over is not in it";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Auditor]);
    type Input = ListInbox;
    type Output = Page<InboxItemView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListInbox,
    ) -> Result<Decision<Self::Output>, Failure> {
        let (store, reader) = (context.store(), context.admission.person()?);
        let mut teller = Teller::new(store, context.moment.now);
        let mut after = input.after.clone();
        loop {
            let paging = Paging { after, limit: input.limit };
            let page = documents::list::<InboxItem>(store, select(input.unread, reader.id), &paging).await?;
            let mut items = Vec::new();
            for item in page.items {
                let Some(told) = teller.tell(&item, reader).await? else { continue };
                items.push(InboxItemView {
                    id: item.notice,
                    topic: item.topic(),
                    at: item.at,
                    read: item.read_at.is_some(),
                    asks: told.asks,
                    subject: told.subject,
                    text: told.text,
                    deadline: told.deadline,
                    otherwise: told.otherwise.map(str::to_owned),
                    link: told.link,
                });
            }
            after = page.next;
            // A page of nothing but what is over is not the end.
            if !items.is_empty() || after.is_none() {
                return Ok(Decision::answer(Page { items, next: after }));
            }
        }
    }
}

/// `inbox.unread`.
#[derive(Debug)]
pub struct Unread;

/// What `inbox.unread` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnreadAnswer {
    /// Items that are not marked as read, at most 50.
    pub count: u32,
    /// Whether there may be more.
    pub more: bool,
}

impl Operation for Unread {
    const NAME: &'static str = "inbox.unread";
    const SUMMARY: &'static str = "How many items of the caller's inbox are not marked as read";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Auditor]);
    type Input = Nothing;
    type Output = UnreadAnswer;

    async fn run<P: Ports>(context: &Context<'_, P>, _: &Nothing) -> Result<Decision<UnreadAnswer>, Failure> {
        let (store, reader) = (context.store(), context.admission.person()?);
        let paging = Paging { after: None, limit: Some(MAX_COUNTED) };
        let page = documents::list::<InboxItem>(store, select(true, reader.id), &paging).await?;
        let mut teller = Teller::new(store, context.moment.now);
        let mut count = 0;
        for item in &page.items {
            count += u32::from(teller.tell(item, reader).await?.is_some());
        }
        Ok(Decision::answer(UnreadAnswer { count, more: page.next.is_some() }))
    }
}

/// `inbox.mark_read`.
#[derive(Debug)]
pub struct MarkRead;

/// What `inbox.mark_read` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkInbox {
    /// Which items, by their notice, 1 to 16.
    pub items: BTreeSet<NoticeId>,
}

/// What `inbox.mark_read` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MarkAnswer {
    /// Items that were marked now; what was read before, or is gone, is not among them.
    pub marked: u32,
}

impl Operation for MarkRead {
    const NAME: &'static str = "inbox.mark_read";
    const SUMMARY: &'static str = "Mark items of the caller's inbox as read";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester, Auditor]);
    type Input = MarkInbox;
    type Output = MarkAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &MarkInbox,
    ) -> Result<Decision<MarkAnswer>, Failure> {
        if input.items.is_empty() || input.items.len() > MAX_MARKED {
            return Err(malformed("items", "must name 1 to 16 items").into());
        }
        let person = context.admission.person()?.id;
        let mut change = Change::new();
        let mut marked = 0;
        for notice in &input.items {
            // The key holds the caller: nobody reaches another inbox, nor learns what is in it.
            let key = InboxItem::key_of(*notice, person);
            if let Some(item) = load::<InboxItem>(context.store(), &key).await?
                && item.read_at.is_none()
            {
                change.update(
                    &item,
                    &InboxItem { read_at: Some(context.moment.now), ..InboxItem::clone(&item) },
                );
                marked += 1;
            }
        }
        Ok(Decision::change(MarkAnswer { marked }, change))
    }
}
