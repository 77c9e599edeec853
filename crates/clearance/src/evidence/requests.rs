//! The table of all requests, made a page at a time.

use evidence_pack::table::write_row;
use serde::{Deserialize, Serialize};

use super::export::Export;
use super::named::register;
use crate::audit::Actor;
use crate::documents::{Paging, Select, list};
use crate::failure::Failure;
use crate::limits::{self, RateClass, Subject};
use crate::people::Names;
use crate::ports::{Environment as _, MAX_PAGE, Ports};
use crate::request::{Consent, Decider, Request, RequestState};

/// The bytes of a table of requests.
#[derive(Debug)]
pub struct RequestTable {
    export: Export,
    stage: Stage,
    done: u64,
    /// Pages made by this one.
    pages: u64,
}

/// Where a table stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct TablePosition {
    /// The `next` of the page before.
    after: String,
    /// Requests before.
    done: u64,
}

#[derive(Debug)]
enum Stage {
    Begin,
    From(Option<String>),
    Done,
}

impl RequestTable {
    /// The table of an export, from its head on.
    pub(super) fn begin(export: Export) -> Self {
        Self { export, stage: Stage::Begin, done: 0, pages: 0 }
    }

    /// Goes on from where it stood.
    pub(super) fn resume(export: Export, TablePosition { after, done }: TablePosition) -> Self {
        Self { export, stage: Stage::From(Some(after)), done, pages: 0 }
    }

    /// Where it stands behind what was given out; none when it is whole.
    pub(super) fn position(&self) -> Option<TablePosition> {
        match &self.stage {
            Stage::From(Some(after)) => Some(TablePosition { after: after.clone(), done: self.done }),
            Stage::Begin | Stage::From(None) | Stage::Done => None,
        }
    }

    /// Pages made so far.
    pub(super) fn pages(&self) -> u64 {
        self.pages
    }

    /// How many requests were written.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// The next bytes; none when it is whole. Each page is counted against the allowance of whoever exports, and whom it names is
    /// registered, before it is given out.
    ///
    /// # Errors
    /// [`crate::refusal::Code::RateLimited`] when the allowance is used up; the store's.
    pub async fn next<P: Ports>(&mut self, ports: &P) -> Result<Option<Vec<u8>>, Failure> {
        let mut out = Vec::new();
        let after = match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Done => return Ok(None),
            Stage::Begin => {
                head(&mut out);
                None
            }
            Stage::From(after) => after,
        };
        let store = ports.store();
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let page = list::<Request>(store, Select::by(&Request::BY_TIME, ["all"]), &paging).await?;
        if let Actor::Person(person) = self.export.by {
            let items = u32::try_from(page.items.len()).unwrap_or(u32::MAX);
            let counted = [(RateClass::Export, Subject::person(person), items)];
            limits::admit(ports, &counted, ports.environment().now()).await?;
        }
        let decider = |request: &Request| match request.state {
            RequestState::Approved { by: Decider::Person(person), .. }
            | RequestState::AwaitingSeat { consent: Consent { by: Decider::Person(person), .. }, .. }
            | RequestState::Forgone { consent: Consent { by: Decider::Person(person), .. }, .. } => {
                Some(person)
            }
            _ => None,
        };
        let named = page.items.iter().flat_map(|request| {
            let deciders = decider(request).into_iter().chain(request.decided_on_behalf_of());
            deciders.chain([request.requester])
        });
        register(ports, &self.export, named).await?;
        let mut names = Names::new(store);
        for request in &page.items {
            let (by, grant) = match &request.state {
                RequestState::Approved { by, grant, .. } => (Some(*by), grant.to_string()),
                RequestState::AwaitingSeat { consent, .. } | RequestState::Forgone { consent, .. } => {
                    (Some(consent.by), String::new())
                }
                _ => (None, String::new()),
            };
            let decided_by = match by {
                Some(Decider::Policy) => "policy".to_owned(),
                Some(Decider::Emergency) => "emergency".to_owned(),
                Some(Decider::Person(person)) => {
                    let by = names.person(person).await?.name;
                    match names.person_if(request.decided_on_behalf_of()).await? {
                        Some(delegator) => format!("{by} for {}", delegator.name),
                        None => by,
                    }
                }
                None => String::new(),
            };
            let state = request.state_name();
            let classes: Vec<&str> = request.data_classes.iter().map(|class| class.as_str()).collect();
            let closed = request.closed_at().map(|at| at.to_string()).unwrap_or_default();
            let purpose = request.purpose.text().map_or("(destroyed)", |text| text.as_str());
            write_row(
                &mut out,
                [
                    request.id.to_string().as_str(),
                    state,
                    &request.submitted_at.to_string(),
                    &names.person(request.requester).await?.name,
                    &request.requester.to_string(),
                    &names.tool(request.tool).await?.name,
                    &request.tool.to_string(),
                    &request.days.get().to_string(),
                    &classes.join(" "),
                    &request.evaluation.policy_version.to_string(),
                    &closed,
                    &decided_by,
                    &grant,
                    purpose,
                ],
            );
            self.done += 1;
        }
        self.pages += 1;
        self.stage = page.next.map_or(Stage::Done, |next| Stage::From(Some(next)));
        Ok(Some(out))
    }
}

fn head(out: &mut Vec<u8>) {
    write_row(
        out,
        [
            "request",
            "state",
            "submitted at",
            "requester",
            "requester id",
            "tool",
            "tool id",
            "days",
            "data classes",
            "policy version",
            "closed at",
            "decided by",
            "grant",
            "purpose",
        ],
    );
}
