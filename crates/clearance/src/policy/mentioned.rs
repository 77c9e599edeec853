use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::evaluate::{Outcome, PlannedStage};
use super::rule::{Approvers, Effect, Rule, StageRule};
use crate::catalog::ToolRef;
use crate::failure::Failure;
use crate::ids::{GroupId, PersonId, ToolId};
use crate::people::{GroupRef, Names, PersonRef};
use crate::ports::Store;

/// What tools, groups and people are called that rules or outcomes mention by their ids.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Mentioned {
    /// Tools that conditions name.
    pub tools: Vec<ToolRef>,
    /// Groups of requesters, and groups who decide.
    pub groups: Vec<GroupRef>,
    /// People who decide.
    pub people: Vec<PersonRef>,
}

/// The ids that rules or outcomes mention.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    tools: BTreeSet<ToolId>,
    groups: BTreeSet<GroupId>,
    people: BTreeSet<PersonId>,
}

impl Mentions {
    /// Of rules.
    pub(super) fn of_rules<'a>(rules: impl IntoIterator<Item = &'a Rule>) -> Self {
        let mut mentions = Self::default();
        for rule in rules {
            mentions.tools.extend(rule.when.tools.iter().flatten());
            mentions.groups.extend(rule.when.requester_groups.iter().flatten());
            if let Effect::RequireStages { stages } = &rule.then {
                mentions.add(stages.iter().flat_map(StageRule::names));
            }
        }
        mentions
    }

    /// Of outcomes.
    pub(super) fn of_outcomes<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut mentions = Self::default();
        for outcome in outcomes {
            if let Outcome::Stages { stages } = outcome {
                mentions.add(stages.iter().flat_map(PlannedStage::names));
            }
        }
        mentions
    }

    fn add<'a>(&mut self, approvers: impl IntoIterator<Item = &'a Approvers>) {
        for approvers in approvers {
            match approvers {
                Approvers::Person(person) => drop(self.people.insert(*person)),
                Approvers::Group(group) => drop(self.groups.insert(*group)),
                Approvers::ToolOwners
                | Approvers::Manager
                | Approvers::Security
                | Approvers::Administrators => {}
            }
        }
    }

    /// What they are called.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(super) async fn named<S: Store>(self, names: &mut Names<'_, S>) -> Result<Mentioned, Failure> {
        let mut mentioned = Mentioned::default();
        for tool in self.tools {
            mentioned.tools.push(names.tool(tool).await?);
        }
        for group in self.groups {
            mentioned.groups.push(names.group(group).await?);
        }
        for person in self.people {
            mentioned.people.push(names.person(person).await?);
        }
        Ok(mentioned)
    }
}
