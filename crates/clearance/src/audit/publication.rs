//! Under which name and keys the log is published, and how far it is: `audit.rotate_key`.

use audit_log::Value;
use audit_log::note::{CosignerKey, KeyName, VerifierKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EventKind, view};
use crate::authorization::CallerKind::{Administrator, Console};
use crate::authorization::CallerKinds;
use crate::documents::{Change, Document, Loaded, load};
use crate::failure::Failure;
use crate::ids::SiteId;
use crate::operations::{Context, Decision, Effect, Operation, Scope};
use crate::ports::{Attributes, Kind, Moment, Ports, Store, StoreError, Vault as _};
use crate::refusal::not_found;
use crate::settings::operations::Nothing;
use crate::time::Timestamp;

/// A key that signs or signed checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogKey {
    /// Counted from 1.
    pub number: u32,
    /// The verifier key, in the `name+id+base64` form of C2SP signed-note.
    pub verifier: String,
    /// Since when it signs.
    pub since: Timestamp,
    /// Since when the next one signs; it stays listed, for what it signed.
    pub until: Option<Timestamp>,
}

impl LogKey {
    /// What the vault calls the key of this number.
    pub(super) fn vault_name(number: u32) -> String {
        format!("log/{number}")
    }

    pub(super) fn verifier(&self) -> Result<VerifierKey, Failure> {
        self.verifier
            .parse()
            .map_err(|error| StoreError::Damaged(format!("verifier key `{}`: {error}", self.number)).into())
    }
}

/// How the log is published: one document, revised whenever a checkpoint is signed or leaves the site. So two processes never publish past
/// one another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The first line of every checkpoint, and the name of the keys. It is settled with the first checkpoint and never changes: an address
    /// may.
    pub origin: String,
    /// Every key that ever signed, oldest first; the last one signs.
    pub keys: Vec<LogKey>,
    /// Size of the newest checkpoint, and when it was signed.
    pub latest: Option<(u64, Timestamp)>,
    /// Size of the largest checkpoint that left the site; 0 when none did.
    pub anchored: u64,
    /// Size up to which checkpoints were appended to the file outside.
    pub filed: u64,
    /// When a checkpoint was last queued to be sent by e-mail.
    pub emailed_at: Option<Timestamp>,
    /// Whether checkpoints go to auditors by e-mail.
    pub email: bool,
    /// Verifier keys of witnesses whose cosignatures count.
    pub witnesses: Vec<String>,
}

impl Publication {
    /// The only key.
    pub const KEY: &'static str = "log";

    /// How the log is published, once it is.
    pub async fn load(store: &impl Store) -> Result<Option<Loaded<Self>>, Failure> {
        load(store, Self::KEY).await
    }

    /// As stored, or as it begins: a name nobody else has, and a key that the vault makes.
    pub(super) async fn load_or_found<P: Ports>(
        ports: &P,
        moment: &Moment,
    ) -> Result<(Option<Loaded<Self>>, Self), Failure> {
        if let Some(loaded) = Self::load(ports.store()).await? {
            let publication = (*loaded).clone();
            return Ok((Some(loaded), publication));
        }
        let origin = format!("ai-clearance.{}", SiteId::new(moment, "log origin", 0));
        let key = new_key(ports, &origin, 1, moment.now).await?;
        let publication = Self {
            origin,
            keys: vec![key],
            latest: None,
            anchored: 0,
            filed: 0,
            emailed_at: None,
            email: false,
            witnesses: Vec::new(),
        };
        Ok((None, publication))
    }

    /// Every key that ever signed.
    pub fn verifiers(&self) -> Result<Vec<VerifierKey>, Failure> {
        self.keys.iter().map(LogKey::verifier).collect()
    }

    /// Keys of the witnesses whose cosignatures count.
    pub fn cosigners(&self) -> Result<Vec<CosignerKey>, Failure> {
        let parse = |key: &String| {
            key.parse().map_err(|error| StoreError::Damaged(format!("a witness's key: {error}")).into())
        };
        self.witnesses.iter().map(parse).collect()
    }

    /// The newest checkpoint's size.
    ///
    /// # Errors
    /// [`crate::refusal::Code::NotFound`] before the first.
    pub(super) fn size(&self) -> Result<u64, Failure> {
        self.latest.map(|(size, _)| size).ok_or_else(|| not_found("checkpoint").into())
    }
}

impl Document for Publication {
    const KIND: &'static Kind = &Kind { name: "log_publication", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

async fn new_key<P: Ports>(
    ports: &P,
    origin: &str,
    number: u32,
    since: Timestamp,
) -> Result<LogKey, Failure> {
    let public = ports.vault().public_key(&LogKey::vault_name(number)).await?;
    let unusable = |error| Failure::Defect(format!("the log's key {number}: {error}"));
    let name: KeyName = origin.parse().map_err(unusable)?;
    let verifier = VerifierKey::new(name, &public).map_err(unusable)?.to_string();
    Ok(LogKey { number, verifier, since, until: None })
}

/// `audit.rotate_key`.
#[derive(Debug)]
pub struct RotateKey;

/// What `audit.rotate_key` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RotatedKey {
    /// Every key, oldest first; the last one signs from now on. The first checkpoint after the change is signed by both.
    pub verifier_keys: Vec<LogKey>,
}

impl Operation for RotateKey {
    const NAME: &'static str = "audit.rotate_key";
    const SUMMARY: &'static str = "Sign checkpoints with a new key; the old ones stay listed";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    const SCOPE: Scope = Scope::Site;
    const RECENT_SIGN_IN: bool = true;
    type Input = Nothing;
    type Output = RotatedKey;

    async fn run<P: Ports>(context: &Context<'_, P>, _: &Nothing) -> Result<Decision<RotatedKey>, Failure> {
        let now = context.moment.now;
        let before = view::publication(context).await?;
        let mut publication = (*before).clone();
        let number = u32::try_from(publication.keys.len()).unwrap_or(u32::MAX).saturating_add(1);
        let key = new_key(context.ports, &publication.origin, number, now).await?;
        let mut old = String::new();
        if let Some(last) = publication.keys.last_mut() {
            last.until = Some(now);
            old.clone_from(&last.verifier);
        }
        let facts = Value::object([("old", Value::from(old)), ("new", Value::from(key.verifier.clone()))]);
        publication.keys.push(key);
        let mut change = Change::new();
        change.update(&before, &publication);
        change.record(now, &context.admission.actor()?, EventKind::LogKeyRotated, facts);
        Ok(Decision::change(RotatedKey { verifier_keys: publication.keys }, change))
    }
}
