//! The payment service: a page to pay on, and what it tells us afterwards.

use std::fmt;
use std::time::Duration;

use keyfold::Timestamp;
use reqwest::redirect::Policy;
use serde_json::Value;
use zeroize::Zeroizing;

use super::bounded;
use crate::domain::crypto::constant_time_eq;
use crate::domain::hook::mac;
use crate::domain::ids::{BrandId, Form as _};
use crate::domain::links::BaseUrl;
use crate::domain::plan::{FREE, Plan};
use crate::store::PlanChange;

const TIME_OUT: Duration = Duration::from_secs(15);
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// How old a signature may be.
const TOLERANCE_S: i64 = 300;

/// Where it is, unless another place is set.
pub const API_BASE: &str = "https://api.stripe.com";

/// How the payment service is called.
#[derive(Clone)]
pub struct StripeSettings {
    /// The key of the account; none: nothing can be paid.
    pub secret_key: Option<Zeroizing<String>>,
    /// What its events are signed with; none: none is believed.
    pub webhook_secret: Option<Zeroizing<String>>,
    /// Where it is.
    pub api_base: BaseUrl,
    /// The price of the plan `brand`; none: its amount as it stands.
    pub brand_price: Option<String>,
    /// The price of the plan `business`.
    pub business_price: Option<String>,
}

/// Calls the payment service.
#[derive(Clone)]
pub struct Stripe {
    settings: StripeSettings,
    client: reqwest::Client,
}

/// Who wants to pay, and for what.
#[derive(Debug, Clone, Copy)]
#[expect(
    missing_docs,
    reason = "the members of the request, under their own names"
)]
pub struct Order<'a> {
    pub plan: &'static Plan,
    pub brand: Option<&'a BrandId>,
    pub email: Option<&'a str>,
    pub base: &'a BaseUrl,
    /// Sent again, the same order is one.
    pub idempotency_key: &'a str,
}

/// An event that is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum Unbelieved {
    #[error("Stripe-Signature is missing or cannot be read")]
    Unsigned,
    #[error("Stripe-Signature does not fit the body")]
    Forged,
    #[error("Stripe-Signature is too old")]
    Stale,
    #[error("the body is no event of the payment service")]
    NoEvent,
}

impl Stripe {
    /// With these settings.
    ///
    /// # Errors
    /// When the system has no means of encryption.
    pub fn new(settings: StripeSettings) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(TIME_OUT)
            .build()?;
        Ok(Self { settings, client })
    }

    /// Whether anything can be paid.
    pub fn is_set_up(&self) -> bool {
        self.settings.secret_key.is_some()
    }

    /// The price of a plan, as the payment service calls it.
    pub fn price(&self, plan: &Plan) -> Option<&str> {
        match plan.id {
            "brand" => self.settings.brand_price.as_deref(),
            "business" => self.settings.business_price.as_deref(),
            _ => None,
        }
    }

    /// The page on which an order is paid.
    ///
    /// # Errors
    /// What went wrong, in a few words without the key.
    pub async fn checkout(&self, order: Order<'_>) -> Result<String, String> {
        let key = self
            .settings
            .secret_key
            .as_ref()
            .ok_or("payment is not set up")?;
        let plan = order.plan;
        let mut form: Vec<(&str, String)> = vec![
            ("mode", "subscription".to_owned()),
            ("payment_method_types[0]", "card".to_owned()),
            ("line_items[0][quantity]", "1".to_owned()),
            (
                "success_url",
                format!("{}/dashboard?plan={}&success=true", order.base, plan.id),
            ),
            ("cancel_url", format!("{}/pricing", order.base)),
            ("metadata[plan]", plan.id.to_owned()),
            ("subscription_data[metadata][plan]", plan.id.to_owned()),
        ];
        match self.price(plan) {
            Some(price) => form.push(("line_items[0][price]", price.to_owned())),
            None => form.extend([
                ("line_items[0][price_data][currency]", "usd".to_owned()),
                (
                    "line_items[0][price_data][unit_amount]",
                    plan.amount_cents.to_string(),
                ),
                (
                    "line_items[0][price_data][recurring][interval]",
                    "month".to_owned(),
                ),
                (
                    "line_items[0][price_data][product_data][name]",
                    format!("GenuProof {}", plan.name),
                ),
            ]),
        }
        if let Some(email) = order.email {
            form.push(("customer_email", email.to_owned()));
        }
        if let Some(brand) = order.brand {
            form.push(("metadata[brandId]", brand.to_string()));
            form.push(("client_reference_id", brand.to_string()));
            form.push(("subscription_data[metadata][brandId]", brand.to_string()));
        }
        let request = self
            .client
            .post(format!("{}/v1/checkout/sessions", self.settings.api_base))
            .bearer_auth(key.as_str())
            .header("idempotency-key", order.idempotency_key)
            .form(&form);
        let response = request.send().await.map_err(|error| {
            if error.is_timeout() {
                "the payment service does not answer"
            } else {
                "the payment service cannot be reached"
            }
        })?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("the payment service answered {}", status.as_u16()));
        }
        let body = bounded(response, ANSWER_BYTES_MAX).await;
        let body = body.ok_or("the payment service's answer is too long, or broke off")?;
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        let url = answer.get("url").and_then(Value::as_str);
        let url = url.filter(|url| crate::domain::links::is_web_url(url));
        Ok(url
            .ok_or("the payment service's answer has no page")?
            .to_owned())
    }

    /// Reads an event; none when it is of no kind that is acted upon.
    ///
    /// # Errors
    /// [`Unbelieved`].
    pub fn event(
        &self,
        header: Option<&str>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Option<PlanChange>, Unbelieved> {
        let secret = self
            .settings
            .webhook_secret
            .as_ref()
            .ok_or(Unbelieved::Unsigned)?;
        let text = std::str::from_utf8(body).map_err(|_| Unbelieved::Forged)?;
        check(header.ok_or(Unbelieved::Unsigned)?, secret, text, now)?;
        let event: Value = serde_json::from_str(text).map_err(|_| Unbelieved::NoEvent)?;
        let id = event.get("id").and_then(Value::as_str).unwrap_or_default();
        if id.is_empty() || id.len() > 255 {
            return Err(Unbelieved::NoEvent);
        }
        let kind = event
            .get("type")
            .and_then(Value::as_str)
            .ok_or(Unbelieved::NoEvent)?;
        let object = event.pointer("/data/object").ok_or(Unbelieved::NoEvent)?;
        Ok(self.change(id, kind, object))
    }

    fn change(&self, id: &str, kind: &str, object: &Value) -> Option<PlanChange> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
        let brand = BrandId::parse(text("/metadata/brandId")?)?;
        let plan = text("/metadata/plan")
            .and_then(Plan::find)
            .map(|plan| plan.word);
        let change = |plan: Option<&str>, subscription, of_subscription: Option<&str>| PlanChange {
            event: id.to_owned(),
            brand: brand.clone(),
            plan: plan.map(str::to_owned),
            customer: text("/customer").map(str::to_owned),
            subscription,
            of_subscription: of_subscription.map(str::to_owned),
        };
        match kind {
            "checkout.session.completed" => {
                let subscription = text("/subscription").map(|id| Some(id.to_owned()));
                Some(change(plan, subscription, None))
            }
            "customer.subscription.updated" | "customer.subscription.created" => {
                let own = text("/id");
                let plan = plan.or_else(|| self.plan_of_price(text("/items/data/0/price/id")?));
                match text("/status") {
                    Some("active" | "trialing") | None => {
                        Some(change(plan, own.map(|id| Some(id.to_owned())), None))
                    }
                    Some("canceled" | "unpaid" | "incomplete_expired") => {
                        Some(change(Some(FREE), Some(None), own))
                    }
                    // Not paid yet, or late: it stays as it is until that is decided.
                    Some(_) => None,
                }
            }
            "customer.subscription.deleted" => Some(change(Some(FREE), Some(None), text("/id"))),
            _ => None,
        }
    }

    fn plan_of_price(&self, price: &str) -> Option<&'static str> {
        let is = |own: &Option<String>| own.as_deref() == Some(price);
        let id = if is(&self.settings.brand_price) {
            "brand"
        } else if is(&self.settings.business_price) {
            "business"
        } else {
            return None;
        };
        Plan::find(id).map(|plan| plan.word)
    }
}

fn check(header: &str, secret: &str, body: &str, now: Timestamp) -> Result<(), Unbelieved> {
    let parts = || {
        header
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
    };
    let seconds = parts()
        .find(|(name, _)| *name == "t")
        .map(|(_, value)| value);
    let seconds: i64 = seconds
        .and_then(|text| text.parse().ok())
        .ok_or(Unbelieved::Unsigned)?;
    let expect = mac(secret, &format!("{seconds}.{body}"));
    let mut signatures = parts().filter(|(name, _)| *name == "v1").peekable();
    if signatures.peek().is_none() {
        return Err(Unbelieved::Unsigned);
    }
    let fits = signatures.fold(false, |fits, (_, value)| {
        fits | constant_time_eq(&expect, value)
    });
    if !fits {
        return Err(Unbelieved::Forged);
    }
    let age_s = now
        .as_millisecond()
        .div_euclid(1_000)
        .saturating_sub(seconds);
    if age_s.saturating_abs() > TOLERANCE_S {
        return Err(Unbelieved::Stale);
    }
    Ok(())
}

/// Keys do not print themselves.
impl fmt::Debug for StripeSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeSettings")
            .field("api_base", &self.api_base)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}
