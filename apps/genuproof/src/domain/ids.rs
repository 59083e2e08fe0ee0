//! Ids, codes and keys: their forms, and how they are drawn from a source of randomness.
//!
//! A value of one of these types has the form it must have, so it can stand in a key. A text that does not have the form names
//! nothing that exists: [`Ref::Unknown`].

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize};

/// Where random bytes come from. A parameter everywhere, so that tests know what is drawn.
pub trait Randomness: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`NoRandomness`] when the source has none.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

/// The source of randomness failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random bytes; ids and keys cannot be made")]
pub struct NoRandomness;

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandomness;

impl Randomness for OsRandomness {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        getrandom::fill(bytes).map_err(|_| NoRandomness)
    }
}

/// What a request names: something that may exist, or a text that cannot be the id of anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ref<T> {
    /// It has the form of such an id.
    Named(T),
    /// It cannot be one; whatever is looked up under it is unknown.
    Unknown,
}

impl<T> Ref<T> {
    /// The id, when the text had its form.
    pub fn named(self) -> Option<T> {
        match self {
            Self::Named(id) => Some(id),
            Self::Unknown => None,
        }
    }
}

/// A type with a fixed text form.
pub trait Form: Sized {
    /// Reads the text; `None` when it does not have the form.
    fn parse(text: &str) -> Option<Self>;
}

macro_rules! text_form {
    ($(#[$doc:meta])* $name:ident, $fits:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Form for $name {
            fn parse(text: &str) -> Option<Self> {
                let fits: fn(&str) -> bool = $fits;
                fits(text).then(|| Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| serde::de::Error::custom(concat!("not a ", stringify!($name))))
            }
        }
    };
}

text_form! {
    /// A product: 32 lower-case hex digits.
    ProductId, |text| text.len() == 32 && text.bytes().all(is_hex)
}

text_form! {
    /// A brand: a UUID in lower case with dashes.
    BrandId, |text| {
        text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { is_hex(byte) })
    }
}

text_form! {
    /// What is printed on a product: 12 characters of `A–Z a–z 0–9 - _`.
    VerificationCode, |text| {
        text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    }
}

impl ProductId {
    /// Draws an id.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn draw(source: &dyn Randomness) -> Result<Self, NoRandomness> {
        Ok(Self(hex(&draw::<16>(source)?)))
    }
}

impl BrandId {
    /// Draws an id: a UUID of version 4.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn draw(source: &dyn Randomness) -> Result<Self, NoRandomness> {
        Ok(Self(draw_uuid(source)?))
    }
}

impl VerificationCode {
    /// Draws a code: 9 random bytes in base64url.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn draw(source: &dyn Randomness) -> Result<Self, NoRandomness> {
        Ok(Self(URL_SAFE_NO_PAD.encode(draw::<9>(source)?)))
    }
}

/// Draws a UUID of version 4, the id of webhooks and integrations.
///
/// # Errors
/// [`NoRandomness`].
pub fn draw_uuid(source: &dyn Randomness) -> Result<String, NoRandomness> {
    Ok(uuid::Builder::from_random_bytes(draw(source)?)
        .into_uuid()
        .hyphenated()
        .to_string())
}

/// Draws an ingest key: `aik_` and 32 hex digits.
///
/// # Errors
/// [`NoRandomness`].
pub fn draw_ingest_key(source: &dyn Randomness) -> Result<String, NoRandomness> {
    Ok(format!("aik_{}", hex(&draw::<16>(source)?)))
}

pub(crate) fn draw<const N: usize>(source: &dyn Randomness) -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    source.fill(&mut bytes)?;
    Ok(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Gives the same bytes over and over.
    pub(crate) struct Fixed(pub(crate) &'static [u8]);

    impl Randomness for Fixed {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
            for (byte, given) in bytes.iter_mut().zip(self.0.iter().cycle()) {
                *byte = *given;
            }
            Ok(())
        }
    }

    struct Broken;

    impl Randomness for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), NoRandomness> {
            Err(NoRandomness)
        }
    }

    #[test]
    fn a_code_is_nine_random_bytes_in_base64url() {
        let code = VerificationCode::draw(&Fixed(&[
            0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff, 0x01,
        ]))
        .unwrap();
        assert_eq!(code.as_str(), "-Pn6-_z9_v8B");
    }

    #[test]
    fn drawn_ids_have_their_own_form() {
        let source = Fixed(&[0xff, 0x00, 0x7a]);
        let product = ProductId::draw(&source).unwrap();
        assert_eq!(ProductId::parse(product.as_str()), Some(product));
        let brand = BrandId::draw(&source).unwrap();
        assert_eq!(
            brand.as_str(),
            "ff007aff-007a-4f00-baff-007aff007aff",
            "version 4, variant 1"
        );
        assert_eq!(BrandId::parse(brand.as_str()), Some(brand));
        let key = draw_ingest_key(&source).unwrap();
        assert_eq!(key, "aik_ff007aff007aff007aff007aff007aff");
        assert_ne!(
            ProductId::draw(&OsRandomness).unwrap(),
            ProductId::draw(&OsRandomness).unwrap()
        );
    }

    #[test]
    fn a_source_that_fails_makes_no_id() {
        assert_eq!(ProductId::draw(&Broken), Err(NoRandomness));
        assert_eq!(draw_ingest_key(&Broken), Err(NoRandomness));
    }

    #[test]
    fn a_text_without_the_form_is_no_id() {
        for text in [
            "",
            "x",
            "#",
            "PRODUCT#1",
            "00112233445566778899AABBCCDDEEFF",
            "00112233445566778899aabbccddeef",
            "é0112233445566778899aabbccddeef",
        ] {
            assert_eq!(ProductId::parse(text), None, "{text}");
        }
        for text in [
            "",
            "3F2B8C1E-5d47-4a90-9c11-7e0a6b2d4f55",
            "3f2b8c1e5d474a909c117e0a6b2d4f55",
            "3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f5#",
        ] {
            assert_eq!(BrandId::parse(text), None, "{text}");
        }
        for text in [
            "",
            "a",
            "wfPHybaFV3_",
            "wfPHybaFV3_aa",
            "wfPHybaFV3#a",
            "wfPHybaFV3 a",
            "éfPHybaFV3_",
        ] {
            assert_eq!(VerificationCode::parse(text), None, "{text}");
        }
        assert!(serde_json::from_str::<VerificationCode>("\"short\"").is_err());
    }
}
