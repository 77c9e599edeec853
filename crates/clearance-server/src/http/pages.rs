//! The built pages of `ui/`, from memory, under a policy that lets them run nothing but their own files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use clearance::ports::Ports;
use clearance::refusal::not_found;

use super::{App, answer};

/// What a page may load and where it may send: its own files and its own server. Atlaskit sets styles inline.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
/// Names of files under this folder hold a hash of their content.
const HASHED: &str = "assets/";
/// The build puts a compressed copy beside a file under its name and this.
const GZIP: &str = ".gz";
/// Largest file taken into memory; the built pages stay far below it.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>AI Clearance</title></head><body>\
    <h1>The pages are not built</h1><p>The server runs, but it found no built pages. <code>cargo xtask run</code> builds and serves \
    them; a server elsewhere is told where they are with <code>--ui DIR</code>.</p></body></html>";

#[derive(Debug)]
struct Page {
    content: Bytes,
    /// The same, as the build compressed it (RFC 1952).
    gzip: Option<Bytes>,
    content_type: HeaderValue,
    cache: HeaderValue,
}

/// The built pages, read once.
#[derive(Debug, Default)]
pub struct Pages {
    files: HashMap<String, Page>,
}

impl Pages {
    /// Reads every file of a directory.
    ///
    /// # Errors
    /// When a file cannot be read or is larger than any page of ours.
    pub fn read(directory: &Path) -> std::io::Result<Self> {
        let (mut files, mut compressed) = (HashMap::new(), Vec::new());
        let mut folders = vec![(directory.to_path_buf(), String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let entry = entry?;
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                let metadata = entry.metadata()?;
                if metadata.is_dir() {
                    folders.push((entry.path(), format!("{name}/")));
                } else if metadata.is_file() && metadata.len() <= MAX_FILE_BYTES {
                    let content = std::fs::read(entry.path())?;
                    match name.strip_suffix(GZIP) {
                        Some(name) => compressed.push((name.to_owned(), content)),
                        None => {
                            files.insert(name.clone(), page(&name, content));
                        }
                    }
                }
            }
        }
        for (name, content) in compressed {
            if let Some(page) = files.get_mut(&name) {
                page.gzip = Some(content.into());
            }
        }
        Ok(Self { files })
    }

    /// Where the pages are when nobody says: beside the program as installed, or where a checkout builds them.
    pub fn find() -> Option<PathBuf> {
        let program = std::env::current_exe().ok()?;
        let beside = program.parent()?.join("ui");
        let candidates = [beside, PathBuf::from("ui/dist")];
        candidates.into_iter().find(|directory| directory.join("app.html").is_file())
    }
}

fn page(name: &str, content: Vec<u8>) -> Page {
    let content_type = match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    let cache = if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let (content_type, cache) = (HeaderValue::from_static(content_type), HeaderValue::from_static(cache));
    Page { content: Bytes::from(content), gzip: None, content_type, cache }
}

/// Whether the browser takes gzip. One that names it with a weight of nothing does not (RFC 9110, 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = accepted.flat_map(|value| value.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip")
            && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

/// A page as it is kept, compressed for whoever takes it so.
fn kept(page: &Page, headers: &HeaderMap) -> Response {
    let gzip = page.gzip.as_ref().filter(|_| takes_gzip(headers));
    let content = gzip.unwrap_or(&page.content).clone();
    let mut response = secured(StatusCode::OK, content, page.content_type.clone(), page.cache.clone());
    if gzip.is_some() {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if page.gzip.is_some() {
        response.headers_mut().insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

/// A page, a file of one, or the way to where the page is.
pub(super) async fn serve<P: Ports>(State(app): State<Arc<App<P>>>, request: Request) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") || path.starts_with("/session/") {
        return answer::refused(&not_found("address"));
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response();
    }
    let name = match path {
        "/" => return moved("/app"),
        "/app" => "app.html",
        "/admin" => "admin.html",
        "/sign-in" | "/set-up" => "sign-in.html",
        // The pages keep their places behind `#`, and name their files relative to the top.
        _ if path.starts_with("/app/") => return moved("/app"),
        _ if path.starts_with("/admin/") => return moved("/admin"),
        _ => path.trim_start_matches('/'),
    };
    match app.pages.files.get(name) {
        Some(page) => kept(page, request.headers()),
        None if app.pages.files.is_empty() && std::path::Path::new(name).extension().is_some_and(|it| it == "html") => {
            html(StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT.to_owned())
        }
        None => html(
            StatusCode::NOT_FOUND,
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>AI Clearance</title></head><body>\
             <h1>There is no such page</h1><p><a href=\"/app\">Go to AI Clearance</a></p></body></html>"
                .to_owned(),
        ),
    }
}

fn moved(to: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
}

/// A page made here.
pub(super) fn html(status: StatusCode, text: String) -> Response {
    let content_type = HeaderValue::from_static("text/html; charset=utf-8");
    secured(status, Bytes::from(text), content_type, HeaderValue::from_static("no-store"))
}

fn secured(status: StatusCode, content: Bytes, content_type: HeaderValue, cache: HeaderValue) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, cache),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // A set-up link's token is part of its address: it goes nowhere.
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (OPENER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    (status, headers, content).into_response()
}
