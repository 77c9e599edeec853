use url::Url;

/// The address under which people reach the server: scheme, host and port.
#[derive(Debug, Clone)]
pub struct Origin {
    url: Url,
    text: String,
}

impl Origin {
    /// The origin of an address.
    pub fn new(url: Url) -> Self {
        let text = url.origin().ascii_serialization();
        Self { url, text }
    }

    /// Whether cookies travel encrypted.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether an `Origin` header names this origin.
    pub fn is(&self, origin: &str) -> bool {
        self.text == origin
    }

    /// `https://host:port`, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}
