//! The program `ardsaor-core`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ardsaor_core::cli::main()
}
