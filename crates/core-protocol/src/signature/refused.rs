/// Why a signed message is not accepted. Each reason has a stable [`code`](Self::code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefused {
    /// A required header field is not there.
    #[error("the header field {0} is missing")]
    FieldMissing(&'static str),
    /// A header field that must be single occurs more than once.
    #[error("the header field {0} occurs more than once")]
    FieldRepeated(&'static str),
    /// A header field does not follow its grammar.
    #[error("the header field {0} is malformed")]
    FieldMalformed(&'static str),
    /// There is more than one signature, or the one given is not the one described.
    #[error("the message must carry exactly one signature")]
    NotOneSignature,
    /// The covered components are not those of the profile.
    #[error("the signature does not cover exactly the components of the profile")]
    WrongComponents,
    /// A required parameter of the signature is not there.
    #[error("the signature parameter {0} is missing")]
    ParameterMissing(&'static str),
    /// A parameter of the signature has a wrong type or form.
    #[error("the signature parameter {0} is malformed")]
    ParameterMalformed(&'static str),
    /// The algorithm is another than `hmac-sha256`.
    #[error("the signature algorithm must be hmac-sha256")]
    WrongAlgorithm,
    /// `expires` does not lie after `created`, or too long after it.
    #[error("the signature must be valid for at most 300 seconds")]
    WrongWindow,
    /// `created` lies in the future.
    #[error("the signature was created in the future")]
    CreatedInFuture,
    /// `expires` has passed, or `created` of an answer lies too far back.
    #[error("the signature has expired")]
    Expired,
    /// The key that was given is not the one that the signature names.
    #[error("the signature names another key")]
    OtherKey,
    /// The signature is not that of this message under this key.
    #[error("the signature does not match")]
    SignatureMismatch,
    /// The body is not the one that was signed.
    #[error("the body does not match its digest")]
    DigestMismatch,
}

impl SignatureRefused {
    /// The stable name of the reason.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FieldMissing(_) => "signature_field_missing",
            Self::FieldRepeated(_) => "signature_field_repeated",
            Self::FieldMalformed(_) => "signature_field_malformed",
            Self::NotOneSignature => "signature_not_single",
            Self::WrongComponents => "signature_components",
            Self::ParameterMissing(_) => "signature_parameter_missing",
            Self::ParameterMalformed(_) => "signature_parameter_malformed",
            Self::WrongAlgorithm => "signature_algorithm",
            Self::WrongWindow => "signature_window",
            Self::CreatedInFuture => "signature_created_in_future",
            Self::Expired => "signature_expired",
            Self::OtherKey => "signature_other_key",
            Self::SignatureMismatch => "signature_mismatch",
            Self::DigestMismatch => "digest_mismatch",
        }
    }
}
