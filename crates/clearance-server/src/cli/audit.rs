mod checkpoint;
mod verify;

use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::Subcommand;

use super::Common;

/// The audit log
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    Verify(verify::Verify),
    Checkpoint(checkpoint::Latest),
    Cosign(checkpoint::Cosign),
    RotateKey(checkpoint::RotateKey),
}

/// As many threads as there are cores.
pub(super) fn threads() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

impl Audit {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        match self {
            Self::Verify(verify) => verify.run(common),
            Self::Checkpoint(latest) => latest.run(common).await,
            Self::Cosign(cosign) => cosign.run(common).await,
            Self::RotateKey(rotate) => rotate.run(common).await,
        }
    }
}
