//! The key that an installation got when it was paired, as the vault keeps it.

use clearance::ports::{Place, Secret};
use core_protocol::key::SigningKey;
use core_protocol::message::InstallationId;
use zeroize::Zeroizing;

use super::client::Whereabouts;

/// Who this site is at a Core.
#[derive(Debug, Clone)]
pub(super) struct Pairing {
    pub(super) installation: InstallationId,
    pub(super) key: SigningKey,
}

/// At which Core a key is good: one that belongs to another is not used.
fn owner(whereabouts: &Whereabouts) -> &str {
    match whereabouts {
        Whereabouts::Inside(_) => "inside",
        Whereabouts::At(address) => address.authority(),
    }
}

/// Where in the vault the key is.
pub(super) fn place(whereabouts: &Whereabouts) -> Option<Place> {
    let name = match whereabouts {
        Whereabouts::Inside(_) => "ardsaor-core:inside",
        Whereabouts::At(_) => "ardsaor-core:configured",
    };
    Place::try_from(name.to_owned()).ok()
}

impl Pairing {
    /// Four words: at which Core, which installation, the key's name, the key.
    pub(super) fn to_secret(&self, whereabouts: &Whereabouts) -> Option<Secret> {
        let Self { installation, key } = self;
        let text =
            Zeroizing::new(format!("{} {installation} {} {}", owner(whereabouts), key.id(), *key.to_text()));
        Secret::new(text.as_str()).ok()
    }

    pub(super) fn from_secret(secret: &Secret, whereabouts: &Whereabouts) -> Option<Self> {
        let mut words = secret.expose().split(' ');
        let mut word = || words.next();
        let (at, installation, id, key) = (word()?, word()?, word()?, word()?);
        if at != owner(whereabouts) {
            return None;
        }
        let key = SigningKey::from_text(id.parse().ok()?, key).ok()?;
        Some(Self { installation: installation.parse().ok()?, key })
    }
}
