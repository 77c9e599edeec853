//! Other programs.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};

use crate::repository;

/// A program about to be started, from the root of the repository and with nothing to read.
pub(crate) struct Program {
    command: Command,
}

impl Program {
    pub(crate) fn new(name: &str) -> Self {
        // Windows finds npm only by its full name.
        let name = if cfg!(windows) && name == "npm" { "npm.cmd" } else { name };
        let mut command = Command::new(name);
        command.current_dir(repository::root()).stdin(Stdio::null());
        Self { command }
    }

    pub(crate) fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// With a setting of the environment.
    pub(crate) fn setting(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// The line a person would type.
    fn line(&self) -> String {
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args());
        let line = words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ");
        let folder =
            self.command.get_current_dir().and_then(|folder| folder.strip_prefix(repository::root()).ok());
        match folder.filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => format!("{line}   (in {})", folder.display()),
            None => line,
        }
    }

    /// Runs it in plain sight; an exit code other than 0 is an error.
    pub(crate) fn run(mut self) -> Result<()> {
        let line = self.line();
        eprintln!("$ {line}");
        let status = self.command.status().with_context(|| format!("could not start `{line}`"))?;
        if !status.success() {
            bail!("`{line}` ended with {status}");
        }
        Ok(())
    }

    /// Runs it and takes what it prints; what it says on standard error is shown.
    pub(crate) fn output(mut self) -> Result<Vec<u8>> {
        let line = self.line();
        self.command.stderr(Stdio::inherit());
        let Output { status, stdout, .. } =
            self.command.output().with_context(|| format!("could not start `{line}`"))?;
        if !status.success() {
            bail!("`{line}` ended with {status}");
        }
        Ok(stdout)
    }

    /// Whether it can be started at all and says so quietly.
    pub(crate) fn answers(mut self) -> bool {
        self.command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// Becomes it, so that signals reach it alone; on systems without that, runs it.
    pub(crate) fn become_it(mut self) -> Result<()> {
        eprintln!("$ {}", self.line());
        self.command.stdin(Stdio::inherit());
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            let line = self.line();
            Err(self.command.exec()).with_context(|| format!("could not start `{line}`"))
        }
        #[cfg(not(unix))]
        self.run()
    }
}

/// A setting of the environment that other tools read too.
pub(crate) fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
