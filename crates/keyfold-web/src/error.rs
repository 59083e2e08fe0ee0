//! One error type with three faces: `{"error": …}`, problem details, a page.
//!
//! A handler returns a [`Failure`]. Below `/api` it goes out as JSON; elsewhere [`faced`] turns it into the
//! application's error page. Who asks for `application/problem+json` below `/api` gets that.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Map, Value, json};
use tower_http::catch_panic::CatchPanicLayer;

use crate::headers::Framing;

/// Why a request was not done, as the person who sent it may know it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{status}: {message}")]
pub struct Failure {
    status: StatusCode,
    message: String,
    code: Option<&'static str>,
    fields: Map<String, Value>,
    retry_after_s: Option<u64>,
}

impl Failure {
    /// A failure with a text that says what to change.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            code: None,
            fields: Map::new(),
            retry_after_s: None,
        }
    }

    /// 400: the request has to be changed.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 401: no credentials, or wrong ones.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    /// 403: somebody else's, or not from our own page.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 404.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 409: the state of things does not allow it.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// 413.
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    }

    /// 429, with the time after which it is worth trying again.
    pub fn too_many(message: impl Into<String>, retry_after_s: u64) -> Self {
        let mut failure = Self::new(StatusCode::TOO_MANY_REQUESTS, message);
        failure.retry_after_s = Some(retry_after_s);
        failure
    }

    /// 500. The cause goes to the log, never to the caller.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "something went wrong on our side",
        )
    }

    /// 503, with the time after which it is worth trying again.
    pub fn unavailable(message: impl Into<String>, retry_after_s: u64) -> Self {
        let mut failure = Self::new(StatusCode::SERVICE_UNAVAILABLE, message);
        failure.retry_after_s = Some(retry_after_s);
        failure
    }

    /// Adds a field beside `error`.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    /// Adds a stable code, which has a page.
    #[must_use]
    pub fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The text.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The stable code, if there is one.
    pub fn code(&self) -> Option<&'static str> {
        self.code
    }

    /// As `{"error": "<text>", …}`.
    pub fn json(&self) -> Value {
        let mut body = self.fields.clone();
        body.insert("error".into(), self.message.clone().into());
        if let Some(code) = self.code {
            body.insert("code".into(), code.into());
        }
        Value::Object(body)
    }

    /// As problem details. Source: RFC 9457.
    pub fn problem(&self) -> Value {
        let mut body = json!({
            "type": self.code.map_or_else(|| "about:blank".to_owned(), |code| format!("urn:keyfold:error:{code}")),
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.message,
        });
        if let Value::Object(members) = &mut body {
            for (name, value) in &self.fields {
                members.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        body
    }

    fn dress(&self, content_type: &'static str, body: String) -> Response {
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// JSON; [`faced`] finds the failure again in the response's extensions and may show it otherwise.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.dress("application/json", self.json().to_string());
        response.extensions_mut().insert(self);
        response
    }
}

type Page = Arc<dyn Fn(&Failure) -> String + Send + Sync>;

/// Gives every failure of `router` the face its caller can read, unknown paths (404), wrong methods (405) and panics
/// (500) included. `page` renders the error page for everything outside `/api` and `/assets`.
pub fn faced<S>(
    router: Router<S>,
    page: impl Fn(&Failure) -> String + Send + Sync + 'static,
) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let page: Page = Arc::new(page);
    router
        .fallback(|| async { Failure::not_found("there is nothing at this address") })
        .method_not_allowed_fallback(|| async {
            Failure::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "this address does not answer to this method",
            )
        })
        .layer(CatchPanicLayer::custom(|_| {
            // The payload may quote a customer's data, so it is not repeated here; the panic hook has the place.
            tracing::error!("a handler panicked; the request was answered with 500");
            Failure::internal().into_response()
        }))
        .layer(middleware::from_fn_with_state(page, show))
}

async fn show(State(page): State<Page>, request: Request, next: Next) -> Response {
    let for_programs = ["/api", "/assets"].iter().any(|prefix| {
        request
            .uri()
            .path()
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    let wants_problem = for_programs && accepts_problem(request.headers());
    let response = next.run(request).await;
    let Some(failure) = response.extensions().get::<Failure>().cloned() else {
        return response;
    };
    let mut shown = if !for_programs {
        (failure.status, Html(page(&failure))).into_response()
    } else if wants_problem {
        failure.dress("application/problem+json", failure.problem().to_string())
    } else {
        return response;
    };
    if let Some(framing) = response.extensions().get::<Framing>() {
        shown.extensions_mut().insert(*framing);
    }
    for name in [ALLOW, RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            shown.headers_mut().insert(name, value.clone());
        }
    }
    shown
}

fn accepts_problem(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("application/problem+json"))
}
