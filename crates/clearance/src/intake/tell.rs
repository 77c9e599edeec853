//! Telling issues what became of what they asked for: notices that commits recorded become comments and transitions.

use std::collections::BTreeSet;

use super::issue::IssueOfRequest;
use super::settings::{CommentAudience, JiraSettings, TransitionName};
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::grant::{Grant, GrantState};
use crate::ids::RequestId;
use crate::notices::{About, Audience, Notice};
use crate::people::Names;
use crate::ports::{Environment as _, IssueId, Jira as _, JiraError, MAX_PAGE, Ports, Store};
use crate::request::{Denial, Request, RequestState, SeatWait};
use crate::settings;

/// What one pass told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// Notices that are done with.
    pub told: u32,
    /// Of these, those that Jira refused for good: no such issue, no such transition.
    pub refused: u32,
    /// Seconds after which Jira is to be asked again, because it did not answer.
    pub again_in_seconds: Option<u32>,
}

/// What an issue is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Telling {
    /// For everybody who sees the issue.
    public: Vec<String>,
    /// What agents are told besides.
    internal: Vec<String>,
    /// By which transition the issue is moved.
    transition: Option<TransitionName>,
}

/// Tells what waits to be told, oldest first, until the host's time is over or Jira does not answer.
///
/// A notice may be told twice when a host is killed between telling and forgetting; never not at all.
///
/// # Errors
/// The store's.
pub async fn tell<P: Ports>(ports: &P) -> Result<Told, Failure> {
    let store = ports.store();
    let (mut told, mut after) = (Told::default(), None);
    let mut seen = BTreeSet::new();
    loop {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let select = Select::by(&Notice::BY_TIME, ["all"]);
        let page = documents::list::<Notice>(store, select, &paging).await?;
        for notice in page.items.iter().filter(|notice| notice.to == Audience::Issue) {
            if ports.environment().is_time_up() {
                return Ok(told);
            }
            // Words fit how things stand now: what changed twice meanwhile is told once.
            let first = match notice.about {
                About::Request(request) => seen.insert(request.to_string()),
                About::Grant(grant) => seen.insert(grant.to_string()),
                _ => false,
            };
            match if first { tell_one(ports, notice).await? } else { Ok(()) } {
                Ok(()) => {}
                Err(JiraError::Refused(_) | JiraError::Absent) => told.refused += 1,
                Err(JiraError::Unavailable { retry_after_seconds, .. }) => {
                    told.again_in_seconds = Some(retry_after_seconds.unwrap_or(60));
                    return Ok(told);
                }
            }
            told.told += 1;
            forget(store, notice).await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(told);
        }
    }
}

async fn forget(store: &impl Store, notice: &Loaded<Notice>) -> Result<(), Failure> {
    let mut change = Change::new();
    change.remove(notice);
    // Another host told it, too.
    change.commit_if_first(store).await.map(drop)
}

async fn tell_one<P: Ports>(ports: &P, notice: &Notice) -> Result<Result<(), JiraError>, Failure> {
    let store = ports.store();
    let settings = settings::current(store).await?.jira.clone();
    let (telling, requests) = match notice.about {
        About::Request(request) => match load::<Request>(store, &request.to_string()).await? {
            Some(request) => {
                let tool = Names::new(store).tool(request.tool).await?.name;
                (of_request(&request, &tool, &settings), vec![request.id])
            }
            None => return Ok(Ok(())),
        },
        About::Grant(grant) => match load::<Grant>(store, &grant.to_string()).await? {
            Some(grant) => {
                let tool = Names::new(store).tool(grant.tool).await?.name;
                let extensions = grant.extensions.iter().map(|extension| extension.request);
                let requests = std::iter::once(grant.request).chain(extensions).collect();
                (of_grant(&grant, &tool, &settings), requests)
            }
            None => return Ok(Ok(())),
        },
        About::Left(_)
        | About::EmergencyTaken(_)
        | About::EmergencyWaits(_)
        | About::ToolProposal(_)
        | About::Finding(_)
        | About::Checkpoint(_)
        | About::WiderPolicy(_)
        | About::Wider(_)
        | About::StuckRemovals
        | About::StrandedRequest(_)
        | About::Review(_)
        | About::Exception(_)
        | About::DelegationMade(_)
        | About::DelegationEnded(_) => return Ok(Ok(())),
    };
    let mut outcome = Ok(());
    for issue in issues(store, requests).await? {
        match send(ports, &issue, &settings, &telling).await {
            Ok(()) => {}
            unavailable @ Err(JiraError::Unavailable { .. }) => return Ok(unavailable),
            refused @ Err(_) => outcome = refused,
        }
    }
    Ok(outcome)
}

async fn issues(store: &impl Store, requests: Vec<RequestId>) -> Result<BTreeSet<IssueId>, Failure> {
    let mut issues = BTreeSet::new();
    for request in requests {
        if let Some(link) = load::<IssueOfRequest>(store, &request.to_string()).await? {
            issues.insert(link.into_inner().issue);
        }
    }
    Ok(issues)
}

async fn send<P: Ports>(
    ports: &P,
    issue: &IssueId,
    settings: &JiraSettings,
    telling: &Telling,
) -> Result<(), JiraError> {
    let (internal, paragraphs) = match settings.comments {
        CommentAudience::Off => (false, Vec::new()),
        CommentAudience::Public => (false, telling.public.clone()),
        CommentAudience::Internal => {
            (true, telling.public.iter().chain(&telling.internal).cloned().collect())
        }
    };
    let mut outcome = Ok(());
    if !paragraphs.is_empty() {
        outcome = ports.jira().comment(issue, internal, &paragraphs).await;
    }
    if let (Ok(()) | Err(JiraError::Refused(_)), Some(transition)) = (&outcome, &telling.transition) {
        outcome = outcome.and(ports.jira().transition(issue, transition.as_str()).await);
    }
    outcome
}

fn of_request(request: &Request, tool: &str, settings: &JiraSettings) -> Telling {
    let names = &settings.transitions;
    let say = |public: String, internal: Option<String>, transition: &Option<TransitionName>| Telling {
        public: vec![public],
        internal: internal.into_iter().collect(),
        transition: transition.clone(),
    };
    match &request.state {
        RequestState::Approved { withdrawn: Some(withdrawal), .. } => say(
            format!("The approval of access to {tool} was taken back."),
            withdrawal.rationale.text().map(|rationale| format!("Rationale: {rationale}")),
            &names.closed,
        ),
        RequestState::Approved { days, .. } => {
            say(format!("Access to {tool} was approved for {days}."), None, &names.approved)
        }
        RequestState::Denied { denial, .. } => {
            let internal = match denial {
                // A rule's reason is the organization's policy, and public.
                Denial::Policy { reasons } => {
                    let reasons: Vec<&str> = reasons.iter().map(crate::text::Line::as_str).collect();
                    return say(
                        format!("Access to {tool} was denied by policy. {}", reasons.join(" "))
                            .trim()
                            .to_owned(),
                        None,
                        &names.closed,
                    );
                }
                Denial::Person { rationale, .. } => {
                    rationale.text().map(|rationale| format!("Rationale: {rationale}"))
                }
            };
            say(format!("Access to {tool} was denied."), internal, &names.closed)
        }
        RequestState::NeedsInformation { .. } => {
            let question = request.exchanges.last().and_then(|exchange| exchange.question.text());
            say(
                format!(
                    "An approver has a question about the request for {tool}. Please answer it in this request."
                ),
                question.map(|question| format!("Question: {question}")),
                &names.needs_information,
            )
        }
        RequestState::Cancelled { .. } => {
            say(format!("The request for {tool} was withdrawn."), None, &names.closed)
        }
        RequestState::AwaitingSeat { seat: SeatWait::Listed, .. } => say(
            format!("Access to {tool} was approved. Every seat is taken now; it waits for the next one."),
            None,
            &None,
        ),
        RequestState::AwaitingSeat { seat: SeatWait::Offered { until, .. }, .. } => say(
            format!(
                "A seat of {tool} is free and kept until {}. Accept it in AI Clearance; after that somebody else gets it.",
                until.in_words()
            ),
            None,
            &None,
        ),
        RequestState::Forgone { .. } => say(
            format!(
                "The seat of {tool} was not taken, and went to somebody else. Please ask again if it is still needed."
            ),
            None,
            &names.closed,
        ),
        RequestState::Lapsed { .. } => say(
            format!("Nobody decided the request for {tool} in time. Please ask again if it is still needed."),
            None,
            &names.closed,
        ),
        RequestState::Pending { .. } => Telling::default(),
    }
}

fn of_grant(grant: &Grant, tool: &str, settings: &JiraSettings) -> Telling {
    let names = &settings.transitions;
    let (public, transition) = match grant.state {
        GrantState::AwaitingProvisioning { .. } => (format!("Access to {tool} is being set up."), &None),
        GrantState::Active { ends_at, .. } => {
            (format!("Access to {tool} works until {}.", ends_at.in_words()), &names.active)
        }
        GrantState::Removing { .. } => (format!("Access to {tool} is being taken away."), &None),
        GrantState::Ended { ended_at, .. } => (
            format!("Access to {tool} has ended: it was confirmed gone on {}.", ended_at.in_words()),
            &names.ended,
        ),
        GrantState::NeedsFollowUp { .. } => {
            (format!("Access to {tool} needs somebody to look after it."), &names.needs_follow_up)
        }
    };
    let internal = match grant.state {
        GrantState::NeedsFollowUp { reason, .. } => vec![format!("Reason: {}", reason.as_str())],
        _ => Vec::new(),
    };
    Telling { public: vec![public], internal, transition: transition.clone() }
}
