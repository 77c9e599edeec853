//! Real answers of the providers, recorded by others. They are not ours to copy, so they are read from the folder that
//! `CLEARANCE_PEERS` names.

use reqwest::header::{HeaderMap, HeaderName};
use serde_json::Value;

use super::http::Reply;

/// The file's content, or nothing and a word about it where it is not at hand.
pub(super) fn file(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are told where others' data lies by the environment"
    )]
    let Ok(peers) = std::env::var("CLEARANCE_PEERS") else {
        eprintln!("SKIPPED: set CLEARANCE_PEERS to the folder with recorded answers to check against {name}");
        return None;
    };
    Some(std::fs::read_to_string(std::path::Path::new(&peers).join(name)).unwrap())
}

/// The recordings in a file of one JSON object a line.
pub(super) fn recordings(name: &str) -> Option<Vec<Value>> {
    Some(file(name)?.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// A recording as a reply.
pub(super) fn reply(recording: &Value) -> Reply {
    let mut headers = HeaderMap::new();
    for (name, value) in recording["headers"].as_object().unwrap() {
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            value.as_str().unwrap().parse().unwrap(),
        );
    }
    let body = recording["body"].as_str().unwrap().as_bytes().to_vec();
    Reply {
        status: u16::try_from(recording["status"].as_u64().unwrap()).unwrap(),
        headers,
        body: body.into(),
    }
}
