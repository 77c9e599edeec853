//! Tiles and entry bundles: the specification's examples, and trees read back from their tiles.

mod bundle;
mod path;
mod reader;
