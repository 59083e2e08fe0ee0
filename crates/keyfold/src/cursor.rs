//! Cursors: where a listing goes on, sealed.
//!
//! A cursor holds the keys of the last item given, and keys hold customers' data; so it is
//! encrypted, authenticated, and bound to the pattern and what it was asked. Anything else is refused.

use std::fmt;
use std::str::FromStr;

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::clock::Randomness;
use crate::errors::CursorError;
use crate::item::Item;
use crate::merge::Position;

/// The version of the form below.
const VERSION: u8 = 1;
const NONCE_BYTES: usize = 12;

/// Where a listing goes on. Text of letters, digits, `-` and `_`; pass it back as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor")
    }
}

/// Takes any text: whether it is a cursor for this question is told when it is used.
impl FromStr for Cursor {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl From<String> for Cursor {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl serde::Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Seals and opens cursors.
pub(crate) struct CursorKey(Aes256GcmSiv);

impl CursorKey {
    pub(crate) fn from_secret(secret: &[u8]) -> Self {
        // A digest under a fixed name, so that the same secret used elsewhere gives another key.
        let mut hasher = Sha256::new();
        hasher.update(b"keyfold cursor v1\0");
        hasher.update(secret);
        Self(Aes256GcmSiv::new(&hasher.finalize()))
    }

    pub(crate) fn random(randomness: &dyn Randomness) -> Self {
        let bits = [
            randomness.bits().to_be_bytes(),
            randomness.bits().to_be_bytes(),
        ]
        .concat();
        Self::from_secret(&bits)
    }

    /// Seals the key of the last item given.
    pub(crate) fn seal(
        &self,
        question: &[u8; 32],
        key: &Item,
        randomness: &dyn Randomness,
    ) -> Cursor {
        self.seal_value(question, &pairs(key), randomness)
    }

    /// Seals where each of several partitions goes on.
    pub(crate) fn seal_positions(
        &self,
        question: &[u8; 32],
        positions: &[Position],
        randomness: &dyn Randomness,
    ) -> Cursor {
        let positions: Vec<Option<Vec<Pair>>> = positions
            .iter()
            .map(|position| match position {
                Position::Start => None,
                Position::End => Some(Vec::new()),
                Position::After(key) => Some(pairs(key)),
            })
            .collect();
        self.seal_value(question, &positions, randomness)
    }

    fn seal_value(
        &self,
        question: &[u8; 32],
        value: &impl serde::Serialize,
        randomness: &dyn Randomness,
    ) -> Cursor {
        let plain = serde_json::to_vec(value).unwrap_or_default();
        let bits = randomness.bits().to_be_bytes();
        let (nonce_bytes, _) = bits.split_at(NONCE_BYTES);
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(nonce_bytes);
        let payload = Payload {
            msg: &plain,
            aad: question,
        };
        let sealed = self
            .0
            .encrypt(&Nonce::from(nonce), payload)
            .unwrap_or_default();
        Cursor(URL_SAFE_NO_PAD.encode([&[VERSION], &nonce[..], &sealed[..]].concat()))
    }

    /// Opens a cursor made for this question.
    pub(crate) fn open(&self, question: &[u8; 32], cursor: &Cursor) -> Result<Item, CursorError> {
        item(self.open_value(question, cursor)?)
    }

    /// Opens what [`seal_positions`](Self::seal_positions) sealed.
    pub(crate) fn open_positions(
        &self,
        question: &[u8; 32],
        cursor: &Cursor,
    ) -> Result<Vec<Position>, CursorError> {
        let positions: Vec<Option<Vec<Pair>>> = self.open_value(question, cursor)?;
        positions
            .into_iter()
            .map(|position| match position {
                None => Ok(Position::Start),
                Some(pairs) if pairs.is_empty() => Ok(Position::End),
                Some(pairs) => item(pairs).map(Position::After),
            })
            .collect()
    }

    fn open_value<T: serde::de::DeserializeOwned>(
        &self,
        question: &[u8; 32],
        cursor: &Cursor,
    ) -> Result<T, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(&cursor.0).map_err(|_| CursorError)?;
        let (version, rest) = bytes.split_first().ok_or(CursorError)?;
        if *version != VERSION || rest.len() < NONCE_BYTES {
            return Err(CursorError);
        }
        let (nonce_bytes, sealed) = rest.split_at(NONCE_BYTES);
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(nonce_bytes);
        let payload = Payload {
            msg: sealed,
            aad: question,
        };
        let plain = self
            .0
            .decrypt(&Nonce::from(nonce), payload)
            .map_err(|_| CursorError)?;
        serde_json::from_slice(&plain).map_err(|_| CursorError)
    }
}

/// Name, type and text of a key attribute.
type Pair = (String, char, String);

fn pairs(key: &Item) -> Vec<Pair> {
    key.iter().filter_map(written).collect()
}

fn item(pairs: Vec<Pair>) -> Result<Item, CursorError> {
    pairs
        .into_iter()
        .map(|(name, kind, text)| Ok((name, read(kind, text)?)))
        .collect()
}

fn written((name, value): (&String, &AttributeValue)) -> Option<Pair> {
    let (kind, text) = match value {
        AttributeValue::S(text) => ('S', text.clone()),
        AttributeValue::N(number) => ('N', number.clone()),
        AttributeValue::B(bytes) => ('B', URL_SAFE_NO_PAD.encode(bytes)),
        // Keys are of these three types.
        _ => return None,
    };
    Some((name.clone(), kind, text))
}

fn read(kind: char, text: String) -> Result<AttributeValue, CursorError> {
    Ok(match kind {
        'S' => AttributeValue::S(text),
        'N' => AttributeValue::N(text),
        'B' => AttributeValue::B(
            URL_SAFE_NO_PAD
                .decode(text)
                .map_err(|_| CursorError)?
                .into(),
        ),
        _ => return Err(CursorError),
    })
}

/// What a cursor is bound to: the pattern, and what it was asked.
pub(crate) fn question(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemRandomness;

    #[test]
    fn a_cursor_opens_only_for_its_own_question_and_secret() {
        let key = CursorKey::from_secret(b"0123456789abcdef");
        let item = Item::from([
            ("PK".to_owned(), AttributeValue::S("BRAND#1".to_owned())),
            ("n".to_owned(), AttributeValue::N("7".to_owned())),
        ]);
        let asked = question(&["products-by-brand", "BRAND#1"]);
        let cursor = key.seal(&asked, &item, &SystemRandomness);
        assert_eq!(key.open(&asked, &cursor), Ok(item.clone()));
        assert!(!cursor.as_str().contains("BRAND"));
        assert_eq!(
            key.open(&question(&["products-by-brand", "BRAND#2"]), &cursor),
            Err(CursorError)
        );
        assert_eq!(
            CursorKey::from_secret(b"another secret..").open(&asked, &cursor),
            Err(CursorError)
        );
        for text in [
            "",
            "A",
            "AQ",
            "!!",
            &cursor.as_str()[1..],
            &cursor.as_str()[..20],
        ] {
            assert_eq!(
                key.open(&asked, &Cursor(text.to_owned())),
                Err(CursorError),
                "{text}"
            );
        }
    }
}
