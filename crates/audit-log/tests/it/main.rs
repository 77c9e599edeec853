//! The crate from outside, against independent implementations and published vectors.

#[cfg(test)]
mod canonical;
#[cfg(test)]
mod checkpoint;
#[cfg(test)]
mod cosignature;
#[cfg(test)]
mod known;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod proof_text;
#[cfg(test)]
mod range_proof;
#[cfg(test)]
mod tessera;
#[cfg(test)]
mod tile;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod verify;
