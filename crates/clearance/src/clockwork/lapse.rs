use audit_log::Value;

use crate::audit::{Actor, EventKind};
use crate::documents::{Change, Loaded, Select, load};
use crate::failure::Failure;
use crate::ports::{Moment, Ports, Store};
use crate::request::{Holding, Request};
use crate::seats;

use super::sweep;

/// Ends requests that nobody decided in time, and those whose seat was not accepted in time.
pub(super) async fn run<P: Ports>(ports: &P) -> Result<u64, Failure> {
    let select = |now| Select::by(&Request::BY_DEADLINE, ["undecided"]).until(now);
    sweep(ports, select, |request: Loaded<Request>, moment| lapse(ports, request, moment)).await
}

async fn lapse<P: Ports>(ports: &P, request: Loaded<Request>, moment: Moment) -> Result<(), Failure> {
    let store = ports.store();
    if request.review().is_none() {
        return seats::miss(store, &request, &moment).await;
    }
    let change = lapsing(store, &request, &moment).await?;
    store.commit(change.into_commit()?).await?;
    Ok(())
}

/// What ends a request whose time, or whose stage's time, is over.
///
/// # Errors
/// [`RequestState`](crate::refusal::Code::RequestState) when it is not; the store's.
pub(super) async fn lapsing(
    store: &impl Store,
    request: &Loaded<Request>,
    moment: &Moment,
) -> Result<Change, Failure> {
    let lapsed = request.lapse(moment.now)?;
    let holding = load::<Holding>(store, &Holding::key_of(request.requester, request.tool)).await?;
    let mut change = Change::new();
    crate::request::operations::close(&mut change, request, &lapsed, holding.as_ref());
    let facts = Value::object([("request", Value::from(request.id.to_string()))]);
    change.record(moment.now, &Actor::System, EventKind::RequestLapsed, facts);
    crate::notices::request_closed(&mut change, moment, &lapsed);
    Ok(change)
}
