//! Notices: messages that a commit decided to send, kept until a host has sent them.
//!
//! Who is meant is settled when a notice is sent, so that nobody is told of what is not theirs any more. A notice may be sent twice when a
//! host is killed between sending and forgetting; never not at all.

mod stuck;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::approval::{Circle, Selector};
use crate::audit::PublishedCheckpoint;
use crate::documents::{self, Change, Document, Loaded, Paging, Select, load};
use crate::drift::{Finding, Remedy};
use crate::failure::Failure;
use crate::grant::Grant;
use crate::ids::{FindingId, GrantId, NoticeId, PersonId, RequestId};
use crate::people::{Membership, Names, Person, Role};
use crate::policy::PolicyVersion;
use crate::ports::{Attributes, Index, Kind, Moment, Store};
use crate::request::{Request, RequestState, Source};
use crate::settings::{self, Settings};
use crate::text::{EmailAddress, Line};
use crate::time::Timestamp;

/// Most people told by one notice.
const MAX_RECIPIENTS: u16 = 50;

/// A notice that waits to be sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// What it is about.
    #[serde(flatten)]
    pub about: About,
    /// To whom.
    pub to: Audience,
    /// Since when it waits.
    pub at: Timestamp,
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A request.
    Request(RequestId),
    /// A grant.
    Grant(GrantId),
    /// A finding: the person has access that nobody approved, and is to ask for it.
    Finding(FindingId),
    /// The log's checkpoint of this size, to be kept where the site's operator cannot change it.
    Checkpoint(u64),
    /// The policy version of this number gives more than the one before it.
    WiderPolicy(u32),
    /// Removals that are stuck.
    StuckRemovals,
}

/// Whom a notice is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// One person.
    Person(PersonId),
    /// Whoever may decide.
    Approvers(BTreeSet<Selector>),
    /// Everybody with the auditor role.
    Auditors,
    /// Everybody with the administrator role.
    Administrators,
    /// Whoever reads the Jira issue that asked.
    Issue,
}

impl Notice {
    /// Notices, oldest first.
    pub const BY_TIME: Index = Index { name: "by_time", partition: &["all"], range: "at" };
}

impl Document for Notice {
    const KIND: &'static Kind =
        &Kind { name: "notice", attributes: &["all", "at"], indexes: &[Self::BY_TIME] };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        vec![Some("all".to_owned()), Some(self.at.to_string())]
    }
}

/// Tells those who can decide a request's open stage; tells the requester when it was decided at once.
pub(crate) fn request_submitted(change: &mut Change, circle: Circle<'_>, moment: &Moment, request: &Request) {
    let settings = circle.settings;
    let Some(review) = request.review() else {
        request_closed(change, settings, moment, request);
        return;
    };
    let selectors = review.open.plan.approvers.iter().map(|approvers| circle.selector(*approvers));
    queue(change, settings, moment, request, Audience::Approvers(selectors.collect()));
}

/// Tells the requester what became of a request, or that something is asked of them.
pub(crate) fn request_closed(change: &mut Change, settings: &Settings, moment: &Moment, request: &Request) {
    queue(change, settings, moment, request, Audience::Person(request.requester));
}

/// Tells the issue that asked for a grant what became of it.
pub(crate) fn grant_changed(change: &mut Change, moment: &Moment, grant: &Grant) {
    if grant.told_in_issue {
        let (id, about) = (NoticeId::new(moment, "issue_notice", 1), About::Grant(grant.id));
        change.insert(&Notice { id, about, to: Audience::Issue, at: moment.now });
    }
}

fn queue(change: &mut Change, settings: &Settings, moment: &Moment, request: &Request, to: Audience) {
    // Issues are told of decisions and questions; who is to decide is shown beside them.
    if request.source == Source::Portal && !matches!(to, Audience::Approvers(_)) {
        let (id, about) = (NoticeId::new(moment, "issue_notice", 0), About::Request(request.id));
        change.insert(&Notice { id, about, to: Audience::Issue, at: moment.now });
    }
    let request = request.id;
    if settings.email_notices {
        let id = NoticeId::new(moment, "notice", 0);
        change.insert(&Notice { id, about: About::Request(request), to, at: moment.now });
    }
}

/// Asks a person to ask for access that they have without anybody's approval.
pub(crate) fn ask_for_access(
    change: &mut Change,
    settings: &Settings,
    moment: &Moment,
    finding: FindingId,
    person: PersonId,
) {
    if settings.email_notices {
        let id = NoticeId::new(moment, "notice", 2);
        let (about, to) = (About::Finding(finding), Audience::Person(person));
        change.insert(&Notice { id, about, to, at: moment.now });
    }
}

/// Sends a checkpoint to the auditors. Whether notices are sent at all is for the caller to know.
pub(crate) fn checkpoint_published(change: &mut Change, moment: &Moment, size: u64) {
    let id = NoticeId::new(moment, "notice", 1);
    change.insert(&Notice { id, about: About::Checkpoint(size), to: Audience::Auditors, at: moment.now });
}

/// Tells the auditors of a policy version that gives more than the one before it.
pub(crate) fn wider_policy(change: &mut Change, settings: &Settings, moment: &Moment, number: u32) {
    if settings.email_notices {
        let id = NoticeId::new(moment, "notice", 3);
        let (about, to) = (About::WiderPolicy(number), Audience::Auditors);
        change.insert(&Notice { id, about, to, at: moment.now });
    }
}

/// Tells administrators of removals that are stuck, and auditors if they are to know as well.
pub(crate) fn removals_stuck(change: &mut Change, settings: &Settings, moment: &Moment, auditors: bool) {
    if settings.email_notices {
        let told = [(4, Audience::Administrators, true), (5, Audience::Auditors, auditors)];
        for (number, to, _) in told.into_iter().filter(|(_, _, told)| *told) {
            let id = NoticeId::new(moment, "notice", number);
            change.insert(&Notice { id, about: About::StuckRemovals, to, at: moment.now });
        }
    }
}

/// A message ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// To whom.
    pub to: EmailAddress,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// Notices that wait, oldest first.
pub async fn waiting(store: &impl Store) -> Result<Vec<Loaded<Notice>>, Failure> {
    let paging = Paging { after: None, limit: Some(crate::ports::MAX_PAGE) };
    Ok(documents::list::<Notice>(store, Select::by(&Notice::BY_TIME, ["all"]), &paging).await?.items)
}

/// Forgets a notice that was sent, or that nobody is to get any more.
///
/// # Errors
/// [`crate::ports::StoreError::Conflict`] when another host forgot it first.
pub async fn forget(store: &impl Store, notice: &Loaded<Notice>) -> Result<(), Failure> {
    let mut change = Change::new();
    change.remove(notice);
    store.commit(change.into_commit()?).await?;
    Ok(())
}

/// The messages of a notice: to whom it means now, in words that fit how the request stands now.
///
/// `public_url` is where the pages are; the message links there.
pub async fn messages(
    store: &impl Store,
    notice: &Notice,
    public_url: &str,
) -> Result<Vec<Message>, Failure> {
    let request = match notice.about {
        _ if notice.to == Audience::Issue => return Ok(Vec::new()),
        About::Request(request) => request,
        About::Grant(_) => return Ok(Vec::new()),
        About::Checkpoint(size) => return checkpoint_messages(store, size).await,
        About::WiderPolicy(number) => return wider_policy_messages(store, number, public_url).await,
        About::StuckRemovals => return stuck::messages(store, notice, public_url).await,
        About::Finding(finding) => return finding_messages(store, finding, public_url).await,
    };
    let Some(request) = load::<Request>(store, &request.to_string()).await? else {
        return Ok(Vec::new());
    };
    let mut names = Names::new(store);
    let requester = names.person(request.requester).await?.name;
    let tool = names.tool(request.tool).await?.name;
    let organization = settings::current(store).await?.organization.clone();
    let mut recipients = BTreeSet::new();
    let (subject, lines) = match &notice.to {
        Audience::Approvers(selectors) => {
            let Some(review) = request.review() else { return Ok(Vec::new()) };
            for selector in selectors {
                add_recipients(store, *selector, &mut recipients).await?;
            }
            recipients.remove(&request.requester);
            recipients.retain(|person| !review.deciders().contains(person));
            let lines = format!(
                "{requester} asks for {tool} for {}.\nIt waits for your decision until {}; after that it lapses.\n\n{public_url}/app#/approvals",
                request.days, review.deadline
            );
            (format!("{requester} asks for {tool}"), lines)
        }
        Audience::Person(person) => {
            recipients.insert(*person);
            let what = match &request.state {
                RequestState::Approved { .. } => format!("Your request for {tool} was approved."),
                RequestState::Denied { .. } => format!("Your request for {tool} was denied."),
                RequestState::NeedsInformation { .. } => {
                    format!("An approver has a question about your request for {tool}.")
                }
                RequestState::Cancelled { .. } => format!("Your request for {tool} was withdrawn."),
                RequestState::Lapsed { .. } => {
                    format!("Nobody decided your request for {tool} in time; ask again if you still need it.")
                }
                RequestState::Pending { .. } => return Ok(Vec::new()),
            };
            (what.clone(), format!("{what}\n\n{public_url}/app#/requests/{}", request.id))
        }
        Audience::Auditors | Audience::Administrators | Audience::Issue => return Ok(Vec::new()),
    };
    let mut messages = Vec::new();
    for person in recipients.into_iter().take(usize::from(MAX_RECIPIENTS)) {
        let person = load::<Person>(store, &person.to_string()).await?;
        if let Some(to) = person.filter(|person| person.is_active()).and_then(|person| person.email.clone()) {
            messages.push(Message { to, subject: subject.clone(), body: signed(&lines, &organization) });
        }
    }
    Ok(messages)
}

fn signed(lines: &str, organization: &Line) -> String {
    format!("{lines}\n\n--\nAI Clearance, {organization}\n")
}

/// That somebody is to ask for access that they have, while that is still so.
async fn finding_messages(
    store: &impl Store,
    finding: FindingId,
    public_url: &str,
) -> Result<Vec<Message>, Failure> {
    let Some(finding) = load::<Finding>(store, &finding.to_string()).await? else { return Ok(Vec::new()) };
    let remedy = finding.disposition().filter(|_| finding.is_open()).map(|disposition| disposition.remedy);
    let (Some(Remedy::RetroRequest { until }), Some(person)) = (remedy, finding.person()) else {
        return Ok(Vec::new());
    };
    let person = load::<Person>(store, &person.to_string()).await?.filter(|person| person.is_active());
    let Some(to) = person.and_then(|person| person.email.clone()) else { return Ok(Vec::new()) };
    let tool = Names::new(store).tool(finding.tool).await?.name;
    let organization = settings::current(store).await?.organization.clone();
    let lines = format!(
        "You have access to {tool} that nobody approved here.\nIf you need it, ask for it until {until}; after that it is taken away.\n\n\
         {public_url}/app#/catalog/{}",
        finding.tool
    );
    Ok(vec![Message {
        to,
        subject: format!("Ask for your access to {tool}"),
        body: signed(&lines, &organization),
    }])
}

/// The checkpoint itself, to every auditor: whoever keeps the message can tell later whether the log was rewritten.
async fn checkpoint_messages(store: &impl Store, size: u64) -> Result<Vec<Message>, Failure> {
    let Some(checkpoint) = PublishedCheckpoint::load(store, size).await? else { return Ok(Vec::new()) };
    let organization = settings::current(store).await?.organization.clone();
    let lines = format!(
        "This is a signed checkpoint of the audit log. Keep it where nobody who operates the site can change it: the lines between the \
         marks, saved as a file, are what `clearance audit verify --checkpoint FILE` and other C2SP tools compare the log with.\n\n\
         -----BEGIN CHECKPOINT-----\n{}-----END CHECKPOINT-----",
        checkpoint.note
    );
    to_everybody(
        store,
        Role::Auditor,
        &format!("Checkpoint of the audit log: {size} entries"),
        &signed(&lines, &organization),
    )
    .await
}

/// What a version changes that gives more, to every auditor.
async fn wider_policy_messages(
    store: &impl Store,
    number: u32,
    public_url: &str,
) -> Result<Vec<Message>, Failure> {
    let Some(version) = load::<PolicyVersion>(store, &PolicyVersion::key_of(number)).await? else {
        return Ok(Vec::new());
    };
    let organization = settings::current(store).await?.organization.clone();
    let difference = version.difference.clone().unwrap_or_default();
    let lines = format!(
        "Policy version {number} decides since {}. For some requests it gives more than the version before it: \
         {} rules were added, {} changed, {} removed.\n\n{public_url}/admin#/governance",
        version.published_at,
        difference.added.len(),
        difference.changed.len(),
        difference.removed.len(),
    );
    let subject = format!("Policy version {number} gives more than before");
    to_everybody(store, Role::Auditor, &subject, &signed(&lines, &organization)).await
}

/// One message to everybody with a role.
async fn to_everybody(
    store: &impl Store,
    role: Role,
    subject: &str,
    body: &str,
) -> Result<Vec<Message>, Failure> {
    let mut messages = Vec::new();
    let mut after = None;
    loop {
        let paging = Paging { after, limit: Some(crate::ports::MAX_PAGE) };
        let page =
            documents::list::<Person>(store, Select::by(&Person::BY_STATUS, ["active"]), &paging).await?;
        for person in page.items.iter().filter(|person| person.role == role) {
            if let Some(to) = &person.email {
                messages.push(Message { to: to.clone(), subject: subject.to_owned(), body: body.to_owned() });
            }
        }
        after = page.next;
        if after.is_none() || messages.len() >= usize::from(MAX_RECIPIENTS) {
            return Ok(messages);
        }
    }
}

async fn add_recipients(
    store: &impl Store,
    selector: Selector,
    to: &mut BTreeSet<PersonId>,
) -> Result<(), Failure> {
    match selector {
        Selector::Person(person) => {
            to.insert(person);
        }
        Selector::Group(group) => {
            let paging = Paging { after: None, limit: Some(MAX_RECIPIENTS) };
            let members =
                documents::list::<Membership>(store, Select::by(&Membership::BY_GROUP, [group]), &paging)
                    .await?;
            to.extend(members.items.iter().map(|membership| membership.person));
        }
        Selector::Owner(tool) => {
            if let Some(tool) = load::<crate::catalog::Tool>(store, &tool.to_string()).await? {
                to.extend(&tool.owners);
            }
        }
    }
    Ok(())
}
