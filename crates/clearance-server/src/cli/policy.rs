mod file;
mod told;

use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{anyhow, ensure};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use self::file::PolicyFile;
use super::Common;
use super::console::Console;

/// Shape, test and publish policy
///
/// A policy file is YAML, made by `export`: its rules in their order. Rules keep their ids from version to version; one without an id is new.
#[derive(Debug, Subcommand)]
pub(super) enum Policy {
    Export(Export),
    Lint(Lint),
    BackTest(BackTest),
    Replay(Replay),
    Apply(Apply),
}

/// Print the rules of a policy as YAML
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance policy export > policy.yaml")]
pub(super) struct Export {
    /// This version instead of the active one
    #[arg(long, value_name = "NUMBER", conflicts_with = "draft")]
    version: Option<u32>,
    /// The draft
    #[arg(long)]
    draft: bool,
}

/// What a command looks at.
#[derive(Debug, Args)]
struct Subject {
    /// A policy file; the draft, or the active policy, when not given
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// This version
    #[arg(long, value_name = "NUMBER", conflicts_with = "file")]
    version: Option<u32>,
}

/// Say what is wrong with a policy, and whether it gives more than the active one
///
/// Nothing is stored. Ends with 1 when there is an error.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance policy lint policy.yaml")]
pub(super) struct Lint {
    #[command(flatten)]
    subject: Subject,
}

/// Say what a policy would have made of past requests
///
/// Nothing is stored.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance policy back-test policy.yaml --days 90")]
pub(super) struct BackTest {
    #[command(flatten)]
    subject: Subject,
    /// Requests of how many days back
    #[arg(long, default_value_t = 90)]
    days: u16,
}

/// Compute every evaluation of the past again and compare
///
/// Ends with 1 when anything differs; nothing should.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance policy replay")]
pub(super) struct Replay {}

/// Make a policy file the draft and publish it
///
/// What gives more than the active policy waits for a second administrator. Nothing happens when the active policy says the same already.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance policy apply policy.yaml --note 'Reviewed in change 812'")]
pub(super) struct Apply {
    /// The policy file
    file: PathBuf,
    /// Why, in a line
    #[arg(long)]
    note: Option<String>,
    /// Leave it as the draft
    #[arg(long)]
    draft_only: bool,
    /// Throw away a draft that somebody else has begun
    #[arg(long)]
    replace_draft: bool,
}

impl Policy {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let console = Console::open(common).await?;
        match self {
            Self::Export(export) => export.run(common, &console).await,
            Self::Lint(lint) => lint.run(common, &console).await,
            Self::BackTest(back_test) => back_test.run(common, &console).await,
            Self::Replay(replay) => replay.run(common, &console).await,
            Self::Apply(apply) => apply.run(common, &console).await,
        }
    }
}

/// Takes a field out of an answer.
fn take(answer: &mut Value, pointer: &str) -> Value {
    answer.pointer_mut(pointer).map_or(Value::Null, Value::take)
}

impl Export {
    async fn run(self, common: &Common, console: &Console) -> anyhow::Result<ExitCode> {
        let (title, rules) = if self.draft {
            let mut answer = console.call("policies.draft", &json!({})).await?;
            let open = answer.pointer("/draft/open").and_then(Value::as_bool) == Some(true);
            ensure!(open, "there is no draft");
            ("The draft".to_owned(), take(&mut answer, "/draft/rules"))
        } else {
            let mut answer = console.call("policies.get", &json!({ "number": self.version })).await?;
            let number = take(&mut answer, "/policy/number");
            (format!("Policy version {number}"), take(&mut answer, "/policy/rules"))
        };
        let mut out = stdout().lock();
        if common.json {
            writeln!(out, "{}", json!({ "rules": rules }))?;
        } else {
            let file = PolicyFile::of(rules)?;
            write!(out, "{}", file.to_yaml(&title, &file::names(console).await?)?)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Subject {
    /// The operation's input that names it.
    fn input(&self) -> anyhow::Result<Value> {
        Ok(match (&self.file, self.version) {
            (Some(file), _) => json!({ "rules": read(file)?.rules }),
            (None, Some(version)) => json!({ "number": version }),
            (None, None) => json!({}),
        })
    }
}

fn read(path: &Path) -> anyhow::Result<PolicyFile> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| anyhow!("cannot read {shown}: {error}"))?;
    PolicyFile::parse(&text).map_err(|error| {
        let error = error.to_string();
        anyhow!("{shown} is no policy: {}", error.strip_prefix("error: ").unwrap_or(&error))
    })
}

impl Lint {
    async fn run(self, common: &Common, console: &Console) -> anyhow::Result<ExitCode> {
        let answer = console.call("policies.lint", &self.subject.input()?).await?;
        let mut out = stdout().lock();
        if common.json {
            writeln!(out, "{answer}")?;
        } else {
            told::lint(&mut out, &answer)?;
        }
        Ok(if told::errors(&answer) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Calls an operation part by part; what its lists and counts come to in all.
async fn in_parts(console: &Console, operation: &str, mut input: Value) -> anyhow::Result<Value> {
    let mut all = console.call(operation, &input).await?;
    loop {
        let next = take(&mut all, "/next");
        if next.is_null() {
            return Ok(all);
        }
        if let Some(input) = input.as_object_mut() {
            input.insert("after".to_owned(), next);
        }
        let part = console.call(operation, &input).await?;
        let (Some(all), Value::Object(part)) = (all.as_object_mut(), part) else { continue };
        for (name, value) in part {
            match (all.get_mut(&name), value) {
                (Some(Value::Array(items)), Value::Array(more)) => items.extend(more),
                (Some(Value::Number(count)), Value::Number(more)) => {
                    let sum =
                        count.as_u64().unwrap_or_default().saturating_add(more.as_u64().unwrap_or_default());
                    *count = sum.into();
                }
                (_, value) => drop(all.insert(name, value)),
            }
        }
    }
}

impl BackTest {
    async fn run(self, common: &Common, console: &Console) -> anyhow::Result<ExitCode> {
        let mut input = self.subject.input()?;
        if let Some(input) = input.as_object_mut() {
            input.insert("days".to_owned(), self.days.into());
        }
        let answer = in_parts(console, "policies.back_test", input).await?;
        let mut out = stdout().lock();
        if common.json {
            writeln!(out, "{answer}")?;
        } else {
            told::back_test(&mut out, &answer)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Replay {
    async fn run(self, common: &Common, console: &Console) -> anyhow::Result<ExitCode> {
        let answer = in_parts(console, "policies.replay", json!({})).await?;
        let mut out = stdout().lock();
        if common.json {
            writeln!(out, "{answer}")?;
        } else {
            told::replay(&mut out, &answer)?;
        }
        let same = answer.get("differences").and_then(Value::as_array).is_none_or(Vec::is_empty);
        Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl Apply {
    async fn run(self, common: &Common, console: &Console) -> anyhow::Result<ExitCode> {
        let file = read(&self.file)?;
        let mut known = console.call("policies.draft", &json!({})).await?;
        let open = known.pointer("/draft/open").and_then(Value::as_bool) == Some(true);
        let mut active = console.call("policies.get", &json!({})).await?;
        if !open && file.rules == PolicyFile::of(take(&mut active, "/policy/rules"))?.rules {
            return done(
                common,
                "The active policy says this already.",
                &json!({ "policy": active.get("policy") }),
            );
        }
        if open && !self.replace_draft {
            let who = known.pointer("/draft/changed_by/name").and_then(Value::as_str).unwrap_or("somebody");
            return Err(anyhow!(
                "there is a draft that {who} changed: give --replace-draft to throw it away"
            ));
        }
        let version = take(&mut known, "/draft/version");
        let input = json!({ "version": version, "replace": true, "put": file.rules });
        let draft = console.call("policies.put_draft", &input).await?;
        if self.draft_only {
            return done(common, "The draft has these rules now.", &json!({ "draft": draft }));
        }
        let input = json!({ "version": draft.get("version"), "note": self.note });
        let published = console.call("policies.publish", &input).await?;
        let text = match published.pointer("/policy/number") {
            Some(number) => format!("Version {number} decides from now on."),
            None => "This gives more than the active policy: it waits for a second administrator.".to_owned(),
        };
        done(common, &text, &published)
    }
}

fn done(common: &Common, text: &str, answer: &Value) -> anyhow::Result<ExitCode> {
    if common.json {
        writeln!(stdout(), "{answer}")?;
    } else {
        writeln!(stdout(), "{text}")?;
    }
    Ok(ExitCode::SUCCESS)
}
