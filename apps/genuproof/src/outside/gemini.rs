//! The model that judges alerts, over its REST protocol.

use std::fmt;
use std::time::Duration;

use reqwest::redirect::Policy;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::bounded;
use crate::domain::analyst::MODEL;
use crate::domain::links::BaseUrl;

/// A call, from connecting to the last byte.
const TIME_OUT: Duration = Duration::from_secs(10);
/// Longer is no answer to what was asked.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Where the model is, unless another place is set.
pub const ORIGIN: &str = "https://generativelanguage.googleapis.com";

/// How the model is called.
#[derive(Clone)]
pub struct GeminiSettings {
    /// The key.
    pub key: Zeroizing<String>,
    /// Where it is.
    pub origin: BaseUrl,
}

/// Calls the model.
#[derive(Clone)]
pub struct Gemini {
    settings: GeminiSettings,
    client: reqwest::Client,
}

/// What the model said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its text.
    pub text: String,
    /// Tokens of the question.
    pub tokens_in: u64,
    /// Tokens of the answer.
    pub tokens_out: u64,
}

impl Gemini {
    /// With a key.
    ///
    /// # Errors
    /// When the system has no means of encryption.
    pub fn new(settings: GeminiSettings) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(TIME_OUT)
            .build()?;
        Ok(Self { settings, client })
    }

    /// Asks the model.
    ///
    /// # Errors
    /// What went wrong, in a few words without the key.
    pub async fn ask(&self, prompt: &str, tokens_max: u32) -> Result<Said, String> {
        let url = format!(
            "{}/v1beta/models/{MODEL}:generateContent",
            self.settings.origin
        );
        let body = json!({
            "contents": [{ "parts": [{ "text": prompt }] }],
            "generationConfig": { "temperature": 0.2, "maxOutputTokens": tokens_max },
        });
        let request = self
            .client
            .post(url)
            .header("x-goog-api-key", self.settings.key.as_str());
        let response = request.json(&body).send().await.map_err(|error| {
            if error.is_timeout() {
                format!("no answer within {} s", TIME_OUT.as_secs())
            } else {
                "the model cannot be reached".to_owned()
            }
        })?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("the model answered {}", status.as_u16()));
        }
        let body = bounded(response, ANSWER_BYTES_MAX).await;
        let body = body.ok_or("the model's answer is too long, or broke off")?;
        let answer: Value =
            serde_json::from_slice(&body).map_err(|_| "the model's answer is no JSON")?;
        let text = answer
            .pointer("/candidates/0/content/parts/0/text")
            .and_then(Value::as_str);
        let text = text.ok_or("the model's answer has no text")?.to_owned();
        let tokens = |name: &str| {
            let count = answer.pointer(&format!("/usageMetadata/{name}"));
            count.and_then(Value::as_u64).unwrap_or_default()
        };
        Ok(Said {
            text,
            tokens_in: tokens("promptTokenCount"),
            tokens_out: tokens("candidatesTokenCount"),
        })
    }
}

/// The key does not print itself.
impl fmt::Debug for GeminiSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GeminiSettings")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Gemini {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}
