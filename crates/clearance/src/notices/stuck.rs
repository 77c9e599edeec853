//! What is told of removals that are stuck.

use std::collections::BTreeMap;

use super::{Audience, Message, Notice, signed, to_everybody};
use crate::failure::Failure;
use crate::people::{Names, Role};
use crate::ports::Store;
use crate::provisioning::alarm::{AlarmLevel, first_stuck};
use crate::provisioning::{Job, JobState, Work};
use crate::settings;

/// Tools and reasons that one message names.
const LINES: usize = 20;

/// What is stuck as things stood when the notice was queued, by tool and reason: no person is named in a message. Nothing when all of it
/// has come about meanwhile.
pub(super) async fn messages(
    store: &impl Store,
    notice: &Notice,
    public_url: &str,
) -> Result<Vec<Message>, Failure> {
    let role = match notice.to {
        Audience::Administrators => Role::Administrator,
        Audience::Auditors => Role::Auditor,
        Audience::Person(_) | Audience::Approvers(_) | Audience::Issue => return Ok(Vec::new()),
    };
    let page = first_stuck(store, notice.at).await?;
    let Some(since) = page.items.first().and_then(|job| job.alarm_from()) else { return Ok(Vec::new()) };
    let mut names = Names::new(store);
    let mut reasons = BTreeMap::<(String, &str), u32>::new();
    for job in &page.items {
        *reasons.entry((names.tool(job.tool).await?.name, why(job))).or_default() += 1;
    }
    let more = page.next.is_some() || reasons.len() > LINES;
    let lines: Vec<_> = reasons
        .iter()
        .take(LINES)
        .map(|((tool, why), count)| format!("- {tool} ({count}): {why}"))
        .chain(more.then(|| "- and more".to_owned()))
        .collect();
    let count = match (page.items.len(), page.next.is_some()) {
        (1, false) => "1 removal of access is stuck".to_owned(),
        (count, false) => format!("{count} removals of access are stuck"),
        (count, true) => format!("More than {count} removals of access are stuck"),
    };
    let subject = match AlarmLevel::of(since, notice.at) {
        AlarmLevel::Raised => count.clone(),
        AlarmLevel::Day => format!("Still: {count}"),
        AlarmLevel::Week => format!("For more than a week: {count}"),
    };
    let body = format!(
        "{count}: access that has ended here may still work at the provider. The first one has been stuck since {since}.\n\n{}\n\n{public_url}/admin#/jobs?stuck=true",
        lines.join("\n")
    );
    let organization = settings::current(store).await?.organization.clone();
    to_everybody(store, role, &subject, &signed(&body, &organization)).await
}

fn why(job: &Job) -> &'static str {
    match (job.state, job.work) {
        (JobState::NeedsFollowUp { reason, .. }, _) => reason.what_to_do(),
        (_, Work::Manual { .. }) => "Somebody is to do it by hand and mark it as done.",
        (_, Work::Connected { .. }) => "It has been tried for a day, or the brake holds it: see the job.",
    }
}
