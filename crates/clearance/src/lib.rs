//! AI Clearance: who may use which AI tool, for what, until when, and who agreed.
//!
//! This crate holds every rule of the product and nothing else: no I/O, no clock, no randomness, no runtime. A host brings those through
//! [`ports`] and calls operations by name through [`operations::perform`]; now and then it runs [`clockwork::run_due`].

pub mod approval;
pub mod audit;
pub mod authorization;
pub mod catalog;
pub mod clockwork;
pub mod connector;
pub mod delegation;
pub mod documents;
pub mod drift;
pub mod emergency;
pub mod evidence;
pub mod exception;
pub mod failure;
pub mod grant;
pub mod identity;
pub mod ids;
pub mod insight;
pub mod intake;
pub mod limits;
pub mod notices;
pub mod operations;
pub mod people;
pub mod policy;
pub mod ports;
pub mod proposal;
pub mod provisioning;
pub mod refusal;
pub mod request;
pub mod review;
pub mod seats;
pub mod settings;
pub mod sign_in;
pub mod site;
pub mod text;
pub mod time;
pub mod tool_proposal;

use documents::Document;

/// Every kind of document, for stores that prepare their tables.
pub const KINDS: &[&ports::Kind] = &[
    settings::Settings::KIND,
    site::InUse::KIND,
    people::Person::KIND,
    people::EmailAddressOwner::KIND,
    people::AdministratorRoster::KIND,
    people::Group::KIND,
    people::Membership::KIND,
    people::Erasure::KIND,
    catalog::Tool::KIND,
    catalog::ToolNameOwner::KIND,
    catalog::Ownership::KIND,
    policy::PolicyVersion::KIND,
    policy::PolicySlice::KIND,
    policy::ActivePolicy::KIND,
    policy::draft::PolicyDraft::KIND,
    policy::draft::DraftPart::KIND,
    request::Request::KIND,
    request::Holding::KIND,
    intake::Drafts::KIND,
    intake::IssueIntake::KIND,
    intake::IssueOfRequest::KIND,
    approval::Waiting::KIND,
    delegation::Delegations::KIND,
    grant::Grant::KIND,
    seats::Seats::KIND,
    emergency::Emergency::KIND,
    emergency::EmergencyBudget::KIND,
    provisioning::Job::KIND,
    provisioning::Claims::KIND,
    provisioning::RemovalAlarm::KIND,
    connector::Connector::KIND,
    connector::ConnectorHealth::KIND,
    connector::ConnectorPace::KIND,
    connector::ProviderClocks::KIND,
    connector::ProviderGroup::KIND,
    connector::GroupOwner::KIND,
    connector::Rebound::KIND,
    identity::IdentityMapping::KIND,
    identity::ProviderAccount::KIND,
    identity::Remapping::KIND,
    connector::Disposal::KIND,
    review::Review::KIND,
    review::ReviewOfGrant::KIND,
    review::ToolReviews::KIND,
    exception::Exception::KIND,
    exception::ExceptionOfPerson::KIND,
    clockwork::ReviewWalk::KIND,
    drift::Finding::KIND,
    drift::DriftCheck::KIND,
    tool_proposal::ToolProposal::KIND,
    tool_proposal::OpenToolProposal::KIND,
    proposal::Proposal::KIND,
    proposal::OpenProposal::KIND,
    notices::Notice::KIND,
    notices::InboxItem::KIND,
    notices::InboxWalk::KIND,
    notices::NoticePreferences::KIND,
    notices::UnsubscribeCode::KIND,
    insight::InsightProgress::KIND,
    insight::InsightDay::KIND,
    insight::InsightTool::KIND,
    audit::Publication::KIND,
    audit::PublishedCheckpoint::KIND,
    audit::LogReading::KIND,
    operations::StoredAnswer::KIND,
    limits::RateRow::KIND,
    clockwork::RetentionWalk::KIND,
    clockwork::ApproverCheck::KIND,
    evidence::ExportRegister::KIND,
    evidence::Export::KIND,
    evidence::ExportPiece::KIND,
    sign_in::Account::KIND,
    sign_in::ExternalIdentity::KIND,
    sign_in::KnownJiraAccount::KIND,
    sign_in::Session::KIND,
    sign_in::SetUpLink::KIND,
    sign_in::Token::KIND,
];
