//! Many documents, put into the store behind the rules' back.

use clearance::documents::{Change, load};
use clearance::ids::RequestId;
use clearance::ports::{Moment, Store as _};
use clearance::request::Request;
use testkit::{Site, Storage};

/// Copies a request so many times under other ids. Such a site is not sound: let go of it by `leave_as_it_is`.
pub(crate) fn copy_request(site: &Site, request: &str, count: u32) {
    site.with_store(async |store: &Storage| {
        let original =
            load::<Request>(store, request).await.expect("the store").expect("the request").into_inner();
        let moment = Moment::new(original.submitted_at, [9; 32]);
        let numbers: Vec<_> = (0..count).collect();
        for some in numbers.chunks(20) {
            let mut change = Change::new();
            for number in some {
                change.insert(&Request { id: RequestId::new(&moment, "copy", *number), ..original.clone() });
            }
            store.commit(change.into_commit().expect("a commit")).await.expect("it is kept");
        }
    });
}
