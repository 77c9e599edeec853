//! `settings.get`, `settings.put`.

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::meaning::gains;
use super::{DriftHours, GroupsNamed, MeaningChange, PutRetention, RemovalShare, Settings, current};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::documents::{Change, Loaded, load};
use crate::emergency::EmergencySettings;
use crate::failure::Failure;
use crate::ids::GroupId;
use crate::intake::JiraSettings;
use crate::limits::PutLimits;
use crate::notices::{self, Wider};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Group;
use crate::ports::{Moment, Ports, Store};
use crate::proposal::{self, Agreed, ProposalView, Proposed, judged, needs_second, propose};
use crate::refusal::{Code, Refusal};
use crate::review::ReviewSettings;
use crate::text::Line;
use crate::time::Days;

/// What settings operations answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SettingsAnswer {
    /// The settings as stored now.
    pub settings: Settings,
}

/// Input of an operation that takes nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// `settings.get`.
#[derive(Debug)]
pub struct Get;

impl Operation for Get {
    const NAME: &'static str = "settings.get";
    const SUMMARY: &'static str = "The site's settings";
    const EFFECT: Effect = Effect::Query;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Auditor, Console]);
    type Input = Nothing;
    type Output = SettingsAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        _: &Nothing,
    ) -> Result<Decision<SettingsAnswer>, Failure> {
        let settings = current(context.store()).await?.into_inner();
        Ok(Decision::answer(SettingsAnswer { settings }))
    }
}

/// `settings.put`.
#[derive(Debug)]
pub struct Put;

/// What `settings.put` takes; what is not given stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutSettings {
    /// Name of the organization.
    #[serde(default)]
    pub organization: Option<Line>,
    /// The group of administrators who act as approvers.
    #[serde(default)]
    pub administrators: Option<GroupId>,
    /// The group that policy means by `security`.
    #[serde(default)]
    pub security: Option<GroupId>,
    /// Days until a request that nobody decided lapses.
    #[serde(default)]
    pub pending_days: Option<Days>,
    /// Days for which a free seat is kept for whoever waits longest.
    #[serde(default)]
    pub seat_offer_days: Option<Days>,
    /// Whether people are told by e-mail what they can act on.
    #[serde(default)]
    pub email_notices: Option<bool>,
    /// How often people may do what is counted; classes not given stay.
    #[serde(default)]
    pub limits: PutLimits,
    /// For how long what nobody needs any more is kept; kinds not given stay.
    #[serde(default)]
    pub retention: PutRetention,
    /// Hours between two checks of who is in a tool's group, 1 to 168.
    #[serde(default)]
    pub drift_hours: Option<DriftHours>,
    /// Percent of a group's members whose removal within an hour waits for a person, 1 to 100.
    #[serde(default)]
    pub removal_share_percent: Option<RemovalShare>,
    /// Who may have access in an emergency, for how long, and how often, as a whole.
    #[serde(default)]
    pub emergency: Option<EmergencySettings>,
    /// What happens in Jira, and because of it, as a whole.
    #[serde(default)]
    pub jira: Option<JiraSettings>,
    /// Who reviews access, how long that may wait, and what lets many reviews be opened at once, as a whole.
    #[serde(default)]
    pub reviews: Option<ReviewSettings>,
}

/// What `settings.put` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PutSettingsAnswer {
    /// The settings as stored now.
    pub settings: Settings,
    /// What of it waits for a second administrator, because requests would get more than now, or others would decide.
    pub proposal: Option<ProposalView>,
}

impl Operation for Put {
    const NAME: &'static str = "settings.put";
    const SUMMARY: &'static str = "Change the site's settings; what gives more than now is proposed";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    const RECENT_SIGN_IN: bool = true;
    type Input = PutSettings;
    type Output = PutSettingsAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PutSettings,
    ) -> Result<Decision<PutSettingsAnswer>, Failure> {
        let (store, moment, by) = (context.store(), &context.moment, context.admission.actor()?);
        let before = current(store).await?;
        let emergency_group = input.emergency.and_then(|emergency| emergency.group);
        require_groups(store, [input.administrators, input.security, emergency_group]).await?;
        let wanted = Settings {
            organization: input.organization.clone().unwrap_or_else(|| before.organization.clone()),
            administrators: input.administrators.unwrap_or(before.administrators),
            security: input.security.unwrap_or(before.security),
            pending_days: input.pending_days.unwrap_or(before.pending_days),
            seat_offer_days: input.seat_offer_days.unwrap_or(before.seat_offer_days),
            email_notices: input.email_notices.unwrap_or(before.email_notices),
            limits: before.limits.with(&input.limits),
            retention: before.retention.with(&input.retention)?,
            drift_hours: input.drift_hours.unwrap_or(before.drift_hours),
            removal_share_percent: input.removal_share_percent.unwrap_or(before.removal_share_percent),
            emergency: input.emergency.unwrap_or(before.emergency),
            jira: input.jira.clone().unwrap_or_else(|| before.jira.clone()),
            reviews: input.reviews.clone().unwrap_or_else(|| before.reviews.clone()),
            groups_named: before.groups_named.clone(),
        };
        wanted.limits.check().map_err(|error| Refusal::new(Code::MalformedInput, error.to_string()))?;
        wanted.emergency.check()?;
        wanted.reviews.check().map_err(|error| Refusal::new(Code::MalformedInput, error.to_string()))?;
        let (gains, meaning) = gains(store, &before, &wanted, moment.now).await?;
        let mut change = Change::new();
        if gains.is_empty() || !needs_second(store, &mut change).await? {
            let wider = !gains.is_empty();
            let settings = write(&mut change, moment, &before, wanted, (Agreed::alone(by), wider));
            return Ok(Decision::change(PutSettingsAnswer { settings, proposal: None }, change));
        }
        // What gives more waits; the rest does not.
        let kept = meaning.held_back(&wanted, &before);
        let settings = write(&mut change, moment, &before, kept, (Agreed::alone(by), false));
        let proposed = Proposed::ChangeSettings { meaning, gains };
        let proposal = propose(store, &mut change, moment, by, proposed).await?;
        let proposal = Some(proposal::operations::view(context, &proposal).await?);
        Ok(Decision::change(PutSettingsAnswer { settings, proposal }, change))
    }
}

/// Does what was proposed, to the settings as they are now.
///
/// # Errors
/// [`Code::UnknownReference`]; [`Code::ProposalOutdated`] when nothing of it is left to do.
pub(crate) async fn change_confirmed<P: Ports>(
    context: &Context<'_, P>,
    change: &mut Change,
    meaning: &MeaningChange,
    agreed: Agreed,
) -> Result<(), Failure> {
    let (store, moment) = (context.store(), &context.moment);
    let before = current(store).await?;
    let emergency_group = meaning.emergency.and_then(|emergency| emergency.group);
    require_groups(store, [meaning.administrators, meaning.security, emergency_group]).await?;
    let settings = meaning.applied(&before);
    if MeaningChange::between(&before, &settings).is_nothing() {
        let message = "nothing of this is left to do; withdraw it";
        return Err(Refusal::new(Code::ProposalOutdated, message).into());
    }
    let (gains, _) = gains(store, &before, &settings, moment.now).await?;
    let wider = !gains.is_empty();
    write(change, moment, &before, settings, (agreed, wider));
    if wider {
        notices::wider(change, moment, Wider::Settings);
    }
    Ok(())
}

async fn require_groups(store: &impl Store, groups: [Option<GroupId>; 3]) -> Result<(), Failure> {
    for group in groups.into_iter().flatten() {
        if load::<Group>(store, &group.to_string()).await?.is_none() {
            let refusal = Refusal::new(Code::UnknownReference, "this group does not exist");
            return Err(refusal.with("group", group).into());
        }
    }
    Ok(())
}

/// Writes the settings; answers them as they are stored.
fn write(
    change: &mut Change,
    moment: &Moment,
    before: &Loaded<Settings>,
    mut settings: Settings,
    (agreed, wider): (Agreed, bool),
) -> Settings {
    if (settings.administrators, settings.security) != (before.administrators, before.security) {
        settings.groups_named = Some(GroupsNamed { by: agreed.people(), at: moment.now });
    }
    change.update(before, &settings);
    let facts = [
        ("administrators", Value::from(settings.administrators.to_string())),
        ("security", Value::from(settings.security.to_string())),
        ("pending_days", Value::from(settings.pending_days.get())),
        ("seat_offer_days", Value::from(settings.seat_offer_days.get())),
        ("email_notices", Value::from(settings.email_notices)),
        ("limits", settings.limits.facts()),
        ("retention", settings.retention.facts()),
        ("drift_hours", Value::from(u32::from(settings.drift_hours.get()))),
        ("removal_share_percent", Value::from(u32::from(settings.removal_share_percent.get()))),
        ("emergency", settings.emergency.facts()),
        ("jira", settings.jira.facts()),
        ("reviews", settings.reviews.facts()),
    ];
    let facts = Value::object(facts.into_iter().chain(judged(wider, agreed.confirmed_by)));
    change.record(moment.now, &agreed.by, EventKind::SettingsChanged, facts);
    settings
}
