//! Core inside a server: on a loopback port, and still through the signed protocol.
//!
//! One server of a data directory runs it, by the lease on its database; the others, and the command line, find it by a file that holds its
//! address. When that server ends, another one takes over.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use ardsaor_core::database::DatabaseError;
use ardsaor_core::provider::Endpoints;
use ardsaor_core::{
    Core, Environment as _, InstallationError, InstallationKind, Settings, StartError, System,
};
use clearance::ports::{CoreError, Environment, Store};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::{Address, CoreClient, InvalidAddress, Standing, Whereabouts};

/// What this site is called in the list of Core's installations.
const NAME: &str = "AI Clearance, in the same process";
/// The address's name in Core's directory.
const FILE: &str = "address";
/// Time between two looks whether Core can be taken over.
const TAKE_OVER: Duration = Duration::from_secs(5);

/// Why Core does not start inside.
#[derive(Debug, thiserror::Error)]
pub enum InsideError {
    /// Core itself.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Its installations.
    #[error(transparent)]
    Installation(#[from] InstallationError),
    /// Its signed protocol.
    #[error(transparent)]
    Protocol(#[from] CoreError),
    /// It listens where it must not.
    #[error("it does not listen on a loopback address")]
    Address(#[from] InvalidAddress),
    /// Its address cannot be written down.
    #[error("its address cannot be kept: {0}")]
    File(#[from] std::io::Error),
}

impl From<DatabaseError> for InsideError {
    fn from(error: DatabaseError) -> Self {
        Self::Start(error.into())
    }
}

/// Core inside this process, or the wait for the one of another process to end.
#[derive(Debug)]
pub struct Inside {
    stop: watch::Sender<bool>,
    keeping: JoinHandle<()>,
}

impl Inside {
    /// Starts Core in its directory and pairs with it. When another server of the directory runs one, that is used until it ends; then one
    /// starts here.
    ///
    /// # Errors
    /// [`InsideError`].
    pub async fn start<S, E>(
        client: CoreClient<S, E>,
        endpoints: Endpoints,
    ) -> Result<Option<Self>, InsideError>
    where
        S: Store + 'static,
        E: Environment + 'static,
    {
        let Whereabouts::Inside(directory) = client.whereabouts().clone() else { return Ok(None) };
        let core = take(&client, &directory, endpoints).await?;
        let (stop, mut stopped) = watch::channel(false);
        let keeping = tokio::spawn(async move {
            let mut running = core;
            let mut looks = interval(TAKE_OVER);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while running.is_none() {
                tokio::select! {
                    _ = looks.tick() => {}
                    _ = stopped.changed() => return,
                }
                match take(&client, &directory, endpoints).await {
                    Ok(taken) => running = taken,
                    Err(error) => tracing::error!(failure = %error, "ArdSaor Core did not start"),
                }
            }
            let _ = stopped.wait_for(|stop| *stop).await;
            if let Some(core) = running {
                // Whoever reads it from now on finds nobody, which is what is there.
                let _ = std::fs::remove_file(directory.join(FILE));
                if let Err(error) = core.stop().await {
                    tracing::error!(failure = %error, "ArdSaor Core did not end well");
                }
            }
        });
        Ok(Some(Self { stop, keeping }))
    }

    /// Takes no more calls, and finishes those in work.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if self.keeping.await.is_err() {
            tracing::error!("ArdSaor Core panicked");
        }
    }
}

/// Starts Core; none when another process has it.
async fn take<S: Store, E: Environment>(
    client: &CoreClient<S, E>,
    directory: &Path,
    endpoints: Endpoints,
) -> Result<Option<Core>, InsideError> {
    let core = match Core::start(Settings::inside(directory.to_owned()), System, endpoints).await {
        Ok(core) => core,
        Err(StartError::Database(DatabaseError::Leased)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match settle(client, directory, &core).await {
        Ok(()) => Ok(Some(core)),
        Err(error) => {
            // Nothing is in work there yet.
            let _ = core.stop().await;
            Err(error)
        }
    }
}

/// Pairs, unless Core knows the key already, and writes its address down.
async fn settle<S: Store, E: Environment>(
    client: &CoreClient<S, E>,
    directory: &Path,
    core: &Core,
) -> Result<(), InsideError> {
    let address = Address::try_from(core.address())?;
    if matches!(client.standing_at(&address).await?, Standing::NotPaired | Standing::Unknown) {
        let installations = core.installations();
        let known = installations.list(System.now())?;
        let known = known.iter().find(|it| it.kind == InstallationKind::SelfHosted && it.name == NAME);
        // The same installation again where there is one: it owns the groups that were bound.
        let code = match known {
            Some(known) => installations.rotate_key(&System, &known.id)?,
            None => installations.add(&System, NAME, InstallationKind::SelfHosted)?.1,
        };
        client.pair_at(&address, &code).await?;
    }
    write_address(directory, core.address())?;
    client.set_own(address, core.metrics().clone());
    Ok(())
}

/// Under a name of its own first, so that nobody ever reads half an address.
fn write_address(directory: &Path, address: SocketAddr) -> std::io::Result<()> {
    let temporary = directory.join(format!("{FILE}.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(format!("{address}\n").as_bytes())?;
    std::fs::rename(temporary, directory.join(FILE))
}

/// Where the Core of this directory says that it is.
pub(super) fn address_in(directory: &Path) -> Option<Address> {
    let text = std::fs::read_to_string(directory.join(FILE)).ok()?;
    Address::try_from(text.trim_end().parse::<SocketAddr>().ok()?).ok()
}
