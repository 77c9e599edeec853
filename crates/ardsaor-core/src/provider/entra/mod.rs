//! Microsoft Entra through Microsoft Graph v1.0.
//!
//! A membership is read from the objects that the account is directly in; `checkMemberGroups` would count nested groups, too. The only
//! `DELETE` that ever leaves is of a reference, ending in `/$ref`: without that, Graph deletes the person's account.

mod error;
mod sign_in;
#[cfg(test)]
mod tests;
mod types;

use core_protocol::message::{
    self, AccountId, Connector, FollowUpReason, GroupDescription, GroupId, GroupName, GroupReach, Member,
    MemberCount, PageCursor, RefusalReason, RetryReason,
};
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use super::http::{Reply, encoded};
use super::listing::{Listing, Listings};
use super::{Interrupted, Session};
use sign_in::{Bearer, authorize};
use types::{Group, List, Object, User};

/// What is read of a group, to see whether it can be written.
const GROUP_FIELDS: &str = "id,displayName,description,groupTypes,mailEnabled,securityEnabled,onPremisesSyncEnabled,isAssignableToRole";
/// What is read of an account; `accountEnabled` does not come unasked.
const USER_FIELDS: &str = "id,accountEnabled,userPrincipalName,displayName";
/// Objects on a page, at most.
const PAGE: u32 = 999;
/// Pages that are read for one answer, at most. More would not end in time.
const MOST_PAGES: u32 = 40;

/// Talks to one tenant for one call.
pub(crate) struct Client<'s, 'a> {
    session: &'s mut Session<'a>,
    base: String,
    graph_host: &'static str,
}

impl<'s, 'a> Client<'s, 'a> {
    pub(crate) fn new(session: &'s mut Session<'a>) -> Self {
        let graph_host = match session.connector {
            Connector::Entra { cloud, .. } => cloud.graph_host(),
            Connector::Okta { .. } => "",
        };
        let base = session.base(graph_host);
        Self { session, base, graph_host }
    }

    pub(crate) async fn probe(&mut self) -> Result<(), Interrupted> {
        self.list::<Group>("groups?$top=1&$select=id", FollowUpReason::UnexpectedAnswer).await?;
        self.list::<User>("users?$top=1&$select=id", FollowUpReason::UnexpectedAnswer).await?;
        Ok(())
    }

    pub(crate) async fn groups_named(
        &mut self,
        name: &GroupName,
    ) -> Result<Vec<message::Group>, Interrupted> {
        let filter = format!("displayName eq '{}'", name.as_str().replace('\'', "''"));
        let path = format!("groups?$filter={}&$select={GROUP_FIELDS}", encoded(&filter));
        let (groups, _) = self.list::<Group>(&path, FollowUpReason::UnexpectedAnswer).await?;
        // The filter does not look at upper and lower case.
        let named = groups.into_iter().filter(|group| group.display_name.as_deref() == Some(name.as_str()));
        named.map(TryInto::try_into).collect()
    }

    pub(crate) async fn create_group(
        &mut self,
        name: &GroupName,
        description: &GroupDescription,
    ) -> Result<message::Group, Interrupted> {
        let body = json!({
            "displayName": name,
            "description": description,
            "mailEnabled": false,
            "mailNickname": format!("clearance-{}", random_hex()?),
            "securityEnabled": true,
        });
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
        Ok(self.group(group).await?.not_writable())
    }

    pub(crate) async fn check_binding(&mut self, id: &GroupId) -> Result<message::Group, Interrupted> {
        let group = self.group(id).await?;
        if let Some(reason) = group.not_writable() {
            return Err(Interrupted::Refused(reason));
        }
        let (members, next) = self.members(id, None).await?;
        let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
        Ok(message::Group {
            members: Some(MemberCount { at_least: count, more: next.is_some() }),
            // Reading what is assigned to a group takes a permission far beyond what Core needs.
            reach: Some(GroupReach::Unreadable),
            ..group.try_into()?
        })
    }

    pub(crate) async fn account(&mut self, account: &str) -> Result<message::Account, Interrupted> {
        let path = format!("users/{}?$select={USER_FIELDS}", encoded(account));
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
        let (group, account) = (uuid(group.as_str())?, uuid(account.as_str())?);
        let mut listings = Listings::default();
        loop {
            let listing = self.objects_of(account).await?;
            if let Some(is_there) = listings.settle(listing, group)? {
                return Ok(is_there);
            }
        }
    }

    /// What the account is directly in.
    async fn objects_of(&mut self, account: &str) -> Result<Listing, Interrupted> {
        let path = format!("users/{account}/memberOf?$select=id&$top={PAGE}");
        let (mut listing, mut next) = (Listing::default(), None);
        for _ in 0..MOST_PAGES {
            let path = following(&path, next.as_deref());
            let (objects, after) = self.list::<Object>(&path, FollowUpReason::IdentityGone).await?;
            listing.add(objects.into_iter().map(|object| object.id));
            if after.is_none() {
                return Ok(listing);
            }
            next = after;
        }
        // Not having seen everything is no answer.
        Err(Interrupted::UNEXPECTED)
    }

    pub(crate) async fn add(&mut self, group: &GroupId, account: &AccountId) -> Result<(), Interrupted> {
        let (group, account) = (uuid(group.as_str())?, uuid(account.as_str())?);
        let address = format!("https://{}/v1.0/directoryObjects/{account}", self.graph_host);
        let body = json!({ "@odata.id": address });
        let reply = self.send(Method::POST, &format!("groups/{group}/members/$ref"), Some(&body)).await?;
        match reply.status {
            200 | 204 => Ok(()),
            // The code is as general as can be, so the text must do; what it says is confirmed by a read.
            400 if error::says(&reply, "already exist") => Ok(()),
            // Both were read a moment ago: one of Graph's servers has not heard of them yet.
            404 => Err(UNCONFIRMED),
            _ => Err(error::of(&reply, FollowUpReason::UnexpectedAnswer)),
        }
    }

    pub(crate) async fn remove(&mut self, group: &GroupId, account: &AccountId) -> Result<(), Interrupted> {
        let (group, account) = (uuid(group.as_str())?, uuid(account.as_str())?);
        // Never without `/$ref`: see the module's text.
        let path = format!("groups/{group}/members/{account}/$ref");
        let reply = self.send(Method::DELETE, &path, None).await?;
        match reply.status {
            // Which of group, account and membership a 404 is about, the read that follows finds out.
            200 | 204 | 404 => Ok(()),
            400 if error::says(&reply, "do not exist") => Ok(()),
            _ => Err(error::of(&reply, FollowUpReason::UnexpectedAnswer)),
        }
    }

    pub(crate) async fn members(
        &mut self,
        group: &GroupId,
        after: Option<&PageCursor>,
    ) -> Result<(Vec<Member>, Option<PageCursor>), Interrupted> {
        let path = format!("groups/{}/members?$select=id&$top={PAGE}", uuid(group.as_str())?);
        let path = following(&path, after.map(PageCursor::as_str));
        let (objects, next) = self.list::<Object>(&path, FollowUpReason::GroupGone).await?;
        let members = objects.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        let next = next.map(PageCursor::try_from).transpose().map_err(|_| Interrupted::UNEXPECTED)?;
        Ok((members, next))
    }

    async fn group(&mut self, id: &GroupId) -> Result<Group, Interrupted> {
        let path = format!("groups/{}?$select={GROUP_FIELDS}", uuid(id.as_str())?);
        let reply = self.send(Method::GET, &path, None).await?;
        match reply.status {
            200 => reply.json(),
            _ => Err(error::of(&reply, FollowUpReason::GroupGone)),
        }
    }

    /// One page, and the cursor of the next.
    async fn list<T: DeserializeOwned>(
        &mut self,
        path: &str,
        missing: FollowUpReason,
    ) -> Result<(Vec<T>, Option<String>), Interrupted> {
        let reply = self.send(Method::GET, path, None).await?;
        if reply.status != 200 {
            return Err(error::of(&reply, missing));
        }
        let list: List<T> = reply.json()?;
        let next = list.next.map(|address| skip_token(&address, &self.base)).transpose()?;
        Ok((list.value, next))
    }

    /// Sends a request to Graph, once more when a kept token turns out to be no good.
    async fn send(&mut self, method: Method, path: &str, body: Option<&Value>) -> Result<Reply, Interrupted> {
        let bearer = authorize(self.session).await?;
        let reply = self.send_as(&bearer, method.clone(), path, body).await?;
        if bearer.cached && reply.status == 401 {
            self.session.drop_token(&bearer.token);
            let fresh = authorize(self.session).await?;
            return self.send_as(&fresh, method, path, body).await;
        }
        Ok(reply)
    }

    async fn send_as(
        &mut self,
        bearer: &Bearer,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Reply, Interrupted> {
        let shown = format!("Bearer {}", bearer.token.text.as_str());
        let mut shown = HeaderValue::try_from(shown).map_err(|_| Interrupted::CREDENTIALS)?;
        shown.set_sensitive(true);
        let mut request = self
            .session
            .request(method, &format!("{}/v1.0/{path}", self.base))
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, shown);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        self.session.send(request).await
    }
}

const UNCONFIRMED: Interrupted = Interrupted::RetryAfter { seconds: 5, reason: RetryReason::Unconfirmed };

/// Graph takes sign-in names and aliases where ids stand; Core sends ids only.
fn uuid(id: &str) -> Result<&str, Interrupted> {
    let fits = id.len() == 36
        && id.bytes().enumerate().all(|(position, byte)| match position {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'),
        });
    if fits { Ok(id) } else { Err(Interrupted::Refused(RefusalReason::WrongId)) }
}

fn following(path: &str, skip_token: Option<&str>) -> String {
    skip_token.map_or_else(|| path.to_owned(), |token| format!("{path}&$skiptoken={}", encoded(token)))
}

/// Only the cursor is taken from the address of the next page, which must be of the same origin.
fn skip_token(address: &str, base: &str) -> Result<String, Interrupted> {
    let find = || {
        let (url, base) = (Url::parse(address).ok()?, Url::parse(base).ok()?);
        if url.origin() != base.origin() {
            return None;
        }
        url.query_pairs().find(|(name, _)| name == "$skiptoken").map(|(_, value)| value.into_owned())
    };
    find().ok_or(Interrupted::UNEXPECTED)
}

fn random_hex() -> Result<String, Interrupted> {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Interrupted::UNEXPECTED)?;
    Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
}
