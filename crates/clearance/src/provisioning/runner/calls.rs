//! Which jobs this runner is at, and which it claimed: what is over goes from the claims with the next batch, or at the end of the pass.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::batch::At;
use super::pace::AtOnce;
use crate::documents::{Change, Loaded, cursor_behind, load};
use crate::failure::Failure;
use crate::ids::{ConnectorId, JobId};
use crate::ports::Ports;
use crate::provisioning::claims::Claims;
use crate::provisioning::job::{Job, Lane};

/// Times that claims are given back when others claim at the same moment. After that their leases run out.
const TRIES: usize = 4;

/// The calls of one pass.
#[derive(Default)]
pub(super) struct Calls {
    under_way: BTreeSet<JobId>,
    over: BTreeSet<JobId>,
    /// As the last batch left them: whoever relies on it commits behind it, or fails.
    claims: Option<Loaded<Claims>>,
    /// Where the last batch was carried out.
    at: Option<Arc<At>>,
    interactive: Place,
    sweep: Place,
}

/// How far the due jobs of a lane are claimed, so that those under way, which stay due, are not read again with every batch.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// Cursor behind the last one; none from the start.
    pub(super) after: Option<String>,
    /// Whether more was due behind those that were read last.
    pub(super) more: bool,
}

impl Calls {
    /// Jobs that this runner is at.
    pub(super) fn under_way(&self) -> &BTreeSet<JobId> {
        &self.under_way
    }

    /// How many there may be: as the last batch found the connector.
    pub(super) fn at_once(&self) -> AtOnce {
        self.at.as_deref().map_or(AtOnce::USUAL, |at| AtOnce::at(&at.connector))
    }

    /// How many more there may be.
    pub(super) fn room(&self) -> usize {
        self.at_once().room(self.under_way.len())
    }

    /// What others have claimed, and what this runner is still at.
    pub(super) fn still(&self, claims: &Claims) -> Claims {
        claims.without(&self.over)
    }

    /// The claims as the last batch left them, once: nothing unless the next batch is looked for right behind it.
    pub(super) fn take_claims(&mut self) -> Option<Loaded<Claims>> {
        self.claims.take()
    }

    /// Where the last batch was carried out.
    pub(super) fn at(&self) -> Option<&At> {
        self.at.as_deref()
    }

    /// Where to go on in a lane.
    pub(super) fn place(&mut self, lane: Lane) -> &mut Place {
        match lane {
            Lane::Interactive => &mut self.interactive,
            Lane::Sweep => &mut self.sweep,
        }
    }

    /// Something may be due before what was claimed last.
    pub(super) fn look_from_the_start(&mut self) {
        (self.interactive.after, self.sweep.after) = (None, None);
    }

    /// Jobs were claimed, in their lanes' order, and what was over is claimed no more.
    pub(super) fn begin(&mut self, jobs: &[Loaded<Job>], claims: Option<Loaded<Claims>>, at: &Arc<At>) {
        self.over.clear();
        (self.claims, self.at) = (claims, Some(Arc::clone(at)));
        for job in jobs {
            self.under_way.insert(job.id);
            let place = self.place(job.due_in());
            place.after = if place.more { cursor_behind(&Job::BY_DUE, &**job) } else { None };
        }
    }

    /// A job's attempt is over, whatever came of it.
    pub(super) fn end(&mut self, job: JobId) {
        self.under_way.remove(&job);
        self.over.insert(job);
    }
}

/// Gives back the claims of a pass that is over.
///
/// # Errors
/// The store's.
pub(super) async fn release<P: Ports>(
    ports: &P,
    connector: ConnectorId,
    calls: &Calls,
) -> Result<(), Failure> {
    let store = ports.store();
    for _ in 0..TRIES {
        let Some(claims) = load::<Claims>(store, &connector.to_string()).await? else { return Ok(()) };
        let still = calls.still(&claims);
        if still == *claims {
            return Ok(());
        }
        let mut change = Change::new();
        change.update(&claims, &still);
        if change.commit_if_first(store).await? {
            return Ok(());
        }
    }
    Ok(())
}
