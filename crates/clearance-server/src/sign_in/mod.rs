//! What signing in needs beside the rules: hashing, counting tries, talking to the OpenID provider.

pub mod attempts;
pub mod openid;
pub mod password;
