//! How a value becomes text inside a key.
//!
//! Strings sort by UTF-8 bytes (Developer Guide, "Data types"), so every encoding keeps the order
//! of its values: integers are filled with zeros to their type's width, moments have one width,
//! and in free text every byte up to `%` is written as `%` and two hex digits. A `#` therefore
//! only ever stands between segments, `$` (the next byte) bounds the children of a prefix from
//! above, and two different keys never share a text.

use std::fmt::{self, Write as _};

use crate::shape::{Kind, Modifier, Shape};

/// A value that can stand in a key template: `PRODUCT#{id}`.
///
/// Derive it for newtypes, unit enums and `#[part("{region}-{ulid}")]` structs. By hand, an
/// implementation must be injective: two values never encode alike, and [`KeyPart::decode`] gives
/// back the value. Where [`Shape::ordered`] is set, texts must order as the values do.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a key: it is no `KeyPart`",
    label = "used in a key template",
    note = "add `#[derive(KeyPart)]` to `{Self}`; `f32` and `f64` have no exact text that sorts, so wrap what you mean in a newtype of integers"
)]
pub trait KeyPart: Sized {
    /// What its text can be.
    const SHAPE: Shape<'static>;
    /// The longest text it can be, in bytes, where that is known.
    const MAX_LEN: Option<usize> = None;

    /// Writes the value.
    fn encode(&self, out: &mut PartText<'_>) -> Result<(), PartError>;

    /// Reads it back.
    fn decode(source: PartSource<'_>) -> Result<Self, PartError>;
}

/// Why a value is not written into a key, or not read back from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartError {
    /// Empty text: it would make `A##B` and prefixes that match everything.
    #[error("is empty; a key part holds at least one character")]
    Empty,
    /// More digits than the template gives room for.
    #[error("does not fit the width its template gives")]
    TooWide,
    /// A value the format cannot hold.
    #[error("is outside the range its format can hold")]
    OutOfRange,
    /// A `{part:raw}` with the delimiter in it.
    #[error("contains `#`, which a raw part cannot hold; drop `:raw` so that it is escaped")]
    RawDelimiter,
    /// A key whose text is not what this type writes.
    #[error("is not text this type writes")]
    Malformed,
}

/// Why a key was refused before anything was sent. Names entity and part, never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A part that cannot be written.
    #[error("KF1001: `{entity}`: `{part}` {source}")]
    Part {
        /// The entity.
        entity: String,
        /// The field.
        part: String,
        /// Why.
        source: PartError,
    },
    /// A key longer than DynamoDB takes.
    #[error(
        "KF1002: `{entity}`: the key {attribute} = \"{template}\" takes {bytes} bytes, at most {bytes_max} are allowed; shorten `{longest}`"
    )]
    TooLong {
        /// The entity.
        entity: String,
        /// The key attribute.
        attribute: String,
        /// Its template.
        template: String,
        /// The part that takes most of it.
        longest: String,
        /// Bytes after encoding.
        bytes: usize,
        /// Bytes allowed.
        bytes_max: usize,
    },
    /// A part of the key that has no value.
    #[error("KF1003: `{entity}`: `{part}` has no value, and the key \"{template}\" needs it")]
    Missing {
        /// The entity.
        entity: String,
        /// The field.
        part: String,
        /// The template.
        template: String,
    },
    /// A key of a scope that the handle does not have.
    #[error(
        "KF1018: `{entity}` belongs to a {scope}, and this handle has none; call `{scope}(..)` on it first"
    )]
    NoScope {
        /// The entity.
        entity: String,
        /// The scope.
        scope: String,
    },
    /// A value of another scope than the handle's.
    #[error(
        "KF1019: this `{entity}` is of another {scope} than the handle; it was not sent. Use the handle of its own {scope}"
    )]
    ForeignScope {
        /// The entity.
        entity: String,
        /// The scope.
        scope: String,
    },
}

/// Lower case, each character by itself: `str::to_lowercase` writes `Σ` at the end of a word in
/// another way, and the lower case of a prefix would then not be a prefix.
fn lower(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ς' { 'σ' } else { c })
        .collect()
}

/// Where a part is written: applies the template's modifier and the escaping.
pub struct PartText<'a> {
    out: &'a mut String,
    modifier: Modifier,
    /// A byte above `%` that is escaped too: the glue of a composite part.
    also: Option<u8>,
}

impl<'a> PartText<'a> {
    /// Writes to the end of `out`.
    pub fn new(out: &'a mut String, modifier: Modifier) -> Self {
        Self {
            out,
            modifier,
            also: None,
        }
    }

    /// The same place for one field of a composite part, in which `glue` must not stand.
    #[must_use]
    pub fn before_glue(&mut self, glue: u8) -> PartText<'_> {
        PartText {
            out: self.out,
            modifier: self.modifier,
            also: Some(glue),
        }
    }

    /// The modifier the template asks for.
    pub fn modifier(&self) -> Modifier {
        self.modifier
    }

    /// Free text, escaped.
    pub fn text(&mut self, text: &str) -> Result<(), PartError> {
        if text.is_empty() {
            return Err(PartError::Empty);
        }
        match self.modifier {
            Modifier::Raw if text.contains('#') => Err(PartError::RawDelimiter),
            Modifier::Raw | Modifier::Bare => {
                self.out.push_str(text);
                Ok(())
            }
            Modifier::Lower => {
                self.escape(&lower(text));
                Ok(())
            }
            _ => {
                self.escape(text);
                Ok(())
            }
        }
    }

    /// An unsigned integer of a type that takes `width` digits; `MAX` of it is needed to reverse.
    pub fn integer(&mut self, value: u128, max: u128, width: u8) -> Result<(), PartError> {
        match self.modifier {
            Modifier::Desc => self.digits(max - value, width),
            Modifier::Pad(pad) => self.digits(value, pad),
            Modifier::Bare => self.verbatim(format_args!("{value}")),
            _ => self.digits(value, width),
        }
    }

    /// Digits, filled with zeros to `width`.
    pub fn digits(&mut self, value: u128, width: u8) -> Result<(), PartError> {
        let start = self.out.len();
        let _ = write!(self.out, "{value:0width$}", width = usize::from(width));
        if self.out.len() - start > usize::from(width) {
            self.out.truncate(start);
            return Err(PartError::TooWide);
        }
        Ok(())
    }

    /// Text that is known to hold nothing up to `%`: ids, moments, enum names.
    pub fn verbatim(&mut self, text: fmt::Arguments<'_>) -> Result<(), PartError> {
        let Some(glue) = self.also else {
            let _ = self.out.write_fmt(text);
            return Ok(());
        };
        debug_assert!(
            glue > b'%',
            "the derive refuses glue that is escaped anyway"
        );
        self.escape(&text.to_string());
        Ok(())
    }

    /// The text between the fields of a composite part.
    pub fn glue(&mut self, glue: &str) {
        self.out.push_str(glue);
    }

    fn escape(&mut self, text: &str) {
        self.out.reserve(text.len());
        let mut clean = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte <= b'%' || Some(byte) == self.also {
                self.out.push_str(&text[clean..at]);
                let _ = write!(self.out, "%{byte:02X}");
                clean = at + 1;
            }
        }
        self.out.push_str(&text[clean..]);
    }
}

/// The text of one part, taken out of a key.
#[derive(Clone, Copy)]
pub struct PartSource<'a> {
    text: &'a str,
    modifier: Modifier,
}

impl<'a> PartSource<'a> {
    /// The part's text as it stands in the key.
    pub fn new(text: &'a str, modifier: Modifier) -> Self {
        Self { text, modifier }
    }

    /// The modifier it was written with.
    pub fn modifier(self) -> Modifier {
        self.modifier
    }

    /// The text as it stands in the key.
    pub fn as_str(self) -> &'a str {
        self.text
    }

    /// Another part of the same text, for composite parts.
    #[must_use]
    pub fn piece(self, text: &'a str) -> Self {
        Self {
            text,
            modifier: self.modifier,
        }
    }

    /// Free text, its escapes resolved.
    pub fn text(self) -> Result<String, PartError> {
        if self.text.is_empty() {
            return Err(PartError::Empty);
        }
        if matches!(self.modifier, Modifier::Raw | Modifier::Bare) {
            return Ok(self.text.to_owned());
        }
        let bytes = self.text.as_bytes();
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while at < bytes.len() {
            if bytes[at] == b'%' {
                let pair = self.text.get(at + 1..at + 3).ok_or(PartError::Malformed)?;
                // `from_str_radix` would take a sign and small letters, which are never written.
                if !pair.bytes().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F')) {
                    return Err(PartError::Malformed);
                }
                out.push(u8::from_str_radix(pair, 16).map_err(|_| PartError::Malformed)?);
                at += 3;
            } else {
                out.push(bytes[at]);
                at += 1;
            }
        }
        String::from_utf8(out).map_err(|_| PartError::Malformed)
    }

    /// An integer as [`PartText::integer`] writes it.
    pub fn integer(self, max: u128, width: u8) -> Result<u128, PartError> {
        match self.modifier {
            Modifier::Desc => max
                .checked_sub(self.digits(width)?)
                .ok_or(PartError::Malformed),
            Modifier::Pad(pad) => self.digits(pad),
            Modifier::Bare => self.number(),
            _ => self.digits(width),
        }
    }

    /// A number as an attribute holds it.
    fn number<T: std::str::FromStr + fmt::Display>(self) -> Result<T, PartError> {
        let value: T = self.text.parse().map_err(|_| PartError::Malformed)?;
        if value.to_string() == self.text {
            Ok(value)
        } else {
            Err(PartError::Malformed)
        }
    }

    /// Exactly `width` digits.
    pub fn digits(self, width: u8) -> Result<u128, PartError> {
        if self.text.len() != usize::from(width) || !self.text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PartError::Malformed);
        }
        self.text.parse().map_err(|_| PartError::Malformed)
    }

    /// The value of an escaped piece of a composite part whose type wrote it verbatim.
    pub fn unescaped(self) -> Result<String, PartError> {
        PartSource {
            text: self.text,
            modifier: Modifier::None,
        }
        .text()
    }
}

/// A key part behind a reference, for the functions that do not know its type.
pub trait Encode {
    /// Writes the value with the template's modifier.
    fn encode_part(&self, out: &mut PartText<'_>) -> Result<(), PartError>;
}

impl<T: KeyPart> Encode for T {
    fn encode_part(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
        self.encode(out)
    }
}

impl Encode for str {
    fn encode_part(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
        out.text(self)
    }
}

impl KeyPart for String {
    const SHAPE: Shape<'static> = Shape::TEXT;

    fn encode(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
        out.text(self)
    }

    fn decode(source: PartSource<'_>) -> Result<Self, PartError> {
        source.text()
    }
}

impl KeyPart for bool {
    const SHAPE: Shape<'static> = {
        const TEXTS: &[std::borrow::Cow<'static, str>] = &[
            std::borrow::Cow::Borrowed("false"),
            std::borrow::Cow::Borrowed("true"),
        ];
        Shape::one_of(TEXTS)
    };

    fn encode(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
        out.verbatim(format_args!("{self}"))
    }

    fn decode(source: PartSource<'_>) -> Result<Self, PartError> {
        match source.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(PartError::Malformed),
        }
    }
}

// The digits of the largest value of each type.
macro_rules! unsigned_parts {
    ($($type:ty: $width:literal),*) => {$(
        impl KeyPart for $type {
            const SHAPE: Shape<'static> = Shape::digits($width);

            fn encode(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
                out.integer(u128::from(*self), u128::from(<$type>::MAX), $width)
            }

            fn decode(source: PartSource<'_>) -> Result<Self, PartError> {
                let value = source.integer(u128::from(<$type>::MAX), $width)?;
                value.try_into().map_err(|_| PartError::Malformed)
            }
        }
    )*};
}

unsigned_parts!(u8: 3, u16: 5, u32: 10, u64: 20);

macro_rules! signed_parts {
    ($($type:ty as $unsigned:ty: $width:literal),*) => {$(
        impl KeyPart for $type {
            const SHAPE: Shape<'static> = Shape::digits($width);

            // Offset so that the smallest value is 0: the digits then sort as the values do.
            // With a width of its own (`{n:06}`) the value stands as it is, and must not be negative.
            fn encode(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
                if out.modifier() == Modifier::Bare {
                    return out.verbatim(format_args!("{self}"));
                }
                if matches!(out.modifier(), Modifier::Pad(_)) {
                    let value = <$unsigned>::try_from(*self).map_err(|_| PartError::OutOfRange)?;
                    return out.integer(u128::from(value), u128::from(<$unsigned>::MAX), 0);
                }
                let offset = self.abs_diff(<$type>::MIN);
                out.integer(u128::from(offset), u128::from(<$unsigned>::MAX), $width)
            }

            fn decode(source: PartSource<'_>) -> Result<Self, PartError> {
                if source.modifier() == Modifier::Bare {
                    return source.number();
                }
                let offset = source.integer(u128::from(<$unsigned>::MAX), $width)?;
                let offset: $unsigned = offset.try_into().map_err(|_| PartError::Malformed)?;
                if matches!(source.modifier(), Modifier::Pad(_)) {
                    return offset.try_into().map_err(|_| PartError::Malformed);
                }
                Ok(<$type>::MIN.wrapping_add_unsigned(offset))
            }
        }
    )*};
}

signed_parts!(i8 as u8: 3, i16 as u16: 5, i32 as u32: 10, i64 as u64: 20);

macro_rules! foreign_id_parts {
    ($($type:ty: $format:ty, $from:expr, $bits:expr);*) => {$(
        impl KeyPart for $type {
            const SHAPE: Shape<'static> =
                Shape::pattern(<$format as crate::IdFormat>::PATTERN, true, Kind::Other);

            fn encode(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
                let id: crate::Id<(), $format> = crate::Id::from_bits($bits(*self));
                out.verbatim(format_args!("{id}"))
            }

            fn decode(source: PartSource<'_>) -> Result<Self, PartError> {
                let id = crate::Id::<(), $format>::decode(source)?;
                Ok($from(id.bits()))
            }
        }
    )*};
}

foreign_id_parts!(
    ulid::Ulid: crate::UlidFormat, ulid::Ulid::from, u128::from;
    uuid::Uuid: crate::UuidFormat, uuid::Uuid::from_u128, |id: uuid::Uuid| id.as_u128()
);
