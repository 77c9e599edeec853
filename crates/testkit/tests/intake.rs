//! Issues of a Jira site: what they ask for becomes a request once, and only in the name of whoever really asks.

use clearance::authorization::PlatformStanding;
use clearance::ports::{
    Environment as _, JiraAccountId, JiraError, NativeApproval, NativeDecision, StatusCategory,
};
use clearance::refusal::{Code, Refusal};
use serde_json::{Value, json};
use testkit::{Client as _, Clock, JiraCaller, JiraSite, PersonClient, Seeded, Site, Written, text};

const RITA: &str = "712020:rita";
const AGNES: &str = "5b10a2844c20165700ede21g";
const EVE: &str = "712020:eve";
const PURPOSE: &str = "Summaries for the marimba orchestra";

struct World {
    site: Site,
    jira: JiraSite,
    rita: JiraCaller,
    agnes: JiraAccountId,
    eve: JiraCaller,
    owner: PersonClient,
    /// Low risk: granted at once.
    notes: String,
    /// Medium risk: its owner decides.
    agent: String,
}

impl World {
    fn new() -> Self {
        let (site, jira) = (Site::in_memory(), JiraSite::default());
        let owner = site.member("Owen Owner");
        let (rita, agnes, eve) = (
            jira.add_account(RITA, "Rita Rees"),
            jira.add_account(AGNES, "Agnes Agent"),
            jira.add_account(EVE, "Eve"),
        );
        Self {
            notes: site.tool("Note taker", json!({ "owners": [owner.id()] })),
            agent: site.tool("Code agent", json!({ "risk": "medium", "owners": [owner.id()] })),
            rita: JiraCaller::customer(&rita),
            eve: JiraCaller::customer(&eve),
            agnes,
            owner,
            site,
            jira,
        }
    }

    fn asked(tool: &str) -> Value {
        json!({ "tool": tool, "purpose": PURPOSE, "data_classes": ["internal"], "days": 7 })
    }

    fn call(&self, who: &JiraCaller, operation: &str, input: &Value) -> Result<Value, Refusal> {
        self.site.call_in_jira(&self.jira, who, operation, input)
    }

    /// What the create panel writes into the issue.
    fn draft(&self, who: &JiraCaller, tool: &str) -> Value {
        let kept = self.call(who, "intake.draft", &Self::asked(tool)).expect("a draft");
        json!({ "draft": kept["draft"], "hash": kept["hash"] })
    }

    /// The event that an issue was made.
    fn created(&self, issue: &str, property: &Value) -> Value {
        let (reporter, creator) = self.jira.hands(issue);
        let input = json!({ "issue": issue, "reporter": reporter, "creator": creator, "property": property });
        self.site.event(&self.jira, "intake.issue_created", &input).expect("the event is taken")
    }

    /// An issue that Rita made on the portal.
    fn ritas(&self, issue: &str, tool: &str) -> String {
        let property = self.draft(&self.rita, tool);
        self.jira.add_issue(issue, Some(RITA), Some(RITA));
        let answer = self.created(issue, &property);
        assert_eq!(answer["intake"], "submitted", "{answer}");
        text(&answer["request"])
    }

    fn issue(&self, who: &JiraCaller, issue: &str) -> Result<Value, Code> {
        self.call(who, "issues.get", &json!({ "issue": issue })).map_err(|refusal| refusal.code())
    }

    fn settings(&self, jira: Value) {
        self.site.console("settings.put", json!({ "jira": jira }));
    }

    /// Everything stored and logged, as text.
    fn everything(&self) -> String {
        format!("{:?}", self.site.snapshot().documents)
    }

    fn log(&self) -> String {
        self.site.with_store(async |store| {
            use clearance::ports::Store as _;
            let entries = store.log_entries(0, 256).await.expect("the log");
            entries.iter().map(|entry| String::from_utf8_lossy(&entry.bytes).into_owned()).collect()
        })
    }
}

#[test]
fn an_issue_of_one_person_becomes_one_request_whatever_events_come_twice() {
    let world = World::new();
    let property = world.draft(&world.rita, &world.agent);
    world.jira.add_issue("10001", Some(RITA), Some(RITA));
    let first = world.created("10001", &property);
    assert_eq!(first["intake"], "submitted");
    let again = world.created("10001", &property);
    assert_eq!((&again["intake"], &again["request"]), (&json!("known"), &first["request"]));
    // The draft is used up: another issue that carries it is nobody's.
    world.jira.add_issue("10002", Some(RITA), Some(RITA));
    assert_eq!(world.created("10002", &property)["intake"], "waiting");

    let request = &world.issue(&world.rita, "10001").unwrap()["request"];
    assert_eq!((&request["source"], &request["purpose"]), (&json!("portal"), &json!(PURPOSE)));
    world.owner.approve(request["id"].as_str().unwrap()).ok();
    let answer = world.issue(&world.rita, "10001").unwrap();
    assert_eq!(answer["grant"]["state"], "active");
    let history: Vec<_> =
        answer["history"].as_array().unwrap().iter().map(|item| item["what"].clone()).collect();
    assert_eq!(history, ["submitted", "stage_approved", "approved", "activated"]);
    let log = world.log();
    for secret in ["10001", RITA, "Rita", PURPOSE] {
        assert!(!log.contains(secret), "the log tells `{secret}`");
    }
}

#[test]
fn an_issue_that_asks_for_nothing_here_leaves_no_trace() {
    let world = World::new();
    let before = world.site.snapshot();
    world.jira.add_issue("1", Some(RITA), Some(RITA));
    world.jira.add_issue("2", None, None);
    for (issue, property) in [
        ("1", json!(null)),
        ("1", json!({ "draft": "nonsense", "hash": "" })),
        ("1", json!([1, 2])),
        ("1", json!({ "draft": "draft_00000000000000000000000000", "hash": "0", "more": 1 })),
        ("2", json!({ "draft": "draft_00000000000000000000000000", "hash": "0" })),
    ] {
        assert_eq!(world.created(issue, &property)["intake"], "ignored", "{issue} {property}");
    }
    let gone = json!({ "issue": "3", "reporter": RITA, "creator": RITA,
        "property": { "draft": "draft_00000000000000000000000000", "hash": "0" } });
    let answer = world.site.event(&world.jira, "intake.issue_created", &gone).unwrap();
    assert_eq!(answer["intake"], "ignored", "an issue that is gone already");
    assert_eq!(world.site.snapshot().difference(&before), Vec::<String>::new());
    world.site.anonymous().call("intake.draft", World::asked(&world.notes)).refused("not_signed_in");
}

#[test]
fn what_an_agent_made_for_somebody_waits_until_the_reporter_confirms_it() {
    let world = World::new();
    let agnes = JiraCaller::agent(&world.agnes, "10001");
    let property = world.draft(&agnes, &world.agent);
    world.jira.add_issue("10001", Some(RITA), Some(AGNES));
    assert_eq!(world.created("10001", &property)["intake"], "waiting");

    let confirm = json!({ "issue": "10001" });
    for stranger in [&agnes, &world.eve] {
        assert_eq!(world.call(stranger, "intake.confirm", &confirm).unwrap_err().code(), Code::NotFound);
    }
    // Agents see that it waits, strangers nothing; only the reporter sees what was filled in.
    let shown = world.issue(&agnes, "10001").unwrap();
    assert_eq!(shown["confirmation"]["reason"]["why"], "not_the_reporter");
    assert_eq!(
        (&shown["confirmation"]["asked"], &shown["confirmation"]["may_confirm"]),
        (&json!(null), &json!(false))
    );
    assert_eq!(world.issue(&world.eve, "10001").unwrap_err(), Code::NotFound);
    assert_eq!(world.issue(&JiraCaller::agent(&world.agnes, "10002"), "10001").unwrap_err(), Code::NotFound);
    let own = world.issue(&world.rita, "10001").unwrap();
    assert_eq!(
        (&own["confirmation"]["asked"]["purpose"], &own["confirmation"]["may_confirm"]),
        (&json!(PURPOSE), &json!(true))
    );
    let waiting = world.call(&agnes, "issues.waiting", &json!({})).unwrap();
    assert_eq!(waiting["items"][0]["waits_for"], "confirmation");

    let request = text(&world.call(&world.rita, "intake.confirm", &confirm).unwrap()["request"]);
    let again = world.call(&world.rita, "intake.confirm", &confirm).unwrap_err();
    assert_eq!(again.code(), Code::RequestState);
    let answer = world.issue(&world.rita, "10001").unwrap();
    assert_eq!(
        (&answer["request"]["id"], &answer["request"]["requester"]["name"]),
        (&json!(request), &json!("Rita Rees"))
    );
    assert_eq!(world.created("10001", &property)["intake"], "known");
}

#[test]
fn a_stolen_draft_asks_for_nothing_and_is_shown_to_nobody() {
    let world = World::new();
    let property = world.draft(&world.rita, &world.agent);
    world.call(&world.eve, "catalog.list", &json!({})).unwrap();
    world.jira.add_issue("10001", Some(EVE), Some(EVE));
    assert_eq!(world.created("10001", &property)["intake"], "waiting");
    let shown = world.issue(&world.eve, "10001").unwrap();
    assert_eq!(shown["confirmation"]["reason"]["why"], "draft_gone");
    assert!(!shown.to_string().contains(PURPOSE), "{shown:#}");
    let refused = world.call(&world.eve, "intake.confirm", &json!({ "issue": "10001" })).unwrap_err();
    assert_eq!(refused.code(), Code::DraftGone);
    // It is still Rita's to use.
    world.jira.add_issue("10002", Some(RITA), Some(RITA));
    assert_eq!(world.created("10002", &property)["intake"], "submitted");
    // A hash of another draft does not open one.
    let mut forged = world.draft(&world.rita, &world.notes);
    forged["hash"] = property["hash"].clone();
    world.jira.add_issue("10003", Some(RITA), Some(RITA));
    assert_eq!(world.created("10003", &forged)["intake"], "waiting");
}

#[test]
fn who_reports_it_now_confirms_and_sees_nothing_that_was_anothers() {
    let world = World::new();
    let agnes = JiraCaller::agent(&world.agnes, "10001");
    let property = world.draft(&agnes, &world.agent);
    world.jira.add_issue("10001", Some(RITA), Some(AGNES));
    world.created("10001", &property);
    world.jira.set_reporter("10001", EVE);
    let confirm = json!({ "issue": "10001" });
    assert_eq!(world.call(&world.rita, "intake.confirm", &confirm).unwrap_err().code(), Code::NotFound);
    assert_eq!(world.call(&world.eve, "intake.confirm", &confirm).unwrap_err().code(), Code::DraftGone);
    let own = json!({ "issue": "10001", "asked": World::asked(&world.notes) });
    world.call(&world.eve, "intake.confirm", &own).unwrap();
    assert_eq!(world.issue(&world.eve, "10001").unwrap()["request"]["requester"]["name"], "Eve");
    // Without Jira nobody knows who reports it.
    world.jira.add_issue("10002", Some(RITA), Some(AGNES));
    let property = world.draft(&agnes, &world.agent);
    world.created("10002", &property);
    world.jira.fail(JiraError::Unavailable { reason: "down".to_owned(), retry_after_seconds: None });
    let refused = world.call(&world.rita, "intake.confirm", &json!({ "issue": "10002" })).unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
}

#[test]
fn a_draft_is_kept_for_a_day_and_what_the_rules_refuse_waits() {
    let world = World::new();
    let property = world.draft(&world.rita, &world.agent);
    world.site.advance_days(1);
    world.jira.add_issue("10001", Some(RITA), Some(RITA));
    assert_eq!(world.created("10001", &property)["intake"], "waiting");
    assert_eq!(world.issue(&world.rita, "10001").unwrap()["confirmation"]["reason"]["why"], "draft_gone");
    world.site.tick();
    assert!(!world.everything().contains("intake_drafts"), "drafts that are over are forgotten");

    world.ritas("10002", &world.agent);
    let property = world.draft(&world.rita, &world.notes);
    world.site.change_tool(&world.notes, json!({ "status": "suspended" }));
    world.jira.add_issue("10003", Some(RITA), Some(RITA));
    assert_eq!(world.created("10003", &property)["intake"], "waiting");
    let reason = world.issue(&world.rita, "10003").unwrap()["confirmation"]["reason"].clone();
    assert_eq!(reason, json!({ "why": "refused", "code": "tool_not_requestable" }));
    world.site.change_tool(&world.notes, json!({ "status": "requestable" }));
    world.call(&world.rita, "intake.confirm", &json!({ "issue": "10003" })).unwrap();
    // What nobody confirms is over when a request would be.
    world.site.advance_days(15);
    world.site.tick();
    assert_eq!(world.issue(&world.rita, "10001").unwrap_err(), Code::NotFound);
}

#[test]
fn a_person_has_a_few_drafts_and_the_oldest_makes_room() {
    let world = World::new();
    let drafts: Vec<_> = (0..6).map(|_| world.draft(&world.rita, &world.notes)).collect();
    world.jira.add_issue("1", Some(RITA), Some(RITA));
    world.jira.add_issue("2", Some(RITA), Some(RITA));
    assert_eq!(world.created("1", &drafts[0])["intake"], "waiting");
    assert_eq!(world.created("2", &drafts[1])["intake"], "submitted");
}

#[test]
fn a_deleted_issue_withdraws_its_request_and_is_never_taken_in_again() {
    let world = World::new();
    let property = world.draft(&world.rita, &world.agent);
    world.jira.add_issue("10001", Some(RITA), Some(RITA));
    let request = text(&world.created("10001", &property)["request"]);
    world.jira.delete("10001");
    let event = json!({ "issue": "10001" });
    let delete = || world.site.event(&world.jira, "intake.issue_deleted", &event).unwrap();
    assert_eq!(delete(), json!({ "changed": true }));
    assert_eq!(delete(), json!({ "changed": false }));
    let state = world.call(&world.rita, "requests.get", &json!({ "request": request })).unwrap();
    assert_eq!(state["request"]["state"], "cancelled");
    assert_eq!(world.issue(&world.rita, "10001").unwrap_err(), Code::NotFound);
    let late = json!({ "issue": "10001", "reporter": RITA, "creator": RITA, "property": world.draft(&world.rita, &world.agent) });
    assert_eq!(world.site.event(&world.jira, "intake.issue_created", &late).unwrap()["intake"], "known");
    // Access that came of it stays: it ends by its own rules.
    world.ritas("10002", &world.notes);
    world.site.event(&world.jira, "intake.issue_deleted", &json!({ "issue": "10002" })).unwrap();
    let grants = world.call(&world.rita, "grants.list", &json!({})).unwrap();
    assert_eq!(grants["items"][0]["state"], "active");
}

#[test]
fn a_closed_issue_ends_access_only_where_that_is_switched_on() {
    let world = World::new();
    world.ritas("10001", &world.notes);
    let closed = json!({ "issue": "10001", "status_category": "done", "resolved": true });
    let event = |input: &Value| world.site.event(&world.jira, "intake.issue_updated", input).unwrap();
    assert_eq!(event(&closed), json!({ "changed": false }));
    world.settings(json!({ "end_on_close": true }));
    let open = json!({ "issue": "10001", "status_category": "something new" });
    assert_eq!(event(&open), json!({ "changed": false }));
    assert_eq!(event(&closed), json!({ "changed": true }));
    assert_eq!(event(&closed), json!({ "changed": false }));
    let grant = &world.issue(&world.rita, "10001").unwrap()["grant"];
    assert_eq!((&grant["state"], &grant["end_reason"]), (&json!("ended"), &json!("revoked")));
    let unknown = json!({ "issue": "77", "status_category": "done", "resolved": true });
    assert_eq!(event(&unknown), json!({ "changed": false }));
}

#[test]
fn native_approvals_and_statuses_grant_nothing_and_a_mismatch_is_shown() {
    let world = World::new();
    let request = world.ritas("10001", &world.agent);
    let approval = |decision| vec![NativeApproval { name: "Manager".to_owned(), decision }];
    let mismatch = || world.issue(&world.rita, "10001").unwrap()["native"]["mismatch"].clone();
    assert_eq!(mismatch(), json!(null));
    world.jira.change("10001", StatusCategory::Indeterminate, approval(NativeDecision::Approved));
    let event = json!({ "issue": "10001", "status_category": "indeterminate" });
    world.site.event(&world.jira, "intake.issue_updated", &event).unwrap();
    assert_eq!(mismatch(), "approved_there_only");
    world.jira.change("10001", StatusCategory::Done, Vec::new());
    assert_eq!(mismatch(), "done_there_only");
    let complete =
        || world.site.event(&world.jira, "issues.may_complete", &json!({ "issue": "10001" })).unwrap();
    assert_eq!(complete()["may_complete"], false);
    assert_eq!(world.issue(&world.rita, "10001").unwrap()["summary"]["state"], "pending");
    world.owner.approve(&request).ok();
    assert_eq!((mismatch(), complete()["may_complete"].clone()), (json!(null), json!(true)));
    world.jira.change("10001", StatusCategory::Done, approval(NativeDecision::Declined));
    assert_eq!(mismatch(), "declined_there_only");
    // What Jira does not say is not known; nothing rests on it.
    world.jira.fail(JiraError::Unavailable { reason: "down".to_owned(), retry_after_seconds: None });
    let native = world.issue(&world.rita, "10001").unwrap()["native"].clone();
    assert_eq!((&native["known"], &native["mismatch"]), (&json!(false), &json!(null)));
}

#[test]
fn agents_see_where_a_request_stands_without_purpose_and_rationale() {
    let world = World::new();
    let request = world.ritas("10001", &world.agent);
    let agnes = JiraCaller::agent(&world.agnes, "10001");
    let shown = world.issue(&agnes, "10001").unwrap();
    assert_eq!((&shown["request"], &shown["grant"]), (&json!(null), &json!(null)));
    assert_eq!(shown["summary"]["tool"]["name"], "Code agent");
    assert_eq!(shown["who_can_act"], json!(["Tool owners"]));
    assert!(!shown.to_string().contains(PURPOSE));
    // Only what the platform shows them, and only with a licence.
    assert_eq!(world.issue(&JiraCaller::agent(&world.agnes, "10002"), "10001").unwrap_err(), Code::NotFound);
    let customer = JiraCaller { standing: PlatformStanding::Customer, ..agnes.clone() };
    assert_eq!(world.issue(&customer, "10001").unwrap_err(), Code::NotFound);
    let waiting = world.call(&agnes, "issues.waiting", &json!({ "limit": 1 })).unwrap();
    assert_eq!(waiting["items"], json!([]), "nothing waits for a confirmation");
    let next = json!({ "after": waiting["next"] });
    let waiting = world.call(&agnes, "issues.waiting", &next).unwrap();
    let item = &waiting["items"][0];
    assert_eq!((&item["issue"], &item["waits_for"]), (&json!("10001"), &json!("approval")));
    assert_eq!(
        (&item["request"], &item["requester"], &item["tool"]),
        (&json!(null), &json!(null), &json!(null))
    );
    let refused = world.call(&customer, "issues.waiting", &json!({})).unwrap_err();
    assert_eq!(refused.code(), Code::NotPermitted);
    world
        .owner
        .call(
            "approvals.decide",
            json!({ "request": request, "decision": "deny", "rationale": "Not with this" }),
        )
        .ok();
    assert!(!world.issue(&agnes, "10001").unwrap().to_string().contains("Not with this"));
}

#[test]
fn issues_are_told_what_became_of_them_once() {
    let world = World::new();
    world.settings(json!({
        "comments": "public", "transitions": { "closed": "Decline", "active": "31", "ended": "Close" },
    }));
    let request = world.ritas("10001", &world.agent);
    assert_eq!(world.site.tell_issues(&world.jira).told, 0, "who decides is told elsewhere");
    world
        .owner
        .call(
            "approvals.decide",
            json!({ "request": request, "decision": "deny", "rationale": "Marimbas are out" }),
        )
        .ok();
    // Jira is away: nothing is lost, and it is asked again when it said.
    world.jira.fail(JiraError::Unavailable { reason: "429".to_owned(), retry_after_seconds: Some(30) });
    let told = world.site.tell_issues(&world.jira);
    assert_eq!((told.told, told.again_in_seconds), (0, Some(30)));
    assert_eq!(world.site.tell_issues(&world.jira).told, 1);
    let comment = |internal, text: &str| Written::Comment {
        issue: "10001".to_owned(),
        internal,
        text: text.to_owned(),
    };
    let transition = |name: &str| Written::Transition { issue: "10001".to_owned(), name: name.to_owned() };
    assert_eq!(
        world.jira.take_written(),
        [comment(false, "Access to Code agent was denied."), transition("Decline")]
    );
    assert_eq!(world.site.tell_issues(&world.jira).told, 0);

    world.settings(json!({ "comments": "internal" }));
    let request = world.ritas("10002", &world.agent);
    world
        .owner
        .call(
            "approvals.decide",
            json!({ "request": request, "decision": "deny", "rationale": "Marimbas are out" }),
        )
        .ok();
    world.site.tell_issues(&world.jira);
    let internal = Written::Comment {
        issue: "10002".to_owned(),
        internal: true,
        text: "Access to Code agent was denied.\nRationale: Marimbas are out".to_owned(),
    };
    assert_eq!(world.jira.take_written(), [internal]);

    world.settings(json!({ "comments": "public", "transitions": { "active": "31", "ended": "Close" } }));
    world.ritas("10003", &world.notes);
    world.site.tell_issues(&world.jira);
    let written = world.jira.take_written();
    assert_eq!(written.len(), 3, "{written:?}");
    assert!(!format!("{written:?}").contains(PURPOSE));
    world.site.advance_days(8);
    world.site.tick();
    // The issue was deleted meanwhile: Jira would refuse it again, so it is not tried again.
    world.jira.delete("10003");
    let told = world.site.tell_issues(&world.jira);
    assert_eq!((told.told, told.refused, told.again_in_seconds), (1, 1, None));
    assert_eq!(world.site.tell_issues(&world.jira).told, 0);
}

#[test]
fn nothing_is_told_where_that_is_not_switched_on() {
    let world = World::new();
    world.ritas("10001", &world.notes);
    world.site.tell_issues(&world.jira);
    assert_eq!(world.jira.take_written(), []);
    // What no issue asked for is told to no issue.
    world.settings(json!({ "comments": "public" }));
    world.site.member("Mo").take(&world.notes, 5);
    world.site.tell_issues(&world.jira);
    assert_eq!(world.jira.take_written(), []);
}

#[test]
fn whose_account_is_deleted_is_erased_with_every_issue_of_theirs() {
    let world = World::new();
    let agnes = JiraCaller::agent(&world.agnes, "10002");
    world.ritas("10001", &world.notes);
    let property = world.draft(&agnes, &world.agent);
    world.jira.add_issue("10002", Some(RITA), Some(AGNES));
    world.created("10002", &property);
    world.draft(&world.rita, &world.agent);
    assert!(world.everything().contains(RITA), "the cycle for personal data needs the id");
    let deleted = json!({ "account": RITA });
    assert_eq!(
        world.site.event(&world.jira, "people.account_deleted", &deleted).unwrap(),
        json!({ "known": true })
    );
    assert_eq!(
        world.site.event(&world.jira, "people.account_deleted", &deleted).unwrap(),
        json!({ "known": true })
    );
    assert_eq!(world.call(&world.rita, "grants.list", &json!({})).unwrap_err().code(), Code::NotSignedIn);
    world.site.tick();
    world.site.advance_minutes(2);
    assert_eq!(world.site.tick().erased, 1);
    let everything = world.everything() + &world.log();
    for trace in [RITA, "Rita", PURPOSE, "10001", "10002"] {
        assert!(!everything.contains(trace), "`{trace}` is still there");
    }
    // Nobody here, and nothing of theirs.
    let unknown = json!({ "account": "712020:nobody" });
    assert_eq!(
        world.site.event(&world.jira, "people.account_deleted", &unknown).unwrap(),
        json!({ "known": false })
    );
}

#[test]
fn accounts_are_reported_every_week_and_closed_ones_erased() {
    let world = World::new();
    for who in [&world.rita, &world.eve, &JiraCaller::customer(&world.agnes)] {
        world.call(who, "catalog.list", &json!({})).unwrap();
    }
    assert_eq!(world.site.report_accounts(&world.jira).unwrap().reported, 0);
    world.site.advance_days(7);
    world.jira.close(EVE);
    world.jira.deactivate(AGNES);
    world.jira.add_account(RITA, "Rita Rees-Mogg");
    world.jira.fail(JiraError::Unavailable { reason: "down".to_owned(), retry_after_seconds: None });
    assert_eq!(world.site.report_accounts(&world.jira).unwrap_err().code(), Code::Unavailable);
    let pass = world.site.report_accounts(&world.jira).unwrap();
    assert_eq!((pass.reported, pass.erased, pass.left), (3, 1, 1));
    assert_eq!(world.site.report_accounts(&world.jira).unwrap().reported, 1, "Eve's, until she is erased");
    world.site.tick();
    world.site.advance_minutes(2);
    world.site.tick();
    assert_eq!(world.site.report_accounts(&world.jira).unwrap().reported, 0);
    let people = world.site.console("people.list", json!({})).to_string();
    assert!(people.contains("Rita Rees-Mogg") && !people.contains("Eve"), "{people}");
    for gone in [&world.eve, &JiraCaller::customer(&world.agnes)] {
        let refused = world.call(gone, "grants.list", &json!({}));
        // Who was erased and calls again comes as somebody new; who is deactivated does not come back.
        assert_eq!(refused.is_ok(), gone.account == world.eve.account);
    }
}

#[test]
fn before_uninstalling_access_ends_where_that_is_switched_on() {
    let world = World::new();
    world.ritas("10001", &world.notes);
    assert_eq!(world.site.uninstalling(&world.jira).unended, 1);
    world.settings(json!({ "end_on_uninstall": true }));
    let done = world.site.uninstalling(&world.jira);
    assert_eq!((done.ending, done.unended), (1, 1));
    assert_eq!(world.issue(&world.rita, "10001").unwrap()["grant"]["state"], "ended");
    assert_eq!(world.site.uninstalling(&world.jira).unended, 0);
}

#[test]
fn what_the_platform_says_of_an_account_counts_for_that_call_alone() {
    let world = World::new();
    let request = world.ritas("10001", &world.agent);
    let eve = |standing| JiraCaller::standing(&world.eve.account, standing);
    let list =
        |who: &JiraCaller| world.call(who, "people.list", &json!({})).map_err(|refusal| refusal.code());
    assert!(list(&eve(PlatformStanding::Administrator)).is_ok());
    for standing in [PlatformStanding::Customer, PlatformStanding::Member] {
        assert_eq!(list(&eve(standing)).unwrap_err(), Code::NotPermitted, "{standing:?}");
    }
    let people = world.site.console("people.list", json!({}));
    let eves = people["items"].as_array().unwrap().iter().find(|person| person["name"] == "Eve").unwrap();
    assert_eq!(eves["role"], "member", "the role is not raised");
    // A customer decides nothing, an auditor changes nothing.
    let decide = json!({ "request": request, "decision": "approve" });
    let decided = world.call(&eve(PlatformStanding::Customer), "approvals.decide", &decide);
    assert_eq!(decided.unwrap_err().code(), Code::NotPermitted);
    let drafted = world.call(&eve(PlatformStanding::Auditor), "intake.draft", &World::asked(&world.notes));
    assert_eq!(drafted.unwrap_err().code(), Code::NotPermitted);
    assert!(list(&eve(PlatformStanding::Auditor)).is_ok());
    // Two administrators of the platform are two where a second one is needed.
    let agnes = JiraCaller::standing(&world.agnes, PlatformStanding::Administrator);
    world.call(&agnes, "people.list", &json!({})).unwrap();
    let connector = world.site.okta_connector("Okta", "acme.okta.com");
    world.site.core().account("acme.okta.com", "00u1", "Agnes Agent");
    let mut own = json!({ "connector": connector, "account": "00u1", "display_name": "Agnes Agent" });
    let people = world.site.console("people.list", json!({}));
    let found =
        people["items"].as_array().unwrap().iter().find(|person| person["name"] == "Agnes Agent").unwrap();
    own["person"] = found["id"].clone();
    let proposed = world.call(&agnes, "identities.put", &own).unwrap();
    let proposal = json!({ "proposal": proposed["proposal"]["id"] });
    assert_eq!(world.call(&agnes, "proposals.confirm", &proposal).unwrap_err().code(), Code::OwnProposal);
    world.call(&eve(PlatformStanding::Administrator), "proposals.confirm", &proposal).unwrap();
}

#[test]
fn sixty_four_first_calls_of_one_account_make_one_person() {
    let world = World::new();
    let people = world.site.in_jira(&world.jira, async |ports| {
        let account = &world.rita.account;
        let calls = (0..64).map(|_| clearance::sign_in::person_of_jira_account(ports, account));
        futures::future::join_all(calls).await
    });
    let mut ids: Vec<_> = people.into_iter().map(|person| person.expect("a person").id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
}

#[test]
fn events_in_any_order_make_at_most_one_request_of_an_issue() {
    for seed in 0..24 {
        let world = World::new();
        world.settings(json!({ "end_on_close": seed % 2 == 0, "comments": "public" }));
        let chance = Seeded::new(Clock::default(), seed);
        let below = |limit: usize| {
            let [first, second, ..] = chance.entropy();
            usize::from(u16::from_be_bytes([first, second])) % limit
        };
        let agnes = JiraCaller::agent(&world.agnes, "1");
        let (reporter, creator) = ([RITA, EVE][below(2)], [RITA, AGNES][below(2)]);
        let drafter = if below(2) == 0 { &world.rita } else { &agnes };
        let property = world.draft(drafter, &world.agent);
        world.jira.add_issue("1", Some(reporter), Some(creator));
        let mut requests = std::collections::BTreeSet::new();
        for _ in 0..14 {
            let created =
                json!({ "issue": "1", "reporter": reporter, "creator": creator, "property": property });
            match below(8) {
                0 | 1 => {
                    let answer = world.site.event(&world.jira, "intake.issue_created", &created).unwrap();
                    requests.extend(answer["request"].as_str().map(str::to_owned));
                }
                2 => {
                    let closed = json!({ "issue": "1", "status_category": "done", "resolved": true });
                    world.site.event(&world.jira, "intake.issue_updated", &closed).unwrap();
                }
                3 if below(3) == 0 => {
                    world.jira.delete("1");
                    world.site.event(&world.jira, "intake.issue_deleted", &json!({ "issue": "1" })).unwrap();
                }
                4 | 5 => {
                    let who = [&world.rita, &world.eve, &agnes][below(3)];
                    if let Ok(answer) = world.call(who, "intake.confirm", &json!({ "issue": "1" })) {
                        assert_eq!(who.account.as_str(), reporter, "only the reporter confirms");
                        requests.extend(answer["request"].as_str().map(str::to_owned));
                    }
                }
                6 => {
                    if let Some(request) = requests.first() {
                        drop(world.owner.approve(request));
                    }
                }
                _ => {
                    world.site.tell_issues(&world.jira);
                }
            }
            assert!(requests.len() <= 1, "seed {seed}: {requests:?}");
            for person in [RITA, EVE, AGNES].iter().filter(|account| **account != reporter) {
                let caller = JiraCaller::customer(&person.parse().expect("an account"));
                let own = world.call(&caller, "requests.list", &json!({})).unwrap();
                assert_eq!(own["items"], json!([]), "seed {seed}: a request of somebody who did not ask");
            }
        }
    }
}
