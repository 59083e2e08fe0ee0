//! API keys: their form, what is stored of them, and how a request presents one.

use std::fmt;

use zeroize::Zeroizing;

use super::crypto::{Digest, sha256};
use super::ids::{BrandId, Form as _, NoRandomness, Randomness, draw, hex};

const MARK: &str = "gpk_";
const ID_BYTES: usize = 4;
const SECRET_BYTES: usize = 24;
const ID_DIGITS: usize = 2 * ID_BYTES;
const BRAND_DIGITS: usize = 32;
const SECRET_DIGITS: usize = 2 * SECRET_BYTES;

/// An API key: `gpk_<8 digits>_<32 digits of the brand's id>_<48 random digits>`.
///
/// The first part tells keys apart for people (it is shown in lists), the second says where the key's hash lies without a search,
/// the third is the secret. The text is handed out once; stored is its SHA-256, which needs no salt and no slowness because 192
/// random bits cannot be guessed, and no signing secret because keys outlive its rotation.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    text: Zeroizing<String>,
    brand: BrandId,
}

impl ApiKey {
    /// Draws a key for a brand.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn draw(brand: &BrandId, source: &dyn Randomness) -> Result<Self, NoRandomness> {
        let bytes = Zeroizing::new(draw::<{ ID_BYTES + SECRET_BYTES }>(source)?);
        let (id, secret) = bytes.split_at(ID_BYTES);
        let secret = Zeroizing::new(hex(secret));
        let text = format!(
            "{MARK}{}_{}_{}",
            hex(id),
            brand.as_str().replace('-', ""),
            *secret
        );
        Ok(Self {
            text: Zeroizing::new(text),
            brand: brand.clone(),
        })
    }

    /// Reads what a request presents; `None` when it has not the form of a key.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix(MARK)?.split('_');
        let (id, brand, secret) = (parts.next()?, parts.next()?, parts.next()?);
        let is_hex = |part: &str, digits: usize| {
            part.len() == digits
                && part
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        if parts.next().is_some()
            || !is_hex(id, ID_DIGITS)
            || !is_hex(brand, BRAND_DIGITS)
            || !is_hex(secret, SECRET_DIGITS)
        {
            return None;
        }
        let brand = format!(
            "{}-{}-{}-{}-{}",
            &brand[..8],
            &brand[8..12],
            &brand[12..16],
            &brand[16..20],
            &brand[20..]
        );
        Some(Self {
            text: Zeroizing::new(text.to_owned()),
            brand: BrandId::parse(&brand)?,
        })
    }

    /// The brand whose key it says it is. Whether it is one, [`Self::is`] tells.
    pub fn brand(&self) -> &BrandId {
        &self.brand
    }

    /// The part that lists show.
    pub fn prefix(&self) -> &str {
        &self.text[..MARK.len() + ID_DIGITS]
    }

    /// What is stored of it.
    pub fn hash(&self) -> Digest {
        sha256(&self.text)
    }

    /// Whether this key's hash is the stored one, compared in constant time.
    pub fn is(&self, stored_hash: &str) -> bool {
        self.hash().matches(stored_hash)
    }

    /// The whole key, for the one reply that hands it out.
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({}…)", self.prefix())
    }
}

/// What a request presents: `Authorization: Bearer <key>`, `X-Api-Key: <key>`, or both; either is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// The keys, those that have the form of one.
    pub keys: Vec<ApiKey>,
    /// Whether anything was presented, be it a key or not: what is presented is checked even where nothing need be.
    pub is_anything: bool,
}

impl Presented {
    /// Reads the values of the two headers.
    pub fn of(authorization: Option<&str>, x_api_key: Option<&str>) -> Self {
        let bearer = authorization.and_then(bearer);
        let plain = x_api_key.map(str::trim).filter(|key| !key.is_empty());
        let is_anything = bearer.is_some() || plain.is_some();
        let mut keys: Vec<_> = [bearer, plain]
            .into_iter()
            .flatten()
            .filter_map(ApiKey::parse)
            .collect();
        keys.dedup();
        Self { keys, is_anything }
    }
}

/// The token of `Bearer <token>`; the scheme's name has no case (RFC 9110, 11.1). Other schemes are for others.
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::ids::OsRandomness;
    use super::super::ids::tests::Fixed;
    use super::*;

    fn brand() -> BrandId {
        BrandId::parse("3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55").unwrap()
    }

    #[test]
    fn a_key_says_whose_it_is_and_keeps_its_secret() {
        let key = ApiKey::draw(&brand(), &Fixed(&[0xab, 0xcd, 0x01, 0x23])).unwrap();
        assert_eq!(
            key.reveal(),
            "gpk_abcd0123_3f2b8c1e5d474a909c117e0a6b2d4f55_abcd0123abcd0123abcd0123abcd0123abcd0123abcd0123"
        );
        assert_eq!(key.prefix(), "gpk_abcd0123");
        assert_eq!(format!("{key:?}"), "ApiKey(gpk_abcd0123…)");
        assert_eq!(ApiKey::parse(key.reveal()).unwrap().brand(), &brand());
    }

    #[test]
    fn a_key_is_known_by_its_hash() {
        let key = ApiKey::draw(&brand(), &OsRandomness).unwrap();
        let other = ApiKey::draw(&brand(), &OsRandomness).unwrap();
        let stored = key.hash().to_string();
        assert!(key.is(&stored) && !other.is(&stored));
        assert!(!key.is("") && !key.is("é") && !key.is(&stored.to_uppercase()));
    }

    #[test]
    fn either_header_is_enough() {
        let key = ApiKey::draw(&brand(), &OsRandomness).unwrap();
        let text = key.reveal();
        let bearer = format!("bearer  {text} ");
        for (authorization, x_api_key) in [
            (Some(bearer.as_str()), None),
            (None, Some(text)),
            (Some(bearer.as_str()), Some("nonsense")),
            (Some("Basic eDp5"), Some(text)),
            (Some(bearer.as_str()), Some(text)),
        ] {
            assert_eq!(
                Presented::of(authorization, x_api_key).keys,
                std::slice::from_ref(&key)
            );
        }
    }

    #[test]
    fn nonsense_is_something_but_no_key() {
        for nonsense in [
            "x",
            "gpk_",
            "gpk_abcd0123__",
            "gpk_ABCD0123_3f2b8c1e5d474a909c117e0a6b2d4f55_00",
            "é",
            &"gpk_".repeat(5000),
        ] {
            let presented = Presented::of(None, Some(nonsense));
            assert!(
                presented.keys.is_empty() && presented.is_anything,
                "{nonsense}"
            );
        }
        for nothing in [
            Presented::of(None, None),
            Presented::of(Some("Basic eDp5"), Some(" ")),
            Presented::of(Some("Bearer "), None),
        ] {
            assert!(!nothing.is_anything);
        }
    }
}
