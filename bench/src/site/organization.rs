//! People, tools and the policy.

use std::collections::BTreeSet;

use audit_log::Value;
use clearance::audit::{Actor, EventKind};
use clearance::catalog::{Category, DataClass, Fulfilment, Ownership, Risk, Tool, ToolNameOwner, ToolStatus};
use clearance::documents::{Change, load};
use clearance::emergency::EmergencyUse;
use clearance::failure::Failure;
use clearance::ids::RuleId;
use clearance::limits::{Allowance, Limits};
use clearance::people::{EmailAddressOwner, Person, PersonStatus, Role};
use clearance::policy::{
    ActivePolicy, Approvers, Conditions, Effect, PlacedRule, PolicySlice, PolicyVersion, Quorum, Rule,
    SliceSet, StageRule, default_rules,
};
use clearance::ports::Store as _;
use clearance::settings::Settings;
use clearance::text::EmailAddress;
use clearance::time::Days;
use clearance_store::SqliteStore;
use futures::executor::block_on;

use super::bulk::Bulk;
use super::{Seeder, Size, address, line, moment, paragraph, person, tool};

/// Rules of the policy in all: the default ones, and two for nearly each tool.
const RULES: u32 = 1_000;

/// What is measured decides more requests a minute than people do.
pub(super) fn limits() -> Limits {
    let most = Allowance { per_hour: Allowance::MAX, burst: Allowance::MAX };
    Limits { decisions: most, export: most, verification: most, ..Limits::default() }
}

fn raise_limits(store: &SqliteStore) -> anyhow::Result<()> {
    let settings = block_on(clearance::settings::current(store))?;
    let limits = limits();
    let mut change = Change::new();
    change.update(&settings, &Settings { limits, ..(*settings).clone() });
    block_on(store.commit(change.into_commit()?))?;
    Ok(())
}

/// Makes people, tools and policy on a fresh store.
pub(super) fn make(store: &SqliteStore, size: Size) -> anyhow::Result<()> {
    block_on(clearance::site::initialize(&Seeder(store)))?;
    raise_limits(store)?;
    let mut bulk = Bulk::new(store);
    for number in 0..size.people {
        let person = person_document(number)?;
        let owner = EmailAddressOwner { address: parse_address(number)?, person: Some(person.id) };
        let facts = Value::object([("person", Value::from(person.id.to_string()))]);
        bulk.add(3, |change| {
            change.insert(&person);
            change.insert(&owner);
            change.record(moment("people", 0, 1).now, &Actor::Console, EventKind::PersonAdded, facts);
        })?;
    }
    for number in 0..size.tools {
        let tool = tool_document(number)?;
        let name = ToolNameOwner { name: tool.name.as_str().to_lowercase(), tool: Some(tool.id) };
        let facts = Value::object([("tool", Value::from(tool.id.to_string()))]);
        bulk.add(4, |change| {
            change.insert(&tool);
            change.insert(&name);
            let (added_by, added_at) = (BTreeSet::new(), None);
            change.insert(&Ownership { person: person(number), tool: tool.id, added_by, added_at });
            change.record(moment("tools", 0, 1).now, &Actor::Console, EventKind::ToolAdded, facts);
        })?;
    }
    bulk.finish()?;
    publish_policy(store, size)
}

pub(super) fn person_document(number: u32) -> Result<Person, Failure> {
    Ok(Person {
        id: person(number),
        name: line(&format!("Person Number {number}"))?,
        email: Some(parse_address(number)?),
        role: Role::Member,
        role_changed_at: moment("people", 0, 1).now,
        manager: None,
        groups: BTreeSet::new(),
        status: PersonStatus::Active,
    })
}

fn parse_address(number: u32) -> Result<EmailAddress, Failure> {
    let text = address(number);
    EmailAddress::parse(&text).map_err(|error| Failure::Defect(format!("`{text}` {error}")))
}

/// A tool of medium risk that its owner gives by hand: each approval makes a grant and a job.
pub(crate) fn tool_document(number: u32) -> Result<Tool, Failure> {
    Ok(Tool {
        id: tool(number),
        name: line(&format!("Assistant {number}"))?,
        vendor: line("Example Vendor")?,
        url: None,
        category: Category::Assistant,
        models: vec![line("small")?, line("large")?],
        summary: paragraph("Answers questions, drafts texts and explains code; made up for measuring.")?,
        guidance: Some(paragraph(
            "Put in what the organization's people may know. Leave out names of customers, credentials and contracts. \
             Switch off training on your conversations in the settings before the first use.",
        )?),
        risk: Risk::Medium,
        status: ToolStatus::Requestable,
        data_classes: BTreeSet::from([DataClass::Public, DataClass::Internal, DataClass::Confidential]),
        usage_policy: None,
        owners: BTreeSet::from([person(number)]),
        default_days: Days::of(30),
        max_days: Days::of(365),
        review_days: Days::of(14),
        fulfilment: Fulfilment::Manual { assignee: None },
        connector: None,
        seat_cap: None,
        emergency: EmergencyUse::Never,
        tags: BTreeSet::from([line("assistant")?, line("text")?]),
        version: 1,
    })
}

fn publish_policy(store: &SqliteStore, size: Size) -> anyhow::Result<()> {
    let general = default_rules()?;
    let mut place = u32::try_from(general.len())?;
    let mut bulk = Bulk::new(store);
    for number in 0..size.tools {
        let mut rules = Vec::new();
        for rule in rules_of(number)? {
            if place < RULES {
                rules.push(PlacedRule { place, rule });
                place += 1;
            }
        }
        let tool = Some(tool(number));
        let slice = PolicySlice { number: 2, set: String::new(), tool, part: 0, more: false, rules };
        bulk.add(1, |change| change.insert(&slice))?;
    }
    bulk.finish()?;
    let now = moment("policy", 0, 1).now;
    let version = PolicyVersion {
        number: 2,
        published_by: Actor::Console,
        confirmed_by: None,
        published_at: now,
        note: Some(line("Rules of each tool")?),
        general,
        rules_in_all: place,
        slices: SliceSet::default(),
        difference: None,
        wider: false,
    };
    let active = block_on(load::<ActivePolicy>(store, ActivePolicy::KEY))?;
    let mut change = Change::new();
    change.insert(&version);
    change.upsert(active.as_ref(), &ActivePolicy { number: 2 });
    let facts = Value::object([("policy_version", Value::from(2)), ("rules", Value::from(place))]);
    change.record(now, &Actor::Console, EventKind::PolicyPublished, facts);
    block_on(store.commit(change.into_commit()?))?;
    Ok(())
}

pub(crate) fn rules_of(number: u32) -> Result<Vec<Rule>, Failure> {
    let rule = |name: &str, when: Conditions, then: Effect| -> Result<Rule, Failure> {
        let id = RuleId::of_name(&format!("bench {number} {name}"));
        let tools = Some(BTreeSet::from([tool(number)]));
        Ok(Rule { id, name: line(&format!("{name} {number}"))?, when: Conditions { tools, ..when }, then })
    };
    let owners = StageRule::new(line("Tool owner")?, BTreeSet::from([Approvers::ToolOwners]), Quorum::Any);
    Ok(vec![
        rule(
            "Its owner decides about assistant",
            Conditions::default(),
            Effect::RequireStages { stages: vec![owners] },
        )?,
        rule(
            "No regulated data in assistant",
            Conditions {
                any_data_class: Some(BTreeSet::from([DataClass::Regulated])),
                ..Conditions::default()
            },
            Effect::Deny { reason: line("This assistant is not for regulated data")? },
        )?,
    ])
}
