use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::audit::Actor;
use crate::catalog::Tool;
use crate::documents::{Change, Loaded, Select, load};
use crate::failure::Failure;
use crate::grant::{EndReason, Ending, Grant, Means, begin_end};
use crate::ids::ToolId;
use crate::ports::{Moment, Ports, Store};
use crate::provisioning::open_task;
use crate::refusal::not_found;
use crate::request::Holding;

use super::sweep;

/// Ends active grants whose time is over.
pub(super) async fn run<P: Ports>(ports: &P) -> Result<u64, Failure> {
    // `until` is exclusive: a grant whose end is this very millisecond ends with the next pass.
    let select = |now| Select::by(&Grant::BY_END, ["running"]).until(now);
    let tools = Tools::default();
    sweep(ports, select, |grant: Loaded<Grant>, moment| expire(ports, &tools, grant, moment)).await
}

/// Tools as one pass first saw them: thousands of grants are of the same few.
#[derive(Default)]
struct Tools(Mutex<HashMap<ToolId, Arc<Tool>>>);

impl Tools {
    async fn get(&self, store: &impl Store, id: ToolId) -> Result<Arc<Tool>, Failure> {
        if let Some(tool) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Arc::clone(tool));
        }
        let tool = load::<Tool>(store, &id.to_string()).await?.ok_or_else(|| not_found("tool"))?;
        let tool = Arc::new(tool.into_inner());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&tool));
        Ok(tool)
    }
}

async fn expire<P: Ports>(
    ports: &P,
    tools: &Tools,
    grant: Loaded<Grant>,
    moment: Moment,
) -> Result<(), Failure> {
    let store = ports.store();
    let tool = tools.get(store, grant.tool).await?;
    // Access that somebody takes away is still held until then: the holding stays as it is.
    let holding = if grant.means == Means::RecordOnly {
        load::<Holding>(store, &Holding::key_of(grant.person, grant.tool)).await?
    } else {
        None
    };
    let open_task = if grant.may_have_job() { open_task(store, grant.id).await? } else { None };
    let ending =
        Ending { grant: &grant, tool: &tool, holding: holding.as_ref(), open_task: open_task.as_ref() };
    let mut change = Change::new();
    begin_end(&mut change, &moment, &Actor::System, &ending, EndReason::Expired)?;
    store.commit(change.into_commit()?).await?;
    Ok(())
}
