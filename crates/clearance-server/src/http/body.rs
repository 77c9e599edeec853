//! Reading what was sent, up to a limit.

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use clearance::refusal::{Code, Refusal, malformed};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;

/// Most bytes taken. A request with its texts stays far below it; nothing here takes files.
pub const MAX_BODY_BYTES: usize = 256 * 1024;
/// Bytes of a body above the limit that are read and thrown away, so that its sender reads the refusal instead of a broken connection.
const MAX_DRAINED_BYTES: usize = 8 * 1024 * 1024;

fn too_large() -> Refusal {
    Refusal::new(Code::TooLarge, format!("the body must have at most {MAX_BODY_BYTES} bytes"))
}

/// The whole body.
pub(super) async fn read(body: Body) -> Result<Bytes, Refusal> {
    let mut body = body;
    let mut first: Option<Bytes> = None;
    let mut rest: Vec<u8> = Vec::new();
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| malformed("", "the body broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length > MAX_DRAINED_BYTES {
            break;
        }
        if length > MAX_BODY_BYTES {
            continue;
        }
        // Nearly every body is one frame, which is taken as it is.
        match &first {
            None => first = Some(data),
            Some(head) => {
                if rest.is_empty() {
                    rest.extend_from_slice(head);
                }
                rest.extend_from_slice(&data);
            }
        }
    }
    if length > MAX_BODY_BYTES {
        return Err(too_large());
    }
    Ok(if rest.is_empty() { first.unwrap_or_default() } else { Bytes::from(rest) })
}

/// Refuses what a form of another site could send without being asked: anything that is not declared as JSON.
pub(super) fn check_is_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(malformed("", "the body must be declared as `application/json`"))
    }
}

/// The body as the object wanted.
pub(super) async fn read_json<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Refusal> {
    check_is_json(headers)?;
    let bytes = read(body).await?;
    // What the parser says may quote what was sent, a password among it.
    serde_json::from_slice(&bytes)
        .map_err(|_| malformed("", "the body is not the JSON object that is wanted here"))
}
