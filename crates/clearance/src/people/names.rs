use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Group, Person};
use crate::audit::Actor;
use crate::catalog::{Tool, ToolRef};
use crate::documents::load;
use crate::failure::Failure;
use crate::ids::{GroupId, PersonId, ToolId};
use crate::ports::Store;

/// A person as views name them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PersonRef {
    /// Their id.
    pub id: PersonId,
    /// Their name; `Erased person` when it was destroyed.
    pub name: String,
}

/// A group as views name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GroupRef {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: String,
}

/// Who did something, as views name them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Who {
    /// A person.
    Person(PersonRef),
    /// Whoever works at the host's command line.
    Console,
    /// The program itself: policy, clockwork.
    System,
}

/// Looks names up for one answer, each once.
#[derive(Debug)]
pub struct Names<'a, S> {
    store: &'a S,
    people: HashMap<PersonId, String>,
    groups: HashMap<GroupId, String>,
    tools: HashMap<ToolId, String>,
}

impl<'a, S: Store> Names<'a, S> {
    /// Nothing looked up yet.
    pub fn new(store: &'a S) -> Self {
        Self { store, people: HashMap::new(), groups: HashMap::new(), tools: HashMap::new() }
    }

    /// Where names are looked up.
    pub fn store(&self) -> &'a S {
        self.store
    }

    /// Takes the name of a person who is loaded already.
    pub fn know_person(&mut self, person: &Person) {
        self.people.insert(person.id, person.name.to_string());
    }

    /// Takes the name of a tool that is loaded already.
    pub fn know_tool(&mut self, tool: &Tool) {
        self.tools.insert(tool.id, tool.name.to_string());
    }

    /// A person's name.
    pub async fn person(&mut self, id: PersonId) -> Result<PersonRef, Failure> {
        if let Some(name) = self.people.get(&id) {
            return Ok(PersonRef { id, name: name.clone() });
        }
        let person = load::<Person>(self.store, &id.to_string()).await?;
        let name = person.map_or_else(|| super::ERASED_NAME.to_owned(), |person| person.name.to_string());
        self.people.insert(id, name.clone());
        Ok(PersonRef { id, name })
    }

    /// The name of a person, if there is one.
    pub async fn person_if(&mut self, id: Option<PersonId>) -> Result<Option<PersonRef>, Failure> {
        match id {
            Some(id) => Ok(Some(self.person(id).await?)),
            None => Ok(None),
        }
    }

    /// Who an actor is.
    pub async fn who(&mut self, actor: Actor) -> Result<Who, Failure> {
        Ok(match actor {
            Actor::Person(id) => Who::Person(self.person(id).await?),
            Actor::Console => Who::Console,
            Actor::System => Who::System,
        })
    }

    /// A group's name.
    pub async fn group(&mut self, id: GroupId) -> Result<GroupRef, Failure> {
        if let Some(name) = self.groups.get(&id) {
            return Ok(GroupRef { id, name: name.clone() });
        }
        let group = load::<Group>(self.store, &id.to_string()).await?;
        let name = group.map_or_else(|| "(unknown group)".to_owned(), |group| group.name.to_string());
        self.groups.insert(id, name.clone());
        Ok(GroupRef { id, name })
    }

    /// A tool's name.
    pub async fn tool(&mut self, id: ToolId) -> Result<ToolRef, Failure> {
        if let Some(name) = self.tools.get(&id) {
            return Ok(ToolRef { id, name: name.clone() });
        }
        let tool = load::<Tool>(self.store, &id.to_string()).await?;
        let name = tool.map_or_else(|| "(unknown tool)".to_owned(), |tool| tool.name.to_string());
        self.tools.insert(id, name.clone());
        Ok(ToolRef { id, name })
    }
}
