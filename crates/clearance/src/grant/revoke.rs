//! Ending access for a reason of the program's own.

use super::end::{Ending, begin_end};
use super::state::{EndReason, Grant};
use crate::audit::Actor;
use crate::catalog::Tool;
use crate::documents::{Change, Loaded, load};
use crate::failure::Failure;
use crate::ports::{Moment, Store};
use crate::refusal::not_found;

/// What ends a live grant, or begins to, and the grant as it is then.
///
/// # Errors
/// [`GrantState`](crate::refusal::Code::GrantState) when it is not live; the store's.
pub(crate) async fn ending(
    store: &impl Store,
    grant: &Loaded<Grant>,
    actor: &Actor,
    moment: &Moment,
    reason: EndReason,
) -> Result<(Grant, Change), Failure> {
    let tool = load::<Tool>(store, &grant.tool.to_string()).await?.ok_or_else(|| not_found("tool"))?;
    let ending = Ending::load(store, grant, &tool).await?;
    let mut change = Change::new();
    let ended = begin_end(&mut change, moment, actor, &ending, reason)?;
    Ok((ended, change))
}

/// Ends a live grant, or begins to, in a commit of its own.
///
/// # Errors
/// As [`ending`], and a lost race.
pub(crate) async fn revoke(
    store: &impl Store,
    grant: &Loaded<Grant>,
    actor: &Actor,
    moment: &Moment,
    reason: EndReason,
) -> Result<(), Failure> {
    let (_, change) = ending(store, grant, actor, moment, reason).await?;
    store.commit(change.into_commit()?).await?;
    Ok(())
}
