//! Services elsewhere that are called: whoever is told by webhook, the model that judges alerts, the payment service.
//!
//! What they answer is untrusted: bounded, and read by rule.

pub mod courier;
pub mod gemini;
pub mod reach;
pub mod stripe;

use reqwest::Response;

/// Reads an answer of at most so many bytes; none when it is longer, or breaks off.
async fn bounded(mut response: Response, bytes_max: usize) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= bytes_max => {
                body.extend_from_slice(&chunk);
            }
            Ok(None) => return Some(body),
            Ok(Some(_)) | Err(_) => return None,
        }
    }
}
