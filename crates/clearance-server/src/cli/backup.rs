use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use audit_log::Strictness;
use clap::Args;
use clearance::ports::LogHead;
use clearance_store::{Relation, SqliteFile};
use serde_json::json;

use super::Common;
use super::audit::threads;
use crate::data::DataDirectory;
use crate::known_checkpoint::KnownCheckpoint;

/// What the name of the copy of Core's database has at its end.
const CORE: &str = ".core";

/// Copy the database, whole and as of one moment, also while the server runs
///
/// While Core runs inside the server, a copy of its database is written beside it, under the same name with `.core` at the end; keep both. The
/// vault's key is not part of it: keep a copy of vault.key apart.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance backup /backups/clearance-monday.db")]
pub(super) struct Backup {
    /// The file to write; there must be none
    file: PathBuf,
}

/// Put a backup in the place of the database, also while the server runs
///
/// Refuses to lose log entries that are known to have existed, from the database in place or from known-checkpoint beside it. The database
/// that was in place is kept beside the new one. A copy of Core's database beside the backup is put in place where there is none: one that is
/// there knows more.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  clearance restore /backups/clearance-monday.db")]
pub(super) struct Restore {
    /// The backup
    file: PathBuf,
    /// Restore although log entries are lost by it
    #[arg(long)]
    accept_loss: bool,
}

impl Backup {
    pub(super) fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let data = common.data()?;
        let database = data.database();
        let core_file = beside(&self.file, CORE);
        let core = data.core_inside();
        if core.is_some() && core_file.exists() {
            bail!("there is a file {} already; it is left alone", core_file.display());
        }
        let head = SqliteFile::at(&database)
            .back_up(&self.file)
            .with_context(|| format!("cannot back up {} to {}", database.display(), self.file.display()))?;
        // After the site's own: a Core that knows later changes than the site refuses nothing, and one that knows earlier ones would.
        let core = match core {
            Some(directory) => ardsaor_core::database::back_up(directory, &core_file).with_context(|| {
                format!("the site is in {}, but Core is not backed up", self.file.display())
            })?,
            None => false,
        };
        let core_file = core.then_some(core_file);
        if common.json {
            let told = json!({ "file": self.file, "core": core_file, "size": head.size, "root": head.root });
            writeln!(stdout(), "{told}")?;
        } else {
            writeln!(
                stdout(),
                "Backed up to {}: {} log entries, root {}.",
                self.file.display(),
                head.size,
                head.root
            )?;
            if let Some(file) = core_file {
                writeln!(stdout(), "ArdSaor Core's database is in {}.", file.display())?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Restore {
    pub(super) fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let data = common.data()?;
        data.make()?;
        let backup = SqliteFile::at(&self.file);
        let sound = backup
            .verify(threads(), Strictness::StoredBytes, |_| {})
            .with_context(|| format!("the backup {} is not sound", self.file.display()))?;
        let losses = losses(&data, &backup)?;
        for loss in &losses {
            eprintln!("{loss}");
        }
        if !losses.is_empty() && !self.accept_loss {
            bail!("nothing was changed; give --accept-loss to restore all the same");
        }
        let replaced = put_in_place(&data, &backup)?;
        let core = self.restore_core(&data)?;
        let head = LogHead { size: sound.size, root: sound.root };
        KnownCheckpoint::of(data.path()).replace(&head).context("cannot keep the checkpoint")?;
        if common.json {
            writeln!(
                stdout(),
                "{}",
                json!({ "size": head.size, "root": head.root, "losses": losses, "replaced": replaced, "core": core })
            )?;
        } else {
            writeln!(stdout(), "Restored: {} log entries, root {}.", head.size, head.root)?;
            if let Some(replaced) = replaced {
                writeln!(stdout(), "The database that was in place is {}.", replaced.display())?;
            }
            if core {
                writeln!(stdout(), "ArdSaor Core's database was put in place.")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Whether Core's database was put in place.
    fn restore_core(&self, data: &DataDirectory) -> anyhow::Result<bool> {
        let file = beside(&self.file, CORE);
        match data.core_inside() {
            Some(directory) if file.exists() => ardsaor_core::database::restore(&file, directory)
                .with_context(|| format!("the site is restored, but not Core from {}", file.display())),
            _ => Ok(false),
        }
    }
}

/// What would be lost, one sentence each.
fn losses(data: &DataDirectory, backup: &SqliteFile) -> anyhow::Result<Vec<String>> {
    let mut known = Vec::new();
    if data.database().exists() {
        match SqliteFile::at(data.database()).head() {
            Ok(head) => known.push(("the database in place", head)),
            Err(error) => {
                eprintln!("The database in place cannot be read ({error}); what it held cannot be compared.");
            }
        }
    }
    if let Some(head) = KnownCheckpoint::of(data.path()).read().context("cannot read known-checkpoint")? {
        known.push(("the known checkpoint", head));
    }
    let mut losses = Vec::new();
    for (what, head) in known {
        match backup.compare(&head)? {
            Relation::Same | Relation::Extends { .. } => {}
            Relation::Behind { by } => losses.push(format!(
                "The backup is behind {what}: {by} log entries of {} (root {}) are not in it.",
                head.size, head.root
            )),
            Relation::Forked => losses.push(format!(
                "The backup is another log than {what}: its first {} entries do not give the root {}.",
                head.size, head.root
            )),
        }
    }
    Ok(losses)
}

/// Copies the backup to where the database belongs; gives where the one in place went.
fn put_in_place(data: &DataDirectory, backup: &SqliteFile) -> anyhow::Result<Option<PathBuf>> {
    match data.try_lock_alone()? {
        Some(_lock) => put_file_in_place(data, backup),
        None => put_content_in_place(data, backup).map(Some),
    }
}

/// While a server has the database open: its content is replaced in one transaction, after a copy was kept.
fn put_content_in_place(data: &DataDirectory, backup: &SqliteFile) -> anyhow::Result<PathBuf> {
    let database = SqliteFile::at(data.database());
    let aside = free_name(database.path())?;
    database.back_up(&aside).context("cannot keep a copy of the database in place")?;
    database.replace_with(backup).context("cannot put the backup in place")?;
    Ok(aside)
}

/// While nobody has the database open: the file is replaced, in whatever state it is.
fn put_file_in_place(data: &DataDirectory, backup: &SqliteFile) -> anyhow::Result<Option<PathBuf>> {
    let database = data.database();
    let arriving = beside(&database, ".arriving");
    // What an earlier attempt left behind is worth nothing.
    let _ = std::fs::remove_file(&arriving);
    backup.back_up(&arriving).context("cannot copy the backup into the data directory")?;
    let replaced = if database.exists() { Some(set_aside(&database)?) } else { None };
    std::fs::rename(&arriving, &database).context("cannot put the backup in place")?;
    std::fs::File::open(data.path())?.sync_all()?;
    Ok(replaced)
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn free_name(database: &Path) -> anyhow::Result<PathBuf> {
    let free = (1..=u32::MAX)
        .map(|number| beside(database, &format!(".replaced-{number}")))
        .find(|path| !path.exists());
    free.context("no free name to set the database in place aside")
}

/// Renames the database with the files that SQLite keeps beside it.
fn set_aside(database: &Path) -> anyhow::Result<PathBuf> {
    let aside = free_name(database)?;
    // The database first: without it the others mean nothing.
    for suffix in ["", "-wal", "-shm"] {
        match std::fs::rename(beside(database, suffix), beside(&aside, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).context("cannot set the database in place aside");
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(aside)
}
