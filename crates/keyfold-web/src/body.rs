//! Request bodies. Whatever is wrong with one is a 4xx that says what to change.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Form, FromRequest, Request};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::Failure;

/// The largest body that is read, in bytes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// A JSON object. The content type is not looked at: clients that send none are common, and what is not JSON is
/// refused as such.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        parse_object(&read(request.into_body()).await?).map(Self)
    }
}

/// A body as it was sent, for those who read it by rules of their own.
#[derive(Debug)]
pub struct RawBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        read(request.into_body()).await.map(Self)
    }
}

/// A form, as a page's `<form method="post">` sends it.
#[derive(Debug)]
pub struct FormBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for FormBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let body = read(body).await?;
        let request = Request::from_parts(parts, Body::from(body));
        match Form::<T>::from_request(request, state).await {
            Ok(Form(form)) => Ok(Self(form)),
            Err(rejection) => Err(Failure::bad_request(format!(
                "the form could not be read: {}",
                short(&rejection.body_text())
            ))),
        }
    }
}

/// Reads a JSON object from bytes.
pub fn parse_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Failure::bad_request(
            "the body is empty: a JSON object is required",
        ));
    }
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        Failure::bad_request(format!(
            "the body is not JSON (line {}, column {}): a JSON object is required",
            error.line(),
            error.column()
        ))
    })?;
    if !value.is_object() {
        return Err(Failure::bad_request(
            "the body is JSON but not an object: a JSON object is required",
        ));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.inner().to_string();
        let cause = short(&cause);
        Failure::bad_request(match cause.strip_prefix("missing field ") {
            Some(field) => {
                let place = if path == "." {
                    String::new()
                } else {
                    format!(" in {}", short(&path))
                };
                format!("{} is required{place}", field.trim_matches('`'))
            }
            None if path == "." => cause.to_owned(),
            None => format!("{}: {cause}", short(&path)),
        })
    })
}

async fn read(body: Body) -> Result<Bytes, Failure> {
    to_bytes(body, BODY_BYTES_MAX).await.map_err(|error| {
        if is_over_limit(&error) {
            Failure::too_large("the body is over 1 MiB: send less at once")
        } else {
            Failure::bad_request("the body broke off before its end")
        }
    })
}

/// `to_bytes` reports the limit as a source of its error, behind axum's own wrapper.
fn is_over_limit(error: &axum::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.to_string() == "length limit exceeded" {
            return true;
        }
        source = cause.source();
    }
    false
}

/// Texts of serde repeat what was sent, which may be long.
fn short(text: &str) -> &str {
    let end = text
        .char_indices()
        .nth(200)
        .map_or(text.len(), |(at, _)| at);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::StatusCode;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only whether it can be read is of interest")]
    struct Product {
        name: String,
        tags: Option<Vec<String>>,
    }

    fn refusal(body: &[u8]) -> String {
        let failure = parse_object::<Product>(body).unwrap_err();
        assert_eq!(failure.status(), StatusCode::BAD_REQUEST);
        failure.message().to_owned()
    }

    #[test]
    fn what_is_no_object_is_refused_with_what_to_send() {
        for body in [
            "",
            "  \n",
            "{",
            "nonsense",
            "[]",
            "3",
            "null",
            "\"text\"",
            "\u{feff}{}",
        ] {
            assert!(
                refusal(body.as_bytes()).contains("a JSON object is required"),
                "{body:?}"
            );
        }
        assert!(refusal(&[0xff, 0xfe]).contains("not JSON"));
        assert!(
            refusal("[".repeat(100_000).as_bytes()).contains("not JSON"),
            "depth is bounded"
        );
    }

    #[test]
    fn a_wrong_field_is_named() {
        assert_eq!(refusal(b"{}"), "name is required");
        assert!(refusal(br#"{"name":3}"#).starts_with("name: invalid type"));
        assert!(refusal(br#"{"name":"a","tags":["x",null]}"#).starts_with("tags[1]: invalid type"));
        let long = format!(r#"{{"name":{{"{}":1}}}}"#, "x".repeat(100_000));
        assert!(refusal(long.as_bytes()).len() < 500);
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_413() {
        let body = format!(r#"{{"name":"{}"}}"#, "x".repeat(BODY_BYTES_MAX));
        let request = Request::new(Body::from(body));
        let failure = JsonBody::<Product>::from_request(request, &())
            .await
            .unwrap_err();
        assert_eq!(failure.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
