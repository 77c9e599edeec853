use std::collections::HashMap;

use super::rule::PlacedRule;
use crate::ids::ToolId;

/// Rules by the tools that they name, so that an evaluation looks only at those that can match.
#[derive(Debug)]
pub struct ByTool<'a> {
    general: Vec<&'a PlacedRule>,
    named: HashMap<ToolId, Vec<&'a PlacedRule>>,
}

impl<'a> ByTool<'a> {
    /// Sorts rules by tool.
    pub fn new(rules: &'a [PlacedRule]) -> Self {
        let mut by_tool = Self { general: Vec::new(), named: HashMap::new() };
        for placed in rules {
            match &placed.rule.when.tools {
                None => by_tool.general.push(placed),
                Some(tools) => {
                    for tool in tools {
                        by_tool.named.entry(*tool).or_default().push(placed);
                    }
                }
            }
        }
        by_tool
    }

    /// The rules that can match requests for a tool.
    pub fn of(&self, tool: Option<ToolId>) -> impl Iterator<Item = &'a PlacedRule> + '_ {
        let named = tool.and_then(|tool| self.named.get(&tool)).into_iter().flatten();
        self.general.iter().chain(named).copied()
    }
}
