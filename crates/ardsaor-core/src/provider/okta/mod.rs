//! Okta: the ten requests that Core makes there.
//!
//! Groups do not nest, and only those of type `OKTA_GROUP` that no rule fills are written. A membership is read from the account's groups,
//! which is short, rather than from the group's members, which is not.

mod error;
mod link;
mod proof;
mod sign_in;
#[cfg(test)]
mod tests;
mod types;

use core_protocol::message::{
    self, AccountId, Connector, FollowUpReason, GroupDescription, GroupId, GroupName, GroupReach, Member,
    MemberCount, PageCursor, RefusalReason,
};
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::http::{Reply, encoded};
use super::listing::{Listing, Listings};
use super::tokens::Scheme;
use super::{Interrupted, Session};
pub(crate) use proof::ProofKey;
use proof::Proven;
use sign_in::{Authorization, authorize};
use types::{App, Group, Rule, User};

/// Members on a page, as Okta recommends.
const MEMBERS: u32 = 200;
/// Rules on a page.
const RULES: u32 = 50;
/// Applications looked at.
const APPS: u32 = 20;
/// Groups that a search by prefix gives, at most.
const FOUND: u32 = 300;
/// Pages that are read for one answer, at most. More would not end in time.
const MOST_PAGES: u32 = 40;

/// Talks to one org for one call.
pub(crate) struct Client<'s, 'a> {
    session: &'s mut Session<'a>,
    base: String,
}

type Page<T> = (Vec<T>, Option<String>);

impl<'s, 'a> Client<'s, 'a> {
    pub(crate) fn new(session: &'s mut Session<'a>) -> Self {
        let host = match session.connector {
            Connector::Okta { host, .. } => host.as_str(),
            Connector::Entra { .. } => "",
        };
        let base = session.base(host);
        Self { session, base }
    }

    pub(crate) async fn probe(&mut self) -> Result<(), Interrupted> {
        self.page::<Group>("groups?limit=1", FollowUpReason::UnexpectedAnswer).await?;
        self.page::<User>("users?limit=1", FollowUpReason::UnexpectedAnswer).await?;
        Ok(())
    }

    pub(crate) async fn groups_named(
        &mut self,
        name: &GroupName,
    ) -> Result<Vec<message::Group>, Interrupted> {
        let path = format!("groups?q={}&limit={FOUND}", encoded(name.as_str()));
        let (groups, _) = self.page::<Group>(&path, FollowUpReason::UnexpectedAnswer).await?;
        // `q` compares beginnings; other groups come along.
        groups
            .into_iter()
            .filter(|group| group.name() == Some(name.as_str()))
            .map(TryInto::try_into)
            .collect()
    }

    pub(crate) async fn create_group(
        &mut self,
        name: &GroupName,
        description: &GroupDescription,
    ) -> Result<message::Group, Interrupted> {
        let body = json!({ "profile": { "name": name, "description": description } });
        let reply = self.send(Method::POST, "groups", Some(&body)).await?;
        match reply.status {
            200 | 201 => reply.json::<Group>()?.try_into(),
            _ => Err(error::of(&reply, FollowUpReason::UnexpectedAnswer)),
        }
    }

    pub(crate) async fn not_writable(
        &mut self,
        group: &GroupId,
    ) -> Result<Option<RefusalReason>, Interrupted> {
        not_writable(&self.group(group).await?)
    }

    pub(crate) async fn check_binding(&mut self, id: &GroupId) -> Result<message::Group, Interrupted> {
        let group = self.group(id).await?;
        if let Some(reason) = not_writable(&group)? {
            return Err(Interrupted::Refused(reason));
        }
        if self.is_filled_by_rule(id).await? {
            return Err(Interrupted::Refused(RefusalReason::GroupRuleManaged));
        }
        let (members, next) = self.members(id, None).await?;
        let reach = self.reach(id).await?;
        let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
        Ok(message::Group {
            members: Some(MemberCount { at_least: count, more: next.is_some() }),
            reach: Some(reach),
            ..group.try_into()?
        })
    }

    pub(crate) async fn account(&mut self, account: &str) -> Result<message::Account, Interrupted> {
        let path = format!("users/{}", encoded(account));
        let reply = self.send(Method::GET, &path, None).await?;
        match reply.status {
            200 => reply.json::<User>()?.try_into(),
            _ => Err(error::of(&reply, FollowUpReason::IdentityGone)),
        }
    }

    pub(crate) async fn is_member(
        &mut self,
        group: &GroupId,
        account: &AccountId,
    ) -> Result<bool, Interrupted> {
        let mut listings = Listings::default();
        loop {
            let listing = self.groups_of(account).await?;
            if let Some(is_there) = listings.settle(listing, group.as_str())? {
                return Ok(is_there);
            }
        }
    }

    async fn groups_of(&mut self, account: &AccountId) -> Result<Listing, Interrupted> {
        let path = format!("users/{account}/groups");
        let (mut listing, mut next) = (Listing::default(), None::<String>);
        for _ in 0..MOST_PAGES {
            let path = following(&path, next.as_deref());
            let (groups, after) = self.page::<Group>(&path, FollowUpReason::IdentityGone).await?;
            listing.add(groups.into_iter().map(|group| group.id));
            if after.is_none() {
                return Ok(listing);
            }
            next = after;
        }
        // Not having seen everything is no answer.
        Err(Interrupted::UNEXPECTED)
    }

    pub(crate) async fn add(&mut self, group: &GroupId, account: &AccountId) -> Result<(), Interrupted> {
        self.change(Method::PUT, group, account).await
    }

    pub(crate) async fn remove(&mut self, group: &GroupId, account: &AccountId) -> Result<(), Interrupted> {
        self.change(Method::DELETE, group, account).await
    }

    pub(crate) async fn members(
        &mut self,
        group: &GroupId,
        after: Option<&PageCursor>,
    ) -> Result<(Vec<Member>, Option<PageCursor>), Interrupted> {
        let mut path = format!("groups/{group}/users?limit={MEMBERS}");
        if let Some(after) = after {
            path.extend(["&after=", &encoded(after.as_str())]);
        }
        let (users, next) = self.page::<User>(&path, FollowUpReason::GroupGone).await?;
        let members = users.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        let next = next.map(PageCursor::try_from).transpose().map_err(|_| Interrupted::UNEXPECTED)?;
        Ok((members, next))
    }

    async fn group(&mut self, id: &GroupId) -> Result<Group, Interrupted> {
        let reply = self.send(Method::GET, &format!("groups/{id}"), None).await?;
        match reply.status {
            200 => reply.json(),
            _ => Err(error::of(&reply, FollowUpReason::GroupGone)),
        }
    }

    async fn is_filled_by_rule(&mut self, id: &GroupId) -> Result<bool, Interrupted> {
        let path = format!("groups/rules?limit={RULES}");
        self.any::<Rule>(&path, FollowUpReason::UnexpectedAnswer, |rule| rule.targets(id.as_str())).await
    }

    async fn reach(&mut self, id: &GroupId) -> Result<GroupReach, Interrupted> {
        let path = format!("groups/{id}/apps?limit={APPS}");
        match self.page::<App>(&path, FollowUpReason::GroupGone).await {
            Ok((apps, _)) if apps.is_empty() => Ok(GroupReach::Nothing),
            Ok((apps, _)) => Ok(GroupReach::Applications {
                names: apps.into_iter().map(|app| app.label.unwrap_or_default()).collect(),
            }),
            // Reading applications is a permission that Core does not insist on.
            Err(Interrupted::PERMISSION) => Ok(GroupReach::Unreadable),
            Err(interrupted) => Err(interrupted),
        }
    }

    async fn change(
        &mut self,
        method: Method,
        group: &GroupId,
        account: &AccountId,
    ) -> Result<(), Interrupted> {
        let reply = self.send(method, &format!("groups/{group}/users/{account}"), None).await?;
        match reply.status {
            200 | 204 => Ok(()),
            _ => Err(error::of(&reply, FollowUpReason::UnexpectedAnswer)),
        }
    }

    /// Whether any item of a list is the one, page after page.
    async fn any<T: DeserializeOwned>(
        &mut self,
        path: &str,
        missing: FollowUpReason,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<bool, Interrupted> {
        let mut next: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let path = following(path, next.as_deref());
            let (items, after) = self.page::<T>(&path, missing).await?;
            if items.iter().any(&wanted) {
                return Ok(true);
            }
            if after.is_none() {
                return Ok(false);
            }
            next = after;
        }
        // Not having seen everything is no answer.
        Err(Interrupted::UNEXPECTED)
    }

    async fn page<T: DeserializeOwned>(
        &mut self,
        path: &str,
        missing: FollowUpReason,
    ) -> Result<Page<T>, Interrupted> {
        let reply = self.send(Method::GET, path, None).await?;
        match reply.status {
            200 => Ok((reply.json()?, link::next(&reply, &self.base)?)),
            _ => Err(error::of(&reply, missing)),
        }
    }

    /// Sends a request to the API, once more when a kept token turns out to be no good.
    async fn send(&mut self, method: Method, path: &str, body: Option<&Value>) -> Result<Reply, Interrupted> {
        let url = format!("{}/api/v1/{path}", self.base);
        let authorization = authorize(self.session, &self.base).await?;
        let reply = self.send_as(&authorization, method.clone(), &url, body).await?;
        if let Authorization::Token { cached: true, token } = &authorization
            && error::token_refused(&reply)
        {
            self.session.drop_token(token);
            let fresh = authorize(self.session, &self.base).await?;
            return self.send_as(&fresh, method, &url, body).await;
        }
        Ok(reply)
    }

    async fn send_as(
        &mut self,
        authorization: &Authorization,
        method: Method,
        url: &str,
        body: Option<&Value>,
    ) -> Result<Reply, Interrupted> {
        let mut request = self.session.request(method.clone(), url).header(ACCEPT, "application/json");
        let shown = match authorization {
            Authorization::ApiToken(secret) => format!("SSWS {}", secret.as_str()),
            Authorization::Token { token, .. } => match &token.scheme {
                Scheme::Bearer => format!("Bearer {}", token.text.as_str()),
                Scheme::Dpop(key) => {
                    let proven = Proven {
                        method: method.as_str(),
                        url: url.split('?').next().unwrap_or(url),
                        nonce: None,
                        token: Some(&token.text),
                    };
                    let proof = key.prove(&proven, self.session.now).ok_or(Interrupted::UNEXPECTED)?;
                    request = request.header("dpop", proof);
                    format!("DPoP {}", token.text.as_str())
                }
            },
        };
        let mut shown = HeaderValue::try_from(shown).map_err(|_| Interrupted::CREDENTIALS)?;
        shown.set_sensitive(true);
        request = request.header(AUTHORIZATION, shown);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        self.session.send(request).await
    }
}

/// The path of a list's first page, or of the one that follows.
fn following(path: &str, after: Option<&str>) -> String {
    after.map_or_else(
        || path.to_owned(),
        |after| {
            let separator = if path.contains('?') { '&' } else { '?' };
            format!("{path}{separator}after={}", encoded(after))
        },
    )
}

/// Why the group's members cannot be changed, by its type. What is not known is not written.
fn not_writable(group: &Group) -> Result<Option<RefusalReason>, Interrupted> {
    match group.kind.as_deref() {
        Some("OKTA_GROUP") => Ok(None),
        Some("BUILT_IN") => Ok(Some(RefusalReason::GroupBuiltIn)),
        Some("APP_GROUP") => Ok(Some(RefusalReason::GroupOfApplication)),
        _ => Err(Interrupted::UNEXPECTED),
    }
}
