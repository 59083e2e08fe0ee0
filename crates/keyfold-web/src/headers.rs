//! Headers that every answer of ours carries.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;

/// Who may put a page into a frame. Put it into a response's extensions to depart from the default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Framing {
    /// Nobody.
    #[default]
    Denied,
    /// Any site: for badges that others embed.
    Anywhere,
}

// Nothing inline, nothing from another host.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const POLICY_FRAMED: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors *";

/// Adds the security headers to every answer of `router`. `https` says that the public address is an HTTPS one.
///
/// A header that a handler has set itself stays.
pub fn secured<S: Clone + Send + Sync + 'static>(router: Router<S>, https: bool) -> Router<S> {
    router.layer(middleware::from_fn_with_state(https, secure))
}

/// Lets any site frame the pages of `router`. Goes on the routes, below [`secured`].
pub fn framed_anywhere<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.layer(middleware::map_response(|mut response: Response| async {
        response.extensions_mut().insert(Framing::Anywhere);
        response
    }))
}

/// Keeps an answer out of every cache.
pub fn no_store(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// Keeps the answers of `router` out of every cache: for everything behind a key or a session.
pub fn never_stored<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.layer(middleware::map_response(|mut response: Response| async {
        no_store(response.headers_mut());
        response
    }))
}

async fn secure(State(https): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let framing = response
        .extensions()
        .get::<Framing>()
        .copied()
        .unwrap_or_default();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(REFERRER_POLICY, "strict-origin-when-cross-origin");
    match framing {
        Framing::Denied => {
            set(CONTENT_SECURITY_POLICY, POLICY);
            set(X_FRAME_OPTIONS, "DENY");
        }
        Framing::Anywhere => set(CONTENT_SECURITY_POLICY, POLICY_FRAMED),
    }
    if https {
        set(
            STRICT_TRANSPORT_SECURITY,
            "max-age=31536000; includeSubDomains",
        );
    }
    response
}
