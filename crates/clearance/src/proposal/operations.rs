//! `proposals.list`, `proposals.confirm`, `proposals.withdraw`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Agreed, Proposal, ProposalState, ProposalStateName, ProposalView, Proposed, close, proposal_view,
};
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::catalog;
use crate::connector::group;
use crate::documents::{self, Change, Loaded, Paging, Select, load};
use crate::drift;
use crate::exception;
use crate::failure::Failure;
use crate::identity;
use crate::ids::ProposalId;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::{self, AdministratorRoster, Names};
use crate::policy;
use crate::ports::{Ports, Store};
use crate::refusal::not_found;
use crate::settings;

/// What operations on one proposal take.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OneProposal {
    /// Which.
    pub proposal: ProposalId,
}

/// What operations on one proposal answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProposalAnswer {
    /// The proposal as stored now.
    pub proposal: ProposalView,
}

async fn one(store: &impl Store, id: ProposalId) -> Result<Loaded<Proposal>, Failure> {
    load::<Proposal>(store, &id.to_string()).await?.ok_or_else(|| not_found("proposal").into())
}

/// The active administrators. A site without any has nobody who could propose or confirm.
async fn roster(store: &impl Store) -> Result<Loaded<AdministratorRoster>, Failure> {
    let roster = load::<AdministratorRoster>(store, AdministratorRoster::KEY).await?;
    roster.ok_or_else(|| not_found("proposal").into())
}

pub(crate) async fn view<P: Ports>(
    context: &Context<'_, P>,
    proposal: &Proposal,
) -> Result<ProposalView, Failure> {
    let store = context.store();
    let roster = load::<AdministratorRoster>(store, AdministratorRoster::KEY).await?;
    let roster = roster.map(Loaded::into_inner).unwrap_or_default();
    let mut names = Names::new(store);
    proposal_view(&mut names, &context.admission, &roster, proposal, context.moment.now).await
}

/// `proposals.list`.
#[derive(Debug)]
pub struct List;

/// What `proposals.list` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListProposals {
    /// Only proposals in this state.
    #[serde(default)]
    pub state: Option<ProposalStateName>,
    /// The last page's `next`.
    #[serde(default)]
    pub after: Option<String>,
    /// Items per page, 1 to 100.
    #[serde(default)]
    pub limit: Option<u16>,
}

impl Operation for List {
    const NAME: &'static str = "proposals.list";
    const SUMMARY: &'static str = "Changes that wait for a second administrator, or waited, newest first";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = ListProposals;
    type Output = documents::List<ProposalView>;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &ListProposals,
    ) -> Result<Decision<Self::Output>, Failure> {
        let (store, now) = (context.store(), context.moment.now);
        let select = match input.state {
            Some(state) => Select::by(&Proposal::BY_STATE, [state.as_str()]),
            None => Select::by(&Proposal::BY_TIME, ["all"]),
        };
        let paging = Paging { after: input.after.clone(), limit: input.limit };
        let page = documents::list::<Proposal>(store, select.descending(), &paging).await?;
        let roster = load::<AdministratorRoster>(store, AdministratorRoster::KEY).await?;
        let roster = roster.map(Loaded::into_inner).unwrap_or_default();
        let mut names = Names::new(store);
        let mut items = Vec::with_capacity(page.items.len());
        for proposal in &page.items {
            items.push(proposal_view(&mut names, &context.admission, &roster, proposal, now).await?);
        }
        Ok(Decision::answer(documents::List { items, next: page.next }))
    }
}

/// `proposals.confirm`.
#[derive(Debug)]
pub struct Confirm;

impl Operation for Confirm {
    const NAME: &'static str = "proposals.confirm";
    const SUMMARY: &'static str =
        "Agree to what another administrator proposed; it is decided anew, and done if it still may be";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = OneProposal;
    type Output = ProposalAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneProposal,
    ) -> Result<Decision<ProposalAnswer>, Failure> {
        let (store, now, actor) = (context.store(), context.moment.now, context.admission.actor()?);
        let proposal = one(store, input.proposal).await?;
        let roster = roster(store).await?;
        proposal.confirmability(&roster, actor, now).require()?;
        let mut change = Change::new();
        let agreed = (proposal.proposed_by, Some(actor));
        let both = Agreed { by: proposal.proposed_by, confirmed_by: Some(actor) };
        match &proposal.proposed {
            Proposed::BindGroup { tool, connector, group, reasons, .. } => {
                group::bind_confirmed(context, &mut change, (*tool, *connector, group), reasons, agreed)
                    .await?;
            }
            Proposed::MapIdentity { connector, person, account } => {
                let account = account.as_ref().ok_or_else(|| {
                    Failure::Defect(format!("{} is open and names no account", proposal.id))
                })?;
                identity::map_confirmed(context, &mut change, (*connector, *person), account, agreed).await?;
            }
            Proposed::GrantException { exception, .. } => {
                exception::confirm(store, &mut change, &context.moment, actor, *exception).await?;
            }
            Proposed::AnswerForFindings(answer) => {
                drift::confirm_answer(context, &mut change, &proposal, answer).await?;
            }
            Proposed::PublishPolicy { version, note } => {
                let publishable = policy::publish::publishable(store, *version, context.moment.now).await?;
                publishable.publish(store, &mut change, &context.moment, agreed, note.clone()).await?;
            }
            Proposed::ChangeTool { tool, put, .. } => {
                let put = put
                    .as_ref()
                    .ok_or_else(|| Failure::Defect(format!("{} is open and names no change", proposal.id)))?;
                catalog::put::put_confirmed(context, &mut change, (*tool, put), both).await?;
            }
            Proposed::ChangePerson { person, standing, .. } => {
                people::put::change_confirmed(context, &mut change, (*person, standing), both).await?;
            }
            Proposed::ChangeSettings { meaning, .. } => {
                settings::operations::change_confirmed(context, &mut change, meaning, both).await?;
            }
        }
        // Nobody became an administrator, or is none any more, between this look and the commit, but by what is confirmed.
        change.check_unless_written(&roster);
        let state = ProposalState::Confirmed { by: actor, at: now };
        let closed = close(store, &mut change, &context.moment, actor, &proposal, state).await?;
        Ok(Decision::change(ProposalAnswer { proposal: view(context, &closed).await? }, change))
    }
}

/// `proposals.withdraw`.
#[derive(Debug)]
pub struct Withdraw;

impl Operation for Withdraw {
    const NAME: &'static str = "proposals.withdraw";
    const SUMMARY: &'static str = "Call a proposal off, one's own or another administrator's";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    type Input = OneProposal;
    type Output = ProposalAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &OneProposal,
    ) -> Result<Decision<ProposalAnswer>, Failure> {
        let (store, now, actor) = (context.store(), context.moment.now, context.admission.actor()?);
        let proposal = one(store, input.proposal).await?;
        proposal.require_open(now)?;
        let mut change = Change::new();
        let state = ProposalState::Withdrawn { by: actor, at: now };
        let closed = close(store, &mut change, &context.moment, actor, &proposal, state).await?;
        Ok(Decision::change(ProposalAnswer { proposal: view(context, &closed).await? }, change))
    }
}
