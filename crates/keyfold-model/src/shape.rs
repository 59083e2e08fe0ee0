//! What text a key part can be: the ground on which overlap and order are decided.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// How a part's value is written, from its template: `{at:desc}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modifier {
    /// As the type writes it.
    #[default]
    None,
    /// In reverse order.
    Desc,
    /// In lower case.
    Lower,
    /// Without escaping, for data that others wrote; a value with `#` is refused.
    Raw,
    /// The attribute's own text: a bare field as a key.
    Bare,
    /// Zero-filled to so many digits.
    Pad(u8),
    /// The UTC year of a moment.
    Year,
    /// The UTC month of a moment, `2026-03`.
    Month,
    /// The UTC day of a moment, `2026-03-01`.
    Day,
    /// The UTC hour of a moment, `2026-03-01T09`.
    Hour,
    /// All that the scope of this name is written as: `{tenant}` at the beginning of a partition key.
    Scope,
    /// The identifier of the scope of this name alone: `{capsule:id}`.
    ScopeId,
    /// The number of the shard, in so many digits at least.
    Shard(u8),
}

impl Modifier {
    /// Whether it is no value of a field: the handle knows it, or it is worked out.
    pub const fn is_placed(self) -> bool {
        matches!(
            self,
            Modifier::Scope | Modifier::ScopeId | Modifier::Shard(_)
        )
    }

    /// Whether it comes from the handle's scope.
    pub const fn is_of_scope(self) -> bool {
        matches!(self, Modifier::Scope | Modifier::ScopeId)
    }

    /// Whether the value cannot be read back from the key.
    pub const fn loses(self) -> bool {
        matches!(
            self,
            Modifier::Lower | Modifier::Year | Modifier::Month | Modifier::Day | Modifier::Hour
        )
    }
}

/// The texts a value can be written as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form<'a> {
    /// Any text but the empty one.
    Any,
    /// So many decimal digits.
    Digits(u8),
    /// A fixed length: `d` a digit, `x` a lower-case hex digit, `u` a Crockford base-32 digit,
    /// anything else itself.
    Pattern(Cow<'a, str>),
    /// One of these.
    OneOf(Cow<'a, [Cow<'a, str>]>),
}

/// What a type promises about its text in a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape<'a> {
    /// The texts it can be.
    pub form: Form<'a>,
    /// Whether texts order as the values do.
    pub ordered: bool,
    /// Which kind of value it is; decides the modifiers that fit.
    pub kind: Kind,
}

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Free text.
    Text,
    /// An integer; takes `desc` and a width.
    Integer,
    /// A moment; takes `desc` and the buckets.
    Moment,
    /// A calendar date; takes `desc`, `year` and `month`.
    Date,
    /// Anything else; takes no modifier.
    Other,
}

impl Shape<'static> {
    /// Free text, ordered by its UTF-8 bytes.
    pub const TEXT: Self = Self::of(Form::Any, true, Kind::Text);

    /// An integer of so many digits.
    pub const fn digits(width: u8) -> Self {
        Self::of(Form::Digits(width), true, Kind::Integer)
    }

    /// A fixed pattern, see [`Form::Pattern`].
    pub const fn pattern(pattern: &'static str, ordered: bool, kind: Kind) -> Self {
        Self::of(Form::Pattern(Cow::Borrowed(pattern)), ordered, kind)
    }

    /// One of these texts; they keep identity, not order.
    pub const fn one_of(texts: &'static [Cow<'static, str>]) -> Self {
        Self::of(Form::OneOf(Cow::Borrowed(texts)), false, Kind::Other)
    }

    /// Several values in one part, joined by glue: `#[part("{region}-{ulid}")]`.
    pub const JOINED: Self = Self::of(Form::Any, false, Kind::Other);

    const fn of(form: Form<'static>, ordered: bool, kind: Kind) -> Self {
        Self {
            form,
            ordered,
            kind,
        }
    }
}

impl Shape<'_> {
    /// Whether its text may be several values with glue between them.
    pub const fn is_joined(&self) -> bool {
        matches!(self.form, Form::Any) && matches!(self.kind, Kind::Other)
    }

    /// Whether a modifier fits this kind of value.
    pub const fn allows(&self, modifier: Modifier) -> bool {
        match modifier {
            Modifier::None
            | Modifier::Bare
            | Modifier::Scope
            | Modifier::ScopeId
            | Modifier::Shard(_) => true,
            Modifier::Desc => matches!(self.kind, Kind::Integer | Kind::Moment | Kind::Date),
            Modifier::Lower | Modifier::Raw => matches!(self.kind, Kind::Text),
            Modifier::Pad(_) => matches!(self.kind, Kind::Integer),
            Modifier::Year | Modifier::Month => matches!(self.kind, Kind::Moment | Kind::Date),
            Modifier::Day | Modifier::Hour => matches!(self.kind, Kind::Moment),
        }
    }
}

/// The class of the byte at one place of a fixed-length text.
#[derive(Clone, Copy)]
enum Class {
    Digit,
    Hex,
    Base32,
    Exactly(u8),
}

impl Class {
    const fn accepts(self, byte: u8) -> bool {
        match self {
            Class::Digit => byte.is_ascii_digit(),
            Class::Hex => byte.is_ascii_digit() || (byte >= b'a' && byte <= b'f'),
            Class::Base32 => {
                byte.is_ascii_digit()
                    || (byte.is_ascii_uppercase() && !matches!(byte, b'I' | b'L' | b'O' | b'U'))
            }
            Class::Exactly(expected) => byte == expected,
        }
    }

    const fn meets(self, other: Class) -> bool {
        match (self, other) {
            (Class::Exactly(byte), class) | (class, Class::Exactly(byte)) => class.accepts(byte),
            // Digits are in all three classes.
            _ => true,
        }
    }
}

/// A part's form once its modifier is applied, ready for const comparison.
#[derive(Clone, Copy)]
pub(crate) enum Texts<'a> {
    Any,
    Digits(u8),
    Pattern(&'a str),
    OneOf(&'a [Cow<'a, str>]),
}

impl<'a> Texts<'a> {
    pub(crate) const fn of(shape: &'a Shape<'_>, modifier: Modifier) -> Self {
        match modifier {
            Modifier::Desc => match shape.kind {
                Kind::Moment => Texts::Digits(crate::time::DESC_MOMENT_DIGITS),
                Kind::Date => Texts::Digits(crate::time::DESC_DATE_DIGITS),
                _ => Self::plain(shape),
            },
            Modifier::Pad(width) => Texts::Digits(width),
            Modifier::Year => Texts::Pattern("dddd"),
            Modifier::Month => Texts::Pattern("dddd-dd"),
            Modifier::Day => Texts::Pattern("dddd-dd-dd"),
            Modifier::Hour => Texts::Pattern("dddd-dd-ddTdd"),
            Modifier::None
            | Modifier::Lower
            | Modifier::Raw
            | Modifier::Bare
            | Modifier::Scope
            | Modifier::ScopeId
            | Modifier::Shard(_) => Self::plain(shape),
        }
    }

    const fn plain(shape: &'a Shape<'_>) -> Self {
        match &shape.form {
            Form::Any => Texts::Any,
            Form::Digits(width) => Texts::Digits(*width),
            Form::Pattern(pattern) => Texts::Pattern(text(pattern)),
            Form::OneOf(texts) => Texts::OneOf(slice(texts)),
        }
    }

    const fn fixed_len(self) -> Option<usize> {
        match self {
            Texts::Digits(width) => Some(width as usize),
            Texts::Pattern(pattern) => Some(pattern.len()),
            Texts::Any | Texts::OneOf(_) => None,
        }
    }

    const fn class(self, at: usize) -> Class {
        match self {
            Texts::Pattern(pattern) => match pattern.as_bytes()[at] {
                b'd' => Class::Digit,
                b'x' => Class::Hex,
                b'u' => Class::Base32,
                byte => Class::Exactly(byte),
            },
            _ => Class::Digit,
        }
    }

    /// Whether `bytes` from `from` on is one of these texts.
    pub(crate) const fn accepts(self, bytes: &[u8], from: usize) -> bool {
        let len = bytes.len() - from;
        match self {
            Texts::Any => len > 0,
            Texts::OneOf(texts) => {
                let mut i = 0;
                while i < texts.len() {
                    if same_from(bytes, from, text(&texts[i]).as_bytes(), 0) {
                        return true;
                    }
                    i += 1;
                }
                false
            }
            Texts::Digits(_) | Texts::Pattern(_) => {
                matches!(self.fixed_len(), Some(fixed) if fixed == len)
                    && self.accepts_start(bytes, from)
            }
        }
    }

    /// Whether some text of a fixed form starts with `bytes` from `from` on.
    const fn accepts_start(self, bytes: &[u8], from: usize) -> bool {
        let Some(fixed) = self.fixed_len() else {
            return true;
        };
        if bytes.len() - from > fixed {
            return false;
        }
        let mut i = from;
        while i < bytes.len() {
            if !self.class(i - from).accepts(bytes[i]) {
                return false;
            }
            i += 1;
        }
        true
    }

    /// Whether one of these texts can equal `extra` (from `from` on) followed by one of `other`'s.
    pub(crate) const fn meets(self, extra: &[u8], from: usize, other: Texts<'_>) -> bool {
        let lead = extra.len() - from;
        if let Texts::OneOf(texts) = other {
            let mut i = 0;
            while i < texts.len() {
                if self.accepts_joined(extra, from, text(&texts[i]).as_bytes()) {
                    return true;
                }
                i += 1;
            }
            return false;
        }
        match (self.fixed_len(), other.fixed_len()) {
            (Some(a), Some(b)) => {
                if a != lead + b || !self.accepts_start(extra, from) {
                    return false;
                }
                let mut i = 0;
                while i < b {
                    if !self.class(lead + i).meets(other.class(i)) {
                        return false;
                    }
                    i += 1;
                }
                true
            }
            (Some(a), None) => lead < a && self.accepts_start(extra, from),
            (None, _) => match self {
                Texts::OneOf(texts) => {
                    let mut i = 0;
                    while i < texts.len() {
                        let bytes = text(&texts[i]).as_bytes();
                        if starts_with_from(bytes, extra, from) && other.accepts(bytes, lead) {
                            return true;
                        }
                        i += 1;
                    }
                    false
                }
                _ => true,
            },
        }
    }

    const fn accepts_joined(self, lead: &[u8], from: usize, rest: &[u8]) -> bool {
        let extra = lead.len() - from;
        match self {
            Texts::Any => extra + rest.len() > 0,
            Texts::OneOf(texts) => {
                let mut i = 0;
                while i < texts.len() {
                    let bytes = text(&texts[i]).as_bytes();
                    if starts_with_from(bytes, lead, from) && same_from(bytes, extra, rest, 0) {
                        return true;
                    }
                    i += 1;
                }
                false
            }
            Texts::Digits(_) | Texts::Pattern(_) => {
                let Some(fixed) = self.fixed_len() else {
                    return true;
                };
                if extra + rest.len() != fixed || !self.accepts_start(lead, from) {
                    return false;
                }
                let mut i = 0;
                while i < rest.len() {
                    if !self.class(extra + i).accepts(rest[i]) {
                        return false;
                    }
                    i += 1;
                }
                true
            }
        }
    }
}

/// `a[from_a..] == b[from_b..]`.
pub(crate) const fn same_from(a: &[u8], from_a: usize, b: &[u8], from_b: usize) -> bool {
    if a.len() < from_a || b.len() < from_b || a.len() - from_a != b.len() - from_b {
        return false;
    }
    let mut i = 0;
    while from_a + i < a.len() {
        if a[from_a + i] != b[from_b + i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Whether `text` starts with `prefix[from..]`.
pub(crate) const fn starts_with_from(text: &[u8], prefix: &[u8], from: usize) -> bool {
    if text.len() < prefix.len() - from {
        return false;
    }
    let mut i = from;
    while i < prefix.len() {
        if text[i - from] != prefix[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// The text of a `Cow`, in const code, where `Deref` cannot be called.
#[expect(clippy::ptr_arg, reason = "this is what turns the `Cow` into a `&str`")]
pub(crate) const fn text<'c>(cow: &'c Cow<'_, str>) -> &'c str {
    match cow {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => text.as_str(),
    }
}

/// The members of a `Cow`, in const code, where `Deref` cannot be called.
#[expect(clippy::ptr_arg, reason = "this is what turns the `Cow` into a slice")]
pub(crate) const fn slice<'c, T: Clone>(cow: &'c Cow<'_, [T]>) -> &'c [T] {
    match cow {
        Cow::Borrowed(members) => members,
        Cow::Owned(members) => members.as_slice(),
    }
}
