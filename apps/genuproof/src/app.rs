//! What every handler is given.

use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use keyfold_web::session::Sessions;

use crate::domain::client::TrustedProxies;
use crate::domain::hook::TargetRules;
use crate::domain::ids::Randomness;
use crate::domain::links::BaseUrl;
use crate::feed::Feeds;
use crate::limits::Limiter;
use crate::outside::stripe::Stripe;
use crate::pages::Site;
use crate::store::Store;

/// The server's parts, cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What the server is made of.
pub struct Parts {
    /// The questions that are asked of the table.
    pub store: Store,
    /// Alerts, to those who follow them.
    pub feeds: Feeds,
    /// What every page needs.
    pub site: Site,
    /// Where it is reached on this machine.
    pub local_url: String,
    /// The base of all links.
    pub base: BaseUrl,
    /// Issues and reads session cookies.
    pub sessions: Sessions,
    /// Whose forwarding headers count.
    pub proxies: TrustedProxies,
    /// Whether brand functions answer without a key.
    pub open_demo: bool,
    /// Draws what sessions are told apart by.
    pub randomness: Arc<dyn Randomness>,
    /// How many endpoints and pages there are.
    pub counts: (usize, usize),
    /// How often somebody may ask.
    pub limiter: Limiter,
    /// Where webhooks may go.
    pub targets: TargetRules,
    /// The payment service.
    pub stripe: Stripe,
    /// What the API is, as a document.
    pub document: String,
}

/// How long a session lasts.
pub const SESSION_LIFETIME: Duration = Duration::from_hours(12);

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Parts {
    /// The moment it is by the table's clock, as sessions count it.
    pub fn system_now(&self) -> SystemTime {
        let ms = u64::try_from(self.store.now().as_millisecond()).unwrap_or_default();
        UNIX_EPOCH + Duration::from_millis(ms)
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
