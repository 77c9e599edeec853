use serde::{Deserialize, Serialize};

use crate::text::{checked_text, is_line, is_token};

checked_text! {
    /// An installation of the app, as Core names it: `inst_` and letters, digits, `-`, `_`; at most 64 bytes.
    InstallationId, "installation id", |text| text.starts_with("inst_") && is_token(text, 64)
}

checked_text! {
    /// A group by the provider's id: 1 to 64 letters, digits, `-` and `_`, which is safe in a path.
    GroupId, "group id", |text| is_token(text, 64)
}

checked_text! {
    /// A person's account by the provider's id: 1 to 64 letters, digits, `-` and `_`. `me` is refused: to Okta it means whoever owns the
    /// credential.
    AccountId, "account id", |text| is_token(text, 64) && !text.eq_ignore_ascii_case("me")
}

checked_text! {
    /// An account by id or sign-in name, to be looked up: one line of at most 256 bytes. `me` is refused, and so is `/`, which Okta takes
    /// in ids only, not in sign-in names.
    AccountReference, "account", |text| {
        is_line(text, 256) && !text.contains(['/', '\\']) && !matches!(text, "." | "..")
            && !text.trim().eq_ignore_ascii_case("me")
    }
}

checked_text! {
    /// A group's name: one line of at most 255 bytes.
    GroupName, "group name", |text| is_line(text, 255)
}

checked_text! {
    /// What a group is for: one line of at most 1024 bytes.
    GroupDescription, "group description", |text| is_line(text, 1024)
}

checked_text! {
    /// Where the next page of a list begins. Opaque, from the answer before; at most 4096 printable characters.
    PageCursor, "page cursor", |text| {
        (1..=4096).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    }
}

checked_text! {
    /// How the provider names a request in its own logs: 1 to 128 printable characters.
    ProviderRequestId, "provider request id", |text| {
        (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    }
}

/// Orders the changes of one account's membership in one group. The app counts up with each change that it decides; Core refuses a number
/// lower than one it has seen, so that a delayed add cannot land after a removal. A retry of the same change carries the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub u32);
