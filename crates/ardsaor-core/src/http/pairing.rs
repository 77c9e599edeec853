use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core_protocol::UnixSeconds;
use core_protocol::key::{KEY_BYTES, KeyId, SigningKey};
use core_protocol::pairing::PairingAnswer;
use core_protocol::signature::SignedRequest;
use zeroize::Zeroizing;

use super::App;
use super::admission::{invocation, token_refused};
use super::answer::{Bound, Rejected, respond};
use super::received::Received;
use crate::database::Paired;
use crate::environment::{Environment, random};
use crate::forge::InvocationRefused;

/// `POST /v1/pairing`: a code for a signing key. The code is used up by the exchange that succeeds.
pub(super) async fn pair<E: Environment>(
    State(app): State<Arc<App<E>>>,
    request: Request<Body>,
) -> Response<Body> {
    let now = app.environment.now();
    match exchange(&app, request, now).await {
        Ok((answer, bound)) => respond(StatusCode::OK, &answer, Some(&bound), now),
        Err(rejected) => {
            tracing::warn!(code = rejected.code(), "a pairing was refused");
            app.metrics.count_refused(rejected.code());
            rejected.respond(now)
        }
    }
}

async fn exchange<E: Environment>(
    app: &App<E>,
    request: Request<Body>,
    now: UnixSeconds,
) -> Result<(PairingAnswer, Bound), Rejected> {
    let _door = app.doors.try_acquire().map_err(|_| Rejected::BUSY)?;
    let received = Received::read(request, &app.authority, app.scheme).await?;
    let headers = received.headers();
    let signed = SignedRequest::parse(received.signed(&headers))?;
    let caller = app.database.pairing(signed.key_id(), now).await?;
    let caller = caller.ok_or(Rejected::new(StatusCode::UNAUTHORIZED, "pairing_code_unknown"))?;
    let verified = signed.verify(&caller.key, now)?;
    let bound = || Bound { key: caller.key.clone(), request_signature: verified.signature.clone() };
    let installation = caller.installation;
    let forge = invocation(app, &received, &installation, now).await.map_err(|it| it.to(bound()))?;
    // A new key for an installation that was paired before goes to that same one only.
    if installation.forge.is_some() && installation.forge != forge {
        return Err(token_refused(InvocationRefused::OtherInstallation).to(bound()));
    }
    let internal = || Rejected::new(StatusCode::INTERNAL_SERVER_ERROR, "internal");
    let key = new_key(&app.environment).ok_or_else(internal)?;
    let sealed = PairingAnswer::new(
        &caller.key,
        installation.id.clone(),
        &key,
        &verified.nonce,
        random(&app.environment),
    );
    let answer = sealed.map_err(|_| internal())?;
    match app.database.pair(caller.key.id(), &installation.id, forge, &key, now).await? {
        Paired::Done => {
            tracing::info!(installation = installation.id.as_str(), "an installation was paired");
            Ok((answer, bound()))
        }
        Paired::CodeUsed => Err(Rejected::new(StatusCode::UNAUTHORIZED, "pairing_code_unknown").to(bound())),
    }
}

fn new_key(environment: &impl Environment) -> Option<SigningKey> {
    let name = format!("key_{}", URL_SAFE_NO_PAD.encode(random::<12>(environment)));
    let secret: Zeroizing<[u8; KEY_BYTES]> = Zeroizing::new(environment.entropy());
    SigningKey::new(KeyId::try_from(name).ok()?, secret.as_slice()).ok()
}
