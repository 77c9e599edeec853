//! Notices: what a commit decided to tell, and how it reaches people: in their inbox, and by e-mail where a mail server is configured.
//!
//! A commit queues a [`Notice`] for an audience. [`deliver`] finds out whom it means and puts an [`InboxItem`] into the inbox of each; an item
//! holds no text. What it says is said when somebody looks, or when it is sent, in words that fit how things stand then; and nothing is
//! said to whom it is not for any more. So a notice tells nobody of what is not theirs, and what came about meanwhile disappears.

mod audience;
mod deliver;
mod forget;
pub mod inbox;
mod item;
pub mod mail;
pub mod preferences;
mod telling;
mod topic;
mod unsubscribe;
mod walk;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::approval::{Circle, Selector};
use crate::documents::{self, Change, Document, Loaded, Paging, Select};
use crate::emergency::{Emergency, EmergencyState};
use crate::exception::Exception;
use crate::failure::Failure;
use crate::grant::Grant;
use crate::ids::{
    EmergencyId, ExceptionId, FindingId, GrantId, NoticeId, PersonId, RequestId, ReviewId, ToolId,
    ToolProposalId,
};
use crate::policy::Approvers;
use crate::ports::{Attributes, Index, Kind, Moment, Store};
use crate::request::{Request, Source};
use crate::settings::Settings;
use crate::time::Timestamp;
use crate::tool_proposal::ToolProposal;

pub use deliver::{Delivered, deliver};
pub(crate) use forget::forget_person;
pub use item::{InboxItem, Mail};
pub use preferences::NoticePreferences;
pub use topic::{Delivery, Topic};
pub use unsubscribe::{Subscription, UnsubscribeCode, UnsubscribeSecret, check_unsubscribe, unsubscribe};
pub use walk::InboxWalk;
pub(crate) use walk::take_out;

/// A notice that waits to be delivered.
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
    /// Somebody left: what still names them, and what nobody decides any more.
    Left(PersonId),
    /// Somebody took access in an emergency.
    EmergencyTaken(EmergencyId),
    /// Emergency access waits for its holder's note, or for its review.
    EmergencyWaits(EmergencyId),
    /// A tool that somebody proposes.
    ToolProposal(ToolProposalId),
    /// This was changed such that somebody gets more than before.
    Wider(Wider),
    /// Removals that are stuck.
    StuckRemovals,
    /// A request that nobody at all can decide.
    StrandedRequest(RequestId),
    /// A review: that it waits, or for whoever has the access what it came to.
    Review(ReviewId),
    /// An exception: that it is in force, or ends soon.
    Exception(AboutException),
    /// Whoever is told decides for this person from now on, or will.
    DelegationMade(PersonId),
    /// Whoever is told decides for this person no more, before it was to end.
    DelegationEnded(PersonId),
}

/// An exception of either kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AboutException {
    /// Of a person.
    Person(ExceptionId),
    /// Of what a finding is about.
    Finding(FindingId),
}

/// What was changed such that somebody gets more than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wider {
    /// A tool.
    Tool(ToolId),
    /// Somebody's groups or role.
    Person(PersonId),
    /// Settings.
    Settings,
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
    let Some(review) = request.review() else {
        request_closed(change, moment, request);
        return;
    };
    stage_waits(change, circle, moment, request, &review.open.approvers());
}

/// Tells some of those who can decide a request's open stage that it waits for them.
pub(crate) fn stage_waits(
    change: &mut Change,
    circle: Circle<'_>,
    moment: &Moment,
    request: &Request,
    told: &BTreeSet<Approvers>,
) {
    let to = Audience::Approvers(circle.selectors(told));
    queue(change, moment, 0, About::Request(request.id), to);
}

/// Tells administrators of a request that nobody at all can decide.
pub(crate) fn request_stranded(change: &mut Change, moment: &Moment, request: RequestId) {
    queue(change, moment, 6, About::StrandedRequest(request), Audience::Administrators);
}

/// Tells the requester what became of a request, or that something is asked of them.
pub(crate) fn request_closed(change: &mut Change, moment: &Moment, request: &Request) {
    let about = About::Request(request.id);
    // Issues are told of decisions and questions; who is to decide is shown beside them.
    if request.source == Source::Portal {
        let id = NoticeId::new(moment, "issue_notice", 0);
        change.insert(&Notice { id, about, to: Audience::Issue, at: moment.now });
    }
    queue(change, moment, 0, about, Audience::Person(request.requester));
}

/// Tells the issue that asked for a grant what became of it.
pub(crate) fn grant_changed(change: &mut Change, moment: &Moment, grant: &Grant) {
    if grant.told_in_issue {
        let (id, about) = (NoticeId::new(moment, "issue_notice", 1), About::Grant(grant.id));
        change.insert(&Notice { id, about, to: Audience::Issue, at: moment.now });
    }
}

/// Asks a person to ask for access that they have without anybody's approval.
pub(crate) fn ask_for_access(change: &mut Change, moment: &Moment, finding: FindingId, person: PersonId) {
    queue(change, moment, 2, About::Finding(finding), Audience::Person(person));
}

/// Sends a checkpoint to the auditors. Whether notices are sent at all is for the caller to know.
pub(crate) fn checkpoint_published(change: &mut Change, moment: &Moment, size: u64) {
    queue(change, moment, 1, About::Checkpoint(size), Audience::Auditors);
}

/// Tells the auditors of a policy version that gives more than the one before it.
pub(crate) fn wider_policy(change: &mut Change, moment: &Moment, number: u32) {
    queue(change, moment, 3, About::WiderPolicy(number), Audience::Auditors);
}

/// Tells the auditors of a change that gives more than before.
pub(crate) fn wider(change: &mut Change, moment: &Moment, wider: Wider) {
    queue(change, moment, 6, About::Wider(wider), Audience::Auditors);
}

/// Tells administrators of removals that are stuck, and auditors if they are to know as well.
pub(crate) fn removals_stuck(change: &mut Change, moment: &Moment, auditors: bool) {
    queue(change, moment, 4, About::StuckRemovals, Audience::Administrators);
    if auditors {
        queue(change, moment, 5, About::StuckRemovals, Audience::Auditors);
    }
}

/// Tells administrators what needs them because somebody left.
pub(crate) fn person_left(change: &mut Change, moment: &Moment, person: PersonId) {
    queue(change, moment, 11, About::Left(person), Audience::Administrators);
}

/// Tells owners, security, administrators and auditors at once that somebody took access in an emergency.
pub(crate) fn emergency_taken(
    change: &mut Change,
    settings: &Settings,
    moment: &Moment,
    emergency: &Emergency,
) {
    let about = About::EmergencyTaken(emergency.id);
    let owners_and_security =
        BTreeSet::from([Selector::Owner(emergency.tool), Selector::Group(settings.security)]);
    queue(change, moment, 7, about, Audience::Approvers(owners_and_security));
    queue(change, moment, 8, about, Audience::Administrators);
    queue(change, moment, 9, about, Audience::Auditors);
}

/// Tells owners and administrators that emergency access waits for them.
pub(crate) fn emergency_waits(change: &mut Change, moment: &Moment, emergency: &Emergency) {
    let about = About::EmergencyWaits(emergency.id);
    let owners = BTreeSet::from([Selector::Owner(emergency.tool)]);
    queue(change, moment, 7, about, Audience::Approvers(owners));
    queue(change, moment, 8, about, Audience::Administrators);
}

/// Tells those who are to act that something about emergency access is overdue.
pub(crate) fn emergency_overdue(change: &mut Change, moment: &Moment, emergency: &Emergency) {
    if matches!(emergency.state, EmergencyState::Open) {
        let about = About::EmergencyWaits(emergency.id);
        queue(change, moment, 10, about, Audience::Person(emergency.person));
    }
    emergency_waits(change, moment, emergency);
}

/// Tells administrators of a tool that waits to be assessed.
pub(crate) fn tool_proposed(change: &mut Change, moment: &Moment, proposal: &ToolProposal) {
    queue(change, moment, 6, About::ToolProposal(proposal.id), Audience::Administrators);
}

/// Tells the proposer what became of their proposal.
pub(crate) fn tool_proposal_closed(change: &mut Change, moment: &Moment, proposal: &ToolProposal) {
    queue(change, moment, 6, About::ToolProposal(proposal.id), Audience::Person(proposal.proposer));
}

/// Tells those who can decide a review that it waits.
pub(crate) fn review_waits(change: &mut Change, moment: &Moment, review: ReviewId, reviewer: Selector) {
    let to = Audience::Approvers(BTreeSet::from([reviewer]));
    queue(change, moment, 6, About::Review(review), to);
}

/// Tells whoever has the access what its review came to.
pub(crate) fn review_decided(change: &mut Change, moment: &Moment, review: ReviewId, holder: PersonId) {
    queue(change, moment, 7, About::Review(review), Audience::Person(holder));
}

/// Tells auditors, whoever answers for it and whoever may ask by it that an exception is in force.
pub(crate) fn exception_added(change: &mut Change, moment: &Moment, exception: &Exception) {
    let about = About::Exception(AboutException::Person(exception.id));
    queue(change, moment, 8, about, Audience::Auditors);
    queue(change, moment, 9, about, Audience::Person(exception.owner));
    queue(change, moment, 10, about, Audience::Person(exception.person));
}

/// Tells whoever answers for an exception that it ends soon.
pub(crate) fn exception_ends(change: &mut Change, moment: &Moment, about: AboutException, owner: PersonId) {
    queue(change, moment, 11, About::Exception(about), Audience::Person(owner));
}

/// Tells somebody that they are to decide for another person.
pub(crate) fn delegation_made(change: &mut Change, moment: &Moment, delegator: PersonId, delegate: PersonId) {
    queue(change, moment, 12, About::DelegationMade(delegator), Audience::Person(delegate));
}

/// Tells somebody that they decide for another person no more.
pub(crate) fn delegation_ended(
    change: &mut Change,
    moment: &Moment,
    delegator: PersonId,
    delegate: PersonId,
) {
    queue(change, moment, 13, About::DelegationEnded(delegator), Audience::Person(delegate));
}

/// Queues a notice. The number tells it from others of the same commit.
fn queue(change: &mut Change, moment: &Moment, number: u32, about: About, to: Audience) {
    let id = NoticeId::new(moment, "notice", number);
    change.insert(&Notice { id, about, to, at: moment.now });
}

/// Notices that wait, oldest first: one page.
async fn waiting(
    store: &impl Store,
    after: Option<String>,
) -> Result<documents::List<Loaded<Notice>>, Failure> {
    let paging = Paging { after, limit: Some(crate::ports::MAX_PAGE) };
    documents::list::<Notice>(store, Select::by(&Notice::BY_TIME, ["all"]), &paging).await
}
