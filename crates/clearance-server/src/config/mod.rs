//! `clearance.toml`: how one server is set up.
//!
//! Read once, at start-up. Unknown keys are refused, so that a misspelt one does not silently leave a default in force. Every secret has a
//! twin that names a file (`client_secret_file` for `client_secret`), so that the configuration itself need not be secret.

mod listen;
mod secret;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use clearance::ids::GroupId;
use serde::Deserialize;
use url::Url;

use crate::core::{Address, InvalidAddress};
pub use listen::{Listen, Transport};
pub use secret::Secret;

/// Where the server listens when nothing else is said.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8780);
/// Seconds between two passes of the clockwork.
const DEFAULT_TICK_SECONDS: u64 = 5;

/// The file as written. Everything is optional: without a file the server works on the loopback interface.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    listen: Option<SocketAddr>,
    public_url: Option<Url>,
    trusted_proxies: Vec<IpAddr>,
    tick_seconds: Option<u64>,
    ui: Option<PathBuf>,
    #[serde(rename = "vault_key_file")]
    vault_key: Option<PathBuf>,
    tls: Option<TlsFile>,
    oidc: Option<OidcFile>,
    smtp: Option<SmtpFile>,
    core: Option<CoreFile>,
    anchor: Anchor,
    log: Log,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsFile {
    certificate: PathBuf,
    key: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OidcFile {
    name: String,
    issuer: String,
    client_id: String,
    client_secret: Option<Secret>,
    client_secret_file: Option<PathBuf>,
    #[serde(default)]
    bind_by_email: bool,
    #[serde(default)]
    scopes: Vec<String>,
    group_claim: Option<String>,
    #[serde(default)]
    groups: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SmtpFile {
    host: String,
    port: Option<u16>,
    #[serde(default)]
    encryption: SmtpEncryption,
    user: Option<String>,
    password: Option<Secret>,
    password_file: Option<PathBuf>,
    from: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CoreFile {
    url: String,
}

/// Sign-in at an OpenID provider.
#[derive(Debug, Clone)]
pub struct Oidc {
    /// What the sign-in page calls it.
    pub name: String,
    /// Its issuer identifier, exactly as the provider writes it.
    pub issuer: String,
    /// This server's id at the provider.
    pub client_id: String,
    /// This server's secret at the provider; none for a public client.
    pub client_secret: Option<Secret>,
    /// Whether the first sign-in of somebody whose verified address an administrator has entered binds the two.
    pub bind_by_email: bool,
    /// Scopes asked for besides `openid`, `email` and `profile`.
    pub scopes: Vec<String>,
    /// The claim of the ID token that lists groups, and which of its values mean which group here.
    pub groups: Option<GroupClaim>,
}

/// How a claim decides memberships.
#[derive(Debug, Clone)]
pub struct GroupClaim {
    /// The claim's name.
    pub claim: String,
    /// Value of the claim → group.
    pub map: BTreeMap<String, GroupId>,
}

/// How mail is protected on its way to the mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpEncryption {
    /// Connect plainly, then demand `STARTTLS`.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None; refused unless the mail server is on this host.
    None,
}

/// How notices leave.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// The mail server.
    pub host: String,
    /// Its port; the usual one of the encryption when not given.
    pub port: Option<u16>,
    /// Protection on the way.
    pub encryption: SmtpEncryption,
    /// User and password, if the mail server wants them.
    pub credentials: Option<(String, Secret)>,
    /// The sender.
    pub from: String,
}

/// How checkpoints of the audit log leave the site.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Anchor {
    /// A file outside the data directory to which each is appended.
    pub file: Option<PathBuf>,
    /// Whether one a day goes to every auditor by e-mail.
    pub email: bool,
    /// Verifier keys (`name+id+base64`) of the witnesses whose cosignatures count.
    pub witnesses: Vec<String>,
}

impl Anchor {
    fn check(self, directory: &Path, mail: bool) -> Result<Self, ConfigError> {
        if self.email && !mail {
            return Err(ConfigError::value("anchor.email", "needs a mail server: see `smtp`"));
        }
        for key in &self.witnesses {
            if let Err(error) = key.parse::<audit_log::note::CosignerKey>() {
                return Err(ConfigError::value("anchor.witnesses", format!("`{key}`: {error}")));
            }
        }
        Ok(Self { file: self.file.map(|file| directory.join(file)), ..self })
    }
}

/// What is logged.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// The least severity shown.
    pub level: LogLevel,
}

/// A severity. `debug` shows every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// What failed.
    Error,
    /// What may need attention.
    Warn,
    /// Starts, stops, and what the clockwork did.
    #[default]
    Info,
    /// Every request.
    Debug,
}

/// What the command line says over the file.
#[derive(Debug, Default, Clone)]
pub struct Overrides {
    /// Where to listen.
    pub listen: Option<SocketAddr>,
    /// The address under which people reach the server.
    pub public_url: Option<Url>,
    /// Where the built pages are.
    pub ui: Option<PathBuf>,
}

/// A configuration that holds together.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where and how the server listens.
    pub listen: Listen,
    /// Seconds between two passes of the clockwork.
    pub tick_seconds: u64,
    /// Where the built pages are, if said.
    pub ui: Option<PathBuf>,
    /// Where the vault's key is, if not in the data directory.
    pub vault_key_file: Option<PathBuf>,
    /// Sign-in at an OpenID provider.
    pub oidc: Option<Oidc>,
    /// How notices leave; without it none are written.
    pub smtp: Option<Smtp>,
    /// Where `ArdSaor` Core is, when it is another program; else it runs inside the server.
    pub core: Option<Address>,
    /// How checkpoints of the audit log leave the site.
    pub anchor: Anchor,
    /// What is logged.
    pub log: Log,
}

/// Why a configuration is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {error}", .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is not TOML, or has a key or value that is not known.
    #[error("{}: {message}", .path.display())]
    Form {
        /// Which file.
        path: PathBuf,
        /// Where and what.
        message: String,
    },
    /// A value does not go with another one, or is unsafe.
    #[error("`{key}`: {problem}")]
    Value {
        /// Which key.
        key: &'static str,
        /// What is wrong, and what to do.
        problem: String,
    },
}

impl ConfigError {
    fn value(key: &'static str, problem: impl Into<String>) -> Self {
        Self::Value { key, problem: problem.into() }
    }
}

impl Config {
    /// Reads and checks a configuration: `explicit` if given, else `clearance.toml` in the data directory if there is one.
    ///
    /// # Errors
    /// [`ConfigError`], naming the file, the key, and what to do.
    pub fn load(data: &Path, explicit: Option<&Path>, overrides: &Overrides) -> Result<Self, ConfigError> {
        let path = explicit.map_or_else(|| data.join("clearance.toml"), Path::to_path_buf);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if explicit.is_none() && error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(ConfigError::Read { path, error }),
        };
        Self::parse(&text, &path, overrides)
    }

    fn parse(text: &str, path: &Path, overrides: &Overrides) -> Result<Self, ConfigError> {
        let form = |error: toml::de::Error| ConfigError::Form {
            path: path.to_path_buf(),
            // The library's own rendering quotes the line, which may hold a secret.
            message: match error.span() {
                Some(span) => format!("line {}: {}", line_of(text, span.start), error.message()),
                None => error.message().to_owned(),
            },
        };
        let file: File = toml::from_str(text).map_err(form)?;
        let directory = path.parent().unwrap_or(Path::new("."));
        let listen = Listen::new(
            overrides.listen.or(file.listen).unwrap_or(DEFAULT_LISTEN),
            overrides.public_url.clone().or(file.public_url),
            file.tls.map(|tls| (directory.join(tls.certificate), directory.join(tls.key))),
            file.trusted_proxies,
        )?;
        let tick_seconds = file.tick_seconds.unwrap_or(DEFAULT_TICK_SECONDS);
        if !(1..=300).contains(&tick_seconds) {
            return Err(ConfigError::value("tick_seconds", "must be 1 to 300"));
        }
        Ok(Self {
            listen,
            tick_seconds,
            ui: overrides.ui.clone().or_else(|| file.ui.map(|ui| directory.join(ui))),
            vault_key_file: file.vault_key.map(|key| directory.join(key)),
            anchor: file.anchor.check(directory, file.smtp.is_some())?,
            oidc: file.oidc.map(|oidc| oidc.check(directory)).transpose()?,
            smtp: file.smtp.map(|smtp| smtp.check(directory)).transpose()?,
            core: file.core.map(CoreFile::check).transpose()?,
            log: file.log,
        })
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

impl OidcFile {
    fn check(self, directory: &Path) -> Result<Oidc, ConfigError> {
        let issuer =
            Url::parse(&self.issuer).map_err(|error| ConfigError::value("oidc.issuer", error.to_string()))?;
        if issuer.scheme() != "https" && !listen::is_loopback(&issuer) {
            return Err(ConfigError::value("oidc.issuer", "must begin with https://"));
        }
        let client_secret =
            secret::choose("oidc.client_secret", self.client_secret, self.client_secret_file, directory)?;
        let groups = match (self.group_claim, self.groups.is_empty()) {
            (Some(claim), false) => Some(GroupClaim { claim, map: group_ids(self.groups)? }),
            (None, true) => None,
            (Some(_), true) => {
                return Err(ConfigError::value(
                    "oidc.groups",
                    "is needed with `group_claim`: which value means which group",
                ));
            }
            (None, false) => {
                return Err(ConfigError::value(
                    "oidc.group_claim",
                    "is needed with `groups`: which claim holds the values",
                ));
            }
        };
        Ok(Oidc {
            name: self.name,
            issuer: self.issuer,
            client_id: self.client_id,
            client_secret,
            bind_by_email: self.bind_by_email,
            scopes: self.scopes,
            groups,
        })
    }
}

fn group_ids(groups: BTreeMap<String, String>) -> Result<BTreeMap<String, GroupId>, ConfigError> {
    let parse = |(value, group): (String, String)| match group.parse() {
        Ok(group) => Ok((value, group)),
        Err(error) => Err(ConfigError::value("oidc.groups", format!("`{value}`: {error}"))),
    };
    groups.into_iter().map(parse).collect()
}

impl CoreFile {
    fn check(self) -> Result<Address, ConfigError> {
        self.url.parse().map_err(|error: InvalidAddress| ConfigError::value("core.url", error.to_string()))
    }
}

impl SmtpFile {
    fn check(self, directory: &Path) -> Result<Smtp, ConfigError> {
        if self.encryption == SmtpEncryption::None
            && !matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "::1")
        {
            return Err(ConfigError::value(
                "smtp.encryption",
                "may be `none` only for a mail server on this host",
            ));
        }
        if self.from.parse::<lettre::message::Mailbox>().is_err() {
            return Err(ConfigError::value(
                "smtp.from",
                "must be an address, like `AI Clearance <clearance@example.com>`",
            ));
        }
        let password = secret::choose("smtp.password", self.password, self.password_file, directory)?;
        let credentials = match (self.user, password) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            (Some(_), None) => return Err(ConfigError::value("smtp.password", "is needed with `user`")),
            (None, Some(_)) => return Err(ConfigError::value("smtp.user", "is needed with `password`")),
        };
        Ok(Smtp {
            host: self.host,
            port: self.port,
            encryption: self.encryption,
            credentials,
            from: self.from,
        })
    }
}

#[cfg(test)]
mod tests;
