//! Numbers as the C2SP texts write them.

/// Reads ASCII decimal digits without sign and without leading zeros: one text per number, so that texts can be compared.
pub(crate) fn parse_decimal(digits: &str) -> Option<u64> {
    let canonical =
        digits == "0" || (digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0'));
    digits.parse().ok().filter(|_| canonical)
}
