//! `settings.get`, `settings.put`.

use audit_log::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DriftHours, PutRetention, RemovalShare, Settings, current};
use crate::audit::EventKind;
use crate::authorization::CallerKind::{Administrator, Auditor, Console};
use crate::authorization::CallerKinds;
use crate::documents::{Change, load};
use crate::emergency::EmergencySettings;
use crate::failure::Failure;
use crate::ids::GroupId;
use crate::intake::JiraSettings;
use crate::limits::PutLimits;
use crate::operations::{Context, Decision, Effect, Operation};
use crate::people::Group;
use crate::ports::Ports;
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

impl Operation for Put {
    const NAME: &'static str = "settings.put";
    const SUMMARY: &'static str = "Change the site's settings";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Administrator, Console]);
    const RECENT_SIGN_IN: bool = true;
    type Input = PutSettings;
    type Output = SettingsAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &PutSettings,
    ) -> Result<Decision<SettingsAnswer>, Failure> {
        let before = current(context.store()).await?;
        let emergency_group = input.emergency.and_then(|emergency| emergency.group);
        for group in [input.administrators, input.security, emergency_group].into_iter().flatten() {
            if load::<Group>(context.store(), &group.to_string()).await?.is_none() {
                return Err(Refusal::new(Code::UnknownReference, "this group does not exist")
                    .with("group", group)
                    .into());
            }
        }
        let settings = Settings {
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
        };
        settings.limits.check().map_err(|error| Refusal::new(Code::MalformedInput, error.to_string()))?;
        settings.emergency.check()?;
        settings.reviews.check().map_err(|error| Refusal::new(Code::MalformedInput, error.to_string()))?;
        let mut change = Change::new();
        change.update(&before, &settings);
        let facts = Value::object([
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
        ]);
        change.record(context.moment.now, &context.admission.actor()?, EventKind::SettingsChanged, facts);
        Ok(Decision::change(SettingsAnswer { settings }, change))
    }
}
