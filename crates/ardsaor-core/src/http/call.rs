use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use core_protocol::UnixSeconds;
use core_protocol::message::{Answer, Call, NO_CALL, NO_CALL_CODE};

use super::App;
use super::admission::{Admitted, admit};
use super::answer::{Rejected, respond};
use super::received::Received;
use crate::environment::Environment;
use crate::perform::OpenCall;

/// `POST /v1/calls`: one operation at one connector.
pub(super) async fn call<E: Environment>(
    State(app): State<Arc<App<E>>>,
    request: Request<Body>,
) -> Response<Body> {
    let now = app.environment.now();
    match carry_out(&app, request, now).await {
        Ok((answer, admitted)) => {
            respond(StatusCode::OK, &answer, Some(&admitted.bound()), app.environment.now())
        }
        Err(rejected) if rejected.code() == NO_CALL_CODE => {
            tracing::debug!("an installation asked whether it is known");
            rejected.respond(app.environment.now())
        }
        Err(rejected) => {
            tracing::warn!(code = rejected.code(), "a request was refused");
            app.metrics.count_refused(rejected.code());
            rejected.respond(app.environment.now())
        }
    }
}

async fn carry_out<E: Environment>(
    app: &Arc<App<E>>,
    request: Request<Body>,
    now: UnixSeconds,
) -> Result<(Answer, Admitted), Rejected> {
    let _door = app.doors.try_acquire().map_err(|_| Rejected::BUSY)?;
    let received = Received::read(request, &app.authority, app.scheme).await?;
    let admitted = admit(app, &received, now).await?;
    if received.body() == NO_CALL.as_bytes() {
        return Err(Rejected::new(StatusCode::BAD_REQUEST, NO_CALL_CODE).to(admitted.bound()));
    }
    let call: Call = serde_json::from_slice(received.body())
        .map_err(|_| Rejected::new(StatusCode::BAD_REQUEST, "malformed").to(admitted.bound()))?;
    drop(received);
    let call = OpenCall::open(call, &admitted.key, &admitted.nonce);
    let call =
        call.map_err(|refused| Rejected::new(StatusCode::BAD_REQUEST, refused.code()).to(admitted.bound()))?;
    // In a task of its own: a caller that hangs up must not leave a change half made and unconfirmed.
    let (task_app, installation) = (Arc::clone(app), admitted.installation.clone());
    let task =
        tokio::spawn(
            async move { task_app.performer.perform(&task_app.environment, &installation, call).await },
        );
    match task.await {
        Ok(Ok(answer)) => Ok((answer, admitted)),
        Ok(Err(error)) => Err(Rejected::from(error).to(admitted.bound())),
        Err(_) => Err(Rejected::new(StatusCode::INTERNAL_SERVER_ERROR, "internal").to(admitted.bound())),
    }
}
