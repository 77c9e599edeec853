//! Which rules `policies.lint` and `policies.back_test` look at.

use super::document::{PolicyVersion, active_version, all_rules};
use super::draft::Draft;
use super::draft::operations::{PutRule, rules_given};
use super::rule::PlacedRule;
use crate::documents::load;
use crate::failure::Failure;
use crate::operations::Context;
use crate::ports::Ports;
use crate::refusal::{malformed, not_found};

/// Rules that are looked at.
pub(super) struct Subject {
    pub(super) rules: Vec<PlacedRule>,
    /// Whether they could become the next version: the draft, or rules that were given.
    pub(super) proposed: bool,
}

impl Subject {
    /// The rules given, or those of a version, or the draft's, or the active ones, in this order.
    ///
    /// # Errors
    /// `not_found`; `malformed_input` when both rules and a version are given; `invalid_policy` for rules out of bounds.
    pub(super) async fn load<P: Ports>(
        context: &Context<'_, P>,
        number: Option<u32>,
        given: Option<&[PutRule]>,
    ) -> Result<Self, Failure> {
        let store = context.store();
        match (given, number) {
            (Some(_), Some(_)) => {
                Err(malformed("rules", "give rules or a version's number, not both").into())
            }
            (Some(given), None) => Ok(Self { rules: rules_given(given, &context.moment)?, proposed: true }),
            (None, Some(number)) => {
                let version = load::<PolicyVersion>(store, &PolicyVersion::key_of(number)).await?;
                let version = version.ok_or_else(|| not_found("policy version"))?;
                Ok(Self { rules: all_rules(store, &version).await?, proposed: false })
            }
            (None, None) => {
                let draft = Draft::load(store).await?;
                if draft.open().is_some() {
                    return Ok(Self { rules: draft.rules(), proposed: true });
                }
                let (_, active) = active_version(store).await?;
                Ok(Self { rules: all_rules(store, &active).await?, proposed: false })
            }
        }
    }
}
