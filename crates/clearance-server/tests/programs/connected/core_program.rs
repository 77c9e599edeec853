//! The program `ardsaor-core`, serving.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

use super::providers::Providers;

/// What makes a program call the stand-ins.
pub(crate) fn loopback(providers: &Providers) -> [String; 2] {
    let addresses = format!("okta={},entra={}", providers.okta.address(), providers.entra.address());
    ["--dangerous-loopback-providers".to_owned(), addresses]
}

fn program() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_clearance")).with_file_name("ardsaor-core");
    assert!(path.is_file(), "{} is not there: cargo build -p ardsaor-core", path.display());
    path
}

/// It and its data directory, which outlives it.
pub(crate) struct CoreProgram {
    data: TempDir,
    running: Option<(Child, Lines<BufReader<ChildStdout>>)>,
    listen: String,
    arguments: [String; 2],
    codes: RefCell<Vec<String>>,
}

impl CoreProgram {
    /// Starts it; `limits` is that section of its configuration.
    pub(crate) fn start(providers: &Providers, limits: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        // It must come back under the same address.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = free.local_addr().unwrap().to_string();
        drop(free);
        std::fs::write(data.path().join("core.toml"), format!("listen = \"{listen}\"\n[limits]\n{limits}"))
            .unwrap();
        let mut core =
            Self { data, running: None, listen, arguments: loopback(providers), codes: RefCell::default() };
        core.restart();
        core
    }

    pub(crate) fn restart(&mut self) {
        let log = std::fs::File::options().create(true).append(true).open(self.data.path().join("log"));
        let mut child = Command::new(program())
            .args(["serve", "--data"])
            .arg(self.data.path())
            .args(&self.arguments)
            .stdout(Stdio::piped())
            .stderr(log.unwrap())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = said.next().unwrap().unwrap();
        assert!(line.contains(&self.listen), "{line}");
        self.running = Some((child, said));
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.listen)
    }

    pub(crate) fn directory(&self) -> &Path {
        self.data.path()
    }

    /// A code for one installation more.
    pub(crate) fn pairing_code(&self) -> String {
        let added = Command::new(program())
            .args(["installation", "add", "Acme", "--kind", "self-hosted", "--data"])
            .arg(self.data.path())
            .output()
            .unwrap();
        let said = String::from_utf8(added.stdout).unwrap();
        let code = said.split_whitespace().find(|word| word.starts_with("pair_")).unwrap().to_owned();
        self.codes.borrow_mut().push(code.clone());
        code
    }

    /// The codes that were given.
    pub(crate) fn codes(&self) -> Vec<String> {
        self.codes.borrow().clone()
    }

    /// Kills it: SIGKILL.
    pub(crate) fn kill(&mut self) {
        if let Some((mut child, _)) = self.running.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for CoreProgram {
    fn drop(&mut self) {
        self.kill();
    }
}
