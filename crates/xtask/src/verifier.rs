//! The offline page that checks evidence packs: one HTML file with everything in it.

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::process::Program;
use crate::repository;
use crate::set_up::{self, WASM_TARGET};

/// The sources of the page.
const PAGE: &str = "crates/evidence-verifier/page";
/// The page.
const BUILT: &str = "target/verifier/clearance-evidence-verifier.html";

/// Builds `target/verifier/clearance-evidence-verifier.html`.
pub(crate) fn build() -> Result<()> {
    set_up::wasm_target()?;
    let place = ["--target", WASM_TARGET, "--profile", "wasm", "--target-dir", "target"];
    Program::new("cargo").args(["build", "--package", "evidence-verifier"]).args(place).run()?;
    let module = repository::at(&format!("target/{WASM_TARGET}/wasm/evidence_verifier.wasm"));
    let module = std::fs::read(&module).with_context(|| format!("could not read {}", module.display()))?;
    let part = |name: &str| {
        let path = repository::at(PAGE).join(name);
        std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))
    };
    let page = page(&part("verifier.html")?, &part("verifier.css")?, &part("verifier.js")?, &module)?;
    let built = repository::at(BUILT);
    std::fs::create_dir_all(built.parent().unwrap_or(&built))?;
    std::fs::write(&built, page.as_bytes())?;
    let sha256 = Sha256::digest(page.as_bytes());
    let sha256 = sha256.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    println!("{BUILT}: {} KiB, SHA-256 {sha256}", page.len() / 1024);
    Ok(())
}

/// Drives the module on Node.
pub(crate) fn test() -> Result<()> {
    set_up::node_only()?;
    build()?;
    Program::new("node").args(["--test", "crates/evidence-verifier/tests/module.test.mjs"]).run()
}

/// The page with everything in it. It may run its own script and module, and reach nothing.
fn page(template: &str, style: &str, script: &str, module: &[u8]) -> Result<String> {
    for text in [style, script] {
        ensure!(!text.contains("</s"), "style and script must not end their element");
    }
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
    let policy = format!(
        "default-src 'none'; script-src {} 'wasm-unsafe-eval'; style-src {}; base-uri 'none'; form-action 'none'",
        hash(script),
        hash(style)
    );
    let mut page = template.to_owned();
    for (place, text) in [
        ("{{policy}}", policy.as_str()),
        ("{{style}}", style),
        ("{{module}}", &STANDARD.encode(module)),
        ("{{script}}", script),
    ] {
        ensure!(page.matches(place).count() == 1, "the page has no place for {place}");
        page = page.replacen(place, text, 1);
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_its_own_script_and_reaches_nothing() {
        let template =
            "<meta content=\"{{policy}}\"><style>{{style}}</style>{{module}}<script>{{script}}</script>";
        let page = page(template, "a{}", "go()", b"\0asm").unwrap();
        // `printf 'go()' | openssl dgst -sha256 -binary | base64`
        assert!(page.contains("default-src 'none'; script-src 'sha256-"), "{page}");
        assert!(page.contains("AGFzbQ==") && page.ends_with("<script>go()</script>"), "{page}");
        assert!(super::page(template, "", "x='</script>'", b"").is_err());
        assert!(super::page("", "", "", b"").is_err());
    }
}
