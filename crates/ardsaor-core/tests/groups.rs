//! Finding, making and binding groups, and looking up accounts.

use core_protocol::message::{
    AccountStatus, GroupReach, MemberCount, Operation, Outcome, RefusalReason, RetryReason,
};
use serde_json::json;
use testkit_directories::{EntraGroup, FaultKind, OktaGroup};

use crate::support::directory::{Kind, ONE_OF_EACH};

fn refused(reason: RefusalReason) -> Outcome {
    Outcome::Refused { reason }
}

fn find(name: &str) -> Operation {
    Operation::FindGroup { group_name: name.parse().unwrap() }
}

fn create(name: &str) -> Operation {
    Operation::CreateGroup {
        group_name: name.parse().unwrap(),
        description: "made by a test".parse().unwrap(),
    }
}

#[tokio::test]
async fn only_a_group_of_exactly_that_name_is_found() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        kind.put_group(&site, 2, "AI users (old)");
        kind.put_group(&site, 3, "ai users");
        let Outcome::Groups { groups } = kind.call(&site, &caller, find("AI users")).await else { panic!() };
        let ids: Vec<_> = groups.into_iter().map(|group| group.id).collect();
        assert_eq!(ids, [kind.group(1)], "{kind:?}");
        let Outcome::Groups { groups } = kind.call(&site, &caller, find("O'Brien's & co")).await else {
            panic!()
        };
        assert_eq!(groups, []);
        kind.put_group(&site, 4, "O'Brien's & co");
        let Outcome::Groups { groups } = kind.call(&site, &caller, find("O'Brien's & co")).await else {
            panic!()
        };
        assert_eq!(groups.len(), 1);
    }
}

#[tokio::test]
async fn a_made_group_is_owned_and_made_once() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        let Outcome::Group { group } = kind.call(&site, &caller, create("new")).await else { panic!() };
        // The answer was lost; the same is asked again.
        let Outcome::Group { group: again } = kind.call(&site, &caller, create("new")).await else {
            panic!()
        };
        assert_eq!(group.id, again.id, "{kind:?}");
        let other = site.caller("two").await;
        assert_eq!(kind.call(&site, &other, create("new")).await, refused(RefusalReason::NameTaken));
        assert_eq!(kind.call(&site, &caller, create("AI users (not ours)")).await, {
            let created = kind.call(&site, &caller, create("AI users (not ours)")).await;
            assert!(matches!(created, Outcome::Group { .. }));
            created
        });

        // A moment after it was made, an unknown group is not there yet; later it is gone.
        kind.put_account(&site, 1, true);
        let add = |fence| Operation::AddMember {
            group: group.id.clone(),
            account: kind.account(1),
            fence: core_protocol::message::Fence(fence),
        };
        let id = group.id.as_str();
        if kind == Kind::OktaToken {
            site.okta.delete_group(id);
        } else {
            site.entra.delete_group(id);
        }
        let outcome = kind.call(&site, &caller, add(1)).await;
        assert!(
            matches!(outcome, Outcome::RetryAfter { reason: RetryReason::Unconfirmed, .. }),
            "{outcome:?}"
        );
        site.surroundings.advance(600);
        let outcome = kind.call(&site, &caller, add(1)).await;
        assert!(matches!(outcome, Outcome::NeedsFollowUp { .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn okta_groups_that_must_not_be_written_are_refused_with_the_reason() {
    let kind = Kind::OktaToken;
    let (site, caller) = kind.ready().await;
    let put = |number: u32, of: &str| {
        let group = OktaGroup { name: of.to_owned(), kind: of.to_owned(), ..OktaGroup::default() };
        site.okta.put_group(kind.group(number).as_str(), group);
    };
    put(2, "BUILT_IN");
    put(3, "APP_GROUP");
    put(4, "SOMETHING_NEW");
    kind.put_group(&site, 5, "filled by a rule");
    // The rule that fills it is on the second page of rules.
    for groups in [&["00g90"][..], &["00g91"], &["00g92", "00g5"]] {
        site.okta.put_rule(groups);
    }
    for check in [|kind: Kind, number| Operation::CheckBinding { group: kind.group(number) }, Kind::bind] {
        let call = async |number| kind.call(&site, &caller, check(kind, number)).await;
        assert_eq!(call(2).await, refused(RefusalReason::GroupBuiltIn));
        assert_eq!(call(3).await, refused(RefusalReason::GroupOfApplication));
        assert!(matches!(call(4).await, Outcome::NeedsFollowUp { .. }));
        assert_eq!(call(5).await, refused(RefusalReason::GroupRuleManaged));
    }
    assert_eq!(kind.call(&site, &caller, kind.add(5, 1, 1)).await, refused(RefusalReason::GroupNotBound));
}

#[tokio::test]
async fn binding_shows_members_and_what_else_the_group_opens() {
    let kind = Kind::OktaToken;
    let (site, caller) = kind.ready().await;
    let mut group = OktaGroup {
        name: "AI users".to_owned(),
        kind: "OKTA_GROUP".to_owned(),
        apps: vec!["Payroll".to_owned()],
        ..OktaGroup::default()
    };
    for number in 1..=3 {
        kind.put_account(&site, number, true);
        group.members.insert(kind.account(number).to_string());
    }
    site.okta.put_group("00g1", group);
    let check = || Operation::CheckBinding { group: kind.group(1) };
    let Outcome::Group { group } = kind.call(&site, &caller, check()).await else { panic!() };
    assert_eq!(group.members, Some(MemberCount { at_least: 2, more: true }));
    assert_eq!(group.reach, Some(GroupReach::Applications { names: vec!["Payroll".to_owned()] }));
    let denied = json!({ "errorCode": "E0000006", "errorSummary": "no", "errorCauses": [] });
    kind.fail(&site, "GET", "/apps", 1, FaultKind::Answer(403, denied));
    let Outcome::Group { group } = kind.call(&site, &caller, check()).await else { panic!() };
    assert_eq!(group.reach, Some(GroupReach::Unreadable));
}

#[tokio::test]
async fn entra_groups_that_must_not_be_written_are_refused_with_the_reason() {
    let kind = Kind::EntraSecret;
    let (site, caller) = kind.ready().await;
    let cases = [
        ("groupTypes", json!(["DynamicMembership"]), Some(RefusalReason::GroupDynamic)),
        ("groupTypes", json!(["DynamicMembership", "Unified"]), Some(RefusalReason::GroupDynamic)),
        ("onPremisesSyncEnabled", json!(true), Some(RefusalReason::GroupSynced)),
        ("isAssignableToRole", json!(true), Some(RefusalReason::GroupRoleAssignable)),
        ("mailEnabled", json!(true), Some(RefusalReason::GroupMailEnabled)),
        ("onPremisesSyncEnabled", json!(false), None),
        ("groupTypes", json!(["Unified"]), None),
    ];
    for (number, (property, value, reason)) in (10..).zip(cases) {
        let properties = [(property.to_owned(), value)].into();
        let group = EntraGroup { name: property.to_owned(), properties, ..EntraGroup::default() };
        site.entra.put_group(kind.group(number).as_str(), group);
        let outcome = kind.call(&site, &caller, kind.bind(number)).await;
        match reason {
            Some(reason) => assert_eq!(outcome, refused(reason), "{property}"),
            None => assert!(matches!(outcome, Outcome::Group { .. }), "{property}: {outcome:?}"),
        }
    }
}

#[tokio::test]
async fn an_account_is_found_by_id_and_sign_in_name() {
    for kind in ONE_OF_EACH {
        let (site, caller) = kind.ready().await;
        let find = |text: &str| Operation::FindAccount { account: text.parse().unwrap() };
        for text in [kind.account(1).as_str(), "person1@acme.example"] {
            let outcome = kind.call(&site, &caller, find(text)).await;
            let Outcome::Account { account } = outcome else { panic!("{kind:?} {text}: {outcome:?}") };
            assert_eq!((account.id, account.status), (kind.account(1), AccountStatus::Active));
            assert_eq!(account.sign_in_name.as_deref(), Some("person1@acme.example"));
            assert!(account.display_name.is_some());
        }
        let outcome = kind.call(&site, &caller, find("guest#EXT#@acme.example")).await;
        assert!(matches!(outcome, Outcome::NeedsFollowUp { .. }), "{outcome:?}");
        let path = kind.seen(&site).last().unwrap().path.clone();
        assert!(path.ends_with("/users/guest%23EXT%23%40acme.example"), "{path}");
    }
}
