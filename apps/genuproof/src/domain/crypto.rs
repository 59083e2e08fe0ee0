//! Hashes, signatures and the secret behind them.
//!
//! All hex is lower case, all text is hashed as UTF-8, and whatever was stored is compared in constant time: a stored value of
//! the wrong length, in upper case or with non-ASCII text simply does not match.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// SHA-256 of the empty string: the `previousHash` of every first event.
pub const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// 32 bytes of SHA-256 or HMAC-SHA256, shown as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Reads 64 lower-case hex digits; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if !rest.is_empty() || pairs.len() != 32 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = hex_digit(*high)? << 4 | hex_digit(*low)?;
        }
        Some(Self(bytes))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `stored` is this digest's text, compared in constant time.
    pub fn matches(&self, stored: &str) -> bool {
        constant_time_eq(&self.to_string(), stored)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// SHA-256 of text.
pub fn sha256(text: &str) -> Digest {
    Digest(Sha256::digest(text.as_bytes()).into())
}

/// Compares two texts in a time that depends on their lengths alone.
pub fn constant_time_eq(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

/// The platform's secret (`SIGNING_SECRET`). It does not print itself and is wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

/// A secret without a single byte signs nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signing secret is empty: set SIGNING_SECRET to a long random text")]
pub struct EmptySecret;

impl Secret {
    /// The raw bytes of the setting.
    ///
    /// # Errors
    /// [`EmptySecret`].
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, EmptySecret> {
        let bytes = Zeroizing::new(bytes.into());
        if bytes.is_empty() {
            Err(EmptySecret)
        } else {
            Ok(Self(bytes))
        }
    }

    /// HMAC-SHA256 over text.
    fn hmac(&self, text: &str) -> Digest {
        hmac(&self.0, text)
    }
}

/// HMAC-SHA256 over text, with a key of any length.
pub(super) fn hmac(key: &[u8], text: &str) -> Digest {
    #[expect(
        clippy::expect_used,
        reason = "RFC 2104: HMAC takes a key of any length"
    )]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    Digest(mac.finalize().into_bytes().into())
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Signs with the present secret; accepts what it, or an earlier one that is still listed, has signed.
#[derive(Debug, Clone)]
pub struct Signer {
    secret: Secret,
    earlier: Vec<Secret>,
}

impl Signer {
    /// Signs and accepts with `secret`.
    pub fn new(secret: Secret) -> Self {
        Self {
            secret,
            earlier: Vec::new(),
        }
    }

    /// Accepts, but does not sign, with `secret` too.
    #[must_use]
    pub fn accepting(mut self, secret: Secret) -> Self {
        self.earlier.push(secret);
        self
    }

    /// HMAC-SHA256 over text with the present secret.
    pub fn sign(&self, text: &str) -> Digest {
        self.secret.hmac(text)
    }

    /// Whether `stored` is the signature of `text`.
    pub fn accepts(&self, text: &str, stored: &str) -> bool {
        // Every secret is tried, so that the time does not tell which one fits.
        let present = self.secret.hmac(text).matches(stored);
        self.earlier.iter().fold(present, |accepted, secret| {
            accepted | secret.hmac(text).matches(stored)
        })
    }
}

/// Root of a Merkle tree over `leaves`: SHA-256 of "" for none, the leaf itself for one; pairs are hashed as their two hex texts
/// joined, an odd last one with itself.
pub fn merkle_root(leaves: &[Digest]) -> Digest {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| sha256(&format!("{}{}", pair[0], pair[pair.len() - 1])))
            .collect();
    }
    level.first().copied().unwrap_or_else(|| sha256(""))
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The signer of the published test vectors.
    pub(crate) fn vector_signer() -> Signer {
        Signer::new(Secret::new("genuproof-test-secret").unwrap())
    }

    #[test]
    fn the_hash_of_nothing_is_the_first_link() {
        assert_eq!(sha256("").to_string(), EMPTY_SHA256);
        assert_eq!(Digest::parse(EMPTY_SHA256), Some(sha256("")));
    }

    #[test]
    fn a_secret_does_not_print_itself() {
        let signer = vector_signer().accepting(Secret::new("older-secret").unwrap());
        let shown = format!("{signer:?} {:?}", signer.secret);
        assert!(
            !shown.contains("genuproof-test") && !shown.contains("older"),
            "{shown}"
        );
        assert!(!shown.contains("103"), "bytes shown: {shown}");
    }

    #[test]
    fn an_empty_secret_is_refused() {
        assert_eq!(Secret::new("").unwrap_err(), EmptySecret);
    }

    #[test]
    fn odd_stored_values_do_not_match_and_do_not_fail() {
        let digest = sha256("x");
        let text = digest.to_string();
        assert!(digest.matches(&text));
        for odd in [
            "",
            "a",
            "é",
            &text[1..],
            &format!("{text}0"),
            &text.to_uppercase(),
            &"é".repeat(32),
            &"0".repeat(64),
            "\u{0}",
        ] {
            assert!(!digest.matches(odd), "{odd}");
            assert!(!vector_signer().accepts("x", odd), "{odd}");
        }
        assert_eq!(Digest::parse(&text.to_uppercase()), None);
        assert_eq!(Digest::parse(&"é".repeat(32)), None);
        assert_eq!(Digest::parse("ab"), None);
    }

    #[test]
    fn what_an_earlier_secret_signed_is_accepted_while_it_is_listed() {
        let old = Signer::new(Secret::new("old").unwrap());
        let new = Signer::new(Secret::new("new").unwrap());
        let signed = old.sign("text").to_string();
        assert!(!new.accepts("text", &signed));
        let both = new.accepting(Secret::new("old").unwrap());
        assert!(both.accepts("text", &signed));
        assert_ne!(both.sign("text").to_string(), signed);
    }

    #[test]
    fn merkle_root_of_the_published_leaves() {
        let leaves = [sha256("a"), sha256("b"), sha256("c")];
        assert_eq!(
            merkle_root(&leaves).to_string(),
            "0bdf27bf7ec894ca7cadfe491ec1a3ece840f117989e8c5e9bd7086467bf6c38"
        );
        assert_eq!(merkle_root(&[]), sha256(""));
        assert_eq!(merkle_root(&leaves[..1]), leaves[0]);
    }
}
