use serde::{Deserialize, Serialize};

use crate::documents::{Change, Document, Loaded, load};
use crate::failure::Failure;
use crate::ports::{
    Attributes, Index, InvalidPlace, Kind, Moment, Place, Ports, RsaPublicKey, Secret, Store, StoreError,
    Vault as _,
};
use crate::time::Timestamp;

/// Something in the vault that is to be destroyed, unless it comes into use before.
///
/// The vault is no part of a commit on every host. So whoever keeps a secret first commits its disposal, due after an hour, and removes it
/// in the commit that names the secret's place ([`Kept`]); and whoever gives a secret up commits a disposal that is due at once
/// ([`give_up`](Self::give_up)). Wherever the program ends, the clockwork destroys what nobody names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Disposal {
    /// What.
    pub place: Place,
    /// When.
    pub due_at: Timestamp,
    /// Whether nobody may name it any more. The clockwork settles that in a commit before it destroys anything, so that no change can name
    /// what is being destroyed.
    pub given_up: bool,
}

impl Disposal {
    /// Disposals by the time when they are due.
    pub const BY_DUE: Index = Index { name: "by_due", partition: &["all"], range: "due_at" };
    /// Minutes in which what was kept must come into use.
    pub const GRACE_MINUTES: i64 = 60;

    /// Lets what is at a place be destroyed, once the change that stops naming it is committed.
    pub fn give_up(change: &mut Change, place: &Place, now: Timestamp) {
        change.insert(&Self { place: place.clone(), due_at: now, given_up: true });
    }
}

impl Document for Disposal {
    const KIND: &'static Kind =
        &Kind { name: "disposal", attributes: &["all", "due_at"], indexes: &[Self::BY_DUE] };

    fn key(&self) -> String {
        self.place.as_str().to_owned()
    }

    fn attributes(&self) -> Attributes {
        vec![Some("all".to_owned()), Some(self.due_at.to_string())]
    }
}

/// Something in the vault that no document names yet. Unless a change [names](Self::name) it within the hour, it is destroyed.
///
/// Places are never used again: each is new, by the moment, a noun and a number; a command that runs again after a lost race finds its own.
#[derive(Debug)]
#[must_use = "what no change names is destroyed"]
pub struct Kept {
    disposal: Loaded<Disposal>,
}

impl Kept {
    /// Keeps a secret at a new place.
    ///
    /// # Errors
    /// When store or vault do not answer.
    pub async fn secret<P: Ports>(
        ports: &P,
        moment: &Moment,
        (noun, number): (&str, u32),
        secret: &Secret,
    ) -> Result<Self, Failure> {
        let kept = Self::announce(ports.store(), moment, new_place(moment, noun, number)?).await?;
        ports.vault().keep(kept.place(), secret).await?;
        Ok(kept)
    }

    /// Makes an RSA key at a new place.
    ///
    /// # Errors
    /// When store or vault do not answer.
    pub async fn rsa_key<P: Ports>(
        ports: &P,
        moment: &Moment,
        (noun, number): (&str, u32),
    ) -> Result<(Self, RsaPublicKey), Failure> {
        let kept = Self::announce(ports.store(), moment, new_place(moment, noun, number)?).await?;
        let public = ports.vault().rsa_public_key(kept.place()).await?;
        Ok((kept, public))
    }

    /// Where it is.
    pub fn place(&self) -> &Place {
        &self.disposal.place
    }

    /// The place, for a document that this same change writes.
    pub fn name(self, change: &mut Change) -> Place {
        change.remove(&self.disposal);
        self.disposal.into_inner().place
    }

    async fn announce(store: &impl Store, moment: &Moment, place: Place) -> Result<Self, Failure> {
        let key = place.as_str().to_owned();
        if load::<Disposal>(store, &key).await?.is_none() {
            let due_at = moment.now.plus_minutes(Disposal::GRACE_MINUTES);
            let mut change = Change::new();
            change.insert(&Disposal { place, due_at, given_up: false });
            store.commit(change.into_commit()?).await?;
        }
        match load::<Disposal>(store, &key).await? {
            Some(disposal) if !disposal.given_up => Ok(Self { disposal }),
            Some(_) | None => Err(StoreError::Conflict.into()),
        }
    }
}

fn new_place(moment: &Moment, noun: &str, number: u32) -> Result<Place, Failure> {
    let name = audit_log::Hash::from_bytes(moment.bytes(&format!("place {noun}"), number));
    Place::try_from(format!("{noun}:{name}"))
        .map_err(|InvalidPlace| Failure::Defect(format!("no place begins with `{noun}`")))
}
