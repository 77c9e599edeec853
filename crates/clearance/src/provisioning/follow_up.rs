use core_protocol::message as protocol;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::connector::CallFailure;
use crate::ports::CoreError;

/// Declares the reasons: variant, stable code, and what an administrator can do.
macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $advice:literal;)*) => {
        /// Why a job, and the grant it is for, needs somebody to look after it. Names are stable; the list only grows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum FollowUpReason { $($(#[$doc])* $variant,)* }

        impl FollowUpReason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The reason as the log and the interface name it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// What an administrator can do about it, in a sentence.
            pub const fn what_to_do(self) -> &'static str {
                match self { $(Self::$variant => $advice,)* }
            }
        }
    };
}

reasons! {
    /// The person has no account at the connector's provider.
    NoIdentity = "no_identity",
        "Map the person to their account at the provider, then retry.";
    /// There is no such account at the provider.
    IdentityGone = "identity_gone",
        "The account does not exist at the provider any more: map the person to the one they have now and retry, or end the access.";
    /// The account is deactivated or suspended at the provider.
    IdentityInactive = "identity_inactive",
        "The account is suspended or deactivated at the provider: activate it there and retry, or end the access.";
    /// There is no such group at the provider.
    GroupGone = "group_gone",
        "The group does not exist at the provider any more: bind the tool to another one, and what waits goes on by itself.";
    /// The group's members cannot be changed by this connector any more.
    GroupNotWritable = "group_not_writable",
        "The provider does not let this connector change the group: turn off the rule or synchronisation that fills it, or give the connector the role it needs, then bind the group again, and what waits goes on by itself.";
    /// The tool has no group, or Core does not know that it is this site's.
    GroupNotBound = "group_not_bound",
        "Bind the tool's group again, and what waits goes on by itself.";
    /// Another installation owns the group.
    GroupOwnedElsewhere = "group_owned_elsewhere",
        "Another installation manages this group: release it there and bind it here again, and what waits goes on by itself.";
    /// The provider does not accept the connector's credential.
    CredentialsRefused = "credentials_refused",
        "Renew the connector's credential and test it: what waits goes on by itself.";
    /// The credential is accepted, but lacks a permission or role.
    PermissionMissing = "permission_missing",
        "Give the connector the permissions that the guide names and test it: what waits goes on by itself.";
    /// The connector's secret is not in the vault any more.
    SecretMissing = "secret_missing",
        "Type the connector's secret again and test it: what waits goes on by itself.";
    /// The provider has not answered usefully for a day.
    ProviderDown = "provider_down",
        "The provider does not answer usefully: look at its status page; what waits goes on by itself once it answers, and what cannot wait can be done there by hand and marked as done.";
    /// Core could not be reached for a day.
    CoreDown = "core_down",
        "ArdSaor Core does not answer: see that it runs and can be reached; what waits goes on by itself once it answers.";
    /// The connector is disabled.
    ConnectorDisabled = "connector_disabled",
        "The connector is disabled: enable it and what waits goes on by itself, or do it at the provider by hand and mark it as done.";
    /// The provider answered in a way that is not understood.
    UnexpectedAnswer = "unexpected_answer",
        "The provider answered in a way that is not understood: look at the attempts and the provider's own log, then retry.";
    /// The person who was to do the manual task has left.
    AssigneeLeft = "assignee_left",
        "Whoever was to do this has left: do it and mark it as done, or retry it for the tool's owners or whomever the tool names by then.";
}

impl FollowUpReason {
    /// Whether it lies with the connector as a whole: what waits for it goes on by itself when the connector works again.
    pub const fn ends_with_the_connectors_trouble(self) -> bool {
        matches!(
            self,
            Self::CredentialsRefused
                | Self::PermissionMissing
                | Self::SecretMissing
                | Self::ProviderDown
                | Self::CoreDown
                | Self::ConnectorDisabled
        )
    }
}

impl FollowUpReason {
    /// Those that lie with a tool's group: what waits for it goes on by itself when the tool gets another one, or the same again.
    pub(super) const OF_THE_GROUP: [Self; 4] =
        [Self::GroupGone, Self::GroupNotWritable, Self::GroupNotBound, Self::GroupOwnedElsewhere];
}

impl From<protocol::FollowUpReason> for FollowUpReason {
    fn from(reason: protocol::FollowUpReason) -> Self {
        match reason {
            protocol::FollowUpReason::IdentityGone => Self::IdentityGone,
            protocol::FollowUpReason::IdentityInactive => Self::IdentityInactive,
            protocol::FollowUpReason::GroupGone => Self::GroupGone,
            protocol::FollowUpReason::GroupNotWritable => Self::GroupNotWritable,
            protocol::FollowUpReason::CredentialsRefused => Self::CredentialsRefused,
            protocol::FollowUpReason::PermissionMissing => Self::PermissionMissing,
            protocol::FollowUpReason::UnexpectedAnswer => Self::UnexpectedAnswer,
        }
    }
}

impl From<protocol::RefusalReason> for FollowUpReason {
    /// For refusals that a person must act on: a fence that is too low is none of them, a higher one helps.
    fn from(reason: protocol::RefusalReason) -> Self {
        use protocol::RefusalReason as Refused;
        match reason {
            Refused::GroupOwnedElsewhere => Self::GroupOwnedElsewhere,
            Refused::GroupNotBound => Self::GroupNotBound,
            Refused::GroupRuleManaged
            | Refused::GroupBuiltIn
            | Refused::GroupOfApplication
            | Refused::GroupDynamic
            | Refused::GroupSynced
            | Refused::GroupMailEnabled
            | Refused::GroupRoleAssignable => Self::GroupNotWritable,
            Refused::FenceTooLow | Refused::FenceReused | Refused::WrongId | Refused::NameTaken => {
                Self::UnexpectedAnswer
            }
        }
    }
}

impl From<protocol::RetryReason> for FollowUpReason {
    /// For what has been tried for a day.
    fn from(reason: protocol::RetryReason) -> Self {
        match reason {
            protocol::RetryReason::Unconfirmed => Self::UnexpectedAnswer,
            protocol::RetryReason::RateLimited
            | protocol::RetryReason::ProviderUnavailable
            | protocol::RetryReason::ProviderTimeout
            | protocol::RetryReason::ProviderBusy
            | protocol::RetryReason::Busy
            | protocol::RetryReason::CircuitOpen => Self::ProviderDown,
        }
    }
}

impl From<&CallFailure> for FollowUpReason {
    /// For a call without an answer that a person must act on, or that has been tried for a day.
    fn from(failure: &CallFailure) -> Self {
        match failure {
            CallFailure::SecretMissing => Self::SecretMissing,
            CallFailure::Core(
                CoreError::NotConfigured | CoreError::Unreachable(_) | CoreError::Refused(_),
            )
            | CallFailure::Vault(_) => Self::CoreDown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_that_are_stored() {
        for reason in FollowUpReason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
            let advice = reason.what_to_do();
            assert!(advice.ends_with('.') && advice.starts_with(char::is_uppercase), "{advice}");
        }
    }

    #[test]
    fn every_reason_of_core_has_one_here() {
        for reason in protocol::FollowUpReason::ALL {
            assert_eq!(FollowUpReason::from(*reason).as_str(), reason.code());
        }
        for reason in protocol::RefusalReason::ALL {
            let group = reason.code().starts_with("group_");
            assert_eq!(FollowUpReason::from(*reason) != FollowUpReason::UnexpectedAnswer, group);
        }
    }
}
