//! Evidence packs on this host: making one piece by piece, and checking a file on all cores.

mod content;
mod threads;
mod verify;

pub use content::Content;
pub use threads::Threads;
pub use verify::verify_file;
