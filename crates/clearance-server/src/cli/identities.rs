use std::io::{BufRead as _, IsTerminal as _, Write as _, stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Common;
use super::console::Console;

/// Rows of one call of `identities.import`.
const ROWS: usize = 100;

/// Which person has which account at a connector
#[derive(Debug, Subcommand)]
pub(super) enum Identities {
    Import(Import),
}

/// Map accounts to people from a CSV file, after showing what that changes
///
/// Columns: person,account. A person is named by id or by e-mail address at this site, an account by its id or sign-in name at the provider.
/// Rows that cannot be done are shown with the reason, and hinder no others. The provider is asked through the configured `core.url`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance identities import --connector Okta accounts.csv")]
pub(super) struct Import {
    /// The connector, by name or id
    #[arg(long, value_name = "NAME|ID")]
    connector: String,
    /// Make the changes without asking
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
    /// Show the changes and make none
    #[arg(long)]
    dry_run: bool,
    /// The file, with a header line
    file: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    person: String,
    account: String,
}

/// Rows of one call, with what they would do.
struct Part {
    rows: Vec<Value>,
    shown: Value,
}

impl Identities {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let Self::Import(import) = self;
        let console = Console::open(common).await?;
        import.run(common, &console).await
    }
}

fn rows_of(answer: &Value) -> &[Value] {
    answer.get("rows").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}

impl Import {
    async fn run(self, common: &Common, console: &Console) -> anyhow::Result<ExitCode> {
        let connector = connector(console, &self.connector).await?;
        let mut parts = Vec::new();
        for rows in self.read()?.chunks(ROWS) {
            let input = json!({ "connector": connector, "rows": rows });
            let shown = console.call("identities.import", &input).await?;
            parts.push(Part { rows: rows.to_vec(), shown });
        }
        let (changes, problems) = counts(&parts);
        if !common.json {
            show(&parts)?;
            writeln!(stdout(), "{changes} to change, {problems} that cannot be done.")?;
        }
        let (mut applied, mut proposals) = (0, 0);
        let mut failed = problems;
        if changes > 0 && !self.dry_run && self.agreed()? {
            for part in &parts {
                let input =
                    json!({ "connector": connector, "rows": part.rows, "digest": part.shown.get("digest") });
                let done = console.call("identities.import", &input).await?;
                applied += number(&done, "applied");
                proposals += number(&done, "proposals");
                failed += late_problems(&part.shown, &done)?;
            }
        }
        if common.json {
            let rows: Vec<_> = parts.iter().flat_map(|part| rows_of(&part.shown)).collect();
            writeln!(stdout(), "{}", json!({ "rows": rows, "applied": applied, "proposals": proposals }))?;
        } else {
            writeln!(stdout(), "{applied} mapped, {proposals} wait for a second administrator.")?;
        }
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn read(&self) -> anyhow::Result<Vec<Value>> {
        let path = self.file.display();
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(&self.file)
            .with_context(|| format!("cannot read {path}"))?;
        let mut rows = Vec::new();
        for (number, line) in reader.deserialize::<Line>().enumerate() {
            // What the line holds is not said again: it may be an account's id.
            let Line { person, account } =
                line.map_err(|_| anyhow!("row {} of {path} is not person,account", number + 1))?;
            rows.push(json!({ "person": person, "account": account }));
        }
        anyhow::ensure!(!rows.is_empty(), "{path} has no rows");
        Ok(rows)
    }

    fn agreed(&self) -> anyhow::Result<bool> {
        if self.yes {
            return Ok(true);
        }
        anyhow::ensure!(stdin().is_terminal(), "nobody is there to ask: give --yes or --dry-run");
        write!(stdout(), "Make these changes? [y/N] ")?;
        stdout().flush()?;
        let mut answer = String::new();
        stdin().lock().read_line(&mut answer)?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
    }
}

/// The connector with a name or id.
async fn connector(console: &Console, wanted: &str) -> anyhow::Result<Value> {
    let known = console.all("connectors.list").await?;
    let mut found = known.iter().filter(|connector| {
        text(connector, "/id") == wanted
            || text(connector, "/name").to_lowercase() == wanted.trim().to_lowercase()
    });
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one.get("id").cloned().unwrap_or_default()),
        (None, _) => Err(anyhow!("there is no connector `{wanted}`")),
        (Some(_), Some(_)) => Err(anyhow!("several connectors are called `{wanted}`: give the id")),
    }
}

fn counts(parts: &[Part]) -> (u64, u64) {
    let (mut changes, mut problems) = (0, 0);
    for row in parts.iter().flat_map(|part| rows_of(&part.shown)) {
        match text(row, "/change") {
            "add" | "change" => changes += 1,
            "problem" => problems += 1,
            _ => {}
        }
    }
    (changes, problems)
}

fn show(parts: &[Part]) -> anyhow::Result<()> {
    let rows = parts.iter().flat_map(|part| rows_of(&part.shown));
    for (number, row) in (1..).zip(rows) {
        let (change, person) = (text(row, "/change"), text(row, "/person/name"));
        match change {
            "same" => {}
            "problem" => writeln!(stdout(), "row {number}: {person} {}", text(row, "/message"))?,
            _ => {
                let (name, hint) = (text(row, "/account_name"), text(row, "/hint"));
                writeln!(stdout(), "row {number}: {change} {person} = {name} …{hint}")?;
            }
        }
    }
    Ok(())
}

/// Rows that could be done when they were shown, and could not any more.
fn late_problems(shown: &Value, done: &Value) -> anyhow::Result<u64> {
    let mut problems = 0;
    for (before, after) in rows_of(shown).iter().zip(rows_of(done)) {
        if text(before, "/change") != "problem" && text(after, "/change") == "problem" {
            problems += 1;
            writeln!(stdout(), "not done: {} {}", text(after, "/person/name"), text(after, "/message"))?;
        }
    }
    Ok(problems)
}
