//! Whether the clock can be trusted with what is done by time.

use audit_log::Record;

use crate::connector::ProviderClocks;
use crate::failure::Failure;
use crate::ports::{Environment as _, Ports, Store as _};
use crate::refusal::{Code, Refusal};
use crate::time::Timestamp;

/// Milliseconds by which the clock may lie behind the last entry: two writers draw their times before they are sequenced.
const TOLERANCE: i64 = 2_000;

/// Refuses when the clock lies before the log's last entry, or a provider's differs from it by more than five minutes: then nothing may be
/// ended by time.
///
/// # Errors
/// [`Code::ClockHalted`]; otherwise the store's.
pub async fn check_clock<P: Ports>(ports: &P) -> Result<Timestamp, Failure> {
    let now = ports.environment().now();
    let head = ports.store().log_head().await?;
    if let Some(last) = head.size.checked_sub(1) {
        let entries = ports.store().log_entries(last, 1).await?;
        let at = entries
            .first()
            .and_then(|entry| Record::parse(&entry.bytes).ok())
            .and_then(|record| record.at.parse::<Timestamp>().ok());
        if let Some(at) = at
            && now.as_millisecond().saturating_add(TOLERANCE) < at.as_millisecond()
        {
            let message = format!(
                "the clock says {now}, but the log's last entry is of {at}; sweeps wait until the clock is right"
            );
            return Err(Refusal::new(Code::ClockHalted, message).into());
        }
    }
    let (_, clocks) = ProviderClocks::stored(ports.store()).await?;
    if let Some((connector, difference)) = clocks.differing.first_key_value() {
        let (minutes, which) =
            (difference.seconds.abs() / 60, if difference.seconds < 0 { "behind" } else { "ahead of" });
        let message = format!(
            "the clock of the provider of {connector} is {minutes} minutes {which} this site's; sweeps wait until they agree, or the \
             connector is disabled"
        );
        return Err(Refusal::new(Code::ClockHalted, message).into());
    }
    Ok(now)
}
