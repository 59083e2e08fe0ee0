//! What handlers take out of a request.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts, Path};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use keyfold_web::error::Failure;

use crate::app::App;
use crate::domain::client::{Client, ForwardingHeaders};
use crate::domain::input;
use crate::domain::place::{Place, PlaceHeaders};
use crate::domain::verdict::Caller;

/// The query parameters.
pub struct Query(pub input::Query);

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self(input::Query::parse(
            parts.uri.query().unwrap_or_default(),
        )))
    }
}

/// The one value in the path. What is no text after decoding names nothing.
pub struct PathText(pub String);

impl<S: Send + Sync> FromRequestParts<S> for PathText {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(path.map(|Path(text)| text).unwrap_or_default()))
    }
}

/// Who scans, and where.
pub struct Visitor {
    /// The device.
    pub client: Client,
    /// Its user agent.
    pub user_agent: Option<String>,
    /// Where it is.
    pub place: Place,
}

impl Visitor {
    /// As the verdict is asked for.
    pub fn caller(&self) -> Caller<'_> {
        Caller {
            address: &self.client.address,
            user_agent: self.user_agent.as_deref(),
        }
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let headers = &parts.headers;
        let forwarding = ForwardingHeaders {
            forwarded_for: text(headers, "x-forwarded-for"),
            real_ip: text(headers, "x-real-ip"),
        };
        let client = Client::of(peer.map(|peer| peer.0.ip()), forwarding, &app.proxies);
        // What anybody else says about the place is not believed.
        let told = if client.is_forwarded_by_trusted {
            PlaceHeaders {
                country: text(headers, "x-vercel-ip-country"),
                city: text(headers, "x-vercel-ip-city"),
            }
        } else {
            PlaceHeaders::default()
        };
        let place = Place::of(told, &client.address);
        Ok(Self {
            user_agent: text(headers, "user-agent")
                .map(|agent| agent.chars().take(USER_AGENT_CHARACTERS_MAX).collect()),
            place,
            client,
        })
    }
}

const USER_AGENT_CHARACTERS_MAX: usize = 512;

/// The first header of a name, when it is text.
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
