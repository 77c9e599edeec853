use audit_log::Value;
use core_protocol::message::{GroupId, GroupReach, MemberCount};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gain::{Gain, sentences};
use crate::audit::Actor;
use crate::catalog::PutTool;
use crate::documents::Document;
use crate::drift::ProposedAnswer;
use crate::identity::Fingerprint;
use crate::ids::{ConnectorId, ExceptionId, FindingId, PersonId, ProposalId, ToolId};
use crate::people::StandingChange;
use crate::policy::Witness;
use crate::ports::{Attributes, Index, Kind, Place};
use crate::refusal::{Code, Refusal};
use crate::settings::MeaningChange;
use crate::text::Line;
use crate::time::{Days, Timestamp};

/// What somebody proposes to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Proposed {
    /// Bind a group that has members, opens something else, or does not tell.
    BindGroup {
        /// To which tool.
        tool: ToolId,
        /// Through which connector.
        connector: ConnectorId,
        /// Which group.
        group: GroupId,
        /// Its name at the provider.
        name: String,
        /// Why that needs a second person.
        reasons: BindReasons,
    },
    /// Say which account the proposer has.
    MapIdentity {
        /// At which connector.
        connector: ConnectorId,
        /// Whose account.
        person: PersonId,
        /// Which account; gone once the proposal is closed.
        account: Option<ProposedAccount>,
    },
    /// Let somebody ask for a tool that policy denies them.
    GrantException {
        /// The exception, which holds the rest.
        exception: ExceptionId,
        /// Who may ask.
        person: PersonId,
        /// For which tool.
        tool: ToolId,
    },
    /// Publish a draft that gives more than the active policy.
    PublishPolicy {
        /// The draft's version: its rules are never others.
        version: u32,
        /// Why, in a line.
        note: Option<Line>,
    },
    /// Let somebody answer for what checks of groups found.
    AnswerForFindings(ProposedAnswer),
    /// Add a tool for which people can ask at once, or change one such that requests for it get more.
    ChangeTool {
        /// Which; one that is added gets this id.
        tool: ToolId,
        /// What it is to be called.
        name: Line,
        /// Whether it is added.
        new: bool,
        /// The whole tool as it should be; gone once the proposal is closed.
        put: Option<Box<PutTool>>,
        /// What it gives more.
        gains: Vec<Gain>,
    },
    /// Let somebody join or leave groups, administer or come back, such that somebody gets more or others decide.
    ChangePerson {
        /// Who.
        person: PersonId,
        /// What changes of their standing.
        standing: StandingChange,
        /// What it gives more.
        gains: Vec<Gain>,
    },
    /// Mean other groups by security and administrators, or let requests wait longer.
    ChangeSettings {
        /// What changes.
        meaning: MeaningChange,
        /// What it gives more.
        gains: Vec<Gain>,
    },
}

/// What is known of a group that makes binding it a decision of two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BindReasons {
    /// Its members; none when the provider did not tell.
    pub members: Option<MemberCount>,
    /// What else it opens; none when the provider did not tell.
    pub reach: Option<GroupReach>,
}

/// An account that is to be mapped. The provider's id of it is in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedAccount {
    /// Which.
    pub fingerprint: Fingerprint,
    /// Where the provider's id is.
    pub place: Place,
    /// The provider's name for whoever has it.
    pub display_name: Line,
    /// The last characters of the provider's id.
    pub hint: String,
}

impl BindReasons {
    /// Whether there are any.
    pub fn need_second(&self) -> bool {
        let empty = self.members.is_some_and(|members| members.at_least == 0 && !members.more);
        !(empty && self.reach == Some(GroupReach::Nothing))
    }

    /// Whether what is known now gives a reason that these do not.
    pub fn are_exceeded_by(&self, now: &Self) -> bool {
        let has_members = |reasons: &Self| reasons.members.is_none_or(|it| it.at_least > 0 || it.more);
        let wider = match (&self.reach, &now.reach) {
            (_, Some(GroupReach::Nothing)) => false,
            (Some(GroupReach::Applications { names: shown }), Some(GroupReach::Applications { names })) => {
                names.iter().any(|name| !shown.contains(name))
            }
            (shown, now) => shown != now,
        };
        wider || has_members(now) && !has_members(self)
    }

    /// The reasons in sentences.
    pub fn sentence(&self) -> String {
        let mut sentences = Vec::new();
        match self.members {
            Some(MemberCount { at_least: 0, more: false }) => {}
            Some(MemberCount { at_least: 1, more: false }) => {
                sentences.push("The group has a member already.".to_owned());
            }
            Some(MemberCount { at_least, more }) => {
                let least = if more { "at least " } else { "" };
                sentences.push(format!("The group has {least}{at_least} members already."));
            }
            None => sentences.push("The provider does not tell who is in the group.".to_owned()),
        }
        match &self.reach {
            Some(GroupReach::Nothing) => {}
            Some(GroupReach::Applications { names }) => {
                sentences.push(format!("The group also opens: {}.", names.join(", ")));
            }
            Some(GroupReach::Unreadable) | None => {
                sentences.push("The provider does not tell what else the group opens.".to_owned());
            }
        }
        sentences.join(" ")
    }
}

impl Proposed {
    /// The kind, as the log and the interface name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::BindGroup { .. } => "bind_group",
            Self::MapIdentity { .. } => "map_identity",
            Self::GrantException { .. } => "grant_exception",
            Self::PublishPolicy { .. } => "publish_policy",
            Self::AnswerForFindings(_) => "answer_for_findings",
            Self::ChangeTool { .. } => "change_tool",
            Self::ChangePerson { .. } => "change_person",
            Self::ChangeSettings { .. } => "change_settings",
        }
    }

    /// What it is about: no two open proposals are about the same.
    pub fn about(&self) -> String {
        match self {
            Self::BindGroup { tool, .. } => Self::about_group_of(*tool),
            Self::MapIdentity { connector, person, .. } => Self::about_identity(*connector, *person),
            Self::GrantException { person, tool, .. } => Self::about_exception(*person, *tool),
            Self::PublishPolicy { .. } => Self::ABOUT_POLICY.to_owned(),
            Self::AnswerForFindings(answer) => {
                // Two about some of the same may wait: what one has settled the other passes by.
                let findings: Vec<_> = answer.findings.iter().map(ToString::to_string).collect();
                format!("answer_for_findings:{}", FindingId::of_name(&findings.join(" ")))
            }
            Self::ChangeTool { tool, new: false, .. } => Self::about_tool(*tool),
            Self::ChangeTool { name, new: true, .. } => {
                format!("add_tool:{}", ToolId::of_name(&name.as_str().to_lowercase()))
            }
            Self::ChangePerson { person, .. } => Self::about_person(*person),
            Self::ChangeSettings { .. } => "change_settings".to_owned(),
        }
    }

    /// What proposals to publish a policy are about.
    pub const ABOUT_POLICY: &'static str = "publish_policy";

    /// What proposals for an exception of a person and a tool are about.
    pub fn about_exception(person: PersonId, tool: ToolId) -> String {
        format!("grant_exception:{person}:{tool}")
    }

    /// What proposals to change a tool are about.
    pub fn about_tool(tool: ToolId) -> String {
        format!("change_tool:{tool}")
    }

    /// What proposals to change somebody's standing are about.
    pub fn about_person(person: PersonId) -> String {
        format!("change_person:{person}")
    }

    /// What proposals for a tool's group are about.
    pub fn about_group_of(tool: ToolId) -> String {
        format!("bind_group:{tool}")
    }

    /// What proposals for a person's account are about.
    pub fn about_identity(connector: ConnectorId, person: PersonId) -> String {
        format!("map_identity:{connector}:{person}")
    }

    /// Whether both would do the same.
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::BindGroup { tool, connector, group, reasons, .. },
                Self::BindGroup {
                    tool: other_tool,
                    connector: other_connector,
                    group: other_group,
                    reasons: other_reasons,
                    ..
                },
            ) => {
                (tool, connector, group, reasons) == (other_tool, other_connector, other_group, other_reasons)
            }
            (Self::MapIdentity { account, .. }, Self::MapIdentity { account: other_account, .. }) => {
                let which = |account: &Option<ProposedAccount>| {
                    account
                        .as_ref()
                        .map(|account| (account.fingerprint.clone(), account.display_name.clone()))
                };
                self.about() == other.about() && which(account) == which(other_account)
            }
            (
                Self::PublishPolicy { version, note },
                Self::PublishPolicy { version: other_version, note: other_note },
            ) => (version, note) == (other_version, other_note),
            // Each has texts of its own.
            (Self::GrantException { exception, .. }, Self::GrantException { exception: other, .. }) => {
                exception == other
            }
            (Self::AnswerForFindings(answer), Self::AnswerForFindings(other)) => answer == other,
            (Self::ChangeTool { put, .. }, Self::ChangeTool { put: other_put, .. }) => {
                self.about() == other.about() && put == other_put
            }
            (
                Self::ChangePerson { person, standing, .. },
                Self::ChangePerson { person: other_person, standing: other_standing, .. },
            ) => (person, standing) == (other_person, other_standing),
            (Self::ChangeSettings { meaning, .. }, Self::ChangeSettings { meaning: other_meaning, .. }) => {
                meaning == other_meaning
            }
            (_, _) => false,
        }
    }

    /// A request that shows what it gives more, where one does.
    pub fn witness(&self) -> Option<&Witness> {
        match self {
            Self::BindGroup { .. }
            | Self::MapIdentity { .. }
            | Self::GrantException { .. }
            | Self::AnswerForFindings(_)
            | Self::PublishPolicy { .. } => None,
            Self::ChangeTool { gains, .. }
            | Self::ChangePerson { gains, .. }
            | Self::ChangeSettings { gains, .. } => gains.iter().find_map(Gain::witness),
        }
    }

    /// Why it needs a second person, in sentences.
    pub fn why(&self) -> String {
        match self {
            Self::BindGroup { reasons, .. } => reasons.sentence(),
            Self::MapIdentity { .. } => {
                "Whoever says which account is their own needs somebody who agrees.".to_owned()
            }
            Self::GrantException { .. } => "It lets somebody ask for what policy denies them.".to_owned(),
            Self::PublishPolicy { .. } => {
                "The draft gives more than the active policy for some request; lint shows one.".to_owned()
            }
            Self::AnswerForFindings(_) => {
                "It lets access stay that nobody approved, or a group that others manage.".to_owned()
            }
            Self::ChangeTool { gains, .. }
            | Self::ChangePerson { gains, .. }
            | Self::ChangeSettings { gains, .. } => sentences(gains),
        }
    }

    /// What the log says of it: ids only.
    pub(super) fn facts(&self) -> Vec<(&'static str, Value)> {
        let mut facts = vec![("proposed", Value::from(self.kind()))];
        match self {
            Self::BindGroup { tool, connector, .. } => {
                facts.push(("tool", Value::from(tool.to_string())));
                facts.push(("connector", Value::from(connector.to_string())));
            }
            Self::MapIdentity { connector, person, .. } => {
                facts.push(("connector", Value::from(connector.to_string())));
                facts.push(("person", Value::from(person.to_string())));
            }
            Self::GrantException { exception, person, tool } => {
                facts.push(("exception", Value::from(exception.to_string())));
                facts.push(("person", Value::from(person.to_string())));
                facts.push(("tool", Value::from(tool.to_string())));
            }
            Self::PublishPolicy { version, .. } => facts.push(("draft", Value::from(*version))),
            // As many as a call may name do not fit into an entry; what becomes of each is an entry of its own.
            Self::AnswerForFindings(answer) => {
                facts.push(("disposition", Value::from(answer.kind().as_str())));
                facts.push((
                    "findings",
                    Value::from(u32::try_from(answer.findings.len()).unwrap_or(u32::MAX)),
                ));
                let only = answer.only().map_or(Value::Null, |finding| Value::from(finding.to_string()));
                facts.push(("finding", only));
                facts.push(("owner", Value::from(answer.owner.to_string())));
                facts.push(("ends_at", Value::from(answer.ends_at.to_string())));
            }
            Self::ChangeTool { tool, .. } => facts.push(("tool", Value::from(tool.to_string()))),
            Self::ChangePerson { person, standing, .. } => {
                facts.push(("person", Value::from(person.to_string())));
                facts.extend(standing.facts());
            }
            Self::ChangeSettings { meaning, .. } => facts.extend(meaning.facts()),
        }
        facts
    }

    /// The same as it is kept once it is closed, and what it held in the vault.
    pub(super) fn closed(mut self) -> (Self, Option<Place>) {
        let place = match &mut self {
            Self::BindGroup { .. }
            | Self::PublishPolicy { .. }
            | Self::GrantException { .. }
            | Self::ChangePerson { .. }
            | Self::ChangeSettings { .. } => None,
            Self::ChangeTool { put, .. } => {
                *put = None;
                None
            }
            Self::AnswerForFindings(answer) => {
                answer.reason = None;
                None
            }
            Self::MapIdentity { account, .. } => account.take().map(|account| account.place),
        };
        (self, place)
    }
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ProposalState {
    /// It waits.
    Open,
    /// It was done.
    Confirmed {
        /// Who agreed.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// It was called off.
    Withdrawn {
        /// By whom.
        by: Actor,
        /// When.
        at: Timestamp,
    },
    /// Nobody agreed in time.
    Lapsed {
        /// When.
        at: Timestamp,
    },
}

/// Where a proposal stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalStateName {
    /// It waits.
    Open,
    /// It was done.
    Confirmed,
    /// It was called off.
    Withdrawn,
    /// Nobody agreed in time.
    Lapsed,
}

impl ProposalStateName {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Confirmed => "confirmed",
            Self::Withdrawn => "withdrawn",
            Self::Lapsed => "lapsed",
        }
    }
}

impl ProposalState {
    /// The word.
    pub fn name(self) -> ProposalStateName {
        match self {
            Self::Open => ProposalStateName::Open,
            Self::Confirmed { .. } => ProposalStateName::Confirmed,
            Self::Withdrawn { .. } => ProposalStateName::Withdrawn,
            Self::Lapsed { .. } => ProposalStateName::Lapsed,
        }
    }
}

/// A change that waits for a second administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its id.
    pub id: ProposalId,
    /// What is to be done.
    pub proposed: Proposed,
    /// Who proposed it.
    pub proposed_by: Actor,
    /// When.
    pub proposed_at: Timestamp,
    /// Where it stands.
    #[serde(flatten)]
    pub state: ProposalState,
}

impl Proposal {
    /// How long one waits.
    pub const OPEN_FOR: Days = Days::of(30);

    /// Every proposal, by time.
    pub const BY_TIME: Index = Index { name: "by_time", partition: &["all"], range: "proposed_at" };
    /// Proposals in a state (`open`, `confirmed`, `withdrawn`, `lapsed`), by time.
    pub const BY_STATE: Index = Index { name: "by_state", partition: &["state"], range: "proposed_at" };

    /// When it lapses if nobody agrees.
    pub fn lapses_at(&self) -> Timestamp {
        self.proposed_at.plus_days(Self::OPEN_FOR)
    }

    /// Refuses what can only be done to an open one.
    ///
    /// # Errors
    /// [`Code::ProposalState`].
    pub fn require_open(&self, now: Timestamp) -> Result<(), Refusal> {
        let state = match self.state {
            ProposalState::Open if self.lapses_at() <= now => ProposalStateName::Lapsed,
            state => state.name(),
        };
        if state == ProposalStateName::Open {
            return Ok(());
        }
        let message = format!("this proposal does not wait any more: it is {}", state.as_str());
        Err(Refusal::new(Code::ProposalState, message).with("state", state.as_str()))
    }
}

impl Document for Proposal {
    const KIND: &'static Kind = &Kind {
        name: "proposal",
        attributes: &["all", "state", "proposed_at"],
        indexes: &[Self::BY_TIME, Self::BY_STATE],
    };

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn attributes(&self) -> Attributes {
        vec![
            Some("all".to_owned()),
            Some(self.state.name().as_str().to_owned()),
            Some(self.proposed_at.to_string()),
        ]
    }
}

/// Guard: one open proposal about the same thing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OpenProposal {
    /// What it is about.
    pub about: String,
    /// Which proposal.
    pub proposal: ProposalId,
}

impl Document for OpenProposal {
    const KIND: &'static Kind = &Kind { name: "open_proposal", attributes: &[], indexes: &[] };

    fn key(&self) -> String {
        self.about.clone()
    }

    fn attributes(&self) -> Attributes {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reasons(members: Option<u32>, reach: Option<GroupReach>) -> BindReasons {
        BindReasons { members: members.map(|at_least| MemberCount { at_least, more: false }), reach }
    }

    fn applications(names: &[&str]) -> GroupReach {
        GroupReach::Applications { names: names.iter().map(|name| (*name).to_owned()).collect() }
    }

    #[test]
    fn only_a_group_that_is_known_to_be_empty_and_to_open_nothing_needs_no_second_person() {
        let nothing = Some(GroupReach::Nothing);
        assert!(!reasons(Some(0), nothing.clone()).need_second());
        let more =
            BindReasons { members: Some(MemberCount { at_least: 0, more: true }), reach: nothing.clone() };
        for needing in [
            reasons(Some(1), nothing.clone()),
            reasons(None, nothing),
            reasons(Some(0), Some(applications(&["Mail"]))),
            reasons(Some(0), Some(applications(&[]))),
            reasons(Some(0), Some(GroupReach::Unreadable)),
            reasons(Some(0), None),
            more,
        ] {
            assert!(needing.need_second() && !needing.sentence().is_empty(), "{needing:?}");
        }
    }

    #[test]
    fn what_was_agreed_to_does_not_cover_more() {
        let nothing = Some(GroupReach::Nothing);
        let shown = reasons(Some(2), Some(applications(&["Mail", "Files"])));
        for same in [reasons(Some(5), Some(applications(&["Mail"]))), reasons(Some(0), nothing.clone())] {
            assert!(!shown.are_exceeded_by(&same), "{same:?}");
        }
        for more in [
            reasons(Some(2), Some(applications(&["Mail", "Payroll"]))),
            reasons(Some(2), Some(GroupReach::Unreadable)),
            reasons(Some(2), None),
        ] {
            assert!(shown.are_exceeded_by(&more), "{more:?}");
        }
        let empty = reasons(Some(0), Some(GroupReach::Unreadable));
        assert!(empty.are_exceeded_by(&reasons(Some(1), nothing.clone())));
        assert!(empty.are_exceeded_by(&reasons(None, nothing)));
        assert!(!empty.are_exceeded_by(&empty));
        assert!(empty.are_exceeded_by(&reasons(Some(0), Some(applications(&["Payroll"])))));
    }
}
