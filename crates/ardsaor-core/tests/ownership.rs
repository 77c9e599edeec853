//! A group has one owner.

use core_protocol::message::Operation;
use core_protocol::message::{Outcome, RefusalReason};

use crate::support::directory::ONE_OF_EACH;

fn refused(reason: RefusalReason) -> Outcome {
    Outcome::Refused { reason }
}

#[tokio::test]
async fn two_installations_cannot_own_one_group() {
    for kind in ONE_OF_EACH {
        let (site, owner) = kind.ready().await;
        let other = site.caller("two").await;
        let elsewhere = refused(RefusalReason::GroupOwnedElsewhere);
        assert_eq!(kind.call(&site, &other, kind.bind(1)).await, elsewhere);
        assert_eq!(kind.call(&site, &other, kind.add(1, 1, 1)).await, elsewhere);
        assert_eq!(kind.call(&site, &other, kind.remove(1, 1, 1)).await, elsewhere);
        let release = || Operation::ReleaseGroup { group: kind.group(1) };
        assert_eq!(kind.call(&site, &other, release()).await, Outcome::Already {});
        // Binding again what one owns is no trouble.
        assert!(matches!(kind.call(&site, &owner, kind.bind(1)).await, Outcome::Group { .. }));

        assert_eq!(kind.call(&site, &owner, kind.add(1, 1, 1)).await, Outcome::Changed {});
        assert_eq!(kind.call(&site, &owner, release()).await, Outcome::Changed {});
        let unbound = refused(RefusalReason::GroupNotBound);
        assert_eq!(kind.call(&site, &owner, kind.remove(1, 1, 2)).await, unbound);
        assert!(matches!(kind.call(&site, &other, kind.bind(1)).await, Outcome::Group { .. }));
        assert_eq!(kind.call(&site, &owner, kind.add(1, 1, 9)).await, elsewhere);
        let site = site.restart().await;
        assert_eq!(kind.call(&site, &other, kind.remove(1, 1, 1)).await, Outcome::Changed {});
    }
}

#[tokio::test]
async fn racing_installations_give_one_owner() {
    for kind in ONE_OF_EACH {
        let (site, _) = kind.ready().await;
        kind.put_group(&site, 2, "wanted by two");
        let (one, two) = (site.caller("a").await, site.caller("b").await);
        let (first, second) =
            tokio::join!(kind.call(&site, &one, kind.bind(2)), kind.call(&site, &two, kind.bind(2)));
        let owners = [&first, &second].into_iter().filter(|it| matches!(it, Outcome::Group { .. })).count();
        assert_eq!(owners, 1, "{first:?} {second:?}");
    }
}
