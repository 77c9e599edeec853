//! A folder ready for `forge deploy`.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::build::{build, copy};
use super::{APP, Core, Deployment, tool};
use crate::repository;

/// Files and folders of the app that are deployed, or needed to.
const PARTS: [&str; 6] = ["src", "static", "locales", "package.json", "package-lock.json", "tsconfig.json"];

/// Writes `target/forge/package`: manifest with this deployment's app id and Core, sources of the glue with the module in them, pages.
pub(crate) fn package(deployment: &Deployment) -> Result<()> {
    let Some(app_id) = &deployment.app_id else {
        bail!("--app-id is needed: `forge create` or `forge register` gives it")
    };
    if deployment.core == Core::Placeholder {
        bail!("--core is needed: an https origin, or `none` for an app without connectors");
    }
    build(deployment)?;
    let (from, to) = (repository::at(APP), repository::at("target/forge/package"));
    if to.is_dir() {
        std::fs::remove_dir_all(&to).with_context(|| format!("could not empty {}", to.display()))?;
    }
    std::fs::create_dir_all(&to).with_context(|| format!("could not create {}", to.display()))?;
    for part in PARTS {
        copy_part(&from.join(part), &to.join(part))?;
    }
    let core = match &deployment.core {
        Core::At(origin) => origin.as_str(),
        Core::Placeholder | Core::Without => "none",
    };
    tool("manifest.js")?.args([&to.join("manifest.yml")]).args([app_id, core]).run()?;
    println!(
        "target/forge/package is ready: `npm ci --omit=dev --ignore-scripts`, then `forge deploy` in it (docs/forge.md)"
    );
    Ok(())
}

fn copy_part(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        return copy(from, to, &|_| true);
    }
    std::fs::copy(from, to).map(drop).with_context(|| format!("could not copy {}", from.display()))
}
