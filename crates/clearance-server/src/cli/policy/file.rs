//! A policy as a YAML file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clearance::ids::RuleId;
use clearance::policy::{Conditions, Effect};
use clearance::text::Line;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cli::console::Console;

/// What the file says. Comments are for people.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFile {
    pub(super) rules: Vec<FileRule>,
}

/// A rule of the file; a new one has no id.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRule {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<RuleId>,
    name: Line,
    #[serde(default, skip_serializing_if = "is_always")]
    when: Conditions,
    then: Effect,
}

fn is_always(when: &Conditions) -> bool {
    *when == Conditions::default()
}

impl PolicyFile {
    /// Rules as operations answer them.
    pub(super) fn of(rules: Value) -> serde_json::Result<Self> {
        Ok(Self { rules: serde_json::from_value(rules)? })
    }

    /// What a file says.
    pub(super) fn parse(text: &str) -> Result<Self, serde_saphyr::Error> {
        // Of YAML 1.2: `no` is a word.
        serde_saphyr::from_str_with_options(text, serde_saphyr::options! { strict_booleans: true })
    }

    /// The file, with what ids are called beside them.
    pub(super) fn to_yaml(&self, title: &str, names: &BTreeMap<String, String>) -> anyhow::Result<String> {
        let mut text = format!(
            "# {title}. `clearance policy lint` looks at it, `clearance policy apply` makes it the next version.\n"
        );
        for line in serde_saphyr::to_string(self)?.lines() {
            text.push_str(line);
            let last = line.rsplit([' ', '"']).find(|word| !word.is_empty());
            if let Some(name) = last.and_then(|id| names.get(id)) {
                // A name is one line without control characters.
                write!(text, "  # {name}")?;
            }
            text.push('\n');
        }
        Ok(text)
    }
}

/// What tools, people and groups are called, by id.
pub(super) async fn names(console: &Console) -> anyhow::Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for operation in ["catalog.list", "people.list", "people_groups.list"] {
        for item in console.all(operation).await? {
            let text = |field: &str| item.get(field).and_then(Value::as_str).map(str::to_owned);
            names.extend(text("id").zip(text("name")));
        }
    }
    Ok(names)
}
