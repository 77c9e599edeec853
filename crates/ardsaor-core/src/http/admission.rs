//! What stands between a request and its effect.

use axum::http::StatusCode;
use core_protocol::UnixSeconds;
use core_protocol::key::SigningKey;
use core_protocol::signature::{Nonce, SignedRequest};

use super::App;
use super::answer::{Bound, Rejected};
use super::received::Received;
use crate::environment::Environment;
use crate::forge::InvocationRefused;
use crate::installation::{ForgeIdentity, Installation, InstallationKind, InstallationStatus};

/// A caller that may have its call carried out. Its nonce is used up.
pub(super) struct Admitted {
    pub(super) installation: Installation,
    pub(super) key: SigningKey,
    pub(super) nonce: Nonce,
    pub(super) request_signature: String,
}

impl Admitted {
    pub(super) fn bound(&self) -> Bound {
        Bound { key: self.key.clone(), request_signature: self.request_signature.clone() }
    }
}

/// Signature, then status, then Forge's token, then the nonce: each before anything that costs more or leaves a trace.
pub(super) async fn admit<E: Environment>(
    app: &App<E>,
    received: &Received,
    now: UnixSeconds,
) -> Result<Admitted, Rejected> {
    let headers = received.headers();
    let signed = SignedRequest::parse(received.signed(&headers))?;
    let caller = app.database.caller(signed.key_id(), now).await?;
    // An unknown key and a wrong signature look alike: who has no key learns nothing about names.
    let caller = caller.ok_or(Rejected::new(StatusCode::UNAUTHORIZED, "signature_mismatch"))?;
    let verified = signed.verify(&caller.key, now)?;
    let bound = || Bound { key: caller.key.clone(), request_signature: verified.signature.clone() };
    if caller.installation.status == InstallationStatus::Disabled {
        return Err(Rejected::new(StatusCode::FORBIDDEN, "installation_disabled").to(bound()));
    }
    let identity = invocation(app, received, &caller.installation, now).await.map_err(|it| it.to(bound()))?;
    if identity != caller.installation.forge {
        return Err(token_refused(InvocationRefused::OtherInstallation).to(bound()));
    }
    if !app.database.use_nonce(&caller.installation.id, &verified).await? {
        return Err(Rejected::new(StatusCode::UNAUTHORIZED, "nonce_used").to(bound()));
    }
    Ok(Admitted {
        installation: caller.installation,
        key: caller.key,
        nonce: verified.nonce,
        request_signature: verified.signature,
    })
}

/// Whom Forge's token names, for installations that need one.
pub(super) async fn invocation<E: Environment>(
    app: &App<E>,
    received: &Received,
    installation: &Installation,
    now: UnixSeconds,
) -> Result<Option<ForgeIdentity>, Rejected> {
    if installation.kind == InstallationKind::SelfHosted {
        return Ok(None);
    }
    let verifier = app.forge.as_ref().ok_or_else(|| token_refused(InvocationRefused::NotSetUp))?;
    let token = received.bearer().ok_or_else(|| token_refused(InvocationRefused::Missing))?;
    verifier.verify(token, now).await.map(Some).map_err(token_refused)
}

pub(super) fn token_refused(refused: InvocationRefused) -> Rejected {
    let status = match refused {
        InvocationRefused::KeysUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        InvocationRefused::OtherInstallation => StatusCode::FORBIDDEN,
        _ => StatusCode::UNAUTHORIZED,
    };
    Rejected::new(status, refused.code())
}
