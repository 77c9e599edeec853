use std::collections::{BTreeSet, HashMap};

use futures_util::future::{try_join, try_join_all};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Group, Person};
use crate::audit::Actor;
use crate::catalog::{Tool, ToolRef};
use crate::documents::{Document, Loaded, load};
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
    tools: HashMap<ToolId, Option<Tool>>,
}

/// Documents that are read at once: pages are longer than what some hosts let one reader ask for in one moment.
const AT_ONCE: usize = 25;

/// Reads documents by their keys, many at a time.
async fn load_all<D: Document>(store: &impl Store, keys: Vec<String>) -> Result<Vec<Loaded<D>>, Failure> {
    let mut found = Vec::with_capacity(keys.len());
    for some in keys.chunks(AT_ONCE) {
        let loaded = try_join_all(some.iter().map(|key| load::<D>(store, key))).await?;
        found.extend(loaded.into_iter().flatten());
    }
    Ok(found)
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
        self.tools.insert(tool.id, Some(tool.clone()));
    }

    /// Looks up what a list is about to name, all at once: one after the other each is a round of its own where the store is far away.
    pub async fn look_up(
        &mut self,
        mut people: BTreeSet<PersonId>,
        mut tools: BTreeSet<ToolId>,
    ) -> Result<(), Failure> {
        people.retain(|id| !self.people.contains_key(id));
        tools.retain(|id| !self.tools.contains_key(id));
        let (found, of_tools) = try_join(
            load_all::<Person>(self.store, people.iter().map(ToString::to_string).collect()),
            load_all::<Tool>(self.store, tools.iter().map(ToString::to_string).collect()),
        )
        .await?;
        self.people.extend(people.into_iter().map(|id| (id, super::ERASED_NAME.to_owned())));
        self.people.extend(found.iter().map(|person| (person.id, person.name.to_string())));
        self.tools.extend(tools.into_iter().map(|id| (id, None)));
        self.tools.extend(of_tools.into_iter().map(|tool| (tool.id, Some(tool.into_inner()))));
        Ok(())
    }

    /// A person's name.
    pub async fn person(&mut self, id: PersonId) -> Result<PersonRef, Failure> {
        if !self.people.contains_key(&id) {
            self.look_up(BTreeSet::from([id]), BTreeSet::new()).await?;
        }
        let name = self.people.get(&id).cloned().unwrap_or_else(|| super::ERASED_NAME.to_owned());
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

    /// A tool, for views that show more of it than its name.
    pub async fn tool_itself(&mut self, id: ToolId) -> Result<Option<&Tool>, Failure> {
        if !self.tools.contains_key(&id) {
            self.look_up(BTreeSet::new(), BTreeSet::from([id])).await?;
        }
        Ok(self.tools.get(&id).and_then(Option::as_ref))
    }

    /// A tool's name.
    pub async fn tool(&mut self, id: ToolId) -> Result<ToolRef, Failure> {
        let tool = self.tool_itself(id).await?;
        let name = tool.map_or_else(|| "(unknown tool)".to_owned(), |tool| tool.name.to_string());
        Ok(ToolRef { id, name })
    }
}
