//! The documents of one kind as the writer writes them: first the guard, then the write.

use clearance::ports::{Expected, Revision, StoreError, Write};
use rusqlite::{Connection, Statement};

use super::failure::failure;
use crate::statements::KindStatements;

/// The statements of one kind.
pub(super) struct KindWriter<'c> {
    connection: &'c Connection,
    texts: &'c KindStatements,
    insert: Statement<'c>,
    current: Statement<'c>,
    /// By the attributes that change: a lifecycle has few ways to go, so they are few.
    updates: Vec<(Vec<bool>, Statement<'c>)>,
    delete: Statement<'c>,
    revision: Statement<'c>,
}

/// A write of which the guard holds until it is done: nobody else writes meanwhile.
pub(super) enum Guarded<'w> {
    /// Only the guard mattered.
    Nothing,
    Insert {
        key: &'w str,
        body: &'w str,
        attributes: &'w [Option<String>],
    },
    /// With the attributes that become other ones.
    Update {
        key: &'w str,
        revision: i64,
        body: &'w str,
        attributes: &'w [Option<String>],
        changed: Vec<bool>,
    },
    Delete {
        key: &'w str,
        revision: i64,
    },
}

impl<'c> KindWriter<'c> {
    /// Prepares the statements.
    ///
    /// # Errors
    /// When the kind has no table.
    pub(super) fn prepare(connection: &'c Connection, texts: &'c KindStatements) -> Result<Self, StoreError> {
        let prepare = |text: &str| connection.prepare(text).map_err(failure);
        Ok(Self {
            insert: prepare(&texts.insert)?,
            current: prepare(&texts.current)?,
            updates: Vec::new(),
            delete: prepare(&texts.delete)?,
            revision: prepare(&texts.revision)?,
            connection,
            texts,
        })
    }

    /// A write of which the guard holds now; nothing when it does not.
    pub(super) fn guarded<'w>(&mut self, write: &'w Write) -> Result<Option<Guarded<'w>>, StoreError> {
        Ok(match write {
            Write::Check { key, expected: Expected::Absent, .. } => {
                self.revision(key)?.is_none().then_some(Guarded::Nothing)
            }
            Write::Check { key, expected: Expected::At(expected), .. } => {
                self.at(key, *expected)?.map(|_| Guarded::Nothing)
            }
            Write::Put { key, expected: Expected::Absent, body, attributes, .. } => {
                self.revision(key)?.is_none().then_some(Guarded::Insert { key, body, attributes })
            }
            Write::Put { key, expected: Expected::At(expected), body, attributes, .. } => {
                let Some(revision) = stored(*expected) else { return Ok(None) };
                let changed = self.changed(key, revision, attributes)?;
                changed.map(|changed| Guarded::Update { key, revision, body, attributes, changed })
            }
            Write::Delete { key, expected, .. } => {
                self.at(key, *expected)?.map(|revision| Guarded::Delete { key, revision })
            }
        })
    }

    /// Carries out a write of which the guard holds.
    pub(super) fn write(&mut self, write: &Guarded<'_>) -> Result<(), StoreError> {
        let written = match write {
            Guarded::Nothing => return Ok(()),
            Guarded::Insert { key, body, attributes } => {
                bind(&mut self.insert, 1, key)?;
                bind(&mut self.insert, 2, body)?;
                for (place, value) in (3..).zip(*attributes) {
                    self.insert.raw_bind_parameter(place, value.as_deref()).map_err(failure)?;
                }
                self.insert.raw_execute().map_err(failure)?
            }
            Guarded::Update { key, revision, body, attributes, changed } => {
                let changed_values = attributes.iter().zip(changed).filter(|(_, changed)| **changed);
                let statement = self.update(changed)?;
                bind(statement, 1, body)?;
                let mut place = 2;
                for (value, _) in changed_values {
                    statement.raw_bind_parameter(place, value.as_deref()).map_err(failure)?;
                    place += 1;
                }
                bind(statement, place, key)?;
                statement.raw_bind_parameter(place + 1, *revision).map_err(failure)?;
                statement.raw_execute().map_err(failure)?
            }
            Guarded::Delete { key, revision } => {
                bind(&mut self.delete, 1, key)?;
                self.delete.raw_bind_parameter(2, *revision).map_err(failure)?;
                self.delete.raw_execute().map_err(failure)?
            }
        };
        if written == 1 { Ok(()) } else { Err(StoreError::Unavailable("a guard that held does not".into())) }
    }

    /// The statement that replaces a document, touching only the indexes of attributes that change.
    fn update(&mut self, changed: &[bool]) -> Result<&mut Statement<'c>, StoreError> {
        if !self.updates.iter().any(|(places, _)| places == changed) {
            let statement = self.connection.prepare(&self.texts.update(changed)).map_err(failure)?;
            self.updates.push((changed.to_vec(), statement));
        }
        let statement = self.updates.iter_mut().find(|(places, _)| places == changed);
        let (_, statement) =
            statement.ok_or_else(|| StoreError::Unavailable("a statement is not prepared".into()))?;
        Ok(statement)
    }

    /// The stored document's revision, if it is the expected one.
    fn at(&mut self, key: &str, expected: Revision) -> Result<Option<i64>, StoreError> {
        Ok(self.revision(key)?.filter(|found| stored(expected) == Some(*found)))
    }

    /// The revision of the stored document.
    fn revision(&mut self, key: &str) -> Result<Option<i64>, StoreError> {
        bind(&mut self.revision, 1, key)?;
        let mut rows = self.revision.raw_query();
        rows.next().map_err(failure)?.map(|row| row.get(0).map_err(failure)).transpose()
    }

    /// Which attributes of the stored document are other ones; nothing when it does not have the revision.
    fn changed(
        &mut self,
        key: &str,
        revision: i64,
        attributes: &[Option<String>],
    ) -> Result<Option<Vec<bool>>, StoreError> {
        bind(&mut self.current, 1, key)?;
        let mut rows = self.current.raw_query();
        let Some(row) = rows.next().map_err(failure)? else { return Ok(None) };
        if row.get::<_, i64>(0).map_err(failure)? != revision {
            return Ok(None);
        }
        let mut changed = Vec::with_capacity(attributes.len());
        for (place, value) in (1..).zip(attributes) {
            let stored = row.get_ref(place).map_err(failure)?;
            // What does not read as text is no value of ours: it counts as changed and is written anew.
            changed.push(stored.as_str_or_null().ok() != Some(value.as_deref()));
        }
        Ok(Some(changed))
    }
}

fn bind(statement: &mut Statement<'_>, place: usize, text: &str) -> Result<(), StoreError> {
    statement.raw_bind_parameter(place, text).map_err(failure)
}

/// A revision as stored; one that no document can have is `None`.
fn stored(revision: Revision) -> Option<i64> {
    i64::try_from(revision.0).ok()
}
