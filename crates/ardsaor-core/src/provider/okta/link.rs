//! Paging: `Link` fields ([RFC 8288](https://www.rfc-editor.org/rfc/rfc8288)), one each for `self` and `next`.

use url::Url;

use crate::provider::Interrupted;
use crate::provider::http::Reply;

/// The cursor of the next page; nothing on the last. Only the cursor is taken from the address, which must be of the same origin.
pub(super) fn next(reply: &Reply, base: &str) -> Result<Option<String>, Interrupted> {
    let values = reply.headers.get_all("link").iter();
    let links = values.filter_map(|value| value.to_str().ok()).flat_map(links);
    for (address, relation) in links {
        if relation == "next" {
            return cursor(address, base).map(Some).ok_or(Interrupted::UNEXPECTED);
        }
    }
    Ok(None)
}

/// The links in one field. An address between angle brackets may hold commas, so they are not where links end.
fn links(field: &str) -> Vec<(&str, &str)> {
    let mut links = Vec::new();
    let mut rest = field;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((address, after)) = after.split_once('>') else { break };
        let parameters = after.split('<').next().unwrap_or_default();
        let relation = parameters
            .split([';', ','])
            .find_map(|parameter| parameter.trim().strip_prefix("rel="))
            .map(|relation| relation.trim_matches('"'));
        links.push((address, relation.unwrap_or_default()));
        rest = after;
    }
    links
}

fn cursor(address: &str, base: &str) -> Option<String> {
    let (url, base) = (Url::parse(address).ok()?, Url::parse(base).ok()?);
    if url.origin() != base.origin() {
        return None;
    }
    url.query_pairs().find(|(name, _)| name == "after").map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue, LINK};

    use super::*;

    fn next_of(fields: &[&str]) -> Result<Option<String>, Interrupted> {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(LINK, HeaderValue::from_str(field).unwrap());
        }
        next(&Reply { status: 200, headers, body: Vec::new().into() }, "https://acme.okta.com")
    }

    #[test]
    fn every_link_field_is_read() {
        let own = "<https://acme.okta.com/api/v1/groups?limit=2>; rel=\"self\"";
        let next = "<https://acme.okta.com/api/v1/groups?after=00g1%2C2&limit=2>; rel=\"next\"";
        assert_eq!(next_of(&[own, next]), Ok(Some("00g1,2".to_owned())));
        assert_eq!(next_of(&[&format!("{own}, {next}")]), Ok(Some("00g1,2".to_owned())));
        assert_eq!(next_of(&[own]), Ok(None));
        assert_eq!(next_of(&[]), Ok(None));
    }

    #[test]
    fn a_next_page_elsewhere_is_not_followed() {
        for address in [
            "https://evil.example/api/v1/groups?after=1",
            "http://acme.okta.com/api/v1/groups?after=1",
            "https://acme.okta.com:8443/api/v1/groups?after=1",
            "https://acme.okta.com@evil.example/?after=1",
            "/api/v1/groups?after=1",
            "https://acme.okta.com/api/v1/groups",
        ] {
            assert_eq!(
                next_of(&[&format!("<{address}>; rel=\"next\"")]),
                Err(Interrupted::UNEXPECTED),
                "{address}"
            );
        }
    }
}
