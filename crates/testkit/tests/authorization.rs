//! Who may call what: the expected table, written by hand, compared with the program's own and tried through HTTP.

use std::collections::{BTreeMap, BTreeSet};

use clearance::authorization::{Caller, CallerKind};
use clearance::documents::Change;
use clearance::intake::{IntakeState, IssueIntake, IssueOfRequest};
use clearance::limits::RateClass;
use clearance::operations::{Effect, Scope, table};
use clearance::ports::{IssueId, Store as _};
use serde_json::{Value, json};
use testkit::{Answer, Client, PersonClient, Site, request_for, text, tool_input};

/// A new operation gets a row here. Columns are kinds of callers; `approver` and `owner` mean that the operation itself looks whether the
/// person may decide the request or owns the tool. The last column says whether it changes something, and what more it demands:
/// `log` can be called with a token for the log alone, `recent` needs a sign-in within ten minutes, `rate=` is the class of what is limited.
const EXPECTED: &str = "
                             requester approver owner administrator auditor console system anonymous
catalog.list                     ✓        ✓       ✓         ✓          ✓       ✓      ✗        ✗      query
catalog.get                      ✓        ✓       ✓         ✓          ✓       ✓      ✗        ✗      query
catalog.put                      ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
catalog.load_starter             ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
people.list                      ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
people.get                       ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
people.put                       ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
people.erase                     ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command recent rate=erasure
people.erasure                   ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
people_groups.list               ✓        ✓       ✓         ✓          ✓       ✓      ✗        ✗      query
people_groups.put                ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
people.account_deleted           ✗        ✗       ✗         ✗          ✗       ✗      ✓        ✗      command
intake.draft                     ✓        ✗       ✗         ✗          ✗       ✗      ✗        ✗      command
intake.confirm                   ✓        ✗       ✗         ✗          ✗       ✗      ✗        ✗      command
intake.issue_created             ✗        ✗       ✗         ✗          ✗       ✗      ✓        ✗      command
intake.issue_updated             ✗        ✗       ✗         ✗          ✗       ✗      ✓        ✗      command
intake.issue_deleted             ✗        ✗       ✗         ✗          ✗       ✗      ✓        ✗      command
issues.get                       ✓        ✓       ✓         ✓          ✓       ✗      ✗        ✗      query
issues.waiting                   ✗        ✓       ✓         ✓          ✓       ✗      ✗        ✗      query
issues.may_complete              ✗        ✗       ✗         ✗          ✗       ✗      ✓        ✗      query
settings.get                     ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
settings.put                     ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command recent
policies.list                    ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
policies.get                     ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
policies.lint                    ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
policies.draft                   ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
policies.put_draft               ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
policies.discard_draft           ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
policies.publish                 ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command recent
policies.replay                  ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query rate=verification
policies.back_test               ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query rate=verification
requests.submit                  ✓        ✗       ✗         ✗          ✗       ✗      ✗        ✗      command
requests.preview                 ✓        ✗       ✗         ✗          ✗       ✗      ✗        ✗      query
requests.get                     ✓        ✓       ✓         ✓          ✓       ✓      ✗        ✗      query
requests.list                    ✓        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
requests.cancel                  ✓        ✗       ✗         ✓          ✗       ✗      ✗        ✗      command
requests.provide_information     ✓        ✗       ✗         ✗          ✗       ✗      ✗        ✗      command
approvals.queue                  ✗        ✓       ✗         ✗          ✗       ✗      ✗        ✗      query
approvals.ask                    ✗        ✓       ✗         ✗          ✗       ✗      ✗        ✗      command
approvals.decide                 ✗        ✓       ✗         ✗          ✗       ✗      ✗        ✗      command rate=decisions
approvals.decide_many            ✗        ✓       ✗         ✗          ✗       ✗      ✗        ✗      command rate=decisions
approvals.withdraw               ✗        ✓       ✗         ✓          ✗       ✗      ✗        ✗      command
delegations.put                  ✗        ✓       ✗         ✓          ✗       ✓      ✗        ✗      command
delegations.list                 ✗        ✓       ✗         ✓          ✓       ✓      ✗        ✗      query
delegations.end                  ✗        ✓       ✗         ✓          ✗       ✓      ✗        ✗      command
delegations.candidates           ✗        ✓       ✗         ✓          ✗       ✗      ✗        ✗      query
grants.list                      ✓        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
grants.get                       ✓        ✓       ✓         ✓          ✓       ✓      ✗        ✗      query
grants.explain                   ✓        ✗       ✓         ✓          ✓       ✓      ✗        ✗      query
grants.extend                    ✓        ✗       ✗         ✗          ✗       ✗      ✗        ✗      command
grants.give_back                 ✓        ✗       ✗         ✗          ✗       ✗      ✗        ✗      command
grants.revoke                    ✗        ✗       ✓         ✓          ✗       ✓      ✗        ✗      command
grants.attest                    ✓        ✓       ✓         ✓          ✗       ✗      ✗        ✗      command
emergency.request                ✓        ✗       ✗         ✗          ✗       ✗      ✗        ✗      command recent
emergency.note                   ✓        ✗       ✗         ✗          ✗       ✗      ✗        ✗      command
emergency.review                 ✗        ✗       ✓         ✓          ✗       ✗      ✗        ✗      command
emergency.list                   ✓        ✗       ✓         ✓          ✓       ✓      ✗        ✗      query
seats.list                       ✗        ✗       ✓         ✓          ✓       ✓      ✗        ✗      query
seats.get                        ✗        ✗       ✓         ✓          ✓       ✓      ✗        ✗      query
seats.accept                     ✓        ✗       ✗         ✗          ✗       ✗      ✗        ✗      command
seats.decline                    ✓        ✗       ✗         ✗          ✗       ✗      ✗        ✗      command
reviews.list                     ✗        ✓       ✗         ✓          ✓       ✓      ✗        ✗      query
reviews.get                      ✗        ✓       ✗         ✓          ✓       ✓      ✗        ✗      query
reviews.decide                   ✗        ✓       ✗         ✗          ✗       ✗      ✗        ✗      command
reviews.postpone                 ✗        ✓       ✗         ✗          ✗       ✗      ✗        ✗      command
exceptions.put                   ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
exceptions.list                  ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
exceptions.get                   ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
exceptions.end                   ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
exceptions.baseline              ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
jobs.list                        ✓        ✓       ✓         ✓          ✓       ✓      ✗        ✗      query
jobs.alarm                       ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
jobs.get                         ✓        ✓       ✓         ✓          ✓       ✓      ✗        ✗      query
jobs.retry                       ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
jobs.attest                      ✓        ✓       ✓         ✓          ✗       ✗      ✗        ✗      command
jobs.cancel                      ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
drift.list                       ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
drift.check                      ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command rate=connector_tests
drift.dispose                    ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
drift.dispose_many               ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command rate=decisions
connectors.put                   ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command recent
connectors.list                  ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
connectors.get                   ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
connectors.test                  ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command rate=connector_tests
connectors.disable               ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
connectors.enable                ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
connectors.rotate_key            ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
provider_groups.find             ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      query
provider_groups.check            ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      query
provider_groups.bind             ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
provider_groups.create           ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
provider_groups.get              ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
provider_groups.list             ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
provider_groups.release          ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
provider_groups.release_hold     ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
identities.look_up               ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command rate=connector_tests
identities.put                   ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
identities.remove                ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
identities.list                  ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
identities.import                ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command rate=imports
tool_proposals.submit            ✓        ✗       ✗         ✗          ✗       ✗      ✗        ✗      command
tool_proposals.list              ✓        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
tool_proposals.get               ✓        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
tool_proposals.withdraw          ✓        ✗       ✗         ✗          ✗       ✗      ✗        ✗      command
tool_proposals.begin             ✗        ✗       ✗         ✓          ✗       ✗      ✗        ✗      command
tool_proposals.assess            ✗        ✗       ✗         ✓          ✗       ✗      ✗        ✗      command
proposals.list                   ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
proposals.confirm                ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
proposals.withdraw               ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
audit.entries                    ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query log rate=verification
insights.summary                 ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
insights.series                  ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
insights.forecast                ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
insights.export                  ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      command rate=export
insights.rebuild                 ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
inbox.list                       ✓        ✗       ✗         ✗          ✓       ✗      ✗        ✗      query
inbox.unread                     ✓        ✗       ✗         ✗          ✓       ✗      ✗        ✗      query
inbox.mark_read                  ✓        ✗       ✗         ✗          ✓       ✗      ✗        ✗      command
notices.preferences              ✓        ✗       ✗         ✗          ✓       ✗      ✗        ✗      query
notices.put_preference           ✓        ✗       ✗         ✗          ✓       ✗      ✗        ✗      command
tokens.create                    ✓        ✓       ✓         ✓          ✓       ✓      ✗        ✗      command recent rate=tokens
audit.verify                     ✗        ✗       ✗         ✓          ✓       ✓      ✓        ✗      command log rate=verification
evidence.export                  ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      command recent rate=export
requests.export                  ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      command recent rate=export
exports.get                      ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query recent rate=export
exports.begin                    ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      command recent rate=export
exports.list                     ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query
exports.read                     ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query recent rate=export
audit.checkpoint                 ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query log
audit.checkpoints                ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query log
audit.proof                      ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      query log
audit.receipt                    ✓        ✓       ✗         ✗          ✗       ✗      ✗        ✗      query rate=export
audit.resource                   ✗        ✗       ✗         ✓          ✓       ✓      ✗        ✗      command log rate=export
audit.put_anchoring              ✗        ✗       ✗         ✗          ✗       ✓      ✗        ✗      command
audit.add_cosignatures           ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command
audit.rotate_key                 ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command recent
tokens.list                      ✓        ✓       ✓         ✓          ✓       ✓      ✗        ✗      query
tokens.revoke                    ✓        ✓       ✓         ✓          ✓       ✓      ✗        ✗      command
set_up_links.create              ✗        ✗       ✗         ✓          ✗       ✓      ✗        ✗      command recent rate=set_up_links
";

/// Emergency access that does not exist.
const EMERGENCY: &str = "emerg_01kb0000000000000000000000";

/// A finding that does not exist.
const FINDING: &str = "find_01kb0000000000000000000000";

/// The issue that asked for Ben's request.
const ISSUE: &str = "10001";

struct Row {
    allowed: BTreeMap<&'static str, bool>,
    command: bool,
    demands: BTreeSet<&'static str>,
}

impl Row {
    fn allows(&self, kind: CallerKind) -> bool {
        self.allowed[kind.as_str()]
    }
}

fn expected() -> BTreeMap<&'static str, Row> {
    let mut lines = EXPECTED.trim().lines();
    let columns: Vec<_> = lines.next().expect("a head").split_whitespace().collect();
    let row = |line: &'static str| {
        let mut cells = line.split_whitespace();
        let operation = cells.next().expect("an operation");
        let allowed = columns.iter().map(|column| {
            let mark = cells.next().expect("a mark in each column");
            assert!(matches!(mark, "✓" | "✗"), "{operation}: {mark}");
            (*column, mark == "✓")
        });
        let allowed = allowed.collect();
        let command = match cells.next() {
            Some("command") => true,
            Some("query") => false,
            other => panic!("{operation}: {other:?}"),
        };
        (operation, Row { allowed, command, demands: cells.collect() })
    };
    lines.map(row).collect()
}

#[test]
fn the_programs_table_is_the_one_written_here() {
    let expected = expected();
    for operation in table() {
        let name = operation.name;
        let row = expected.get(name).unwrap_or_else(|| panic!("`{name}` has no row in {}", file!()));
        for kind in CallerKind::ALL {
            assert_eq!(
                operation.demand.callers.contains(kind),
                row.allows(kind),
                "{name} as {}",
                kind.as_str()
            );
        }
        assert_eq!(operation.demand.effect == Effect::Command, row.command, "{name}");
        assert_eq!(operation.demand.scope == Scope::Log, row.demands.contains("log"), "{name}");
        assert_eq!(operation.demand.recent_sign_in, row.demands.contains("recent"), "{name}");
        let rate_class = row.demands.iter().find_map(|demand| demand.strip_prefix("rate="));
        assert_eq!(operation.rate_class.map(RateClass::as_str), rate_class, "{name}");
    }
    let known: BTreeSet<_> = table().iter().map(|operation| operation.name).collect();
    assert_eq!(known.len(), table().len(), "an operation is declared twice");
    assert_eq!(expected.keys().copied().collect::<BTreeSet<_>>(), known);
}

/// A small company in which everything belongs to somebody else.
struct World {
    site: Site,
    requester: PersonClient,
    approver: PersonClient,
    owner: PersonClient,
    administrator: PersonClient,
    auditor: PersonClient,
    /// Ben's: a request that its tool's owner and then security decide, access by record, and a seat that waits for its owner.
    ben: PersonClient,
    tool: String,
    request: String,
    grant: String,
    export: String,
    /// The auditor's, too: made step by step, and whole.
    kept_export: String,
    job: String,
    tool_proposal: String,
    /// Of Ben's access by record.
    review: String,
    /// For Ben, waiting for a second administrator.
    exception: String,
    connector: String,
    /// Somebody whose erasure is under way.
    erased: String,
}

impl World {
    fn new() -> Self {
        let site = Site::in_memory();
        let (boss, ben) = (site.member("Bo Boss"), site.member("Ben Bitdiddle"));
        let owner = site.member("Owen Owner");
        let approver = site.member_of("Sam Security", &[&site.security()]);
        let tool = site.tool("Code agent", json!({ "risk": "high", "owners": [boss.id()] }));
        let note_taker = site.tool("Note taker", json!({ "owners": [boss.id()] }));
        let seat = site.tool("Seat", json!({ "owners": [boss.id()], "fulfilment": { "kind": "manual" } }));
        site.tool("Owen's own", json!({ "owners": [owner.id()] }));
        let request = ben.wait_for(&tool, 10);
        link(&site, &request);
        let grant = text(&ben.take(&note_taker, 10)["id"]);
        ben.take(&seat, 10);
        let job = text(&boss.all("jobs.list", json!({}))[0]["id"]);
        let proposed = json!({
            "name": "Minute Maker", "url": "https://minutes.example", "purpose": "Sum up our meetings",
            "data_classes": ["public"],
        });
        let tool_proposal = text(&ben.call("tool_proposals.submit", proposed).ok()["proposal"]["id"]);
        let erased = site.member("Gus Gone").id();
        site.console("people.erase", json!({ "person": erased }));
        // A tool became riskier; the log has a checkpoint.
        site.change_tool(&note_taker, json!({ "risk": "medium" }));
        site.tick();
        let reviews = site.console("reviews.list", json!({ "tool": note_taker }));
        let exception = json!({ "person": ben.id(), "tool": note_taker, "owner": boss.id(), "reason": "A pilot", "days": 9 });
        let exception = site.console("exceptions.put", exception);
        let auditor = site.auditor("Audrey Auditor");
        let scope = json!({ "scope": { "grant": grant } });
        let begun = json!({ "scope": { "of": "grant", "grant": grant } });
        let kept_export = text(&auditor.call("exports.begin", begun).ok()["export"]["id"]);
        site.make_exports(u64::MAX);
        Self {
            kept_export,
            connector: site.okta_connector("Okta", "acme.okta.com"),
            tool_proposal,
            erased,
            requester: site.member("Rita Requester"),
            approver,
            owner,
            administrator: site.administrator("Alice Admin"),
            export: text(&auditor.call("evidence.export", scope).ok()["export"]["id"]),
            auditor,
            ben,
            tool,
            request,
            grant,
            job,
            review: text(&reviews["items"][0]["id"]),
            exception: text(&exception["exception"]["exception"]),
            site,
        }
    }

    /// Well-formed input about somebody else's things.
    fn input(&self, operation: &str) -> Value {
        match operation {
            "people.account_deleted" => json!({ "account": "5b10a2844c20165700ede21g" }),
            "intake.issue_created" => json!({ "issue": "20002" }),
            "intake.issue_updated" => json!({ "issue": ISSUE, "status_category": "done", "resolved": true }),
            "intake.draft" => request_for(&self.tool, 10),
            issue if issue.starts_with("issues.") || issue.starts_with("intake.") => match issue {
                "issues.waiting" => json!({}),
                _ => json!({ "issue": ISSUE }),
            },
            "approvals.ask" => json!({ "request": self.request, "question": "A question" }),
            "approvals.decide" => json!({ "request": self.request, "decision": "approve" }),
            "approvals.decide_many" => json!({ "requests": [self.request], "decision": "approve" }),
            "approvals.withdraw" => json!({ "request": self.request }),
            "delegations.list" | "reviews.list" | "exceptions.list" => json!({}),
            "delegations.candidates" => json!({ "name": "Ben" }),
            delegation if delegation.starts_with("delegations.") => {
                let mut pair = json!({ "delegator": self.ben.id(), "delegate": self.owner.id() });
                if delegation == "delegations.put" {
                    pair["until"] = json!("2027-01-05T00:00:00Z");
                }
                pair
            }
            governance
                if governance.starts_with("emergency.") || governance.starts_with("tool_proposals.") =>
            {
                self.input_about_governance(governance)
            }
            "exceptions.get" | "exceptions.end" => json!({ "exception": self.exception }),
            "exceptions.baseline" => json!({ "tool": self.tool }),
            "exceptions.put" => json!({
                "person": self.requester.id(), "tool": self.tool, "owner": self.owner.id(), "reason": "A pilot", "days": 9,
            }),
            "reviews.get" => json!({ "review": self.review }),
            "reviews.decide" => json!({ "review": self.review, "decision": "let_expire" }),
            "reviews.postpone" => json!({ "review": self.review, "reason": "Bo is away" }),
            other => self.input_about_the_rest(other),
        }
    }

    fn input_about_governance(&self, operation: &str) -> Value {
        match operation {
            "emergency.request" => {
                let purpose = "Restore the service";
                json!({ "tool": self.tool, "incident": "INC-1", "purpose": purpose, "data_classes": ["internal"] })
            }
            "emergency.note" => json!({ "emergency": EMERGENCY, "note": "A note" }),
            "emergency.review" => {
                json!({ "emergency": EMERGENCY, "verdict": "justified", "reason": "A reason" })
            }
            "tool_proposals.submit" => json!({
                "name": "Another assistant", "url": "https://another.example", "purpose": "Try it",
                "data_classes": ["public"],
            }),
            "tool_proposals.get" | "tool_proposals.withdraw" | "tool_proposals.begin" => {
                json!({ "proposal": self.tool_proposal })
            }
            "tool_proposals.assess" => json!({
                "proposal": self.tool_proposal, "answers": {}, "risk": "low", "decision": "decline",
                "rationale": "A reason",
            }),
            _ => json!({}),
        }
    }

    fn input_about_the_rest(&self, operation: &str) -> Value {
        match operation {
            "catalog.get" | "drift.check" | "seats.get" => json!({ "tool": self.tool }),
            "catalog.put" => tool_input("Another tool"),
            "people.get" | "people.erasure" => json!({ "person": self.erased }),
            "people.put" => json!({ "name": "Another Person" }),
            "people_groups.put" => json!({ "name": "Another group" }),
            "settings.put" => json!({ "pending_days": 3 }),
            "requests.submit" | "requests.preview" => request_for(&self.tool, 10),
            "requests.get" | "requests.cancel" | "audit.receipt" | "seats.accept" | "seats.decline" => {
                json!({ "request": self.request })
            }
            "requests.provide_information" => json!({ "request": self.request, "answer": "An answer" }),
            "grants.get" | "grants.give_back" | "grants.revoke" | "grants.attest" => {
                json!({ "grant": self.grant })
            }
            "evidence.export" => json!({ "scope": { "grant": self.grant } }),
            "exports.get" => json!({ "export": self.export }),
            "exports.begin" => json!({ "scope": { "of": "grant", "grant": self.grant } }),
            "exports.read" => json!({ "export": self.kept_export }),
            "audit.proof" => json!({ "inclusion": { "index": 0 } }),
            "audit.resource" => json!({ "path": "checkpoint" }),
            "audit.put_anchoring" => json!({ "email": false, "witnesses": [] }),
            "audit.add_cosignatures" => json!({ "note": "a note" }),
            "grants.explain" => json!({ "person": self.requester.id(), "tool": self.tool }),
            "grants.extend" => json!({ "grant": self.grant, "days": 1 }),
            "jobs.get" | "jobs.retry" | "jobs.attest" | "jobs.cancel" => json!({ "job": self.job }),
            there
                if ["connectors.", "provider_groups.", "identities."]
                    .iter()
                    .any(|noun| there.starts_with(noun)) =>
            {
                self.input_about_a_provider(there)
            }
            "proposals.confirm" | "proposals.withdraw" => {
                json!({ "proposal": "prop_01kb0000000000000000000000" })
            }
            "policies.back_test" => json!({ "days": 30 }),
            "policies.put_draft" | "policies.discard_draft" | "policies.publish" => json!({ "version": 0 }),
            "insights.export" => json!({ "table": "requests" }),
            "inbox.mark_read" => json!({ "items": ["notice_01kb0000000000000000000000"] }),
            "notices.put_preference" => json!({ "topic": "decisions", "delivery": "daily" }),
            "tokens.revoke" => json!({ "token": "token_01kb0000000000000000000000" }),
            "people.erase" | "set_up_links.create" => json!({ "person": self.ben.id() }),
            "drift.dispose" => {
                json!({ "finding": FINDING, "disposition": { "kind": "removal", "reason": "Not needed" } })
            }
            "drift.dispose_many" => {
                json!({ "findings": [FINDING], "disposition": { "kind": "removal", "reason": "Not needed" } })
            }
            "catalog.list"
            | "catalog.load_starter"
            | "drift.list"
            | "inbox.list"
            | "seats.list"
            | "inbox.unread"
            | "insights.summary"
            | "insights.series"
            | "insights.forecast"
            | "insights.rebuild"
            | "notices.preferences"
            | "proposals.list"
            | "people.list"
            | "people_groups.list"
            | "settings.get"
            | "policies.list"
            | "policies.get"
            | "policies.lint"
            | "policies.draft"
            | "policies.replay"
            | "requests.list"
            | "approvals.queue"
            | "grants.list"
            | "jobs.list"
            | "jobs.alarm"
            | "audit.entries"
            | "audit.verify"
            | "audit.checkpoint"
            | "audit.checkpoints"
            | "audit.rotate_key"
            | "requests.export"
            | "exports.list"
            | "tokens.create"
            | "tokens.list" => json!({}),
            other => panic!("`{other}` needs an input in {}", file!()),
        }
    }

    fn input_about_a_provider(&self, operation: &str) -> Value {
        match operation {
            "connectors.put" => {
                let credential = json!({ "kind": "api_token", "token": "secret" });
                let provider = json!({ "kind": "okta", "host": "other.okta.com", "credential": credential });
                json!({ "name": "Another connector", "provider": provider })
            }
            "connectors.get"
            | "connectors.test"
            | "connectors.disable"
            | "connectors.enable"
            | "connectors.rotate_key" => json!({ "connector": self.connector }),
            "provider_groups.find" => json!({ "connector": self.connector, "name": "Note takers" }),
            "provider_groups.check" | "provider_groups.bind" => {
                json!({ "connector": self.connector, "tool": self.tool, "group": "00g1" })
            }
            "provider_groups.create" => {
                json!({ "connector": self.connector, "tool": self.tool, "name": "Note takers" })
            }
            "provider_groups.get" | "provider_groups.release" | "provider_groups.release_hold" => {
                json!({ "tool": self.tool })
            }
            "identities.look_up" => json!({ "connector": self.connector, "account": "00u1" }),
            "identities.put" => json!({
                "connector": self.connector, "person": self.ben.id(), "account": "00u1", "display_name": "Ben",
            }),
            "identities.remove" => json!({ "connector": self.connector, "person": self.ben.id() }),
            "identities.import" => {
                let row = json!({ "person": self.ben.id(), "account": "00u1" });
                json!({ "connector": self.connector, "rows": [row] })
            }
            "connectors.list" | "provider_groups.list" | "identities.list" => json!({}),
            other => panic!("`{other}` needs an input in {}", file!()),
        }
    }

    fn person(&self, kind: CallerKind) -> Option<&PersonClient> {
        match kind {
            CallerKind::Requester => Some(&self.requester),
            CallerKind::Approver => Some(&self.approver),
            CallerKind::Owner => Some(&self.owner),
            CallerKind::Administrator => Some(&self.administrator),
            CallerKind::Auditor => Some(&self.auditor),
            CallerKind::Console | CallerKind::System | CallerKind::Anonymous => None,
        }
    }
}

/// An issue asked for the request.
fn link(site: &Site, request: &str) {
    let (issue, request) = (ISSUE.parse::<IssueId>().expect("an issue"), request.parse().expect("a request"));
    let (since, state) = (site.now(), IntakeState::Linked { request });
    site.with_store(async |store| {
        let mut change = Change::new();
        change.insert(&IssueOfRequest { request, issue: issue.clone() });
        change.insert(&IssueIntake { issue, since, state });
        store.commit(change.into_commit().expect("a small commit")).await.expect("the store takes it");
    });
}

/// One person is requester, approver and owner: what any of them may call, each may try.
const EVERYBODY: [CallerKind; 3] = [CallerKind::Requester, CallerKind::Approver, CallerKind::Owner];

#[test]
fn each_operation_is_tried_as_each_person_through_http() {
    for (operation, row) in expected() {
        let world = World::new();
        let input = world.input(operation);
        assert!(!row.allows(CallerKind::Anonymous), "{operation}: nobody is a caller before signing in");
        world.site.anonymous().call(operation, input.clone()).refused("not_signed_in");
        let kinds = [EVERYBODY.as_slice(), &[CallerKind::Auditor, CallerKind::Administrator]].concat();
        for kind in kinds {
            let person = world.person(kind).expect("a person");
            let admitted = row.allows(kind)
                || EVERYBODY.iter().any(|other| row.allows(*other)) && kind != CallerKind::Auditor;
            let browser = person.in_browser();
            let before = world.site.snapshot();
            for answer in [person.call(operation, input.clone()), browser.call(operation, input.clone())] {
                try_out(operation, kind, row.allows(kind), admitted, &answer);
            }
            let changed = world.site.snapshot().difference(&before);
            assert!((admitted && row.command) || changed.is_empty(), "{operation} changed {changed:?}");
        }
    }
}

fn try_out(operation: &str, kind: CallerKind, allowed: bool, admitted: bool, answer: &Answer) {
    let who = format!("{operation} as {}: {} {:#}", kind.as_str(), answer.status, answer.json);
    if admitted {
        assert_ne!(answer.status, 401, "{who}");
        assert_ne!(answer.code(), Some("not_permitted"), "{who}");
        assert!(answer.status < 500, "{who}");
    } else {
        assert_eq!((answer.status, answer.code()), (403, Some("not_permitted")), "{who}");
    }
    // Who may try, but stands in no relation that allows it, gets nothing.
    if admitted && !allowed && answer.status == 200 {
        let lists = ["items", "results"].map(|list| answer.json[list].as_array());
        let nothing = lists.into_iter().flatten().flatten().all(|item| item["decided"] == false);
        let own = matches!(
            operation,
            "requests.submit"
                | "requests.preview"
                | "requests.list"
                | "grants.list"
                | "grants.explain"
                | "intake.draft"
        );
        assert!(own || nothing, "{who}");
    }
}

#[test]
fn each_operation_is_tried_as_console_and_system() {
    for (operation, row) in expected() {
        for (kind, caller) in [(CallerKind::Console, Caller::Console), (CallerKind::System, Caller::System)] {
            let world = World::new();
            let before = world.site.snapshot();
            let answer = world.site.perform(caller, operation, &world.input(operation));
            let code = answer.as_ref().err().map(|refusal| refusal.code().as_str());
            assert_eq!(
                code != Some("not_permitted"),
                row.allows(kind),
                "{operation} as {}: {answer:?}",
                kind.as_str()
            );
            if !row.allows(kind) {
                assert_eq!(world.site.snapshot().difference(&before), Vec::<String>::new(), "{operation}");
            }
        }
    }
}

#[test]
fn a_token_reaches_no_further_than_its_scope() {
    let world = World::new();
    let alice = &world.administrator;
    let (read, log) = (alice.with_scope("read"), alice.with_scope("log"));
    let before = world.site.snapshot();
    for (operation, row) in expected() {
        if !row.allows(CallerKind::Administrator) {
            continue;
        }
        let input = world.input(operation);
        let answer = read.call(operation, input.clone());
        assert_eq!(answer.code() == Some("token_scope"), row.command, "{operation}: {:#}", answer.json);
        let answer = log.call(operation, input);
        assert_eq!(
            answer.code() != Some("token_scope"),
            row.demands.contains("log"),
            "{operation}: {:#}",
            answer.json
        );
    }
    let mut after = world.site.snapshot();
    // That the log was verified and its files were read is in the log.
    after.entries -= 2;
    let changed = after.difference(&before);
    assert!(changed.iter().all(|what| what.starts_with("log_reading ")), "{changed:?}");
}

#[test]
fn what_needs_a_recent_sign_in_is_refused_ten_minutes_later() {
    let world = World::new();
    world.site.advance_minutes(10);
    let input = json!({ "pending_days": 3 });
    world.administrator.call("settings.put", input).ok();
    world.site.advance_minutes(1);
    let before = world.site.snapshot();
    for (operation, row) in expected() {
        if row.allows(CallerKind::Administrator) && row.demands.contains("recent") {
            world.administrator.call(operation, world.input(operation)).refused("sign_in_required");
        }
    }
    assert_eq!(world.site.snapshot().difference(&before), Vec::<String>::new());
    let again = world.administrator.signed_in_again();
    again.call("settings.put", json!({ "pending_days": 4 })).ok();
}

#[test]
fn an_auditor_reads_everything_and_changes_nothing() {
    let world = World::new();
    let before = world.site.snapshot();
    for (operation, row) in expected() {
        let answer = world.auditor.call(operation, world.input(operation));
        match (row.allows(CallerKind::Auditor), row.command) {
            (true, false) => drop(answer.ok()),
            (true, true) => assert!(
                operation.starts_with("tokens.")
                    || ["inbox.mark_read", "notices.put_preference", "insights.export"].contains(&operation)
                    || [
                        "audit.verify",
                        "audit.resource",
                        "evidence.export",
                        "requests.export",
                        "exports.begin"
                    ]
                    .contains(&operation),
                "an auditor may call {operation}"
            ),
            (false, _) => drop(answer.refused("not_permitted")),
        }
    }
    // Tokens, exports and an inbox of their own are all that they make or change, with the checkpoint that an export is proved against; that they did so, and
    // read and verified the log, is in it.
    let changed = world.site.snapshot().difference(&before);
    let theirs = [
        "token ",
        "log: ",
        "export ",
        "checkpoint ",
        "log_publication ",
        "log_reading ",
        "notice_preferences ",
    ];
    assert!(changed.iter().all(|what| theirs.iter().any(|kind| what.starts_with(kind))), "{changed:?}");
    assert_eq!(world.auditor.grant(&world.grant)["person"]["id"], world.ben.id());
    assert_eq!(world.auditor.request(&world.request)["requester"]["id"], world.ben.id());
}

#[test]
fn what_belongs_to_others_looks_as_if_it_did_not_exist() {
    let world = World::new();
    let stranger = &world.requester;
    let before = world.site.snapshot();
    for operation in [
        "issues.get",
        "requests.get",
        "requests.cancel",
        "requests.provide_information",
        "approvals.ask",
        "approvals.decide",
        "approvals.withdraw",
        "grants.get",
        "grants.extend",
        "grants.give_back",
        "grants.revoke",
        "grants.attest",
        "reviews.get",
        "reviews.decide",
        "reviews.postpone",
        "jobs.get",
        "jobs.attest",
    ] {
        let real = world.input(operation);
        let mut unknown = real.clone();
        for (field, id) in [
            ("issue", "99999"),
            ("request", "req_01kb0000000000000000000000"),
            ("grant", "grant_01kb0000000000000000000000"),
            ("job", "job_01kb0000000000000000000000"),
            ("review", "review_01kb0000000000000000000000"),
        ] {
            if real.get(field).is_some() {
                unknown[field] = json!(id);
            }
        }
        let (theirs, nothing) = (stranger.call(operation, real), stranger.call(operation, unknown));
        assert_eq!(theirs.json, nothing.json, "{operation} tells what exists");
        theirs.refused("not_found");
    }
    for (operation, field) in
        [("requests.list", "requester"), ("grants.list", "person"), ("tokens.list", "person")]
    {
        let of = |id: &str| stranger.call(operation, json!({ field: id }));
        let nobody = "person_00000000000000000000000000";
        assert_eq!(of(&world.ben.id()).json, of(nobody).json, "{operation} tells who exists");
        of(&world.ben.id()).refused("not_found");
    }
    assert_eq!(stranger.all("requests.list", json!({})).len(), 0);
    assert_eq!(stranger.all("grants.list", json!({})).len(), 0);
    assert_eq!(stranger.all("reviews.list", json!({})).len(), 0);
    assert_eq!(stranger.all("jobs.list", json!({})).len(), 0);
    assert_eq!(world.site.snapshot().difference(&before), Vec::<String>::new());
}

#[test]
fn an_approver_of_a_later_stage_neither_sees_nor_decides_an_earlier_one() {
    let world = World::new();
    assert_eq!(world.approver.queue(), Vec::<String>::new());
    world.approver.approve(&world.request).refused("not_found");
    world.approver.call("requests.get", json!({ "request": world.request })).refused("not_found");
    world.owner.approve(&world.request).refused("not_found");
    // An administrator sees it, but is not among those who decide it.
    world.administrator.approve(&world.request).refused("not_eligible");
    assert_eq!(world.administrator.request(&world.request)["may_decide"], false);
}

#[test]
fn an_owner_is_one_for_their_own_tools_alone() {
    let world = World::new();
    let grant = json!({ "grant": world.grant });
    world.owner.call("grants.revoke", grant.clone()).refused("not_found");
    world.owner.call("grants.get", grant).refused("not_found");
    world.owner.call("jobs.attest", json!({ "job": world.job })).refused("not_found");
    assert_eq!(world.owner.all("jobs.list", json!({})).len(), 0);
}

#[test]
fn a_token_is_made_for_oneself_alone_and_revoked_by_oneself_or_an_administrator() {
    let world = World::new();
    for person in [&world.requester, &world.administrator] {
        person.call("tokens.create", json!({ "person": world.ben.id() })).refused("not_permitted");
    }
    let made = world.ben.call("tokens.create", json!({ "scope": "read" })).ok();
    let token = json!({ "token": made["token"]["id"] });
    world.requester.call("tokens.revoke", token.clone()).refused("not_found");
    world.administrator.call("tokens.revoke", token).ok();
    let bearer = format!("Bearer {}", text(&made["secret"]));
    let headers = [("authorization", bearer.as_str())];
    world.site.anonymous().send("requests.list", b"{}".to_vec(), &headers).refused("not_signed_in");
}

#[test]
fn what_is_no_token_signs_nobody_in() {
    let world = World::new();
    let made = world.ben.call("tokens.create", json!({})).ok();
    let secret = text(&made["secret"]);
    let mut forged = secret.clone();
    let last = if forged.pop() == Some('0') { '1' } else { '0' };
    forged.push(last);
    for wrong in [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        &format!("Bearer {forged}"),
        &format!("Bearer {secret}0"),
        &secret,
    ] {
        let headers = [("authorization", wrong)];
        world.site.anonymous().send("requests.list", b"{}".to_vec(), &headers).refused("not_signed_in");
    }
    let good = format!("Bearer {secret}");
    let headers = [("authorization", good.as_str())];
    assert_eq!(world.site.anonymous().send("requests.list", b"{}".to_vec(), &headers).status, 200);
    world.site.advance_days(90);
    world.site.anonymous().send("requests.list", b"{}".to_vec(), &headers).refused("not_signed_in");
}
