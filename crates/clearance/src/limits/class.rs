use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bucket::Allowance;

macro_rules! classes {
    ($($(#[$doc:meta])* $variant:ident, $name:ident: $per_hour:literal per hour, burst $burst:literal, at least $least:literal;)*) => {
        /// What calls are counted as. To add one: a line below, and the number of its default allowance.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum RateClass { $($(#[$doc])* $variant,)* }

        impl RateClass {
            /// Every class, in the order declared.
            pub const ALL: &'static [RateClass] = &[$(RateClass::$variant,)*];

            /// The class as settings and refusals name it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($name),)* }
            }

            /// The smallest burst with which every call of the class can pass.
            fn least_burst(self) -> u32 {
                match self { $(Self::$variant => $least,)* }
            }
        }

        /// Allowances by class.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(default)]
        pub struct Limits { $($(#[$doc])* pub $name: Allowance,)* }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: Allowance { per_hour: $per_hour, burst: $burst },)* }
            }
        }

        /// Allowances to change; what is not given stays.
        #[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct PutLimits { $($(#[$doc])* pub $name: Option<Allowance>,)* }

        impl Limits {
            /// The allowance of a class.
            pub fn of(&self, class: RateClass) -> Allowance {
                match class { $(RateClass::$variant => self.$name,)* }
            }

            /// These allowances with some of them changed.
            #[must_use]
            pub fn with(&self, change: &PutLimits) -> Self {
                Self { $($name: change.$name.unwrap_or(self.$name),)* }
            }
        }
    };
}

classes! {
    /// Decisions of requests, single and in bulk; by request. Per person.
    Decisions, decisions: 18_000 per hour, burst 1_000, at least 100;
    /// Exports and reading the log in bulk; by record. Per person.
    Export, export: 5_000_000 per hour, burst 2_500_000, at least 10_000;
    /// Verifying and searching the log through the interface; by entry. Per person.
    Verification, verification: 20_000_000 per hour, burst 10_000_000, at least 50_000;
    /// Making API tokens. Per person.
    Tokens, tokens: 20 per hour, burst 20, at least 1;
    /// Making one-time links by which somebody sets a password. Per person.
    SetUpLinks, set_up_links: 240 per hour, burst 60, at least 1;
    /// Erasing people; by person erased. Per person.
    Erasure, erasure: 30 per hour, burst 10, at least 1;
    /// Tests of connectors, and questions to providers that a person asks. Per person.
    ConnectorTests, connector_tests: 600 per hour, burst 60, at least 1;
    /// Importing identities; by row, shown or applied. Per person.
    Imports, imports: 20_000 per hour, burst 10_000, at least 100;
    /// Tries to sign in to one account.
    SignInAccount, sign_in_account: 60 per hour, burst 10, at least 1;
    /// Tries to sign in from one network address (of IPv6: from one line).
    SignInNetwork, sign_in_network: 720 per hour, burst 60, at least 1;
}

/// An allowance is outside its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAllowance {
    /// The rate is nothing, or more than is counted.
    #[error("`limits.{}.per_hour` must be 1 to {}", .0.as_str(), Allowance::MAX)]
    Rate(RateClass),
    /// The burst is more than is counted, or so small that one call could never pass.
    #[error("`limits.{}.burst` must be {} to {}", .0.as_str(), .0.least_burst(), Allowance::MAX)]
    Burst(RateClass),
}

impl Limits {
    /// What the log says of them.
    pub(crate) fn facts(&self) -> audit_log::Value {
        audit_log::Value::object(RateClass::ALL.iter().map(|class| {
            let Allowance { per_hour, burst } = self.of(*class);
            let allowance = [("per_hour", per_hour.into()), ("burst", burst.into())];
            (class.as_str(), audit_log::Value::object(allowance))
        }))
    }

    /// Checks the bounds of every allowance.
    ///
    /// # Errors
    /// [`InvalidAllowance`], for the first that is outside.
    pub fn check(&self) -> Result<(), InvalidAllowance> {
        for class in RateClass::ALL {
            let Allowance { per_hour, burst } = self.of(*class);
            if !(1..=Allowance::MAX).contains(&per_hour) {
                return Err(InvalidAllowance::Rate(*class));
            }
            if !(class.least_burst()..=Allowance::MAX).contains(&burst) {
                return Err(InvalidAllowance::Burst(*class));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_their_own_bounds() {
        assert_eq!(Limits::default().check(), Ok(()));
    }

    #[test]
    fn bounds_hold_for_each_class() {
        for class in RateClass::ALL {
            let with = |per_hour, burst| {
                let allowance = serde_json::json!({ "per_hour": per_hour, "burst": burst });
                let change = serde_json::json!({ class.as_str(): allowance });
                Limits::default().with(&serde_json::from_value(change).unwrap()).check()
            };
            assert_eq!(with(1, class.least_burst()), Ok(()));
            assert_eq!(with(Allowance::MAX, Allowance::MAX), Ok(()));
            assert_eq!(with(0, Allowance::MAX), Err(InvalidAllowance::Rate(*class)));
            assert_eq!(with(Allowance::MAX + 1, Allowance::MAX), Err(InvalidAllowance::Rate(*class)));
            assert_eq!(with(1, class.least_burst() - 1), Err(InvalidAllowance::Burst(*class)));
            assert_eq!(with(1, Allowance::MAX + 1), Err(InvalidAllowance::Burst(*class)));
        }
    }

    #[test]
    fn the_largest_calls_fit_the_smallest_bursts() {
        assert!(crate::approval::decide_many::MAX_REQUESTS <= RateClass::Decisions.least_burst() as usize);
        assert!(crate::identity::import::MAX_ROWS <= RateClass::Imports.least_burst() as usize);
        assert!(crate::audit::entries::MAX_SEARCHED <= u64::from(RateClass::Verification.least_burst()));
        assert!(crate::audit::operations::MAX_VERIFIED <= u64::from(RateClass::Verification.least_burst()));
    }

    #[test]
    fn the_guide_says_what_the_defaults_are() {
        let guide = include_str!("../../../../docs/limits.md").replace(',', "");
        for class in RateClass::ALL {
            let Allowance { per_hour, burst } = Limits::default().of(*class);
            let numbers = format!("| {per_hour} | {burst} | {} |", class.least_burst());
            let row = guide.lines().find(|line| line.starts_with(&format!("| `{}` |", class.as_str())));
            assert!(row.is_some_and(|row| row.ends_with(&numbers)), "{}: {numbers}", class.as_str());
        }
    }
}
