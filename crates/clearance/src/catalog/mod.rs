//! The catalogue of AI tools.

mod leave;
pub mod operations;
pub mod put;
mod starter;
mod tool;
mod view;

pub(crate) use leave::let_go;
pub use put::PutTool;
pub(crate) use put::add_tool;
pub use tool::{
    Category, DataClass, Fulfilment, Ownership, Risk, Tool, ToolNameOwner, ToolRef, ToolStatus, UsagePolicy,
};
pub(crate) use view::sees;
