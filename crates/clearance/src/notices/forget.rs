//! What becomes of inboxes when time goes by, and when a person is erased.

use super::item::InboxItem;
use super::preferences::NoticePreferences;
use super::unsubscribe::UnsubscribeCode;
use super::{Audience, Notice, waiting};
use crate::documents::{self, Change, Paging, Select};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::ports::{MAX_PAGE, Store};

/// Documents of one commit.
const AT_ONCE: usize = 16;

/// Removes a person's inbox, what they chose, the way in from their e-mails, and notices that wait for them.
pub(crate) async fn forget_person(store: &impl Store, person: PersonId) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let page = waiting(store, after).await?;
        for notice in page.items.iter().filter(|notice| notice.to == Audience::Person(person)) {
            let mut change = Change::new();
            change.remove::<Notice>(notice);
            // Another host delivered it, to nobody.
            change.commit_if_first(store).await?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    loop {
        let paging = Paging { after: None, limit: Some(MAX_PAGE) };
        let select = Select::by(&InboxItem::BY_PERSON, [person]);
        let page = documents::list::<InboxItem>(store, select, &paging).await?;
        for some in page.items.chunks(AT_ONCE) {
            let mut change = Change::new();
            for item in some {
                change.remove(item);
            }
            store.commit(change.into_commit()?).await?;
        }
        if page.next.is_none() {
            break;
        }
    }
    if let Some(preferences) = NoticePreferences::load(store, person).await? {
        let mut change = Change::new();
        if let Some(secret) = &preferences.secret
            && let Some(code) = UnsubscribeCode::of(store, secret).await?
        {
            change.remove(&code);
        }
        change.remove(&preferences);
        store.commit(change.into_commit()?).await?;
    }
    Ok(())
}
