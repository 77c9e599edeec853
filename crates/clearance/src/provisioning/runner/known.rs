//! What a call rests on: as it was read and written before it, so that nothing is read again when the result is written and nobody changed any of it
//! meanwhile. Every commit that relies on it is guarded by its revisions.

use crate::documents::{Loaded, load};
use crate::failure::Failure;
use crate::grant::Grant;
use crate::identity::{IdentityMapping, ProviderAccount};
use crate::ids::JobId;
use crate::ports::Store;
use crate::provisioning::job::Job;
use crate::provisioning::resume::waiting_grant;
use crate::provisioning::seats;

use super::step::Step;

/// What a call rests on.
pub(super) struct Known {
    /// The job.
    pub(super) job: Loaded<Job>,
    /// The grant that waits for it.
    pub(super) grant: Option<Loaded<Grant>>,
    /// The account that the call is about.
    pub(super) account: Option<Loaded<ProviderAccount>>,
    /// The account that the person has at the connector; only where one is added.
    pub(super) mapping: Option<Loaded<IdentityMapping>>,
}

impl Known {
    /// As it is stored now; none when the job is gone.
    ///
    /// # Errors
    /// The store's.
    pub(super) async fn read(store: &impl Store, job: JobId, step: &Step) -> Result<Option<Self>, Failure> {
        let Some(job) = load::<Job>(store, &job.to_string()).await? else { return Ok(None) };
        let grant = match step {
            Step::Add(_) | Step::Remove(_) => waiting_grant(store, &job).await?,
            Step::Look(_) => None,
        };
        let seat = step.seat();
        let mapping = match (&grant, step) {
            (Some(grant), Step::Add(_)) => seats::mapping(store, seat.connector, grant.person).await?,
            _ => None,
        };
        let account = seats::account(store, seat.connector, &seat.fingerprint).await?;
        Ok(Some(Self { job, grant, account, mapping }))
    }
}
