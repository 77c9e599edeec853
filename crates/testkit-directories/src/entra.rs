use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::assertion::Assertions;
use crate::lag::Lag;
use crate::server::{Allowance, Common, Directory, Exchange, Fault, FaultKind, Reply, Seen, Served};

/// A group of the stand-in.
#[derive(Debug, Clone, Default)]
pub struct EntraGroup {
    /// Its name.
    pub name: String,
    /// Ids of its direct members.
    pub members: BTreeSet<String>,
    /// Properties other than those of a plain security group, such as `onPremisesSyncEnabled`.
    pub properties: BTreeMap<String, Value>,
}

#[derive(Debug, Clone)]
struct User {
    name: String,
    enabled: bool,
}

/// Sign-in and Graph as far as Core asks them.
#[derive(Debug)]
struct Tenant {
    common: Common,
    origin: String,
    groups: BTreeMap<String, EntraGroup>,
    users: BTreeMap<String, User>,
    assertions: Assertions,
    tokens: HashSet<String>,
    lying: bool,
    lag: Lag<EntraGroup>,
    page: usize,
}

/// A stand-in for one Entra tenant.
#[derive(Debug)]
pub struct Entra(Served<Tenant>);

impl Entra {
    /// The tenant's id.
    pub const TENANT: &str = "54826b22-38d6-4fb2-bad9-b7b93a3e9c5a";
    /// The client id that it accepts.
    pub const CLIENT_ID: &str = "11111111-2222-4333-8444-555555555555";
    /// The client secret that it accepts.
    pub const CLIENT_SECRET: &str = "canary~entra~client.secret";

    /// Starts an empty tenant whose clock shows `now`.
    ///
    /// # Errors
    /// When no port can be taken.
    pub async fn start(now: i64) -> std::io::Result<Self> {
        let served = Served::start(Tenant {
            common: Common { set_to: now, exchanges: Some(Vec::new()), ..Common::default() },
            origin: String::new(),
            groups: BTreeMap::new(),
            users: BTreeMap::new(),
            assertions: Assertions::default(),
            tokens: HashSet::new(),
            lying: false,
            lag: Lag::default(),
            page: 2,
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
    pub fn put_group(&self, id: &str, group: EntraGroup) {
        self.0.lock().groups.insert(id.to_owned(), group);
    }

    /// Puts a plain security group in place.
    pub fn put_plain_group(&self, id: &str, name: &str) {
        self.put_group(id, EntraGroup { name: name.to_owned(), ..EntraGroup::default() });
    }

    /// Takes a group away.
    pub fn delete_group(&self, id: &str) {
        self.0.lock().groups.remove(id);
    }

    /// Puts a user in place.
    pub fn put_user(&self, id: &str, name: &str, enabled: bool) {
        self.0.lock().users.insert(id.to_owned(), User { name: name.to_owned(), enabled });
    }

    /// Takes a user away, out of all groups, too.
    pub fn delete_user(&self, id: &str) {
        self.0.lock().delete_user(id);
    }

    /// Whether there is such a user.
    pub fn has_user(&self, id: &str) -> bool {
        self.0.lock().users.contains_key(id)
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

    /// Enters a certificate in PEM: from now on only assertions that such a certificate's key signed are taken. Whether it is one.
    pub fn enter_certificate(&self, pem: &str) -> bool {
        self.0.lock().assertions.enter_certificate(pem).is_some()
    }

    /// Takes away every certificate that was entered.
    pub fn revoke_certificates(&self) {
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

impl Directory for Tenant {
    fn common(&mut self) -> &mut Common {
        &mut self.common
    }

    fn answer(&mut self, seen: &Seen) -> Option<Reply> {
        self.common.answered += 1;
        let limited = |seconds: i64| {
            error(429, "TooManyRequests", "Too many requests").with("retry-after", seconds.to_string())
        };
        let change = seen.method != "GET" && !seen.path.ends_with("/token");
        let reply = match self.common.fault(seen) {
            Some(FaultKind::Answer(status, body)) => Reply::json(status, body),
            Some(FaultKind::RateLimited(seconds)) => limited(seconds),
            Some(FaultKind::Hang) => return None,
            Some(FaultKind::Pretend) => Reply::empty(204),
            Some(FaultKind::DoneWithoutAnswer) => {
                self.route(seen);
                return None;
            }
            None if change && self.common.allowance.as_mut().is_some_and(|it| !it.take()) => limited(1),
            None => self.route(seen),
        };
        let id = format!("31883cf1-4aeb-4ef5-ad44-{:012x}", self.common.answered);
        Some(reply.with("date", self.common.date()).with("request-id", id))
    }
}

impl Tenant {
    fn delete_user(&mut self, id: &str) {
        self.users.remove(id);
        self.groups.values_mut().for_each(|group| {
            group.members.remove(id);
        });
    }

    fn route(&mut self, seen: &Seen) -> Reply {
        let segments: Vec<&str> = seen.path.trim_matches('/').split('/').collect();
        if let ("POST", [tenant, "oauth2", "v2.0", "token"]) = (seen.method.as_str(), segments.as_slice()) {
            return self.token(seen, tenant);
        }
        let bearer = seen.header("authorization").and_then(|it| it.strip_prefix("Bearer "));
        if !bearer.is_some_and(|token| self.tokens.contains(token)) {
            return error(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.");
        }
        match (seen.method.as_str(), segments.as_slice()) {
            ("GET", ["v1.0", "groups"]) => {
                let filter = seen.parameter("$filter").unwrap_or_default();
                let name = filter.strip_prefix("displayName eq '").and_then(|it| it.strip_suffix('\''));
                let name = name.map(|name| name.replace("''", "'").to_lowercase());
                let found = self
                    .groups
                    .iter()
                    .filter(|(_, group)| name.as_ref().is_none_or(|name| group.name.to_lowercase() == *name));
                let found = found.map(|(id, group)| selected(group_body(id, group), seen)).collect();
                list("groups", found)
            }
            ("POST", ["v1.0", "groups"]) => self.create_group(seen),
            ("GET", ["v1.0", "groups", id]) => match self.groups.get(*id) {
                Some(group) => {
                    let context = "https://graph.microsoft.com/v1.0/$metadata#groups/$entity";
                    Reply::json(200, in_context(selected(group_body(id, group), seen), context))
                }
                None => missing(id),
            },
            ("GET", ["v1.0", "groups", id, "members"]) => {
                let reply = match self.lag.shown(&self.groups).get(*id) {
                    Some(group) => self.paged(seen, "user", group.members.iter()),
                    None => missing(id),
                };
                self.lag.was_read();
                reply
            }
            ("POST", ["v1.0", "groups", id, "members", "$ref"]) => self.add(seen, id),
            ("DELETE", ["v1.0", "groups", id, "members", user, "$ref"]) => self.remove(id, user),
            // What the real Graph does to whoever forgets `/$ref`.
            ("DELETE", ["v1.0", "groups", _, "members", user]) => {
                self.delete_user(user);
                Reply::empty(204)
            }
            ("GET", ["v1.0", "users"]) => {
                list("users", self.users.keys().map(|id| json!({ "id": id })).collect())
            }
            ("GET", ["v1.0", "users", id]) => {
                let form = format!("x={}", id.replace('+', "%2B"));
                let id = url::form_urlencoded::parse(form.as_bytes()).next().map(|(_, id)| id.into_owned());
                let id = id.unwrap_or_default();
                let by_name = || self.users.iter().find(|(_, user)| user.name == id);
                match self.users.get_key_value(&id).or_else(by_name) {
                    Some((id, user)) => {
                        let body = json!({
                            "id": id, "displayName": user.name, "userPrincipalName": user.name, "accountEnabled": user.enabled,
                        });
                        let context = "https://graph.microsoft.com/v1.0/$metadata#users/$entity";
                        Reply::json(200, in_context(selected(body, seen), context))
                    }
                    None => missing(&id),
                }
            }
            ("GET", ["v1.0", "users", id, "memberOf"]) => {
                if !self.users.contains_key(*id) {
                    return missing(id);
                }
                let groups = self.lag.shown(&self.groups).iter();
                let groups = groups.filter(|(_, group)| group.members.contains(*id));
                let reply = self.paged(seen, "group", groups.map(|(id, _)| id));
                self.lag.was_read();
                reply
            }
            _ => error(
                405,
                "Request_BadRequest",
                "Specified HTTP method is not allowed for the request target.",
            ),
        }
    }

    fn add(&mut self, seen: &Seen, id: &str) -> Reply {
        let body = seen.json();
        let reference = body["@odata.id"].as_str().unwrap_or_default();
        let Some(user) = reference.strip_prefix("https://graph.microsoft.com/v1.0/directoryObjects/") else {
            return error(
                400,
                "Request_BadRequest",
                "Invalid URL format specified in @odata.id for object id.",
            );
        };
        if !self.users.contains_key(user) {
            return missing(user);
        }
        let Some(group) = self.groups.get(id) else { return missing(id) };
        if group.members.contains(user) {
            let text = "One or more added object references already exist for the following modified properties: 'members'.";
            return error(400, "Request_BadRequest", text);
        }
        self.change(id, |members| members.insert(user.to_owned()));
        Reply::empty(204)
    }

    fn remove(&mut self, id: &str, user: &str) -> Reply {
        let Some(group) = self.groups.get(id) else { return missing(id) };
        if !group.members.contains(user) {
            return missing(user);
        }
        self.change(id, |members| members.remove(user));
        Reply::empty(204)
    }

    /// Changes a group's members, unless it lies.
    fn change(&mut self, id: &str, change: impl FnOnce(&mut BTreeSet<String>) -> bool) {
        if self.lying {
            return;
        }
        self.lag.changing(&self.groups);
        if let Some(group) = self.groups.get_mut(id) {
            change(&mut group.members);
        }
    }

    fn create_group(&mut self, seen: &Seen) -> Reply {
        let body = seen.json();
        let nickname = body["mailNickname"].as_str().unwrap_or_default();
        let complete = body["displayName"].is_string()
            && body["mailEnabled"].is_boolean()
            && body["securityEnabled"].is_boolean()
            && !nickname.is_empty()
            && !nickname.contains(' ');
        if !complete {
            return error(400, "Request_BadRequest", "A value is required for property of resource 'Group'.");
        }
        let id = format!("a3f6c606-38ec-42d7-8c0e-{:012x}", self.common.answered);
        let name = body["displayName"].as_str().unwrap_or_default().to_owned();
        let group = EntraGroup { name, ..EntraGroup::default() };
        let shown = group_body(&id, &group);
        self.groups.insert(id, group);
        Reply::json(201, in_context(shown, "https://graph.microsoft.com/v1.0/$metadata#groups/$entity"))
    }

    fn token(&mut self, seen: &Seen, tenant: &str) -> Reply {
        let refused = |status, error: &str, code: u32| {
            let body = json!({
                "error": error, "error_description": format!("AADSTS{code}: … Trace ID: …"), "error_codes": [code],
                "timestamp": "…", "trace_id": "…", "correlation_id": "…",
                "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
            });
            Reply::json(status, body)
        };
        if tenant != Entra::TENANT {
            return refused(400, "invalid_request", 90_002);
        }
        if seen.form("client_id").as_deref() != Some(Entra::CLIENT_ID) {
            return refused(400, "unauthorized_client", 700_038);
        }
        if seen.form("scope").as_deref() != Some("https://graph.microsoft.com/.default") {
            return refused(400, "invalid_resource", 500_011);
        }
        let proven = match (seen.form("client_assertion"), seen.form("client_secret")) {
            (Some(assertion), None) => {
                let audience =
                    format!("https://login.microsoftonline.com/{}/oauth2/v2.0/token", Entra::TENANT);
                self.assertions.accept(&assertion, &audience, Entra::CLIENT_ID, self.common.now())
            }
            (None, Some(secret)) => secret == Entra::CLIENT_SECRET,
            _ => false,
        };
        if !proven {
            return refused(401, "invalid_client", 7_000_215);
        }
        let token = format!("canary-access-token-{}", self.common.answered);
        self.tokens.insert(token.clone());
        let body = json!({
            "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token,
        });
        Reply::json(200, body)
    }

    fn paged<'a>(&self, seen: &Seen, kind: &str, ids: impl Iterator<Item = &'a String>) -> Reply {
        let from: usize = seen.parameter("$skiptoken").and_then(|it| it.parse().ok()).unwrap_or(0);
        let mut rest = ids.skip(from);
        let page = rest.by_ref().take(self.page).map(|id| selected(object(kind, id), seen)).collect();
        let mut reply = list("directoryObjects", page);
        if rest.next().is_some()
            && let Some(Value::Object(body)) = &mut reply.body
        {
            let next = format!("{}{}?$skiptoken={}", self.origin, seen.path, from + self.page);
            body.insert("@odata.nextLink".to_owned(), next.into());
        }
        reply
    }
}

fn list(of: &str, value: Vec<Value>) -> Reply {
    let context = format!("https://graph.microsoft.com/v1.0/$metadata#{of}");
    Reply::json(200, json!({ "@odata.context": context, "value": value }))
}

fn in_context(body: Value, context: &str) -> Value {
    let mut with = Map::from_iter([("@odata.context".to_owned(), Value::from(context))]);
    if let Value::Object(body) = body {
        with.extend(body);
    }
    Value::Object(with)
}

/// What `$select` leaves.
fn selected(body: Value, seen: &Seen) -> Value {
    let (Value::Object(body), Some(fields)) = (&body, seen.parameter("$select")) else { return body };
    let wanted: Vec<&str> = fields.split(',').collect();
    let kept = body.iter().filter(|(name, _)| wanted.contains(&name.as_str()) || name.starts_with('@'));
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn object(kind: &str, id: &str) -> Value {
    json!({ "@odata.type": format!("#microsoft.graph.{kind}"), "id": id, "displayName": id })
}

fn group_body(id: &str, group: &EntraGroup) -> Value {
    let at = "2022-05-07T06:53:34Z";
    let mut body = json!({
        "id": id, "deletedDateTime": null, "classification": null, "createdDateTime": at, "creationOptions": [],
        "description": group.name, "displayName": group.name, "expirationDateTime": null, "groupTypes": [],
        "isAssignableToRole": null, "mail": null, "mailEnabled": false, "mailNickname": "deleteme11", "membershipRule": null,
        "membershipRuleProcessingState": null, "onPremisesDomainName": null, "onPremisesLastSyncDateTime": null,
        "onPremisesNetBiosName": null, "onPremisesSamAccountName": null, "onPremisesSecurityIdentifier": null,
        "onPremisesSyncEnabled": null, "preferredDataLocation": null, "preferredLanguage": null, "proxyAddresses": [],
        "renewedDateTime": at, "resourceBehaviorOptions": [], "resourceProvisioningOptions": [], "securityEnabled": true,
        "securityIdentifier": "S-1-12-1-2750858758-1121401068-3973320332-1637682607", "theme": null, "visibility": null,
        "onPremisesProvisioningErrors": [],
    });
    if let Value::Object(body) = &mut body {
        body.extend(group.properties.clone());
    }
    body
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    let id = "52df15f9-843b-42de-b5d5-a490b4055b99";
    let inner = json!({ "date": "2022-05-07T06:54:07", "request-id": id, "client-request-id": id });
    Reply::json(status, json!({ "error": { "code": code, "message": message, "innerError": inner } }))
}

fn missing(id: &str) -> Reply {
    let text = format!(
        "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
    );
    error(404, "Request_ResourceNotFound", &text)
}
