//! How a proposed tool is recognised as one that is known already: by its name, and by where it is found.

use sha2::{Digest as _, Sha256};

use crate::catalog::Tool;
use crate::documents::{self, Loaded, Select};
use crate::failure::Failure;
use crate::ports::Store;
use crate::text::{Line, WebAddress};

/// By what a proposed tool is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KnownBy {
    /// The same name, but for case, spaces and punctuation.
    Name,
    /// The same host, or one of which the other is a part.
    Address,
}

impl KnownBy {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Address => "address",
        }
    }
}

/// A name without what people write differently: case, spaces and punctuation.
fn normalised(name: &str) -> String {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    // A name of signs only is itself.
    if plain.is_empty() { name.to_lowercase() } else { plain }
}

/// The key of the guard of open proposals for a name.
pub(super) fn digest(name: &Line) -> String {
    let digest = Sha256::digest(normalised(name.as_str()));
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(nibble), 16));
        }
        text
    })
}

/// The host of a web address, without port and a leading `www.`.
fn host(address: &WebAddress) -> String {
    let rest = address.as_str().trim_start_matches("https://");
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().to_lowercase();
    host.strip_prefix("www.").map_or_else(|| host.clone(), str::to_owned).trim_end_matches('.').to_owned()
}

/// Whether one of two hosts is the other, or a part of it. Two parts of a third are two: a vendor has several tools.
fn is_same_place(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.')) && outer.contains('.')
    };
    one == other || within(one, other) || within(other, one)
}

/// By what a proposed tool is a known one.
pub(super) fn known_by(name: &Line, url: &WebAddress, tool: &Tool) -> Option<KnownBy> {
    if normalised(name.as_str()) == normalised(tool.name.as_str()) {
        return Some(KnownBy::Name);
    }
    let known = tool.url.as_ref().is_some_and(|known| is_same_place(&host(url), &host(known)));
    known.then_some(KnownBy::Address)
}

/// Tools of the catalogue that a proposed one may be, those of the same name first. Of what was added this very moment a host may not
/// tell yet: then whoever assesses the proposal sees it.
pub(super) async fn known(
    store: &impl Store,
    name: &Line,
    url: &WebAddress,
) -> Result<Vec<(KnownBy, Loaded<Tool>)>, Failure> {
    let tools = documents::all::<Tool>(store, Select::by(&Tool::BY_NAME, ["all"])).await?;
    let mut known: Vec<_> =
        tools.into_iter().filter_map(|tool| Some((known_by(name, url, &tool)?, tool))).collect();
    known.sort_by_key(|(by, _)| *by != KnownBy::Name);
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line::parse(text).unwrap()
    }

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        assert_eq!(digest(&line("ChatGPT")), digest(&line(" chat-gpt ")));
        assert_eq!(digest(&line("ÜBER Chat")), digest(&line("über chat")));
        assert_ne!(digest(&line("Chat")), digest(&line("Chat 2")));
        assert_ne!(digest(&line("!")), digest(&line("?")));
        assert_eq!(digest(&line("x")).len(), 64);
    }

    #[test]
    fn a_place_is_the_same_by_its_host() {
        let host = |text: &str| host(&WebAddress::parse(text).unwrap());
        assert_eq!(host("https://WWW.Example.com:443/a?b#c"), "example.com");
        assert!(is_same_place(&host("https://www.example.com/x"), &host("https://example.com")));
        assert!(is_same_place(&host("https://chat.example.com"), &host("https://example.com/chat")));
        assert!(is_same_place(&host("https://example.com"), &host("https://chat.example.com/")));
        // Two tools of one vendor.
        assert!(!is_same_place(&host("https://notes.example.com"), &host("https://chat.example.com")));
        // Another vendor whose name ends alike.
        assert!(!is_same_place(&host("https://myexample.com"), &host("https://example.com")));
    }
}
