//! Who may call what: one table, operation × kind of caller.
//!
//! Each operation names the kinds of callers that it admits. A person is several kinds at once; `approver` and `owner` say that the
//! operation itself checks, once it has loaded the thing in question, that the person may decide it or owns it. Whatever is not named is
//! refused. The table this yields is compared with one written by hand (`crates/testkit/tests/authorization.rs`).

use crate::audit::Actor;
use crate::documents::Loaded;
use crate::failure::Failure;
use crate::ids::{PersonId, TokenId};
use crate::people::{Person, Role};
use crate::ports::IssueId;
use crate::refusal::{Code, Refusal};
use crate::time::Timestamp;

/// Minutes for which a sign-in counts as recent.
pub const RECENT_SIGN_IN_MINUTES: i64 = 10;

/// A kind of caller: a column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// Any signed-in person but an auditor: what is their own.
    Requester,
    /// A person, for requests that they are eligible to decide now.
    Approver,
    /// A person, for tools that they own.
    Owner,
    /// A person with the administrator role.
    Administrator,
    /// A person with the auditor role: reads all, changes nothing.
    Auditor,
    /// Whoever works at the host's command line.
    Console,
    /// The program's own clockwork.
    System,
    /// Nobody signed in.
    Anonymous,
}

impl CallerKind {
    /// Every kind, in the order of the table's columns.
    pub const ALL: [CallerKind; 8] = [
        Self::Requester,
        Self::Approver,
        Self::Owner,
        Self::Administrator,
        Self::Auditor,
        Self::Console,
        Self::System,
        Self::Anonymous,
    ];

    /// The column's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Approver => "approver",
            Self::Owner => "owner",
            Self::Administrator => "administrator",
            Self::Auditor => "auditor",
            Self::Console => "console",
            Self::System => "system",
            Self::Anonymous => "anonymous",
        }
    }
}

/// A set of kinds of callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CallerKinds(u8);

impl CallerKinds {
    /// The set of these kinds.
    pub const fn of(kinds: &[CallerKind]) -> Self {
        let mut bits = 0;
        let mut rest = kinds;
        while let [first, tail @ ..] = rest {
            bits |= 1 << *first as u8;
            rest = tail;
        }
        Self(bits)
    }

    /// Whether the kind is in the set.
    pub const fn contains(self, kind: CallerKind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }

    fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// Queries only.
    Read,
    /// Whatever the person may do.
    Act,
    /// The audit log only.
    Log,
}

/// How a person proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A browser session, or the platform's own sign-in.
    Session,
    /// An API token.
    Token {
        /// Which.
        id: TokenId,
        /// What it may be used for.
        scope: TokenScope,
    },
}

/// As what a person calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// With the role that the person has here.
    Own,
    /// With what the platform says at this call, whatever role the person has here.
    Platform {
        /// As what.
        standing: PlatformStanding,
        /// The issue that the platform shows the account at this call, if it is one: so they may see it.
        issue: Option<IssueId>,
    },
}

/// What a platform says of its account at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlatformStanding {
    /// An account without a licence, such as a customer of a service desk: what is their own, nothing to decide.
    Customer,
    /// A licensed account.
    Member,
    /// An account that administers the site.
    Administrator,
    /// An account that may read everything.
    Auditor,
}

/// A signed-in person.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The person as stored; operations that rest on it check its revision in their commit.
    pub person: Loaded<Person>,
    /// As what they call.
    pub standing: Standing,
    /// When they last proved who they are; for a token, when it was made.
    pub signed_in_at: Timestamp,
    /// How they proved it.
    pub credential: Credential,
}

impl Principal {
    /// As what they call.
    fn standing(&self) -> PlatformStanding {
        match self.standing {
            Standing::Platform { standing, .. } => standing,
            Standing::Own => match self.person.role {
                Role::Member => PlatformStanding::Member,
                Role::Administrator => PlatformStanding::Administrator,
                Role::Auditor => PlatformStanding::Auditor,
            },
        }
    }
}

/// Who calls.
#[derive(Debug, Clone)]
pub enum Caller {
    /// Nobody signed in.
    Anonymous,
    /// A signed-in person.
    Person(Box<Principal>),
    /// Whoever works at the host's command line.
    Console,
    /// The program's own clockwork.
    System,
}

impl Caller {
    fn kinds(&self) -> CallerKinds {
        use CallerKind::{Administrator, Anonymous, Approver, Auditor, Console, Owner, Requester, System};
        match self {
            Self::Anonymous => CallerKinds::of(&[Anonymous]),
            Self::Console => CallerKinds::of(&[Console]),
            Self::System => CallerKinds::of(&[System]),
            Self::Person(principal) => match principal.standing() {
                PlatformStanding::Customer => CallerKinds::of(&[Requester]),
                PlatformStanding::Member => CallerKinds::of(&[Requester, Approver, Owner]),
                PlatformStanding::Administrator => {
                    CallerKinds::of(&[Requester, Approver, Owner, Administrator])
                }
                PlatformStanding::Auditor => CallerKinds::of(&[Auditor]),
            },
        }
    }

    /// Who the log names as having done it.
    ///
    /// # Errors
    /// [`Code::NotSignedIn`] for an anonymous caller.
    pub fn actor(&self) -> Result<Actor, Refusal> {
        match self {
            Self::Anonymous => Err(not_signed_in()),
            Self::Person(principal) => Ok(Actor::Person(principal.person.id)),
            Self::Console => Ok(Actor::Console),
            Self::System => Ok(Actor::System),
        }
    }
}

/// The kinds as which an operation admitted its caller.
#[derive(Debug, Clone)]
pub struct Admission {
    caller: Caller,
    kinds: CallerKinds,
}

impl Admission {
    /// Whether the caller was admitted as this kind.
    pub fn is(&self, kind: CallerKind) -> bool {
        self.kinds.contains(kind)
    }

    /// Whether the caller may see whatever the operation shows: administrators, auditors, console and clockwork.
    pub fn sees_all(&self) -> bool {
        [CallerKind::Administrator, CallerKind::Auditor, CallerKind::Console, CallerKind::System]
            .into_iter()
            .any(|kind| self.is(kind))
    }

    /// The signed-in person.
    ///
    /// # Errors
    /// [`Code::NotPermitted`] when the caller is no person.
    pub fn person(&self) -> Result<&Loaded<Person>, Failure> {
        match &self.caller {
            Caller::Person(principal) => Ok(&principal.person),
            Caller::Anonymous | Caller::Console | Caller::System => Err(not_permitted().into()),
        }
    }

    /// Whether the caller administers the site, whether or not the operation admitted them for that.
    pub fn is_administrator(&self) -> bool {
        self.caller.kinds().contains(CallerKind::Administrator)
    }

    /// Whether the platform shows the caller this issue at this call, as one who works on issues.
    pub fn is_shown(&self, issue: &IssueId) -> bool {
        match &self.caller {
            Caller::Person(principal) => match &principal.standing {
                Standing::Platform { issue: shown, .. } => {
                    shown.as_ref() == Some(issue) && self.caller.kinds().contains(CallerKind::Approver)
                }
                Standing::Own => false,
            },
            Caller::Anonymous | Caller::Console | Caller::System => false,
        }
    }

    /// The signed-in person's id, if the caller is one.
    pub fn person_id(&self) -> Option<PersonId> {
        match &self.caller {
            Caller::Person(principal) => Some(principal.person.id),
            Caller::Anonymous | Caller::Console | Caller::System => None,
        }
    }

    /// Who the log names as having done it.
    ///
    /// # Errors
    /// [`Code::NotSignedIn`] for an anonymous caller.
    pub fn actor(&self) -> Result<Actor, Failure> {
        Ok(self.caller.actor()?)
    }

    /// The caller.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }
}

/// Whether an operation changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only reads.
    Query,
    /// It commits a change.
    Command,
}

/// What an operation touches, for tokens of narrow scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The audit log and nothing else.
    Log,
    /// Anything else.
    Site,
}

/// What an operation demands of its callers: a row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Demand {
    /// Kinds of callers admitted.
    pub callers: CallerKinds,
    /// Whether it changes anything.
    pub effect: Effect,
    /// What it reads or changes, for tokens of narrow scope.
    pub scope: Scope,
    /// Whether the caller must have signed in within [`RECENT_SIGN_IN_MINUTES`].
    pub recent_sign_in: bool,
}

/// Admits a caller to an operation, or says why not.
///
/// # Errors
/// [`Code::NotSignedIn`], [`Code::NotPermitted`], [`Code::TokenScope`], [`Code::SignInRequired`], [`Code::PersonDeactivated`].
pub fn authorize(demand: &Demand, caller: Caller, now: Timestamp) -> Result<Admission, Refusal> {
    let kinds = caller.kinds().intersection(demand.callers);
    if kinds.is_empty() {
        return Err(match caller {
            Caller::Anonymous => not_signed_in(),
            Caller::Person(_) | Caller::Console | Caller::System => not_permitted(),
        });
    }
    if let Caller::Person(principal) = &caller {
        if !principal.person.is_active() {
            return Err(not_signed_in());
        }
        if let Credential::Token { scope, .. } = principal.credential {
            let covered = match scope {
                TokenScope::Act => true,
                TokenScope::Read => demand.effect == Effect::Query,
                TokenScope::Log => demand.scope == Scope::Log,
            };
            if !covered {
                return Err(Refusal::new(
                    Code::TokenScope,
                    "this token is not made for that; create one with a wider scope",
                ));
            }
        }
        if demand.recent_sign_in && principal.signed_in_at.plus_minutes(RECENT_SIGN_IN_MINUTES) < now {
            return Err(Refusal::new(
                Code::SignInRequired,
                "sign in again to do this; it needs a sign-in within ten minutes",
            ));
        }
    }
    Ok(Admission { caller, kinds })
}

/// Nobody is signed in.
pub fn not_signed_in() -> Refusal {
    Refusal::new(Code::NotSignedIn, "sign in first")
}

fn not_permitted() -> Refusal {
    Refusal::new(Code::NotPermitted, "you may not do this")
}
