//! What administrators are told when somebody has left: policy is linted again.

use super::{Link, LinkKind, Teller, Told};
use crate::catalog::{Tool, ToolStatus};
use crate::documents::{self, Select};
use crate::failure::Failure;
use crate::ids::PersonId;
use crate::policy::{FindingCode, active_version, all_rules, lint, site_facts};
use crate::ports::Store;
use crate::time::Timestamp;

/// Lines of one message.
const LINES: usize = 20;

impl<S: Store> Teller<'_, S> {
    /// Which rules name somebody who left or have a stage that nobody could decide, and which tools nobody owns; nothing when all is well.
    pub(super) async fn of_leaver(&mut self, person: PersonId) -> Result<Option<Told>, Failure> {
        let lines = match self.unattended.take() {
            Some(lines) => lines,
            None => unattended(self.store, self.now).await?,
        };
        let text = lines.join("\n");
        let nothing = lines.is_empty();
        self.unattended = Some(lines);
        if nothing {
            return Ok(None);
        }
        let name = self.names.person(person).await?.name;
        let text =
            format!("{name} has left, lost all access, and owns no tool any more. What needs you:\n{text}");
        let told = Told::news(format!("{name} has left: what needs you"), text, Link::at(LinkKind::Policy));
        Ok(Some(Told { asks: true, ..told }))
    }
}

/// What lint finds in the active policy that somebody's leaving can bring about, and tools without an owner, a line each.
async fn unattended(store: &impl Store, now: Timestamp) -> Result<Vec<String>, Failure> {
    let (_, version) = active_version(store).await?;
    let rules = all_rules(store, &version).await?;
    let facts = site_facts(store, &rules, now).await?;
    let mut lines = Vec::new();
    for finding in lint(&rules, &facts) {
        let told = matches!(
            finding.code,
            FindingCode::UnknownPerson | FindingCode::StageWithoutApprovers | FindingCode::QuorumTooLarge
        );
        let rule = rules.iter().find(|placed| placed.rule.id == finding.rule).filter(|_| told);
        if let Some(placed) = rule {
            lines.push(format!("- Rule “{}”: {}", placed.rule.name, finding.sentence));
        }
    }
    for tool in documents::all::<Tool>(store, Select::by(&Tool::BY_NAME, ["all"])).await? {
        if tool.owners.is_empty() && tool.status == ToolStatus::Requestable {
            lines.push(format!("- {} has no owner.", tool.name));
        }
    }
    lines.dedup();
    let more = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    if more > 0 {
        lines.push(format!("- and {more} more"));
    }
    Ok(lines)
}
