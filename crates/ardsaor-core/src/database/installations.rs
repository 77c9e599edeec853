use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core_protocol::UnixSeconds;
use core_protocol::key::{KeyId, SigningKey};
use core_protocol::message::InstallationId;
use rusqlite::{Connection, OptionalExtension as _, Row};
use zeroize::Zeroizing;

use super::{Database, DatabaseError};
use crate::installation::{
    ForgeIdentity, Installation, InstallationKind, InstallationStatus, ROTATION_OVERLAP,
};

/// An installation and the key that it signed with.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) installation: Installation,
    pub(crate) key: SigningKey,
}

/// What came of a pairing.
#[derive(Debug)]
pub(crate) enum Paired {
    Done,
    /// The code was used before.
    CodeUsed,
}

const COLUMNS: &str = "i.id, i.name, i.kind, i.status, i.generation, i.forge_identity,
    (SELECT count(*) FROM signing_key k WHERE k.installation = i.id AND (k.ends IS NULL OR k.ends > ?1))";

fn installation(row: &Row<'_>) -> rusqlite::Result<Result<Installation, DatabaseError>> {
    let (id, kind, status): (String, String, String) = (row.get(0)?, row.get(2)?, row.get(3)?);
    let forge: Option<String> = row.get(5)?;
    let (name, generation, keys) = (row.get(1)?, row.get(4)?, row.get(6)?);
    Ok((|| {
        const DAMAGED: DatabaseError = DatabaseError::Damaged("an installation");
        let forge: Option<ForgeIdentity> =
            forge.map(|forge| serde_json::from_str(&forge)).transpose().map_err(|_| DAMAGED)?;
        let status = match status.as_str() {
            "enabled" => InstallationStatus::Enabled,
            "disabled" => InstallationStatus::Disabled,
            _ => return Err(DAMAGED),
        };
        Ok(Installation {
            id: id.try_into().map_err(|_| DAMAGED)?,
            name,
            kind: InstallationKind::named(&kind).ok_or(DAMAGED)?,
            status,
            forge,
            keys,
            generation,
        })
    })())
}

fn caller(
    connection: &Connection,
    table: &str,
    id: &KeyId,
    now: UnixSeconds,
) -> Result<Option<Caller>, DatabaseError> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, s.secret FROM {table} s JOIN installation i ON i.id = s.installation
         WHERE s.id = ?2 AND (s.ends IS NULL OR s.ends > ?1)"
    ))?;
    let found = select
        .query_row((now.0, id.as_str()), |row| {
            Ok((installation(row)?, Zeroizing::new(row.get::<_, String>(7)?)))
        })
        .optional()?;
    found
        .map(|(installation, secret)| {
            let key =
                SigningKey::from_text(id.clone(), &secret).map_err(|_| DatabaseError::Damaged("a key"))?;
            Ok(Caller { installation: installation?, key })
        })
        .transpose()
}

impl Database {
    /// The installation whose signing key this is, when the key works now.
    pub(crate) async fn caller(&self, id: &KeyId, now: UnixSeconds) -> Result<Option<Caller>, DatabaseError> {
        let id = id.clone();
        self.run(move |database| database.read(|connection| caller(connection, "signing_key", &id, now)))
            .await
    }

    /// The installation that a pairing code is for, when the code works now.
    pub(crate) async fn pairing(
        &self,
        id: &KeyId,
        now: UnixSeconds,
    ) -> Result<Option<Caller>, DatabaseError> {
        let id = id.clone();
        self.run(move |database| database.read(|connection| caller(connection, "pairing", &id, now))).await
    }

    /// Uses a pairing code up and puts a new signing key in force. What worked before works for a day more, and of that only the
    /// newest, so that there are never more than two.
    pub(crate) async fn pair(
        &self,
        code: &KeyId,
        paired: &InstallationId,
        forge: Option<ForgeIdentity>,
        key: &SigningKey,
        now: UnixSeconds,
    ) -> Result<Paired, DatabaseError> {
        let (code, installation, key) = (code.clone(), paired.to_string(), key.clone());
        let forge = forge
            .map(|it| serde_json::to_string(&it))
            .transpose()
            .map_err(|_| DatabaseError::Damaged("a token"))?;
        self.run(move |database| {
            database.write(|transaction| {
                let used = transaction.execute("DELETE FROM pairing WHERE id = ?1", [code.as_str()])?;
                if used == 0 {
                    return Ok(Paired::CodeUsed);
                }
                // An ending key stood beside the current one: with the new one that would be three.
                transaction.execute(
                    "DELETE FROM signing_key WHERE installation = ?1 AND ends IS NOT NULL",
                    [&installation],
                )?;
                transaction.execute(
                    "UPDATE signing_key SET ends = ?2 WHERE installation = ?1",
                    (&installation, now.plus(ROTATION_OVERLAP).0),
                )?;
                transaction.execute(
                    "INSERT INTO signing_key (id, installation, secret, created) VALUES (?1, ?2, ?3, ?4)",
                    (key.id().as_str(), &installation, key.to_text().as_str(), now.0),
                )?;
                transaction.execute(
                    "UPDATE installation SET generation = generation + 1, forge_identity = coalesce(?2, forge_identity)
                     WHERE id = ?1",
                    (&installation, forge),
                )?;
                Ok(Paired::Done)
            })
        })
        .await
    }

    pub(crate) fn insert_installation(
        &self,
        name: &str,
        kind: InstallationKind,
        entropy: [u8; 12],
        now: UnixSeconds,
    ) -> Result<InstallationId, DatabaseError> {
        let id = format!("inst_{}", URL_SAFE_NO_PAD.encode(entropy));
        let id = InstallationId::try_from(id).map_err(|_| DatabaseError::Damaged("a new id"))?;
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO installation (id, name, kind, status, generation, created) VALUES (?1, ?2, ?3, 'enabled', 0, ?4)",
                (id.as_str(), name, kind.name(), now.0),
            )?;
            Ok::<_, DatabaseError>(())
        })?;
        Ok(id)
    }

    /// Puts a pairing code in force, in place of one that was not used. Says whether there is such an installation.
    pub(crate) fn insert_pairing(
        &self,
        installation: &InstallationId,
        code: &SigningKey,
        ends: UnixSeconds,
    ) -> Result<bool, DatabaseError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM pairing WHERE installation = ?1", [installation.as_str()])?;
            let inserted = transaction.execute(
                "INSERT INTO pairing (id, installation, secret, ends) SELECT ?1, id, ?3, ?4 FROM installation WHERE id = ?2",
                (code.id().as_str(), installation.as_str(), code.to_text().as_str(), ends.0),
            )?;
            Ok(inserted == 1)
        })
    }

    pub(crate) fn set_status(
        &self,
        installation: &InstallationId,
        status: InstallationStatus,
    ) -> Result<bool, DatabaseError> {
        self.write(|transaction| {
            let updated = transaction.execute(
                "UPDATE installation SET status = ?2, generation = generation + 1 WHERE id = ?1",
                (installation.as_str(), status.name()),
            )?;
            Ok(updated == 1)
        })
    }

    pub(crate) fn installations(&self, now: UnixSeconds) -> Result<Vec<Installation>, DatabaseError> {
        self.read(|connection| {
            let mut select = connection
                .prepare(&format!("SELECT {COLUMNS} FROM installation i ORDER BY i.created, i.id"))?;
            let rows = select.query_map([now.0], installation)?;
            rows.map(|row| row?).collect()
        })
    }

    /// Whether the database answers.
    pub(crate) async fn answers(&self) -> bool {
        let read = |database: &Self| {
            database.read(|connection| Ok(connection.query_row("SELECT 1", [], |row| row.get::<_, i64>(0))?))
        };
        self.run(read).await.is_ok()
    }
}
