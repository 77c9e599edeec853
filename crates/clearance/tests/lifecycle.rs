//! Properties of lifecycles under random commands of several people and passing time, on the memory store through the operation table.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use clearance::authorization::{Caller, Credential, Principal, Standing};
use clearance::clockwork;
use clearance::documents::{List, Loaded, Paging, Select, list, load};
use clearance::grant::{Grant, GrantState};
use clearance::ids::RequestId;
use clearance::operations::{Call, perform};
use clearance::people::Person;
use clearance::policy::Outcome;
use clearance::ports::{
    Absent, Environment, Place, Ports, RsaPublicKey, RsaScheme, Secret, Vault, VaultError,
};
use clearance::request::{Holding, Request, RequestState, Source};
use clearance::review::{Renewal, Review, ReviewDecision, ReviewOfGrant, ReviewState};
use clearance::time::Timestamp;
use clearance_store::MemoryStore;
use ed25519_dalek::{Signer as _, SigningKey};
use futures::executor::block_on;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

const DAY: i64 = 24 * 60 * 60 * 1000;

struct TestEnvironment {
    now: AtomicI64,
    drawn: AtomicU64,
}

impl Environment for TestEnvironment {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now.load(Ordering::SeqCst))
    }

    fn entropy(&self) -> [u8; 32] {
        let number = self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number);
        bytes
    }
}

struct Site {
    store: MemoryStore,
    environment: TestEnvironment,
    people: Vec<String>,
    tools: Vec<Value>,
}

impl Ports for Site {
    type Store = MemoryStore;
    type Environment = TestEnvironment;
    type Vault = Self;
    type Core = Absent;
    type Jira = Absent;

    fn store(&self) -> &MemoryStore {
        &self.store
    }

    fn environment(&self) -> &TestEnvironment {
        &self.environment
    }

    fn vault(&self) -> &Self {
        self
    }

    fn core(&self) -> &Absent {
        &Absent
    }

    fn jira(&self) -> &Absent {
        &Absent
    }
}

fn signing_key(name: &str) -> SigningKey {
    let mut seed = [7; 32];
    seed.iter_mut().zip(name.bytes()).for_each(|(byte, named)| *byte ^= named);
    SigningKey::from_bytes(&seed)
}

impl Vault for Site {
    async fn public_key(&self, key: &str) -> Result<[u8; 32], VaultError> {
        Ok(signing_key(key).verifying_key().to_bytes())
    }

    async fn sign(&self, key: &str, message: &[u8]) -> Result<[u8; 64], VaultError> {
        Ok(signing_key(key).sign(message).to_bytes())
    }

    async fn rsa_public_key(&self, key: &Place) -> Result<RsaPublicKey, VaultError> {
        Absent.rsa_public_key(key).await
    }

    async fn sign_rsa(&self, key: &Place, scheme: RsaScheme, message: &[u8]) -> Result<Vec<u8>, VaultError> {
        Absent.sign_rsa(key, scheme, message).await
    }

    async fn fingerprints(&self, key: &str, messages: &[String]) -> Result<Vec<[u8; 32]>, VaultError> {
        Absent.fingerprints(key, messages).await
    }

    async fn keep(&self, place: &Place, secret: &Secret) -> Result<(), VaultError> {
        Absent.keep(place, secret).await
    }

    async fn secret(&self, place: &Place) -> Result<Option<Secret>, VaultError> {
        Absent.secret(place).await
    }

    async fn destroy(&self, place: &Place) -> Result<(), VaultError> {
        Absent.destroy(place).await
    }
}

impl Site {
    async fn new() -> Self {
        let environment =
            TestEnvironment { now: AtomicI64::new(1_795_000_000_000), drawn: AtomicU64::new(0) };
        let store = MemoryStore::new(clearance::KINDS);
        let mut site = Self { store, environment, people: Vec::new(), tools: Vec::new() };
        clearance::site::initialize(&site).await.unwrap();
        for (name, role) in
            [("Ada", "administrator"), ("Bo", "administrator"), ("Cy", "member"), ("Di", "member")]
        {
            let answer =
                site.call(Caller::Console, "people.put", json!({"name": name, "role": role})).await.unwrap();
            site.people.push(answer["person"]["id"].as_str().unwrap().to_owned());
        }
        for (name, risk, fulfilment, owner) in [
            ("Low", "low", json!({"kind": "record_only"}), 0),
            ("Medium", "medium", json!({"kind": "manual"}), 2),
            ("High", "high", json!({"kind": "record_only"}), 3),
        ] {
            let tool = json!({
                "name": name, "vendor": "V", "category": "assistant", "summary": "s", "risk": risk, "status": "requestable",
                "data_classes": ["public", "internal"], "default_days": 10, "max_days": 40, "fulfilment": fulfilment,
                "owners": [site.people[owner]],
            });
            let answer = site.call(Caller::Console, "catalog.put", tool).await.unwrap();
            site.tools.push(answer["tool"].clone());
        }
        site
    }

    async fn call(&self, caller: Caller, operation: &str, input: Value) -> Result<Value, String> {
        let input = serde_json::to_vec(&input).unwrap();
        let call = Call { operation, caller, input: &input, idempotency_key: None };
        match perform(self, call).await {
            Ok(answer) => Ok(serde_json::from_slice(&answer).unwrap()),
            Err(failure) => {
                let code = failure.into_refusal().code();
                assert_ne!(code.as_str(), "unavailable", "{operation} met a defect");
                Err(code.as_str().to_owned())
            }
        }
    }

    async fn caller(&self, person: usize) -> Caller {
        let person = load::<Person>(&self.store, &self.people[person]).await.unwrap().unwrap();
        let signed_in_at = self.environment.now();
        Caller::Person(Box::new(Principal {
            person,
            standing: Standing::Own,
            signed_in_at,
            credential: Credential::Session,
        }))
    }

    async fn all<D: clearance::documents::Document>(&self) -> Vec<D> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let paging = Paging { after, limit: Some(100) };
            let page: List<Loaded<D>> = list(&self.store, Select::all(), &paging).await.unwrap();
            all.extend(page.items.into_iter().map(Loaded::into_inner));
            after = page.next;
            if after.is_none() {
                return all;
            }
        }
    }
}

/// One random command: who, what, on which of the things there are.
#[derive(Debug, Clone)]
enum Step {
    Submit { person: usize, tool: usize, days: u32 },
    Decide { person: usize, pick: usize, approve: bool },
    Ask { person: usize, pick: usize },
    Answer { person: usize, pick: usize },
    Cancel { person: usize, pick: usize },
    GiveBack { person: usize, pick: usize },
    Revoke { person: usize, pick: usize },
    Attest { person: usize, pick: usize },
    Extend { person: usize, pick: usize, days: u32 },
    Review { person: usize, pick: usize, choice: usize },
    Risk { tool: usize, risk: usize },
    Wait { days: u32 },
    Tick,
}

fn steps() -> impl Strategy<Value = Step> {
    let person = 0..4_usize;
    let pick = 0..64_usize;
    prop_oneof![
        6 => (person.clone(), 0..3_usize, 1..45_u32).prop_map(|(person, tool, days)| Step::Submit { person, tool, days }),
        8 => (person.clone(), pick.clone(), prop::bool::weighted(0.8)).prop_map(|(person, pick, approve)| Step::Decide { person, pick, approve }),
        1 => (person.clone(), pick.clone()).prop_map(|(person, pick)| Step::Ask { person, pick }),
        1 => (person.clone(), pick.clone()).prop_map(|(person, pick)| Step::Answer { person, pick }),
        1 => (person.clone(), pick.clone()).prop_map(|(person, pick)| Step::Cancel { person, pick }),
        1 => (person.clone(), pick.clone()).prop_map(|(person, pick)| Step::GiveBack { person, pick }),
        1 => (person.clone(), pick.clone()).prop_map(|(person, pick)| Step::Revoke { person, pick }),
        4 => (person.clone(), pick.clone()).prop_map(|(person, pick)| Step::Attest { person, pick }),
        2 => (person.clone(), pick.clone(), 1..30_u32).prop_map(|(person, pick, days)| Step::Extend { person, pick, days }),
        6 => (person, pick, 0..8_usize).prop_map(|(person, pick, choice)| Step::Review { person, pick, choice }),
        1 => (0..3_usize, 0..4_usize).prop_map(|(tool, risk)| Step::Risk { tool, risk }),
        3 => (1..9_u32).prop_map(|days| Step::Wait { days }),
        2 => Just(Step::Tick),
    ]
}

/// One of the newest few reviews is decided or put off by somebody.
async fn review(site: &Site, person: usize, pick: usize, choice: usize) -> Option<Result<Value, String>> {
    let reviews = site.all::<Review>().await;
    let place = reviews.len().checked_sub(1 + pick % reviews.len().clamp(1, 6))?;
    let review = reviews[place].id.to_string();
    let caller = site.caller(person).await;
    if choice == 7 {
        let input = json!({"review": review, "reason": "r", "days": 1});
        return Some(site.call(caller, "reviews.postpone", input).await);
    }
    let decision = ["renew", "renew", "renew", "let_expire", "let_expire", "remove", "renew"][choice];
    let input = json!({"review": review, "decision": decision, "reason": "r"});
    Some(site.call(caller, "reviews.decide", input).await)
}

/// A tool gets another risk.
async fn change_risk(site: &Site, tool: usize, risk: usize) -> Result<Value, String> {
    let tool = &site.tools[tool];
    let read = site.call(Caller::Console, "catalog.get", json!({"tool": tool["id"]})).await.unwrap();
    let mut input = json!({"id": tool["id"], "version": read["tool"]["version"]});
    for field in [
        "name",
        "vendor",
        "category",
        "summary",
        "status",
        "data_classes",
        "default_days",
        "max_days",
        "fulfilment",
    ] {
        input[field] = tool[field].clone();
    }
    input["owners"] = json!([tool["owners"][0]["id"]]);
    input["risk"] = json!(["low", "medium", "high", "low"][risk]);
    let answer = site.call(Caller::Console, "catalog.put", input).await?;
    match answer.pointer("/proposal/id") {
        // It gives more: an administrator agrees.
        Some(proposal) => {
            site.call(site.caller(0).await, "proposals.confirm", json!({ "proposal": proposal })).await
        }
        None => Ok(answer),
    }
}

async fn take(site: &Site, step: &Step) {
    let requests = site.all::<Request>().await;
    let grants = site.all::<Grant>().await;
    // Ids sort by time: the newest few are those that still move.
    let newest = |count: usize, pick: usize| count.checked_sub(1 + pick % count.clamp(1, 6));
    let request = |pick: usize| newest(requests.len(), pick).map(|place| requests[place].id.to_string());
    let grant = |pick: usize| newest(grants.len(), pick).map(|place| grants[place].id.to_string());
    // Refusals are part of the walk: what counts is what they leave behind.
    let outcome = match *step {
        Step::Submit { person, tool, days } => {
            let input = json!({"tool": site.tools[tool]["id"], "purpose": "p", "data_classes": ["public"], "days": days});
            Some(site.call(site.caller(person).await, "requests.submit", input).await)
        }
        Step::Decide { person, pick, approve } => match request(pick) {
            Some(request) => {
                let decision = if approve { "approve" } else { "deny" };
                let input = json!({"request": request, "decision": decision, "rationale": "r"});
                Some(site.call(site.caller(person).await, "approvals.decide", input).await)
            }
            None => None,
        },
        Step::Ask { person, pick } => match request(pick) {
            Some(request) => {
                let input = json!({"request": request, "question": "why?"});
                Some(site.call(site.caller(person).await, "approvals.ask", input).await)
            }
            None => None,
        },
        Step::Answer { person, pick } => match request(pick) {
            Some(request) => {
                let input = json!({"request": request, "answer": "because"});
                Some(site.call(site.caller(person).await, "requests.provide_information", input).await)
            }
            None => None,
        },
        Step::Cancel { person, pick } => match request(pick) {
            Some(request) => Some(
                site.call(site.caller(person).await, "requests.cancel", json!({"request": request})).await,
            ),
            None => None,
        },
        Step::GiveBack { person, pick } => match grant(pick) {
            Some(grant) => {
                Some(site.call(site.caller(person).await, "grants.give_back", json!({"grant": grant})).await)
            }
            None => None,
        },
        Step::Revoke { person, pick } => match grant(pick) {
            Some(grant) => {
                Some(site.call(site.caller(person).await, "grants.revoke", json!({"grant": grant})).await)
            }
            None => None,
        },
        Step::Attest { person, pick } => match grant(pick) {
            Some(grant) => {
                Some(site.call(site.caller(person).await, "grants.attest", json!({"grant": grant})).await)
            }
            None => None,
        },
        Step::Extend { person, pick, days } => match grant(pick) {
            Some(grant) => {
                let input = json!({"grant": grant, "days": days});
                Some(site.call(site.caller(person).await, "grants.extend", input).await)
            }
            None => None,
        },
        Step::Review { person, pick, choice } => review(site, person, pick, choice).await,
        Step::Risk { tool, risk } => Some(change_risk(site, tool, risk).await),
        Step::Wait { days } => {
            site.environment.now.fetch_add(i64::from(days) * DAY, Ordering::SeqCst);
            None
        }
        Step::Tick => {
            clockwork::run_due(site).await.unwrap();
            None
        }
    };
    drop(outcome);
}

/// What must hold after every step; `ended` remembers what has ended.
async fn check(site: &Site, ended: &mut BTreeMap<String, GrantState>) {
    let requests: BTreeMap<_, _> =
        site.all::<Request>().await.into_iter().map(|request| (request.id, request)).collect();
    let mut live = BTreeSet::new();
    for grant in site.all::<Grant>().await {
        let request = &requests[&grant.request];
        let RequestState::Approved { grant: named, stages, .. } = &request.state else {
            panic!("{} exists without an approval: {}", grant.id, request.state_name())
        };
        assert_eq!(*named, grant.id);
        assert!(
            stages
                .iter()
                .all(|stage| stage.approvals.iter().all(|approval| approval.by != request.requester)),
            "own approval"
        );
        let deciders: Vec<_> =
            stages.iter().flat_map(|stage| &stage.approvals).map(|approval| approval.by).collect();
        assert_eq!(
            deciders.iter().collect::<BTreeSet<_>>().len(),
            deciders.len(),
            "one person decided two stages"
        );
        let denied = matches!(request.evaluation.outcome, clearance::policy::Outcome::Denied { .. });
        assert!(!denied, "granted against policy");
        if let Some(before) = ended.get(&grant.id.to_string()) {
            assert_eq!(*before, grant.state, "an ended grant changed");
        }
        if grant.is_ended() {
            ended.insert(grant.id.to_string(), grant.state);
        } else {
            assert!(live.insert((grant.person, grant.tool)), "two live grants of one person for one tool");
            let holding = load::<Holding>(&site.store, &Holding::key_of(grant.person, grant.tool))
                .await
                .unwrap()
                .unwrap();
            assert_eq!(holding.grant, Some(grant.id));
        }
        if let GrantState::Active { ends_at, .. } = grant.state {
            assert!(
                site.environment.now().days_until(ends_at) <= 40,
                "more time than the tool's maximum remains"
            );
        }
    }
    check_reviews(site, &requests).await;
    let mut open = BTreeSet::new();
    for request in requests.values().filter(|request| request.is_open()) {
        assert!(
            open.insert((request.requester, request.tool)),
            "two open requests of one person for one tool"
        );
    }
}

/// One review of a grant is open at a time; its holder never decides it; a renewal is a request that policy evaluated, and extends nothing else.
async fn check_reviews(site: &Site, requests: &BTreeMap<RequestId, Request>) {
    let mut open = BTreeSet::new();
    let mut renewals = BTreeSet::new();
    for review in site.all::<Review>().await {
        let guard = load::<ReviewOfGrant>(&site.store, &review.grant.to_string()).await.unwrap().unwrap();
        match &review.state {
            ReviewState::Open { rests_until } => {
                assert!(open.insert(review.grant), "two open reviews of one grant");
                assert!(guard.open && guard.review == review.id);
                assert!(review.ends_at.is_none_or(|ends_at| rests_until.is_none_or(|until| until < ends_at)));
            }
            ReviewState::Decided { decision, by, .. } => {
                assert_ne!(*by, review.person, "reviewed by its holder");
                let ReviewDecision::Renew { renewal, .. } = decision else { continue };
                let Some(request) = renewal.request() else { continue };
                assert!(renewals.insert(request), "two reviews made one request");
                let request = &requests[&request];
                assert_eq!((request.requester, request.extends), (review.person, Some(review.grant)));
                assert_eq!(request.source, Source::Review);
                match renewal {
                    Renewal::Extended { .. } => {
                        assert!(matches!(request.evaluation.outcome, Outcome::AutoApproved { .. }));
                    }
                    Renewal::Denied { .. } => {
                        assert!(matches!(request.evaluation.outcome, Outcome::Denied { .. }));
                    }
                    Renewal::Asked { .. } => {
                        assert!(matches!(request.evaluation.outcome, Outcome::Stages { .. }));
                    }
                    Renewal::AwaitsAcceptance => panic!("nothing was asked"),
                }
            }
            ReviewState::Undecided { .. } | ReviewState::Void { .. } => {}
        }
        assert!(review.postponements.len() <= 1, "put off more often than it may be");
    }
    let made = requests.values().filter(|request| request.source == Source::Review).map(|request| request.id);
    assert_eq!(made.collect::<BTreeSet<_>>(), renewals);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_access_without_approval_no_duplicates_and_ended_stays_ended(steps in vec(steps(), 1..60)) {
        block_on(async {
            let site = Site::new().await;
            let mut ended = BTreeMap::new();
            for step in &steps {
                take(&site, step).await;
                check(&site, &mut ended).await;
            }
            // Long after everything, nothing is left active, and the log is sound.
            site.environment.now.fetch_add(400 * DAY, Ordering::SeqCst);
            clockwork::run_due(&site).await.unwrap();
            check(&site, &mut ended).await;
            for grant in site.all::<Grant>().await {
                assert!(!matches!(grant.state, GrantState::Active { .. }), "active past its end");
            }
            for request in site.all::<Request>().await {
                assert!(!request.is_open(), "open past its deadline");
            }
            // Access that never worked has no end, nor has its review.
            for review in site.all::<Review>().await {
                assert!(!review.is_open() || review.ends_at.is_none(), "open past the end");
            }
            let verified = site.call(Caller::Console, "audit.verify", json!({})).await.unwrap();
            assert_eq!(verified["ok"], json!(true));
        });
    }
}

#[test]
fn a_long_walk_reaches_every_state() {
    // Fixed randomness: this shows that the walks above do something.
    let mut runner = TestRunner::deterministic();
    let steps: Vec<_> = (0..600).map(|_| steps().new_tree(&mut runner).unwrap().current()).collect();
    block_on(async {
        let site = Site::new().await;
        let mut ended = BTreeMap::new();
        let mut reached = BTreeSet::new();
        for step in &steps {
            take(&site, step).await;
            reached.extend(site.all::<Request>().await.iter().map(Request::state_name));
            reached.extend(site.all::<Grant>().await.iter().map(Grant::state_name));
        }
        check(&site, &mut ended).await;
        let states = "pending needs_information approved denied cancelled lapsed awaiting_provisioning active removing ended";
        for state in states.split(' ') {
            assert!(reached.contains(state), "never {state}");
        }
        assert!(site.all::<Grant>().await.iter().any(|grant| !grant.extensions.is_empty()), "never extended");
        let reviews = site.all::<Review>().await;
        for state in "decided undecided void".split(' ') {
            assert!(reviews.iter().any(|review| review.state_name() == state), "never {state}");
        }
        let asked = |review: &Review| match &review.state {
            ReviewState::Decided { decision: ReviewDecision::Renew { renewal, .. }, .. } => renewal.request(),
            _ => None,
        };
        assert!(reviews.iter().any(|review| asked(review).is_some()), "never renewed");
    });
}
