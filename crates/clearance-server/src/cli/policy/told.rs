//! What the commands print for people.

use std::io::{self, Write};

use serde_json::Value;

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

fn items<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// How many findings are errors.
pub(super) fn errors(answer: &Value) -> usize {
    items(answer, "/findings").iter().filter(|finding| text(finding, "/severity") == "error").count()
}

/// Names in a list, or what is said when there are none.
fn names(value: &Value, pointer: &str, none: &str) -> String {
    let names: Vec<_> = items(value, pointer)
        .iter()
        .map(|item| item.as_str().unwrap_or_else(|| text(item, "/name")))
        .collect();
    if names.is_empty() { none.to_owned() } else { names.join(", ") }
}

/// A request in a line.
fn request(example: &Value) -> String {
    let tool = match text(example, "/tool/name") {
        "" => "a tool that is not in the catalogue",
        name => name,
    };
    let (risk, classes) = (text(example, "/risk"), names(example, "/data_classes", "no"));
    let (days, all) = (number(example, "/days"), number(example, "/days_in_all"));
    let in_all = if all > days { format!(" ({all} in all)") } else { String::new() };
    let by = match (text(example, "/requester/name"), names(example, "/requester_groups", "")) {
        ("", groups) if groups.is_empty() => String::new(),
        ("", groups) => format!(", by somebody of {groups}"),
        (person, _) => format!(", by {person}"),
    };
    format!("{tool} ({risk} risk), {classes} data, {days} days{in_all}{by}")
}

/// What an evaluation says, in words.
fn outcome(outcome: &Value) -> String {
    match text(outcome, "/kind") {
        "denied" => format!("denied: {}", names(outcome, "/reasons", "")),
        "auto_approved" => format!("approved at once, for {} days at most", number(outcome, "/max_days")),
        "stages" => {
            let stages: Vec<_> = items(outcome, "/stages").iter().map(|stage| text(stage, "/name")).collect();
            format!("people decide: {}", stages.join(", then "))
        }
        other => other.to_owned(),
    }
}

/// What `policies.lint` found.
pub(super) fn lint(out: &mut impl Write, answer: &Value) -> io::Result<()> {
    let findings = items(answer, "/findings");
    for finding in findings {
        let (severity, rule, code) =
            (text(finding, "/severity"), text(finding, "/rule_name"), text(finding, "/code"));
        writeln!(out, "{severity}: {rule}: {} ({code})", text(finding, "/sentence"))?;
        if let Some(example) = finding.get("example") {
            writeln!(out, "    for example {}", request(example))?;
        }
    }
    let errors = errors(answer);
    writeln!(out, "{errors} errors, {} warnings.", findings.len().saturating_sub(errors))?;
    match text(answer, "/widening/kind") {
        "no" => writeln!(out, "It gives nothing more than the active policy."),
        "undecided" => {
            writeln!(out, "Whether it gives more could not be told within bounds: it counts as wider.")
        }
        "yes" => {
            let request = answer.pointer("/widening/request").map(request).unwrap_or_default();
            writeln!(out, "It gives more than the active policy, for example {request}")?;
            for (when, pointer) in [("now", "/widening/before"), ("then", "/widening/after")] {
                writeln!(out, "    {when}: {}", answer.pointer(pointer).map(outcome).unwrap_or_default())?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// What `policies.back_test` found.
pub(super) fn back_test(out: &mut impl Write, answer: &Value) -> io::Result<()> {
    for change in items(answer, "/changes") {
        let (before, after) = (change.get("before"), change.get("after"));
        writeln!(out, "{}", text(change, "/request"))?;
        writeln!(out, "    was:      {}", before.map(outcome).unwrap_or_default())?;
        writeln!(out, "    would be: {}", after.map(outcome).unwrap_or_default())?;
    }
    writeln!(
        out,
        "{} requests: {} would be approved at once, {} put before people, {} denied; {} would fare differently.",
        number(answer, "/requests"),
        number(answer, "/auto_approved"),
        number(answer, "/stages"),
        number(answer, "/denied"),
        items(answer, "/changes").len()
    )
}

/// What `policies.replay` found.
pub(super) fn replay(out: &mut impl Write, answer: &Value) -> io::Result<()> {
    for difference in items(answer, "/differences") {
        writeln!(
            out,
            "{}: {} differs under policy version {}",
            ["/request", "/tool_proposal", "/emergency", "/review"]
                .into_iter()
                .map(|id| text(difference, id))
                .find(|id| !id.is_empty())
                .unwrap_or_default(),
            text(difference, "/differs"),
            number(difference, "/policy_version")
        )?;
    }
    let differences = items(answer, "/differences").len();
    writeln!(
        out,
        "{} requests, {} proposed tools, {} accesses in emergencies and {} renewals computed again, {differences} differ.",
        number(answer, "/requests"),
        number(answer, "/tool_proposals"),
        number(answer, "/emergencies"),
        number(answer, "/renewals")
    )
}
