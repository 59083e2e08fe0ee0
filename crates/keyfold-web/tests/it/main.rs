//! The crate's behaviour over HTTP, as a browser or a program meets it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends by panicking, in its helpers too"
)]

mod assets;
mod faces;
mod serving;
mod sessions;
mod stylesheet;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use keyfold_web::theme::{Palette, Rgb, Theme};
use tower::ServiceExt as _;

/// Black on white; only here, where no face of an application is known.
pub(crate) const PLAIN: Palette = Palette {
    ground: Rgb(0xff_ff_ff),
    raised: Rgb(0xff_ff_ff),
    text: Rgb(0),
    muted: Rgb(0x44_44_44),
    line: Rgb(0xdd_dd_dd),
    accent: Rgb(0x00_33_66),
    accent_text: Rgb(0xff_ff_ff),
    ornament: Rgb(0x66_66_66),
    good: Rgb(0x00_44_00),
    warn: Rgb(0x66_33_00),
    bad: Rgb(0x88_00_00),
    info: Rgb(0x00_33_66),
};

pub(crate) const THEME: Theme = Theme {
    light: PLAIN,
    dark: PLAIN,
    fonts: &[],
    display: "serif",
    body: "sans-serif",
    mono: "monospace",
    tokens: &[
        ("mark", "url(asset(mark.svg))"),
        ("lost", "url(asset(lost.svg))"),
    ],
};

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

pub(crate) async fn send(
    router: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}
