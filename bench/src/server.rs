//! The server under test: the release program, a process of its own on this machine.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};

use crate::stopwatch::Stopwatch;

/// How long a server may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program `clearance`.
#[derive(Debug, Clone)]
pub(crate) struct Program(PathBuf);

impl Program {
    /// Builds the release program beside this one.
    pub(crate) fn build() -> anyhow::Result<Self> {
        let status = Command::new("cargo")
            .args(["build", "--release", "--quiet", "--package", "clearance-server", "--bin", "clearance"])
            .status()
            .context("cargo")?;
        ensure!(status.success(), "the server does not build");
        let directory = std::env::current_exe()?.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(Self(directory.join("clearance")))
    }

    /// A program that is built already.
    pub(crate) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// The program, to be given a command.
    pub(crate) fn command(&self) -> Command {
        Command::new(&self.0)
    }

    /// Starts the server on a data directory and waits for its first answer.
    pub(crate) fn serve(&self, data: &Path) -> anyhow::Result<Server> {
        let address = free_address()?;
        let begun = Stopwatch::start();
        let child = Command::new(&self.0)
            .arg("serve")
            .arg("--data")
            .arg(data)
            .args(["--listen", &address.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{}", self.0.display()))?;
        let mut server = Server { child, address, until_ready: Duration::ZERO };
        // Whatever it complains about belongs in this program's output, and its pipe must not fill.
        if let Some(complaints) = server.child.stderr.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(complaints).lines().map_while(Result::ok) {
                    if !line.contains("\"level\":\"info\"") {
                        eprintln!("  server: {line}");
                    }
                }
            });
        }
        while !is_ready(address) {
            ensure!(begun.elapsed() < PATIENCE, "the server does not answer");
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended: {status}");
            }
        }
        server.until_ready = begun.elapsed();
        Ok(server)
    }

    /// Verifies the whole log as an auditor would.
    pub(crate) fn verify(&self, data: &Path) -> anyhow::Result<()> {
        let verified = Command::new(&self.0).args(["audit", "verify", "--data"]).arg(data).output()?;
        ensure!(
            verified.status.success(),
            "the log does not verify: {}",
            String::from_utf8_lossy(&verified.stderr)
        );
        Ok(())
    }

    /// Bytes of the program.
    pub(crate) fn bytes(&self) -> anyhow::Result<u64> {
        Ok(std::fs::metadata(&self.0)?.len())
    }
}

fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Whether the server answers a question with 200.
fn is_ready(address: SocketAddr) -> bool {
    use std::io::{Read as _, Write as _};
    let Ok(mut stream) = std::net::TcpStream::connect(address) else {
        // Nobody listens yet; give the core to whoever is about to.
        std::thread::yield_now();
        return false;
    };
    let asked = stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let mut answer = [0; 12];
    asked.is_ok() && stream.read_exact(&mut answer).is_ok() && answer.starts_with(b"HTTP/1.1 200")
}

/// A server that runs until it is stopped, killed or dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    until_ready: Duration,
}

impl Server {
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From starting the process to its first answer with 200.
    pub(crate) fn until_ready(&self) -> Duration {
        self.until_ready
    }

    /// MB of memory that it uses now.
    pub(crate) fn resident_mb(&self) -> anyhow::Result<f64> {
        resident_mb(self.child.id(), "VmRSS")
    }

    /// Ends it as an operator would and waits.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status()?;
        ensure!(asked.success(), "the server cannot be asked to end");
        let status = self.child.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }

    /// Kills it with SIGKILL.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended, or nothing that could be done about it.
        let _ = self.kill();
    }
}

/// MB that the kernel counts for a process under a name (`VmRSS`: now, `VmHWM`: at most so far).
pub(crate) fn resident_mb(process: u32, name: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with(name)).context("no such line in /proc")?;
    let kib: f64 = line.split_whitespace().nth(1).context("no number in /proc")?.parse()?;
    Ok(kib * 1024.0 / 1e6)
}
