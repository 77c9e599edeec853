//! Who calls, as the platform authenticated it.

use clearance::authorization::{self, Caller, Credential, PlatformStanding, Principal, Standing};
use clearance::documents::load;
use clearance::failure::Failure;
use clearance::ids::PersonId;
use clearance::people::Person;
use clearance::ports::{Environment as _, IssueId, JiraAccountId, Ports as _};
use clearance::sign_in::{note_administrator, person_of_jira_account};
use clearance::time::Timestamp;
use serde::Deserialize;

use crate::ports::ForgePorts;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartCaller {
    /// Nobody signed in.
    Anonymous,
    /// An account of the platform, by what its runtime says of the invocation.
    Account(Account),
    /// A person: for tests of the module only.
    Person {
        /// Their id.
        id: PersonId,
        /// When they last proved who they are.
        signed_in_at: Timestamp,
    },
    /// The app's own set-up: for tests of the module only.
    Console,
    /// The platform's clockwork and events: scheduled triggers, queue consumers, product events.
    System,
}

/// An account of the platform, and what is true of it at this call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its id, from the runtime's principal.
    pub id: JiraAccountId,
    /// Whether it has `ADMINISTER` now, asked as the user in this invocation. Counts on the admin page only.
    pub administrator: bool,
    /// Whether it has the app's global permission to read everything. Does not count in the portal.
    pub auditor: bool,
    /// Whether it is a licensed user.
    pub licensed: bool,
    /// Where it calls from.
    pub surface: Surface,
    /// The issue that the platform shows it there, from the runtime's context and never from the payload: issue panel and portal detail.
    #[serde(default)]
    pub issue: Option<IssueId>,
}

/// Where an account calls from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// The admin page.
    Admin,
    /// The app page.
    App,
    /// The portal's panels and pages.
    Portal,
    /// The issue panel.
    Issue,
    /// The queue page.
    Queue,
}

impl Account {
    /// As what the account calls. It holds for this call only.
    fn standing(&self) -> PlatformStanding {
        match self.surface {
            Surface::Portal => PlatformStanding::Customer,
            Surface::Admin if self.administrator => PlatformStanding::Administrator,
            Surface::Admin | Surface::App | Surface::Issue | Surface::Queue => {
                match (self.auditor, self.licensed) {
                    (true, _) => PlatformStanding::Auditor,
                    (false, true) => PlatformStanding::Member,
                    (false, false) => PlatformStanding::Customer,
                }
            }
        }
    }
}

impl StartCaller {
    /// Whether it is an administrator on the admin page.
    pub(crate) fn administers(&self) -> bool {
        matches!(self, Self::Account(account) if account.standing() == PlatformStanding::Administrator)
    }

    /// Whether it reads everything: an administrator on the admin page, or an auditor.
    pub(crate) fn reads_everything(&self) -> bool {
        let reads = [PlatformStanding::Administrator, PlatformStanding::Auditor];
        matches!(self, Self::Account(account) if reads.contains(&account.standing()))
    }

    /// The caller as the rules know them: a person is loaded, and thereby known to exist.
    pub(crate) async fn authenticate(&self, ports: &ForgePorts) -> Result<Caller, Failure> {
        Ok(match self {
            Self::Anonymous => Caller::Anonymous,
            Self::Console => Caller::Console,
            Self::System => Caller::System,
            Self::Person { id, signed_in_at } => {
                let person = load::<Person>(ports.store(), &id.to_string()).await?;
                let person = person.ok_or_else(authorization::not_signed_in)?;
                let (standing, signed_in_at) = (Standing::Own, *signed_in_at);
                let credential = Credential::Session;
                Caller::Person(Box::new(Principal { person, standing, signed_in_at, credential }))
            }
            // In a function of its own: the others' callers do not wait until it is compiled.
            Self::Account(account) => Caller::Person(Box::new(Box::pin(principal(account, ports)).await?)),
        })
    }
}

/// The person whom the platform's account stands for.
async fn principal(account: &Account, ports: &ForgePorts) -> Result<Principal, Failure> {
    let mut person = person_of_jira_account(ports, &account.id).await?;
    if account.surface == Surface::Admin {
        person = note_administrator(ports, person, account.administrator).await?;
    }
    // The platform signs its users in, and vouches for them anew at each call.
    let standing = Standing::Platform { standing: account.standing(), issue: account.issue.clone() };
    let signed_in_at = ports.environment().now();
    Ok(Principal { person, standing, signed_in_at, credential: Credential::Session })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(surface: &str, administrator: bool, auditor: bool, licensed: bool) -> PlatformStanding {
        let json = serde_json::json!({ "account": {
            "id": "712020:00000000-0000-4000-8000-000000000001", "administrator": administrator, "auditor": auditor,
            "licensed": licensed, "surface": surface,
        } });
        match serde_json::from_value(json).unwrap() {
            StartCaller::Account(account) => account.standing(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_the_admin_page_makes_an_administrator_and_the_portal_makes_customers() {
        use PlatformStanding::{Administrator, Auditor, Customer, Member};
        for surface in ["admin", "app", "portal", "issue", "queue"] {
            for bits in 0..8_u8 {
                let [administrator, auditor, licensed] = [1, 2, 4].map(|bit| bits & bit != 0);
                let expected = match surface {
                    "portal" => Customer,
                    "admin" if administrator => Administrator,
                    _ if auditor => Auditor,
                    _ if licensed => Member,
                    _ => Customer,
                };
                assert_eq!(
                    account(surface, administrator, auditor, licensed),
                    expected,
                    "{surface} {bits:03b}"
                );
            }
        }
    }

    #[test]
    fn what_the_platform_did_not_say_is_refused() {
        for wrong in [
            r#"{"account":{"id":"a","administrator":true,"auditor":false,"licensed":true}}"#,
            r#"{"account":{"id":"","administrator":true,"auditor":false,"licensed":true,"surface":"admin"}}"#,
            r#"{"account":{"id":"a/b","administrator":true,"auditor":false,"licensed":true,"surface":"admin"}}"#,
            r#"{"account":{"id":"a","administrator":true,"auditor":false,"licensed":true,"surface":"root"}}"#,
            r#"{"account":{"id":"a","administrator":true,"auditor":false,"licensed":true,"surface":"admin","role":1}}"#,
        ] {
            assert!(serde_json::from_str::<StartCaller>(wrong).is_err(), "{wrong}");
        }
    }
}
