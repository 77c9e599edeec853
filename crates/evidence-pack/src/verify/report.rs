//! What came of a verification.

use serde::Serialize;
use serde::ser::SerializeStruct as _;

use super::Deviation;
use crate::manifest::Scope;

/// The checks, in the order in which a report lists them: what is most telling comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    /// The zip file says one thing only.
    Container,
    /// The manifest can be read, and names the files that are there.
    Manifest,
    /// The checkpoint is the site's, of this log and of the size that the pack is over.
    Checkpoint,
    /// The proofs lead to the checkpoint.
    Proofs,
    /// The records are the proven ones, each in its place.
    Records,
    /// The texts are those that records commit to.
    Texts,
    /// The rules are those whose publication the records hold.
    Policies,
    /// Every file has the bytes that the manifest says.
    Files,
    /// The site signed the manifest.
    Signature,
}

impl CheckName {
    /// Every check, in order.
    pub const ALL: [Self; 9] = [
        Self::Container,
        Self::Manifest,
        Self::Checkpoint,
        Self::Proofs,
        Self::Records,
        Self::Texts,
        Self::Policies,
        Self::Files,
        Self::Signature,
    ];

    /// What it makes sure of, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Container => "The pack is a well-formed container with nothing hidden in it",
            Self::Manifest => "The manifest can be read, and exactly the files that it names are there",
            Self::Checkpoint => "The checkpoint is signed with the key given and fits the pack",
            Self::Proofs => "The proofs lead to the checkpoint",
            Self::Records => "The records are the proven ones, each in its place",
            Self::Texts => "The texts are those that the records commit to",
            Self::Policies => "The policy rules are those that the records say were published",
            Self::Files => "Every file is the one that the manifest names",
            Self::Signature => "The manifest is signed with the key given",
        }
    }
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not.
    Failed(Deviation),
    /// Not looked at, because something before it failed.
    NotChecked,
}

/// A check with its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which.
    pub name: CheckName,
    /// What came of it.
    pub outcome: Outcome,
}

/// What an auditor must know although nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Names, tables and the report are not proven by the log.
    Statements,
    /// The identities were taken out.
    WithoutIdentities,
    /// That the records are all of the scope rests on the site.
    Completeness,
    /// The rules of this policy version are not bound by a record of the pack.
    PolicyUnbound {
        /// Its number.
        version: u32,
    },
    /// The checkpoint itself must be known from elsewhere.
    Unanchored,
}

impl Note {
    /// The note in words.
    pub fn text(&self) -> String {
        match self {
            Self::Statements => {
                "Names, tables and the report are the site's statement: signed with the pack, not proven by the log.".to_owned()
            }
            Self::WithoutIdentities => "The pack is without identities: people appear by pseudonym.".to_owned(),
            Self::Completeness => {
                "That these are all records of the grant, person or tool rests on the site. A period proves that itself.".to_owned()
            }
            Self::PolicyUnbound { version } => {
                format!("The rules of policy version {version} are the site's statement: no record of the pack holds their digest.")
            }
            Self::Unanchored => {
                "Compare the checkpoint with one that you or a witness kept before: a site that has its key can rewrite what nobody else has seen.".to_owned()
            }
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Statements => "statements",
            Self::WithoutIdentities => "without_identities",
            Self::Completeness => "completeness",
            Self::PolicyUnbound { .. } => "policy_unbound",
            Self::Unanchored => "unanchored",
        }
    }
}

/// What came of a verification: each check, and what to know besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which log.
    pub origin: Option<String>,
    /// What the pack is about.
    pub scope: Option<Scope>,
    /// Entries of the log under the checkpoint.
    pub tree_size: Option<u64>,
    /// Records found to be what they should.
    pub records: u64,
    /// The checks, in order.
    pub checks: Vec<Check>,
    /// What to know besides.
    pub notes: Vec<Note>,
}

impl Report {
    /// Whether every check passed.
    pub fn ok(&self) -> bool {
        self.checks.iter().all(|check| check.outcome == Outcome::Passed)
    }

    /// The first check that failed, and why.
    pub fn first_failure(&self) -> Option<(CheckName, &Deviation)> {
        self.checks.iter().find_map(|check| match &check.outcome {
            Outcome::Failed(deviation) => Some((check.name, deviation)),
            Outcome::Passed | Outcome::NotChecked => None,
        })
    }
}

impl Serialize for Check {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Check", 5)?;
        object.serialize_field("check", &self.name)?;
        object.serialize_field("title", self.name.title())?;
        match &self.outcome {
            Outcome::Passed => object.serialize_field("outcome", "passed")?,
            Outcome::NotChecked => object.serialize_field("outcome", "not_checked")?,
            Outcome::Failed(deviation) => {
                object.serialize_field("outcome", "failed")?;
                object.serialize_field("code", deviation.code())?;
                object.serialize_field("message", &deviation.to_string())?;
            }
        }
        object.end()
    }
}

impl Serialize for Note {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Note", 2)?;
        object.serialize_field("code", self.code())?;
        object.serialize_field("text", &self.text())?;
        object.end()
    }
}

impl Serialize for Report {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Report", 7)?;
        object.serialize_field("ok", &self.ok())?;
        object.serialize_field("origin", &self.origin)?;
        object.serialize_field("scope", &self.scope)?;
        object.serialize_field("tree_size", &self.tree_size)?;
        object.serialize_field("records", &self.records)?;
        object.serialize_field("checks", &self.checks)?;
        object.serialize_field("notes", &self.notes)?;
        object.end()
    }
}
