//! Refusals: a rule says no, with a stable code, a sentence, and details.

use serde_json::{Map, Value};

/// What kind of no it is; hosts turn it into their transport's status once, at the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The input is not what the operation takes (HTTP 400).
    Malformed,
    /// Nobody is signed in (401).
    Unauthenticated,
    /// The caller may not do this (403).
    Forbidden,
    /// There is no such thing, or the caller may not know that there is (404).
    NotFound,
    /// A rule refuses it, or a race was lost (409).
    Refused,
    /// The input is too large (413).
    TooLarge,
    /// Too often (429).
    TooManyRequests,
    /// Not now (503).
    Unavailable,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $class:ident;)*) => {
        /// Stable codes: programs may rely on them. The list only grows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order declared.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The code as outside programs see it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// What kind of no it is.
            pub fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)* }
            }
        }
    };
}

codes! {
    /// The body is not the JSON object that the operation takes.
    MalformedInput = "malformed_input", Malformed;
    /// No operation has this name.
    UnknownOperation = "unknown_operation", NotFound;
    /// Nobody is signed in, or the session or token is over.
    NotSignedIn = "not_signed_in", Unauthenticated;
    /// This kind of caller may not call this operation.
    NotPermitted = "not_permitted", Forbidden;
    /// The token's scope does not cover this operation.
    TokenScope = "token_scope", Forbidden;
    /// The operation needs a sign-in within the last ten minutes.
    SignInRequired = "sign_in_required", Forbidden;
    /// There is no such thing, or the caller may not know that there is.
    NotFound = "not_found", NotFound;
    /// Somebody changed the same thing at the same moment, again and again.
    Conflict = "conflict", Refused;
    /// The same idempotency key came with another input.
    IdempotencyMismatch = "idempotency_mismatch", Refused;
    /// The input is larger than the host takes.
    TooLarge = "too_large", TooLarge;
    /// Too many in too short a time.
    RateLimited = "rate_limited", TooManyRequests;
    /// The program cannot answer now.
    Unavailable = "unavailable", Unavailable;

    /// The person already has an open request for this tool.
    DuplicateRequest = "duplicate_request", Refused;
    /// The person has a grant for this tool that is neither active nor ended.
    GrantUnsettled = "grant_unsettled", Refused;
    /// Nobody could decide this request.
    NoEligibleApprover = "no_eligible_approver", Refused;
    /// The tool cannot be requested in its status.
    ToolNotRequestable = "tool_not_requestable", Refused;
    /// The tool does not allow a declared data class.
    DataClassNotAllowed = "data_class_not_allowed", Refused;
    /// The duration, or what an extension would leave remaining, is above the tool's maximum.
    DurationAboveMaximum = "duration_above_maximum", Refused;
    /// The tool has a usage policy; its current version must be acknowledged.
    AcknowledgementRequired = "acknowledgement_required", Refused;
    /// A version was acknowledged that is not current, or the tool has no usage policy.
    AcknowledgementMismatch = "acknowledgement_mismatch", Refused;
    /// What was filled in for an issue is not known any more.
    DraftGone = "draft_gone", Refused;
    /// Every seat of the tool is taken, and its waiting list is full.
    WaitingListFull = "waiting_list_full", Refused;
    /// The proposed tool is in the catalogue; details say which, and by what it was recognised.
    ToolKnown = "tool_known", Refused;
    /// A tool of this name has been proposed, and is being assessed.
    ToolProposalOpen = "tool_proposal_open", Refused;
    /// The proposed tool is not in a state that allows this.
    ToolProposalState = "tool_proposal_state", Refused;
    /// No seat of the tool is free.
    NoSeat = "no_seat", Refused;
    /// The caller is not among those who may take access in an emergency.
    EmergencyNotEligible = "emergency_not_eligible", Forbidden;
    /// The tool is not to be had in an emergency.
    EmergencyNotOffered = "emergency_not_offered", Refused;
    /// The person has access to the tool already.
    EmergencyNotNeeded = "emergency_not_needed", Refused;
    /// The person took the tool in an emergency as often as they may.
    EmergencyBudget = "emergency_budget", Refused;
    /// The note about the last emergency access to the tool is missing.
    EmergencyNoteOwed = "emergency_note_owed", Refused;
    /// The emergency access is not in a state that allows this.
    EmergencyState = "emergency_state", Refused;
    /// Nobody reviews their own emergency access.
    OwnEmergency = "own_emergency", Forbidden;
    /// The request is not in a state that allows this.
    RequestState = "request_state", Refused;
    /// The caller is not among those who may decide this request now.
    NotEligible = "not_eligible", Forbidden;
    /// Nobody decides his own request.
    OwnRequest = "own_request", Forbidden;
    /// The caller may decide the request only because of what they did themself after it was asked for.
    OwnDoing = "own_doing", Forbidden;
    /// The caller decided an earlier stage of the same request.
    AlreadyDecided = "already_decided", Refused;
    /// Somebody else decided meanwhile, or the request ended; the sentence and details say who, what and when.
    DecidedMeanwhile = "decided_meanwhile", Refused;
    /// The grant is not in a state that allows this.
    GrantState = "grant_state", Refused;
    /// The job is not in a state that allows this.
    JobState = "job_state", Refused;
    /// The export is not whole yet, or nothing came of it.
    ExportState = "export_state", Refused;
    /// The person is deactivated.
    PersonDeactivated = "person_deactivated", Refused;
    /// The person is erased, or is being erased.
    PersonErased = "person_erased", Refused;
    /// Another person has this e-mail address.
    EmailInUse = "email_in_use", Refused;
    /// At least one active administrator must remain.
    LastAdministrator = "last_administrator", Refused;
    /// A person or group named in the input does not exist or is not active.
    UnknownReference = "unknown_reference", Refused;
    /// Another tool has this name.
    NameInUse = "name_in_use", Refused;
    /// Connected fulfilment needs a connector and a bound group.
    ConnectorRequired = "connector_required", Refused;
    /// The connector's secret must be typed: there is none for this provider, host, tenant and application.
    SecretRequired = "secret_required", Refused;
    /// Groups are bound or accounts known at the connector's tenant: it cannot be pointed at another one.
    ConnectorInUse = "connector_in_use", Refused;
    /// The connector is disabled: nothing begins at its provider.
    ConnectorDisabled = "connector_disabled", Refused;
    /// The connector does not work until a person does something about it; details say what.
    ConnectorFailing = "connector_failing", Refused;
    /// The provider, or the way to it, does not answer now.
    ProviderUnavailable = "provider_unavailable", Unavailable;
    /// Core refused what was asked of it; details say with which code.
    CoreRefused = "core_refused", Refused;
    /// The group must not be managed from here; details say why, and what to do.
    GroupNotBindable = "group_not_bindable", Refused;
    /// Another installation manages the group.
    GroupOwnedElsewhere = "group_owned_elsewhere", Refused;
    /// Another tool has the group.
    GroupInUse = "group_in_use", Refused;
    /// The provider has a group of this name that was not made here.
    GroupNameTaken = "group_name_taken", Refused;
    /// The tool has a group already.
    GroupBound = "group_bound", Refused;
    /// New access comes about through the tool's group.
    ToolConnected = "tool_connected", Refused;
    /// Somebody has access that has not ended.
    GrantsUnended = "grants_unended", Refused;
    /// The proposal does not wait any more, or whoever made it is no administrator any more.
    ProposalState = "proposal_state", Refused;
    /// A proposal about the same waits already.
    ProposalOpen = "proposal_open", Refused;
    /// Somebody else must confirm what one proposed.
    OwnProposal = "own_proposal", Forbidden;
    /// What was proposed is not what would happen now.
    ProposalOutdated = "proposal_outdated", Refused;
    /// The provider knows no such account.
    AccountNotFound = "account_not_found", Refused;
    /// The account is suspended or deactivated at the provider.
    AccountInactive = "account_inactive", Refused;
    /// The account is another person's, or is being taken from one.
    AccountInUse = "account_in_use", Refused;
    /// The name is not the one that the provider has for whoever has the account.
    DisplayNameDiffers = "display_name_differs", Refused;
    /// The person has access through this account that has not ended.
    MappingInUse = "mapping_in_use", Refused;
    /// What an import would do now is not what was shown.
    ImportDiffers = "import_differs", Refused;
    /// The document was changed since the revision that the input names.
    StaleRevision = "stale_revision", Refused;
    /// The tool's settings contradict one another.
    InvalidTool = "invalid_tool", Refused;
    /// A policy breaks a bound, has an error, or changes nothing.
    InvalidPolicy = "invalid_policy", Refused;
    /// Nobody can be let decide for this person in this way; the sentence says why.
    InvalidDelegation = "invalid_delegation", Refused;
    /// The link was used, replaced or is too old.
    LinkExpired = "link_expired", Refused;
    /// Address and password do not match an account.
    WrongCredentials = "wrong_credentials", Unauthenticated;
    /// No published checkpoint covers this part of the log yet.
    CheckpointPending = "checkpoint_pending", Refused;
    /// The note is no checkpoint of this log, or brings no cosignature of a configured witness.
    CheckpointRefused = "checkpoint_refused", Refused;
    /// The finding is settled, or not one about which this can be done.
    FindingState = "finding_state", Refused;
    /// Nobody decides about, or answers for, their own account in a group.
    OwnFinding = "own_finding", Forbidden;
    /// The review does not wait any more.
    ReviewState = "review_state", Refused;
    /// Nobody reviews his own access.
    OwnReview = "own_review", Forbidden;
    /// The review was postponed as often as it may be, or would be until its access ends.
    PostponementRefused = "postponement_refused", Refused;
    /// The exception is not in a state that allows this, or another one is in force.
    ExceptionState = "exception_state", Refused;
    /// Nobody makes, confirms or answers for an exception for himself.
    OwnException = "own_exception", Forbidden;
    /// The clock went backward; sweeps wait.
    ClockHalted = "clock_halted", Unavailable;
}

/// A rule says no.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    code: Code,
    message: String,
    details: Map<String, Value>,
}

impl Refusal {
    /// A refusal with a sentence for people: lower case, no full stop, what to do if that is not plain.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Map::new() }
    }

    /// The same refusal with a detail for programs. Never put a secret or another person's data in it.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.details.insert(name.to_owned(), Value::String(value.to_string()));
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// A detail, if there is one of this name.
    pub fn detail(&self, name: &str) -> Option<&str> {
        self.details.get(name).and_then(Value::as_str)
    }

    /// The sentence for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// `{"error": {"code", "message", "details"}}`, as every host answers it.
    pub fn to_json(&self) -> Value {
        serde_json::json!({ "error": { "code": self.code.as_str(), "message": self.message, "details": self.details } })
    }
}

/// There is no such thing, or the caller may not know that there is.
pub fn not_found(what: &str) -> Refusal {
    Refusal::new(Code::NotFound, format!("there is no such {what}, or you may not see it"))
}

/// A field of the input is not what the operation takes.
pub fn malformed(field: &str, problem: &str) -> Refusal {
    let message =
        if field.is_empty() || field == "." { problem.to_owned() } else { format!("`{field}` {problem}") };
    Refusal::new(Code::MalformedInput, message).with("field", field)
}
