//! `connectors.list`, `connectors.get`, `connectors.disable`, `connectors.enable`.

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::view::{ConnectorView, connector_view};
use super::{Connector, ConnectorStatus};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::failure::Failure;
use crate::identity::{ProviderAccount, SeatBasis};
use crate::ids::ConnectorId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{MAX_PAGE, Ports, Store};
use crate::provisioning::alarm::first_stuck;
use crate::provisioning::{AlarmLevel, FollowUpReason, Job, Lane, Task};
use crate::refusal::not_found;
use crate::time::Timestamp;

/// The connector, or that there is none.
pub(crate) async fn required(store: &impl Store, id: ConnectorId) -> Result<Loaded<Connector>, Failure> {
    Ok(load::<Connector>(store, &id.to_string()).await?.ok_or_else(|| not_found("connector"))?)
}

/// `connectors.list`.
#[derive(Debug)]
pub struct List;

/// What `connectors.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListConnectors {
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "connectors.list";
    const SUMMARY: &'static str = "Connectors by name";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = ListConnectors;
    type Output = documents::List<ConnectorView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListConnectors,
    ) -> Result<Decision<Self::Output>, Failure> {
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let select = Select::by(&Connector::BY_NAME, ["all"]);
        let page = documents::list::<Connector>(context.store(), select, &paging).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for connector in &page.items {
            items.push(connector_view(context.ports, connector).await?);
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

/// Which connector.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetConnector {
    /// Which connector.
    pub connector: ConnectorId,
}

/// How many there are of something, as far as one page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Count {
    /// At least so many.
    pub count: u32,
    /// Whether there are more.
    pub more: bool,
}

/// A connector, and what hangs on it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConnectorInUse {
    /// The connector as stored now.
    pub connector: ConnectorView,
    /// Seats that people have, or may have, in its groups because of grants.
    pub grants: Count,
    /// Removals that are due and wait for it.
    pub removals_due: Count,
    /// Those that are stuck, whatever the reason, as far as one page of all that are shows.
    pub removals_stuck: Count,
    /// How loudly people are told of them.
    pub alarm: Option<AlarmLevel>,
}

async fn in_use<P: Ports>(
    ports: &P,
    connector: &Connector,
    now: Timestamp,
) -> Result<ConnectorInUse, Failure> {
    let page = first_stuck(ports.store(), now).await?;
    let stuck: Vec<_> = page.items.iter().filter(|job| job.connector() == Some(connector.id)).collect();
    let since = stuck.first().and_then(|job| job.stuck_since(now));
    Ok(ConnectorInUse {
        connector: connector_view(ports, connector).await?,
        grants: grants(ports.store(), connector.id).await?,
        removals_due: removals_due(ports.store(), connector.id).await?,
        removals_stuck: Count::of(stuck.len(), page.next.is_some()),
        alarm: since.map(|since| AlarmLevel::of(since, now)),
    })
}

impl Count {
    /// As many as were counted, or more.
    pub(crate) fn of(counted: usize, more: bool) -> Self {
        Self { count: u32::try_from(counted).unwrap_or(u32::MAX), more }
    }
}

/// Seats that rest on grants, as many as one page of accounts shows.
async fn grants(store: &impl Store, connector: ConnectorId) -> Result<Count, Failure> {
    let accounts = Select::all().from(format!("{connector}:")).until(format!("{connector};"));
    let paging = Paging { after: None, limit: Some(MAX_PAGE) };
    let page = documents::list::<ProviderAccount>(store, accounts, &paging).await?;
    let seats = page.items.iter().flat_map(|account| account.seats.values());
    let of_grants = seats.filter(|seat| matches!(seat.basis, SeatBasis::Grant { .. }));
    Ok(Count::of(of_grants.count(), page.next.is_some()))
}

/// Removals that wait, are under way or need somebody because of the connector, as many as one page of each shows.
async fn removals_due(store: &impl Store, connector: ConnectorId) -> Result<Count, Failure> {
    let troubles = FollowUpReason::ALL.iter().filter(|reason| reason.ends_with_the_connectors_trouble());
    let mut selects: Vec<_> =
        troubles.map(|reason| Select::by(&Job::BY_TROUBLE, [Job::trouble_of(connector, *reason)])).collect();
    let lanes = [Lane::Interactive, Lane::Sweep];
    selects.extend(lanes.map(|lane| Select::by(&Job::BY_DUE, [Job::lane_of(connector, lane)])));
    let (mut removals, mut more) = (0, false);
    for select in selects {
        let paging = Paging { after: None, limit: Some(MAX_PAGE) };
        let page = documents::list::<Job>(store, select, &paging).await?;
        let removes = |job: &&Loaded<Job>| job.task == Task::Deprovision && job.is_open();
        removals += page.items.iter().filter(removes).count();
        more |= page.next.is_some();
    }
    Ok(Count::of(removals, more))
}

/// `connectors.get`.
#[derive(Debug)]
pub struct Get;

impl Operation for Get {
    const NAME: &'static str = "connectors.get";
    const SUMMARY: &'static str = "One connector, and what hangs on it";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = GetConnector;
    type Output = ConnectorInUse;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GetConnector,
    ) -> Result<Decision<ConnectorInUse>, Failure> {
        let connector = required(context.store(), input.connector).await?;
        Ok(Decision::answer(in_use(context.ports, &connector, context.moment.now).await?))
    }
}

/// `connectors.disable`.
#[derive(Debug)]
pub struct Disable;

impl Operation for Disable {
    const NAME: &'static str = "connectors.disable";
    const SUMMARY: &'static str = "Let no job begin at a connector";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = GetConnector;
    type Output = ConnectorInUse;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GetConnector,
    ) -> Result<Decision<ConnectorInUse>, Failure> {
        let status = ConnectorStatus::Disabled { since: context.moment.now, by: context.admission.actor()? };
        set_status(context, input.connector, status, EventKind::ConnectorDisabled).await
    }
}

/// `connectors.enable`.
#[derive(Debug)]
pub struct Enable;

impl Operation for Enable {
    const NAME: &'static str = "connectors.enable";
    const SUMMARY: &'static str = "Let jobs begin at a connector again";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = GetConnector;
    type Output = ConnectorInUse;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &GetConnector,
    ) -> Result<Decision<ConnectorInUse>, Failure> {
        set_status(context, input.connector, ConnectorStatus::Enabled, EventKind::ConnectorEnabled).await
    }
}

/// Only the connector changes: what waits for it sees its status when its turn comes. A connector that is so already stays as it is.
async fn set_status<P: Ports>(
    context: &Context<'_, P>,
    id: ConnectorId,
    status: ConnectorStatus,
    event: EventKind,
) -> Result<Decision<ConnectorInUse>, Failure> {
    let before = required(context.store(), id).await?;
    let mut change = Change::new();
    let mut connector = Connector::clone(&before);
    if before.is_enabled() != (status == ConnectorStatus::Enabled) {
        connector.status = status;
        change.update(&before, &connector);
        let facts = Value::object([("connector", Value::from(id.to_string()))]);
        change.record(context.moment.now, &context.admission.actor()?, event, facts);
    }
    Ok(Decision::change(in_use(context.ports, &connector, context.moment.now).await?, change))
}
