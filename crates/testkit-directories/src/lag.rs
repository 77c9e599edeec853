use std::collections::BTreeMap;

/// Reads that still show what was before a change, as of a service of many servers.
#[derive(Debug)]
pub(crate) struct Lag<G> {
    /// How many such reads the next change brings.
    pub(crate) next: u32,
    left: u32,
    before: Option<BTreeMap<String, G>>,
}

impl<G> Default for Lag<G> {
    fn default() -> Self {
        Self { next: 0, left: 0, before: None }
    }
}

impl<G: Clone> Lag<G> {
    /// To be called before a change.
    pub(crate) fn changing(&mut self, groups: &BTreeMap<String, G>) {
        self.left = std::mem::take(&mut self.next);
        self.before = (self.left > 0).then(|| groups.clone());
    }

    /// The groups as a read shows them.
    pub(crate) fn shown<'g>(&'g self, groups: &'g BTreeMap<String, G>) -> &'g BTreeMap<String, G> {
        self.before.as_ref().unwrap_or(groups)
    }

    /// To be called after a read.
    pub(crate) fn was_read(&mut self) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            self.before = None;
        }
    }
}
