//! Whose a product is: the box on its certificate in which consumers claim it or dispute a claim.

use jiff::Timestamp;
use maud::{Markup, html};

use super::form::{Control, Field, Input, first_wrong};
use super::{icon, link, words};

/// What is known of the claim, and what was typed.
#[derive(Debug, Clone)]
pub struct OwnershipBox {
    /// The state it shows.
    pub state: Ownership,
    /// The fields, when a form has to be filled in again.
    pub form: OwnershipForm,
    /// What was just done.
    pub done: Option<Done>,
}

/// The claim, as whoever looks may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// Nobody's yet.
    Unclaimed,
    /// The reader's.
    Yours(Timestamp),
    /// Somebody else's.
    Others(Timestamp),
}

/// The fields of `POST /verify/{code}/claim` and `/dispute`.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "named as the request's fields")]
pub struct OwnershipForm {
    pub consumer_name: Field,
    pub email: Field,
    pub order_number: Field,
    pub notes: Field,
}

/// What was just done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The product was claimed.
    Claimed,
    /// A dispute was opened.
    Disputed,
}

impl OwnershipBox {
    /// With nothing typed.
    pub fn of(state: Ownership) -> Self {
        Self {
            state,
            form: OwnershipForm::default(),
            done: None,
        }
    }

    pub(super) fn render(&self, code: &str) -> Markup {
        html! {
            section class="stack-s no-print" id="owner" aria-labelledby="owner-title" {
                h2 id="owner-title" { "Owner" }
                @match self.done {
                    Some(Done::Claimed) => div class="notice good" role="status" { (icon::pass()) p { "It is yours. Scans by other devices will be reported to the brand." } }
                    Some(Done::Disputed) => div class="notice good" role="status" { (icon::pass()) p { "Your dispute is open. The brand will look into it." } }
                    None => {}
                }
                @match self.state {
                    Ownership::Unclaimed => (self.claim(code)),
                    Ownership::Yours(at) => p { "You claimed this product with this device on " (words::day(at)) "." },
                    Ownership::Others(at) => {
                        p { "Another consumer claimed this product on " (words::day(at)) "." }
                        (self.dispute(code))
                    }
                }
            }
        }
    }

    fn claim(&self, code: &str) -> Markup {
        html! {
            details class="fold" open[self.form.is_wrong()] {
                summary { "Claim this product" (icon::chevron()) }
                form class="form" method="post" action=(link::claim(code)) {
                    p class="small muted" { "Nobody has claimed it yet. A claim tells you, and the brand, when another device scans the same code. It is bound to this device; your address is not kept." }
                    (self.name_and_email())
                    div { button class="main" { "Claim it" } }
                }
            }
        }
    }

    fn dispute(&self, code: &str) -> Markup {
        let focus = self.form.focus();
        let order = Input {
            name: "orderNumber",
            label: "Order number",
            most: 100,
            ..Input::default()
        };
        let notes = Input {
            name: "notes",
            label: "What happened",
            hint: "Where and when you bought it.",
            most: 2_000,
            control: Control::Lines,
            ..Input::default()
        };
        html! {
            details class="fold" open[self.form.is_wrong()] {
                summary { "It is mine: dispute the claim" (icon::chevron()) }
                form class="form" method="post" action=(link::dispute(code)) {
                    (self.name_and_email())
                    (order.render(&self.form.order_number, focus))
                    (notes.render(&self.form.notes, focus))
                    div { button class="main" { "Open a dispute" } }
                }
            }
        }
    }

    fn name_and_email(&self) -> Markup {
        let focus = self.form.focus();
        let name = Input {
            name: "consumerName",
            label: "Your name",
            most: 200,
            autocomplete: Some("name"),
            ..Input::default()
        };
        let email = Input {
            name: "email",
            label: "E-mail",
            hint: "Kept as a keyed hash only.",
            most: 254,
            autocomplete: Some("email"),
            ..Input::default()
        };
        html! {
            div class="pair" { (name.render(&self.form.consumer_name, focus)) (email.render(&self.form.email, focus)) }
        }
    }
}

impl OwnershipForm {
    fn focus(&self) -> Option<&'static str> {
        first_wrong(&[
            ("consumerName", &self.consumer_name),
            ("email", &self.email),
            ("orderNumber", &self.order_number),
            ("notes", &self.notes),
        ])
    }

    fn is_wrong(&self) -> bool {
        self.focus().is_some()
    }
}
