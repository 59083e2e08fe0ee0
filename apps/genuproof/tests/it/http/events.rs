//! A reader of server-sent events, as a browser is one.

use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::http::site::text;

/// One event.
#[derive(Debug, Clone)]
pub struct Event {
    pub kind: String,
    pub id: Option<String>,
    pub data: Value,
}

/// A feed that is read.
pub struct Events {
    response: Response,
    buffer: Vec<u8>,
}

impl Events {
    /// Opens a feed, which must be one.
    pub async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/event-stream");
        assert_eq!(header("cache-control"), "no-cache, no-transform");
        assert_eq!(header("x-accel-buffering"), "no");
        let mut events = Self {
            response,
            buffer: Vec::new(),
        };
        let first = events.next(Duration::from_secs(10)).await.unwrap();
        assert_eq!(first.kind, "connected");
        events
    }

    /// The next event, if there is one within so long; none too when the feed ends.
    pub async fn next(&mut self, within: Duration) -> Option<Event> {
        let until = Instant::now() + within;
        loop {
            if let Some(end) = self.buffer.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = self.buffer.drain(..end + 2).collect();
                return Some(Event::read(std::str::from_utf8(&event).unwrap()));
            }
            match timeout_at(until, self.response.chunk()).await {
                Ok(Ok(Some(chunk))) => self.buffer.extend_from_slice(&chunk),
                Ok(Ok(None) | Err(_)) | Err(_) => return None,
            }
        }
    }

    /// Whether it ends within so long, whatever is still told before.
    pub async fn ends(&mut self, within: Duration) -> bool {
        let until = Instant::now() + within;
        loop {
            match timeout_at(until, self.response.chunk()).await {
                Ok(Ok(Some(_))) => {}
                Ok(Ok(None) | Err(_)) => return true,
                Err(_) => return false,
            }
        }
    }

    /// The next alert, if there is one within so long.
    pub async fn threat(&mut self, within: Duration) -> Option<Event> {
        let until = Instant::now() + within;
        while let Some(event) = self.next(until - Instant::now()).await {
            if event.kind == "threat" {
                return Some(event);
            }
        }
        None
    }

    /// So many alerts, by their products; and then no more for a while.
    pub async fn products(&mut self, count: usize) -> Vec<String> {
        let mut products = Vec::new();
        while products.len() < count {
            let threat = self.threat(Duration::from_secs(10)).await.unwrap();
            products.push(text(&threat.data["productId"]));
        }
        let more = self.threat(Duration::from_millis(300)).await;
        assert!(more.is_none(), "{more:?}");
        products
    }
}

impl Event {
    fn read(lines: &str) -> Self {
        let field = |name: &str| {
            let line = lines.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.trim_start().to_owned())
        };
        assert_eq!(
            lines.matches("data:").count(),
            1,
            "one line of data: {lines}"
        );
        Self {
            kind: field("event:").unwrap(),
            id: field("id:"),
            data: serde_json::from_str(&field("data:").unwrap()).unwrap(),
        }
    }
}
