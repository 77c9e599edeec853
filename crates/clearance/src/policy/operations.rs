//! `policies.list`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::{PolicyVersion, active_version};
use super::rule::Rule;
use crate::audit::Actor;
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::documents::{self, Paging, Select};
use crate::failure::Failure;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{Names, PersonRef};
use crate::ports::Ports;
use crate::text::Line;
use crate::time::Timestamp;

/// A policy version as people see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyView {
    /// Its number.
    pub number: u32,
    /// Whether it is the one that decides now.
    pub active: bool,
    /// Who published it; none when the program did.
    pub published_by: Option<PersonRef>,
    /// When.
    pub published_at: Timestamp,
    /// Why.
    pub note: Option<Line>,
    /// Rules that name no tools, in order.
    pub rules: Vec<Rule>,
    /// Rules in all, those that name tools included.
    pub rules_in_all: u32,
}

/// `policies.list`.
#[derive(Debug)]
pub struct List;

/// What `policies.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListPolicies {
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "policies.list";
    const SUMMARY: &'static str = "Policy versions, newest first";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = ListPolicies;
    type Output = documents::List<PolicyView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListPolicies,
    ) -> Result<Decision<Self::Output>, Failure> {
        let store = context.store();
        let (active, _) = active_version(store).await?;
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let select = Select::by(&PolicyVersion::BY_NUMBER, ["all"]).descending();
        let page = documents::list::<PolicyVersion>(store, select, &paging).await?;
        let mut names = Names::new(store);
        let mut items = Vec::with_capacity(page.items.len());
        for version in page.items {
            let version = version.into_inner();
            items.push(PolicyView {
                number: version.number,
                active: version.number == active.number,
                published_by: match version.published_by {
                    Actor::Person(person) => Some(names.person(person).await?),
                    Actor::Console | Actor::System => None,
                },
                published_at: version.published_at,
                note: version.note,
                rules: version.general.into_iter().map(|placed| placed.rule).collect(),
                rules_in_all: version.rules_in_all,
            });
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}
