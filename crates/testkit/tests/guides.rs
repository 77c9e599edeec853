//! The guides for administrators explain everything that the program can ask of them.

use clearance::provisioning::FollowUpReason;
use core_protocol::message::RefusalReason;

const CORE: &str = include_str!("../../../docs/core.md");
const OKTA: &str = include_str!("../../../docs/connect-okta.md");
const ENTRA: &str = include_str!("../../../docs/connect-entra.md");

#[test]
fn every_reason_for_follow_up_is_explained_for_each_provider() {
    for reason in FollowUpReason::ALL {
        let row = format!("\n| `{}` |", reason.as_str());
        for (name, guide) in [("Okta", OKTA), ("Entra", ENTRA)] {
            assert!(CORE.contains(&row) || guide.contains(&row), "{name}: {row}");
        }
    }
}

#[test]
fn every_kind_of_group_that_is_refused_is_explained_where_it_occurs() {
    for reason in RefusalReason::ALL {
        let code = reason.code();
        if code.starts_with("group_") {
            assert!(
                [CORE, OKTA, ENTRA].iter().any(|guide| guide.contains(&format!("\n| `{code}` |"))),
                "{code}"
            );
        }
    }
}

#[test]
fn every_scope_that_is_asked_for_is_explained() {
    for scope in ["okta.groups.manage", "okta.groups.read", "okta.users.read"] {
        assert!(OKTA.contains(&format!("| `{scope}` |")) && CORE.contains(scope), "{scope}");
    }
    for permission in ["GroupMember.ReadWrite.All", "User.Read.All", "Group.Create"] {
        assert!(ENTRA.contains(&format!("| `{permission}`")) && CORE.contains(permission), "{permission}");
    }
}
