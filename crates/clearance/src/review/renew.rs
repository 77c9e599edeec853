//! Renewing: a request for more time in the holder's name, evaluated under today's policy like any other.

use super::decide::Mine;
use super::state::Renewal;
use crate::authorization::{Caller, Credential, PlatformStanding, Principal, Standing};
use crate::catalog::UsagePolicy;
use crate::documents::{Change, load};
use crate::failure::Failure;
use crate::ids::RequestId;
use crate::operations::{Context, context_of};
use crate::people::Person;
use crate::ports::Ports;
use crate::refusal::{Code, Refusal, malformed};
use crate::request::submit::{Submit, SubmitRequest, submit};
use crate::request::{Request, Source};
use crate::time::Days;

/// What comes of renewing, and what is to be committed for it, with checks of the tool and of the holder.
///
/// Whoever reviews approves nothing by it: what policy does not approve at once waits for whom policy names, and what it denies stays as it is.
/// The holder's acceptance of the usage policy counts for the very text that they accepted, by its hash.
pub(super) async fn renew<P: Ports>(
    context: &Context<'_, P>,
    mine: &Mine,
    days: Days,
) -> Result<(Renewal, Change), Failure> {
    let (store, moment, grant, tool) = (context.store(), &context.moment, &mine.grant, &mine.tool);
    if grant.active_span(moment.now).is_none() {
        return Err(grant.wrong_state("is active and its time is not over").into());
    }
    let holder = load::<Person>(store, &grant.person.to_string()).await?.filter(|person| person.is_active());
    let holder = holder.ok_or_else(|| {
        Refusal::new(Code::PersonDeactivated, "whoever has this access has left; nothing is renewed for them")
    })?;
    let last = grant.extensions.last().map_or(grant.request, |extension| extension.request);
    let last = load::<Request>(store, &last.to_string()).await?;
    let last = last.ok_or_else(|| Failure::Defect(format!("{} has no request", grant.id)))?;
    if tool.usage_policy.as_ref().map(UsagePolicy::hash) != last.accepted && tool.usage_policy.is_some() {
        let mut change = Change::new();
        change.check(tool);
        change.check(&holder);
        change.check(grant);
        return Ok((Renewal::AwaitsAcceptance, change));
    }
    let purpose = last.purpose.text().cloned();
    let purpose = purpose.ok_or_else(|| {
        malformed(
            "decision",
            "cannot be to renew: what it is for is not kept any more; the holder has to ask",
        )
    })?;
    let asked = SubmitRequest {
        tool: tool.id,
        purpose,
        data_classes: last.data_classes.clone(),
        days,
        acknowledged: tool.usage_policy.as_ref().map(|policy| policy.version),
    };
    let submitted = submit(&as_holder(context, holder)?, &asked, Source::Review).await?;
    let request: RequestId = submitted.output.request.id;
    let ends_at = submitted.output.grant.as_ref().and_then(|grant| grant.ends_at);
    let renewal = match (ends_at, submitted.output.request.state.as_str()) {
        (Some(ends_at), _) => Renewal::Extended { request, ends_at },
        (None, "denied") => Renewal::Denied { request },
        (None, _) => Renewal::Asked { request },
    };
    Ok((renewal, submitted.change))
}

/// With what the holder could ask for themselves, and no more.
fn as_holder<'a, P: Ports>(
    context: &Context<'a, P>,
    holder: crate::documents::Loaded<Person>,
) -> Result<Context<'a, P>, Refusal> {
    let principal = Principal {
        person: holder,
        standing: Standing::Platform { standing: PlatformStanding::Customer, issue: None },
        signed_in_at: context.moment.now,
        credential: Credential::Session,
    };
    context_of::<Submit, P>(context, Caller::Person(Box::new(principal)))
}
