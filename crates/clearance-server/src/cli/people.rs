use std::io::{Write as _, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use clearance::sign_in::find_by_email;
use clearance::text::EmailAddress;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Common;
use super::console::{Console, told};

/// People: add one, import many, or erase one
#[derive(Debug, Subcommand)]
pub(super) enum People {
    Add(Add),
    Import(Import),
    Erase(Erase),
}

/// What a person may do beyond asking and deciding.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    /// Nothing more
    Member,
    /// Configures catalogue, policies, people and settings
    Admin,
    /// Reads everything, changes nothing
    Auditor,
}

impl Role {
    fn as_input(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "administrator",
            Self::Auditor => "auditor",
        }
    }
}

/// Add a person
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  clearance people add --name 'Ada Lovelace' --email ada@example.com --role admin --group Security"
)]
pub(super) struct Add {
    /// Name as shown
    #[arg(long)]
    name: String,
    /// Address by which they sign in and are told things
    #[arg(long)]
    email: String,
    /// What they may do beyond asking and deciding
    #[arg(long, value_enum, default_value_t = Role::Member)]
    role: Role,
    /// A group, by name or id; may be given several times; added when there is none of that name
    #[arg(long, value_name = "GROUP")]
    group: Vec<String>,
}

/// Add or change people from a CSV file
///
/// Columns: name,email,role,groups and, if wanted, manager. Role is member, admin or auditor; groups are separated by semicolons; the manager is
/// an address, also of somebody further down, and stays as it is where none is given. Whoever has the address already is changed to what the line
/// says; nobody is removed.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance people import people.csv")]
pub(super) struct Import {
    /// The file, with a header line
    file: PathBuf,
}

/// Erase a person for good, or show how far that has come
///
/// Ends their access first; then a running server destroys name, address, accounts and texts, and makes unreadable what the database still
/// had of them. The log stays as it is: it never held any of that. Backups made before still do. There is no way back. See docs/erasure.md.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance people erase --person ada@example.com")]
pub(super) struct Erase {
    /// Their address or id
    #[arg(long, value_name = "EMAIL|ID")]
    person: String,
}

#[derive(Debug, Deserialize)]
struct Line {
    name: String,
    email: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    groups: String,
    #[serde(default)]
    manager: String,
}

impl People {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let console = Console::open(common).await?;
        match self {
            Self::Add(add) => add.run(common, &console).await,
            Self::Import(import) => import.run(common, &console).await,
            Self::Erase(erase) => erase.run(common, &console).await,
        }
    }
}

impl Add {
    async fn run(self, common: &Common, console: &Console) -> anyhow::Result<ExitCode> {
        let groups = console.groups(&self.group).await?;
        let mut input = json!({ "name": self.name, "email": self.email, "role": self.role.as_input() });
        if !groups.is_empty()
            && let Some(fields) = input.as_object_mut()
        {
            fields.insert("groups".to_owned(), Value::Array(groups));
        }
        let answer = console.call("people.put", &input).await?;
        if common.json {
            writeln!(stdout(), "{answer}")?;
        } else {
            let id = answer.pointer("/person/id").and_then(Value::as_str).unwrap_or_default();
            writeln!(stdout(), "Added {} <{}> as {id}.", self.name, self.email)?;
            if answer.get("proposal").is_some_and(|proposal| !proposal.is_null()) {
                writeln!(stdout(), "What gives more than before waits for an administrator to agree.")?;
            }
            writeln!(stdout(), "They can sign in after `clearance set-up-link --person {}`.", self.email)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Import {
    async fn run(self, common: &Common, console: &Console) -> anyhow::Result<ExitCode> {
        let path = self.file.display();
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(&self.file)
            .with_context(|| format!("cannot read {path}"))?;
        let (mut added, mut changed, mut refused, mut managed) = (0_u64, 0_u64, Vec::new(), Vec::new());
        for line in reader.deserialize::<Line>() {
            let line = line.with_context(|| format!("{path} has no such line as name,email,role,groups"))?;
            match import(console, &line).await {
                Ok(true) => added += 1,
                Ok(false) => changed += 1,
                Err(error) => {
                    refused.push((line.email, format!("{error:#}")));
                    continue;
                }
            }
            if !line.manager.is_empty() {
                managed.push(line);
            }
        }
        // Only now is everybody there who may manage somebody.
        for line in managed {
            if let Err(error) = put_manager(console, &line).await {
                refused.push((line.email, format!("{error:#}")));
            }
        }
        if common.json {
            let refused: Vec<_> = refused
                .iter()
                .map(|(email, problem)| json!({ "email": email, "problem": problem }))
                .collect();
            writeln!(stdout(), "{}", json!({ "added": added, "changed": changed, "refused": refused }))?;
        } else {
            for (email, problem) in &refused {
                eprintln!("refused {email}: {problem}");
            }
            writeln!(stdout(), "{added} added, {changed} changed, {} refused.", refused.len())?;
        }
        Ok(if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl Erase {
    async fn run(self, common: &Common, console: &Console) -> anyhow::Result<ExitCode> {
        let person = console.anybody(&self.person).await?;
        let answer = console.call("people.erase", &json!({ "person": person })).await?;
        if common.json {
            writeln!(stdout(), "{answer}")?;
            return Ok(ExitCode::SUCCESS);
        }
        let text = |value: &Value, pointer: &str| {
            value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let list =
            |pointer: &str| answer.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
        match text(&answer, "/state").as_str() {
            "erased" => writeln!(stdout(), "{person} is erased since {}.", text(&answer, "/erased_at"))?,
            state => {
                writeln!(
                    stdout(),
                    "{person} is being erased ({state}); the running server goes on with it."
                )?;
            }
        }
        for grant in list("/waiting_for") {
            let (tool, state, task) =
                (text(&grant, "/tool/name"), text(&grant, "/state"), text(&grant, "/task"));
            writeln!(stdout(), "  waits for the end of {} ({tool}, {state}) {task}", text(&grant, "/grant"))?;
        }
        for export in list("/exports/items") {
            writeln!(stdout(), "  was named by {} of {}", text(&export, "/export"), text(&export, "/at"))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Adds the person (true) or changes whoever has the address (false).
async fn import(console: &Console, line: &Line) -> anyhow::Result<bool> {
    let role = match line.role.to_lowercase().as_str() {
        "" | "member" => "member",
        "admin" | "administrator" => "administrator",
        "auditor" => "auditor",
        other => anyhow::bail!("`{other}` is no role; it is member, admin or auditor"),
    };
    let address = EmailAddress::parse(&line.email).context("its address")?;
    let groups: Vec<String> =
        line.groups.split(';').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let groups = console.groups(&groups).await?;
    let known = find_by_email(&console.host.store, &address).await.map_err(told)?;
    let input = json!({
        "id": known.as_ref().map(|person| person.id),
        "name": line.name,
        "email": address,
        "role": role,
        "groups": groups,
    });
    console.call("people.put", &input).await?;
    Ok(known.is_none())
}

/// Says who manages the person of a line.
async fn put_manager(console: &Console, line: &Line) -> anyhow::Result<()> {
    let person_of = async |address: &str| {
        let address = EmailAddress::parse(address).context("its address")?;
        let person = find_by_email(&console.host.store, &address).await.map_err(told)?;
        person.with_context(|| format!("nobody has the address {address}"))
    };
    let person = person_of(&line.email).await?;
    let manager = person_of(&line.manager).await.context("its manager")?;
    let input = json!({ "id": person.id, "name": person.name, "email": person.email, "manager": manager.id });
    console.call("people.put", &input).await?;
    Ok(())
}
