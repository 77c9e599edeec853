//! What an item says: in words that fit how things stand now, and only while it is for its reader.

mod access;
mod delegations;
mod emergency;
mod exceptions;
mod left;
mod oversight;
mod requests;
mod reviews;
mod stuck;
mod tool_proposals;

use schemars::JsonSchema;
use serde::Serialize;

use super::topic::Capacity;
use super::{About, InboxItem};
use crate::documents::Loaded;
use crate::failure::Failure;
use crate::people::{Names, Person};
use crate::ports::Store;
use crate::settings::{self, Settings};
use crate::time::Timestamp;

/// Where to see what an item is about, and do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// A request that waits for the reader's decision.
    Approval,
    /// A request.
    Request,
    /// A tool of the catalogue, where access can be asked for.
    Tool,
    /// A policy version.
    PolicyVersion,
    /// The removals that are stuck.
    StuckRemovals,
    /// The active policy.
    Policy,
    /// The log's checkpoints.
    Checkpoint,
    /// Emergency access that the reader took, or that of their tools.
    Emergency,
    /// All emergency access.
    EmergencyOversight,
    /// A tool that the reader proposes.
    ProposedTool,
    /// A proposed tool that the reader may assess.
    ToolAssessment,
    /// Reviews that the reader can decide.
    Reviews,
    /// Access that somebody has.
    Access,
    /// Exceptions.
    Exceptions,
    /// For whom the reader decides, and who decides for them.
    Delegations,
    /// The governance log.
    Log,
}

/// Where to see what an item is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Link {
    /// What is there.
    pub kind: LinkKind,
    /// The thing's id or number; none where there is a single place.
    pub id: Option<String>,
}

impl Link {
    fn to(kind: LinkKind, id: impl ToString) -> Self {
        Self { kind, id: Some(id.to_string()) }
    }

    fn at(kind: LinkKind) -> Self {
        Self { kind, id: None }
    }

    /// The place on the pages, behind the site's address.
    pub(super) fn path(&self) -> String {
        let id = self.id.as_deref().unwrap_or_default();
        match self.kind {
            LinkKind::Approval | LinkKind::Request => format!("/app#/requests/{id}"),
            LinkKind::Tool => format!("/app#/tools/{id}"),
            LinkKind::PolicyVersion => format!("/admin#/governance/versions/{id}"),
            LinkKind::StuckRemovals => "/admin#/jobs?stuck=true".to_owned(),
            LinkKind::Policy => "/admin#/governance".to_owned(),
            LinkKind::Checkpoint | LinkKind::Log => "/admin#/log".to_owned(),
            LinkKind::Emergency => "/app#/emergency".to_owned(),
            LinkKind::EmergencyOversight => "/admin#/emergency".to_owned(),
            LinkKind::ProposedTool => format!("/app#/proposed-tools/{id}"),
            LinkKind::ToolAssessment => format!("/admin#/proposed-tools/{id}"),
            LinkKind::Reviews => "/app#/reviews".to_owned(),
            LinkKind::Access => format!("/app#/access/{id}"),
            LinkKind::Exceptions => "/admin#/governance/exceptions".to_owned(),
            LinkKind::Delegations => "/app#/delegations".to_owned(),
        }
    }
}

/// What an item says now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// One line.
    pub(super) subject: String,
    /// Sentences.
    pub(super) text: String,
    /// Until when something can be done.
    pub(super) deadline: Option<Timestamp>,
    /// What happens otherwise: the end of a sentence that begins `Otherwise`.
    pub(super) otherwise: Option<&'static str>,
    /// Whether the reader is asked to do something; an item that asks disappears when it cannot be done any more.
    pub(super) asks: bool,
    /// Where to see it, and do it.
    pub(super) link: Link,
    /// What an e-mail holds besides.
    pub(super) attached: Option<String>,
}

impl Told {
    /// News: nothing is asked.
    fn news(subject: String, text: String, link: Link) -> Self {
        Self { subject, text, deadline: None, otherwise: None, asks: false, link, attached: None }
    }

    /// Something is asked, until a deadline.
    fn asks(
        subject: String,
        text: String,
        (deadline, otherwise): (Timestamp, &'static str),
        link: Link,
    ) -> Self {
        let (deadline, otherwise) = (Some(deadline), Some(otherwise));
        Self { subject, text, deadline, otherwise, asks: true, link, attached: None }
    }
}

/// Finds out what items say, and looks each name up once.
pub(super) struct Teller<'a, S> {
    store: &'a S,
    names: Names<'a, S>,
    now: Timestamp,
    settings: Option<Loaded<Settings>>,
    /// What nobody decides or owns: found out once for all items about leavers.
    unattended: Option<Vec<String>>,
}

impl<'a, S: Store> Teller<'a, S> {
    pub(super) fn new(store: &'a S, now: Timestamp) -> Self {
        Self { store, names: Names::new(store), now, settings: None, unattended: None }
    }

    /// The site's settings.
    pub(super) async fn settings(&mut self) -> Result<&Settings, Failure> {
        let settings = match self.settings.take() {
            Some(settings) => settings,
            None => settings::current(self.store).await?,
        };
        Ok(self.settings.insert(settings))
    }

    /// What an item says to its reader now; nothing when it is over, or not for them any more.
    pub(super) async fn tell(&mut self, item: &InboxItem, reader: &Person) -> Result<Option<Told>, Failure> {
        if !reader.is_active() || reader.id != item.person || !item.capacity.admits(reader.role) {
            return Ok(None);
        }
        match (item.about, item.capacity) {
            (About::Request(request), Capacity::Approver) => self.of_waiting_request(request, reader).await,
            (About::Request(request), _) => self.of_own_request(request, reader).await,
            // Grants are told of in the issue that asked for them.
            (About::Grant(_), _) => Ok(None),
            (About::Finding(finding), _) => self.of_finding(finding, reader).await,
            (About::Checkpoint(size), _) => self.of_checkpoint(size).await,
            (About::WiderPolicy(number), _) => self.of_wider_policy(number).await,
            (About::Left(person), _) => self.of_leaver(person).await,
            (About::EmergencyTaken(taken), as_what) => self.of_emergency(taken, as_what, reader).await,
            (About::EmergencyWaits(taken), Capacity::Own) => self.of_own_emergency(taken, reader).await,
            (About::EmergencyWaits(taken), as_what) => {
                self.of_emergency_to_review(taken, as_what, reader, item.at).await
            }
            (About::ToolProposal(proposal), Capacity::Own) => self.of_own_proposal(proposal, reader).await,
            (About::ToolProposal(proposal), _) => self.of_proposal_to_assess(proposal, reader).await,
            (About::Wider(wider), _) => self.of_wider(wider).await.map(Some),
            (About::StuckRemovals, _) => self.of_stuck_removals(item.at).await,
            (About::StrandedRequest(request), _) => self.of_stranded_request(request).await,
            (About::Review(review), Capacity::Approver) => self.of_waiting_review(review, reader).await,
            (About::Review(review), _) => self.of_own_review(review, reader).await,
            (About::Exception(exception), _) => self.of_exception(exception, reader, item.at).await,
            (About::DelegationMade(delegator), _) => self.of_delegation(delegator, reader).await,
            (About::DelegationEnded(delegator), _) => self.of_ended_delegation(delegator, reader).await,
        }
    }
}
