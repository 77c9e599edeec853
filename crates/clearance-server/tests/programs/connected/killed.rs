//! SIGKILL of either program at any moment of 500 jobs: afterwards every job is finished exactly as the provider's state says, and meanwhile
//! nothing is called active or ended that the provider does not show.

use std::time::Duration;

use clearance::documents::{Select, all};
use clearance::grant::{Grant, GrantState};
use clearance::ports::Environment as _;
use clearance::provisioning::{Claims, Job};
use clearance_server::data::{LocalHost, Opened};
use serde_json::{Value, json};
use testkit::{Clock, Seeded};

use super::company::{Company, Deployment, Tool, put_back_all};
use super::providers::Way;
use crate::program::{Person, close};

/// So many at each provider, by what a connector's pace allows: 500 jobs, in and out.
const PEOPLE: [(Way, u32); 2] = [(Way::OktaToken, 75), (Way::EntraSecret, 175)];
/// Of each program, at least, while access comes about, and again while it ends.
const KILLS: u32 = 3;

/// One person's access.
struct Access {
    person: Person,
    number: u32,
    tool: Tool,
    grant: String,
}

/// What stands in documents is what the provider shows, as far as nothing is under way; how many jobs are still to be done.
async fn compare(company: &Company, host: &LocalHost, accesses: &[Access]) -> usize {
    let grants = all::<Grant>(&host.store, Select::all()).await.unwrap();
    for access in accesses {
        let grant = grants.iter().find(|grant| grant.id.to_string() == access.grant).unwrap();
        let is_member = company.providers.is_member(access.tool.way, access.tool.group, access.number);
        match grant.state {
            GrantState::Active { .. } => assert!(is_member, "{} is active", grant.id),
            GrantState::Ended { .. } => assert!(!is_member, "{} has ended", grant.id),
            GrantState::NeedsFollowUp { reason, .. } => panic!("{} needs {}", grant.id, reason.as_str()),
            GrantState::AwaitingProvisioning { .. } | GrantState::Removing { .. } => {}
        }
    }
    let jobs = all::<Job>(&host.store, Select::all()).await.unwrap();
    jobs.iter().filter(|job| job.is_open() && job.person().is_some()).count()
}

/// Kills the programs by turns while jobs run, until all are done.
async fn kill_until_done(company: &mut Company, accesses: &[Access], chance: &Seeded) {
    let (mut of_server, mut of_core) = (0, 0);
    loop {
        // By what the providers were asked, so that it is in the midst of something; or nothing is asked because all is done.
        let [more, turns, ..] = chance.entropy();
        let wanted = company.providers.asked() + 1 + u64::from(more);
        for _ in 0..100 {
            if company.providers.asked() >= wanted {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        if of_core <= of_server {
            of_core += 1;
            company.core.as_mut().unwrap().kill();
            company.core.as_mut().unwrap().restart();
            continue;
        }
        of_server += 1;
        company.stop_server();
        let left = {
            let Opened { host, lock: _lock } = company.data.directory().open().await.unwrap();
            let left = compare(company, &host, accesses).await;
            // Two minutes later: whatever a killed program was at is taken over.
            put_back_all(&host, "lease_until", |_: &Claims| true).await;
            close(host);
            left
        };
        company.serve();
        if left == 0 {
            break;
        }
    }
    assert!(of_server >= KILLS && of_core >= KILLS, "{of_server} and {of_core} kills");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_of_500_jobs_every_job_ends_as_the_provider_s_state_says() {
    let mut company =
        Company::start_with(Deployment::Beside, "open_seconds = 1\nprovider_seconds = 5\n").await;
    // Nothing of this is about the provider's own limit.
    company.providers.okta.limit(1_000_000);
    let chance = Seeded::new(Clock::default(), 11);
    let (mut people, mut next) = (Vec::new(), 1);
    for (way, count) in PEOPLE {
        let connector = company.connect(way).await;
        let tool = company.connected_tool(way, &connector, 1, "low").await;
        let members = company.members(way, &connector, next..next + count).await;
        people.extend(members.into_iter().map(|(person, number)| (person, number, tool.clone())));
        next += count;
    }
    // Nothing begins before all have asked.
    company.core.as_mut().unwrap().kill();
    let mut accesses = Vec::new();
    for (person, number, tool) in people {
        let grant = company.taken(&tool, &person).await;
        accesses.push(Access { person, number, tool, grant });
    }
    company.core.as_mut().unwrap().restart();
    kill_until_done(&mut company, &accesses, &chance).await;
    let is_member =
        |company: &Company, it: &Access| company.providers.is_member(it.tool.way, it.tool.group, it.number);
    for access in &accesses {
        company.grant(&access.grant, "active").await;
        assert!(is_member(&company, access));
    }
    company.core.as_mut().unwrap().kill();
    for access in &accesses {
        company.ok(&access.person, "grants.give_back", json!({ "grant": access.grant })).await;
    }
    company.core.as_mut().unwrap().restart();
    kill_until_done(&mut company, &accesses, &chance).await;
    for access in &accesses {
        let ended = company.grant(&access.grant, "ended").await;
        assert_eq!(ended["end_reason"], "given_back", "{ended:#}");
        assert!(!is_member(&company, access));
    }
    let jobs: Vec<Value> = company.jobs(&accesses[0].grant).await;
    assert!(jobs.iter().any(|job| job["task"] == "deprovision" && job["state"] == "succeeded"), "{jobs:#?}");
    company.check().await;
}
