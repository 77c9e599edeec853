//! The text that is signed, [RFC 9421 §2.5](https://www.rfc-editor.org/rfc/rfc9421#section-2.5).

use std::borrow::Cow;

use super::message::single;
use super::{CONTENT_DIGEST_FIELD, CONTENT_TYPE_FIELD, Request, Response, SIGNATURE_FIELD, SignatureRefused};

/// A part of a message that a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Component {
    Method,
    Authority,
    Path,
    Query,
    ContentDigest,
    ContentType,
    Status,
    /// The signature of the request that a response answers.
    RequestSignature,
}

/// What a request's signature covers, in the order in which we sign.
pub(super) const OF_REQUEST: [Component; 6] = [
    Component::Method,
    Component::Authority,
    Component::Path,
    Component::Query,
    Component::ContentDigest,
    Component::ContentType,
];

/// What a response's signature covers, in the order in which we sign.
pub(super) const OF_RESPONSE: [Component; 4] =
    [Component::Status, Component::ContentDigest, Component::ContentType, Component::RequestSignature];

impl Component {
    /// The component with this name; `of_request` is its parameter `req`.
    pub(super) fn named(name: &str, of_request: bool) -> Option<Self> {
        let all = OF_REQUEST.into_iter().chain(OF_RESPONSE);
        let identifier = if of_request { format!("\"{name}\";req") } else { format!("\"{name}\"") };
        all.into_iter().find(|component| component.identifier() == identifier)
    }

    /// The component's name as the signature base and `Signature-Input` write it.
    pub(super) const fn identifier(self) -> &'static str {
        match self {
            Self::Method => "\"@method\"",
            Self::Authority => "\"@authority\"",
            Self::Path => "\"@path\"",
            Self::Query => "\"@query\"",
            Self::ContentDigest => "\"content-digest\"",
            Self::ContentType => "\"content-type\"",
            Self::Status => "\"@status\"",
            Self::RequestSignature => "\"signature\";req",
        }
    }

    /// The component's value in a request; nothing when requests have no such component.
    pub(super) fn of_request<'a>(self, request: &Request<'a>) -> Result<Cow<'a, str>, SignatureRefused> {
        Ok(match self {
            Self::Method => request.method.into(),
            Self::Authority => request.authority.into(),
            Self::Path if request.path.is_empty() => "/".into(),
            Self::Path => request.path.into(),
            Self::Query => format!("?{}", request.query.unwrap_or_default()).into(),
            Self::ContentDigest => single(request.headers, CONTENT_DIGEST_FIELD)?.into(),
            Self::ContentType => single(request.headers, CONTENT_TYPE_FIELD)?.into(),
            Self::Status | Self::RequestSignature => return Err(SignatureRefused::WrongComponents),
        })
    }

    /// The component's value in the response to a request with this signature.
    pub(super) fn of_response<'a>(
        self,
        response: &Response<'a>,
        request_signature: &'a str,
    ) -> Result<Cow<'a, str>, SignatureRefused> {
        Ok(match self {
            Self::Status => response.status.to_string().into(),
            Self::ContentDigest => single(response.headers, CONTENT_DIGEST_FIELD)?.into(),
            Self::ContentType => single(response.headers, CONTENT_TYPE_FIELD)?.into(),
            Self::RequestSignature => request_signature.trim_matches([' ', '\t']).into(),
            Self::Method | Self::Authority | Self::Path | Self::Query => {
                return Err(SignatureRefused::WrongComponents);
            }
        })
    }
}

/// Puts the signature base together. No value may hold a line break, which could pass for another line.
pub(super) fn signature_base<'a>(
    lines: impl Iterator<Item = Result<(&'a str, Cow<'a, str>), SignatureRefused>>,
    parameters: &str,
) -> Result<String, SignatureRefused> {
    let mut base = String::new();
    for line in lines {
        let (identifier, value) = line?;
        if value.contains(['\n', '\r']) {
            return Err(SignatureRefused::FieldMalformed(SIGNATURE_FIELD));
        }
        base.extend([identifier, ": ", &value, "\n"]);
    }
    base.extend(["\"@signature-params\": ", parameters]);
    Ok(base)
}

/// The base of a request's signature.
pub(super) fn of_request(
    components: &[Component],
    request: &Request<'_>,
    parameters: &str,
) -> Result<String, SignatureRefused> {
    let lines = components.iter().map(|it| Ok((it.identifier(), it.of_request(request)?)));
    signature_base(lines, parameters)
}

/// The base of a response's signature.
pub(super) fn of_response(
    components: &[Component],
    response: &Response<'_>,
    request_signature: &str,
    parameters: &str,
) -> Result<String, SignatureRefused> {
    let lines =
        components.iter().map(|it| Ok((it.identifier(), it.of_response(response, request_signature)?)));
    signature_base(lines, parameters)
}
