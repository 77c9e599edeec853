//! AI Clearance: who may use which AI tool, for what, until when, and who agreed.
//!
//! This crate holds every rule of the product and nothing else: no I/O, no clock, no randomness, no runtime. A host brings those through
//! [`ports`] and calls operations by name through [`operations`].

pub mod audit;
pub mod documents;
pub mod failure;
pub mod ids;
pub mod ports;
pub mod refusal;
pub mod text;
pub mod time;
