use audit_log::Value;
use serde::{Deserialize, Serialize};

use crate::ids::PersonId;

/// Who caused an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A person, by pseudonymous id.
    Person(PersonId),
    /// Whoever works at the host's command line.
    Console,
    /// The program itself: policy, clockwork.
    System,
}

impl Actor {
    /// The actor as the log holds it.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Person(id) => Value::object([("person", Value::from(id.to_string()))]),
            Self::Console => Value::from("console"),
            Self::System => Value::from("system"),
        }
    }
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// Kinds of events. Names are stable: auditors' tools rely on them. The list only grows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum EventKind { $($(#[$doc])* $variant,)* }

        impl EventKind {
            /// Every kind, in the order declared.
            pub const ALL: &'static [EventKind] = &[$(EventKind::$variant,)*];

            /// `noun.verb` in the past tense.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

events! {
    /// The site came into being: its first entry.
    SiteInitialized = "site.initialized";
    /// The app is being uninstalled; the entry holds how many grants began to end because of it, and how many had not ended.
    SiteUninstalling = "site.uninstalling";
    /// Settings were changed.
    SettingsChanged = "settings.changed";
    /// A tool was added to the catalogue.
    ToolAdded = "tool.added";
    /// A tool was changed.
    ToolChanged = "tool.changed";
    /// Somebody proposed a tool for the catalogue; the entry commits to what they wrote.
    ToolProposed = "tool_proposal.submitted";
    /// An administrator began to assess a proposed tool.
    ToolAssessmentBegun = "tool_proposal.assessment_begun";
    /// A draft entry of the catalogue was made of a proposed tool.
    ToolProposalAccepted = "tool_proposal.accepted";
    /// A proposed tool does not come into the catalogue: an administrator or policy said so.
    ToolProposalDeclined = "tool_proposal.declined";
    /// A proposed tool was taken back, or its proposer left.
    ToolProposalWithdrawn = "tool_proposal.withdrawn";
    /// A person was added.
    PersonAdded = "person.added";
    /// A person was changed.
    PersonChanged = "person.changed";
    /// A person was deactivated.
    PersonDeactivated = "person.deactivated";
    /// The erasure of a person was asked for; the entry names exports that named them.
    PersonErasureStarted = "person.erasure_started";
    /// Nothing tells any more who a person was; the entry names exports that named them.
    PersonErased = "person.erased";
    /// A group was added or changed.
    GroupChanged = "group.changed";
    /// The draft of the next policy version was made or changed.
    PolicyDrafted = "policy.drafted";
    /// The draft of the next policy version was thrown away.
    PolicyDraftDiscarded = "policy.draft_discarded";
    /// A policy version was published.
    PolicyPublished = "policy.published";
    /// A request was submitted; the entry holds its evaluation.
    RequestSubmitted = "request.submitted";
    /// A request was approved in its last stage, or by policy.
    RequestApproved = "request.approved";
    /// A request was denied by a person, or by policy.
    RequestDenied = "request.denied";
    /// A request was withdrawn.
    RequestCancelled = "request.cancelled";
    /// Nobody decided a request in time.
    RequestLapsed = "request.lapsed";
    /// The holder wrote down what emergency access was used for. That it was taken is in `request.approved`, which names it.
    EmergencyNoted = "emergency.noted";
    /// Somebody else reviewed emergency access.
    EmergencyReviewed = "emergency.reviewed";
    /// A seat is kept for an approved request.
    SeatOffered = "seat.offered";
    /// The seat that was kept went to the request's grant.
    SeatAccepted = "seat.accepted";
    /// An approved request gave up its place in the waiting list, or its seat.
    SeatDeclined = "seat.declined";
    /// The seat that was kept for a request was not accepted in time.
    SeatLapsed = "seat.lapsed";
    /// A tool got a cap while there was access to it: how many grants have a seat is being counted.
    SeatCensusBegun = "seat.census_begun";
    /// Texts of requests were destroyed with their salts, because the time for which they are kept was over.
    RequestTextsDestroyed = "request.texts_destroyed";
    /// An approver asked the requester something.
    RequestInformationAsked = "request.information_asked";
    /// The requester answered.
    RequestInformationProvided = "request.information_provided";
    /// An approver decided a stage.
    ApprovalDecided = "approval.decided";
    /// A grant came into being, waiting for access to work.
    GrantCreated = "grant.created";
    /// Access works.
    GrantActivated = "grant.activated";
    /// The end of an active grant was moved.
    GrantExtended = "grant.extended";
    /// Access is being taken away.
    GrantRemoving = "grant.removing";
    /// Access is gone.
    GrantEnded = "grant.ended";
    /// Somebody must look after a grant before it goes on.
    GrantFollowUp = "grant.follow_up";
    /// A grant goes on that needed somebody.
    GrantResumed = "grant.resumed";
    /// A job was queued.
    JobQueued = "job.queued";
    /// A person attested what a job was to bring about.
    JobAttested = "job.attested";
    /// The provider confirmed what a job was to bring about.
    JobSucceeded = "job.succeeded";
    /// A job did not succeed and is tried again by itself; only the first of a row of failures.
    JobDelayed = "job.delayed";
    /// Somebody must look after a job.
    JobFollowUp = "job.follow_up";
    /// A job that needed somebody, or waited, is tried again.
    JobRetried = "job.retried";
    /// A job was cancelled.
    JobCancelled = "job.cancelled";
    /// It was looked whether an account is still out of a group, hours after it was taken out.
    JobLookedAgain = "job.looked_again";
    /// People were told of removals that are stuck.
    JobAlarmRaised = "job.alarm_raised";
    /// No removal is stuck any more.
    JobAlarmEnded = "job.alarm_ended";
    /// An API token was made.
    TokenCreated = "token.created";
    /// An API token was revoked.
    TokenRevoked = "token.revoked";
    /// A one-time link to set up an account was made.
    SetUpLinkCreated = "set_up_link.created";
    /// A local account's password was set through a one-time link.
    AccountSetUp = "account.set_up";
    /// Somebody signed in.
    SignedIn = "session.signed_in";
    /// An external identity was bound to a person.
    IdentityBound = "identity.bound";
    /// Many were decided at once; the entry holds how many.
    BulkDecided = "approval.bulk_decided";
    /// The log was verified.
    LogVerified = "audit.verified";
    /// Evidence or a list left the site; the entry holds of what, and how many records.
    EvidenceExported = "evidence.exported";
    /// An export was begun that is made step by step; the entry holds of what. That it left the site is an entry of its own.
    ExportBegun = "evidence.export_begun";
    /// Nothing came of an export that was begun, or it is gone before its time; the entry holds why.
    ExportStopped = "evidence.export_stopped";
    /// The log's files were read, with this token or in sessions, for the first time that day.
    LogRead = "audit.log_read";
    /// Checkpoints are signed with a new key from here on; the entry holds both verifier keys.
    LogKeyRotated = "audit.key_rotated";
    /// It was settled where checkpoints go, and whose cosignatures count.
    AnchoringChanged = "audit.anchoring_changed";
    /// A difference was found between who is in a tool's group and who may be.
    DriftFound = "drift.found";
    /// It was decided what is to be done about a difference, and it is being done.
    DriftDecided = "drift.decided";
    /// A difference is no more, or somebody answers for it.
    DriftSettled = "drift.settled";
    /// Nobody answers any more for a difference.
    DriftLapsed = "drift.lapsed";
    /// A connector was added.
    ConnectorAdded = "connector.added";
    /// A connector was changed.
    ConnectorChanged = "connector.changed";
    /// Jobs may begin at a connector again.
    ConnectorEnabled = "connector.enabled";
    /// No job begins at a connector any more.
    ConnectorDisabled = "connector.disabled";
    /// A connector was tested; the entry holds with what result.
    ConnectorTested = "connector.tested";
    /// A connector got a new key, which waits for a test, or which a test has put in use.
    ConnectorKeyRotated = "connector.key_rotated";
    /// A provider's clock and this site's differ by more than five minutes: nothing is done by time until they agree.
    ConnectorClockDiffered = "connector.clock_differed";
    /// A provider's clock and this site's agree again, or the connector is disabled.
    ConnectorClockAgreed = "connector.clock_agreed";
    /// A group at a provider was bound to a tool.
    ProviderGroupBound = "provider_group.bound";
    /// A group was made at a provider and bound to a tool.
    ProviderGroupCreated = "provider_group.created";
    /// A tool's group was given up.
    ProviderGroupReleased = "provider_group.released";
    /// More removals were about to happen by themselves than a set share of a group: they wait for a person.
    ProviderGroupHoldSet = "provider_group.hold_set";
    /// Somebody let the removals go on that the brake had stopped.
    ProviderGroupHoldReleased = "provider_group.hold_released";
    /// Somebody proposed a change that needs a second administrator.
    ProposalMade = "proposal.made";
    /// A second administrator agreed, and it was done.
    ProposalConfirmed = "proposal.confirmed";
    /// A proposal was called off.
    ProposalWithdrawn = "proposal.withdrawn";
    /// Nobody agreed to a proposal in time.
    ProposalLapsed = "proposal.lapsed";
    /// All access to a tool is to be reviewed; the entry holds why.
    ReviewsCalled = "review.called";
    /// A review of somebody's access was opened.
    ReviewOpened = "review.opened";
    /// Somebody else decides a review from now on.
    ReviewReassigned = "review.reassigned";
    /// A review was put off.
    ReviewPostponed = "review.postponed";
    /// A review was decided; the entry holds how, and what came of it.
    ReviewDecided = "review.decided";
    /// A review was closed without a decision: its access ended as planned, or there was nothing to decide any more.
    ReviewClosed = "review.closed";
    /// An exception is in force: a person may ask for a tool that policy denies them.
    ExceptionAdded = "exception.added";
    /// An exception is not in force any more.
    ExceptionEnded = "exception.ended";
    /// An account at a provider was mapped to a person.
    IdentityMapped = "identity.mapped";
    /// An account at a provider is not mapped to a person any more.
    IdentityUnmapped = "identity.unmapped";
    /// Somebody chose how they hear of a topic, or a link in one of their e-mails switched it off.
    NoticePreferenceChanged = "notice.preference_changed";
    /// Somebody lets another person decide for them, from one time to another.
    DelegationPut = "delegation.put";
    /// Somebody decides no more for another person.
    DelegationEnded = "delegation.ended";
    /// Somebody took back what they, or somebody for them, had approved in a stage that was still open.
    ApprovalWithdrawn = "approval.withdrawn";
    /// An approved request was taken back, and with it the access that it gave.
    RequestUnapproved = "request.unapproved";
    /// Those of a stage's escalation decide as well from now on.
    ApprovalEscalated = "approval.escalated";
    /// A stage timed out: its fallback decides from now on, or the request lapsed; the entry says which.
    ApprovalTimedOut = "approval.timed_out";
    /// Those who can act on a stage were reminded.
    ApprovalReminded = "approval.reminded";
    /// Nobody else can decide a stage any more: administrators do from now on.
    ApprovalFellToAdministrators = "approval.fell_to_administrators";
    /// Nobody at all can decide a stage; administrators were told.
    ApprovalStranded = "approval.stranded";
    /// A table of insights left the site; the entry holds which, of what time, and how many rows.
    InsightsExported = "insights.exported";
    /// All counters of insights were thrown away, to be counted anew.
    InsightsRebuilt = "insights.rebuilt";
}
