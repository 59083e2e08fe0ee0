//! Files served from the binary.
//!
//! A file's URL carries the hash of its content, so it may be kept for ever; the plain name works too and is always
//! asked about again. Text is compressed once, when the server starts.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use crate::error::Failure;
use crate::theme::Theme;

/// A file in the binary.
#[derive(Clone, Copy)]
pub struct File {
    /// Its name; the ending gives its type.
    pub name: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.name, self.bytes.len())
    }
}

/// Fonts that faces choose from. Subset to Latin; the licence of each lies beside it.
pub mod fonts {
    use super::File;

    /// Instrument Serif, upright.
    pub const INSTRUMENT_SERIF: File = font(
        "instrument-serif.woff2",
        include_bytes!("../assets/fonts/instrument-serif.woff2"),
    );
    /// Geist, variable weight 100–900.
    pub const GEIST: File = font("geist.woff2", include_bytes!("../assets/fonts/geist.woff2"));
    /// Geist Mono, weight 400.
    pub const GEIST_MONO: File = font(
        "geist-mono.woff2",
        include_bytes!("../assets/fonts/geist-mono.woff2"),
    );

    const fn font(name: &'static str, bytes: &'static [u8]) -> File {
        File { name, bytes }
    }
}

/// Name of the stylesheet that [`Assets::new`] makes.
pub const STYLE: &str = "style.css";
/// Name of the script that applies the reader's choice of light or dark before the first paint.
pub const THEME_SCRIPT: &str = "theme.js";
/// Name of the script of our own components (copy, print, forms, local times).
pub const PAGE_SCRIPT: &str = "page.js";
/// Name of htmx.
pub const HTMX: &str = "htmx.js";

const CSS: &[&str] = &[
    include_str!("../assets/css/base.css"),
    include_str!("../assets/css/layout.css"),
    include_str!("../assets/css/controls.css"),
    include_str!("../assets/css/content.css"),
    include_str!("../assets/css/live.css"),
    include_str!("../assets/css/sheet.css"),
    include_str!("../assets/css/print.css"),
];

const SCRIPTS: &[File] = &[
    File {
        name: THEME_SCRIPT,
        bytes: include_bytes!("../assets/js/theme.js"),
    },
    File {
        name: PAGE_SCRIPT,
        bytes: include_bytes!("../assets/js/page.js"),
    },
    File {
        name: HTMX,
        bytes: include_bytes!("../assets/js/htmx.min.js"),
    },
];

const MOUNT: &str = "/assets";

/// The files of one server, cheap to clone.
#[derive(Clone)]
pub struct Assets {
    inner: Arc<Inner>,
}

struct Inner {
    urls: HashMap<String, String>,
    files: HashMap<String, Stored>,
}

struct Stored {
    content: Bytes,
    gzip: Option<Bytes>,
    content_type: &'static str,
    etag: HeaderValue,
    hashed: bool,
}

impl Assets {
    /// The shared stylesheet and scripts in the face of `theme`, its fonts, and the application's own files.
    pub fn new(theme: &Theme, own: &[File]) -> Self {
        let mut urls = HashMap::new();
        let mut files = HashMap::new();
        let mut add = |name: &str, bytes: &'static [u8]| {
            store(&mut urls, &mut files, name, &Bytes::from_static(bytes));
        };
        for file in own.iter().chain(SCRIPTS) {
            add(file.name, file.bytes);
        }
        for face in theme.fonts {
            add(face.file.name, face.file.bytes);
        }
        let mut css = theme.css();
        for part in CSS {
            css.push_str(part);
        }
        let css = with_urls(&css, &urls);
        store(&mut urls, &mut files, STYLE, &Bytes::from(css));
        Self {
            inner: Arc::new(Inner { urls, files }),
        }
    }

    /// The URL of a file, with the hash of its content.
    pub fn url(&self, name: &str) -> String {
        self.inner
            .urls
            .get(name)
            .cloned()
            .unwrap_or_else(|| format!("{MOUNT}/{name}"))
    }

    /// Serves the files below `/assets`.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let assets = self.clone();
        Router::new().route(
            &format!("{MOUNT}/{{name}}"),
            get(move |Path(name): Path<String>, headers: HeaderMap| {
                let assets = assets.clone();
                async move { assets.answer(&name, &headers) }
            }),
        )
    }

    fn answer(&self, name: &str, headers: &HeaderMap) -> Response {
        let Some(file) = self.inner.files.get(name) else {
            return Failure::not_found("there is no such file").into_response();
        };
        let caching = if file.hashed {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let mut response = Response::new(Body::empty());
        let out = response.headers_mut();
        out.insert(ETAG, file.etag.clone());
        out.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
        if file.gzip.is_some() {
            out.insert(VARY, HeaderValue::from_static("accept-encoding"));
        }
        if has_tag(headers, &file.etag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        out.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
        let content = match &file.gzip {
            Some(gzip) if accepts_gzip(headers) => {
                out.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                gzip
            }
            _ => &file.content,
        };
        *response.body_mut() = Body::from(content.clone());
        response
    }
}

fn store(
    urls: &mut HashMap<String, String>,
    files: &mut HashMap<String, Stored>,
    name: &str,
    content: &Bytes,
) {
    let hash = short_hash(content);
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let hashed_name = format!("{stem}.{hash}.{ending}");
    let content_type = content_type(ending);
    let gzip = is_text(content_type).then(|| gzip(content)).flatten();
    // The same tag for both encodings would be wrong as a strong one; weak says "the same for the reader".
    let etag = HeaderValue::try_from(format!("W/\"{hash}\""))
        .unwrap_or(HeaderValue::from_static("W/\"\""));
    for (name, hashed) in [(hashed_name.clone(), true), (name.to_owned(), false)] {
        let stored = Stored {
            content: content.clone(),
            gzip: gzip.clone(),
            content_type,
            etag: etag.clone(),
            hashed,
        };
        files.insert(name, stored);
    }
    urls.insert(name.to_owned(), format!("{MOUNT}/{hashed_name}"));
}

/// Replaces `asset(NAME)` by the file's URL. A name that nothing was stored under stays as the plain path.
fn with_urls(css: &str, urls: &HashMap<String, String>) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(at) = rest.find("asset(") {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let tail = &tail["asset(".len()..];
        let Some((name, after)) = tail.split_once(')') else {
            out.push_str("asset(");
            rest = tail;
            continue;
        };
        match urls.get(name) {
            Some(url) => out.push_str(url),
            None => {
                let _ = write!(out, "{MOUNT}/{name}");
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn short_hash(bytes: &[u8]) -> String {
    let mut hash = String::new();
    for byte in Sha256::digest(bytes).iter().take(8) {
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}

fn content_type(ending: &str) -> &'static str {
    match ending {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

fn is_text(content_type: &str) -> bool {
    content_type.starts_with("text/")
        || content_type.ends_with("json")
        || content_type.ends_with("+xml")
}

fn gzip(content: &[u8]) -> Option<Bytes> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < content.len()).then(|| Bytes::from(packed))
}

fn has_tag(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let (Some(asked), Ok(etag)) = (
        headers.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok()),
        etag.to_str(),
    ) else {
        return false;
    };
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    asked
        .split(',')
        .any(|tag| tag.trim() == "*" || bare(tag) == bare(etag))
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| {
            value.split(',').any(|coding| {
                let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
                let quality = quality
                    .trim()
                    .strip_prefix("q=")
                    .and_then(|q| q.parse::<f32>().ok())
                    .unwrap_or(1.0);
                name.trim().eq_ignore_ascii_case("gzip") && quality > 0.0
            })
        })
}
