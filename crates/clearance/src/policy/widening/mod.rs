//! The widening check: is a draft more permissive than the current rules, or incomparable with them, for any request at all?
//!
//! **What is compared.** The outcomes of both for the same request: deny ≥ stages ≥ automatic approval; an automatic approval's cap is no
//! longer; and every old stage has a new one *of its own* with no more people and no fewer approvals needed. People are those of now
//! ([`Facts`](super::Facts)), without the requester; a stage that is left with too few falls to administrators, and two that ask the same
//! of the same people are one, as when a request is submitted. "Of its own" makes two approvals that become one a widening.
//!
//! A stage changes with time. Two are compared day by day, counted from when they open: whoever may have decided the new one until a day
//! may have decided the old one until then; no fewer approvals are enough; and when the old one has lapsed, so has the new one. So whoever is
//! added by an escalation or takes over after a timeout counts from that day on, an earlier timeout to more people is wider, a later one is not,
//! and a stage that lapsed and does not any more is wider.
//!
//! **The domain.** Tools that rules name one by one, other tools of the catalogue and of the future by their owners, and a proposed new
//! tool; all risks, sets of tags, sets of the requester's groups, non-empty sets of data classes, days, and days in all. Risk, tags and
//! groups are free and not those of now, for they change without the policy being published again. The requester is nobody special, or
//! anybody whom a stage means; so is their manager, or they have none.
//!
//! **Why few requests tell.** Fix tool, risk and data classes (at most 60 cells for each tool). What is left of a request is a point of a
//! product of orders: tags and groups by ⊆, days by ≤, days in all by ≥. Each rule's remaining conditions are a conjunction of "hits this
//! set of tags", "hits this set of groups", "longer than", "within the cap", each of which stays true upwards. So for every point x and
//! every set P of rules that match at x, there is a *least* point x(P) ≤ x at which they match: one tag and one group chosen for each, the
//! longest `longer_than` plus one day, the smallest cap. The rules that match at x(P) are some of those at x. Now let x be wider:
//!
//! - *An old denial is lost*: P = that rule. At x(P) no new denial matches, as none does at x.
//! - *An old demand or cap is lost, and the new outcome is automatic*: P = the old rule that makes the demand or has the cap, and, only if
//!   nothing new matches at x(P), any new rule that does at x.
//! - *No old rule matches* (administrators decide) *and the new outcome is wider*: P = any new rule that matches at x.
//! - *Stages lose one another*: by Hall's theorem, k old stages have fewer than k new ones between them; P = the old rules that demand
//!   these k (and for k = 1, if nothing new matches at x(P), a new rule as above). At x(P) there are the same k, and new ones no more.
//!
//! In each case P holds a rule that is not in both policies: what is in both gives both the same denial, cap or stage. So it is enough to
//! start from changed rules. Only Hall's case with k ≥ 2 needs larger P; there the k stages of a smallest such set are connected by new
//! stages that serve several of them, and an unchanged one is useful only if a changed new rule demands what comes to the same (otherwise leaving its
//! rule out leaves as wide a point). That search is complete, but could be long for policies made to make it long: beyond
//! [`BUDGET`](search::BUDGET) points the answer is [`Widening::Undecided`], which counts as wider.
//!
//! **Other changes than of the policy** are the same question (see `changed.rs`): of a tool, of who is meant by stages, and of who asks are two
//! policies over the same people, once what differs is written into the rules.

mod changed;
mod circle;
mod compiled;
mod point;
mod search;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use changed::{ChangedRequester, people_widening, tool_widening};

use super::evaluate::{Outcome, evaluate};
use super::facts::Facts;
use super::rule::PlacedRule;
use super::snapshot::Snapshot;
use crate::catalog::DataClass;
use crate::ids::PersonId;

/// Whether a draft is wider than the current rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Widening {
    /// For every request it is at least as strict.
    No,
    /// For some request it is more permissive, or incomparable.
    Yes(Box<Witness>),
    /// It could not be told within bounds; take it for wider.
    Undecided,
}

impl Widening {
    /// Whether a second administrator is needed.
    pub fn is_wider(&self) -> bool {
        !matches!(self, Self::No)
    }
}

/// A request for which a draft is more permissive, or incomparable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// What policy looks at.
    pub request: Snapshot,
    /// Who asks, where it matters.
    pub requester: Option<PersonId>,
    /// What the current rules say.
    pub before: Outcome,
    /// What the draft says.
    pub after: Outcome,
}

/// Whether the draft is wider than the current rules for any request.
pub fn widening(current: &[PlacedRule], draft: &[PlacedRule], facts: &Facts) -> Widening {
    let pair = compiled::Pair::new(current, draft);
    let found = match search::search(&pair, facts) {
        search::Found::Nothing => return Widening::No,
        search::Found::TooMuch => return Widening::Undecided,
        search::Found::Wider(found) => found,
    };
    let request = pair.snapshot(&found);
    let (before, after) = (evaluate(0, current, &request).outcome, evaluate(0, draft, &request).outcome);
    Widening::Yes(Box::new(Witness { request, requester: found.requester, before, after }))
}

/// All non-empty sets of data classes.
pub(super) fn class_sets() -> impl Iterator<Item = BTreeSet<DataClass>> {
    (1..1_u32 << DataClass::ALL.len()).map(|bits| {
        let of_bit = |(number, class): (usize, &DataClass)| (bits >> number & 1 == 1).then_some(*class);
        DataClass::ALL.iter().enumerate().filter_map(of_bit).collect()
    })
}
