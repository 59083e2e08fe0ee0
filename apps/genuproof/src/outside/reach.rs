//! Requests to addresses that somebody else chose. A name is resolved here, each of its addresses is checked, and the connection goes
//! to one that was: so a name that leads elsewhere the second time it is asked leads nowhere.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;

use crate::domain::hook::{Forbidden, Target, TargetRules};

/// A whole request, from the name to the last byte of the head of the answer.
const TIME_OUT: Duration = Duration::from_secs(10);
const USER_AGENT: &str = "GenuProof-Webhooks/1.0";

/// Where the addresses of a name come from.
pub trait Names: Send + Sync {
    /// The addresses of a host.
    fn addresses(
        &self,
        host: &str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;
}

/// The system's.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

impl Names for SystemNames {
    fn addresses(
        &self,
        host: &str,
    ) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Sends requests to targets.
#[derive(Clone)]
pub struct Reach {
    rules: TargetRules,
    client: reqwest::Client,
}

/// Why a request did not get through.
#[derive(Debug, thiserror::Error)]
pub enum Unreached {
    /// It must not go there.
    #[error("the address is not delivered to: {0}")]
    Forbidden(#[from] Forbidden),
    /// Nobody answered, or not in time.
    #[error("{0}")]
    Failed(String),
}

struct Checked {
    names: Arc<dyn Names>,
    rules: TargetRules,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = self.rules;
        let found = self.names.addresses(name.as_str());
        Box::pin(async move {
            let found = found.await?;
            let mut refused = None;
            let mut allowed = Vec::new();
            for address in found {
                match rules.check(address) {
                    Ok(()) => allowed.push(SocketAddr::new(address, 0)),
                    Err(forbidden) => refused = Some(forbidden),
                }
            }
            if allowed.is_empty() {
                return Err(match refused {
                    Some(forbidden) => {
                        Box::new(forbidden) as Box<dyn std::error::Error + Send + Sync>
                    }
                    None => "the name has no address".into(),
                });
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

impl Reach {
    /// By these rules. `names` is where addresses come from.
    ///
    /// # Errors
    /// When the system has no means of encryption.
    pub fn new(rules: TargetRules, names: Arc<dyn Names>) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .dns_resolver(Arc::new(Checked { names, rules }))
            .redirect(Policy::none())
            // A proxy would resolve the name itself.
            .no_proxy()
            .timeout(TIME_OUT)
            .user_agent(USER_AGENT)
            // Each request asks for the address anew.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { rules, client })
    }

    /// Sends a body of JSON, and gives the status of the answer.
    ///
    /// # Errors
    /// [`Unreached`].
    pub async fn post(
        &self,
        target: &Target,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<u16, Unreached> {
        // An address in the URL is connected to without being asked for.
        if let Some(address) = target.address() {
            self.rules.check(address)?;
        }
        let request = self.client.post(target.url().clone());
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, value)
        });
        let request = request
            .header("content-type", "application/json")
            .body(body);
        match request.send().await {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) => Err(unreached(&error)),
        }
    }
}

fn unreached(error: &reqwest::Error) -> Unreached {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut last = String::new();
    while let Some(found) = cause {
        if let Some(forbidden) = found.downcast_ref::<Forbidden>() {
            return Unreached::Forbidden(*forbidden);
        }
        last = found.to_string();
        cause = found.source();
    }
    if error.is_timeout() {
        return Unreached::Failed(format!("no answer within {} s", TIME_OUT.as_secs()));
    }
    // The innermost cause: those around it repeat the URL, which may hold a token.
    Unreached::Failed(last.chars().take(200).collect())
}

impl fmt::Debug for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reach")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}
