use serde::{Deserialize, Serialize};

use crate::audit::Actor;
use crate::documents::{Change, Document, Loaded, load};
use crate::failure::Failure;
use crate::policy::{PlacedRule, Rule};
use crate::ports::{Attributes, Kind, Store};
use crate::time::Timestamp;

/// Most bytes of the rules of one part: Forge keeps 240 KiB under a key.
const PART_BYTES: usize = 160 * 1024;

/// The draft. It stays when it is published or thrown away, so that its version never comes again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PolicyDraft {
    /// Rises with each change; a form that was open meanwhile is refused.
    pub version: u32,
    /// What it holds; none when there is no draft.
    pub open: Option<OpenDraft>,
}

/// What a draft holds, beside the rules.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OpenDraft {
    /// The policy version from which it was made.
    pub based_on: u32,
    /// Documents that hold its rules.
    pub parts: u16,
    /// Who changed it last.
    pub changed_by: Actor,
    /// When.
    pub changed_at: Timestamp,
}

impl PolicyDraft {
    /// The only key.
    pub const KEY: &'static str = "site";
}

impl Document for PolicyDraft {
    const KIND: &'static Kind = &Kind { name: "policy_draft", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// Some of the draft's rules.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DraftPart {
    /// From 0.
    pub part: u16,
    /// In order.
    pub rules: Vec<Rule>,
}

impl DraftPart {
    fn key_of(part: u16) -> String {
        format!("{part:03}")
    }
}

impl Document for DraftPart {
    const KIND: &'static Kind = &Kind { name: "policy_draft_part", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::key_of(self.part)
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// The draft as it was loaded.
#[derive(Debug)]
pub struct Draft {
    document: Option<Loaded<PolicyDraft>>,
    parts: Vec<Loaded<DraftPart>>,
}

impl Draft {
    /// Loads it, whether there is one or not.
    pub async fn load(store: &impl Store) -> Result<Self, Failure> {
        let document = load::<PolicyDraft>(store, PolicyDraft::KEY).await?;
        let count = document.as_ref().and_then(|draft| draft.open.as_ref()).map_or(0, |open| open.parts);
        let mut parts = Vec::new();
        for part in 0..count {
            let part = load::<DraftPart>(store, &DraftPart::key_of(part)).await?;
            // Somebody else changed the draft between the two reads.
            parts.push(part.ok_or(crate::ports::StoreError::Conflict)?);
        }
        Ok(Self { document, parts })
    }

    /// The version; 0 before there ever was one.
    pub fn version(&self) -> u32 {
        self.document.as_ref().map_or(0, |draft| draft.version)
    }

    /// What it holds, if there is one.
    pub fn open(&self) -> Option<&OpenDraft> {
        self.document.as_ref().and_then(|draft| draft.open.as_ref())
    }

    /// Its rules.
    pub fn rules(&self) -> Vec<PlacedRule> {
        let rules = self.parts.iter().flat_map(|part| &part.rules).cloned();
        (0..).zip(rules).map(|(place, rule)| PlacedRule { place, rule }).collect()
    }

    /// Writes other rules into it.
    pub(super) fn write(
        &self,
        change: &mut Change,
        based_on: u32,
        rules: &[PlacedRule],
        by: (Actor, Timestamp),
    ) {
        let (mut parts, mut bytes) = (Vec::new(), 0_usize);
        for PlacedRule { rule, .. } in rules {
            let length = serde_json::to_string(rule).map_or(PART_BYTES, |text| text.len());
            bytes = bytes.saturating_add(length);
            match parts.last_mut() {
                Some(part) if bytes <= PART_BYTES => Vec::push(part, rule.clone()),
                _ => {
                    parts.push(vec![rule.clone()]);
                    bytes = length;
                }
            }
        }
        let count = u16::try_from(parts.len()).unwrap_or(u16::MAX);
        for (part, rules) in (0..).zip(parts) {
            change.upsert(self.parts.get(usize::from(part)), &DraftPart { part, rules });
        }
        for part in self.parts.iter().skip(usize::from(count)) {
            change.remove(part);
        }
        let (changed_by, changed_at) = by;
        let open = Some(OpenDraft { based_on, parts: count, changed_by, changed_at });
        let version = self.version().saturating_add(1);
        change.upsert(self.document.as_ref(), &PolicyDraft { version, open });
    }

    /// Throws it away.
    pub(in crate::policy) fn clear(&self, change: &mut Change) {
        for part in &self.parts {
            change.remove(part);
        }
        let version = self.version().saturating_add(1);
        change.upsert(self.document.as_ref(), &PolicyDraft { version, open: None });
    }

    /// Fails the commit if the draft is not as it was loaded any more.
    pub(in crate::policy) fn check(&self, change: &mut Change) {
        if let Some(draft) = &self.document {
            change.check(draft);
        }
    }
}
