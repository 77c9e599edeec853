use axum::http::StatusCode;
use clearance_server::http::Pages;

use crate::support::{Hold, Site};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

async fn built(url: &str) -> Site {
    let directory = tempfile::tempdir().unwrap();
    for name in ["app.html", "admin.html", "sign-in.html"] {
        std::fs::write(directory.path().join(name), name).unwrap();
    }
    std::fs::create_dir(directory.path().join("assets")).unwrap();
    std::fs::write(directory.path().join("assets/app-1a2b.js"), "script").unwrap();
    std::fs::write(directory.path().join("assets/app-1a2b.js.gz"), "compressed script").unwrap();
    Site::at(url, Pages::read(directory.path()).unwrap()).await
}

#[tokio::test]
async fn each_address_has_its_page_under_the_policy() {
    let site = built("https://clearance.example.com/").await;
    let pages = [
        ("/app", "app.html"),
        ("/admin", "admin.html"),
        ("/sign-in", "sign-in.html"),
        ("/set-up?token=x", "sign-in.html"),
    ];
    for (path, file) in pages {
        let answer = site.get(path, &Hold::Nobody).await;
        assert_eq!((answer.status, answer.text().as_str()), (StatusCode::OK, file), "{path}");
        assert_eq!(answer.header("content-security-policy"), POLICY);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    }
    let script = site.get("/assets/app-1a2b.js", &Hold::Nobody).await;
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
    for (path, to) in
        [("/", "/app"), ("/app/", "/app"), ("/app/requests/1", "/app"), ("/admin/catalog", "/admin")]
    {
        let answer = site.get(path, &Hold::Nobody).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, to), "{path}");
    }
}

#[tokio::test]
async fn a_compressed_copy_goes_to_whoever_takes_it() {
    let site = built("https://clearance.example.com/").await;
    for (accepts, coding, content) in [
        ("", "", "script"),
        ("br, zstd", "", "script"),
        ("gzip;q=0", "", "script"),
        ("deflate, GZIP;q=0.5, br", "gzip", "compressed script"),
    ] {
        let answer = site.get_accepting("/assets/app-1a2b.js", accepts).await;
        assert_eq!((answer.status, answer.text().as_str()), (StatusCode::OK, content), "{accepts}");
        assert_eq!(answer.headers.get("content-encoding").map_or("", |it| it.to_str().unwrap()), coding);
        assert_eq!(answer.header("vary"), "accept-encoding");
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
        assert_eq!(answer.header("content-security-policy"), POLICY);
    }
    let plain = site.get_accepting("/app", "gzip").await;
    assert_eq!(plain.text(), "app.html", "what has no compressed copy is sent as it is");
    assert!(plain.headers.get("content-encoding").is_none() && plain.headers.get("vary").is_none());
    let copy = site.get("/assets/app-1a2b.js.gz", &Hold::Nobody).await;
    assert_eq!(copy.status, StatusCode::NOT_FOUND, "a copy has no address of its own");
}

#[tokio::test]
async fn nothing_outside_the_built_pages_is_served() {
    let site = built("http://127.0.0.1:8780/").await;
    for path in [
        "/nothing",
        "/../Cargo.toml",
        "/assets/../../etc/passwd",
        "/%2e%2e/etc/passwd",
        "/assets",
        "/app.htm",
    ] {
        let answer = site.get(path, &Hold::Nobody).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.header("content-security-policy"), POLICY);
    }
    assert!(site.get("/app", &Hold::Nobody).await.headers.get("strict-transport-security").is_none());
    let answer = site.get("/api/v2/x", &Hold::Nobody).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::NOT_FOUND, "not_found"));
}

#[tokio::test]
async fn a_server_without_pages_says_how_to_get_them() {
    let site = Site::new().await;
    let answer = site.get("/app", &Hold::Nobody).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text().contains("cargo xtask run"));
}
