use core_protocol::UnixSeconds;
use core_protocol::message::{Answer, Connector, Outcome, RateLimit};

use super::http::{Reply, date, rate_limit};
use super::tokens::{Token, TokenKey};
use super::{Credential, Endpoints, Interrupted, Provider, Providers};
use crate::installation::Installation;

/// One call's dealings with its provider.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    providers: &'a Providers,
    pub(super) connector: &'a Connector,
    pub(super) credential: &'a Credential,
    token_key: TokenKey,
    pub(super) now: UnixSeconds,
    request_ids: Vec<String>,
    provider_time: Option<i64>,
    rate_limit: Option<RateLimit>,
}

/// Names of requests that an answer carries, at most: a long list would tell nothing more.
const MOST_REQUEST_IDS: usize = 20;

impl<'a> Session<'a> {
    pub(super) fn new(
        providers: &'a Providers,
        installation: &Installation,
        connector: &'a Connector,
        credential: &'a Credential,
        now: UnixSeconds,
    ) -> Self {
        let token_key = TokenKey {
            installation: installation.id.clone(),
            generation: installation.generation,
            tenant: format!("{}:{}", connector.sealing_host(), connector.tenant()),
            credential: credential.hash(connector),
        };
        Self {
            providers,
            connector,
            credential,
            token_key,
            now,
            request_ids: Vec::new(),
            provider_time: None,
            rate_limit: None,
        }
    }

    pub(crate) fn provider(&self) -> Provider {
        match self.connector {
            Connector::Okta { .. } => Provider::Okta,
            Connector::Entra { .. } => Provider::Entra,
        }
    }

    /// Where a host of the provider is reached: at its own name, or in tests at what stands in for it.
    pub(super) fn base(&self, host: &str) -> String {
        match (self.providers.endpoints, self.provider()) {
            (Endpoints::Public, _) => format!("https://{host}"),
            (Endpoints::DangerousLoopback { okta, .. }, Provider::Okta) => format!("http://{okta}"),
            (Endpoints::DangerousLoopback { entra, .. }, Provider::Entra) => format!("http://{entra}"),
        }
    }

    pub(super) fn request(&self, method: reqwest::Method, url: &str) -> reqwest::RequestBuilder {
        self.providers.http.request(method, url)
    }

    /// Sends a request and notes the provider's name for it and the provider's clock.
    pub(super) async fn send(&mut self, request: reqwest::RequestBuilder) -> Result<Reply, Interrupted> {
        let provider = self.provider();
        let reply = self.providers.http.send(provider, request).await?;
        let name = match provider {
            Provider::Okta => "x-okta-request-id",
            Provider::Entra => "request-id",
        };
        if let Some(id) = reply.header(name)
            && self.request_ids.len() < MOST_REQUEST_IDS
        {
            self.request_ids.push(id.to_owned());
        }
        self.provider_time = date(&reply).or(self.provider_time);
        let limits = self.rate_limit.into_iter().chain(rate_limit(&reply));
        self.rate_limit = limits.min_by_key(|limit| limit.remaining);
        Ok(reply)
    }

    pub(super) fn cached_token(&self) -> Option<Token> {
        self.providers.tokens.get(&self.token_key, self.now)
    }

    pub(super) fn keep_token(&self, token: Token) {
        self.providers.tokens.put(self.token_key.clone(), token);
    }

    pub(super) fn drop_token(&self, refused: &Token) {
        self.providers.tokens.drop_one(&self.token_key, refused);
    }

    /// The answer to the call.
    pub(crate) fn answer(self, outcome: Outcome) -> Answer {
        Answer {
            outcome,
            // What does not look like an id is prose, and stays here.
            provider_request_ids: self.request_ids.into_iter().filter_map(|id| id.try_into().ok()).collect(),
            provider_time: self.provider_time,
            rate_limit: self.rate_limit,
        }
    }
}
