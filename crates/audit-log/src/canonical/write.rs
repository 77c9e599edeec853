//! The writer, [RFC 8785 §3.2](https://www.rfc-editor.org/rfc/rfc8785#section-3.2).

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt::Write as _;

use super::Value;

impl Value {
    /// The bytes of [RFC 8785](https://www.rfc-editor.org/rfc/rfc8785): no white space, members sorted by the UTF-16 code units of
    /// their names, the shortest escapes.
    pub fn to_canonical(&self) -> Vec<u8> {
        let mut text = String::new();
        write_value(self, &mut text);
        text.into_bytes()
    }
}

fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Integer(number) => push_fmt(out, format_args!("{}", number.get())),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(',');
                }
                write_value(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => write_object(members, out),
    }
}

fn write_object(members: &BTreeMap<String, Value>, out: &mut String) {
    let write_members = |members: &mut dyn Iterator<Item = (&String, &Value)>, out: &mut String| {
        out.push('{');
        for (position, (key, value)) in members.enumerate() {
            if position > 0 {
                out.push(',');
            }
            write_string(key, out);
            out.push(':');
            write_value(value, out);
        }
        out.push('}');
    };
    if members.keys().all(|key| key.is_ascii()) {
        write_members(&mut members.iter(), out);
    } else {
        let mut sorted: Vec<_> = members.iter().collect();
        sorted.sort_unstable_by(|(left, _), (right, _)| compare_keys(left, right));
        write_members(&mut sorted.into_iter(), out);
    }
}

/// The order of member names, [RFC 8785 §3.2.3](https://www.rfc-editor.org/rfc/rfc8785#section-3.2.3): by UTF-16 code units. It
/// differs from the order of the UTF-8 bytes only where a character beyond U+FFFF meets one in U+E000..=U+FFFF.
pub(super) fn compare_keys(left: &str, right: &str) -> Ordering {
    if left.is_ascii() && right.is_ascii() {
        left.cmp(right)
    } else {
        left.encode_utf16().cmp(right.encode_utf16())
    }
}

/// Strings, [RFC 8785 §3.2.2.2](https://www.rfc-editor.org/rfc/rfc8785#section-3.2.2.2): only the quotation mark, the backslash and
/// the C0 controls are escaped.
fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut plain_from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        // `at` and `plain_from` stand beside ASCII characters, so they are character boundaries.
        out.push_str(text.get(plain_from..at).unwrap_or_default());
        plain_from = at + 1;
        match short_escape(byte) {
            Some(letter) => out.extend(['\\', char::from(letter)]),
            None => push_fmt(out, format_args!("\\u{byte:04x}")),
        }
    }
    out.push_str(text.get(plain_from..).unwrap_or_default());
    out.push('"');
}

fn push_fmt(out: &mut String, arguments: core::fmt::Arguments<'_>) {
    // Writing into a String has no failure.
    let _ = out.write_fmt(arguments);
}

/// The letter after the backslash, for the characters that have a two-character escape.
pub(super) fn short_escape(byte: u8) -> Option<u8> {
    match byte {
        b'"' | b'\\' => Some(byte),
        0x08 => Some(b'b'),
        b'\t' => Some(b't'),
        b'\n' => Some(b'n'),
        0x0c => Some(b'f'),
        b'\r' => Some(b'r'),
        _ => None,
    }
}
