use crate::failure::Failure;
use crate::ports::Ports;
use crate::provisioning::alarm::sound;

/// Tells people of removals that are stuck; how often.
pub(super) async fn run<P: Ports>(ports: &P) -> Result<u64, Failure> {
    match sound(ports).await {
        // Another host told them.
        Err(failure) if failure.is_conflict() => Ok(0),
        told => told,
    }
}
