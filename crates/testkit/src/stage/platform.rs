//! The local platform of the Forge app (`forge/host/driven.ts`) in a Node process, and what the app stored there as a store.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use audit_log::Hash;
use clearance::ports::{
    Commit, Committed, Cursor, Kind, LogEntry, LogHead, Order, Page, PageQuery, Revision, Row, Store,
    StoreError,
};
use serde_json::{Value, json};

/// The Node to run it with, of 22.18 or newer.
const NODE: &str = "CLEARANCE_FORGE_NODE";

/// A platform with one installation of the app.
#[derive(Debug)]
pub(super) struct Platform {
    pipes: Mutex<Pipes>,
    child: Mutex<Child>,
    /// The app's id.
    pub(super) app: String,
    /// Where the key of its invocation tokens lies.
    pub(super) keys: String,
    /// The time at which it started, in milliseconds since 1970.
    pub(super) started: i64,
}

#[derive(Debug)]
struct Pipes {
    /// None once it was told to end.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Platform {
    /// Starts it; what crosses the module's boundary goes to a file, if one is named.
    pub(super) fn start(record: Option<&Path>) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("a repository");
        #[expect(clippy::disallowed_methods, reason = "xtask tells the tests which Node to take")]
        let node = std::env::var(NODE).unwrap_or_else(|_| "node".to_owned());
        let mut command = Command::new(node);
        command.args(["--disable-warning=ExperimentalWarning", "forge/host/driven.ts"]).current_dir(root);
        if let Some(file) = record {
            command.arg("--record").arg(file);
        }
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Node can be started");
        let input = child.stdin.take().expect("its input");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let first = read(&mut output);
        let text = |field: &str| first[field].as_str().expect("it says who it is").to_owned();
        Self {
            app: text("app"),
            keys: text("keys"),
            started: first["now"].as_i64().expect("its time"),
            pipes: Mutex::new(Pipes { input: Some(input), output }),
            child: Mutex::new(child),
        }
    }

    /// Tells it something; what it answers.
    pub(super) fn tell(&self, command: &Value) -> Value {
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        let input = pipes.input.as_mut().expect("it was not told to end");
        writeln!(input, "{command}").expect("the platform listens");
        read(&mut pipes.output)
    }

    /// Lets it end by itself, so that all it writes is written.
    pub(super) fn end(&self) {
        self.pipes.lock().unwrap_or_else(PoisonError::into_inner).input = None;
        let ended = self.child.lock().unwrap_or_else(PoisonError::into_inner).wait();
        assert!(ended.expect("it ends").success(), "the platform ended badly");
    }

    /// What the app's own glue answers to an effect.
    fn ask(&self, effect: &Value) -> Result<Value, StoreError> {
        let mut answer = self.tell(&json!({ "do": "effect", "effect": effect }));
        if answer["ok"].is_null() {
            Err(StoreError::Damaged(answer.to_string()))
        } else {
            Ok(answer["ok"].take())
        }
    }
}

fn read(output: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    output.read_line(&mut line).expect("the platform answers");
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("the platform said `{line}`: {error}"))
}

impl Drop for Platform {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// For looking at what the app stored; it commits nothing.
impl Store for Platform {
    async fn get(&self, kind: &'static Kind, key: &str) -> Result<Option<Row>, StoreError> {
        let found = self.ask(&json!({ "kind": "get", "entity": kind.name, "key": key }))?;
        Ok(found["row"].is_object().then(|| row(&found["row"])))
    }

    async fn page(&self, query: PageQuery) -> Result<Page, StoreError> {
        if query.index.is_none() {
            // Some kinds have an index in each of the platform's slots, and none to list them whole by; the rules never do.
            let all = self.tell(&json!({ "do": "documents", "kind": query.kind.name }));
            return Ok(Page {
                rows: all["rows"].as_array().expect("rows").iter().map(row).collect(),
                next: None,
            });
        }
        let index = query.index.map(|(index, values)| {
            let partition: serde_json::Map<_, _> = index
                .partition
                .iter()
                .map(|name| (*name).to_owned())
                .zip(values.into_iter().map(Value::from))
                .collect();
            json!({ "name": index.name, "partition": partition, "range": index.range })
        });
        let order = match query.order {
            Order::Ascending => "ascending",
            Order::Descending => "descending",
        };
        let after = query.after.map(|after| json!({ "range": after.range, "key": after.key }));
        let page = self.ask(&json!({
            "kind": "page", "entity": query.kind.name, "index": index, "from": query.from, "until": query.until,
            "order": order, "after": after, "limit": query.limit,
        }))?;
        let next = page["next"].is_object().then(|| Cursor {
            range: crate::text(&page["next"]["range"]),
            key: crate::text(&page["next"]["key"]),
        });
        Ok(Page { rows: page["rows"].as_array().expect("rows").iter().map(row).collect(), next })
    }

    async fn commit(&self, _: Commit) -> Result<Committed, StoreError> {
        Err(StoreError::Unavailable("this is for looking only".to_owned()))
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn log_head(&self) -> Result<LogHead, StoreError> {
        let head = self.ask(&json!({ "kind": "log_head" }))?;
        Ok(LogHead { size: head["size"].as_u64().expect("a size"), root: hash(&head["root"]) })
    }

    async fn log_entries(&self, from: u64, limit: u16) -> Result<Vec<LogEntry>, StoreError> {
        let found = self.ask(&json!({ "kind": "log_entries", "from": from, "limit": limit }))?;
        let entry = |entry: &Value| LogEntry {
            index: entry["index"].as_u64().expect("an index"),
            bytes: crate::text(&entry["text"]).into_bytes(),
            leaf_hash: hash(&entry["leaf_hash"]),
        };
        Ok(found["entries"].as_array().expect("entries").iter().map(entry).collect())
    }

    async fn log_tile(&self, level: u8, index: u64) -> Result<Vec<Hash>, StoreError> {
        let tile = self.ask(&json!({ "kind": "log_tile", "level": level, "index": index }))?;
        Ok(tile["hashes"].as_array().expect("hashes").iter().map(hash).collect())
    }
}

fn row(row: &Value) -> Row {
    let revision = Revision(row["revision"].as_u64().expect("a revision"));
    Row { key: crate::text(&row["key"]), revision, body: crate::text(&row["body"]) }
}

fn hash(text: &Value) -> Hash {
    crate::text(text).parse().expect("a hash")
}
