//! A site's first start.

mod in_use;
mod uninstall;

pub use in_use::InUse;
pub use uninstall::{Uninstalled, uninstalling};

use audit_log::Value;

use crate::audit::{Actor, EventKind};
use crate::documents::{Change, load};
use crate::emergency::EmergencySettings;
use crate::failure::Failure;
use crate::ids::GroupId;
use crate::intake::JiraSettings;
use crate::limits::Limits;
use crate::people::Group;
use crate::policy::{self, ActivePolicy, PolicyVersion, SliceSet, default_rules};
use crate::ports::{Moment, Ports};
use crate::review::ReviewSettings;
use crate::settings::{DriftHours, RemovalShare, Retention, Settings};
use crate::text::Line;
use crate::time::Days;

/// Brings a site into being: the groups of administrators and security, settings, and the default policy. Does nothing when it is there.
///
/// # Errors
/// [`Failure::Store`] when the store does not answer.
pub async fn initialize<P: Ports>(ports: &P) -> Result<(), Failure> {
    let store = ports.store();
    if load::<Settings>(store, Settings::KEY).await?.is_some() {
        return Ok(());
    }
    let moment = Moment::draw(ports.environment());
    let line = |text: &str| Line::parse(text).map_err(|error| Failure::Defect(format!("`{text}` {error}")));
    let administrators =
        Group { id: GroupId::new(&moment, "administrators", 0), name: line("Administrators")? };
    let security = Group { id: GroupId::new(&moment, "security", 0), name: line("Security")? };
    let settings = Settings {
        organization: line("Our organization")?,
        administrators: administrators.id,
        security: security.id,
        pending_days: Days::of(14),
        seat_offer_days: Days::of(3),
        email_notices: false,
        limits: Limits::default(),
        retention: Retention::default(),
        drift_hours: DriftHours::default(),
        removal_share_percent: RemovalShare::default(),
        emergency: EmergencySettings::default(),
        jira: JiraSettings::default(),
        reviews: ReviewSettings::default(),
        groups_named: None,
    };
    let general = default_rules()?;
    let version = PolicyVersion {
        number: 1,
        published_by: Actor::System,
        confirmed_by: None,
        published_at: moment.now,
        note: Some(line("Default policy")?),
        rules_in_all: u32::try_from(general.len()).unwrap_or(u32::MAX),
        general,
        slices: SliceSet::default(),
        difference: None,
        wider: false,
    };
    let mut change = Change::new();
    change.insert(&administrators);
    change.insert(&security);
    change.insert(&settings);
    change.insert(&version);
    change.insert(&ActivePolicy { number: 1 });
    change.insert(&InUse { since: None });
    let facts = Value::object([
        ("administrators", Value::from(administrators.id.to_string())),
        ("security", Value::from(security.id.to_string())),
    ]);
    change.record(moment.now, &Actor::System, EventKind::SiteInitialized, facts);
    let facts = Value::object([
        ("policy_version", Value::from(1)),
        ("rules", Value::from(version.rules_in_all)),
        ("digest", policy::digest(&version.general)?.into()),
    ]);
    change.record(moment.now, &Actor::System, EventKind::PolicyPublished, facts);
    // Two hosts started at once; the other one did it.
    change.commit_if_first(store).await?;
    Ok(())
}
