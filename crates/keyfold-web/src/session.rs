//! A session is a signed cookie that carries an opaque subject. Nothing is stored on the server.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// What one session is about, as read from a valid cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    subject: String,
    nonce: String,
    expires_s: u64,
}

impl Session {
    /// What [`Sessions::issue`] was given.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// When the session ends.
    pub fn expires(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.expires_s)
    }

    fn signed_part(&self) -> String {
        let subject = URL_SAFE_NO_PAD.encode(&self.subject);
        format!("1.{subject}.{}.{}", self.nonce, self.expires_s)
    }
}

/// The nonce is what the CSRF token is made of, so neither is shown.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("expires_s", &self.expires_s)
            .finish_non_exhaustive()
    }
}

/// Issues and reads session cookies.
#[derive(Clone)]
pub struct Sessions {
    key: [u8; 64],
    cookie: String,
    lifetime: Duration,
    secure: bool,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("cookie", &self.cookie)
            .field("lifetime", &self.lifetime)
            .field("secure", &self.secure)
            .finish_non_exhaustive()
    }
}

impl Sessions {
    /// Sessions signed with a key made from `secret`. `name` is the cookie's; over HTTPS (`secure`) it gets the prefix
    /// `__Host-`, with which browsers refuse one set by a neighbouring host.
    pub fn new(secret: &[u8], name: &str, lifetime: Duration, secure: bool) -> Self {
        let mut key = [0; 64];
        let derived = Sha256::new()
            .chain_update(b"keyfold session\0")
            .chain_update(secret)
            .finalize();
        key[..derived.len()].copy_from_slice(&derived);
        let cookie = if secure {
            format!("__Host-{name}")
        } else {
            name.to_owned()
        };
        Self {
            key,
            cookie,
            lifetime,
            secure,
        }
    }

    /// A new session for `subject`, and the value of the `Set-Cookie` header that hands it out.
    pub fn issue(&self, subject: &str, nonce: [u8; 16], now: SystemTime) -> (Session, HeaderValue) {
        let expires_s = seconds(now).saturating_add(self.lifetime.as_secs());
        let session = Session {
            subject: subject.to_owned(),
            nonce: URL_SAFE_NO_PAD.encode(nonce),
            expires_s,
        };
        let signed = session.signed_part();
        let mac = URL_SAFE_NO_PAD.encode(self.mac(b"cookie\0", &signed).finalize().into_bytes());
        let cookie = self.set_cookie(&format!("{signed}.{mac}"), self.lifetime.as_secs());
        (session, cookie)
    }

    /// The value of the `Set-Cookie` header that ends a session in this browser.
    pub fn end(&self) -> HeaderValue {
        self.set_cookie("", 0)
    }

    /// The session of a request, if its cookie is ours, untouched and not over.
    pub fn read(&self, headers: &HeaderMap, now: SystemTime) -> Option<Session> {
        cookies(headers, &self.cookie).find_map(|value| self.parse(value, now))
    }

    /// The token that a form of this session carries as its field `csrf` or a script as `X-CSRF-Token`.
    pub fn csrf_token(&self, session: &Session) -> String {
        URL_SAFE_NO_PAD.encode(
            self.mac(b"csrf\0", &session.signed_part())
                .finalize()
                .into_bytes(),
        )
    }

    /// Whether `token` is this session's, compared in constant time.
    pub fn is_csrf_token(&self, session: &Session, token: &str) -> bool {
        let Ok(token) = URL_SAFE_NO_PAD.decode(token) else {
            return false;
        };
        self.mac(b"csrf\0", &session.signed_part())
            .verify_slice(&token)
            .is_ok()
    }

    fn parse(&self, value: &str, now: SystemTime) -> Option<Session> {
        let (signed, mac) = value.rsplit_once('.')?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        self.mac(b"cookie\0", signed).verify_slice(&mac).ok()?;
        // From here on the text is our own.
        let mut parts = signed.split('.').skip(1);
        let subject = String::from_utf8(URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok()?;
        let nonce = parts.next()?.to_owned();
        let expires_s = parts.next()?.parse().ok()?;
        (seconds(now) < expires_s).then_some(Session {
            subject,
            nonce,
            expires_s,
        })
    }

    fn mac(&self, purpose: &[u8], text: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.key.into());
        mac.update(purpose);
        mac.update(text.as_bytes());
        mac
    }

    fn set_cookie(&self, value: &str, max_age_s: u64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!(
            "{}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}",
            self.cookie
        );
        // Base64, digits and the configured name: always a valid header, and an empty one would merely set nothing.
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
    }
}

fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(move |(key, value)| (key == name).then_some(value))
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
