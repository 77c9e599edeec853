use std::collections::BTreeSet;

use serde::Deserialize;

use super::tool::{Category, DataClass, Fulfilment, Risk, Tool, ToolStatus, UsagePolicy};
use crate::emergency::EmergencyUse;
use crate::failure::Failure;
use crate::ids::ToolId;
use crate::text::{Line, Paragraph, WebAddress};
use crate::time::Days;

/// A tool of the starter catalogue as its file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StarterTool {
    slug: String,
    name: Line,
    vendor: Line,
    url: WebAddress,
    category: Category,
    models: Vec<Line>,
    summary: Paragraph,
    guidance: Paragraph,
    risk: Risk,
    data_classes: BTreeSet<DataClass>,
    default_days: Days,
    max_days: Days,
    review_days: Days,
    tags: BTreeSet<Line>,
    usage_policy: Option<UsagePolicy>,
}

/// The tools that ship with the program: really sold, with sensible risk and guidance, for an administrator to adapt.
///
/// # Errors
/// [`Failure::Defect`] when the file that ships is wrong; a test reads it.
pub(super) fn tools() -> Result<Vec<Tool>, Failure> {
    let tools: Vec<StarterTool> = serde_json::from_str(include_str!("starter.json"))
        .map_err(|error| Failure::Defect(format!("starter catalogue: {error}")))?;
    Ok(tools
        .into_iter()
        .map(|tool| Tool {
            id: ToolId::of_name(&tool.slug),
            name: tool.name,
            vendor: tool.vendor,
            url: Some(tool.url),
            category: tool.category,
            models: tool.models,
            summary: tool.summary,
            guidance: Some(tool.guidance),
            risk: tool.risk,
            status: ToolStatus::Requestable,
            data_classes: tool.data_classes,
            usage_policy: tool.usage_policy,
            owners: BTreeSet::new(),
            default_days: tool.default_days,
            max_days: tool.max_days,
            review_days: tool.review_days,
            fulfilment: Fulfilment::RecordOnly,
            connector: None,
            seat_cap: None,
            emergency: EmergencyUse::Never,
            tags: tool.tags,
            version: 1,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starter_catalogue_is_sound() {
        let tools = tools().unwrap();
        assert!(tools.len() >= 24);
        for tool in &tools {
            assert_eq!(tool.validate(), Ok(()), "{}", tool.name);
            let restricted = tool.risk == Risk::Restricted;
            assert!(!restricted || tool.data_classes == BTreeSet::from([DataClass::Public]), "{}", tool.name);
        }
        let names: BTreeSet<_> = tools.iter().map(|tool| tool.name.as_str().to_lowercase()).collect();
        let ids: BTreeSet<_> = tools.iter().map(|tool| tool.id).collect();
        assert_eq!((names.len(), ids.len()), (tools.len(), tools.len()));
        for risk in Risk::ALL {
            assert!(tools.iter().any(|tool| tool.risk == *risk), "no tool of {risk:?} risk");
        }
        for category in Category::ALL {
            assert!(tools.iter().any(|tool| tool.category == *category), "no tool of {category:?}");
        }
    }
}
