//! The catalogue of AI tools.

pub mod operations;
mod starter;
mod tool;
mod view;

pub use tool::{
    Category, DataClass, Fulfilment, Ownership, Risk, Tool, ToolNameOwner, ToolRef, ToolStatus, UsagePolicy,
};
