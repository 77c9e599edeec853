//! Core and the directories behind it, in memory: what the rules see through the `Core` port, without signatures and HTTP.
//!
//! It keeps Core's promises (owners of groups, order of changes, confirmation by a read) on its own terms, and can be told to fail.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clearance::ports::{Core, CoreCall, CoreError, EntraSignIn, OktaSignIn, ProviderSignIn, Secret};
use core_protocol::message::{
    Account, AccountId, AccountStatus, Answer, Fence, FollowUpReason, Group, GroupId, GroupReach, Member,
    MemberCount, Operation, Outcome, PageCursor, RateLimit, RefusalReason, RetryReason,
};
use tokio::time::{Instant, sleep};

/// Members on one page.
const PAGE: usize = 100;

/// Core and the directories behind it. Clones share everything.
#[derive(Debug, Clone, Default)]
pub struct Directory(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    accounts: BTreeMap<(String, String), Account>,
    groups: BTreeMap<(String, String), Known>,
    fences: BTreeMap<(String, String, String), (Fence, bool)>,
    faults: VecDeque<Fault>,
    /// What every change of an account's memberships is answered.
    troubled: BTreeMap<String, Outcome>,
    down: Option<CoreError>,
    rate_limit: Option<RateLimit>,
    provider_time: Option<i64>,
    /// Of each of the provider's answers; most changes take five.
    latency: Duration,
    allowance: Option<Allowance>,
    under_way: Vec<(String, Operation)>,
    calls: Vec<String>,
    /// The secret that somebody typed for a connector, of the last call that had one.
    typed: Option<String>,
    made: u32,
}

/// Changes that the provider allows: so many a second, and no more saved up than that.
#[derive(Debug)]
struct Allowance {
    per_second: f64,
    left: f64,
    at: Instant,
    /// Changes that were allowed, and refused.
    counted: (u64, u64),
}

impl Allowance {
    fn take(&mut self) -> bool {
        let now = Instant::now();
        let gained = (now - self.at).as_secs_f64() * self.per_second;
        (self.left, self.at) = ((self.left + gained).min(self.per_second), now);
        let allowed = self.left >= 1.0;
        if allowed {
            self.left -= 1.0;
            self.counted.0 += 1;
        } else {
            self.counted.1 += 1;
        }
        allowed
    }
}

#[derive(Debug)]
struct Known {
    name: String,
    description: Option<String>,
    members: BTreeSet<String>,
    reach: GroupReach,
    refused: Option<RefusalReason>,
    owned: bool,
}

/// What goes wrong with one call.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Nothing is done, and this is answered.
    Answers(Outcome),
    /// Nothing is done, and there is no answer.
    Fails(CoreError),
    /// It is done, and the answer is lost.
    LosesAnswer,
    /// It says that it is done, and nothing is done.
    Lies,
    /// There is no answer, and it is under way until [`Directory::arrive`].
    Dawdles,
}

impl Directory {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an account; `tenant` is the connector's host or tenant.
    pub fn account(&self, tenant: &str, id: &str, display_name: &str) {
        let account = Account {
            id: id.parse().expect("an account's id"),
            sign_in_name: Some(format!("{id}@example.com")),
            display_name: Some(display_name.to_owned()),
            status: AccountStatus::Active,
        };
        self.inner().accounts.insert((tenant.to_owned(), id.to_owned()), account);
    }

    /// Changes an account's status.
    pub fn set_status(&self, tenant: &str, id: &str, status: AccountStatus) {
        let mut inner = self.inner();
        inner.accounts.get_mut(&(tenant.to_owned(), id.to_owned())).expect("the account").status = status;
    }

    /// Deletes an account, and takes it out of every group.
    pub fn delete_account(&self, tenant: &str, id: &str) {
        let mut inner = self.inner();
        inner.accounts.remove(&(tenant.to_owned(), id.to_owned()));
        for ((at, _), group) in &mut inner.groups {
            if at == tenant {
                group.members.remove(id);
            }
        }
    }

    /// Adds a group that opens nothing else.
    pub fn group(&self, tenant: &str, id: &str, name: &str) {
        let group = Known {
            name: name.to_owned(),
            description: None,
            members: BTreeSet::new(),
            reach: GroupReach::Nothing,
            refused: None,
            owned: false,
        };
        self.inner().groups.insert((tenant.to_owned(), id.to_owned()), group);
    }

    /// Says what else a group opens.
    pub fn set_reach(&self, tenant: &str, id: &str, reach: GroupReach) {
        self.with_group(tenant, id, |group| group.reach = reach);
    }

    /// Makes a group one that must not be written, or one that may.
    pub fn set_refused(&self, tenant: &str, id: &str, refused: Option<RefusalReason>) {
        self.with_group(tenant, id, |group| group.refused = refused);
    }

    /// Deletes a group.
    pub fn delete_group(&self, tenant: &str, id: &str) {
        self.inner().groups.remove(&(tenant.to_owned(), id.to_owned()));
    }

    /// Puts an account into a group at the provider, past this program.
    pub fn join(&self, tenant: &str, group: &str, account: &str) {
        self.with_group(tenant, group, |group| group.members.insert(account.to_owned()));
    }

    /// Takes an account out of a group at the provider, past this program.
    pub fn leave(&self, tenant: &str, group: &str, account: &str) {
        self.with_group(tenant, group, |group| group.members.remove(account));
    }

    /// Who is in a group.
    pub fn members(&self, tenant: &str, group: &str) -> Vec<String> {
        self.with_group(tenant, group, |group| group.members.iter().cloned().collect())
    }

    fn with_group<T>(&self, tenant: &str, id: &str, work: impl FnOnce(&mut Known) -> T) -> T {
        work(self.inner().groups.get_mut(&(tenant.to_owned(), id.to_owned())).expect("the group"))
    }

    /// Lets the next calls go wrong, one after the other.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.inner().faults.extend(faults);
    }

    /// Lets every change of an account's memberships be answered so, until it is nothing any more.
    pub fn trouble(&self, account: &str, outcome: Option<Outcome>) {
        let mut inner = self.inner();
        match outcome {
            Some(outcome) => inner.troubled.insert(account.to_owned(), outcome),
            None => inner.troubled.remove(account),
        };
    }

    /// Lets the calls arrive that are under way; what came of each.
    pub fn arrive(&self) -> Vec<Outcome> {
        let mut inner = self.inner();
        let under_way = std::mem::take(&mut inner.under_way);
        under_way.iter().map(|(tenant, operation)| inner.carry_out(tenant, operation)).collect()
    }

    /// Lets a later change of a membership be known, as after a restored backup of the site.
    pub fn has_seen(&self, tenant: &str, group: &str, account: &str, fence: u32) {
        let key = (tenant.to_owned(), group.to_owned(), account.to_owned());
        self.inner().fences.insert(key, (Fence(fence), true));
    }

    /// Lets every call fail, until it is up again.
    pub fn set_down(&self, down: Option<CoreError>) {
        self.inner().down = down;
    }

    /// Lets every answer tell what is left of the provider's limit.
    pub fn set_rate_limit(&self, rate_limit: Option<RateLimit>) {
        self.inner().rate_limit = rate_limit;
    }

    /// Lets every answer tell that the provider's clock shows this, in seconds since 1970; none tells nothing.
    pub fn set_provider_time(&self, provider_time: Option<i64>) {
        self.inner().provider_time = provider_time;
    }

    /// Lets each of the provider's answers take so long, in real time. A change takes five of them, as with Core, the change itself being the
    /// fourth.
    pub fn set_latency(&self, latency: Duration) {
        self.inner().latency = latency;
    }

    /// Lets the provider allow so many changes a second from now on, and refuse what is more; none allows any number.
    pub fn allow(&self, per_second: Option<u32>) {
        self.inner().allowance = per_second.map(|per_second| Allowance {
            per_second: per_second.into(),
            left: per_second.into(),
            at: Instant::now(),
            counted: (0, 0),
        });
    }

    /// How many changes were allowed since then, and how many refused.
    pub fn allowed(&self) -> (u64, u64) {
        self.inner().allowance.as_ref().map(|allowance| allowance.counted).unwrap_or_default()
    }

    /// The secret that somebody typed for a connector, as the last call that had one signed in with it.
    pub fn typed_secret(&self) -> Option<String> {
        self.inner().typed.clone()
    }

    /// The operations called so far, by name, and forgets them.
    pub fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut self.inner().calls)
    }
}

fn typed_secret(provider: &ProviderSignIn) -> Option<&Secret> {
    match provider {
        ProviderSignIn::Okta { credential: OktaSignIn::ApiToken(secret), .. }
        | ProviderSignIn::Entra { credential: EntraSignIn::ClientSecret(secret), .. } => Some(secret),
        ProviderSignIn::Okta { .. } | ProviderSignIn::Entra { .. } => None,
    }
}

impl Core for Directory {
    async fn call(&self, call: CoreCall) -> Result<Answer, CoreError> {
        let tenant = match &call.provider {
            ProviderSignIn::Okta { host, .. } => host.to_string(),
            ProviderSignIn::Entra { tenant, .. } => tenant.to_string(),
        };
        let latency = self.inner().latency;
        if latency.is_zero() {
            return self.answer(&tenant, call);
        }
        let is_change =
            matches!(call.operation, Operation::AddMember { .. } | Operation::RemoveMember { .. });
        sleep(if is_change { latency * 4 } else { latency }).await;
        let answer = self.answer(&tenant, call);
        if is_change {
            sleep(latency).await;
        }
        answer
    }
}

impl Directory {
    fn answer(&self, tenant: &str, call: CoreCall) -> Result<Answer, CoreError> {
        let mut inner = self.inner();
        inner.calls.push(call.operation.name().to_owned());
        if let Some(secret) = typed_secret(&call.provider) {
            inner.typed = Some(secret.expose().to_owned());
        }
        if let Some(error) = &inner.down {
            return Err(error.clone());
        }
        let outcome = match inner.faults.pop_front() {
            Some(Fault::Answers(outcome)) => outcome,
            Some(Fault::Fails(error)) => return Err(error),
            Some(Fault::LosesAnswer) => {
                inner.carry_out(tenant, &call.operation);
                return Err(CoreError::Unreachable("the answer was lost".to_owned()));
            }
            Some(Fault::Dawdles) => {
                inner.under_way.push((tenant.to_owned(), call.operation));
                return Err(CoreError::Unreachable("no answer yet".to_owned()));
            }
            // Core confirms each change by a read, so a lie of the provider shows as a change that is not to be seen.
            Some(Fault::Lies) => Outcome::RetryAfter { seconds: 2, reason: RetryReason::Unconfirmed },
            None => inner.carry_out(tenant, &call.operation),
        };
        Ok(Answer {
            outcome,
            provider_request_ids: Vec::new(),
            provider_time: inner.provider_time,
            rate_limit: inner.rate_limit,
        })
    }
}

fn follow_up(reason: FollowUpReason) -> Outcome {
    Outcome::NeedsFollowUp { reason }
}

impl Inner {
    fn carry_out(&mut self, tenant: &str, operation: &Operation) -> Outcome {
        let is_change = matches!(operation, Operation::AddMember { .. } | Operation::RemoveMember { .. });
        if is_change && self.allowance.as_mut().is_some_and(|allowance| !allowance.take()) {
            return Outcome::RetryAfter { seconds: 1, reason: RetryReason::RateLimited };
        }
        let troubled = match operation {
            Operation::AddMember { account, .. } | Operation::RemoveMember { account, .. } => {
                self.troubled.get(account.as_str()).cloned()
            }
            _ => None,
        };
        troubled.unwrap_or_else(|| self.outcome(tenant, operation).unwrap_or_else(|outcome| outcome))
    }

    fn outcome(&mut self, tenant: &str, operation: &Operation) -> Result<Outcome, Outcome> {
        Ok(match operation {
            Operation::TestConnector {} => Outcome::Connected {},
            Operation::FindGroup { group_name } => {
                let named = self
                    .groups
                    .iter()
                    .filter(|((at, _), group)| at == tenant && group.name == group_name.as_str());
                Outcome::Groups { groups: named.map(|((_, id), group)| group.shown(id)).collect() }
            }
            Operation::CreateGroup { group_name, description } => {
                let named = self
                    .groups
                    .iter()
                    .find(|((at, _), group)| at == tenant && group.name == group_name.as_str());
                if let Some(((_, id), group)) = named {
                    return if group.owned {
                        Ok(Outcome::Group { group: group.shown(id) })
                    } else {
                        Err(Outcome::Refused { reason: RefusalReason::NameTaken })
                    };
                }
                self.made += 1;
                let id = format!("made{}", self.made);
                let group = Known {
                    name: group_name.to_string(),
                    description: Some(description.to_string()),
                    members: BTreeSet::new(),
                    reach: GroupReach::Nothing,
                    refused: None,
                    owned: true,
                };
                let shown = group.shown(&id);
                self.groups.insert((tenant.to_owned(), id), group);
                Outcome::Group { group: shown }
            }
            Operation::CheckBinding { group } => {
                let known = self.bindable(tenant, group)?;
                Outcome::Group { group: known.shown(group.as_str()) }
            }
            Operation::BindGroup { group } => {
                let known = self.bindable(tenant, group)?;
                known.owned = true;
                Outcome::Group { group: known.shown(group.as_str()) }
            }
            Operation::ReleaseGroup { group } => {
                let known = self.group(tenant, group)?;
                if std::mem::take(&mut known.owned) { Outcome::Changed {} } else { Outcome::Already {} }
            }
            Operation::FindAccount { account } => {
                let wanted = account.as_str();
                let found = self.accounts.iter().find(|((at, id), account)| {
                    at == tenant && (id == wanted || account.sign_in_name.as_deref() == Some(wanted))
                });
                let (_, account) = found.ok_or_else(|| follow_up(FollowUpReason::IdentityGone))?;
                Outcome::Account { account: account.clone() }
            }
            Operation::AddMember { group, account, fence } => {
                self.pass(tenant, group, account, *fence, true)?;
                let known = self.accounts.get(&(tenant.to_owned(), account.to_string()));
                let known = known.ok_or_else(|| follow_up(FollowUpReason::IdentityGone))?;
                if matches!(known.status, AccountStatus::Suspended | AccountStatus::Deactivated) {
                    return Err(follow_up(FollowUpReason::IdentityInactive));
                }
                let added = self.writable(tenant, group)?.members.insert(account.to_string());
                if added { Outcome::Changed {} } else { Outcome::Already {} }
            }
            Operation::RemoveMember { group, account, fence } => {
                self.pass(tenant, group, account, *fence, false)?;
                if self.group(tenant, group)?.members.contains(account.as_str()) {
                    self.writable(tenant, group)?.members.remove(account.as_str());
                    Outcome::Changed {}
                } else {
                    Outcome::Already {}
                }
            }
            Operation::CheckMember { group, account } => {
                if self.group(tenant, group)?.members.contains(account.as_str()) {
                    Outcome::Member {}
                } else {
                    Outcome::NotMember {}
                }
            }
            Operation::ListMembers { group, after } => {
                let from = after.as_ref().and_then(|after| after.as_str().parse().ok()).unwrap_or(0);
                let members = &self.group(tenant, group)?.members;
                let more = members.len() > from + PAGE;
                let page: Vec<_> = members.iter().skip(from).take(PAGE).cloned().collect();
                let status = |id: &str| {
                    let account = self.accounts.get(&(tenant.to_owned(), id.to_owned()));
                    account.map_or(AccountStatus::Unknown, |account| account.status)
                };
                let member = |id: &String| Member { id: id.parse().expect("an id"), status: status(id) };
                let next = more.then(|| PageCursor::try_from((from + PAGE).to_string()).expect("a cursor"));
                Outcome::Members { members: page.iter().map(member).collect(), next }
            }
        })
    }

    fn group(&mut self, tenant: &str, id: &GroupId) -> Result<&mut Known, Outcome> {
        let known = self.groups.get_mut(&(tenant.to_owned(), id.to_string()));
        known.ok_or_else(|| follow_up(FollowUpReason::GroupGone))
    }

    fn bindable(&mut self, tenant: &str, id: &GroupId) -> Result<&mut Known, Outcome> {
        let known = self.group(tenant, id)?;
        match known.refused {
            Some(reason) => Err(Outcome::Refused { reason }),
            None => Ok(known),
        }
    }

    fn writable(&mut self, tenant: &str, id: &GroupId) -> Result<&mut Known, Outcome> {
        let known = self.group(tenant, id)?;
        if known.refused.is_some() { Err(follow_up(FollowUpReason::GroupNotWritable)) } else { Ok(known) }
    }

    fn pass(
        &mut self,
        tenant: &str,
        group: &GroupId,
        account: &AccountId,
        fence: Fence,
        add: bool,
    ) -> Result<(), Outcome> {
        if !self.group(tenant, group)?.owned {
            return Err(Outcome::Refused { reason: RefusalReason::GroupNotBound });
        }
        let key = (tenant.to_owned(), group.to_string(), account.to_string());
        let reason = match self.fences.get(&key) {
            Some((seen, _)) if fence < *seen => RefusalReason::FenceTooLow,
            Some((seen, change)) if fence == *seen && *change != add => RefusalReason::FenceReused,
            _ => {
                self.fences.insert(key, (fence, add));
                return Ok(());
            }
        };
        Err(Outcome::Refused { reason })
    }
}

impl Known {
    fn shown(&self, id: &str) -> Group {
        let count = u32::try_from(self.members.len().min(PAGE)).unwrap_or(u32::MAX);
        Group {
            id: id.parse().expect("a group's id"),
            name: self.name.clone(),
            description: self.description.clone(),
            members: Some(MemberCount { at_least: count, more: self.members.len() > PAGE }),
            reach: Some(self.reach.clone()),
        }
    }
}
