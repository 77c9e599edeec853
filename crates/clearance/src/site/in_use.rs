//! Whether a site is still being set up, or people ask for access already.

use serde::{Deserialize, Serialize};

use crate::documents::{Change, Document, Loaded, load};
use crate::failure::Failure;
use crate::ports::{Attributes, Kind, Store};
use crate::time::Timestamp;

/// Guard: since when a site is in use. Until somebody has asked for access, nothing was given, and whoever sets the site up does so alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InUse {
    /// When the first request was submitted; none while the site is set up.
    pub since: Option<Timestamp>,
}

impl InUse {
    /// The only key.
    pub const KEY: &'static str = "site";

    async fn load(store: &impl Store) -> Result<Loaded<Self>, Failure> {
        let defect = || Failure::Defect("the site is not initialized".to_owned());
        load(store, Self::KEY).await?.ok_or_else(defect)
    }

    /// Notes the first request in its own commit.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn begin(
        store: &impl Store,
        change: &mut Change,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let known = Self::load(store).await?;
        if known.since.is_none() {
            change.update(&known, &Self { since: Some(now) });
        }
        Ok(())
    }

    /// Whether the site is being set up, and still is when the change is committed.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn is_set_up_still(store: &impl Store, change: &mut Change) -> Result<bool, Failure> {
        let known = Self::load(store).await?;
        if known.since.is_some() {
            return Ok(false);
        }
        change.check(&known);
        Ok(true)
    }
}

impl Document for InUse {
    const KIND: &'static Kind = &Kind { name: "in_use", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        Self::KEY.to_owned()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}
