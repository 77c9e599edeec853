use crate::connector::Disposal;
use crate::documents::{Change, Loaded, Select};
use crate::failure::Failure;
use crate::ports::{Ports, Revision, Store, Vault};
use crate::time::Timestamp;

use super::sweep;

/// Destroys what is in the vault and nobody names.
pub(super) async fn run<P: Ports>(ports: &P) -> Result<u64, Failure> {
    // What was given up this very millisecond is due.
    let select = |now: Timestamp| {
        let until = Timestamp::from_millisecond(now.as_millisecond().saturating_add(1));
        Select::by(&Disposal::BY_DUE, ["all"]).until(until)
    };
    sweep(ports, select, |disposal: Loaded<Disposal>, _| destroy(ports, disposal)).await
}

async fn destroy<P: Ports>(ports: &P, disposal: Loaded<Disposal>) -> Result<(), Failure> {
    let Revision(mut revision) = disposal.revision();
    let disposal = disposal.into_inner();
    let (key, place) = (disposal.place.as_str().to_owned(), disposal.place.clone());
    if !disposal.given_up {
        let mut change = Change::new();
        change.replace_at(&Disposal { given_up: true, ..disposal }, Revision(revision));
        ports.store().commit(change.into_commit()?).await?;
        revision += 1;
    }
    ports.vault().destroy(&place).await?;
    let mut change = Change::new();
    change.remove_at::<Disposal>(key, Revision(revision));
    ports.store().commit(change.into_commit()?).await?;
    Ok(())
}
