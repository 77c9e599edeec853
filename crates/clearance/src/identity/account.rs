use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Fingerprint;
use crate::connector::Disposal;
use crate::documents::{Change, Document, Loaded};
use crate::drift::DriftKind;
use crate::ids::{ConnectorId, FindingId, GrantId, PersonId, ToolId};
use crate::ports::{Attributes, Kind, Place};
use crate::time::Timestamp;

/// An account at a provider that this site knows: guard of who it is mapped to, and of what it is known to hold.
///
/// The provider's id is in the vault only. It stays there while somebody is mapped to the account, it may still be in a group, or a
/// finding is about it; the commit that takes the last of these away removes this document and disposes of the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderAccount {
    /// At which connector.
    pub connector: ConnectorId,
    /// Which account.
    pub fingerprint: Fingerprint,
    /// Where the provider's id of it is.
    pub account: Place,
    /// The last four characters of the provider's id.
    pub hint: String,
    /// Whom it is mapped to: one person at most.
    pub mapped_to: Option<PersonId>,
    /// Groups in which it may be, by tool. A seat is written before the account is added, and removed after its absence was confirmed.
    pub seats: BTreeMap<ToolId, Seat>,
    /// The open finding about it, by tool.
    #[serde(default)]
    pub findings: BTreeMap<ToolId, OpenFinding>,
}

/// An open finding about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenFinding {
    /// Which.
    pub finding: FindingId,
    /// Of what kind, so that a check of many accounts reads no finding.
    pub kind: DriftKind,
}

/// That an account may be in a tool's group, and why it may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Why.
    pub basis: SeatBasis,
    /// Since when.
    pub since: Timestamp,
}

/// What justifies a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum SeatBasis {
    /// A grant that has not ended.
    Grant {
        /// Which.
        grant: GrantId,
    },
    /// It was in the group when the group was bound, or was found there, and somebody answers for it until an end.
    Baseline {
        /// The finding in which it was settled.
        finding: FindingId,
        /// Who answers for it.
        owner: PersonId,
        /// Until when.
        ends_at: Timestamp,
    },
}

/// The last four characters of a provider's id, for people to tell accounts apart; nothing of an id so short that they would tell it.
pub fn hint_of(account: &str) -> String {
    const SHOWN: usize = 4;
    const LONG_ENOUGH: usize = 3 * SHOWN;
    let hidden = account.chars().count().saturating_sub(SHOWN);
    if hidden < LONG_ENOUGH - SHOWN { String::new() } else { account.chars().skip(hidden).collect() }
}

impl ProviderAccount {
    /// The key of an account at a connector. Accounts of one connector are together, from `{connector}:` up to `{connector};`.
    pub fn key_of(connector: ConnectorId, fingerprint: &Fingerprint) -> String {
        format!("{connector}:{fingerprint}")
    }

    /// Whether nothing needs it any more.
    pub fn is_unused(&self) -> bool {
        self.mapped_to.is_none() && self.seats.is_empty() && self.findings.is_empty()
    }

    /// Writes an account as it is now; one that nothing needs any more is removed, and the provider's id of it given up.
    pub(crate) fn write(change: &mut Change, before: &Loaded<Self>, account: &Self, now: Timestamp) {
        if account.is_unused() {
            change.remove(before);
            Disposal::give_up(change, &before.account, now);
        } else {
            change.update(before, account);
        }
    }
}

impl Document for ProviderAccount {
    const KIND: &'static Kind = &Kind { name: "provider_account", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::key_of(self.connector, &self.fingerprint)
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_tells_little() {
        assert_eq!(hint_of("00u1ab2cd3ef4gh5ij6k"), "ij6k");
        assert_eq!(hint_of("123456789abc"), "9abc");
        assert_eq!((hint_of("123456789ab").as_str(), hint_of("").as_str()), ("", ""));
    }
}
