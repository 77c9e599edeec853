//! Planted secrets are looked for in everything that the programs write or say.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;
use testkit_directories::{Entra, FaultKind, Okta};

use super::company::{Company, Deployment};
use super::providers::Way;

/// A secret, and the files in which it belongs.
struct Canary {
    name: String,
    forms: Vec<Vec<u8>>,
    belongs: &'static [&'static str],
}

impl Canary {
    fn new(name: impl Into<String>, secret: &[u8], belongs: &'static [&'static str]) -> Self {
        let hexadecimal = secret.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let forms = vec![
            secret.to_vec(),
            hexadecimal.into_bytes(),
            STANDARD.encode(secret).trim_end_matches('=').as_bytes().to_vec(),
            URL_SAFE_NO_PAD.encode(secret).into_bytes(),
        ];
        Self { name: name.into(), forms, belongs }
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form))
    }
}

/// Every file in a directory and below.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Core's own copy of the signing key, which is where it belongs.
fn signing_keys(directory: &Path) -> Vec<String> {
    let database = rusqlite::Connection::open(directory.join("core.sqlite")).unwrap();
    let mut select = database.prepare("SELECT secret FROM signing_key").unwrap();
    let keys = select.query_map([], |row| row.get(0)).unwrap();
    keys.map(Result::unwrap).collect()
}

fn look(canaries: &[Canary], place: &str, bytes: &[u8]) {
    for canary in canaries {
        let name = Path::new(place).file_name().unwrap_or_default().to_str().unwrap();
        assert!(canary.belongs.contains(&name) || !canary.is_in(bytes), "{} is in {place}", canary.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_a_log_a_database_a_metric_or_an_answer() {
    for deployment in [Deployment::Inside, Deployment::Beside] {
        let mut company = Company::start(deployment).await;
        let mut said = String::new();
        let mut canaries = vec![
            Canary::new("the API token", Okta::API_TOKEN.as_bytes(), &[]),
            Canary::new("the client secret", Entra::CLIENT_SECRET.as_bytes(), &[]),
            Canary::new("an access token", b"canary-access-token", &[]),
            Canary::new("the provider's prose", b"canary-prose", &[]),
        ];
        for way in [Way::OktaToken, Way::EntraSecret, Way::OktaKeyPair, Way::EntraCertificate] {
            let connector = company.connect(way).await;
            let (ada, number) = company.member();
            company.map(way, &connector, (&ada, number)).await;
            canaries.push(Canary::new(format!("an account of {way:?}"), way.account(number).as_bytes(), &[]));
            // What is refused is told without what it was about.
            let prose = json!({ "errorSummary": "canary-prose", "error": { "message": "canary-prose" } });
            let other = way.account(number + 1_000);
            canaries.push(Canary::new(format!("a refused account of {way:?}"), other.as_bytes(), &[]));
            company.providers.fail_path(way, other.clone(), 1, FaultKind::Answer(400, prose));
            let account = |account: &str| json!({ "connector": connector, "person": company.bob.id, "account": account, "display_name": "x" });
            let with_secret = |field: &str| {
                let mut provider = way.provider();
                provider["credential"][field] = json!("canary~secret~of~a~refused~call");
                json!({ "connector": connector, "version": 1, "name": "x", "provider": provider })
            };
            for (operation, input) in [
                ("identities.put", account(&other)),
                ("identities.put", account(&other)),
                ("identities.put", account(&way.account(number))),
                ("connectors.put", with_secret("pasword")),
                (
                    "connectors.put",
                    json!({ "name": Okta::API_TOKEN, "token": Okta::API_TOKEN, "provider": Entra::CLIENT_SECRET }),
                ),
            ] {
                let (status, answer) = company.call(&company.alice, operation, &input).await;
                assert_ne!(status, 200, "{operation}: {answer:#}");
                said.push_str(&answer.to_string());
            }
            for (operation, input) in
                [("connectors.list", json!({})), ("identities.list", json!({})), ("audit.entries", json!({}))]
            {
                said.push_str(&company.ok(&company.alice, operation, input).await.to_string());
            }
        }
        canaries.push(Canary::new("a refused secret", b"canary~secret~of~a~refused~call", &[]));
        let core = match &company.core {
            None => company.data.file("core"),
            Some(core) => core.directory().to_owned(),
        };
        for key in signing_keys(&core) {
            canaries.push(Canary::new("a signing key", key.as_bytes(), &["core.sqlite", "core.sqlite-wal"]));
        }
        let vault_key = std::fs::read(company.data.file("vault.key")).unwrap();
        canaries.push(Canary::new("the vault's key", vault_key.trim_ascii(), &["vault.key"]));
        if let Some(core) = &company.core {
            for code in core.codes() {
                canaries.push(Canary::new("a pairing code", code.as_bytes(), &[]));
            }
            said.push_str(&company.get(&format!("{}/metrics", core.address())).await);
        }
        let metrics = company.get(&format!("{}/metrics", company.address())).await;
        assert!(metrics.contains("connectors.test") || metrics.contains("connectors"), "{metrics}");
        said.push_str(&metrics);
        look(&canaries, "an answer", said.as_bytes());
        // While the programs run, with SQLite's log beside each database, and after they have ended.
        let mut everything = vec![company.data.file("")];
        everything.extend(company.core.as_ref().map(|core| core.directory().to_owned()));
        for _ in 0..2 {
            for file in everything.iter().flat_map(|directory| files(directory)) {
                look(&canaries, file.to_str().unwrap(), &std::fs::read(&file).unwrap_or_default());
            }
            company.stop();
        }
        let log = std::fs::read_to_string(company.data.file("server.log")).unwrap();
        assert!(
            log.contains("DANGEROUS") == (deployment == Deployment::Inside) && !log.contains("panicked"),
            "{log}"
        );
        company.check().await;
    }
}
