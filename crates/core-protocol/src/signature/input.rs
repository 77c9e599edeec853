//! `Signature-Input` and `Signature` as received.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, Dictionary, InnerList, ListEntry, Parameters, Parser};

use super::base::Component;
use super::message::single;
use super::{Nonce, SIGNATURE_FIELD, SIGNATURE_INPUT_FIELD, SignatureRefused};
use crate::UnixSeconds;
use crate::key::KeyId;

/// The one signature of a message, with everything that it says about itself.
#[derive(Debug)]
pub(super) struct SignatureInput<'a> {
    /// The text after the label, as received: the value of `@signature-params`.
    pub(super) parameters: &'a str,
    /// What is covered, in the signer's order.
    pub(super) components: Vec<Component>,
    pub(super) created: UnixSeconds,
    pub(super) key_id: KeyId,
    pub(super) expires: Option<UnixSeconds>,
    pub(super) nonce: Option<Nonce>,
    pub(super) mac: Vec<u8>,
    /// The value of `Signature`, as received.
    pub(super) signature: &'a str,
}

impl<'a> SignatureInput<'a> {
    /// Reads both fields. `expected` are the components of the profile, each of which must be covered exactly once.
    pub(super) fn parse(
        headers: &[(&'a str, &'a str)],
        expected: &[Component],
    ) -> Result<Self, SignatureRefused> {
        let text = single(headers, SIGNATURE_INPUT_FIELD)?;
        let malformed = |_| SignatureRefused::FieldMalformed(SIGNATURE_INPUT_FIELD);
        let inputs: Dictionary = Parser::new(text).parse().map_err(malformed)?;
        let (label, input) = only(inputs)?;
        let ListEntry::InnerList(input) = input else {
            return Err(SignatureRefused::FieldMalformed(SIGNATURE_INPUT_FIELD));
        };
        // A label holds no `=`, so that the first one ends it.
        let (_, parameters) =
            text.split_once('=').ok_or(SignatureRefused::FieldMalformed(SIGNATURE_INPUT_FIELD))?;
        let components = covered(&input, expected)?;
        let given = &input.params;
        if given.get("alg").is_some_and(|alg| string(alg) != Some("hmac-sha256")) {
            return Err(SignatureRefused::WrongAlgorithm);
        }
        let signature = single(headers, SIGNATURE_FIELD)?;
        Ok(Self {
            parameters,
            components,
            created: instant(given, "created")?.ok_or(SignatureRefused::ParameterMissing("created"))?,
            expires: instant(given, "expires")?,
            nonce: text_parameter(given, "nonce")?,
            key_id: text_parameter(given, "keyid")?.ok_or(SignatureRefused::ParameterMissing("keyid"))?,
            mac: mac(signature, &label)?,
            signature,
        })
    }
}

fn only(members: Dictionary) -> Result<(sfv::Key, ListEntry), SignatureRefused> {
    let mut members = members.into_iter();
    match (members.next(), members.next()) {
        (Some(member), None) => Ok(member),
        _ => Err(SignatureRefused::NotOneSignature),
    }
}

fn covered(input: &InnerList, expected: &[Component]) -> Result<Vec<Component>, SignatureRefused> {
    let mut components = Vec::with_capacity(expected.len());
    for item in &input.items {
        let of_request = match item.params.len() {
            0 => false,
            1 => item.params.get("req") == Some(&BareItem::Boolean(true)),
            _ => return Err(SignatureRefused::WrongComponents),
        };
        if of_request == item.params.is_empty() {
            return Err(SignatureRefused::WrongComponents);
        }
        let component = string(&item.bare_item).and_then(|name| Component::named(name, of_request));
        match component {
            Some(component) if expected.contains(&component) && !components.contains(&component) => {
                components.push(component);
            }
            _ => return Err(SignatureRefused::WrongComponents),
        }
    }
    if components.len() == expected.len() { Ok(components) } else { Err(SignatureRefused::WrongComponents) }
}

fn string(item: &BareItem) -> Option<&str> {
    item.as_string().map(sfv::StringRef::as_str)
}

fn instant(given: &Parameters, name: &'static str) -> Result<Option<UnixSeconds>, SignatureRefused> {
    given
        .get(name)
        .map(|item| {
            let integer = item.as_integer().ok_or(SignatureRefused::ParameterMalformed(name))?;
            Ok(UnixSeconds(i64::from(integer)))
        })
        .transpose()
}

fn text_parameter<T: std::str::FromStr>(
    given: &Parameters,
    name: &'static str,
) -> Result<Option<T>, SignatureRefused> {
    let malformed = SignatureRefused::ParameterMalformed(name);
    given.get(name).map(|item| string(item).ok_or(malformed)?.parse().map_err(|_| malformed)).transpose()
}

fn mac(text: &str, label: &sfv::Key) -> Result<Vec<u8>, SignatureRefused> {
    let malformed = SignatureRefused::FieldMalformed(SIGNATURE_FIELD);
    let signatures: Dictionary = Parser::new(text).parse().map_err(|_| malformed)?;
    let (given, signature) = only(signatures)?;
    if given != *label {
        return Err(SignatureRefused::NotOneSignature);
    }
    let ListEntry::Item(item) = signature else { return Err(malformed) };
    let mac = item.bare_item.as_byte_sequence().ok_or(malformed)?;
    // Base64 has unused bits at its end: a response is bound to this text, so that one value must have one spelling.
    let spelling = format!("{label}=:{}:", STANDARD.encode(mac));
    if text == spelling { Ok(mac.to_vec()) } else { Err(malformed) }
}
