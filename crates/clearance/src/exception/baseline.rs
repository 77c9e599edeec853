//! Members from before a tool's group was bound: how many there were, and how many are still without approval.
//!
//! Only the first complete check of a group finds them ([`Finding::initial`]), so that what remains of them can only fall: each is removed, asks and
//! is approved, leaves by itself, or stays for as long as somebody answers for it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::documents::{self, Paging, Select};
use crate::drift::{DispositionKind, Finding};
use crate::failure::Failure;
use crate::ids::ToolId;
use crate::ports::{MAX_PAGE, Store};

/// Members from before a tool's group was bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct BaselineCount {
    /// Found by the first check, as far as they are kept.
    pub found: u32,
    /// Of these, for whom somebody answers now.
    pub answered_for: u32,
    /// Of these, about whom nothing was decided yet, or what was decided is not done.
    pub undecided: u32,
    /// Both together: what is left to be brought under an approval or removed.
    pub remaining: u32,
}

/// Counts a tool's.
///
/// # Errors
/// The store's.
pub(super) async fn count(store: &impl Store, tool: ToolId) -> Result<BaselineCount, Failure> {
    let mut counted = BaselineCount::default();
    for state in ["open", "settled"] {
        let mut after = None;
        loop {
            let select = Select::by(&Finding::BY_TOOL, [tool.to_string().as_str(), state]);
            let paging = Paging { after, limit: Some(MAX_PAGE) };
            let page = documents::list::<Finding>(store, select, &paging).await?;
            for finding in page.items.iter().filter(|finding| is_counted(finding)) {
                counted.found += 1;
                if finding.is_open() {
                    counted.undecided += 1;
                } else if finding.disposition().is_some_and(|disposition| disposition.remedy.is_in_force()) {
                    counted.answered_for += 1;
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    counted.remaining = counted.answered_for.saturating_add(counted.undecided);
    Ok(counted)
}

/// A member who was there when the group was bound.
fn is_counted(finding: &Finding) -> bool {
    let kind = finding.disposition().map(|disposition| disposition.remedy.kind());
    finding.initial
        && finding.difference.account().is_some()
        && finding.difference.grant().is_none()
        && (finding.is_open() || kind != Some(DispositionKind::Restore))
}
