//! No secret is anywhere but where it belongs.

use std::fmt::Write as _;
use std::io::Read as _;
use std::sync::{Arc, Mutex};

use core_protocol::message::Operation;
use testkit_directories::{Entra, FaultKind, Okta};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::support::directory::KINDS;

/// Everything that anybody's code would log, at every level, without the filter of the log.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

struct Text<'a>(&'a mut String);

impl Visit for Text<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl<S: tracing::Subscriber> Layer<S> for Everything {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let target = event.metadata().target();
        // What libraries say reaches no log line (see log.rs); what this program says is looked at here, field names and all.
        if target.starts_with("ardsaor_core") || target.starts_with("core_protocol") {
            event.record(&mut Text(&mut self.0.lock().unwrap()));
        }
    }
}

/// The number of an account whose id is found nowhere by chance.
const ACCOUNT: u32 = 987_654_321;

#[tokio::test]
async fn planted_secrets_are_in_no_log_database_metric_or_answer() {
    let everything = Everything::default();
    let subscriber = tracing_subscriber::registry().with(everything.clone());
    // For the whole program: what the other tests log at the same time is looked at, too.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    for kind in KINDS {
        let (site, caller) = kind.ready().await;
        kind.put_account(&site, ACCOUNT, true);
        let mut answers = String::new();
        let (method, path) = kind.adding();
        let errors =
            serde_json::json!({ "errorSummary": "canary-prose", "error": { "message": "canary-prose" } });
        kind.fail(&site, method, path, 1, FaultKind::Answer(400, errors));
        let operations = [
            Operation::TestConnector {},
            kind.add(1, ACCOUNT, 1),
            kind.add(1, ACCOUNT, 1),
            kind.check(1, ACCOUNT),
            kind.add(9, 9, 1),
            kind.remove(1, ACCOUNT, 2),
        ];
        for operation in operations {
            let prepared = site.prepare(&caller, |key, nonce| kind.connector(key, nonce), operation);
            for _ in 0..2 {
                let returned = site.send(&prepared).await;
                answers.push_str(&String::from_utf8(returned.body).unwrap());
                write!(answers, "{:?}", returned.fields).unwrap();
            }
        }
        let metrics = site.get("/metrics").await.1;
        let directory = site.data.path().join("core");
        // Both while it runs, with SQLite's log beside the file, and after it has stopped.
        let mut bytes = Vec::new();
        let mut read = || {
            for entry in std::fs::read_dir(&directory).unwrap() {
                std::fs::File::open(entry.unwrap().path()).unwrap().read_to_end(&mut bytes).unwrap();
            }
        };
        read();
        site.core.stop().await.unwrap();
        read();
        let logged = everything.0.lock().unwrap().clone();
        assert!(logged.contains("add_member"), "events were caught: {logged}");
        for secret in [
            Okta::API_TOKEN,
            Entra::CLIENT_SECRET,
            "canary-access-token",
            "Y2FuYXJ5LWFzc2VydGlvbg",
            "canary-prose",
            &caller.key.to_text(),
            kind.account(ACCOUNT).as_str(),
        ] {
            assert!(!answers.contains(secret), "{kind:?}: {secret} in an answer");
            assert!(!metrics.contains(secret), "{kind:?}: {secret} in the metrics");
            assert!(!logged.contains(secret), "{kind:?}: {secret} in the log");
            let in_database = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            // The signing key is Core's own, and the one secret that it keeps.
            assert_eq!(
                in_database,
                secret == caller.key.to_text().as_str(),
                "{kind:?}: {secret} in the database"
            );
        }
    }
}
