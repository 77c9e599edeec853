//! What ends by time: what somebody answers for, and the time in which a person is to ask.

use super::release::end_answer;
use super::{DispositionKind, Finding};
use crate::documents::{self, Paging, Select};
use crate::failure::Failure;
use crate::ports::{Environment as _, MAX_PAGE, Ports};

/// Ends what is over; how many were.
pub(super) async fn end_what_is_over<P: Ports>(ports: &P) -> Result<u32, Failure> {
    let (mut ended, mut after) = (0, None);
    let now = ports.environment().now();
    loop {
        let paging = Paging { after, limit: Some(MAX_PAGE) };
        let select = Select::by(&Finding::BY_END, ["ending"]).until(now);
        let page = documents::list::<Finding>(ports.store(), select, &paging).await?;
        for finding in &page.items {
            let kind = finding.disposition().map(|disposition| disposition.remedy.kind());
            if let Some(DispositionKind::Exception | DispositionKind::Baseline) = kind {
                ended += u32::from(end_answer(ports, finding.id).await?);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(ended);
        }
    }
}
