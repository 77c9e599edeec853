use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};

use crate::assertion::Assertions;
use crate::lag::Lag;
use crate::server::{Allowance, Common, Directory, Exchange, Fault, FaultKind, Reply, Seen, Served};

mod proof;

/// A group of the stand-in.
#[derive(Debug, Clone, Default)]
pub struct OktaGroup {
    /// Its name.
    pub name: String,
    /// `OKTA_GROUP`, `APP_GROUP` or `BUILT_IN`.
    pub kind: String,
    /// Ids of its members.
    pub members: BTreeSet<String>,
    /// Labels of applications assigned to it.
    pub apps: Vec<String>,
}

#[derive(Debug, Clone)]
struct User {
    login: String,
    status: String,
}

/// Okta as far as Core asks it.
#[derive(Debug)]
struct Org {
    common: Common,
    origin: String,
    groups: BTreeMap<String, OktaGroup>,
    users: BTreeMap<String, User>,
    rules: Vec<Vec<String>>,
    api_token: String,
    client_id: String,
    dpop_nonce: String,
    assertions: Assertions,
    tokens: BTreeMap<String, Option<String>>,
    lying: bool,
    lag: Lag<OktaGroup>,
    page: usize,
    /// Requests that are allowed in a minute, as answers tell. Nothing is refused when there are none left; faults do that.
    limit: u32,
    /// Requests left in this minute.
    left: u32,
    /// When the next minute begins, by the clock.
    renews_at: i64,
}

/// A stand-in for one Okta org.
#[derive(Debug)]
pub struct Okta(Served<Org>);

impl Okta {
    /// The API token that it accepts.
    pub const API_TOKEN: &str = "00canary-okta-api-token";
    /// The host that assertions are made for.
    pub const HOST: &str = "acme.okta.com";
    /// The client id that it accepts.
    pub const CLIENT_ID: &str = "0oacanaryclient";

    /// Starts an empty org whose clock shows `now`.
    ///
    /// # Errors
    /// When no port can be taken.
    pub async fn start(now: i64) -> std::io::Result<Self> {
        let served = Served::start(Org {
            common: Common { set_to: now, exchanges: Some(Vec::new()), ..Common::default() },
            origin: String::new(),
            groups: BTreeMap::new(),
            users: BTreeMap::new(),
            rules: Vec::new(),
            api_token: Self::API_TOKEN.to_owned(),
            client_id: Self::CLIENT_ID.to_owned(),
            dpop_nonce: "nonce-1".to_owned(),
            assertions: Assertions::default(),
            tokens: BTreeMap::new(),
            lying: false,
            lag: Lag::default(),
            page: 2,
            limit: 500,
            left: 500,
            renews_at: now + 60,
        })
        .await?;
        let origin = format!("http://{}", served.address());
        served.lock().origin = origin;
        Ok(Self(served))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Puts a group in place.
    pub fn put_group(&self, id: &str, group: OktaGroup) {
        self.0.lock().groups.insert(id.to_owned(), group);
    }

    /// Puts an `OKTA_GROUP` in place.
    pub fn put_plain_group(&self, id: &str, name: &str) {
        self.put_group(
            id,
            OktaGroup { name: name.to_owned(), kind: "OKTA_GROUP".to_owned(), ..OktaGroup::default() },
        );
    }

    /// Takes a group away.
    pub fn delete_group(&self, id: &str) {
        self.0.lock().groups.remove(id);
    }

    /// Puts a user in place.
    pub fn put_user(&self, id: &str, login: &str, status: &str) {
        let user = User { login: login.to_owned(), status: status.to_owned() };
        self.0.lock().users.insert(id.to_owned(), user);
    }

    /// Takes a user away, out of all groups, too.
    pub fn delete_user(&self, id: &str) {
        let mut org = self.0.lock();
        org.users.remove(id);
        org.groups.values_mut().for_each(|group| {
            group.members.remove(id);
        });
    }

    /// Puts a rule in place that fills these groups.
    pub fn put_rule(&self, groups: &[&str]) {
        self.0.lock().rules.push(groups.iter().map(ToString::to_string).collect());
    }

    /// Whether the user is in the group, whatever reads show.
    pub fn is_member(&self, group: &str, user: &str) -> bool {
        self.0.lock().groups.get(group).is_some_and(|group| group.members.contains(user))
    }

    /// Adds a fault.
    pub fn fail(&self, fault: Fault) {
        self.0.lock().common.faults.push(fault);
    }

    /// Lets nothing go wrong any more.
    pub fn mend(&self) {
        self.0.lock().common.faults.clear();
    }

    /// From now on changes are answered as done, and not made.
    pub fn lie(&self) {
        self.0.lock().lying = true;
    }

    /// After the next change, so many reads of memberships still show what was before.
    pub fn lag(&self, reads: u32) {
        self.0.lock().lag.next = reads;
    }

    /// So many items on a page from now on; at first there are two.
    pub fn page(&self, items: usize) {
        self.0.lock().page = items;
    }

    /// Sets the clock, in seconds since 1970.
    pub fn set_clock(&self, now: i64) {
        self.0.lock().common.set_clock(now);
    }

    /// Lets the clock go, which stands still at first.
    pub fn let_time_pass(&self) {
        self.0.lock().common.let_time_pass();
    }

    /// Every answer takes so long from now on.
    pub fn delay(&self, latency: Duration) {
        self.0.lock().common.latency = latency;
    }

    /// So many changes a second are allowed from now on, as many at once after a second without; more are answered with 429.
    pub fn allow(&self, changes: u32) {
        self.0.lock().common.allowance = Some(Allowance::new(changes));
    }

    /// How many changes were allowed since then, and how many refused.
    pub fn allowed(&self) -> (u64, u64) {
        self.0.lock().common.allowance.as_ref().map(|it| it.counted).unwrap_or_default()
    }

    /// From now on answers tell that so many requests are allowed in a minute.
    pub fn limit(&self, requests: u32) {
        let mut org = self.0.lock();
        (org.limit, org.left) = (requests, requests);
    }

    /// From now on nothing is kept of what is asked, and what was is forgotten.
    pub fn forget(&self) {
        self.0.lock().common.exchanges = None;
    }

    /// Puts a user into a group, or takes them out, as somebody else does it.
    pub fn put_member(&self, group: &str, user: &str, is_member: bool) {
        if let Some(group) = self.0.lock().groups.get_mut(group) {
            if is_member {
                group.members.insert(user.to_owned());
            } else {
                group.members.remove(user);
            }
        }
    }

    /// The members of a group, whatever reads show.
    pub fn members(&self, group: &str) -> BTreeSet<String> {
        self.0.lock().groups.get(group).map(|group| group.members.clone()).unwrap_or_default()
    }

    /// Enters a public key: from now on only assertions that such a key signed are taken. Whether it is one.
    pub fn enter_key(&self, jwk: &Value) -> bool {
        self.0.lock().assertions.enter_jwk(jwk).is_some()
    }

    /// Takes away every key that was entered.
    pub fn revoke_keys(&self) {
        self.0.lock().assertions.revoke();
    }

    /// Ends every access token that was given.
    pub fn end_tokens(&self) {
        self.0.lock().tokens.clear();
    }

    /// The requests that arrived.
    pub fn seen(&self) -> Vec<Seen> {
        self.0.lock().common.seen()
    }

    /// How many requests arrived.
    pub fn asked(&self) -> u64 {
        self.0.lock().common.answered
    }

    /// The requests that were dealt with, each with its answer.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.0.lock().common.exchanges.clone().unwrap_or_default()
    }
}

impl Directory for Org {
    fn common(&mut self) -> &mut Common {
        &mut self.common
    }

    fn answer(&mut self, seen: &Seen) -> Option<Reply> {
        self.common.answered += 1;
        let change = seen.method != "GET" && !seen.path.ends_with("/token");
        let reply = match self.common.fault(seen) {
            Some(FaultKind::Answer(status, body)) => Reply::json(status, body),
            Some(FaultKind::RateLimited(seconds)) => self.limited(seconds),
            Some(FaultKind::Hang) => return None,
            Some(FaultKind::Pretend) => Reply::empty(204),
            Some(FaultKind::DoneWithoutAnswer) => {
                self.route(seen);
                return None;
            }
            None if change && self.common.allowance.as_mut().is_some_and(|it| !it.take()) => self.limited(2),
            None => self.route(seen),
        };
        let limited = reply.headers.iter().any(|(name, _)| *name == "x-rate-limit-limit");
        let reply = if limited {
            reply
        } else {
            let now = self.common.now();
            if now >= self.renews_at {
                (self.left, self.renews_at) = (self.limit, now + 60);
            }
            self.left = self.left.saturating_sub(1);
            reply
                .with("x-rate-limit-limit", self.limit.to_string())
                .with("x-rate-limit-remaining", self.left.to_string())
                .with("x-rate-limit-reset", self.renews_at.to_string())
        };
        let id = format!("X0f3@y30n5ak4VN@XaIsRgAABbU{}", self.common.answered);
        Some(reply.with("date", self.common.date()).with("x-okta-request-id", id))
    }
}

impl Org {
    /// The 429 that lets the caller wait so many seconds.
    fn limited(&self, seconds: i64) -> Reply {
        let reset = self.common.now() + seconds - 1;
        error(429, "E0000047", "API call exceeded rate limit due to too many requests.")
            .with("x-rate-limit-reset", reset.to_string())
            .with("x-rate-limit-limit", "50")
            .with("x-rate-limit-remaining", "0")
    }

    fn route(&mut self, seen: &Seen) -> Reply {
        let segments: Vec<&str> = seen.path.trim_matches('/').split('/').collect();
        if segments == ["oauth2", "v1", "token"] && seen.method == "POST" {
            return self.token(seen);
        }
        if let Err(refused) = self.authorized(seen) {
            return refused;
        }
        match (seen.method.as_str(), segments.as_slice()) {
            ("GET", ["api", "v1", "groups"]) => {
                let prefix = seen.parameter("q").unwrap_or_default();
                let found = self.groups.iter().filter(|(_, group)| group.name.starts_with(prefix));
                Reply::json(200, found.map(|(id, group)| self.group(id, group)).collect())
            }
            ("POST", ["api", "v1", "groups"]) => self.create_group(seen),
            ("GET", ["api", "v1", "groups", "rules"]) => {
                let rules = self.rules.iter().enumerate();
                self.paged(seen, rules, |(number, groups)| Some(rule(number, groups)))
            }
            ("GET", ["api", "v1", "groups", id]) => match self.groups.get(*id) {
                Some(group) => Reply::json(200, self.group(id, group)),
                None => missing(id, "UserGroup"),
            },
            ("GET", ["api", "v1", "groups", id, "apps"]) => match self.groups.get(*id) {
                Some(group) => {
                    Reply::json(200, group.apps.iter().map(|label| json!({ "label": label })).collect())
                }
                None => missing(id, "UserGroup"),
            },
            ("GET", ["api", "v1", "groups", id, "users"]) => {
                let reply = match self.lag.shown(&self.groups).get(*id) {
                    Some(group) => {
                        let members = group.members.iter();
                        self.paged(seen, members, |id| Some(self.user(id, self.users.get(id)?)))
                    }
                    None => missing(id, "UserGroup"),
                };
                self.lag.was_read();
                reply
            }
            ("PUT" | "DELETE", ["api", "v1", "groups", group, "users", user]) => {
                self.change(seen.method == "PUT", group, user)
            }
            ("GET", ["api", "v1", "users"]) => {
                let users = self.users.iter().take(1).map(|(id, user)| self.user(id, user)).collect();
                Reply::json(200, users)
            }
            ("GET", ["api", "v1", "users", id]) => {
                let id = percent_decoded(id);
                // The real one takes the part of a sign-in name before the `@`, too.
                let is = |login: &str| login == id || login.split('@').next() == Some(&id);
                let by_login = || self.users.iter().find(|(_, user)| is(&user.login));
                match self.users.get_key_value(&id).or_else(by_login) {
                    Some((id, user)) => Reply::json(200, self.user(id, user)),
                    None => missing(&id, "User"),
                }
            }
            ("GET", ["api", "v1", "users", id, "groups"]) => {
                if !self.users.contains_key(*id) {
                    return missing(id, "User");
                }
                let groups = self.lag.shown(&self.groups).iter();
                let groups = groups.filter(|(_, group)| group.members.contains(*id));
                let reply = self.paged(seen, groups, |(id, group)| Some(self.group(id, group)));
                self.lag.was_read();
                reply
            }
            _ => error(405, "E0000022", "The endpoint does not support the provided HTTP method"),
        }
    }

    fn change(&mut self, add: bool, group: &str, user: &str) -> Reply {
        if !self.users.contains_key(user) {
            return missing(user, "User");
        }
        let Some(found) = self.groups.get(group) else { return missing(group, "UserGroup") };
        match found.kind.as_str() {
            "BUILT_IN" => return error(501, "E0000060", "Unsupported operation."),
            "OKTA_GROUP" => {}
            _ => {
                let text = "You do not have permission to perform the requested action";
                return error(403, "E0000006", text);
            }
        }
        if self.lying {
            return Reply::empty(204);
        }
        self.lag.changing(&self.groups);
        if let Some(found) = self.groups.get_mut(group) {
            if add {
                found.members.insert(user.to_owned());
            } else {
                found.members.remove(user);
            }
        }
        Reply::empty(204)
    }

    fn create_group(&mut self, seen: &Seen) -> Reply {
        let body = seen.json();
        let Some(name) = body.pointer("/profile/name").and_then(Value::as_str) else {
            return error(400, "E0000001", "Api validation failed: name");
        };
        if self.groups.values().any(|group| group.name == name) {
            let text =
                "Api validation failed: An object with this field already exists in the current organization";
            return error(400, "E0000001", text);
        }
        let id = format!("00gnew{}", self.common.answered);
        let kind = "OKTA_GROUP".to_owned();
        let group = OktaGroup { name: name.to_owned(), kind, ..OktaGroup::default() };
        let shown = self.group(&id, &group);
        self.groups.insert(id, group);
        Reply::json(200, shown)
    }

    fn token(&mut self, seen: &Seen) -> Reply {
        let oauth =
            |status, code: &str| Reply::json(status, json!({ "error": code, "error_description": "…" }));
        let Some(assertion) = seen.form("client_assertion") else { return oauth(400, "invalid_request") };
        if seen.form("client_id").as_deref() != Some(&self.client_id) {
            return oauth(401, "invalid_client");
        }
        // An assertion's `jti` works once, whatever came of it.
        let audience = format!("https://{}/oauth2/v1/token", Okta::HOST);
        let (client_id, now) = (&self.client_id, self.common.now());
        if !self.assertions.accept(&assertion, &audience, client_id, now) {
            return oauth(401, "invalid_client");
        }
        let Some(proof) = seen.header("dpop") else { return oauth(400, "invalid_dpop_proof") };
        let url = format!("{}{}", self.origin, seen.path);
        let Some(proven) = proof::check(proof, "POST", &url, None) else {
            return oauth(400, "invalid_dpop_proof");
        };
        if proven.nonce.as_deref() != Some(&self.dpop_nonce) {
            return oauth(400, "use_dpop_nonce").with("dpop-nonce", self.dpop_nonce.clone());
        }
        let token = format!("canary-access-token-{}", self.common.answered);
        self.tokens.insert(token.clone(), Some(proven.key));
        let scope = seen.form("scope").unwrap_or_default();
        let body = json!({ "token_type": "DPoP", "expires_in": 3600, "access_token": token, "scope": scope });
        Reply::json(200, body).with("dpop-nonce", self.dpop_nonce.clone())
    }

    fn authorized(&self, seen: &Seen) -> Result<(), Reply> {
        let refused = || error(401, "E0000011", "Invalid token provided");
        let (scheme, shown) =
            seen.header("authorization").and_then(|it| it.split_once(' ')).ok_or_else(refused)?;
        match scheme {
            "SSWS" if shown == self.api_token => Ok(()),
            "DPoP" => {
                let key = self.tokens.get(shown).ok_or_else(refused)?;
                let url = format!("{}{}", self.origin, seen.path);
                let proof =
                    seen.header("dpop").and_then(|it| proof::check(it, &seen.method, &url, Some(shown)));
                if proof.is_some_and(|proven| Some(&proven.key) == key.as_ref()) {
                    Ok(())
                } else {
                    Err(refused())
                }
            }
            _ => Err(refused()),
        }
    }

    /// One page, and links in a field each, as the real service sends them.
    fn paged<T>(
        &self,
        seen: &Seen,
        items: impl Iterator<Item = T>,
        shown: impl FnMut(T) -> Option<Value>,
    ) -> Reply {
        let from: usize = seen.parameter("after").and_then(|after| after.parse().ok()).unwrap_or(0);
        let mut rest = items.skip(from);
        let page: Vec<_> = rest.by_ref().take(self.page).filter_map(shown).collect();
        let own = format!("<{}{}>; rel=\"self\"", self.origin, seen.path);
        let reply = Reply::json(200, page.into()).with("link", own);
        if rest.next().is_some() {
            let next = from + self.page;
            return reply.with("link", format!("<{}{}?after={next}>; rel=\"next\"", self.origin, seen.path));
        }
        reply
    }

    fn group(&self, id: &str, group: &OktaGroup) -> Value {
        let at = "2020-08-27T18:14:19.000Z";
        let address = format!("{}/api/v1/groups/{id}", self.origin);
        json!({
            "id": id, "created": at, "lastUpdated": at, "lastMembershipUpdated": at, "objectClass": ["okta:user_group"],
            "type": group.kind, "profile": { "name": group.name, "description": null },
            "_links": {
                "logo": [], "users": { "href": format!("{address}/users") }, "apps": { "href": format!("{address}/apps") },
            },
        })
    }

    fn user(&self, id: &str, user: &User) -> Value {
        let at = "2020-08-27T18:54:57.000Z";
        json!({
            "id": id, "status": user.status, "created": at, "activated": null, "statusChanged": null, "lastLogin": null,
            "lastUpdated": at, "passwordChanged": at, "type": { "id": "otyc04qb2rUDcq2YA4x6" },
            "profile": {
                "firstName": "Ada", "lastName": user.login, "mobilePhone": null, "secondEmail": null, "login": user.login,
                "email": user.login,
            },
            "credentials": { "provider": { "type": "OKTA", "name": "OKTA" } },
            "_links": { "self": { "href": format!("{}/api/v1/users/{id}", self.origin) } },
        })
    }
}

fn rule(number: usize, groups: &[String]) -> Value {
    let at = "2020-08-27T18:54:57.000Z";
    json!({
        "type": "group_rule", "id": format!("0pr{number}"), "status": "ACTIVE", "name": "rule", "created": at, "lastUpdated": at,
        "conditions": { "expression": { "value": "true", "type": "urn:okta:expression:1.0" } },
        "actions": { "assignUserToGroups": { "groupIds": groups } },
    })
}

fn error(status: u16, code: &str, summary: &str) -> Reply {
    let body = json!({
        "errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": "oae2u1euaUNTKGIkB7Hh8pWAg", "errorCauses": [],
    });
    Reply::json(status, body)
}

fn missing(id: &str, kind: &str) -> Reply {
    error(404, "E0000007", &format!("Not found: Resource not found: {id} ({kind})"))
}

fn percent_decoded(text: &str) -> String {
    let form = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(form.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}
