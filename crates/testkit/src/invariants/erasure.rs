//! People who were erased: a tombstone, and nothing else that says who they were.

use clearance::documents::Document;
use clearance::drift::Finding;
use clearance::exception::Exception;
use clearance::identity::{IdentityMapping, ProviderAccount};
use clearance::intake::Drafts;
use clearance::limits::RateRow;
use clearance::notices::{Audience, InboxItem, Notice, NoticePreferences, UnsubscribeCode};
use clearance::operations::StoredAnswer;
use clearance::people::{EmailAddressOwner, Erasure, Membership, Person, PersonStatus};
use clearance::ports::{Kind, Store};
use clearance::proposal::OpenProposal;
use clearance::request::Request;
use clearance::review::Review;
use clearance::sign_in::{Account, ExternalIdentity, KnownJiraAccount, Session, SetUpLink, Token};

use super::log::Log;
use super::{every, require};
use crate::snapshot::rows;

/// Kinds that may not even hold the pseudonym of somebody erased.
const FORGOTTEN: &[&Kind] = &[
    Account::KIND,
    EmailAddressOwner::KIND,
    Erasure::KIND,
    ExternalIdentity::KIND,
    IdentityMapping::KIND,
    InboxItem::KIND,
    Drafts::KIND,
    KnownJiraAccount::KIND,
    Membership::KIND,
    NoticePreferences::KIND,
    OpenProposal::KIND,
    ProviderAccount::KIND,
    RateRow::KIND,
    Session::KIND,
    SetUpLink::KIND,
    StoredAnswer::KIND,
    Token::KIND,
    UnsubscribeCode::KIND,
];

pub(super) async fn check(store: &impl Store, log: &Log, broken: &mut Vec<String>) {
    let people: Vec<Person> = every(store).await;
    let erased: Vec<&Person> =
        people.iter().filter(|person| matches!(person.status, PersonStatus::Erased { .. })).collect();
    for person in &people {
        let expected = usize::from(matches!(person.status, PersonStatus::Erased { .. }));
        let logged = log.count("person.erased", person.id);
        require(broken, logged == expected, || format!("{}: erased {logged} times by the log", person.id));
        let started = log.count("person.erasure_started", person.id);
        require(broken, started == usize::from(person.is_being_erased()), || {
            format!("{} is {}: {started} erasures begun", person.id, person.status_name())
        });
    }
    if erased.is_empty() {
        return;
    }
    for person in &erased {
        let tombstone =
            person.name.as_str() == "Erased person" && person.email.is_none() && person.groups.is_empty();
        require(broken, tombstone, || format!("{} is erased and has a name, address or group", person.id));
    }
    let requests: Vec<Request> = every(store).await;
    let exceptions: Vec<Exception> = every(store).await;
    let reviews: Vec<Review> = every(store).await;
    let notices: Vec<Notice> = every(store).await;
    let findings: Vec<Finding> = every(store).await;
    let mut forgotten = Vec::new();
    for kind in FORGOTTEN {
        forgotten.extend(rows(store, kind).await.into_iter().map(|row| (kind.name, row)));
    }
    for person in erased {
        let (id, now) = (person.id, person.role_changed_at);
        for request in &requests {
            let own = request.requester == id;
            let left = request.without_texts(|writer| own || writer == id, now);
            require(broken, left.is_none(), || format!("{}: texts of {id}, who is erased", request.id));
        }
        for exception in &exceptions {
            let left = exception.without_texts_of(id, now);
            require(broken, left.is_none(), || format!("{}: texts of {id}, who is erased", exception.id));
        }
        for review in &reviews {
            let left = review.without_texts_of(id, now);
            require(broken, left.is_none(), || format!("{}: texts of {id}, who is erased", review.id));
        }
        let told = notices.iter().any(|notice| notice.to == Audience::Person(id));
        require(broken, !told, || format!("a notice waits for {id}, who is erased"));
        let found = findings.iter().any(|finding| finding.person() == Some(id));
        require(broken, !found, || format!("a finding is about {id}, who is erased"));
        let text = id.to_string();
        for (kind, row) in &forgotten {
            let named = row.key.contains(&text) || row.body.contains(&text);
            require(broken, !named, || format!("{kind} {} names {id}, who is erased", row.key));
        }
    }
}
