use std::fs::{File, TryLockError};
use std::path::Path;

use super::{DatabaseError, make_directory};

/// The lease's name in the data directory.
const FILE: &str = "core.lease";

/// The right to serve from a data directory, until it is dropped or the process ends. What Core holds in memory — locks, circuit breakers,
/// tokens — is right for one server only.
#[derive(Debug)]
pub struct Lease(File);

impl Lease {
    /// Takes the lease.
    ///
    /// # Errors
    /// [`DatabaseError::Leased`] when another server has it.
    pub fn take(directory: &Path) -> Result<Self, DatabaseError> {
        let failed = |error| DatabaseError::Directory { path: directory.to_owned(), error };
        make_directory(directory).map_err(failed)?;
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(directory.join(FILE))
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(DatabaseError::Leased),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // The operating system does the same when the file closes.
        let _ = self.0.unlock();
    }
}
