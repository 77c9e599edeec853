//! `intake.draft`: what somebody filled in on a portal, kept under their own account until the issue is there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::authorization::CallerKind::Requester;
use crate::authorization::CallerKinds;
use crate::documents::{Change, Document, load};
use crate::failure::Failure;
use crate::ids::{DraftId, PersonId};
use crate::operations::{Context, Decision, Effect, Operation};
use crate::ports::{Attributes, Kind, Moment, Ports};
use crate::request::preview::{PreviewAnswer, preview};
use crate::request::submit::SubmitRequest;
use crate::sign_in::hex;
use crate::time::Timestamp;

/// Hours for which a draft is kept.
pub(super) const DRAFT_HOURS: i64 = 24;
/// Drafts that one person has at most: a form in each of a few windows. A new one takes the place of the oldest.
pub(super) const MAX_DRAFTS: usize = 5;

/// What somebody filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Its id.
    pub id: DraftId,
    /// SHA-256 of the content under a random salt that is not kept: it says nothing of the content, and fits no other draft.
    pub hash: String,
    /// What is asked for.
    pub asked: SubmitRequest,
    /// Until when it is kept.
    pub expires_at: Timestamp,
}

impl Draft {
    /// A draft of this moment.
    ///
    /// # Errors
    /// [`Failure::Defect`] when it cannot be written.
    pub fn new(asked: &SubmitRequest, moment: &Moment) -> Result<Self, Failure> {
        let content = serde_json::to_vec(asked).map_err(|error| Failure::Defect(error.to_string()))?;
        let digest =
            Sha256::new().chain_update(moment.bytes("draft_salt", 0)).chain_update(content).finalize();
        Ok(Self {
            id: DraftId::new(moment, "draft", 0),
            hash: hex(&digest.into()).to_string(),
            asked: asked.clone(),
            expires_at: moment.now.plus_minutes(DRAFT_HOURS * 60),
        })
    }
}

/// The drafts of one person. No index: they are found by their person, and forgotten after a day.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Drafts {
    /// Whose.
    pub person: PersonId,
    /// Oldest first.
    pub drafts: Vec<Draft>,
}

impl Drafts {
    /// None yet.
    pub fn none(person: PersonId) -> Self {
        Self { person, drafts: Vec::new() }
    }

    /// The same with one more, without those whose time is over.
    #[must_use]
    pub fn with(&self, draft: Draft, now: Timestamp) -> Self {
        let mut drafts: Vec<Draft> =
            self.drafts.iter().filter(|draft| draft.expires_at > now).cloned().collect();
        drafts.push(draft);
        let too_many = drafts.len().saturating_sub(MAX_DRAFTS);
        drafts.drain(..too_many);
        Self { person: self.person, drafts }
    }

    /// The same without one.
    #[must_use]
    pub fn without(&self, id: DraftId) -> Self {
        let drafts = self.drafts.iter().filter(|draft| draft.id != id).cloned().collect();
        Self { person: self.person, drafts }
    }

    /// The draft of this id, if its hash is this one and its time is not over.
    pub fn find(&self, id: DraftId, hash: &str, now: Timestamp) -> Option<&Draft> {
        self.drafts.iter().find(|draft| draft.id == id && draft.hash == hash && draft.expires_at > now)
    }

    /// Whether the time of all of them is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.drafts.iter().all(|draft| draft.expires_at <= now)
    }
}

impl Document for Drafts {
    const KIND: &'static Kind = &Kind { name: "intake_drafts", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.person.to_string()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

/// `intake.draft`.
#[derive(Debug)]
pub struct StoreDraft;

/// What `intake.draft` answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DraftAnswer {
    /// The draft: what the issue is to carry.
    pub draft: DraftId,
    /// Its hash: likewise.
    pub hash: String,
    /// Until when the issue must be there.
    pub expires_at: Timestamp,
    /// What would come of it now.
    pub preview: PreviewAnswer,
}

impl Operation for StoreDraft {
    const NAME: &'static str = "intake.draft";
    const SUMMARY: &'static str = "Keep what was filled in on a portal until its issue is made";
    const EFFECT: Effect = Effect::Command;
    const CALLERS: CallerKinds = CallerKinds::of(&[Requester]);
    type Input = SubmitRequest;
    type Output = DraftAnswer;

    async fn run<P: Ports>(
        context: &Context<'_, P>,
        input: &SubmitRequest,
    ) -> Result<Decision<DraftAnswer>, Failure> {
        let (store, moment) = (context.store(), &context.moment);
        let person = context.admission.person()?;
        let preview = preview(context, input).await?;
        let drafts = load::<Drafts>(store, &person.id.to_string()).await?;
        let draft = Draft::new(input, moment)?;
        let before = drafts.as_deref().cloned().unwrap_or_else(|| Drafts::none(person.id));
        let mut change = Change::new();
        change.upsert(drafts.as_ref(), &before.with(draft.clone(), moment.now));
        // Who is being erased leaves no draft behind.
        change.check(person);
        let Draft { id, hash, expires_at, .. } = draft;
        Ok(Decision::change(DraftAnswer { draft: id, hash, expires_at, preview }, change))
    }
}
