//! What is stored about the jobs of a batch, read for all of them at once.

use super::step::Step;
use crate::documents::{Document, Loaded, load_all};
use crate::failure::Failure;
use crate::grant::Grant;
use crate::identity::{IdentityMapping, ProviderAccount};
use crate::ids::{ConnectorId, JobId};
use crate::ports::{Place, Ports, Secret, Store, Vault as _};
use crate::provisioning::job::{Job, Subject, Task};

/// What is stored about a job that was claimed.
pub(super) struct Read {
    /// The job.
    pub(super) job: Loaded<Job>,
    /// The grant that waits for it.
    pub(super) grant: Option<Loaded<Grant>>,
    /// The account that the person has at the connector; only where access is given.
    pub(super) mapping: Option<Loaded<IdentityMapping>>,
    /// The next call that it needs.
    pub(super) step: Option<Step>,
    /// The account that the call is about.
    pub(super) account: Option<Loaded<ProviderAccount>>,
    /// The provider's id of it.
    pub(super) id: Option<Secret>,
}

/// A job, and what is stored about it. What is wrong with one is nothing to the others.
pub(super) type ReadJob = (JobId, Result<Read, Failure>);

/// Reads what is stored about jobs at a connector.
///
/// # Errors
/// The store's, when it cannot be read at all.
pub(super) async fn read_all<P: Ports>(
    ports: &P,
    connector: ConnectorId,
    jobs: Vec<Loaded<Job>>,
) -> Result<Vec<ReadJob>, Failure> {
    let store = ports.store();
    let grants = jobs.iter().map(|job| job.grant().filter(|_| job.waits()).map(|grant| grant.to_string()));
    let grants = load_each::<Grant>(store, grants.collect()).await?;
    let mappings = jobs.iter().map(|job| match (&job.subject, job.task) {
        (Subject::Grant { person, .. }, Task::Provision) if job.waits() => {
            Some(IdentityMapping::key_of(connector, *person))
        }
        _ => None,
    });
    let mappings = load_each::<IdentityMapping>(store, mappings.collect()).await?;
    let with = |(job, (grant, mapping)): (Loaded<Job>, _)| {
        let id = job.id;
        (id, Read::new(job, connector, grant, mapping))
    };
    let mut all: Vec<ReadJob> = jobs.into_iter().zip(grants.into_iter().zip(mappings)).map(with).collect();

    let keys = all.iter().map(|(_, read)| {
        let seat = read.as_ref().ok()?.step.as_ref()?.seat();
        Some(ProviderAccount::key_of(seat.connector, &seat.fingerprint))
    });
    let accounts = load_each::<ProviderAccount>(store, keys.collect()).await?;
    for ((_, read), account) in all.iter_mut().zip(accounts) {
        add(read, account, |read, account| read.account = account);
    }

    let places: Vec<Place> = all.iter().filter_map(|(_, read)| place(read)).collect();
    let mut ids = ports.vault().secrets(&places).await.into_iter();
    for (_, read) in &mut all {
        if place(read).is_some() {
            let id = ids.next().unwrap_or(Ok(None)).map_err(Failure::from);
            add(read, id, |read, id| read.id = id);
        }
    }
    Ok(all)
}

impl Read {
    fn new(
        job: Loaded<Job>,
        connector: ConnectorId,
        grant: Result<Option<Loaded<Grant>>, Failure>,
        mapping: Result<Option<Loaded<IdentityMapping>>, Failure>,
    ) -> Result<Self, Failure> {
        let (grant, mapping) = (grant?, mapping?);
        let step = Step::next(&job, connector, grant.as_deref(), mapping.as_deref());
        Ok(Self { job, grant, mapping, step, account: None, id: None })
    }
}

/// Adds what was read, or says why it could not be.
fn add<T>(
    read: &mut Result<Read, Failure>,
    found: Result<Option<T>, Failure>,
    put: impl FnOnce(&mut Read, Option<T>),
) {
    match (read, found) {
        (Ok(read), Ok(found)) => put(read, found),
        (read @ Ok(_), Err(failure)) => *read = Err(failure),
        (Err(_), _) => {}
    }
}

/// Where the provider's id of the account is.
fn place(read: &Result<Read, Failure>) -> Option<Place> {
    read.as_ref().ok()?.account.as_ref().map(|account| account.account.clone())
}

/// The documents under these keys, none where there is no key.
async fn load_each<D: Document>(
    store: &impl Store,
    keys: Vec<Option<String>>,
) -> Result<Vec<Result<Option<Loaded<D>>, Failure>>, Failure> {
    let wanted: Vec<bool> = keys.iter().map(Option::is_some).collect();
    let keys: Vec<String> = keys.into_iter().flatten().collect();
    let mut found = load_all::<D>(store, &keys).await?.into_iter();
    Ok(wanted
        .iter()
        .map(|wanted| if *wanted { found.next().unwrap_or(Ok(None)) } else { Ok(None) })
        .collect())
}
