//! Server-sent events: an answer that goes on.
//!
//! Nothing is queued here. The next event is asked for when the connection has room for it, so that a reader who is slow, or
//! asleep, costs no memory.

use std::fmt::Write as _;
use std::future::Future;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use futures_util::stream::unfold;
use serde::Serialize;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event(String);

impl Event {
    /// An event of a kind, with its data as one line of JSON.
    ///
    /// # Errors
    /// If the data cannot be written as JSON.
    pub fn json(kind: &str, data: &impl Serialize) -> Result<Self, serde_json::Error> {
        let data = serde_json::to_string(data)?;
        Ok(Self(format!("event: {kind}\ndata: {data}\n")))
    }

    /// With a number that a reader who comes back says: `Last-Event-ID`.
    #[must_use]
    pub fn id(mut self, id: u64) -> Self {
        // Writing to a text does not fail.
        let _ = writeln!(self.0, "id: {id}");
        self
    }

    /// With the time after which a reader that lost the connection is to come back.
    #[must_use]
    pub fn retry(mut self, pause: Duration) -> Self {
        let _ = writeln!(self.0, "retry: {}", pause.as_millis());
        self
    }

    fn into_bytes(mut self) -> Bytes {
        self.0.push('\n');
        Bytes::from(self.0)
    }
}

/// An answer of events: `next` is called with the state for each, and ends the answer by giving none.
pub fn events<S, F, Fut>(state: S, mut next: F) -> Response
where
    S: Send + 'static,
    F: FnMut(S) -> Fut + Send + 'static,
    Fut: Future<Output = Option<(Event, S)>> + Send + 'static,
{
    let frames = unfold(state, move |state| {
        let next = next(state);
        async move {
            let (event, state) = next.await?;
            Some((Ok::<_, std::convert::Infallible>(event.into_bytes()), state))
        }
    });
    let mut response = Response::new(Body::from_stream(frames));
    let headers = response.headers_mut();
    let say = |value| HeaderValue::from_static(value);
    headers.insert(CONTENT_TYPE, say("text/event-stream"));
    headers.insert(CACHE_CONTROL, say("no-cache, no-transform"));
    // Proxies of this make hold answers back until they are whole, unless told otherwise.
    headers.insert(HeaderName::from_static("x-accel-buffering"), say("no"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_lines_and_an_empty_one() {
        let event = Event::json("threat", &serde_json::json!({ "details": "two\nlines" }));
        let event = event.map(|event| event.id(7).retry(Duration::from_secs(1)));
        let bytes = event.map(Event::into_bytes).ok();
        let expect = b"event: threat\ndata: {\"details\":\"two\\nlines\"}\nid: 7\nretry: 1000\n\n";
        assert_eq!(bytes.as_deref(), Some(expect.as_slice()));
    }
}
