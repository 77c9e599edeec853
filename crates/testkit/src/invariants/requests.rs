//! Requests, grants, tasks, and the guards and queues that keep them in step.

use std::collections::{BTreeMap, BTreeSet};

use clearance::approval::Waiting;
use clearance::grant::{Grant, GrantState, Interrupted, Means};
use clearance::ids::{GrantId, PersonId, RequestId, ToolId};
use clearance::people::{Person, PersonStatus};
use clearance::policy::Approvers;
use clearance::ports::Store;
use clearance::provisioning::{Completion, Job, JobState, Subject, Task};
use clearance::request::{
    Approval, Consent, DecidedStage, Decider, Denial, Forgoing, Holding, Request, RequestState,
};
use clearance::text::CommittedText;
use clearance::time::Days;

use super::log::Log;
use super::people::hidden;
use super::{every, require};

struct All {
    people: BTreeMap<PersonId, Person>,
    requests: BTreeMap<RequestId, Request>,
    grants: BTreeMap<GrantId, Grant>,
    jobs: Vec<Job>,
}

pub(super) async fn check(store: &impl Store, log: &Log, broken: &mut Vec<String>) {
    let all = All {
        people: every(store).await.into_iter().map(|person: Person| (person.id, person)).collect(),
        requests: every(store).await.into_iter().map(|request: Request| (request.id, request)).collect(),
        grants: every(store).await.into_iter().map(|grant: Grant| (grant.id, grant)).collect(),
        jobs: every(store).await,
    };
    for request in all.requests.values() {
        check_request(&all, request, log, broken);
    }
    for grant in all.grants.values() {
        check_grant(&all, grant, log, broken);
    }
    for job in &all.jobs {
        let (attested, confirmed, cancelled) = match job.state {
            JobState::Succeeded { by: Completion::Attested(_), .. } => (1, 0, 0),
            JobState::Succeeded { by: Completion::Confirmed, .. } => (0, 1, 0),
            JobState::Cancelled { .. } => (0, 0, 1),
            _ => (0, 0, 0),
        };
        for (kind, expected) in [
            ("job.queued", 1),
            ("job.attested", attested),
            ("job.succeeded", confirmed),
            ("job.cancelled", cancelled),
        ] {
            let logged = log.count(kind, job.id);
            require(broken, logged == expected, || {
                format!("{} has {logged} entries `{kind}`, not {expected}", job.id)
            });
        }
    }
    holdings(store, &all, broken).await;
    queues(store, &all, broken).await;
    leavers(&all, broken);
}

fn stages(request: &Request) -> Vec<DecidedStage> {
    match &request.state {
        RequestState::Pending { review } | RequestState::NeedsInformation { review } => {
            review.clone().close()
        }
        RequestState::Approved { stages, .. }
        | RequestState::AwaitingSeat { consent: Consent { stages, .. }, .. }
        | RequestState::Forgone { consent: Consent { stages, .. }, .. }
        | RequestState::Denied { stages, .. }
        | RequestState::Cancelled { stages, .. }
        | RequestState::Lapsed { stages, .. } => stages.clone(),
    }
}

/// The log holds no text that is kept, but its commitment.
fn hidden_text(log: &Log, text: &CommittedText, broken: &mut Vec<String>) {
    if let Some(text) = text.text() {
        hidden(log, text.as_str(), broken);
    }
    if let Some(commitment) = text.commitment() {
        require(broken, log.says(commitment), || "a text is not committed to".to_owned());
    }
}

fn check_request(all: &All, request: &Request, log: &Log, broken: &mut Vec<String>) {
    let id = request.id;
    let stages = stages(request);
    let approvals: Vec<&Approval> = stages.iter().flat_map(|stage| &stage.approvals).collect();
    // Whoever stands in for somebody and whom they stand in for are one decider.
    let all_people: Vec<PersonId> = approvals.iter().flat_map(|approval| approval.deciders()).collect();
    let people: BTreeSet<_> = all_people.iter().copied().collect();
    require(broken, people.len() == all_people.len(), || format!("{id}: somebody approved it twice"));
    require(broken, !people.contains(&request.requester), || format!("{id}: approved by its requester"));
    hidden_text(log, &request.purpose, broken);
    for rationale in approvals.iter().filter_map(|approval| approval.rationale.as_ref()) {
        hidden_text(log, rationale, broken);
    }
    for exchange in &request.exchanges {
        hidden_text(log, &exchange.question, broken);
        if let Some((answer, _)) = &exchange.answer {
            hidden_text(log, answer, broken);
        }
    }

    let mut denied_by_person = 0;
    let mut expect = |kind: &str, wanted: bool| {
        let found = log.count(kind, id);
        require(broken, found == usize::from(wanted), || {
            format!("{id} is {}: {found} × {kind}", request.state_name())
        });
    };
    expect("request.submitted", true);
    let approved = matches!(
        request.state,
        RequestState::Approved { .. } | RequestState::AwaitingSeat { .. } | RequestState::Forgone { .. }
    );
    expect("request.approved", approved);
    let why = match &request.state {
        RequestState::Forgone { why, .. } => Some(why),
        _ => None,
    };
    expect("seat.declined", matches!(why, Some(Forgoing::Declined { .. })));
    expect("seat.lapsed", matches!(why, Some(Forgoing::NotAccepted)));
    expect("request.denied", matches!(request.state, RequestState::Denied { .. }));
    expect("request.cancelled", matches!(request.state, RequestState::Cancelled { .. }));
    expect("request.lapsed", matches!(request.state, RequestState::Lapsed { .. }));
    if let RequestState::Denied { denial: Denial::Person { person, on_behalf_of, rationale }, .. } =
        &request.state
    {
        require(broken, *on_behalf_of != Some(request.requester), || {
            format!("{id}: denied for its requester")
        });
        denied_by_person = 1;
        hidden_text(log, rationale, broken);
        require(broken, *person != request.requester, || format!("{id}: denied by its requester"));
    }
    for taken in &request.taken_back {
        for rationale in [&taken.rationale, &taken.approval.rationale].into_iter().flatten() {
            hidden_text(log, rationale, broken);
        }
    }
    let withdrawn = log.count("approval.withdrawn", id);
    require(broken, withdrawn == request.taken_back.len(), || {
        format!("{id}: {withdrawn} approvals taken back")
    });
    let decisions = log.count("approval.decided", id);
    let wanted = approvals.len() + denied_by_person + request.taken_back.len();
    require(broken, decisions == wanted, || format!("{id}: {wanted} decisions, {decisions} in the log"));
    let asked = log.count("request.information_asked", id);
    let answered = log.count("request.information_provided", id);
    let holds = asked == request.exchanges.len()
        && answered == request.exchanges.iter().filter(|exchange| exchange.answer.is_some()).count();
    require(broken, holds, || format!("{id}: {asked} questions and {answered} answers in the log"));

    let unapproved = log.count("request.unapproved", id);
    let taken_back = matches!(request.state, RequestState::Approved { withdrawn: Some(_), .. });
    require(broken, unapproved == usize::from(taken_back), || format!("{id}: taken back {unapproved} times"));
    if let RequestState::Approved { grant, stages, days, by, withdrawn, .. } = &request.state {
        if let Some(withdrawal) = withdrawn {
            hidden_text(log, &withdrawal.rationale, broken);
            let live = all.grants.get(grant).is_some_and(Grant::is_live);
            require(broken, !live, || format!("{id}: its approval was taken back, its access was not"));
        }
        require(broken, *days <= request.days, || format!("{id}: approved for longer than asked"));
        let grant = all.grants.get(grant);
        let named = grant.is_some_and(|grant| {
            let mut asked = grant.extensions.iter().map(|extension| extension.request).chain([grant.request]);
            grant.person == request.requester && grant.tool == request.tool && asked.any(|asked| asked == id)
        });
        require(broken, named, || format!("{id}: approved without a grant that names it"));
        let auto = format!("{:?}", request.evaluation.outcome).starts_with("AutoApproved");
        let taken = matches!(by, Decider::Emergency);
        require(broken, (auto || taken) == stages.is_empty(), || {
            format!("{id}: approved by nobody, not even policy")
        });
    }
}

/// Days approved by a request.
fn approved_days(all: &All, request: RequestId, person: PersonId, tool: ToolId) -> Option<Days> {
    let request = all.requests.get(&request)?;
    match request.state {
        RequestState::Approved { days, .. } if request.requester == person && request.tool == tool => {
            Some(days)
        }
        _ => None,
    }
}

fn check_grant(all: &All, grant: &Grant, log: &Log, broken: &mut Vec<String>) {
    let id = grant.id;
    let first = approved_days(all, grant.request, grant.person, grant.tool);
    require(broken, first.is_some(), || format!("{id}: access without an approved request"));
    let mut days = first.map_or(0, Days::get);
    for extension in &grant.extensions {
        let approved = approved_days(all, extension.request, grant.person, grant.tool);
        require(broken, approved == Some(extension.days), || {
            format!("{id}: extended without an approved request")
        });
        days += extension.days.get();
    }
    let span = match grant.state {
        GrantState::Active { activated_at, ends_at }
        | GrantState::NeedsFollowUp { interrupted: Interrupted::Access { activated_at, ends_at }, .. } => {
            Some((activated_at, ends_at))
        }
        GrantState::Removing { activated_at, ends_at, .. }
        | GrantState::NeedsFollowUp {
            interrupted: Interrupted::Removal { activated_at, ends_at, .. }, ..
        } => activated_at.zip(ends_at),
        _ => None,
    };
    if let Some((activated_at, ends_at)) = span {
        let whole = activated_at.days_until(ends_at);
        require(broken, whole == days, || format!("{id}: lasts {whole} days, {days} were approved"));
    }
    if let GrantState::AwaitingProvisioning { days: waiting }
    | GrantState::NeedsFollowUp { interrupted: Interrupted::Provisioning { days: waiting }, .. } =
        grant.state
    {
        require(broken, waiting.get() == days, || format!("{id}: waits for {waiting}, {days} were approved"));
    }

    let worked = grant.activated_at().is_some();
    let removed = log.count("grant.removing", id);
    let removing = match grant.state {
        GrantState::Removing { .. }
        | GrantState::NeedsFollowUp { interrupted: Interrupted::Removal { .. }, .. } => 1..=1,
        GrantState::Ended { .. } if grant.means == Means::RecordOnly => 0..=0,
        GrantState::Ended { .. } if worked => 1..=1,
        // What somebody began to give was taken away, what nobody began ended at once.
        GrantState::Ended { .. } if grant.means == Means::Connected => 0..=1,
        _ => 0..=0,
    };
    require(broken, removing.contains(&removed), || {
        format!("{id} is {}: {removed} × grant.removing", grant.state_name())
    });
    let (halted, resumed) = (log.count("grant.follow_up", id), log.count("grant.resumed", id));
    let halts = usize::from(matches!(grant.state, GrantState::NeedsFollowUp { .. }));
    require(broken, halted >= resumed + halts, || {
        format!("{id} is {}: {halted} × grant.follow_up, {resumed} × grant.resumed", grant.state_name())
    });
    let ended = grant.is_ended();
    require(broken, !ended || grant.seats.is_empty(), || format!("{id} has ended and has seats"));
    let mut expect = |kind: &str, wanted: usize| {
        let found = log.count(kind, id);
        require(broken, found == wanted, || format!("{id} is {}: {found} × {kind}", grant.state_name()));
    };
    expect("grant.created", usize::from(grant.means != Means::RecordOnly));
    expect("grant.activated", usize::from(worked));
    expect("grant.extended", grant.extensions.len());
    expect("grant.ended", usize::from(ended));

    let open: Vec<_> = all
        .jobs
        .iter()
        .filter(|job| matches!(job.subject, Subject::Grant { grant, .. } if grant == id) && job.is_open())
        .map(|job| (job.task, job.state_name() == "needs_follow_up"))
        .collect();
    let halted = matches!(grant.state, GrantState::NeedsFollowUp { .. });
    let wanted: &[(Task, bool)] = match grant.state {
        GrantState::AwaitingProvisioning { .. }
        | GrantState::NeedsFollowUp {
            interrupted: Interrupted::Provisioning { .. } | Interrupted::Access { .. },
            ..
        } => &[(Task::Provision, halted)],
        GrantState::Removing { .. }
        | GrantState::NeedsFollowUp { interrupted: Interrupted::Removal { .. }, .. } => {
            &[(Task::Deprovision, halted)]
        }
        // Access that works may be given anew.
        GrantState::Active { .. } if grant.means == Means::Connected && !open.is_empty() => {
            &[(Task::Provision, false)]
        }
        _ => &[],
    };
    require(broken, open == wanted, || format!("{id} is {}: open tasks {open:?}", grant.state_name()));
}

/// What is held and open, by person and tool: at most one open request and one unended grant, and the guard names exactly those, or a grant
/// of the same that has ended.
async fn holdings(store: &impl Store, all: &All, broken: &mut Vec<String>) {
    let mut held: BTreeMap<(PersonId, ToolId), (Vec<RequestId>, Vec<GrantId>)> = BTreeMap::new();
    for request in all.requests.values().filter(|request| request.is_open()) {
        held.entry((request.requester, request.tool)).or_default().0.push(request.id);
    }
    for grant in all.grants.values().filter(|grant| !grant.is_ended()) {
        held.entry((grant.person, grant.tool)).or_default().1.push(grant.id);
    }
    let mut guards: BTreeMap<_, _> = every::<Holding>(store)
        .await
        .into_iter()
        .map(|guard| {
            let last = guard.grant.and_then(|id| all.grants.get(&id));
            let of = (guard.person, guard.tool);
            let is_its = guard.grant.is_none() || last.is_some_and(|last| (last.person, last.tool) == of);
            require(broken, is_its, || {
                format!("the guard {of:?} names {:?}, which is not of the two", guard.grant)
            });
            (of, (guard.open_request, last.filter(|last| !last.is_ended()).map(|last| last.id)))
        })
        .collect();
    for ((person, tool), (requests, grants)) in held {
        let guard = guards.remove(&(person, tool)).unwrap_or_default();
        let agrees = requests == Vec::from_iter(guard.0) && grants == Vec::from_iter(guard.1);
        require(broken, agrees, || {
            format!("{person}:{tool} has open {requests:?} and holds {grants:?}; the guard says {guard:?}")
        });
    }
    for (key, guard) in guards {
        require(broken, guard == (None, None), || {
            format!("the guard {key:?} names {guard:?}, which is not so")
        });
    }
}

/// Rows of approvers' queues: two ways to find the open stage of a pending request in each, and no others.
async fn queues(store: &impl Store, all: &All, broken: &mut Vec<String>) {
    let mut wanted = BTreeMap::new();
    for request in all.requests.values() {
        let RequestState::Pending { review } = &request.state else { continue };
        let mut without = review.deciders();
        without.insert(request.requester);
        // A requester without a manager has nobody to ask in that way.
        let asks = review
            .open
            .approvers()
            .into_iter()
            .filter(|approvers| *approvers != Approvers::Manager || request.snapshot.manager.is_some());
        for (number, ways) in asks.collect::<Vec<_>>().chunks(2).enumerate() {
            wanted.insert((request.id, review.open.number, number), (without.clone(), ways.len()));
        }
    }
    let ways = |row: &Waiting| 1 + usize::from(row.other.is_some());
    let found: BTreeMap<_, _> = every::<Waiting>(store)
        .await
        .into_iter()
        .map(|row| ((row.request.id, row.stage, usize::from(row.number)), (row.without.clone(), ways(&row))))
        .collect();
    require(broken, wanted == found, || format!("queues hold {found:?}, open stages are {wanted:?}"));
}

/// Who has left for good has nothing open; what is being taken away may still wait for somebody.
fn leavers(all: &All, broken: &mut Vec<String>) {
    let gone = |person: &PersonId| {
        all.people.get(person).is_none_or(|person| {
            matches!(person.status, PersonStatus::Left { .. } | PersonStatus::Erased { .. })
        })
    };
    for request in all.requests.values().filter(|request| gone(&request.requester)) {
        require(broken, !request.is_open(), || format!("{}: open, its requester left", request.id));
    }
    for grant in all.grants.values().filter(|grant| gone(&grant.person)) {
        let over = !grant.is_live();
        let erased = all.people.get(&grant.person).is_none_or(Person::is_being_erased);
        require(broken, grant.is_ended() || !erased, || format!("{}: its holder is erased", grant.id));
        require(broken, over, || format!("{}: {}, its holder left", grant.id, grant.state_name()));
    }
}
