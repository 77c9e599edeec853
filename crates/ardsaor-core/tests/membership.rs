//! Adding, removing and looking, at each provider and with each kind of credential.

use core_protocol::message::{FollowUpReason, Operation, Outcome, RefusalReason, RetryReason};
use testkit_directories::FaultKind;

use crate::support::directory::{KINDS, Kind, ONE_OF_EACH};

const UNCONFIRMED: Outcome = Outcome::RetryAfter { seconds: 5, reason: RetryReason::Unconfirmed };

fn follow_up(reason: FollowUpReason) -> Outcome {
    Outcome::NeedsFollowUp { reason }
}

#[tokio::test]
async fn an_account_goes_in_and_out_and_each_step_is_confirmed() {
    for kind in KINDS {
        let (site, caller) = kind.ready().await;
        let call = async |operation| kind.call(&site, &caller, operation).await;
        assert_eq!(call(kind.check(1, 1)).await, Outcome::NotMember {}, "{kind:?}");
        assert_eq!(call(kind.add(1, 1, 1)).await, Outcome::Changed {}, "{kind:?}");
        assert!(kind.is_member(&site, 1, 1));
        assert_eq!(call(kind.add(1, 1, 1)).await, Outcome::Already {});
        assert_eq!(call(kind.check(1, 1)).await, Outcome::Member {});
        assert_eq!(call(kind.remove(1, 1, 2)).await, Outcome::Changed {});
        assert!(!kind.is_member(&site, 1, 1));
        assert_eq!(call(kind.remove(1, 1, 2)).await, Outcome::Already {});
    }
}

#[tokio::test]
async fn an_answer_names_the_provider_s_requests_and_clock() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        let prepared = site.prepare(&caller, |key, nonce| kind.connector(key, nonce), kind.add(1, 1, 1));
        let answer = site.answer(&caller, &prepared).await;
        assert_eq!(answer.provider_time, Some(crate::support::NOW));
        assert_eq!(answer.provider_request_ids.len(), 5, "account, membership, group, change, confirmation");
        let left = answer.rate_limit.map(|limit| (limit.limit, limit.remaining, limit.resets_in));
        // Four to bind the group, five for this.
        assert_eq!(left, (kind == Kind::OktaToken).then_some((500, 491, 60)), "{kind:?}");
    }
}

#[tokio::test]
async fn a_delayed_add_after_a_removal_changes_nothing() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        let call = async |operation| kind.call(&site, &caller, operation).await;
        assert_eq!(call(kind.add(1, 1, 4)).await, Outcome::Changed {});
        assert_eq!(call(kind.remove(1, 1, 6)).await, Outcome::Changed {});
        let asked = kind.seen(&site).len();
        let refused = |reason| Outcome::Refused { reason };
        assert_eq!(call(kind.add(1, 1, 5)).await, refused(RefusalReason::FenceTooLow));
        assert_eq!(call(kind.add(1, 1, 6)).await, refused(RefusalReason::FenceReused));
        assert_eq!(kind.seen(&site).len(), asked, "the provider was not asked");
        assert!(!kind.is_member(&site, 1, 1));
        // Order is kept for each membership, and outlives the process.
        kind.put_account(&site, 2, true);
        assert_eq!(call(kind.add(1, 2, 1)).await, Outcome::Changed {});
        let site = site.restart().await;
        assert_eq!(kind.call(&site, &caller, kind.add(1, 1, 5)).await, refused(RefusalReason::FenceTooLow));
        assert_eq!(kind.call(&site, &caller, kind.add(1, 1, 7)).await, Outcome::Changed {});
    }
}

#[tokio::test]
async fn a_provider_that_lies_or_lags_is_not_believed() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        kind.lag(&site, 1);
        assert_eq!(kind.call(&site, &caller, kind.add(1, 1, 1)).await, UNCONFIRMED, "{kind:?}");
        assert_eq!(kind.call(&site, &caller, kind.add(1, 1, 1)).await, Outcome::Already {});
        kind.lag(&site, 1);
        assert_eq!(kind.call(&site, &caller, kind.remove(1, 1, 2)).await, UNCONFIRMED);
        assert_eq!(kind.call(&site, &caller, kind.remove(1, 1, 2)).await, Outcome::Already {});
        kind.lie(&site);
        assert_eq!(kind.call(&site, &caller, kind.add(1, 1, 3)).await, UNCONFIRMED);
        assert_eq!(kind.call(&site, &caller, kind.add(1, 1, 3)).await, UNCONFIRMED);
    }
}

#[tokio::test]
async fn that_graph_calls_a_member_a_duplicate_is_believed_only_when_a_read_shows_it() {
    let kind = Kind::EntraSecret;
    let (site, caller) = kind.ready().await;
    let (method, path) = kind.adding();
    let duplicate = serde_json::json!({ "error": {
        "code": "Request_BadRequest",
        "message": "One or more added object references already exist for the following modified properties: 'members'.",
    } });
    kind.fail(&site, method, path, 1, FaultKind::Answer(400, duplicate.clone()));
    assert_eq!(kind.call(&site, &caller, kind.add(1, 1, 1)).await, UNCONFIRMED);
    // It is so: the first answer was lost, and the read of before lagged behind.
    kind.fail(&site, method, path, 1, FaultKind::DoneWithoutAnswer);
    kind.lag(&site, 1);
    let timeout = Outcome::RetryAfter { seconds: 1, reason: RetryReason::ProviderTimeout };
    assert_eq!(kind.call(&site, &caller, kind.add(1, 1, 1)).await, timeout);
    assert_eq!(kind.call(&site, &caller, kind.add(1, 1, 1)).await, Outcome::Changed {});
    let answers = kind.exchanges(&site);
    let (_, last) = answers.iter().rev().find(|(seen, _)| seen.method == "POST").unwrap();
    assert_eq!(last.as_ref().map(|answered| answered.status), Some(400), "asked again, and told so");
    // Any other 400 is none of that.
    let other =
        serde_json::json!({ "error": { "code": "Request_BadRequest", "message": "Something else." } });
    kind.fail(&site, method, path, 1, FaultKind::Answer(400, other));
    kind.put_account(&site, 2, true);
    assert_eq!(
        kind.call(&site, &caller, kind.add(1, 2, 1)).await,
        follow_up(FollowUpReason::UnexpectedAnswer)
    );
}

#[tokio::test]
async fn what_is_gone_or_inactive_has_its_reason() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        let call = async |operation| kind.call(&site, &caller, operation).await;
        assert_eq!(call(kind.add(1, 9, 1)).await, follow_up(FollowUpReason::IdentityGone), "{kind:?}");
        assert_eq!(call(kind.check(1, 9)).await, follow_up(FollowUpReason::IdentityGone));
        kind.put_account(&site, 2, false);
        assert_eq!(call(kind.add(1, 2, 1)).await, follow_up(FollowUpReason::IdentityInactive));
        assert!(!kind.is_member(&site, 1, 2));

        // Whoever has no account is in no group.
        assert_eq!(call(kind.add(1, 1, 1)).await, Outcome::Changed {});
        kind.delete_account(&site, 1);
        assert_eq!(call(kind.remove(1, 1, 2)).await, Outcome::Already {});

        kind.put_account(&site, 1, true);
        kind.delete_group(&site, 1);
        assert_eq!(call(kind.add(1, 1, 3)).await, follow_up(FollowUpReason::GroupGone));
        assert_eq!(call(kind.remove(1, 1, 4)).await, follow_up(FollowUpReason::GroupGone));
        assert_eq!(call(kind.check(1, 1)).await, follow_up(FollowUpReason::GroupGone));
    }
}

#[tokio::test]
async fn members_come_in_pages_until_there_are_no_more() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        for number in 1..=5 {
            kind.put_account(&site, number, true);
            assert_eq!(kind.call(&site, &caller, kind.add(1, number, 1)).await, Outcome::Changed {});
        }
        let (mut after, mut ids, mut pages) = (None, Vec::new(), 0);
        loop {
            let operation = Operation::ListMembers { group: kind.group(1), after };
            let outcome = kind.call(&site, &caller, operation).await;
            let Outcome::Members { members, next } = outcome else { panic!("{outcome:?}") };
            ids.extend(members.into_iter().map(|member| member.id));
            pages += 1;
            after = next;
            if after.is_none() {
                break;
            }
        }
        let expected: Vec<_> = (1..=5).map(|number| kind.account(number)).collect();
        assert_eq!((ids, pages), (expected, 3), "{kind:?}");
    }
}

#[tokio::test]
async fn a_membership_behind_the_first_page_is_found() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        for number in 2..=5 {
            kind.put_group(&site, number, &format!("group {number}"));
            kind.call(&site, &caller, kind.bind(number)).await;
            assert_eq!(kind.call(&site, &caller, kind.add(number, 1, 1)).await, Outcome::Changed {});
        }
        assert_eq!(kind.call(&site, &caller, kind.check(5, 1)).await, Outcome::Member {});
        assert_eq!(kind.call(&site, &caller, kind.check(1, 1)).await, Outcome::NotMember {});
    }
}

#[tokio::test]
async fn no_delete_without_a_reference_ever_leaves_for_graph() {
    for kind in KINDS.into_iter().filter(|kind| !ONE_OF_EACH[..1].contains(kind)) {
        let (site, caller) = kind.ready().await;
        kind.call(&site, &caller, kind.add(1, 1, 1)).await;
        kind.call(&site, &caller, kind.remove(1, 1, 2)).await;
        let deletes: Vec<_> = site.entra.seen().into_iter().filter(|seen| seen.method == "DELETE").collect();
        assert!(deletes.iter().all(|seen| seen.path.ends_with("/$ref")), "{deletes:?}");
        if site.entra.seen().len() > 1 {
            assert_eq!(deletes.len(), 1);
            assert!(site.entra.has_user(kind.account(1).as_str()), "the account itself is still there");
        }
    }
}

#[tokio::test]
async fn a_sign_in_name_is_not_taken_for_an_id() {
    let kind = Kind::OktaToken;
    let (site, caller) = kind.ready().await;
    let operation = Operation::AddMember {
        group: kind.group(1),
        account: "person1".parse().unwrap(),
        fence: core_protocol::message::Fence(1),
    };
    let outcome = kind.call(&site, &caller, operation).await;
    assert_eq!(outcome, Outcome::Refused { reason: RefusalReason::WrongId });
    assert!(site.okta.seen().iter().all(|seen| seen.method == "GET"), "nothing was changed");
}

#[tokio::test]
async fn ids_of_the_other_provider_are_refused() {
    let kind = crate::support::directory::Kind::EntraSecret;
    let (site, caller) = kind.ready().await;
    for id in ["00g1", "A0000000-0000-4000-8000-000000000001", "00000000-0000-0000-0000-0000000000001"] {
        let operation = Operation::CheckBinding { group: id.parse().unwrap() };
        let outcome = kind.call(&site, &caller, operation).await;
        assert_eq!(outcome, Outcome::Refused { reason: RefusalReason::WrongId }, "{id}");
    }
}
