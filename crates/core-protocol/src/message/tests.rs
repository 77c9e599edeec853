use super::*;

#[test]
fn a_call_reads_as_written_and_nothing_unknown_is_accepted() {
    let call = Call {
        connector: Connector::Okta {
            host: "acme.okta.com".parse().unwrap(),
            credential: OktaCredential::Assertions {
                client_id: "0oa1".parse().unwrap(),
                first: Assertion::try_from("a.b.c".to_owned()).unwrap(),
                second: Assertion::try_from("a.b.d".to_owned()).unwrap(),
            },
        },
        operation: Operation::AddMember {
            group: "00g1".parse().unwrap(),
            account: "00u1".parse().unwrap(),
            fence: Fence(3),
        },
    };
    let text = serde_json::to_string(&call).unwrap();
    assert_eq!(
        text,
        r#"{"connector":{"provider":"okta","host":"acme.okta.com","credential":{"kind":"assertions","client_id":"0oa1","first":"a.b.c","second":"a.b.d"}},"operation":{"name":"add_member","group":"00g1","account":"00u1","fence":3}}"#
    );
    assert_eq!(serde_json::from_str::<Call>(&text).unwrap(), call);
    let printed = format!("{call:?}");
    assert!(!printed.contains("a.b."), "{printed}");
    for wrong in [
        text.replace("\"fence\":3", "\"fence\":3,\"x\":1"),
        text.replace("\"fence\":3", "\"fence\":-1"),
        text.replace("\"client_id\"", "\"x\":1,\"client_id\""),
        text.replace("00u1", "me"),
        text.replace("00u1", "../admin"),
        text.replace("a.b.c", "a.b"),
        text.replace("add_member", "delete_user"),
        text.replace("acme.okta.com", "acme-admin.okta.com"),
    ] {
        assert!(serde_json::from_str::<Call>(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn only_the_provider_s_own_hosts_are_hosts() {
    for host in ["acme.okta.com", "acme-dev.oktapreview.com", "dev-20982288.okta.com", "a.okta-emea.com"] {
        assert!(host.parse::<OktaHost>().is_ok(), "{host}");
    }
    for host in [
        "",
        "okta.com",
        ".okta.com",
        "acme-admin.okta.com",
        "login.acme.com",
        "acme.okta.com.evil.example",
        "evil.example/.okta.com",
        "evil.example#.okta.com",
        "user@acme.okta.com",
        "acme.okta.com:8443",
        "a.b.okta.com",
        "Acme.okta.com",
        "acme.okta.com.",
        "acmeokta.com",
        "127.0.0.1",
        "-a.okta.com",
        "аcme.okta.com",
    ] {
        assert!(host.parse::<OktaHost>().is_err(), "{host}");
    }
    assert!("6ba7b810-9dad-11d1-80b4-00c04fd430c8".parse::<EntraTenant>().is_ok());
    for tenant in ["common", "contoso.onmicrosoft.com", "6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "6ba7b810"] {
        assert!(tenant.parse::<EntraTenant>().is_err(), "{tenant}");
    }
}

#[test]
fn whoever_owns_the_credential_cannot_be_named_by_me() {
    for me in ["me", "ME", "Me"] {
        assert!(me.parse::<AccountId>().is_err());
        assert!(me.parse::<AccountReference>().is_err());
    }
    assert!(" me ".parse::<AccountReference>().is_err());
    assert!("a/b".parse::<AccountReference>().is_err());
    assert!("..".parse::<AccountReference>().is_err());
    assert!("ada#EXT#@acme.example".parse::<AccountReference>().is_ok());
}

#[test]
fn answers_keep_their_codes() {
    let answer = Answer {
        outcome: Outcome::NeedsFollowUp { reason: FollowUpReason::GroupGone },
        provider_request_ids: vec!["X0f3@y30n5ak4VN@XaIsRgAABbU".parse().unwrap()],
        provider_time: Some(1),
        rate_limit: Some(RateLimit { limit: 50, remaining: 49, resets_in: 60 }),
    };
    assert_eq!(
        serde_json::to_string(&answer).unwrap(),
        r#"{"outcome":{"kind":"needs_follow_up","reason":"group_gone"},"provider_request_ids":["X0f3@y30n5ak4VN@XaIsRgAABbU"],"provider_time":1,"rate_limit":{"limit":50,"remaining":49,"resets_in":60}}"#
    );
    let mut codes: Vec<_> = RetryReason::ALL.iter().map(|it| it.code()).collect();
    codes.extend(FollowUpReason::ALL.iter().map(|it| it.code()));
    codes.extend(RefusalReason::ALL.iter().map(|it| it.code()));
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count, "each code is used once");
    for reason in FollowUpReason::ALL {
        assert_eq!(serde_json::to_string(reason).unwrap(), format!("\"{}\"", reason.code()));
    }
}
