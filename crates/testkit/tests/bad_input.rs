//! Input that is not what an operation takes: each gets a clear error with a stable code, and changes nothing.

use serde_json::{Value, json};
use testkit::{Answer, Client as _, PersonClient, Site, request_for, text, tool_input};

const UNKNOWN_REQUEST: &str = "req_01kb0000000000000000000000";

struct World {
    site: Site,
    ada: PersonClient,
    owen: PersonClient,
    alice: PersonClient,
    tool: String,
    request: String,
    grant: String,
}

impl World {
    fn new() -> Self {
        let site = Site::in_memory();
        let (ada, ben) = (site.member("Ada Lovelace"), site.member("Ben Bitdiddle"));
        let (owen, alice) = (site.member("Owen Owner"), site.administrator("Alice Admin"));
        let tool = site.tool("Note taker", json!({}));
        let medium = site.tool("Sketcher", json!({ "risk": "medium", "owners": [owen.id()] }));
        let request = ben.wait_for(&medium, 10);
        let grant = text(&ada.take(&site.tool("Translator", json!({})), 10)["id"]);
        Self { site, ada, owen, alice, tool, request, grant }
    }

    fn good(&self) -> Value {
        request_for(&self.tool, 5)
    }

    /// Whatever it does is refused with one of these codes, and nothing is changed by it.
    #[track_caller]
    fn refuses(&self, codes: &[&str], call: impl FnOnce() -> Answer) {
        let before = self.site.snapshot();
        let answer = call();
        let code = answer.code().unwrap_or_default().to_owned();
        assert!(codes.contains(&code.as_str()), "wanted {codes:?}: {} {:#}", answer.status, answer.json);
        answer.refused(&code);
        assert_eq!(self.site.snapshot().difference(&before), Vec::<String>::new());
    }

    #[track_caller]
    fn refuses_field(&self, field: &str, value: Value, codes: &[&str]) {
        let mut input = self.good();
        input[field] = value;
        self.refuses(codes, || self.ada.call("requests.submit", input));
    }

    #[track_caller]
    fn refuses_bytes(&self, body: impl Into<Vec<u8>>, codes: &[&str]) {
        self.refuses(codes, || self.ada.send("requests.submit", body.into(), &[]));
    }
}

const MALFORMED: &[&str] = &["malformed_input"];

#[test]
fn ids_that_are_none_or_of_another_kind_or_of_nothing() {
    let world = World::new();
    for wrong in [
        json!(""),
        json!("tool_"),
        json!("tool"),
        json!(7),
        json!(null),
        json!(true),
        json!([world.tool]),
        json!({}),
        json!(world.request),
        json!(world.grant),
        json!(world.ada.id()),
        json!(world.tool.to_uppercase()),
        json!(format!("{} ", world.tool)),
        json!(format!("{}0", world.tool)),
        json!("tool_ilouilouilouilouilouilouil"),
        json!("tool_zzzzzzzzzzzzzzzzzzzzzzzzzz"),
        json!("../../etc/passwd"),
        json!("tool_' or '1'='1"),
        json!("tool_\u{0}0000000000000000000000000"),
        json!("x".repeat(10_000)),
    ] {
        world.refuses_field("tool", wrong, MALFORMED);
    }
    world.refuses_field("tool", json!("tool_00000000000000000000000000"), &["not_found"]);
    for (operation, input) in [
        ("requests.get", json!({ "request": UNKNOWN_REQUEST })),
        ("requests.cancel", json!({ "request": UNKNOWN_REQUEST })),
        ("approvals.decide", json!({ "request": UNKNOWN_REQUEST, "decision": "approve" })),
        ("grants.get", json!({ "grant": "grant_01kb0000000000000000000000" })),
        ("grants.extend", json!({ "grant": "grant_01kb0000000000000000000000", "days": 1 })),
        ("grants.revoke", json!({ "grant": "grant_01kb0000000000000000000000" })),
        ("jobs.attest", json!({ "job": "job_01kb0000000000000000000000" })),
        ("catalog.get", json!({ "tool": "tool_00000000000000000000000000" })),
        ("people.put", json!({ "id": "person_00000000000000000000000000", "name": "Nobody" })),
        ("set_up_links.create", json!({ "person": "person_00000000000000000000000000" })),
        ("tokens.revoke", json!({ "token": "token_01kb0000000000000000000000" })),
    ] {
        world.refuses(&["not_found"], || world.alice.call(operation, input));
    }
}

#[test]
fn forged_ids_of_other_people() {
    let world = World::new();
    let other = world.owen.id();
    for field in ["requester", "person", "by", "actor"] {
        world.refuses_field(field, json!(other), MALFORMED);
    }
    let grant = json!({ "grant": world.grant });
    for operation in ["grants.get", "grants.give_back", "grants.revoke", "grants.attest"] {
        world.refuses(&["not_found"], || world.owen.call(operation, grant.clone()));
    }
    let request = json!({ "request": world.request });
    for operation in ["requests.get", "requests.cancel"] {
        world.refuses(&["not_found"], || world.ada.call(operation, request.clone()));
    }
    world.refuses(&["not_found"], || world.ada.approve(&world.request));
    world.refuses(&["not_permitted"], || world.ada.call("tokens.create", json!({ "person": other })));
    world.refuses(&["not_permitted"], || {
        world.ada.call("people.put", json!({ "id": world.ada.id(), "name": "Ada", "role": "administrator" }))
    });
}

#[test]
fn durations_that_are_none() {
    let world = World::new();
    for wrong in [
        json!(0),
        json!(-1),
        json!(3651),
        json!(u32::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1.5),
        json!(1.0),
        json!(1e300),
        json!("5"),
        json!("P5D"),
        json!("2026-12-24"),
        json!("1999-01-01T00:00:00Z"),
        json!(null),
        json!([5]),
        json!({ "days": 5 }),
        json!(true),
    ] {
        world.refuses_field("days", wrong.clone(), MALFORMED);
        let extend = json!({ "grant": world.grant, "days": wrong });
        world.refuses(MALFORMED, || world.ada.call("grants.extend", extend));
    }
    for days in [91, 3650] {
        world.refuses_field("days", json!(days), &["duration_above_maximum"]);
    }
    for days in ["1e1", "5.0", "05", "+5", "0x5", "5e-1", "99999999999999999999999999"] {
        let body = world.good().to_string().replace("\"days\":5", &format!("\"days\":{days}"));
        world.refuses_bytes(body, MALFORMED);
    }
    let until = json!("2030-01-01T00:00:00Z");
    world.refuses_field("ends_at", until, MALFORMED);
}

#[test]
fn purposes_that_are_none() {
    let world = World::new();
    for wrong in [
        json!(""),
        json!(" \n\t "),
        json!(7),
        json!(null),
        json!(["why"]),
        json!({}),
        json!("x".repeat(2_001)),
        json!("x".repeat(200_000)),
        json!("bell \u{7}"),
        json!("escape \u{1b}[31m"),
        json!("nul \u{0}"),
        json!("override \u{202e}txt.exe"),
        json!("isolate \u{2066}x\u{2069}"),
        json!("mark \u{feff}"),
        json!("next \u{85} line"),
        json!("𝄞".repeat(2_001)),
    ] {
        world.refuses_field("purpose", wrong, MALFORMED);
    }
    let megabyte = "x".repeat(1 << 20);
    world.refuses_field("purpose", json!(megabyte), &["too_large"]);
    for (operation, field, rest) in [
        ("approvals.ask", "question", json!({ "request": world.request })),
        ("approvals.decide", "rationale", json!({ "request": world.request, "decision": "deny" })),
    ] {
        let mut input = rest;
        input[field] = json!("override \u{202e}txt.exe");
        world.refuses(MALFORMED, || world.owen.call(operation, input));
    }
}

#[test]
fn text_of_every_script_is_kept_as_it_is() {
    let world = World::new();
    for (n, purpose) in [
        "𝄞 clef and 👩‍👩‍👧‍👦 family",
        "日本語の議事録",
        "محضر الاجتماع",
        "e\u{301} is not é here",
        "a\nb\tc",
        "<script>alert(1)</script>",
        "'; drop table request; --",
        "\\u0000 \\ \" '",
        &"𝄞".repeat(2_000),
    ]
    .into_iter()
    .enumerate()
    {
        let mut input = request_for(&world.site.tool(&format!("Tool {n} 𝄞"), json!({})), 5);
        input["purpose"] = json!(purpose);
        let answer = world.ada.call("requests.submit", input).ok();
        let request = text(&answer["request"]["id"]);
        assert_eq!(world.alice.request(&request)["purpose"], purpose);
    }
}

#[test]
fn data_classes_that_are_none() {
    let world = World::new();
    for wrong in [
        json!("internal"),
        json!(["secret"]),
        json!([""]),
        json!([1]),
        json!([null]),
        json!([["internal"]]),
        json!(null),
        json!({ "internal": true }),
        json!([]),
        json!(["INTERNAL"]),
    ] {
        world.refuses_field("data_classes", wrong, MALFORMED);
    }
    world.refuses_field("data_classes", json!(["internal", "regulated"]), &["data_class_not_allowed"]);
    world.refuses_field("acknowledged", json!(1), &["acknowledgement_mismatch"]);
    for wrong in [json!(-1), json!("1"), json!(1.5), json!(u64::MAX), json!(true)] {
        world.refuses_field("acknowledged", wrong, MALFORMED);
    }
}

#[test]
fn fields_that_are_unknown_missing_or_given_twice() {
    let world = World::new();
    world.refuses_field("priority", json!("high"), MALFORMED);
    world.refuses_field("Days", json!(5), MALFORMED);
    world.refuses_field("__proto__", json!({}), MALFORMED);
    for field in ["tool", "purpose", "data_classes", "days"] {
        let mut input = world.good();
        input.as_object_mut().expect("an object").remove(field);
        world.refuses(MALFORMED, || world.ada.call("requests.submit", input));
        let value = world.good()[field].to_string();
        let twice = world.good().to_string().replacen('{', &format!("{{\"{field}\":{value},"), 1);
        world.refuses_bytes(twice, MALFORMED);
    }
}

#[test]
fn a_refusal_names_the_field() {
    let world = World::new();
    let mut input = world.good();
    input["data_classes"] = json!(["internal", "secret"]);
    let refusal = world.ada.call("requests.submit", input).refused("malformed_input");
    assert_eq!(refusal["details"]["field"], "data_classes[1]");
    let message = text(&refusal["message"]);
    assert!(message.contains("data_classes[1]") && !message.contains("line 1"), "{message}");
}

#[test]
fn bodies_that_are_not_one_json_object() {
    let world = World::new();
    let good = world.good();
    let fields: Vec<_> = ["tool", "purpose", "data_classes", "days"].map(|field| good[field].clone()).into();
    world.refuses_bytes(Value::Array(fields.clone()).to_string(), MALFORMED);
    world.refuses_bytes(format!(" \n{}", Value::Array(fields)), MALFORMED);
    for body in [
        "",
        "{",
        "}",
        "[]",
        "null",
        "true",
        "7",
        "\"x\"",
        "{}",
        "{]",
        "[{}]",
        "NaN",
        "{'tool':1}",
        "tool=x&days=5",
        "\u{feff}{}",
    ] {
        world.refuses_bytes(body, MALFORMED);
    }
    for trailing in ["x", "{}", ",", "\u{0}", "]"] {
        world.refuses_bytes(format!("{good}{trailing}"), MALFORMED);
    }
    world.refuses_bytes(vec![0xff, 0xfe, 0x00], MALFORMED);
    let mut not_utf8 = good.to_string().replace("minutes", "minut@s").into_bytes();
    *not_utf8.iter_mut().find(|byte| **byte == b'@').expect("a byte to spoil") = 0xff;
    world.refuses_bytes(not_utf8, MALFORMED);
    let lone_surrogate = good.to_string().replace("minutes", "\\ud800");
    world.refuses_bytes(lone_surrogate, MALFORMED);
    for deep in ["[", "{\"a\":"] {
        world.refuses_bytes(deep.repeat(100_000 / deep.len()), MALFORMED);
        let nested = deep.repeat(10_000);
        world.refuses_bytes(good.to_string().replace("\"Draft", &format!("{nested}\"Draft")), MALFORMED);
    }
    // White space around the object is no mistake.
    world.ada.send("requests.submit", format!(" \r\n{good}\t ").into_bytes(), &[]).ok();
}

#[test]
fn bodies_that_are_too_large_or_declared_as_something_else() {
    let world = World::new();
    let padded = format!("{}{}", world.good(), " ".repeat(1 << 20));
    world.refuses_bytes(padded, &["too_large"]);
    // What a form of another site could send goes along with a browser's cookie, and is refused.
    let browser = world.ada.in_browser();
    for declared in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
    {
        let body = world.good().to_string().into_bytes();
        world.refuses(MALFORMED, || browser.send("requests.submit", body, &[("content-type", declared)]));
    }
}

#[test]
fn operations_that_do_not_exist() {
    let world = World::new();
    for name in [
        "requests.approve",
        "requests",
        "requests.submit.now",
        "..",
        "%00",
        "REQUESTS.SUBMIT",
        &"x".repeat(5_000),
    ] {
        let before = world.site.snapshot();
        let answer = world.ada.call(name, json!({}));
        assert_eq!(answer.status, 404, "{name}: {:#}", answer.json);
        assert_eq!(world.site.snapshot().difference(&before), Vec::<String>::new());
    }
    assert_eq!(world.ada.call("no.such", json!({})).refused("unknown_operation")["details"], json!({}));
}

#[test]
fn cursors_and_limits_that_are_none() {
    let world = World::new();
    let lists = [
        "catalog.list",
        "people.list",
        "people_groups.list",
        "policies.list",
        "requests.list",
        "grants.list",
        "jobs.list",
        "tokens.list",
        "audit.entries",
        "approvals.queue",
    ];
    for operation in lists {
        for limit in [json!(-1), json!("x"), json!(1.5), json!(65_536), json!(u64::MAX), json!([])] {
            world.refuses(MALFORMED, || world.alice.call(operation, json!({ "limit": limit })));
        }
        // What lies outside 1 to 100 and is a number of items is brought into it.
        for (limit, most) in [(0, 1), (10_000, 100)] {
            let page = world.alice.call(operation, json!({ "limit": limit })).ok();
            assert!(page["items"].as_array().map(Vec::len) <= Some(most), "{operation}");
        }
        for after in [json!(7), json!({}), json!([]), json!("no cursor"), json!("")] {
            world.refuses(MALFORMED, || world.alice.call(operation, json!({ "after": after })));
        }
        // A well-formed cursor that no page gave is a place like any other.
        for after in [
            "~",
            "x~y",
            "zzz~zzz",
            "~\u{10ffff}",
            "\u{0}~\u{0}",
            "' or 1=1 --~x",
            &format!("{0}~{0}", "x".repeat(50_000)),
        ] {
            let answer = world.alice.call(operation, json!({ "after": after }));
            assert!(
                answer.status == 200 || answer.code() == Some("malformed_input"),
                "{operation} {after}: {:#}",
                answer.json
            );
        }
    }
    for after in ["18446744073709551616", "-1", "1e3", "0x1", " 1"] {
        world.refuses(MALFORMED, || world.alice.call("audit.entries", json!({ "after": after })));
    }
    for filter in [
        json!({ "families": ["requests"] }),
        json!({ "families": "request" }),
        json!({ "person": "req_01kb0000000000000000000000" }),
        json!({ "about": "x" }),
        json!({ "about": "nothing_01kb0000000000000000000000" }),
        json!({ "about": "\",\"" }),
        json!({ "from": "yesterday" }),
        json!({ "until": "2026-11-23" }),
    ] {
        world.refuses(MALFORMED, || world.alice.call("audit.entries", filter.clone()));
    }
    for newest_first in [true, false] {
        let far = json!({ "after": "18446744073709551615", "newest_first": newest_first });
        world.alice.call("audit.entries", far).ok();
    }
}

#[test]
fn verifications_that_nobody_began() {
    let world = World::new();
    let (root, seal) = ("00".repeat(32), format!("{}==", "A".repeat(86)));
    // The first seal that is looked at makes the key for them.
    let first = json!({ "size": 1, "root": root, "verified": 0, "hashes": [], "seal": seal });
    world.alice.call("audit.verify", json!({ "next": first })).refused("malformed_input");
    for next in [
        json!({ "size": 1, "root": "x", "verified": 0, "hashes": [], "seal": seal }),
        json!({ "size": 1, "root": root, "verified": 1, "hashes": [], "seal": seal }),
        json!({ "size": 1, "root": root, "verified": 0, "hashes": [root], "seal": "" }),
        json!({ "size": -1, "root": root, "verified": 0, "hashes": [], "seal": seal }),
        json!({ "size": u64::MAX, "root": root, "verified": 0, "hashes": [], "seal": seal }),
        json!({ "size": 1, "root": root, "verified": 0, "hashes": [] }),
        json!([]),
    ] {
        world.refuses(MALFORMED, || world.alice.call("audit.verify", json!({ "next": next })));
    }
}

#[test]
fn tools_and_people_that_are_none() {
    let world = World::new();
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("two\nlines")),
        ("name", json!("x".repeat(201))),
        ("name", json!("a\u{202e}b")),
        ("risk", json!("LOW")),
        ("default_days", json!(0)),
        ("max_days", json!(3651)),
        ("models", json!("gpt")),
        ("owners", json!(["me"])),
        ("fulfilment", json!("manual")),
        ("fulfilment", json!({ "kind": "magic" })),
        ("usage_policy", json!("x".repeat(20_001))),
        ("url", json!("https://user@host.example")),
        ("version", json!("1")),
    ] {
        let mut input = tool_input("Another tool");
        input[field] = value;
        world.refuses(MALFORMED, || world.alice.call("catalog.put", input));
    }
    for input in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": "Ada", "email": "ada" }),
        json!({ "name": "Ada", "role": "root" }),
        json!({ "name": "Ada", "groups": "all" }),
        json!({ "name": "Ada", "active": "no" }),
        json!({ "name": "Ada", "groups": (0..13).map(|n| format!("group_01kb000000000000000000{n:04}")).collect::<Vec<_>>() }),
        json!({ "name": "Ada", "email": format!("{}@example.com", "a".repeat(250)) }),
    ] {
        world.refuses(MALFORMED, || world.alice.call("people.put", input));
    }
}
