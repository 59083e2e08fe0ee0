//! The proof that a change was made from our own page.

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

use crate::error::Failure;
use crate::session::{Session, Sessions};

/// Name of the form field that carries the token.
pub const FIELD: &str = "csrf";
/// Name of the header that carries the token.
pub const HEADER: &str = "x-csrf-token";

/// Checks a change that is made with a session's cookie: it needs the session's token (from the form's field or the
/// header), or the browser's word that it comes from our own pages. A token that is there and wrong is refused even
/// so: it belongs to another session.
pub fn check(
    sessions: &Sessions,
    session: &Session,
    headers: &HeaderMap,
    field: Option<&str>,
) -> Result<(), Failure> {
    let header = headers
        .get(HEADER)
        .map(|value| value.to_str().unwrap_or_default());
    match field.or(header) {
        Some(token) if sessions.is_csrf_token(session, token) => Ok(()),
        Some(_) => Err(Failure::forbidden(
            "this form belongs to an earlier sign-in; nothing was changed. Load the page again and repeat it",
        )),
        None => check_origin(headers),
    }
}

/// Checks a change that is made without a session, such as signing in: the browser must say that it comes from our own
/// pages. A program that is no browser sends neither header and has no cookie to misuse, so it passes.
pub fn check_anonymous(headers: &HeaderMap) -> Result<(), Failure> {
    let silent = !headers.contains_key("sec-fetch-site") && !headers.contains_key(ORIGIN);
    if silent {
        Ok(())
    } else {
        check_origin(headers)
    }
}

fn check_origin(headers: &HeaderMap) -> Result<(), Failure> {
    if is_same_origin(headers) {
        return Ok(());
    }
    Err(Failure::forbidden(
        "this change was not asked for from our own pages; nothing was changed",
    ))
}

/// Whether the browser says that the request comes from a page of the host it goes to.
pub fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // Browsers send Sec-Fetch-Site to trustworthy addresses only (HTTPS, loopback); Origin with every POST.
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let (Some(origin), Some(host)) = (text(ORIGIN.as_str()), text(HOST.as_str())) else {
        return false;
    };
    origin
        .split_once("://")
        .is_some_and(|(_, origin_host)| origin_host.eq_ignore_ascii_case(host))
}
