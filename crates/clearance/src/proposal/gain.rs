//! Why a change gives more than before.

use audit_log::Value;
use serde::{Deserialize, Serialize};

use crate::audit::Actor;
use crate::policy::{Widening, Witness};
use crate::time::Days;

/// One thing that a change gives more than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Gain {
    /// Policy gives more for this request, or lets others decide it.
    Request(Box<Witness>),
    /// Whether policy gives more could not be told within bounds.
    Undecided,
    /// No usage policy has to be accepted any more.
    NoUsagePolicy,
    /// The need is looked at again for a shorter time before the end.
    ShorterReview {
        /// Days until now.
        from: Days,
        /// Days then.
        to: Days,
    },
    /// Somebody becomes an administrator, who may confirm what others propose.
    Administrator,
    /// Access in an emergency is given where it was not, to others, for longer or more often.
    Emergency,
    /// Requests wait for longer.
    LongerPending {
        /// Days until now.
        from: Days,
        /// Days then.
        to: Days,
    },
}

impl Gain {
    /// What the widening check found, if it found something.
    pub fn of(widening: Widening) -> Option<Self> {
        match widening {
            Widening::No => None,
            Widening::Yes(witness) => Some(Self::Request(witness)),
            Widening::Undecided => Some(Self::Undecided),
        }
    }

    /// The request that shows it, if there is one.
    pub fn witness(&self) -> Option<&Witness> {
        match self {
            Self::Request(witness) => Some(witness),
            _ => None,
        }
    }

    /// It in a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Request(_) => "For some request it gives more than now, or lets others decide.".to_owned(),
            Self::Undecided => {
                "Others may decide than now, or it could not be told whether it gives more.".to_owned()
            }
            Self::NoUsagePolicy => "Nobody would have to accept a usage policy any more.".to_owned(),
            Self::ShorterReview { from, to } => {
                format!("The need would be looked at again {to} before the end instead of {from}.")
            }
            Self::Administrator => "A new administrator may confirm what others propose.".to_owned(),
            Self::Emergency => {
                "In an emergency access would be had that could not be had so until now.".to_owned()
            }
            Self::LongerPending { from, to } => {
                format!("Requests would wait for a decision for {to} instead of {from}.")
            }
        }
    }
}

/// All of them in sentences.
pub(crate) fn sentences(gains: &[Gain]) -> String {
    gains.iter().map(Gain::sentence).collect::<Vec<_>>().join(" ")
}

/// What the log says of a change that the check has judged: whether it gives more, and who agreed to it.
pub(crate) fn judged(wider: bool, confirmed_by: Option<Actor>) -> [(&'static str, Value); 2] {
    let confirmed_by = confirmed_by.map_or(Value::Null, |actor| actor.to_value());
    [("wider", Value::from(wider)), ("confirmed_by", confirmed_by)]
}
