use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::audit::Actor;
use crate::catalog::Tool;
use crate::documents::{Change, Loaded, Select, load};
use crate::failure::Failure;
use crate::grant::{EndReason, Ending, Grant, Means, begin_end};
use crate::ids::ToolId;
use crate::operations::MAX_ATTEMPTS;
use crate::ports::{Moment, Ports, Store, StoreError};
use crate::refusal::not_found;

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
    // Those that end now may have a seat of the same tool, whose count each of them revises.
    let tries = if grant.counted && grant.means == Means::RecordOnly { MAX_ATTEMPTS } else { 1 };
    for _ in 0..tries {
        let ending = Ending::load(store, &grant, &tool).await?;
        let mut change = Change::new();
        begin_end(&mut change, &moment, &Actor::System, &ending, EndReason::Expired)?;
        if change.commit_if_first(store).await? {
            return Ok(());
        }
    }
    Err(StoreError::Conflict.into())
}
