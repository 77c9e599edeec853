//! Counters of insights: what anybody finds who counts the log, and the documents, from the beginning.

use std::collections::BTreeMap;

use clearance::documents::load;
use clearance::drift::Finding;
use clearance::grant::Grant;
use clearance::insight::{Histogram, InsightDay, InsightProgress, InsightTool};
use clearance::ports::Store;
use clearance::request::Request;
use clearance::review::Review;
use clearance::time::Timestamp;
use serde_json::Value;

use super::log::Log;
use super::{every, require};

/// What was counted of one day by looking at every entry.
#[derive(Debug, Default)]
struct Day {
    counts: BTreeMap<&'static str, u64>,
    decisions: Vec<u64>,
    removals: Vec<u64>,
    /// Whether a test put an end back behind the log, which then cannot tell how long a removal took.
    put_back: bool,
}

#[derive(Debug, Default)]
struct Counted {
    days: BTreeMap<String, Day>,
    /// People with access, and requests, by tool.
    tools: BTreeMap<String, (u64, u64)>,
    open: u64,
    drift: u64,
    /// Reviews opened and neither decided nor closed.
    reviews: u64,
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("entries have times")
}

fn seconds(from: &str, until: &str) -> u64 {
    let between = instant(until).as_millisecond() - instant(from).as_millisecond();
    u64::try_from(between.max(0) / 1000).expect("not negative")
}

/// Counts entries. When a request was made and when access was to end is remembered from entries, not taken from ids or from what ended it.
fn count(log: &Log, entries: usize) -> Counted {
    let mut counted = Counted::default();
    let mut submitted = BTreeMap::<String, String>::new();
    let mut ends = BTreeMap::<String, String>::new();
    for line in log.text.lines().take(entries) {
        let entry: Value = serde_json::from_str(line).expect("entries are JSON");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (kind, at, facts) = (text(&entry["kind"]), text(&entry["at"]), &entry["facts"]);
        let day = counted.days.entry(at.split('T').next().unwrap_or_default().to_owned()).or_default();
        let by_people = entry["actor"]["person"].is_string();
        let what = match (kind.as_str(), by_people) {
            ("request.submitted", _) => "submitted",
            ("request.approved", true) => "approved_by_people",
            ("request.approved", false) => "approved_by_policy",
            ("request.denied", true) => "denied_by_people",
            ("request.denied", false) => "denied_by_policy",
            ("request.cancelled", _) => "withdrawn",
            ("request.lapsed", _) => "lapsed_requests",
            ("grant.activated", _) => "activated",
            ("grant.extended", _) => "extended",
            ("grant.ended", _) => match facts["reason"].as_str() {
                Some("expired") => "expired",
                Some("given_back") => "given_back",
                Some("rejected_by_provider") => "rejected",
                _ => "revoked",
            },
            ("grant.follow_up", _) => "follow_ups",
            ("drift.found", _) => "found",
            ("drift.settled", _) => "settled",
            ("drift.lapsed", _) => "lapsed",
            ("request.unapproved", _) => "unapproved",
            ("review.opened", _) => "opened",
            ("review.postponed", _) => "postponed",
            ("review.decided", _) => match facts["decision"].as_str() {
                Some("renew") => "renewed",
                Some("let_expire") => "let_expire",
                Some("remove") => "removed",
                _ => "excepted",
            },
            ("review.closed", _) => match facts["outcome"].as_str() {
                Some("undecided") => "undecided",
                _ => "void",
            },
            ("seat.offered", _) => "offered",
            ("seat.accepted", _) => "accepted",
            ("seat.declined", _) => "declined",
            ("seat.lapsed", _) => "missed",
            _ => continue,
        };
        *day.counts.entry(what).or_default() += 1;
        let tool = counted.tools.entry(text(&facts["tool"])).or_default();
        match what {
            "submitted" => {
                submitted.insert(text(&facts["request"]), at);
                counted.open += 1;
                tool.1 += 1;
            }
            "approved_by_people" | "denied_by_people" => {
                day.decisions.push(seconds(&submitted[&text(&facts["request"])], &at));
                counted.open -= 1;
            }
            "approved_by_policy" | "denied_by_policy" | "withdrawn" | "lapsed_requests" => counted.open -= 1,
            "activated" | "extended" => {
                if what == "activated" {
                    tool.0 += 1;
                }
                ends.insert(text(&facts["grant"]), text(&facts["ends_at"]));
            }
            "expired" | "given_back" | "rejected" | "revoked" => {
                if let Some(end) = ends.get(&text(&facts["grant"])) {
                    tool.0 -= 1;
                    if what == "expired" {
                        day.put_back |= instant(end) > instant(&at);
                        day.removals.push(seconds(end, &at));
                    }
                }
            }
            "found" => counted.drift += 1,
            "settled" => counted.drift -= 1,
            "opened" => counted.reviews += 1,
            "renewed" | "let_expire" | "removed" | "excepted" | "undecided" | "void" => counted.reviews -= 1,
            _ => {}
        }
    }
    counted.days.retain(|_, day| !day.counts.is_empty());
    counted.tools.retain(|tool, counts| !tool.is_empty() && *counts != (0, 0));
    counted
}

/// Whether a histogram counted these durations: each quantile at most a sixteenth above the true one.
fn is_of(histogram: &Histogram, mut durations: Vec<u64>) -> bool {
    durations.sort_unstable();
    histogram.total() == durations.len() as u64
        && [1, 500, 900, 990, 1000].into_iter().all(|per_mille| {
            let rank = (durations.len() * per_mille).div_ceil(1000).max(1);
            match (durations.get(rank - 1), histogram.quantile(per_mille as u64)) {
                (None, None) => true,
                (Some(exact), Some(told)) => *exact <= told && told <= exact + exact / 16,
                _ => false,
            }
        })
}

pub(super) async fn check(store: &impl Store, log: &Log, broken: &mut Vec<String>) {
    let progress = load::<InsightProgress>(store, InsightProgress::KEY).await.expect("the store answers");
    let Some(progress) = progress.filter(|progress| !progress.clearing) else { return };
    let entries = usize::try_from(progress.next).expect("a log of this machine");
    let mut counted = count(log, entries);
    for InsightDay { day, counters } in every::<InsightDay>(store).await {
        let expected = counted.days.remove(&day.to_string()).unwrap_or_default();
        let lapsed = |name: &'static str, of: &'static str| if name == "lapsed" { of } else { name };
        let requests = counters
            .requests
            .named()
            .into_iter()
            .map(|(name, count)| (lapsed(name, "lapsed_requests"), count));
        let others = counters.grants.named().into_iter().chain(counters.drift.named());
        let others = others.chain(counters.reviews.named()).chain(counters.seats.named());
        for (name, count) in requests.chain(others) {
            let expected = expected.counts.get(name).copied().unwrap_or(0);
            require(broken, count == expected, || {
                format!("{day}: {count} {name} counted, {expected} by the log")
            });
        }
        require(broken, is_of(&counters.decision, expected.decisions), || {
            format!("{day}: times of decisions")
        });
        let removals = if expected.put_back {
            counters.removal.total() == expected.removals.len() as u64
        } else {
            is_of(&counters.removal, expected.removals)
        };
        require(broken, removals, || format!("{day}: times of removals"));
    }
    require(broken, counted.days.is_empty(), || format!("days are not counted: {:?}", counted.days.keys()));
    let with_access: u64 = counted.tools.values().map(|(with_access, _)| with_access).sum();
    for tool in every::<InsightTool>(store).await {
        let expected = counted.tools.remove(&tool.tool.to_string()).unwrap_or_default();
        let told = (tool.with_access, tool.requests);
        require(broken, told == expected, || {
            format!("{}: {told:?} counted, {expected:?} by the log", tool.tool)
        });
    }
    require(broken, counted.tools.is_empty(), || format!("tools are not counted: {:?}", counted.tools));
    let standing = progress.standing;
    let told = (standing.requests_open, standing.with_access, standing.drift_open, standing.reviews_open);
    let by_log = (counted.open, with_access, counted.drift, counted.reviews);
    require(broken, told == by_log, || format!("{told:?} stand by the counters, {by_log:?} by the log"));
    if entries == log.text.lines().count() {
        let open = every::<Request>(store).await.iter().filter(|request| request.review().is_some()).count();
        let grants = every::<Grant>(store).await;
        let with_access =
            grants.iter().filter(|grant| !grant.is_ended() && grant.activated_at().is_some()).count();
        let drift = every::<Finding>(store).await.iter().filter(|finding| finding.is_open()).count();
        let reviews = every::<Review>(store).await.iter().filter(|review| review.is_open()).count();
        let by_documents = (open as u64, with_access as u64, drift as u64, reviews as u64);
        require(broken, told == by_documents, || {
            format!("{told:?} stand by the counters, {by_documents:?} by documents")
        });
    }
}
