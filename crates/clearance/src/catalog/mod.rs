//! The catalogue of AI tools.

mod leave;
pub mod operations;
mod starter;
mod tool;
mod view;

pub(crate) use leave::let_go;
pub(crate) use operations::add_tool;
pub use tool::{
    Category, DataClass, Fulfilment, Ownership, Risk, Tool, ToolNameOwner, ToolRef, ToolStatus, UsagePolicy,
};
pub(crate) use view::sees;
