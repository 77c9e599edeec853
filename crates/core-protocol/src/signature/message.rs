use super::SignatureRefused;

/// A request as the signature sees it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method, in capitals.
    pub method: &'a str,
    /// Host and port in normal form, see [`normal_authority`].
    pub authority: &'a str,
    /// The path as sent, percent-encoding and all.
    pub path: &'a str,
    /// What follows the `?`, as sent; nothing when there is no `?`.
    pub query: Option<&'a str>,
    /// Header fields, each line with its name (in any case) and value.
    pub headers: &'a [(&'a str, &'a str)],
    /// The whole body.
    pub body: &'a [u8],
}

/// A response as the signature sees it.
#[derive(Debug, Clone, Copy)]
pub struct Response<'a> {
    /// The status code.
    pub status: u16,
    /// Header fields, each line with its name (in any case) and value.
    pub headers: &'a [(&'a str, &'a str)],
    /// The whole body.
    pub body: &'a [u8],
}

/// How the request travels, which decides the port that is left out of the authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP, default port 80; loopback only.
    Http,
    /// HTTP over TLS, default port 443.
    Https,
}

/// Host and port in the form that is signed: lowercase, without the scheme's default port
/// ([RFC 9421 §2.2.3](https://www.rfc-editor.org/rfc/rfc9421#section-2.2.3)).
pub fn normal_authority(host: &str, scheme: Scheme) -> String {
    let mut host = host.trim().to_ascii_lowercase();
    let default = match scheme {
        Scheme::Http => ":80",
        Scheme::Https => ":443",
    };
    if let Some(without) = host.strip_suffix(default) {
        host.truncate(without.len());
    }
    host
}

/// The value of a field that must occur exactly once, without white space around it.
pub(super) fn single<'a>(
    headers: &[(&'a str, &'a str)],
    name: &'static str,
) -> Result<&'a str, SignatureRefused> {
    let mut values = headers.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
    let (_, value) = values.next().ok_or(SignatureRefused::FieldMissing(name))?;
    if values.next().is_some() {
        return Err(SignatureRefused::FieldRepeated(name));
    }
    Ok(value.trim_matches([' ', '\t']))
}
