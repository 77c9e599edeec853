//! The program `clearance`.

use std::process::ExitCode;

/// Operations allocate many small pieces on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    clearance_server::cli::main()
}
