//! Self-signed certificates ([RFC 5280](https://www.rfc-editor.org/rfc/rfc5280)) over keys that never leave the vault.

use std::str::FromStr as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder as _, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::der::asn1::{Any, BitString, Null, ObjectIdentifier, Uint};
use x509_cert::der::flagset::FlagSet;
use x509_cert::der::{self, DateTime, Encode as _};
use x509_cert::ext::pkix::{KeyUsage, KeyUsages};
use x509_cert::ext::{Extension, ToExtension as _};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{
    self, AlgorithmIdentifierOwned, Document, DynSignatureAlgorithmIdentifier, EncodePublicKey,
    SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef,
};
use x509_cert::time::Validity;

use crate::failure::Failure;
use crate::ids::ConnectorId;
use crate::ports::{Moment, Place, Ports, RsaPublicKey, RsaScheme, Vault as _, VaultError};
use crate::time::{Days, Timestamp};

/// For how long a certificate is valid.
const VALID_DAYS: Days = Days::of(730);
/// Minutes before its making from which it is valid: the provider's clock may be behind.
const BACKDATED_MINUTES: i64 = 10;
/// `rsaEncryption` ([RFC 8017, appendix A.1](https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1)).
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// `sha256WithRSAEncryption` ([RFC 8017, appendix A.2.4](https://www.rfc-editor.org/rfc/rfc8017#appendix-A.2.4)).
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");

/// A key in the vault with the certificate that names it at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertifiedKey {
    /// Where the key is.
    pub key: Place,
    /// The certificate, self-signed: DER as base64.
    pub certificate: String,
    /// Until when it is valid.
    pub ends_at: Timestamp,
}

impl CertifiedKey {
    /// Certifies the key at a place, for two years from now.
    ///
    /// # Errors
    /// When the vault does not answer.
    pub(super) async fn new<P: Ports>(
        ports: &P,
        moment: &Moment,
        connector: ConnectorId,
        (place, public): (&Place, &RsaPublicKey),
    ) -> Result<Self, Failure> {
        let ends_at = moment.now.plus_days(VALID_DAYS);
        let signer = Signer(public.subject_public_key_info().map_err(defect)?);
        let mut unsigned = unsigned(moment, connector, &signer, ends_at).map_err(defect)?;
        let message = unsigned.finalize(&signer).map_err(defect)?;
        let signature = ports.vault().sign_rsa(place, RsaScheme::Rs256, &message).await?;
        let signature = BitString::from_bytes(&signature).map_err(defect)?;
        let certificate = unsigned.assemble(signature, &signer).map_err(defect)?;
        let certificate = STANDARD.encode(certificate.to_der().map_err(defect)?);
        Ok(Self { key: place.clone(), certificate, ends_at })
    }

    fn der(&self) -> Result<Vec<u8>, VaultError> {
        STANDARD.decode(&self.certificate).map_err(|_| VaultError("a certificate is damaged".to_owned()))
    }

    /// SHA-256 of the certificate, which Entra calls its thumbprint.
    ///
    /// # Errors
    /// When what is stored is no base64.
    pub(super) fn thumbprint_sha256(&self) -> Result<[u8; 32], VaultError> {
        Ok(Sha256::digest(self.der()?).into())
    }

    /// SHA-1 of the certificate, by which Entra's pages still name it. Nothing rests on it.
    ///
    /// # Errors
    /// When what is stored is no base64.
    pub(super) fn thumbprint_sha1(&self) -> Result<[u8; 20], VaultError> {
        Ok(Sha1::digest(self.der()?).into())
    }

    /// The certificate as PEM ([RFC 7468](https://www.rfc-editor.org/rfc/rfc7468)), to be uploaded at the provider.
    pub(super) fn pem(&self) -> String {
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        for (position, letter) in self.certificate.chars().enumerate() {
            if position > 0 && position % 64 == 0 {
                pem.push('\n');
            }
            pem.push(letter);
        }
        pem.push_str("\n-----END CERTIFICATE-----\n");
        pem
    }
}

fn defect(error: impl std::fmt::Debug) -> Failure {
    Failure::Defect(format!("no certificate: {error:?}"))
}

fn unsigned(
    moment: &Moment,
    connector: ConnectorId,
    signer: &Signer,
    ends_at: Timestamp,
) -> builder::Result<CertificateBuilder<SelfSigned>> {
    let instant = |at: Timestamp| {
        // Certificates know whole seconds.
        let seconds = u64::try_from(at.as_millisecond() / 1000).unwrap_or_default();
        DateTime::from_unix_duration(Duration::from_secs(seconds))
    };
    let starts_at = moment.now.plus_minutes(-BACKDATED_MINUTES);
    let validity = Validity::new(instant(starts_at)?.into(), instant(ends_at)?.into());
    // 16 random bytes behind one that keeps the number positive and of one length.
    let [random @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = moment.bytes("certificate", 0);
    let serial = SerialNumber::new(&[&[1], random.as_slice()].concat())?;
    let name = Name::from_str(&format!("CN=AI Clearance {connector}"))?;
    CertificateBuilder::new(SelfSigned(name), serial, validity, signer.0.clone())
}

/// Issuer and subject are one; the key signs assertions and nothing else.
struct SelfSigned(Name);

impl BuilderProfile for SelfSigned {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.0.clone()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let usage = KeyUsage(FlagSet::from(KeyUsages::DigitalSignature));
        Ok(vec![(true, &usage).to_extension(&self.0, &[])?])
    }
}

/// The vault's key as the builder wants to see it: it asks for the algorithm and the public half, never for a signature.
#[derive(Clone)]
struct Signer(SubjectPublicKeyInfoOwned);

impl signature::Keypair for Signer {
    type VerifyingKey = Self;

    fn verifying_key(&self) -> Self {
        self.clone()
    }
}

impl EncodePublicKey for Signer {
    fn to_public_key_der(&self) -> spki::Result<Document> {
        Ok(Document::try_from(self.0.to_der()?)?)
    }
}

impl DynSignatureAlgorithmIdentifier for Signer {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        Ok(AlgorithmIdentifierOwned { oid: SHA256_WITH_RSA, parameters: Some(Any::from(Null)) })
    }
}

impl RsaPublicKey {
    /// The key in its DER form ([RFC 8017, appendix A.1.1](https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.1)).
    fn subject_public_key_info(&self) -> der::Result<SubjectPublicKeyInfoOwned> {
        let numbers = vec![Uint::new(&self.modulus)?, Uint::new(&self.exponent)?];
        Ok(SubjectPublicKeyInfoOwned {
            algorithm: AlgorithmIdentifierOwned { oid: RSA_ENCRYPTION, parameters: Some(Any::from(Null)) },
            subject_public_key: BitString::from_bytes(&numbers.to_der()?)?,
        })
    }
}
