use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::Risk;
use crate::ids::PersonId;
use crate::refusal::{Refusal, malformed};
use crate::text::CommittedText;

macro_rules! questions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $text:literal;)*) => {
        /// What is asked of every proposed tool. The list only grows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Question { $($(#[$doc])* $variant,)* }

        impl Question {
            /// Every question, in the order in which it is asked.
            pub const ALL: &'static [Question] = &[$(Question::$variant,)*];

            /// The question as the log and the interface name it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The question in words. Yes is the answer that speaks for the tool.
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

questions! {
    /// Who sells it, and under which law.
    VendorKnown = "vendor_known", "Is it known who sells it, and where they are established?";
    /// Contract and data processing agreement.
    ContractPossible = "contract_possible", "Can a contract and a data processing agreement be had?";
    /// Training on what is put in.
    NoTraining = "no_training", "Is nothing that is put in used for training, or can that be switched off?";
    /// Where data goes.
    LocationAcceptable = "location_acceptable", "Is it known where data is processed and kept, and may it be there?";
    /// Deletion.
    DeletionPossible = "deletion_possible", "Can what was put in be deleted?";
    /// Security shown by third parties.
    SecurityShown = "security_shown", "Has a third party examined its security, for example under ISO 27001 or SOC 2?";
    /// Central sign-in.
    CentralSignIn = "central_sign_in", "Can people sign in with the organization's accounts, and be removed centrally?";
    /// Need.
    NotCovered = "not_covered", "Does it do what no tool of the catalogue does?";
}

/// What somebody who looked says to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// It could not be found out.
    Unknown,
}

impl Answer {
    /// The answer as the log names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// What an administrator found out about a proposed tool, and thinks of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Assessment {
    /// Who.
    pub by: PersonId,
    /// An answer to each question.
    pub answers: BTreeMap<Question, Answer>,
    /// How much harm wrong use can do.
    pub risk: Risk,
    /// Why it is accepted or declined.
    pub rationale: CommittedText,
}

/// Refuses answers that leave a question open.
pub(super) fn check_answers(answers: &BTreeMap<Question, Answer>) -> Result<(), Refusal> {
    let asked: BTreeSet<_> = Question::ALL.iter().collect();
    match asked.difference(&answers.keys().collect()).next() {
        None => Ok(()),
        Some(missing) => {
            Err(malformed("answers", "must answer every question").with("question", missing.as_str()))
        }
    }
}
