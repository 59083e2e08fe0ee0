//! Every link that is handed out is made here, from one base.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::ids::{ProductId, VerificationCode};

// RFC 3986, 2.3: the unreserved characters stay as they are.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The base of all links: scheme, host and perhaps a path, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

/// A text that is no base for links.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the base of all links must be an http or https URL without query or fragment, as https://verify.example.com"
)]
pub struct BadBaseUrl;

impl BaseUrl {
    /// Reads the setting.
    ///
    /// # Errors
    /// [`BadBaseUrl`].
    pub fn parse(text: &str) -> Result<Self, BadBaseUrl> {
        let text = text.trim().trim_end_matches('/');
        if is_web_url(text) && !text.contains(['?', '#']) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadBaseUrl)
        }
    }

    /// Where a code is verified.
    pub fn verify(&self, code: &VerificationCode) -> String {
        self.verify_text(code.as_str())
    }

    /// Where whatever was given as a code is verified, kept to one segment of the path.
    pub(crate) fn verify_text(&self, code: &str) -> String {
        format!("{self}/verify/{}", encode(code))
    }

    /// Where a product is verified by its id.
    pub fn verify_product(&self, product: &ProductId) -> String {
        self.verify_product_text(product.as_str())
    }

    pub(crate) fn verify_product_text(&self, product: &str) -> String {
        format!("{self}/verify?pid={}", encode(product))
    }

    /// Where the printed form of a code is.
    pub fn qr(&self, code: &VerificationCode) -> String {
        self.qr_text(code.as_str())
    }

    pub(crate) fn qr_text(&self, code: &str) -> String {
        format!("{self}/api/products/qr?code={}", encode(code))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text that is handed out with a new product for other makers of QR codes.
pub fn qr_data(code: &VerificationCode, product: &ProductId) -> String {
    super::canonical::Writer::new()
        .count("v", 1)
        .text("code", code.as_str())
        .text("pid", product.as_str())
        .finish()
}

/// Whether the text is a URL with scheme `http` or `https` and a host.
pub(crate) fn is_web_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
        && !host.is_empty()
        && !host.starts_with(':')
        && !text.chars().any(|character| {
            character.is_whitespace()
                || character.is_control()
                || matches!(character, '\\' | '"' | '<' | '>')
        })
}

fn encode(text: &str) -> impl fmt::Display {
    utf8_percent_encode(text, ENCODED)
}

#[cfg(test)]
mod tests {
    use super::super::ids::Form;
    use super::*;

    #[test]
    fn links_are_made_from_one_base() {
        let base = BaseUrl::parse("https://verify.example.com/").unwrap();
        let code = VerificationCode::parse("-Pn6-_z9_v8B").unwrap();
        let product = ProductId::parse("00112233445566778899aabbccddeeff").unwrap();
        assert_eq!(
            base.verify(&code),
            "https://verify.example.com/verify/-Pn6-_z9_v8B"
        );
        assert_eq!(
            base.verify_product(&product),
            "https://verify.example.com/verify?pid=00112233445566778899aabbccddeeff"
        );
        assert_eq!(
            base.qr(&code),
            "https://verify.example.com/api/products/qr?code=-Pn6-_z9_v8B"
        );
        assert_eq!(
            qr_data(&code, &product),
            r#"{"v":1,"code":"-Pn6-_z9_v8B","pid":"00112233445566778899aabbccddeeff"}"#
        );
    }

    #[test]
    fn a_code_stays_one_segment_of_the_path() {
        let base = BaseUrl::parse("http://127.0.0.1:7401").unwrap();
        assert_eq!(
            base.verify_text("a/../b?c#d e%é"),
            "http://127.0.0.1:7401/verify/a%2F..%2Fb%3Fc%23d%20e%25%C3%A9"
        );
    }

    #[test]
    fn a_base_is_a_web_url() {
        for bad in [
            "",
            "verify.example.com",
            "ftp://example.com",
            "https://",
            "https:///x",
            "https://:80",
            "https://a b",
            "https://a?b",
            "javascript:alert(1)",
        ] {
            assert_eq!(BaseUrl::parse(bad), Err(BadBaseUrl), "{bad}");
        }
    }
}
