//! Identifiers with types.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};

use crate::part::{KeyPart, PartError, PartSource, PartText};
use crate::shape::{Kind, Shape};

/// The identifier of one `E`: 128 bits, written as its format says.
///
/// The default is a ULID, which sorts by the moment it was made. `Id<Product, Hex16>` and
/// `Id<Brand, UuidFormat>` are for data whose form others fixed. Identifiers are built by parsing
/// or from bits; a generator gives them at run time.
///
/// ```
/// use keyfold_model::{Hex16, Id};
/// struct Product;
/// let id: Id<Product, Hex16> = "00112233445566778899aabbccddeeff".parse()?;
/// assert_eq!(id.to_string(), "00112233445566778899aabbccddeeff");
/// assert!("0011".parse::<Id<Product, Hex16>>().is_err());
/// # Ok::<(), keyfold_model::id::IdError>(())
/// ```
pub struct Id<E, F = UlidFormat> {
    bits: u128,
    kind: PhantomData<fn() -> (E, F)>,
}

/// How an [`Id`] is written.
pub trait IdFormat {
    /// Its texts, see [`crate::Form::Pattern`].
    const PATTERN: &'static str;
    /// What it is called in messages.
    const NAME: &'static str;
    /// The text of 128 bits.
    fn write(bits: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    /// The bits of a text, if it is exactly the one they are written as.
    fn read(text: &str) -> Option<u128>;
    /// Fresh bits: `random` are 128 random ones, `ms` the moment they are made.
    fn fresh(ms: u64, random: u128) -> u128;
}

/// A text that is no such identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not {expected}")]
pub struct IdError {
    expected: &'static str,
}

/// Crockford base 32 of a ULID, 26 characters, sorted by creation.
pub enum UlidFormat {}
/// A UUID in lower case with dashes; new ones are version 4.
pub enum UuidFormat {}
/// The same; new ones are version 7, which sort by the moment they were made.
pub enum UuidV7Format {}
/// 32 lower-case hex digits; new ones are random.
pub enum Hex16 {}

impl IdFormat for UlidFormat {
    const PATTERN: &'static str = "uuuuuuuuuuuuuuuuuuuuuuuuuu";
    const NAME: &'static str = "a ULID (26 characters)";

    fn write(bits: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ulid::Ulid::from(bits).array_to_str(&mut [0; ulid::ULID_LEN]))
    }

    fn read(text: &str) -> Option<u128> {
        let id = ulid::Ulid::from_string(text).ok()?;
        (id.array_to_str(&mut [0; ulid::ULID_LEN]) == text).then(|| id.into())
    }

    fn fresh(ms: u64, random: u128) -> u128 {
        ulid::Ulid::from_parts(ms, random).into()
    }
}

impl IdFormat for UuidFormat {
    const PATTERN: &'static str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    const NAME: &'static str = "a UUID (lower case, with dashes)";

    fn write(bits: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&uuid::Uuid::from_u128(bits).hyphenated(), f)
    }

    fn read(text: &str) -> Option<u128> {
        let id = uuid::Uuid::try_parse(text).ok()?;
        let mut buffer = uuid::Uuid::encode_buffer();
        (id.hyphenated().encode_lower(&mut buffer) == text).then(|| id.as_u128())
    }

    fn fresh(_ms: u64, random: u128) -> u128 {
        uuid::Builder::from_random_bytes(random.to_be_bytes())
            .into_uuid()
            .as_u128()
    }
}

impl IdFormat for UuidV7Format {
    const PATTERN: &'static str = UuidFormat::PATTERN;
    const NAME: &'static str = UuidFormat::NAME;

    fn write(bits: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        UuidFormat::write(bits, f)
    }

    fn read(text: &str) -> Option<u128> {
        UuidFormat::read(text)
    }

    fn fresh(ms: u64, random: u128) -> u128 {
        let bytes = random.to_be_bytes();
        let mut random = [0; 10];
        random.copy_from_slice(&bytes[..10]);
        uuid::Builder::from_unix_timestamp_millis(ms, &random)
            .into_uuid()
            .as_u128()
    }
}

impl IdFormat for Hex16 {
    const PATTERN: &'static str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    const NAME: &'static str = "32 lower-case hex digits";

    fn write(bits: u128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{bits:032x}")
    }

    fn read(text: &str) -> Option<u128> {
        let lower = text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        (text.len() == 32 && lower)
            .then(|| u128::from_str_radix(text, 16).ok())
            .flatten()
    }

    fn fresh(_ms: u64, random: u128) -> u128 {
        random
    }
}

impl<E, F> Id<E, F> {
    /// The identifier with these bits.
    pub const fn from_bits(bits: u128) -> Self {
        Self {
            bits,
            kind: PhantomData,
        }
    }

    /// Its bits.
    pub const fn bits(&self) -> u128 {
        self.bits
    }
}

impl<E, F: IdFormat> Id<E, F> {
    /// A fresh identifier from a moment (milliseconds from 1970) and 128 random bits.
    pub fn fresh(ms: u64, random: u128) -> Self {
        Self::from_bits(F::fresh(ms, random))
    }
}

impl<E, F> Clone for Id<E, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, F> Copy for Id<E, F> {}

impl<E, F> PartialEq for Id<E, F> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<E, F> Eq for Id<E, F> {}

impl<E, F> PartialOrd for Id<E, F> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E, F> Ord for Id<E, F> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bits.cmp(&other.bits)
    }
}

impl<E, F> Hash for Id<E, F> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits.hash(state);
    }
}

impl<E, F: IdFormat> fmt::Display for Id<E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        F::write(self.bits, f)
    }
}

impl<E, F: IdFormat> fmt::Debug for Id<E, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        F::write(self.bits, f)
    }
}

impl<E, F: IdFormat> FromStr for Id<E, F> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        F::read(text)
            .map(Self::from_bits)
            .ok_or(IdError { expected: F::NAME })
    }
}

impl<E, F: IdFormat> Serialize for Id<E, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, E, F: IdFormat> Deserialize<'de> for Id<E, F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl<E, F: IdFormat> KeyPart for Id<E, F> {
    const SHAPE: Shape<'static> = Shape::pattern(F::PATTERN, true, Kind::Other);

    fn encode(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
        out.verbatim(format_args!("{self}"))
    }

    fn decode(source: PartSource<'_>) -> Result<Self, PartError> {
        source.as_str().parse().map_err(|_| PartError::Malformed)
    }
}
