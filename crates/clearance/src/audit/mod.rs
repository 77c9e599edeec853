//! What the log says: who did what, when, to what; and what is published so that others can check it.
//!
//! A reconciler signs [checkpoints](PublishedCheckpoint) of the growing log; proofs are made from its tiles, for the size of a checkpoint.
//! What no checkpoint outside covers, whoever operates the site could still rewrite: every answer here says how much that is.

pub mod anchor;
pub(crate) mod by_time;
mod checkpoint;
pub mod entries;
mod event;
mod filter;
pub mod operations;
pub mod proof;
pub mod publication;
mod publish;
mod reading;
pub mod receipt;
pub mod resource;
mod tiles;
pub mod view;

pub use checkpoint::{Anchor, AnchoredTo, PublishedCheckpoint};
pub use event::{Actor, EventKind};
pub use filter::{Family, Filter};
pub use publication::{LogKey, Publication};
pub(crate) use publish::sign_text;
pub use publish::{CHECKPOINT_MINUTES, EMAIL_MINUTES, publish, publish_now};
pub use reading::LogReading;
pub use tiles::{Tiles, root_at};
