use super::{Change, Document, Loaded, Paging, Select, list};
use crate::failure::Failure;
use crate::ports::{MAX_PAGE, Store};

/// Documents changed by one commit, which brings nothing else.
const AT_ONCE: usize = 16;

/// Puts what a function makes of documents in their place, some at a time; those it makes nothing of stay.
///
/// # Errors
/// The store's, and a lost race: what was rewritten before stays so, and the rest can be rewritten by another call.
pub(crate) async fn rewrite<D: Document>(
    store: &impl Store,
    documents: &[Loaded<D>],
    rewritten: impl Fn(&D) -> Option<D>,
) -> Result<(), Failure> {
    let changed: Vec<_> = documents.iter().filter_map(|before| Some((before, rewritten(before)?))).collect();
    for some in changed.chunks(AT_ONCE) {
        let mut change = Change::new();
        for (before, after) in some {
            change.update(before, after);
        }
        store.commit(change.into_commit()?).await?;
    }
    Ok(())
}

/// The same for every document of a kind, page by page. The function makes nothing of what it made itself, so a second call writes nothing.
///
/// # Errors
/// As for [`rewrite`].
pub(crate) async fn rewrite_all<D: Document>(
    store: &impl Store,
    rewritten: impl Fn(&D) -> Option<D> + Send + Sync,
) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let page = list::<D>(store, Select::all(), &paging).await?;
        rewrite(store, &page.items, &rewritten).await?;
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}
