//! One verification, spoken to in JSON.

use audit_log::note::VerifierKey;
use evidence_pack::Report;
use evidence_pack::verify::{OneByOne, Verification};
use serde::{Deserialize, Serialize};

/// What a verification begins with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    /// Bytes of the pack.
    length: u64,
    /// Verifier keys, one per line.
    keys: String,
    /// Whether every record must be in canonical form.
    #[serde(default)]
    strict: bool,
}

/// What the page is told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Give this part of the pack next.
    Wants {
        /// Offset of its first byte.
        offset: u64,
        /// Bytes.
        length: u64,
        /// Bytes of the pack checked so far.
        done: u64,
    },
    /// It is done.
    Report(Box<Report>),
    /// It cannot be done: what was given is not what was asked for.
    Misused(String),
}

/// A verification under way.
#[derive(Debug)]
pub struct Session(Verification<OneByOne>);

impl Session {
    /// Begins, with the JSON of a [`Begin`].
    pub fn begin(json: &[u8]) -> (Answer, Option<Self>) {
        let begun =
            serde_json::from_slice::<Begin>(json).map_err(|error| error.to_string()).and_then(|begin| {
                let keys = begin.keys.lines().map(str::trim).filter(|line| !line.is_empty());
                let keys = keys
                    .map(|key| {
                        key.parse::<VerifierKey>()
                            .map_err(|error| format!("this is no verifier key: {error}"))
                    })
                    .collect::<Result<Vec<_>, _>>()?;
                if keys.is_empty() {
                    return Err("give the site's verifier key".to_owned());
                }
                let verification = Verification::new(begin.length, keys, OneByOne);
                Ok(if begin.strict { verification.strict() } else { verification })
            });
        match begun {
            Ok(verification) => Self(verification).next(),
            Err(problem) => (Answer::Misused(problem), None),
        }
    }

    /// Goes on with the part that was asked for.
    pub fn give(mut self, bytes: &[u8]) -> (Answer, Option<Self>) {
        self.0.give(bytes);
        self.next()
    }

    fn next(self) -> (Answer, Option<Self>) {
        match self.0.wants() {
            Some(span) => {
                let (done, _) = self.0.progress();
                (Answer::Wants { offset: span.offset, length: span.length, done }, Some(self))
            }
            None => (Answer::Report(Box::new(self.0.finish())), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(answer: &Answer) -> String {
        serde_json::to_string(answer).unwrap()
    }

    #[test]
    fn it_asks_for_parts_and_then_reports() {
        let key = "clearance.example.com+";
        let (answer, session) = Session::begin(format!(r#"{{"length":3,"keys":"{key}"}}"#).as_bytes());
        assert!(text(&answer).contains("no verifier key") && session.is_none());
        let (answer, session) = Session::begin(br#"{"length":3,"keys":" \n"}"#);
        assert!(text(&answer).contains("give the site's verifier key") && session.is_none());
        let (answer, session) = Session::begin(b"[]");
        assert!(text(&answer).starts_with(r#"{"misused":"#) && session.is_none());
        // A published key of another log; what matters is that it is one.
        let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let (answer, session) = Session::begin(format!(r#"{{"length":3,"keys":"{key}"}}"#).as_bytes());
        assert_eq!(text(&answer), r#"{"wants":{"offset":0,"length":3,"done":0}}"#);
        let (answer, session) = session.unwrap().give(b"abc");
        assert!(text(&answer).contains(r#""code":"zip_end""#) && session.is_none());
    }
}
