//! What is told to whoever oversees the site.

use super::{Link, LinkKind, Teller, Told};
use crate::audit::PublishedCheckpoint;
use crate::documents::load;
use crate::failure::Failure;
use crate::notices::Wider;
use crate::policy::PolicyVersion;
use crate::ports::Store;

impl<S: Store> Teller<'_, S> {
    /// A checkpoint: whoever keeps the e-mail can tell later whether the log was rewritten.
    pub(super) async fn of_checkpoint(&mut self, size: u64) -> Result<Option<Told>, Failure> {
        let Some(checkpoint) = PublishedCheckpoint::load(self.store, size).await? else { return Ok(None) };
        let text = "This is a signed checkpoint of the audit log. Keep it where nobody who operates the site can change it.";
        let attached = format!(
            "The lines between the marks, saved as a file, are what `clearance audit verify --checkpoint FILE` and other C2SP tools compare \
             the log with.\n\n-----BEGIN CHECKPOINT-----\n{}-----END CHECKPOINT-----",
            checkpoint.note
        );
        let subject = format!("Checkpoint of the audit log: {size} entries");
        let told = Told::news(subject, text.to_owned(), Link::at(LinkKind::Checkpoint));
        Ok(Some(Told { attached: Some(attached), ..told }))
    }

    /// What a policy version changes that gives more than the one before it.
    pub(super) async fn of_wider_policy(&mut self, number: u32) -> Result<Option<Told>, Failure> {
        let Some(version) = load::<PolicyVersion>(self.store, &PolicyVersion::key_of(number)).await? else {
            return Ok(None);
        };
        let difference = version.difference.clone().unwrap_or_default();
        let text = format!(
            "Policy version {number} decides since {}. For some requests it gives more than the version before it: {} rules were added, {} \
             changed, {} removed.",
            version.published_at.in_words(),
            difference.added.len(),
            difference.changed.len(),
            difference.removed.len(),
        );
        let subject = format!("Policy version {number} gives more than before");
        Ok(Some(Told::news(subject, text, Link::to(LinkKind::PolicyVersion, number))))
    }

    /// That something else was changed which gives more than before.
    pub(super) async fn of_wider(&mut self, wider: Wider) -> Result<Told, Failure> {
        let what = match wider {
            Wider::Tool(tool) => format!("The tool {}", self.names.tool(tool).await?.name),
            Wider::Person(person) => {
                format!("The groups or the role of {}", self.names.person(person).await?.name)
            }
            Wider::Settings => "Who decides, or for how long requests wait,".to_owned(),
        };
        let text = format!(
            "{what} was changed. For some request that gives more than before, or lets others decide. Who did it and who agreed stands in the \
             governance log."
        );
        Ok(Told::news("A change gives more than before".to_owned(), text, Link::at(LinkKind::Log)))
    }
}
