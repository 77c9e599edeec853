//! Building the app: what is made from the Rust declarations, the pages, and the function bundle by Atlassian's own bundler.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::{APP, Deployment, module, tool};
use crate::process::Program;
use crate::stamp::{Fingerprint, Stamp};
use crate::{repository, ui};

/// The function bundle, as `forge deploy` would send it, but for the runtime's own wrapper.
pub(super) const FUNCTION: &str = "target/forge/function";
/// Folders in `forge/` that the bundle is not made from.
const NOT_SOURCES: &[&str] = &["node_modules", "static", "host", "tests", "generated"];
/// The pages' entries, by the manifest's resource.
const ENTRIES: [&str; 4] = ["admin.html", "app.html", "agent.html", "portal.html"];

/// Builds module, glue and pages.
pub(crate) fn build(deployment: &Deployment) -> Result<()> {
    module()?;
    generate(deployment)?;
    pages()?;
    bundle()
}

/// Writes what the Rust declarations say to `forge/src/generated`.
fn generate(deployment: &Deployment) -> Result<()> {
    let made = "// Made by `cargo xtask forge build`.\n";
    let declarations = declarations()?;
    let core = deployment.core.authority().map_or("null".to_owned(), |core| format!("'{core}'"));
    let mut text = format!("{made}import type {{ Declarations }} from '../declarations';\n\n");
    writeln!(text, "export const CORE: string | null = {core};")?;
    writeln!(text, "const declarations: Declarations = {};", declarations.trim())?;
    writeln!(text, "export const {{ kinds: KINDS, operations: OPERATIONS }} = declarations;")?;
    write("src/generated/declarations.ts", &text)
}

/// What the Rust side declares, as JSON.
pub(super) fn declarations() -> Result<String> {
    let program = ["run", "--quiet", "--package", "clearance-forge", "--bin", "declarations"];
    let json = String::from_utf8(Program::new("cargo").args(program).output()?)?;
    let path = repository::at("target/forge/declarations.json");
    create_folder_of(&path)?;
    std::fs::write(&path, &json).with_context(|| format!("could not write {}", path.display()))?;
    Ok(json)
}

/// Copies the pages that Forge shows from `ui/dist` to `forge/static`.
pub(super) fn pages() -> Result<()> {
    ui::build()?;
    let (from, to) = (repository::at("ui/dist"), repository::at(APP).join("static"));
    if to.is_dir() {
        std::fs::remove_dir_all(&to).with_context(|| format!("could not empty {}", to.display()))?;
    }
    // Forge signs people in, and compresses by itself.
    let wanted = |name: &str| {
        Path::new(name).extension().is_none_or(|extension| extension != "gz") && name != "sign-in.html"
    };
    copy(&from, &to, &wanted)?;
    for entry in ENTRIES {
        ensure!(to.join(entry).is_file(), "the pages' build made no {entry}, which the manifest names");
    }
    std::fs::copy(repository::at(APP).join("icon.svg"), to.join("icon.svg"))?;
    Ok(())
}

/// Runs the bundler, unless the bundle is up to date.
fn bundle() -> Result<()> {
    let app = repository::at(APP);
    let sources =
        Fingerprint::default().folder(&app, NOT_SOURCES)?.folder(&app.join("src/generated"), &[])?;
    let stamp = Stamp::new("forge-function", &sources);
    let built = repository::at(FUNCTION);
    if !stamp.is_fresh() || !built.join("index.cjs").is_file() {
        tool("bundle.js")?.args([&built]).run()?;
        stamp.set()?;
    }
    let size = std::fs::metadata(built.join("index.cjs"))?.len();
    println!("{FUNCTION}/index.cjs: {} KiB", size / 1024);
    Ok(())
}

fn write(path: &str, text: &str) -> Result<()> {
    let path = repository::at(APP).join(path);
    create_folder_of(&path)?;
    // Untouched when it would be the same, so that what is made from it stays fresh.
    if std::fs::read_to_string(&path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    std::fs::write(&path, text).with_context(|| format!("could not write {}", path.display()))
}

fn create_folder_of(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder).with_context(|| format!("could not create {}", folder.display()))
}

/// Copies a folder and what is in it, files by their names.
pub(super) fn copy(from: &Path, to: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("could not create {}", to.display()))?;
    for entry in std::fs::read_dir(from).with_context(|| format!("could not list {}", from.display()))? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy(&path, &target, wanted)?;
        } else if wanted(&entry.file_name().to_string_lossy()) {
            std::fs::copy(&path, &target).with_context(|| format!("could not copy {}", path.display()))?;
        }
    }
    Ok(())
}
