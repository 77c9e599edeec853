//! The self-hosted host of AI Clearance: HTTP, signing in, configuration, the vault, the ticker and the command line.
//!
//! What this crate is **not**: it holds no rule of the product. Who may do what, and what follows from it, is decided in [`clearance`]; here
//! is only how a request reaches it and how its answer leaves.

// Whoever reads the output may stop reading, on which `println!` panics.
#![deny(clippy::print_stdout)]

pub mod anchor;
pub mod checkpoint_file;
pub mod cli;
pub mod config;
pub mod core;
pub mod data;
pub mod demo;
pub mod drift;
pub mod environment;
pub mod evidence;
pub mod first_administrator;
pub mod host;
pub mod http;
pub mod jobs;
pub mod known_checkpoint;
pub mod log;
pub mod mail;
pub mod metrics;
pub mod serve;
pub mod sign_in;
pub mod ticker;
pub mod vault;
