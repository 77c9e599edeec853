//! Reminders of emergency access: notes and reviews that are overdue are told every day until they are there.

use crate::documents::{Change, Loaded, Select};
use crate::emergency::Emergency;
use crate::failure::Failure;
use crate::notices;
use crate::ports::{Moment, Ports, Store};
use crate::time::Days;

use super::sweep;

/// Tells those who are to act; how many were told about.
pub(super) async fn run<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let select = |now| Select::by(&Emergency::BY_REMINDER, ["waiting"]).until(now);
    sweep(ports, select, |emergency: Loaded<Emergency>, moment| remind(ports, emergency, moment)).await
}

async fn remind<P: Ports>(ports: &P, emergency: Loaded<Emergency>, moment: Moment) -> Result<(), Failure> {
    let reminds_at = moment.now.plus_days(Days::of(1));
    let mut change = Change::new();
    change.update(&emergency, &Emergency { reminds_at, ..Emergency::clone(&emergency) });
    notices::emergency_overdue(&mut change, &moment, &emergency);
    ports.store().commit(change.into_commit()?).await?;
    Ok(())
}
