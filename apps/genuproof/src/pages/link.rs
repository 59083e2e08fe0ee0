//! Addresses of ours with a value in them. A code may be anything that somebody typed.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

// Unreserved characters stay. Source: RFC 3986, section 2.3.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub fn value(text: &str) -> impl Display + '_ {
    utf8_percent_encode(text, VALUE)
}

pub fn certificate(code: &str) -> String {
    format!("/verify/{}", value(code))
}

pub fn record_scan(code: &str) -> String {
    format!("/verify/{}/scan", value(code))
}

pub fn diploma(code: &str) -> String {
    format!("/qr/{}", value(code))
}

pub fn qr_png(code: &str) -> String {
    format!("/api/products/qr?code={}&format=png", value(code))
}

pub fn verify_json(code: &str) -> String {
    format!("/api/products/verify?code={}&metadata=true", value(code))
}

pub fn product(id: &str) -> String {
    format!("/product/{}", value(id))
}

pub fn stream(brand_id: &str) -> String {
    format!("/api/stream?brandId={}", value(brand_id))
}

pub fn qr(code: &str, format: &str) -> String {
    format!("/api/products/qr?code={}&format={format}", value(code))
}

pub fn claim(code: &str) -> String {
    format!("/verify/{}/claim", value(code))
}

pub fn dispute(code: &str) -> String {
    format!("/verify/{}/dispute", value(code))
}
