//! `/pricing`: the plans, and the way to pay.

use maud::{Markup, html};

use keyfold_web::csrf;

use super::shell::{Place, Shell};
use super::{SignedIn, Site};
use crate::domain::plan::{PLANS, Plan};

/// The plans.
#[derive(Debug, Clone)]
pub struct PricingPage {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// The word of the brand's plan.
    pub own: Option<String>,
}

/// What follows from choosing one.
#[derive(Debug, Clone)]
pub struct PayPage {
    /// Who is signed in.
    pub signed_in: SignedIn,
    /// The plan's name.
    pub plan: String,
    /// Where it is paid; none when nothing can be paid here.
    pub url: Option<String>,
}

impl PricingPage {
    /// Samples for tests.
    pub fn samples() -> Vec<Self> {
        vec![
            Self {
                signed_in: None,
                own: None,
            },
            Self {
                signed_in: Some(SignedIn::sample()),
                own: Some("brand".into()),
            },
        ]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "Pricing · GenuProof",
            "Three plans, by how many products you register.",
            Place::Pricing,
        );
        shell.signed_in = self.signed_in.as_ref();
        shell.render(site, &html! {
            div class="stack" {
                div class="title flush" { div {
                    h1 { "Pricing" }
                    p { "By how many products you register. Verifying, claiming and recalling never depend on a plan." }
                } }
                ul class="plans" { @for plan in &PLANS { (self.plan(plan)) } }
            }
        })
    }

    fn plan(&self, plan: &Plan) -> Markup {
        let is_own = self.own.as_deref() == Some(plan.word);
        html! {
            li {
                div { h2 { (plan.name) } p class="lead" { "$" (plan.amount_cents / 100) " a month" } p { (plan.products) } }
                ul { @for feature in plan.features.iter().chain(plan.more) { li { (feature) } } }
                @if is_own { p { span class="badge good" { "Your plan" } } }
                @else if plan.amount_cents == 0 { a class="button" href="/dashboard" { "Start with " (plan.name) } }
                @else if let Some(brand) = &self.signed_in {
                    form method="post" action="/pricing/checkout" {
                        input type="hidden" name=(csrf::FIELD) value=(brand.csrf);
                        input type="hidden" name="plan" value=(plan.id);
                        button class="main" { "Choose " (plan.name) }
                    }
                } @else { a class="button main" href="/dashboard" { "Sign in to choose " (plan.name) } }
            }
        }
    }
}

impl PayPage {
    /// Samples for tests.
    pub fn samples() -> Vec<Self> {
        let page = Self {
            signed_in: SignedIn::sample(),
            plan: "Brand".into(),
            url: None,
        };
        vec![
            Self {
                url: Some("https://checkout.stripe.example/c/1".into()),
                ..page.clone()
            },
            page,
        ]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new("Payment · GenuProof", "Pay for a plan.", Place::Pricing);
        shell.signed_in = Some(&self.signed_in);
        shell.listed = false;
        shell.render(site, &html! {
            div class="narrow stack" {
                h1 { "The plan " (self.plan) }
                @match &self.url {
                    Some(url) => {
                        p class="lead" { "It is paid at Stripe, by card, month by month. Your plan changes here as soon as Stripe tells us." }
                        div { a class="button main" href=(url) rel="noopener" { "Go to the payment" } }
                    }
                    None => {
                        p class="lead" { "Payment is not set up on this server. Nothing was changed." }
                        p class="muted" { "Whoever runs it sets " code { "STRIPE_SECRET_KEY" } "." }
                    }
                }
                p { a href="/pricing" { "Back to the plans" } }
            }
        })
    }
}
