//! The real programs from outside. What is answered is on disk: they are killed under load, and their system calls are looked at. And what they do
//! at providers, against stand-ins of Okta and Entra.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod connected;
mod kill;
mod load;
mod program;
mod trace;
