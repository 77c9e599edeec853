use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clearance::ports::{Place, RsaPublicKey, RsaScheme, Secret, Vault, VaultError};
use serde::de::DeserializeOwned;

use crate::bus::Bus;
use crate::effect::{
    Exposed, FingerprintsAnswer, Nothing, PublicKeyAnswer, RsaPublicKeyAnswer, SecretAnswer, SignAnswer,
    SignatureAnswer, VaultRequest,
};

/// Private keys, in the platform's secret storage: the glue signs, and this module never sees one.
#[derive(Debug)]
pub(crate) struct EffectVault {
    bus: Bus,
}

impl EffectVault {
    pub(crate) fn new(bus: Bus) -> Self {
        Self { bus }
    }
}

impl Vault for EffectVault {
    async fn public_key(&self, key: &str) -> Result<[u8; 32], VaultError> {
        let answer: PublicKeyAnswer = self.ask(VaultRequest::PublicKey { key: key.to_owned() }).await?;
        Ok(*answer.public_key.as_bytes())
    }

    async fn sign(&self, key: &str, message: &[u8]) -> Result<[u8; 64], VaultError> {
        let request = VaultRequest::Sign { key: key.to_owned(), message: hexadecimal(message) };
        let [first, second] = self.ask::<SignAnswer>(request).await?.signature;
        let mut signature = [0; 64];
        let halves = first.as_bytes().iter().chain(second.as_bytes());
        signature.iter_mut().zip(halves).for_each(|(byte, found)| *byte = *found);
        Ok(signature)
    }

    async fn rsa_public_key(&self, key: &Place) -> Result<RsaPublicKey, VaultError> {
        let answer: RsaPublicKeyAnswer = self.ask(VaultRequest::RsaPublicKey { place: key.clone() }).await?;
        Ok(RsaPublicKey { modulus: bytes(&answer.n)?, exponent: bytes(&answer.e)? })
    }

    async fn sign_rsa(&self, key: &Place, scheme: RsaScheme, message: &[u8]) -> Result<Vec<u8>, VaultError> {
        let scheme = match scheme {
            RsaScheme::Rs256 => "RS256",
            RsaScheme::Ps256 => "PS256",
        };
        let request = VaultRequest::SignRsa { place: key.clone(), scheme, message: hexadecimal(message) };
        bytes(&self.ask::<SignatureAnswer>(request).await?.signature)
    }

    async fn fingerprints(&self, key: &str, messages: &[String]) -> Result<Vec<[u8; 32]>, VaultError> {
        let request = VaultRequest::Fingerprints { key: key.to_owned(), messages: messages.to_vec() };
        let answer: FingerprintsAnswer = self.ask(request).await?;
        Ok(answer.fingerprints.iter().map(|hash| *hash.as_bytes()).collect())
    }

    async fn keep(&self, place: &Place, secret: &Secret) -> Result<(), VaultError> {
        let request = VaultRequest::Keep { place: place.clone(), secret: Exposed(secret.clone()) };
        self.ask::<Nothing>(request).await.map(drop)
    }

    async fn secret(&self, place: &Place) -> Result<Option<Secret>, VaultError> {
        Ok(self.ask::<SecretAnswer>(VaultRequest::Secret { place: place.clone() }).await?.secret)
    }

    async fn destroy(&self, place: &Place) -> Result<(), VaultError> {
        self.ask::<Nothing>(VaultRequest::Destroy { place: place.clone() }).await.map(drop)
    }
}

impl EffectVault {
    async fn ask<T: DeserializeOwned>(&self, request: VaultRequest) -> Result<T, VaultError> {
        self.bus.call(request).await.map_err(|error| VaultError(error.to_string()))
    }
}

fn hexadecimal(message: &[u8]) -> String {
    let digits = message.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn bytes(text: &str) -> Result<Vec<u8>, VaultError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|error| VaultError(error.to_string()))
}
