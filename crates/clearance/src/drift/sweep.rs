//! What ends by time: what somebody answers for, and the time in which a person is to ask.

use super::release::end_answer;
use super::remedy::after_deadline;
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
            let over = match finding.disposition().map(|disposition| disposition.remedy.kind()) {
                Some(DispositionKind::Exception | DispositionKind::Baseline) => {
                    end_answer(ports, finding.id).await?
                }
                Some(DispositionKind::RetroRequest) => after_deadline(ports, finding.id).await?,
                _ => false,
            };
            ended += u32::from(over);
        }
        after = page.next;
        if after.is_none() {
            return Ok(ended);
        }
    }
}
