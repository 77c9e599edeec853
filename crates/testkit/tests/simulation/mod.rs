//! Two years of a company on the virtual clock: 500 people, 60 tools, leavers, outages of the provider, policies that change. Whatever happens,
//! at the end every invariant holds, the log verifies, and replaying the past finds no difference.
//!
//! Everything goes through the operations, as people would call them; what they do is drawn from a seed.

mod office;
mod people;

use std::collections::BTreeMap;

use clearance::ports::{CoreError, Environment as _};
use serde_json::{Value, json};
use testkit::connected::{Connected, TENANT};
use testkit::{Clock, Seeded, Site, text, tool_input};

const PEOPLE: usize = 500;
const TOOLS: usize = 60;
/// Of them, those whose group is at a provider, and those that somebody gives and takes by hand.
const CONNECTED: usize = 3;
const BY_HAND: usize = 12;
/// People who own tools, are in security, or administer.
const OWNERS: usize = 20;
const SECURITY: usize = 4;
const ADMINISTRATORS: usize = 3;
/// Seats of the few tools that have a cap.
const SEATS: u32 = 1;
/// People with an account at the provider.
const MAPPED: usize = 120;
const DAYS: u32 = 730;
/// Days on which the provider does not answer.
const OUTAGES: [std::ops::Range<u32>; 3] = [90..93, 300..310, 555..557];
const LOW: &str = "Low risk, harmless data, up to 30 days";

struct Company {
    site: Site,
    chance: Chance,
    /// Administrators first, then security, then owners.
    people: Vec<Somebody>,
    tools: Vec<String>,
    connected: Vec<Connected>,
    /// What security may have in an emergency.
    emergency_tool: String,
    hired: usize,
    outcomes: BTreeMap<String, usize>,
}

#[derive(Debug, Clone)]
struct Somebody {
    id: String,
    name: String,
    account: Option<String>,
}

struct Chance(Seeded);

impl Chance {
    fn below(&self, limit: usize) -> usize {
        let [a, b, c, d, ..] = self.0.entropy();
        u32::from_be_bytes([a, b, c, d]) as usize % limit.max(1)
    }

    fn one_in(&self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn pick<'a, T>(&self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

impl Company {
    /// Sets the company up, as its administrators would before anybody asks for anything.
    fn found(seed: u8) -> Self {
        let site = Site::on_disk();
        let limits = json!({ "decisions": { "per_hour": 100_000, "burst": 100_000 }, "verification": { "per_hour": 1_000_000, "burst": 1_000_000 } });
        let emergency = json!({ "group": site.security(), "days": 1, "budget": 5, "budget_days": 30 });
        site.console("settings.put", json!({ "limits": limits, "emergency": emergency }));
        let chance = Chance(Seeded::new(Clock::default(), seed));
        let mut company = Self {
            site,
            chance,
            people: Vec::new(),
            tools: Vec::new(),
            connected: Vec::new(),
            emergency_tool: String::new(),
            hired: 0,
            outcomes: BTreeMap::new(),
        };
        for number in 0..PEOPLE {
            let somebody = company.hire(number);
            company.people.push(somebody);
        }
        for number in 0..CONNECTED {
            let connected = match company.connected.first() {
                None => company.site.connected("Connected 0"),
                Some(first) => {
                    company.site.connected_through(&first.connector, &format!("Connected {number}"))
                }
            };
            company.tools.push(connected.tool.clone());
            company.connected.push(connected);
        }
        for number in CONNECTED..TOOLS {
            let owner =
                |number: usize| company.people[ADMINISTRATORS + SECURITY + number % OWNERS].id.clone();
            let fulfilment = if number < CONNECTED + BY_HAND { "manual" } else { "record_only" };
            let risk = ["low", "medium", "medium", "high", "low", "restricted"][number % 6];
            let mut input = tool_input(&format!("Tool {number}"));
            input["risk"] = json!(risk);
            input["owners"] = json!([owner(number), owner(number * 7 + 1)]);
            input["fulfilment"] = json!({ "kind": fulfilment });
            if number % 10 == 0 {
                input["seat_cap"] = json!(SEATS);
            }
            if number == TOOLS - 1 {
                input["emergency"] = json!("even_restricted");
            }
            let tool = text(&company.site.console("catalog.put", input)["tool"]["id"]);
            company.tools.push(tool);
        }
        company.emergency_tool = company.tools[TOOLS - 1].clone();
        for number in 0..MAPPED {
            let place = PEOPLE - 1 - number;
            company.map(place);
        }
        company
    }

    /// Somebody new: the first ones administer, are in security.
    fn hire(&mut self, number: usize) -> Somebody {
        let name = format!("Person Number {}", self.hired);
        let email = format!("person.{}@example.com", self.hired);
        self.hired += 1;
        let mut input = json!({ "name": name, "email": email });
        if number < ADMINISTRATORS {
            input["role"] = json!("administrator");
        } else if number < ADMINISTRATORS + SECURITY {
            input["groups"] = json!([self.site.security()]);
        }
        let added = self.site.console("people.put", input);
        Somebody { id: text(&added["person"]["id"]), name, account: None }
    }

    fn map(&mut self, place: usize) {
        let account = format!("00uaccount{:08}", self.hired * 1_000 + place);
        let Somebody { id, .. } = &self.people[place];
        self.site.core().account(TENANT, &account, &account);
        let mapping = json!({
            "connector": self.connected[0].connector, "person": id, "account": account, "display_name": account,
        });
        // While the provider is down, nobody can be mapped.
        if self.site.try_console("identities.put", &mapping).is_ok() {
            self.people[place].account = Some(account);
        }
    }

    /// Somebody calls; what comes of it is counted. Refusals are part of life.
    fn act(&mut self, who: &Somebody, operation: &str, input: &Value) -> Option<Value> {
        let answer = self.site.act(&who.id, operation, input);
        let outcome = answer.as_ref().map_or_else(|refusal| refusal.code().as_str(), |_| "ok").to_owned();
        assert_ne!(outcome, "malformed_input", "{operation} {input}: {answer:?}");
        *self.outcomes.entry(format!("{operation} {outcome}")).or_default() += 1;
        answer.ok()
    }

    fn items(&mut self, who: &Somebody, operation: &str, input: &Value) -> Vec<Value> {
        let mut list = self.act(who, operation, input).unwrap_or_default();
        list["items"].as_array_mut().map(std::mem::take).unwrap_or_default()
    }

    fn anybody(&self) -> Somebody {
        self.chance.pick(&self.people).clone()
    }

    /// Somebody who is still there.
    fn known(&self, person: &Value) -> Option<Somebody> {
        self.people.iter().find(|known| person["id"] == known.id.as_str()).cloned()
    }

    fn administrator(&self) -> Somebody {
        self.people[self.chance.below(ADMINISTRATORS)].clone()
    }

    fn approver(&self) -> Somebody {
        self.people[self.chance.below(ADMINISTRATORS + SECURITY + OWNERS)].clone()
    }

    /// Whatever waits for a second administrator of what one of them did.
    fn agree(&mut self, answer: Option<&Value>) {
        let Some(proposal) = answer.map(|answer| &answer["proposal"]).filter(|proposal| !proposal.is_null())
        else {
            return;
        };
        let input = json!({ "proposal": proposal["id"] });
        let by = text(&proposal["proposed_by"]["id"]);
        let other = self.people[..ADMINISTRATORS].iter().find(|person| person.id != by).cloned();
        let other = other.expect("another administrator");
        let operation = if self.chance.one_in(6) { "proposals.withdraw" } else { "proposals.confirm" };
        self.act(&other, operation, &input);
    }

    fn live(&mut self, day: u32) {
        let down = OUTAGES.iter().any(|outage| outage.contains(&day));
        self.site.core().set_down(down.then(|| CoreError::Unreachable("an outage".to_owned())));
        let weekday = day % 7 < 5;
        let events = if weekday { 5 + self.chance.below(4) } else { 1 };
        for _ in 0..events {
            self.something_happens();
            self.site.advance_minutes(20);
        }
        if weekday {
            self.decide();
            self.review();
        }
        match day % 7 {
            0 => self.somebody_leaves(),
            1 => self.look_after_jobs(),
            2 => self.change_a_tool(),
            3 => self.look_after_findings(),
            5 => self.delegate(),
            4 if day % 28 == 4 => self.change_the_policy(),
            _ => {}
        }
        if day.is_multiple_of(9) {
            self.past_the_program();
        }
        self.site.run_jobs();
        if day.is_multiple_of(2) {
            self.site.check_drift();
        }
        self.site.tick();
    }

    /// The clockwork has come by: whatever still works ends later.
    fn nothing_is_past_its_end(&self) {
        self.site.tick();
        let now = json!(self.site.now().to_string());
        let mut after = Value::Null;
        loop {
            let page =
                self.site.console("grants.list", json!({ "state": "active", "after": after, "limit": 100 }));
            for grant in page["items"].as_array().expect("grants") {
                // In the very moment of its end it is not past it.
                assert!(grant["ends_at"].as_str() >= now.as_str(), "past its end: {grant:#}");
            }
            after = page["next"].clone();
            if after.is_null() {
                return;
            }
        }
    }

    /// Every evaluation of two years, computed again.
    fn replay(&self) {
        let (mut after, mut seen) = (Value::Null, 0);
        loop {
            let page = self.site.console("policies.replay", json!({ "after": after }));
            assert_eq!(page["differences"], json!([]), "replay: {page:#}");
            seen += page["requests"].as_u64().unwrap_or_default();
            after = page["next"].clone();
            if after.is_null() {
                break;
            }
        }
        assert!(seen > 1_000, "{seen} evaluations");
    }
}

#[test]
fn two_years_leave_every_invariant_intact() {
    let mut company = Company::found(1);
    let start = company.site.now();
    for day in 0..DAYS {
        company.live(day);
        company.site.set_clock(start.plus_minutes(i64::from(day + 1) * 24 * 60));
    }
    let outcomes = &company.outcomes;
    for wanted in [
        "requests.submit ok",
        "requests.submit duplicate_request",
        "approvals.decide ok",
        "grants.extend ok",
        "grants.give_back ok",
        "grants.revoke ok",
        "people.put ok",
        "people.erase ok",
        "catalog.put ok",
        "policies.publish ok",
        "proposals.confirm ok",
        "jobs.attest ok",
        "jobs.retry ok",
        "drift.dispose ok",
        "reviews.decide ok",
        "reviews.postpone ok",
        "delegations.put ok",
        "emergency.request ok",
        "emergency.review ok",
        "seats.accept ok",
    ] {
        assert!(outcomes.get(wanted) > Some(&0), "two years without `{wanted}`: {outcomes:#?}");
    }
    company.nothing_is_past_its_end();
    company.replay();
    company.site.check();
}
