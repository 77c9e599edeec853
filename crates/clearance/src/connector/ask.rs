//! Questions to a provider for somebody who waits for the answer: whatever is no answer is a refusal that says what to do.

use core_protocol::message::{
    FollowUpReason as ProviderTrouble, Group, GroupReach, MemberCount, Operation, Outcome, RefusalReason,
};

use super::{CallFailure, Connector, call};
use crate::failure::Failure;
use crate::ports::{CoreError, Ports};
use crate::provisioning::FollowUpReason;
use crate::refusal::{Code, Refusal};

/// Carries out one operation at an enabled connector's provider.
///
/// # Errors
/// [`Code::ConnectorDisabled`], [`Code::ConnectorFailing`], [`Code::ProviderUnavailable`]; [`Code::AccountNotFound`],
/// [`Code::AccountInactive`]; [`Code::GroupNotBindable`], [`Code::GroupOwnedElsewhere`], [`Code::GroupNameTaken`].
pub(crate) async fn ask<P: Ports>(
    ports: &P,
    connector: &Connector,
    operation: Operation,
) -> Result<Outcome, Failure> {
    if !connector.is_enabled() {
        let message = "this connector is disabled; enable it first";
        return Err(Refusal::new(Code::ConnectorDisabled, message).into());
    }
    let outcome = match call(ports, connector, operation).await {
        Ok(answer) => answer.outcome,
        Err(failure @ (CallFailure::Vault(_) | CallFailure::Core(CoreError::NotConfigured))) => {
            return Err(failure.into());
        }
        Err(CallFailure::SecretMissing) => return Err(failing(FollowUpReason::SecretMissing).into()),
        Err(CallFailure::Core(_)) => {
            let message = "ArdSaor Core does not answer; see that it runs and try again";
            return Err(Refusal::new(Code::ProviderUnavailable, message).with("reason", "core_down").into());
        }
    };
    match outcome {
        Outcome::RetryAfter { seconds, reason } => {
            let message = "the provider cannot answer now; try again shortly";
            Err(Refusal::new(Code::ProviderUnavailable, message)
                .with("reason", reason.code())
                .with("retry_after", seconds)
                .into())
        }
        Outcome::NeedsFollowUp { reason } => Err(trouble(reason).into()),
        Outcome::Refused { reason } => Err(refused(reason).into()),
        answer => Ok(answer),
    }
}

/// The group in an answer that holds one.
///
/// # Errors
/// [`Code::ConnectorFailing`] when the answer holds something else.
pub(super) fn group(outcome: Outcome) -> Result<Group, Refusal> {
    match outcome {
        Outcome::Group { group } => Ok(group),
        _ => Err(unexpected()),
    }
}

/// An answer that belongs to another question.
pub(crate) fn unexpected() -> Refusal {
    failing(FollowUpReason::UnexpectedAnswer)
}

fn failing(reason: FollowUpReason) -> Refusal {
    let message = format!("the connector does not work: {}", lower(reason.what_to_do()));
    Refusal::new(Code::ConnectorFailing, message)
        .with("reason", reason.as_str())
        .with("what_to_do", reason.what_to_do())
}

fn trouble(reason: ProviderTrouble) -> Refusal {
    match reason {
        ProviderTrouble::IdentityGone => {
            let message = "the provider knows no such account; look the id or sign-in name up there";
            Refusal::new(Code::AccountNotFound, message)
        }
        ProviderTrouble::IdentityInactive => inactive(),
        ProviderTrouble::GroupGone => not_bindable(
            reason.code(),
            "There is no such group at the provider: look it up again, or let a new one be made.",
        ),
        ProviderTrouble::GroupNotWritable => {
            not_bindable(reason.code(), FollowUpReason::GroupNotWritable.what_to_do())
        }
        ProviderTrouble::CredentialsRefused
        | ProviderTrouble::PermissionMissing
        | ProviderTrouble::UnexpectedAnswer => failing(reason.into()),
    }
}

/// The account is suspended or deactivated.
pub(crate) fn inactive() -> Refusal {
    let message =
        "the account is suspended or deactivated at the provider; activate it there, or take another";
    Refusal::new(Code::AccountInactive, message)
}

fn refused(reason: RefusalReason) -> Refusal {
    match reason {
        RefusalReason::GroupOwnedElsewhere => {
            let what_to_do =
                "Another installation manages this group: release it there, or take another group.";
            Refusal::new(Code::GroupOwnedElsewhere, sentence(what_to_do)).with("what_to_do", what_to_do)
        }
        RefusalReason::NameTaken => {
            let what_to_do = "The provider has a group of this name that was not made here: bind it, or take another name.";
            Refusal::new(Code::GroupNameTaken, sentence(what_to_do)).with("what_to_do", what_to_do)
        }
        RefusalReason::GroupRuleManaged => not_bindable(
            reason.code(),
            "Rules at the provider decide who is in this group: remove the rules there, or take a group without.",
        ),
        RefusalReason::GroupBuiltIn => not_bindable(
            reason.code(),
            "This is the provider's own group, which cannot be managed: take another group.",
        ),
        RefusalReason::GroupOfApplication => not_bindable(
            reason.code(),
            "An application fills this group: take a group that the provider itself keeps.",
        ),
        RefusalReason::GroupDynamic => not_bindable(
            reason.code(),
            "A rule computes who is in this group: take one with assigned membership.",
        ),
        RefusalReason::GroupSynced => not_bindable(
            reason.code(),
            "This group is synchronised from elsewhere: take one that is kept at the provider.",
        ),
        RefusalReason::GroupMailEnabled => not_bindable(
            reason.code(),
            "This is a mail-enabled group or distribution list, which cannot be managed: take a security group.",
        ),
        RefusalReason::GroupRoleAssignable => not_bindable(
            reason.code(),
            "Directory roles can be assigned to this group: take one without that power.",
        ),
        RefusalReason::WrongId => {
            not_bindable(reason.code(), "This is no id of the provider: look the group up by its name.")
        }
        RefusalReason::FenceTooLow | RefusalReason::FenceReused | RefusalReason::GroupNotBound => {
            unexpected()
        }
    }
}

fn not_bindable(reason: &str, what_to_do: &str) -> Refusal {
    Refusal::new(Code::GroupNotBindable, sentence(what_to_do))
        .with("reason", reason)
        .with("what_to_do", what_to_do)
}

/// Advice as a refusal says it: lower case, no full stop.
fn sentence(advice: &str) -> String {
    lower(advice).trim_end_matches('.').to_owned()
}

fn lower(advice: &str) -> String {
    let mut letters = advice.chars();
    let first = letters.next().map(|letter| letter.to_lowercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

/// Text of the provider's as it is kept and shown: one line of at most 200 characters that cannot pass for another.
pub(crate) fn shown(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|character| if character.is_whitespace() { ' ' } else { character })
        .filter(|character| crate::text::Line::parse(&character.to_string()).is_ok() || *character == ' ')
        .take(200)
        .collect();
    plain.trim().to_owned()
}

/// A group as it is kept and shown.
pub(super) fn shown_group(group: Group) -> Group {
    let reach = match group.reach {
        Some(GroupReach::Applications { names }) => {
            Some(GroupReach::Applications { names: names.iter().map(|name| shown(name)).collect() })
        }
        reach => reach,
    };
    let name = Some(shown(&group.name)).filter(|name| !name.is_empty());
    Group {
        name: name.unwrap_or_else(|| "(no name)".to_owned()),
        description: group.description.as_deref().map(shown),
        reach,
        ..group
    }
}

/// How many members a group has, as far as one page shows.
pub(super) fn at_least(members: Option<MemberCount>) -> u32 {
    members.map_or(0, |members| members.at_least)
}
