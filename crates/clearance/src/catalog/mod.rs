//! The catalogue of AI tools.

pub mod operations;
mod starter;
mod tool;

pub use tool::{
    Category, DataClass, Fulfilment, Ownership, Risk, Tool, ToolNameOwner, ToolRef, ToolStatus, UsagePolicy,
};
