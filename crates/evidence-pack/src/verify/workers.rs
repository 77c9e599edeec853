//! Who does the work that can be done apart.

/// Does the same to several parts, on as many threads as it has.
pub trait Workers {
    /// What became of each part, in order.
    fn each<T: Send, R: Send>(&self, parts: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R>;
}

/// One after another, for hosts without threads.
#[derive(Debug, Clone, Copy, Default)]
pub struct OneByOne;

impl Workers for OneByOne {
    fn each<T: Send, R: Send>(&self, parts: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
        parts.into_iter().map(work).collect()
    }
}
