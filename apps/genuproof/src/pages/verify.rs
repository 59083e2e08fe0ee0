//! `/verify`: one field for a code.

use maud::{Markup, html};

use super::shell::{Place, Shell};
use super::{SignedIn, Site, icon};

/// The page that asks for a code.
#[derive(Debug, Clone)]
pub struct VerifyPage {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// What was typed before, if it has to be typed again.
    pub code: String,
    /// What is wrong with what was asked for.
    pub trouble: Option<Trouble>,
}

/// Why a code has to be typed (again).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// `?pid=` names no product.
    UnknownProduct,
    /// What was typed is too long to be a code.
    TooLong,
}

impl Trouble {
    fn text(self) -> &'static str {
        match self {
            Self::UnknownProduct => {
                "The QR code points to a product that is not registered here. Compare the address it opened with the one on the product, or type the code beside it."
            }
            Self::TooLong => {
                "This is too long for a code. A code has 12 characters: letters, digits, - and _."
            }
        }
    }
}

impl VerifyPage {
    /// Samples for tests.
    pub fn samples() -> Vec<Self> {
        let plain = Self {
            signed_in: None,
            code: String::new(),
            trouble: None,
        };
        let unknown = Self {
            trouble: Some(Trouble::UnknownProduct),
            ..plain.clone()
        };
        let long = Self {
            trouble: Some(Trouble::TooLong),
            code: "<b>\"not a code\"</b>".repeat(4),
            ..plain.clone()
        };
        vec![plain, unknown, long]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "Verify a product · GenuProof",
            "Type the code beside the QR code to see whether a product is genuine.",
            Place::Verify,
        );
        shell.signed_in = self.signed_in.as_ref();
        shell.render(site, &html! {
            div class="narrow stack" {
                div {
                    h1 { "Verify a product" }
                    p class="lead" { "See whether it is genuine, and where it has been." }
                }
                (ask(&self.code, self.trouble.map(Trouble::text)))
                div class="notice info" {
                    (icon::info())
                    h2 { "Where is the code?" }
                    p { "Beside or below the QR code, on the product, its label or its card: 12 characters in which capital and small letters differ. Scanning the QR code with a camera does the same." }
                }
            }
        })
    }
}

/// The field for a code. Without a script it is an ordinary form that leads to `/verify?code=`.
pub(super) fn ask(code: &str, error: Option<&str>) -> Markup {
    html! {
        form class="field" method="get" action="/verify" role="search" aria-label="Verify a code" data-needs="code" {
            label for="code" { "Verification code" }
            div class="ask" {
                input type="text" id="code" name="code" value=(code) required autocomplete="off" autocapitalize="off" autocorrect="off"
                    spellcheck="false" maxlength="64" placeholder="x7Kp-2mQ_9aZ" aria-describedby="code-note" aria-invalid=[error.map(|_| "true")]
                    autofocus[error.is_some()];
                button class="main" { "Verify" }
            }
            @if let Some(error) = error {
                p class="wrong" id="code-note" { (error) }
            } @else {
                p class="hint" id="code-note" { "12 characters: letters, digits, - and _. Capitals matter." }
            }
        }
    }
}
