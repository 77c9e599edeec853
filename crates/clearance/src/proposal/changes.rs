//! What a proposal would change, in sentences for whoever is to agree.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::Proposed;
use crate::catalog::{PutTool, Tool, ToolStatus};
use crate::documents::load;
use crate::failure::Failure;
use crate::ids::{PersonId, ToolId};
use crate::people::Names;
use crate::ports::Store;
use crate::time::Days;

/// What would change: of tools and settings as they are now.
pub(super) async fn changes<S: Store>(
    names: &mut Names<'_, S>,
    proposed: &Proposed,
) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    match proposed {
        Proposed::BindGroup { .. }
        | Proposed::MapIdentity { .. }
        | Proposed::PublishPolicy { .. }
        | Proposed::GrantException { .. }
        | Proposed::AnswerForFindings(_)
        | Proposed::ChangeTool { put: None, .. } => {}
        Proposed::ChangeTool { tool, put: Some(put), .. } => lines = tool_changes(names, *tool, put).await?,
        Proposed::ChangePerson { standing, .. } => {
            if standing.returns {
                lines.push("Comes back.".to_owned());
            }
            if let Some(role) = standing.role {
                lines.push(format!("Becomes {}.", role.as_str()));
            }
            for group in &standing.joins {
                lines.push(format!("Joins {}.", names.group(*group).await?.name));
            }
            for group in &standing.leaves {
                lines.push(format!("Leaves {}.", names.group(*group).await?.name));
            }
        }
        Proposed::ChangeSettings { meaning, .. } => {
            if let Some(group) = meaning.administrators {
                let name = names.group(group).await?.name;
                lines.push(format!("Administrators who approve are the group {name}."));
            }
            if let Some(group) = meaning.security {
                lines.push(format!("Security is the group {}.", names.group(group).await?.name));
            }
            if let Some(emergency) = meaning.emergency {
                let whose = match emergency.group {
                    Some(group) => names.group(group).await?.name,
                    None => "nobody".to_owned(),
                };
                let (days, times, within) = (emergency.days, emergency.budget, emergency.budget_days);
                lines.push(format!(
                    "In an emergency: access for {whose}, {days} at a time, {times} times within {within} for a person and a tool."
                ));
            }
            if let Some(days) = meaning.pending_days {
                lines.push(format!("Requests wait {days} for a decision."));
            }
        }
    }
    Ok(lines)
}

async fn tool_changes<S: Store>(
    names: &mut Names<'_, S>,
    tool: ToolId,
    put: &PutTool,
) -> Result<Vec<String>, Failure> {
    let before = load::<Tool>(names.store(), &tool.to_string()).await?;
    let mut lines = Vec::new();
    let mut told = |what: &str, before: Option<String>, after: String| {
        if before.as_ref() != Some(&after) {
            let from = before.map(|before| format!("{before} → ")).unwrap_or_default();
            lines.push(format!("{what}: {from}{after}."));
        }
    };
    let of = |tell: fn(&Tool) -> String| before.as_deref().map(tell);
    told("Name", of(|tool| tool.name.to_string()), put.name.to_string());
    told("Risk", of(|tool| tool.risk.as_str().to_owned()), put.risk.as_str().to_owned());
    told("Status", of(|tool| status(tool.status)), status(put.status));
    told(
        "Data classes",
        of(|tool| list(tool.data_classes.iter().map(|class| class.as_str()))),
        list(put.data_classes.iter().map(|class| class.as_str())),
    );
    told("Longest duration", of(|tool| tool.max_days.to_string()), put.max_days.to_string());
    let review = put.review_days.unwrap_or(Days::of(14));
    told("Review before the end", of(|tool| tool.review_days.to_string()), review.to_string());
    told(
        "In an emergency",
        of(|tool| tool.emergency.as_str().replace('_', " ")),
        put.emergency.as_str().replace('_', " "),
    );
    told("Tags", of(|tool| list(&tool.tags)), list(&put.tags));
    let policy = |given: bool| if given { "to be accepted" } else { "none" }.to_owned();
    told(
        "Usage policy",
        before.as_deref().map(|tool| policy(tool.usage_policy.is_some())),
        policy(put.usage_policy.is_some()),
    );
    let new = of_people(names, &put.owners).await?;
    let old = match &before {
        Some(before) => Some(of_people(names, &before.owners).await?),
        None => None,
    };
    if old.as_ref() != Some(&new) {
        let from = old.map(|old| format!("{old} → ")).unwrap_or_default();
        lines.push(format!("Owners: {from}{new}."));
    }
    Ok(lines)
}

fn status(status: ToolStatus) -> String {
    status.as_str().to_owned()
}

fn list(words: impl IntoIterator<Item = impl Display>) -> String {
    let words: Vec<String> = words.into_iter().map(|word| word.to_string()).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

async fn of_people<S: Store>(
    names: &mut Names<'_, S>,
    people: &BTreeSet<PersonId>,
) -> Result<String, Failure> {
    let mut found = Vec::new();
    for person in people {
        found.push(names.person(*person).await?.name);
    }
    Ok(list(found))
}
