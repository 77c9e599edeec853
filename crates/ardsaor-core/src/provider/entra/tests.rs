//! Microsoft's recorded answers.

use core_protocol::message::{self, FollowUpReason};
use serde_json::Value;

use super::types::{Group, List, Object};
use super::{error, skip_token};
use crate::provider::Interrupted;
use crate::provider::http::{Reply, date};
use crate::provider::recorded::{file, recordings, reply};

fn check_group(group: Group, json: &Value) {
    assert_eq!(group.not_writable(), None);
    let group = message::Group::try_from(group).unwrap();
    assert_eq!(
        (group.id.as_str(), group.name.as_str()),
        (json["id"].as_str().unwrap(), json["displayName"].as_str().unwrap())
    );
}

#[test]
fn every_recorded_answer_is_read_as_what_it_says() {
    let Some(recordings) = recordings("entra/graph-recordings.jsonl") else { return };
    let mut read = 0;
    for recording in &recordings {
        let reply = reply(recording);
        assert!(date(&reply).is_some() && reply.header("request-id").is_some());
        let path = recording["path"].as_str().unwrap();
        let json: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        read += 1;
        match (reply.status, json["value"].as_array()) {
            (404, _) => {
                let gone = Interrupted::FollowUp(FollowUpReason::GroupGone);
                assert_eq!(error::of(&reply, FollowUpReason::GroupGone), gone);
            }
            (200, Some(items)) if path.starts_with("/v1.0/groups?") => {
                let list: List<Group> = reply.json().unwrap();
                assert!(list.next.is_none() && list.value.len() == items.len());
                list.value.into_iter().zip(items).for_each(|(group, json)| check_group(group, json));
            }
            (200, Some(items)) if path.ends_with("/members") => {
                let list: List<Object> = reply.json().unwrap();
                assert_eq!(list.value.len(), items.len());
                for (object, json) in list.value.into_iter().zip(items) {
                    assert_eq!(message::Member::try_from(object).unwrap().id.as_str(), json["id"]);
                }
            }
            (200 | 201, None) => check_group(reply.json().unwrap(), &json),
            _ => read -= 1,
        }
    }
    assert!(read >= 6, "{read}");
}

#[test]
fn every_recorded_refusal_of_a_token_has_its_meaning() {
    let Some(text) = file("entra/entra-token-fixtures.json") else { return };
    let document: Value = serde_json::from_str(&text).unwrap();
    let meaning = |name: &str| {
        let response = &document["fixtures"][name]["response"];
        let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
        let body = response["body"].to_string().into_bytes().into();
        error::of_sign_in(&Reply { status, headers: reqwest::header::HeaderMap::new(), body })
    };
    assert_eq!(meaning("token-error-invalid-client"), Interrupted::CREDENTIALS);
    assert_eq!(meaning("token-error-unknown-client"), Interrupted::CREDENTIALS);
    assert_eq!(meaning("token-error-invalid-scope"), Interrupted::PERMISSION);
    assert_eq!(meaning("token-error-unsupported-grant-type"), Interrupted::UNEXPECTED);
}

#[test]
fn a_next_page_elsewhere_is_not_followed() {
    let base = "https://graph.microsoft.com";
    let own = "https://graph.microsoft.com/v1.0/groups/1/members?$top=999&$skiptoken=RFNwdA%3D%3D";
    assert_eq!(skip_token(own, base), Ok("RFNwdA==".to_owned()));
    for address in [
        "https://evil.example/v1.0/groups?$skiptoken=1",
        "http://graph.microsoft.com/v1.0/groups?$skiptoken=1",
        "https://graph.microsoft.com@evil.example/?$skiptoken=1",
        "https://graph.microsoft.com/v1.0/groups",
        "",
    ] {
        assert_eq!(skip_token(address, base), Err(Interrupted::UNEXPECTED), "{address}");
    }
}
