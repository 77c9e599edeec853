use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::refusal::{Refusal, malformed};
use crate::time::Days;

macro_rules! retention {
    ($($(#[$doc:meta])* $name:ident: $days:literal, at least $least:literal;)*) => {
        /// For how long what nobody needs any more is kept, by kind. Log entries are kept for good.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(default)]
        pub struct Retention { $($(#[$doc])* pub $name: Days,)* }

        impl Default for Retention {
            fn default() -> Self {
                Self { $($name: Days::of($days),)* }
            }
        }

        /// Times to change; what is not given stays.
        #[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct PutRetention { $($(#[$doc])* pub $name: Option<Days>,)* }

        impl Retention {
            /// These times with some of them changed.
            ///
            /// # Errors
            /// [`Code::MalformedInput`](crate::refusal::Code::MalformedInput) when a time is shorter than its kind allows.
            pub fn with(&self, change: &PutRetention) -> Result<Self, Refusal> {
                let with = Self { $($name: change.$name.unwrap_or(self.$name),)* };
                $(if with.$name < Days::of($least) {
                    let field = concat!("retention.", stringify!($name));
                    return Err(malformed(field, concat!("must be at least ", $least, " days")));
                })*
                Ok(with)
            }

            /// What the log says of them.
            pub(crate) fn facts(&self) -> audit_log::Value {
                audit_log::Value::object([$((stringify!($name), audit_log::Value::from(self.$name.get())),)*])
            }
        }
    };
}

retention! {
    /// Texts of a request (purpose, questions, answers, reasons), in days after it was decided, withdrawn or lapsed and the access that it
    /// gave has ended. At least 30.
    request_texts: 1095, at least 30;
    /// Revoked and expired API tokens as they are listed, in days after they would have expired. At least 1.
    tokens: 90, at least 1;
    /// Set-up links that nobody used, in days after they stopped to work. At least 1.
    set_up_links: 30, at least 1;
    /// Notices that could not be delivered, in days. At least 1.
    notices: 14, at least 1;
    /// What is in people's inboxes, in days after it came. At least 7.
    inbox: 90, at least 7;
    /// Settled differences between a tool's group and its grants, in days after they were settled. At least 30.
    findings: 1095, at least 30;
    /// Reviews that were decided or closed, in days after that. At least 30.
    reviews: 1095, at least 30;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_minimum_and_what_is_not_given_stays() {
        let put = |change| Retention::default().with(&serde_json::from_value(change).unwrap());
        let changed = put(serde_json::json!({ "request_texts": 30, "tokens": 1 })).unwrap();
        assert_eq!((changed.request_texts, changed.tokens), (Days::of(30), Days::of(1)));
        assert_eq!(changed.notices, Retention::default().notices);
        let refusal = put(serde_json::json!({ "request_texts": 29 })).unwrap_err();
        assert_eq!(refusal.message(), "`retention.request_texts` must be at least 30 days");
        assert!(serde_json::from_value::<PutRetention>(serde_json::json!({ "log": 1 })).is_err());
    }
}
