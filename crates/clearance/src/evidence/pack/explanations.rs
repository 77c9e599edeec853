//! The part of a pack that explains its records: texts, rules, tables, people and the report.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use evidence_pack::layout::{POLICIES, REPORT};
use evidence_pack::lines::Document;
use serde_json::json;

use super::{Pack, Stage};
use crate::documents::load;
use crate::drift::Finding;
use crate::evidence::policies;
use crate::evidence::register::ExportScope;
use crate::evidence::report::{self, Quoted};
use crate::evidence::span::page;
use crate::evidence::tables;
use crate::exception::Exception;
use crate::failure::Failure;
use crate::ids::{ExceptionId, RequestId, ReviewId};
use crate::people::{ERASED_NAME, Names, Person};
use crate::ports::{MAX_LOG_PAGE, Ports, Store, StoreError};
use crate::request::Request;
use crate::review::Review;
use crate::text::CommittedText;

/// Documents loaded at a time, between two looks at what can be given out.
const LOADED_AT_A_TIME: usize = 64;

impl Pack {
    pub(super) async fn documents<P: Ports>(
        &mut self,
        ports: &P,
        after: Option<String>,
    ) -> Result<Stage, Failure> {
        let begin = after.map_or(Bound::Unbounded, Bound::Excluded);
        let ids = self.story.described.range((begin, Bound::Unbounded));
        let ids: Vec<String> = ids.take(LOADED_AT_A_TIME).cloned().collect();
        let Some(last) = ids.last().cloned() else { return self.begin_policies(ports).await };
        for id in ids {
            for (kind, text) in texts_of(ports.store(), &id).await? {
                let Some(commitment) = text.commitment() else { continue };
                let CommittedText::Kept { text, salt } = text else { continue };
                // What was written after the checkpoint is in no record of the pack.
                if !self.story.commitments.contains(&commitment) {
                    continue;
                }
                let document = Document {
                    commitment,
                    kind: kind.to_owned(),
                    object: id.clone(),
                    salt,
                    text: text.as_str().to_owned(),
                };
                self.writer
                    .write_with(|out| document.write(out))
                    .map_err(|error| Failure::Defect(error.to_string()))?;
            }
        }
        Ok(Stage::Documents(Some(last)))
    }

    pub(super) async fn begin_policies<P: Ports>(&mut self, ports: &P) -> Result<Stage, Failure> {
        if let ExportScope::Period { from, until } = self.export.scope {
            self.story.versions.extend(policies::in_force(ports.store(), (from, until)).await?);
        }
        self.file(POLICIES)?;
        Ok(Stage::Policies(None))
    }

    pub(super) async fn policies<P: Ports>(
        &mut self,
        ports: &P,
        after: Option<u32>,
    ) -> Result<Stage, Failure> {
        let next =
            self.story.versions.iter().copied().find(|version| after.is_none_or(|after| *version > after));
        let Some(version) = next else { return Ok(Stage::Anchors) };
        let mut rules = Vec::new();
        policies::write(ports.store(), version, &mut rules).await?;
        self.writer.write(&rules);
        Ok(Stage::Policies(Some(version)))
    }

    pub(super) async fn records_table<P: Ports>(&mut self, ports: &P, from: usize) -> Result<Stage, Failure> {
        let rest = self.selected.get(from..).unwrap_or_default();
        let Some((first, _)) = rest.first().copied() else { return Ok(Stage::GrantsTable) };
        let near = rest.iter().take_while(|(index, _)| index - first < u64::from(MAX_LOG_PAGE));
        let (count, last) = near.fold((0, first), |(count, _), (index, _)| (count + 1, *index));
        let entries = page(ports.store(), first, last + 1).await?;
        let mut wanted = rest.iter().take(count).map(|(index, _)| *index).peekable();
        let mut rows = Vec::new();
        for entry in &entries {
            if wanted.next_if_eq(&entry.index).is_some() {
                tables::records_row(&mut rows, entry)?;
            }
        }
        if wanted.peek().is_some() {
            return Err(StoreError::Damaged(format!("entries from {first} on are missing")).into());
        }
        self.writer.write(&rows);
        Ok(Stage::RecordsTable(from + count))
    }

    pub(super) async fn identities<P: Ports>(&mut self, ports: &P, from: usize) -> Result<Stage, Failure> {
        let some: Vec<_> = self.labels.people().skip(from).take(LOADED_AT_A_TIME).collect();
        if some.is_empty() {
            self.writer.write(b"\n]}\n");
            self.file(REPORT)?;
            let head = report::head(&self.export, &self.anchor.origin, &self.story);
            self.writer.write(head.as_bytes());
            return Ok(Stage::Report(None));
        }
        for (id, number) in &some {
            let person = load::<Person>(ports.store(), &id.to_string()).await?;
            let person = person.filter(|person| !is_erased(person));
            let line = json!({
                "id": id,
                "label": format!("Person {number}"),
                "name": person.as_ref().map(|person| person.name.as_str()),
                "email": person.as_ref().and_then(|person| person.email.as_ref()),
                "erased": person.is_none(),
            });
            let comma = if *number == 1 { "" } else { "," };
            self.writer.write(format!("{comma}\n{line}").as_bytes());
        }
        Ok(Stage::Identities(from + some.len()))
    }

    pub(super) async fn report<P: Ports>(
        &mut self,
        ports: &P,
        after: Option<String>,
    ) -> Result<Stage, Failure> {
        let store = ports.store();
        let ids: Vec<String> = following(&self.story.grants, after);
        let Some(last) = ids.last().cloned() else {
            self.writer.write(report::foot(&self.story, &self.labels).as_bytes());
            return Ok(Stage::Close);
        };
        let mut names = Names::new(store);
        for id in ids {
            let Some(grant) = self.story.grants.get(&id) else { continue };
            let tool = match grant.tool {
                Some(tool) => format!("{} ({tool})", names.tool(tool).await?.name),
                None => tables::UNKNOWN.to_owned(),
            };
            let mut quoted = Vec::new();
            let exceptions =
                grant.requests.iter().filter_map(|id| self.story.requests.get(id)?.exception.clone());
            let described: BTreeSet<String> = grant.described.iter().cloned().chain(exceptions).collect();
            for id in grant.requests.iter().chain(&described) {
                for (kind, text) in texts_of(store, id).await? {
                    let known = text.commitment().is_none_or(|hash| self.story.commitments.contains(&hash));
                    let text = text.text().map(|text| text.as_str().to_owned());
                    quoted.extend(known.then(|| Quoted { object: id.clone(), kind, text }));
                }
            }
            let section = report::grant(&id, grant, &tool, &quoted, &self.story, &self.labels);
            self.writer.write(section.as_bytes());
        }
        Ok(Stage::Report(Some(last)))
    }
}

/// The texts of what an id names, each with what it is.
async fn texts_of(store: &impl Store, id: &str) -> Result<Vec<(&'static str, CommittedText)>, Failure> {
    fn owned<'a>(
        texts: impl IntoIterator<Item = (&'static str, &'a CommittedText)>,
    ) -> Vec<(&'static str, CommittedText)> {
        texts.into_iter().map(|(kind, text)| (kind, text.clone())).collect()
    }
    if id.parse::<RequestId>().is_ok() {
        let request = load::<Request>(store, id).await?;
        return Ok(request.map(|request| owned(request.texts())).unwrap_or_default());
    }
    if id.parse::<ReviewId>().is_ok() {
        let review = load::<Review>(store, id).await?;
        let texts =
            |review: &Review| owned(review.texts().into_iter().map(|(_, text)| ("review_reason", text)));
        return Ok(review.map(|review| texts(&review)).unwrap_or_default());
    }
    if id.parse::<ExceptionId>().is_ok() {
        let exception = load::<Exception>(store, id).await?;
        return Ok(exception.map(|of| vec![("exception_reason", of.reason.clone())]).unwrap_or_default());
    }
    let finding = load::<Finding>(store, id).await?;
    let reason = finding.and_then(|finding| finding.disposition()?.reason.clone());
    Ok(reason.map(|reason| ("finding_reason", reason)).into_iter().collect())
}

/// The next keys after one.
fn following<T>(map: &BTreeMap<String, T>, after: Option<String>) -> Vec<String> {
    let begin = after.map_or(Bound::Unbounded, Bound::Excluded);
    map.range((begin, Bound::Unbounded)).take(LOADED_AT_A_TIME).map(|(key, _)| key.clone()).collect()
}

/// Whether this is what is left of an erased person.
fn is_erased(person: &Person) -> bool {
    person.email.is_none() && person.name.as_str() == ERASED_NAME
}
