//! The approver's queue: merged over everything that makes somebody an approver, paged, without repetitions.

use serde_json::{Value, json};
use testkit::{Client as _, PersonClient, Site, text};

fn pages(who: &PersonClient, limit: u32) -> Vec<Vec<String>> {
    let (mut pages, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = who.call("approvals.queue", json!({ "limit": limit, "after": after })).ok();
        let items = page["items"].as_array().expect("items");
        assert!(items.len() <= limit as usize, "a page is no longer than asked");
        pages.push(items.iter().map(|item| text(&item["request"]["id"])).collect());
        after = page["next"].clone();
        if after.is_null() {
            return pages;
        }
        assert!(pages.len() < 200, "paging ends");
    }
}

#[test]
fn the_queue_merges_what_one_owns_and_ones_groups_longest_waiting_first() {
    let site = Site::in_memory();
    let (security, administrators) = (site.security(), site.administrators());
    let all = site
        .person("Bea Everything", json!({ "role": "administrator", "groups": [security, administrators] }));
    let sam = site.member_of("Sam Security", &[&security]);
    let owen = site.member("Owen Owner");
    let medium = site.tool("Sketcher", json!({ "risk": "medium", "owners": [all.id(), owen.id()] }));
    let high = site.tool("Code agent", json!({ "risk": "high", "owners": [owen.id()] }));
    let unmatched = site.tool("Note taker", json!({ "risk": "low" }));
    let people: Vec<_> = (0..7).map(|n| site.member(&format!("Person {n}"))).collect();
    let mut expected = Vec::new();
    for person in &people {
        for (tool, days) in [(&medium, 10), (&high, 10), (&unmatched, 40)] {
            site.advance_minutes(1);
            let request = person.wait_for(tool, days);
            if *tool == high {
                owen.approve(&request).ok();
            }
            expected.push(request);
        }
    }
    for limit in [1, 2, 5, 20, 21, 100] {
        assert_eq!(pages(&all, limit).concat(), expected, "in pages of {limit}");
    }
    assert_eq!(sam.queue().len(), 7);
    assert_eq!(owen.queue().len(), 7);
    assert_eq!(people[0].queue().len(), 0);
    all.approve(&expected[0]).ok();
    assert_eq!(pages(&all, 4).concat(), expected[1..]);
}

#[test]
fn requests_submitted_in_the_same_millisecond_are_each_listed_once() {
    let site = Site::in_memory();
    let all = site.person("Bea Everything", json!({ "role": "administrator", "groups": [site.security()] }));
    let medium = site.tool("Sketcher", json!({ "risk": "medium", "owners": [all.id()] }));
    let unmatched = site.tool("Note taker", json!({ "risk": "low" }));
    let mut expected = Vec::new();
    for n in 0..9 {
        let person = site.member(&format!("Person {n}"));
        expected.push(person.wait_for(&medium, 10));
        expected.push(person.wait_for(&unmatched, 40));
    }
    expected.sort();
    for limit in [1, 2, 3, 7, 18] {
        let mut listed = pages(&all, limit).concat();
        listed.sort();
        assert_eq!(listed, expected, "in pages of {limit}");
    }
}

#[test]
fn ones_own_requests_are_skipped_and_hide_nothing_behind_them() {
    let site = Site::in_memory();
    let (owen, olga) = (site.member("Owen Owner"), site.member("Olga Other"));
    let mut tools = Vec::new();
    for n in 0..6 {
        let tool =
            site.tool(&format!("Tool {n}"), json!({ "risk": "medium", "owners": [owen.id(), olga.id()] }));
        owen.wait_for(&tool, 10);
        tools.push(tool);
    }
    site.advance_minutes(1);
    let last = site.member("Ada Lovelace").wait_for(&tools[0], 10);
    for limit in [1, 2, 3, 100] {
        assert_eq!(pages(&owen, limit).concat(), [last.as_str()], "in pages of {limit}");
    }
    assert_eq!(olga.queue().len(), 7);
}

#[test]
fn a_decided_request_is_in_no_ones_queue() {
    let site = Site::in_memory();
    let security = site.security();
    let sams: Vec<_> = (0..3).map(|n| site.member_of(&format!("Sam {n} Security"), &[&security])).collect();
    let owen = site.member("Owen Owner");
    let ada = site.member("Ada Lovelace");
    let tool = site.tool("Code agent", json!({ "risk": "high", "owners": [owen.id()] }));
    let request = ada.wait_for(&tool, 10);
    let seen = |site: &Site| {
        site.check();
        (owen.queue().len(), sams.iter().map(|sam| sam.queue().len()).sum::<usize>())
    };
    assert_eq!(seen(&site), (1, 0));
    owen.approve(&request).ok();
    assert_eq!(seen(&site), (0, 3));
    sams[1].approve(&request).ok();
    assert_eq!(seen(&site), (0, 0));
}
