//! What is told of removals that are stuck.

use std::collections::BTreeMap;

use super::{Link, LinkKind, Teller, Told};
use crate::failure::Failure;
use crate::ports::Store;
use crate::provisioning::alarm::{AlarmLevel, first_stuck};
use crate::provisioning::{Job, JobState, Work};
use crate::time::Timestamp;

/// Tools and reasons that one message names.
const LINES: usize = 20;

impl<S: Store> Teller<'_, S> {
    /// What is stuck of that which was when the notice was queued, by tool and reason: no person is named in a message. Nothing when all of
    /// it has come about meanwhile.
    pub(super) async fn of_stuck_removals(&mut self, queued_at: Timestamp) -> Result<Option<Told>, Failure> {
        let page = first_stuck(self.store, queued_at).await?;
        let Some(since) = page.items.first().and_then(|job| job.alarm_from()) else { return Ok(None) };
        let mut reasons = BTreeMap::<(String, &str), u32>::new();
        for job in &page.items {
            *reasons.entry((self.names.tool(job.tool).await?.name, why(job))).or_default() += 1;
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
        let subject = match AlarmLevel::of(since, queued_at) {
            AlarmLevel::Raised => count.clone(),
            AlarmLevel::Day => format!("Still: {count}"),
            AlarmLevel::Week => format!("For more than a week: {count}"),
        };
        let text = format!(
            "{count}: access that has ended here may still work at the provider. The first one has been stuck since {}.",
            since.in_words()
        );
        let told = Told::news(subject, text, Link::at(LinkKind::StuckRemovals));
        let otherwise = Some("you are told again, daily, until it is over");
        Ok(Some(Told { asks: true, otherwise, attached: Some(lines.join("\n")), ..told }))
    }
}

fn why(job: &Job) -> &'static str {
    match (job.state, job.work) {
        (JobState::NeedsFollowUp { reason, .. }, _) => reason.what_to_do(),
        (_, Work::Manual { .. }) => "Somebody is to do it by hand and mark it as done.",
        (_, Work::Connected { .. }) => "It has been tried for a day, or the brake holds it: see the job.",
    }
}
