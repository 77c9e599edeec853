//! The report for people: one HTML file without script, in which every text is escaped.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::export::Export;
use super::register::ExportScope;
use super::story::{GrantStory, Story};
use super::tables::{Answers, Labels, UNKNOWN};
use super::topics::TOPICS;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#172b4d}\
table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{border:1px solid #b3b9c4;padding:.4rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}\
th{background:#f1f2f4;width:14rem}thead th{width:auto}blockquote{margin:.25rem 0;padding-left:.75rem;border-left:3px solid #b3b9c4;white-space:pre-wrap}\
@media print{h2{break-after:avoid}table{break-inside:avoid}}";

/// A text of a request, a review, an exception or a finding, as the report quotes it.
#[derive(Debug)]
pub(super) struct Quoted {
    pub(super) object: String,
    pub(super) kind: &'static str,
    pub(super) text: Option<String>,
}

/// The beginning: what the pack is of.
pub(super) fn head(export: &Export, origin: &str, story: &Story) -> String {
    let scope = scope_in_words(&export.scope);
    let page = html! {
        h1 { "Evidence: " (scope) }
        p { "Made by " (origin) " on " (export.made_at.to_string()) " as " (export.id.to_string()) ". "
            (export.records) " records, proved against a signed checkpoint of " (export.tree_size) " log entries." }
        p { "People appear by number; " code { "identities.json" } ", which may be taken out of the pack, says who they are. "
            "This report is the site's reading of the records. The records prove themselves: check the pack with "
            code { "clearance evidence verify" } " or the offline verifier, with the site's key from elsewhere. "
            "What the records do not say is " strong { "unknown" } "; nothing here says that anything complies." }
        h2 { "Grants" }
        @if story.grants.is_empty() { p { "The records tell of no grant." } }
    };
    // The head is written by hand so that the body can be made piece by piece.
    let opening = html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\"><head>"))
        meta charset="utf-8";
        meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
        meta name="viewport" content="width=device-width, initial-scale=1";
        title { "Evidence: " (scope_in_words(&export.scope)) }
        style { (PreEscaped(STYLE)) }
        (PreEscaped("</head><body>"))
        (page)
    };
    opening.into_string()
}

fn scope_in_words(scope: &ExportScope) -> String {
    match scope {
        ExportScope::Grant { grant } => format!("grant {grant}"),
        ExportScope::Person { person } => format!("person {person}"),
        ExportScope::Tool { tool } => format!("tool {tool}"),
        ExportScope::Period { from, until } => format!("period from {from} until before {until}"),
        ExportScope::Requests => "requests".to_owned(),
    }
}

/// One grant: the four questions, and what was written about it.
pub(super) fn grant(
    id: &str,
    grant: &GrantStory,
    tool: &str,
    quoted: &[Quoted],
    story: &Story,
    labels: &Labels,
) -> String {
    let answers = Answers::of(grant, story, labels);
    let person = grant.person.map_or_else(|| UNKNOWN.to_owned(), |person| labels.person(person));
    let row = |name: &str, value: &str| html! { tr { th scope="row" { (name) } td { (value) } } };
    let activated = grant.activated.as_ref().map_or_else(
        || format!("{UNKNOWN}: no activation is among the records"),
        |event| format!("{} (record {})", event.at, event.index),
    );
    html! {
        h3 { (id) }
        table { tbody {
            (row("Who has access", &person))
            (row("To which tool", tool))
            (row("Who approved?", &answers.approved_by))
            (row("Under which policy?", &answers.policy))
            (row("Since when?", &activated))
            (row("When does it end?", &answers.ends))
            (row("Was the need reviewed?", &answers.reviewed))
            (row("Does the directory agree?", &answers.directory))
            @for one in quoted {
                tr {
                    th scope="row" { (one.kind) " of " (one.object) }
                    td { @match &one.text {
                        Some(text) => { blockquote { (text) } },
                        None => { "the text was destroyed" },
                    } }
                }
            }
        } }
    }
    .into_string()
}

/// The end: what widened access, and where to look for what.
pub(super) fn foot(story: &Story, labels: &Labels) -> String {
    let widenings: Markup = html! {
        h2 { "What widened access" }
        p { "Changes of policy, tools, settings, and of people's groups and roles in the 30 days before an approval, as far as records tell of "
            "them, that gave more than before for some request, or let others decide. Once people ask for access such a change takes a second "
            "administrator; while a site is set up it does not." }
        @if story.widenings.is_empty() {
            p { "No such change is among the records." }
        } @else {
            table {
                thead { tr { th { "Record" } th { "When" } th { "What" } th { "By" } th { "Agreed" } th { "Widened access?" } } }
                tbody { @for widening in &story.widenings {
                    tr {
                        td { (widening.event.index) }
                        td { (widening.event.at) }
                        td { (widening.kind) }
                        td { (labels.actor(widening.event.actor)) }
                        td { @match widening.agreed { Some(actor) => { (labels.actor(actor)) }, None => { "—" } } }
                        td { @if widening.judged { "yes" } @else { "not judged" } }
                    }
                } }
            }
        }
    };
    html! {
        (widenings)
        h2 { "Where to look for what" }
        p { "Which records speak to topics of common frameworks. It is a help to find them, and no judgement of law or conformity." }
        table {
            thead { tr { th { "Framework" } th { "Topic" } th { "Records in this pack" } } }
            tbody { @for topic in TOPICS {
                tr {
                    td { (topic.framework) }
                    td { (topic.title) }
                    td {
                        @let found: Vec<_> = topic.kinds.iter().filter_map(|kind| Some((*kind, story.kinds.get(*kind)?))).collect();
                        @if found.is_empty() { "none in this pack" }
                        @for (number, (kind, count)) in found.iter().enumerate() {
                            @if number > 0 { ", " }
                            (kind) " (" (count) ")"
                        }
                    }
                }
            } }
        }
        (PreEscaped("</body></html>\n"))
    }
    .into_string()
}
