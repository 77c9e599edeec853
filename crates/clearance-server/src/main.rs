//! The program `clearance`.

use std::process::ExitCode;

fn main() -> ExitCode {
    clearance_server::cli::main()
}
