//! Used nonces.

use core_protocol::UnixSeconds;
use core_protocol::message::InstallationId;
use core_protocol::signature::{CLOCK_SKEW, VerifiedRequest};

use super::{Database, DatabaseError};

impl Database {
    /// Uses a request's nonce up. Says whether it was fresh; a request whose nonce was used must have no effect. It is remembered until
    /// the request's end and the skew between clocks have passed. A request that ends no later than one whose nonce was forgotten may
    /// have been used as well, even if a clock that was put back makes it look valid.
    pub(crate) async fn use_nonce(
        &self,
        installation: &InstallationId,
        request: &VerifiedRequest,
    ) -> Result<bool, DatabaseError> {
        let (installation, nonce) = (installation.to_string(), request.nonce.to_string());
        let ends = request.expires.plus(CLOCK_SKEW).0;
        self.run(move |database| {
            database.write(|transaction| {
                let mut insert = transaction.prepare_cached(
                    "INSERT INTO nonce (installation, nonce, ends) SELECT ?1, ?2, ?3
                     WHERE NOT EXISTS (SELECT 1 FROM forgotten WHERE until >= ?3) ON CONFLICT DO NOTHING",
                )?;
                Ok(insert.execute((installation, nonce, ends))? == 1)
            })
        })
        .await
    }

    /// Forgets what can no longer be used: nonces, pairing codes and keys that have ended.
    pub(crate) async fn forget_ended(&self, now: UnixSeconds) -> Result<usize, DatabaseError> {
        self.run(move |database| {
            database.write(|transaction| {
                transaction.execute(
                    "INSERT INTO forgotten (only, until) SELECT 1, max(ends) FROM nonce WHERE ends <= ?1 HAVING count(*) > 0
                     ON CONFLICT DO UPDATE SET until = max(until, excluded.until)",
                    [now.0],
                )?;
                let mut forgotten = 0;
                for table in ["nonce", "pairing", "signing_key"] {
                    let delete = format!("DELETE FROM {table} WHERE ends <= ?1");
                    forgotten += transaction.execute(&delete, [now.0])?;
                }
                Ok(forgotten)
            })
        })
        .await
    }
}
