//! The strict reader: exactly the bytes that [`Value::to_canonical`] writes.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::write::{compare_keys, short_escape};
use super::{Integer, MAX_DEPTH, Value};

/// Reads canonical bytes; anything that [`Value::to_canonical`] would not have written is refused.
///
/// Fractions and exponents, which [RFC 8785](https://www.rfc-editor.org/rfc/rfc8785) has a form for, are refused as well.
pub fn parse_canonical(bytes: &[u8]) -> Result<Value, NotCanonical> {
    parse(bytes)
}

/// Says whether [`parse_canonical`] would accept the bytes, without building the value or allocating.
pub fn check_canonical(bytes: &[u8]) -> Result<(), NotCanonical> {
    parse::<Checked>(bytes).map(|Checked| ())
}

/// Where and why bytes are not in canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{flaw}, at byte {offset}")]
pub struct NotCanonical {
    /// How many bytes stand before the place, from 0.
    pub offset: usize,
    /// What is wrong there.
    pub flaw: Flaw,
}

/// What keeps bytes from being canonical.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Not UTF-8 text; also how a surrogate half looks when written as bytes.
    #[error("not UTF-8 text")]
    NotUtf8,
    /// The value is complete and something follows.
    #[error("something follows the value")]
    TrailingBytes,
    /// The text ends inside the value.
    #[error("the text ends too early")]
    UnexpectedEnd,
    /// A byte that no JSON has there.
    #[error("an unexpected character")]
    UnexpectedByte,
    /// Space, tab or line break outside a string.
    #[error("white space between the parts")]
    WhiteSpace,
    /// A fraction or an exponent.
    #[error("a number that is not written as a whole number")]
    NotAnInteger,
    /// Minus zero or a leading zero.
    #[error("a number with a sign or zeros it does not need")]
    NumberForm,
    /// A number beyond ±(2^53 − 1).
    #[error("a number beyond 9007199254740991")]
    NumberRange,
    /// A control character that must be escaped.
    #[error("an unescaped control character")]
    ControlCharacter,
    /// An escape where the character itself, a shorter escape or lowercase digits belong.
    #[error("an escape that is not the shortest form")]
    EscapeForm,
    /// A `\ud800`–`\udfff` escape, alone or as half of a pair.
    #[error("an escaped surrogate")]
    Surrogate,
    /// Member names out of order, [RFC 8785 §3.2.3](https://www.rfc-editor.org/rfc/rfc8785#section-3.2.3).
    #[error("member names out of order")]
    KeyOrder,
    /// The same member name twice.
    #[error("a member name that occurs twice")]
    DuplicateKey,
    /// Nesting beyond [`MAX_DEPTH`].
    #[error("nesting deeper than {MAX_DEPTH}")]
    TooDeep,
}

fn parse<'a, B: Build<'a>>(bytes: &'a [u8]) -> Result<B, NotCanonical> {
    let text = core::str::from_utf8(bytes)
        .map_err(|error| NotCanonical { offset: error.valid_up_to(), flaw: Flaw::NotUtf8 })?;
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(0)?;
    match parser.peek() {
        None => Ok(value),
        Some(byte) if is_white_space(byte) => Err(parser.flaw(Flaw::WhiteSpace)),
        Some(_) => Err(parser.flaw(Flaw::TrailingBytes)),
    }
}

fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

/// A string as it stands between its quotation marks, already found canonical.
#[derive(Clone, Copy)]
struct Text<'a> {
    raw: &'a str,
    escaped: bool,
}

impl<'a> Parser<'a> {
    fn flaw(&self, flaw: Flaw) -> NotCanonical {
        NotCanonical { offset: self.at, flaw }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The flaw of standing before the wrong byte.
    fn unexpected(&self) -> NotCanonical {
        self.flaw(match self.peek() {
            None => Flaw::UnexpectedEnd,
            Some(byte) if is_white_space(byte) => Flaw::WhiteSpace,
            Some(_) => Flaw::UnexpectedByte,
        })
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn require(&mut self, byte: u8) -> Result<(), NotCanonical> {
        if self.eat(byte) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn value<B: Build<'a>>(&mut self, depth: usize) -> Result<B, NotCanonical> {
        match self.peek() {
            Some(b'"') => self.string().map(B::string),
            Some(b'{') => self.object(self.deeper(depth)?),
            Some(b'[') => self.array(self.deeper(depth)?),
            Some(b'-' | b'0'..=b'9') => self.integer().map(B::integer),
            Some(b'n') => self.word("null").map(|()| B::null()),
            Some(b't') => self.word("true").map(|()| B::bool(true)),
            Some(b'f') => self.word("false").map(|()| B::bool(false)),
            _ => Err(self.unexpected()),
        }
    }

    fn deeper(&self, depth: usize) -> Result<usize, NotCanonical> {
        if depth < MAX_DEPTH { Ok(depth + 1) } else { Err(self.flaw(Flaw::TooDeep)) }
    }

    fn word(&mut self, word: &str) -> Result<(), NotCanonical> {
        word.bytes().try_for_each(|byte| self.require(byte))
    }

    fn array<B: Build<'a>>(&mut self, depth: usize) -> Result<B, NotCanonical> {
        let mut items = B::Items::default();
        self.require(b'[')?;
        if !self.eat(b']') {
            loop {
                B::push(&mut items, self.value(depth)?);
                if self.eat(b']') {
                    break;
                }
                self.require(b',')?;
            }
        }
        Ok(B::array(items))
    }

    fn object<B: Build<'a>>(&mut self, depth: usize) -> Result<B, NotCanonical> {
        let mut members = B::Members::default();
        let mut previous: Option<Text<'a>> = None;
        self.require(b'{')?;
        if !self.eat(b'}') {
            loop {
                let key_at = self.at;
                let key = self.string()?;
                // Ascending order puts equal names side by side, so comparing neighbours finds every duplicate.
                match previous.map(|previous| previous.compare(key)) {
                    None | Some(Ordering::Less) => previous = Some(key),
                    Some(Ordering::Equal) => {
                        return Err(NotCanonical { offset: key_at, flaw: Flaw::DuplicateKey });
                    }
                    Some(Ordering::Greater) => {
                        return Err(NotCanonical { offset: key_at, flaw: Flaw::KeyOrder });
                    }
                }
                self.require(b':')?;
                B::insert(&mut members, key, self.value(depth)?);
                if self.eat(b'}') {
                    break;
                }
                self.require(b',')?;
            }
        }
        Ok(B::object(members))
    }

    fn integer(&mut self) -> Result<Integer, NotCanonical> {
        let start = self.at;
        let negative = self.eat(b'-');
        let digits_at = self.at;
        // Saturating: whatever exceeds the range of i64 exceeds that of Integer too.
        let mut magnitude: i64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            magnitude = magnitude.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        let digits = self.at - digits_at;
        if digits == 0 {
            return Err(self.unexpected());
        }
        let here = |flaw| NotCanonical { offset: start, flaw };
        if matches!(self.peek(), Some(b'.' | b'e' | b'E')) {
            return Err(here(Flaw::NotAnInteger));
        }
        let leading_zero = self.text.as_bytes().get(digits_at) == Some(&b'0');
        if leading_zero && (negative || digits > 1) {
            return Err(here(Flaw::NumberForm));
        }
        let number = if negative { -magnitude } else { magnitude };
        Integer::try_from(number).map_err(|_| here(Flaw::NumberRange))
    }

    fn string(&mut self) -> Result<Text<'a>, NotCanonical> {
        self.require(b'"')?;
        let start = self.at;
        let mut escaped = false;
        loop {
            match self.peek() {
                None => return Err(self.flaw(Flaw::UnexpectedEnd)),
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(0..0x20) => return Err(self.flaw(Flaw::ControlCharacter)),
                Some(_) => self.at += 1,
            }
        }
        // Both ends stand beside a quotation mark, so they are character boundaries.
        let raw = self.text.get(start..self.at).ok_or(self.flaw(Flaw::NotUtf8))?;
        self.at += 1;
        Ok(Text { raw, escaped })
    }

    /// Steps over one escape sequence, [RFC 8785 §3.2.2.2](https://www.rfc-editor.org/rfc/rfc8785#section-3.2.2.2).
    fn escape(&mut self) -> Result<(), NotCanonical> {
        let start = self.at;
        let flaw = |flaw| Err(NotCanonical { offset: start, flaw });
        self.require(b'\\')?;
        match self.peek() {
            Some(b'"' | b'\\' | b'b' | b't' | b'n' | b'f' | b'r') => {
                self.at += 1;
                return Ok(());
            }
            Some(b'/') => return flaw(Flaw::EscapeForm),
            Some(b'u') => self.at += 1,
            _ => return Err(self.unexpected()),
        }
        let mut code = 0_u32;
        let mut lowercase = true;
        for _ in 0..4 {
            let digit = self
                .peek()
                .and_then(|byte| char::from(byte).to_digit(16))
                .ok_or_else(|| self.unexpected())?;
            lowercase &= self.peek().is_some_and(|byte| !byte.is_ascii_uppercase());
            code = code * 16 + digit;
            self.at += 1;
        }
        match u8::try_from(code) {
            Ok(control @ 0..0x20) if lowercase && short_escape(control).is_none() => Ok(()),
            _ if (0xd800..=0xdfff).contains(&code) => flaw(Flaw::Surrogate),
            _ => flaw(Flaw::EscapeForm),
        }
    }
}

impl<'a> Text<'a> {
    fn compare(self, other: Self) -> Ordering {
        compare_keys(&self.decode(), &other.decode())
    }

    fn decode(self) -> Cow<'a, str> {
        if self.escaped { Cow::Owned(self.unescape()) } else { Cow::Borrowed(self.raw) }
    }

    fn unescape(self) -> String {
        let mut text = String::with_capacity(self.raw.len());
        let mut characters = self.raw.chars();
        while let Some(character) = characters.next() {
            if character != '\\' {
                text.push(character);
                continue;
            }
            match characters.next() {
                Some('b') => text.push('\u{8}'),
                Some('t') => text.push('\t'),
                Some('n') => text.push('\n'),
                Some('f') => text.push('\u{c}'),
                Some('r') => text.push('\r'),
                Some('u') => {
                    let code = characters
                        .by_ref()
                        .take(4)
                        .fold(0, |code, digit| code * 16 + digit.to_digit(16).unwrap_or_default());
                    text.extend(char::from_u32(code));
                }
                itself => text.extend(itself),
            }
        }
        text
    }
}

/// What the parser makes of what it reads: a [`Value`], or nothing when only the form is checked.
trait Build<'a>: Sized {
    type Items: Default;
    type Members: Default;

    fn null() -> Self;
    fn bool(truth: bool) -> Self;
    fn integer(number: Integer) -> Self;
    fn string(text: Text<'a>) -> Self;
    fn push(items: &mut Self::Items, item: Self);
    fn array(items: Self::Items) -> Self;
    fn insert(members: &mut Self::Members, key: Text<'a>, value: Self);
    fn object(members: Self::Members) -> Self;
}

impl Build<'_> for Value {
    type Items = Vec<Value>;
    type Members = BTreeMap<String, Value>;

    fn null() -> Self {
        Self::Null
    }
    fn bool(truth: bool) -> Self {
        Self::Bool(truth)
    }
    fn integer(number: Integer) -> Self {
        Self::Integer(number)
    }
    fn string(text: Text<'_>) -> Self {
        Self::String(text.decode().into_owned())
    }
    fn push(items: &mut Self::Items, item: Self) {
        items.push(item);
    }
    fn array(items: Self::Items) -> Self {
        Self::Array(items)
    }
    fn insert(members: &mut Self::Members, key: Text<'_>, value: Self) {
        members.insert(key.decode().into_owned(), value);
    }
    fn object(members: Self::Members) -> Self {
        Self::Object(members)
    }
}

/// The form was checked and nothing kept.
struct Checked;

impl Build<'_> for Checked {
    type Items = ();
    type Members = ();

    fn null() -> Self {
        Self
    }
    fn bool(_: bool) -> Self {
        Self
    }
    fn integer(_: Integer) -> Self {
        Self
    }
    fn string(_: Text<'_>) -> Self {
        Self
    }
    fn push((): &mut (), _: Self) {}
    fn array((): ()) -> Self {
        Self
    }
    fn insert((): &mut (), _: Text<'_>, _: Self) {}
    fn object((): ()) -> Self {
        Self
    }
}
