//! Evidence packs on this host: checking a file on all cores.

mod threads;
mod verify;

pub use threads::Threads;
pub use verify::verify_file;
