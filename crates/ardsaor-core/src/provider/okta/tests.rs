//! Okta's recorded answers.

use core_protocol::message::{self, AccountStatus, FollowUpReason, RetryReason};
use serde_json::Value;

use super::types::{Group, Rule, User};
use super::{error, link};
use crate::provider::Interrupted;
use crate::provider::http::{Reply, date, rate_limit};
use crate::provider::recorded::{recordings, reply};

/// What a path is about: `groups`, `users` or `rules`, one or many.
fn subject(path: &str) -> (Option<&'static str>, bool) {
    let path = path.split('?').next().unwrap_or_default();
    let segments: Vec<_> = path.trim_start_matches("/api/v1/").split('/').collect();
    match segments.as_slice() {
        ["groups", "rules"] => (Some("rules"), true),
        ["groups"] | ["users", _, "groups"] => (Some("groups"), true),
        ["groups", _] => (Some("groups"), false),
        ["users"] | ["groups", _, "users"] => (Some("users"), true),
        ["users", _] => (Some("users"), false),
        _ => (None, false),
    }
}

fn expected_status(status: &str) -> AccountStatus {
    match status {
        "SUSPENDED" => AccountStatus::Suspended,
        "DEPROVISIONED" => AccountStatus::Deactivated,
        _ => AccountStatus::Active,
    }
}

fn check_group(group: Group, json: &Value) {
    assert_eq!(group.kind.as_deref(), json["type"].as_str());
    let group = message::Group::try_from(group).unwrap();
    assert_eq!(group.id.as_str(), json["id"]);
    assert_eq!(group.name, json["profile"]["name"].as_str().unwrap());
    assert_eq!(group.description.as_deref(), json["profile"]["description"].as_str());
}

fn check_user(user: User, json: &Value) {
    let account = message::Account::try_from(user).unwrap();
    assert_eq!(account.id.as_str(), json["id"]);
    assert_eq!(account.sign_in_name.as_deref(), json["profile"]["login"].as_str());
    assert_eq!(account.status, expected_status(json["status"].as_str().unwrap()));
    assert!(account.display_name.is_some());
}

/// Reads a recording's body as what its path says it is, once or in a list; the JSON itself says what should come out.
fn check(path: &str, method: &str, reply: &Reply, json: &Value) -> bool {
    let (subject, list) = subject(path);
    let list = list && method == "GET";
    let items = if list { json.as_array().unwrap().clone() } else { vec![json.clone()] };
    match subject {
        Some("groups") => {
            let groups: Vec<Group> = if list { reply.json().unwrap() } else { vec![reply.json().unwrap()] };
            groups.into_iter().zip(&items).for_each(|(group, json)| check_group(group, json));
        }
        Some("users") => {
            let users: Vec<User> = if list { reply.json().unwrap() } else { vec![reply.json().unwrap()] };
            users.into_iter().zip(&items).for_each(|(user, json)| check_user(user, json));
        }
        Some("rules") if list => {
            let rules: Vec<Rule> = reply.json().unwrap();
            for (rule, json) in rules.iter().zip(&items) {
                let target = json["actions"]["assignUserToGroups"]["groupIds"][0].as_str().unwrap();
                assert!(rule.targets(target) && !rule.targets("00gother"));
            }
        }
        _ => return false,
    }
    true
}

#[test]
fn every_recorded_answer_is_read_as_what_it_says() {
    let Some(recordings) = recordings("okta/recordings.jsonl") else { return };
    let (mut read, mut linked) = (0, 0);
    for recording in &recordings {
        let reply = reply(recording);
        assert!(date(&reply).is_some(), "{recording}");
        match rate_limit(&reply) {
            Some(limit) => assert!(limit.remaining < limit.limit && limit.resets_in <= 60, "{limit:?}"),
            // One recorded 404 comes from something in front of the API.
            None => assert_eq!(reply.status, 404),
        }
        let (path, method) = (recording["path"].as_str().unwrap(), recording["method"].as_str().unwrap());
        if let Some(link) = reply.header("link") {
            let origin = link.trim_start_matches('<').split("/api/").next().unwrap();
            assert_eq!(link::next(&reply, origin), Ok(None), "{link}");
            linked += 1;
        }
        if reply.status == 200 && !reply.body.is_empty() && *reply.body != b"{}" {
            let json: Value = reply.json().unwrap();
            read += u32::from(check(path, method, &reply, &json));
        }
    }
    assert!(read > 70 && linked > 30, "{read} answers, {linked} links");
}

#[test]
fn every_recorded_error_has_its_meaning() {
    let (Some(errors), Some(all)) = (recordings("okta/errors.jsonl"), recordings("okta/recordings.jsonl"))
    else {
        return;
    };
    let mut seen = Vec::new();
    let failed = all.iter().filter(|it| it["status"].as_u64().unwrap() >= 400);
    for recording in errors.iter().chain(failed) {
        let reply = reply(recording);
        let body: Value = reply.json().unwrap();
        if let Some(oauth) = body["error"].as_str() {
            assert_eq!(error::token_error(&reply).as_deref(), Some(oauth));
            assert_eq!(error::of_sign_in(&reply), Interrupted::UNEXPECTED);
            assert_eq!(reply.header("dpop-nonce").is_some(), oauth == "use_dpop_nonce");
            continue;
        }
        let code = body["errorCode"].as_str().unwrap_or("none");
        let follow_up = Interrupted::FollowUp;
        let expected = match (reply.status, code) {
            (404, "E0000007") if body["errorSummary"].as_str().unwrap().ends_with("(UserGroup)") => {
                follow_up(FollowUpReason::GroupGone)
            }
            // Of another kind, or of no kind at all: what was asked for is missing.
            (404, _) => follow_up(FollowUpReason::IdentityGone),
            (401, "E0000004") => Interrupted::CREDENTIALS,
            (403, "E0000038") => follow_up(FollowUpReason::IdentityInactive),
            (401, "E0000015") | (403, _) => Interrupted::PERMISSION,
            (423, _) => Interrupted::RetryAfter { seconds: 10, reason: RetryReason::ProviderBusy },
            // 1757607758 less 16:21:50 is 48; there is no Retry-After.
            (429, _) => Interrupted::RetryAfter { seconds: 49, reason: RetryReason::RateLimited },
            (500, _) => Interrupted::RetryAfter { seconds: 1, reason: RetryReason::ProviderUnavailable },
            _ => Interrupted::UNEXPECTED,
        };
        assert_eq!(error::of(&reply, FollowUpReason::IdentityGone), expected, "{recording}");
        assert_eq!(error::token_refused(&reply), (reply.status, code) == (401, "E0000004"));
        seen.push((reply.status, code.to_owned()));
    }
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() > 15, "{seen:?}");
    assert!(seen.contains(&(404, "none".to_owned())), "the shape without a code is among them");
}

#[test]
fn a_description_of_null_is_none() {
    let group: Group = serde_json::from_str(
        r#"{"id":"00g1","type":"OKTA_GROUP","profile":{"name":"x","description":null},"extra":1}"#,
    )
    .unwrap();
    assert_eq!(message::Group::try_from(group).unwrap().description, None);
}
