//! `people.account_deleted`: an account of the platform is gone, and with it whatever tells who it was.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::erase::{Erase, ErasePerson};
use crate::authorization::CallerKind::System;
use crate::authorization::CallerKinds;
use crate::documents::Change;
use crate::failure::Failure;
use crate::intake;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{JiraAccountId, Ports};
use crate::sign_in::find_by_jira_account;

/// `people.account_deleted`.
#[derive(Debug)]
pub struct AccountDeleted;

/// What `people.account_deleted` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeletedAccount {
    /// The account's id.
    pub account: JiraAccountId,
}

/// What `people.account_deleted` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DeletedAnswer {
    /// Whether a person here is being erased because of it, or was before.
    pub known: bool,
}

impl Operation for AccountDeleted {
    const NAME: &'static str = "people.account_deleted";
    const SUMMARY: &'static str = "Erase the person whose account the platform deleted";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[System]);
    type Input = DeletedAccount;
    type Output = DeletedAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &DeletedAccount,
    ) -> Result<Decision<DeletedAnswer>, Failure> {
        let Some(person) = find_by_jira_account(context.store(), &input.account).await? else {
            // Who never called may be named by issues that wait for them.
            let mut change = Change::new();
            intake::forget_reporter(context.store(), &input.account, &mut change).await?;
            return Ok(Decision::change(DeletedAnswer { known: false }, change));
        };
        let erasing = Erase::run(context, &ErasePerson { person: person.id }).await?;
        Ok(Decision::change(DeletedAnswer { known: true }, erasing.change))
    }
}
