//! What is told of access that somebody has.

use super::{Link, LinkKind, Teller, Told};
use crate::documents::load;
use crate::drift::{Finding, Remedy};
use crate::failure::Failure;
use crate::ids::FindingId;
use crate::people::Person;
use crate::ports::Store;

impl<S: Store> Teller<'_, S> {
    /// That the reader is to ask for access that they have, while that is still so.
    pub(super) async fn of_finding(
        &mut self,
        finding: FindingId,
        reader: &Person,
    ) -> Result<Option<Told>, Failure> {
        let finding = load::<Finding>(self.store, &finding.to_string()).await?;
        let Some(finding) =
            finding.filter(|finding| finding.is_open() && finding.person() == Some(reader.id))
        else {
            return Ok(None);
        };
        let Some(Remedy::RetroRequest { until }) =
            finding.disposition().map(|disposition| disposition.remedy)
        else {
            return Ok(None);
        };
        let tool = self.names.tool(finding.tool).await?.name;
        Ok(Some(Told::asks(
            format!("Ask for your access to {tool}"),
            format!("You have access to {tool} that nobody approved here. If you need it, ask for it."),
            (until, "it is taken away"),
            Link::to(LinkKind::Tool, finding.tool),
        )))
    }
}
