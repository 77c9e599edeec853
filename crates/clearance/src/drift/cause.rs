use core_protocol::message::{FollowUpReason, RefusalReason, RetryReason};
use serde::{Deserialize, Serialize};

use crate::connector::CallFailure;
use crate::ports::CoreError;

/// Why a group could not be checked, or why nobody but the provider decides who is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The provider or Core could not do it now.
    Retry(RetryReason),
    /// A person must do something at the provider first.
    FollowUp(FollowUpReason),
    /// Core will not do it.
    Refused(RefusalReason),
    /// Core gave no answer.
    CoreDown,
    /// The vault gave no key or signature.
    VaultDown,
    /// The connector's secret is not in the vault any more.
    SecretMissing,
    /// The connector is disabled.
    ConnectorDisabled,
    /// The answer was one to another question.
    UnexpectedAnswer,
    /// The provider calls so many members deactivated at once that a person has to look first.
    TooManyDeactivated,
}

impl Cause {
    /// The cause as the log and the interface name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retry(reason) => reason.code(),
            Self::FollowUp(reason) => reason.code(),
            Self::Refused(reason) => reason.code(),
            Self::CoreDown => "core_down",
            Self::VaultDown => "vault_down",
            Self::SecretMissing => "secret_missing",
            Self::ConnectorDisabled => "connector_disabled",
            Self::UnexpectedAnswer => "unexpected_answer",
            Self::TooManyDeactivated => "too_many_deactivated",
        }
    }

    /// Whether it may be over soon, without anybody's doing.
    pub(super) fn passes(self) -> bool {
        matches!(self, Self::Retry(_) | Self::CoreDown | Self::VaultDown)
    }

    /// Whether it says that the group's members are not this program's to change.
    pub(super) fn is_rule(self) -> bool {
        match self {
            Self::FollowUp(reason) => reason == FollowUpReason::GroupNotWritable,
            Self::Refused(
                RefusalReason::GroupRuleManaged
                | RefusalReason::GroupBuiltIn
                | RefusalReason::GroupOfApplication
                | RefusalReason::GroupDynamic
                | RefusalReason::GroupSynced
                | RefusalReason::GroupMailEnabled
                | RefusalReason::GroupRoleAssignable,
            ) => true,
            _ => false,
        }
    }
}

impl From<CallFailure> for Cause {
    fn from(failure: CallFailure) -> Self {
        match failure {
            CallFailure::Core(
                CoreError::NotConfigured | CoreError::Unreachable(_) | CoreError::Refused(_),
            ) => Self::CoreDown,
            CallFailure::Vault(_) => Self::VaultDown,
            CallFailure::SecretMissing => Self::SecretMissing,
        }
    }
}
