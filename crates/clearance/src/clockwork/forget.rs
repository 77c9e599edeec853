//! Documents that nobody needs any more.

use crate::documents::{self, Change, Document, Paging, Select};
use crate::failure::Failure;
use crate::limits::RateRow;
use crate::ports::{MAX_PAGE, Ports};
use crate::settings;
use crate::time::Timestamp;

/// Documents of one commit: far below its limit, and short enough that people's commands get through.
const AT_ONCE: usize = 20;

/// Removes what a selection finds and `is_over` says, in one walk; answers how many.
///
/// What was changed meanwhile stays until the next pass, with those that would have gone in the same commit.
pub(super) async fn forget<D: Document, P: Ports>(
    ports: &P,
    select: Select,
    is_over: impl Fn(&D) -> bool + Send,
) -> Result<u64, Failure> {
    let (mut forgotten, mut after) = (0, None);
    loop {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let page = documents::list::<D>(ports.store(), select.clone(), &paging).await?;
        let over: Vec<_> = page.items.iter().filter(|document| is_over(document)).collect();
        for some in over.chunks(AT_ONCE) {
            let mut change = Change::new();
            for document in some {
                change.remove(document);
            }
            if change.commit_if_first(ports.store()).await? {
                forgotten += u64::try_from(some.len()).unwrap_or(u64::MAX);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(forgotten);
        }
    }
}

/// Counts that have drained: they say no more than none at all.
pub(super) async fn rates<P: Ports>(ports: &P, now: Timestamp) -> Result<u64, Failure> {
    let limits = settings::current(ports.store()).await?.into_inner().limits;
    forget(ports, Select::all(), |row: &RateRow| row.is_at_rest(limits.of(row.class()), now)).await
}
