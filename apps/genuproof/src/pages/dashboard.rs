//! `/dashboard`: signing in, creating a brand, registering products.

use jiff::Timestamp;
use maud::{Markup, html};

use keyfold_web::csrf;

use super::alerts::AlertList;
use super::form::{Control, Field, Input, first_wrong};
use super::shell::{Place, Shell};
use super::{SignedIn, Site, face, icon, link, words};

/// `/dashboard` without a session: sign in with a key, or create a brand.
#[derive(Debug, Clone, Default)]
pub struct SignInPage {
    /// Field `key` of `POST /dashboard/signin`. The value typed is never sent back.
    pub key: Field,
    /// The fields of `POST /dashboard/brands`.
    pub brand: BrandForm,
}

/// The fields `name`, `domain`, `industry`.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "named as the brand's attributes")]
pub struct BrandForm {
    pub name: Field,
    pub domain: Field,
    pub industry: Field,
}

/// A brand was created: its key is shown, once. Its creator is signed in.
#[derive(Debug, Clone)]
pub struct NewKeyPage {
    /// The new brand.
    pub signed_in: SignedIn,
    /// The key.
    pub api_key: String,
}

/// `/dashboard` with a session.
#[derive(Debug, Clone)]
pub struct DashboardPage {
    /// The brand.
    pub signed_in: SignedIn,
    /// Products registered.
    pub product_count: u64,
    /// Scans recorded.
    pub scan_count: u64,
    /// Alerts that are not resolved.
    pub open_count: u64,
    /// The newest alerts.
    pub alerts: AlertList,
    /// The product that was registered just now.
    pub registered: Option<Registered>,
    /// The fields of `POST /dashboard/products`.
    pub form: ProductForm,
    /// One page of the products, newest first.
    pub products: Vec<ProductRow>,
    /// Whether newer products came before this page.
    pub is_later_page: bool,
    /// `cursor` of the page with older ones.
    pub next_cursor: Option<String>,
}

/// A product that was registered just now.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named as the product's attributes")]
pub struct Registered {
    pub name: String,
    pub verification_code: String,
}

/// The fields `name`, `sku`, `category`, `description`, `manufacturingLocation`.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "named as the request's fields")]
pub struct ProductForm {
    pub name: Field,
    pub sku: Field,
    pub category: Field,
    pub description: Field,
    pub manufacturing_location: Field,
}

/// A line of the list of products.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named as the product's attributes")]
pub struct ProductRow {
    pub product_id: String,
    pub name: String,
    pub sku: Option<String>,
    pub status: String,
    pub scan_count: u64,
    pub created_at: Timestamp,
    pub verification_code: String,
}

const INDUSTRIES: &[(&str, &str)] = &[
    ("fashion", "Fashion"),
    ("electronics", "Electronics"),
    ("pharmaceuticals", "Pharmaceuticals"),
    ("food", "Food"),
    ("automotive", "Automotive"),
    ("cosmetics", "Cosmetics"),
    ("other", "Other"),
];

impl SignInPage {
    /// Samples for tests.
    pub fn samples() -> Vec<Self> {
        let wrong_key = Self {
            key: Field::default().refused("No brand has this key. Paste it again, whole."),
            ..Self::default()
        };
        let wrong_brand = Self {
            key: Field::default(),
            brand: BrandForm {
                name: Field::of("Maison Verrault"),
                domain: Field::of("x".repeat(300)).refused("At most 253 characters."),
                industry: Field::default().refused("Choose one."),
            },
        };
        vec![Self::default(), wrong_key, wrong_brand]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let shell = Shell::new(
            "Dashboard · GenuProof",
            "Sign in with your brand’s key, or create a brand.",
            Place::Dashboard,
        );
        shell.render(
            site,
            &html! {
                div class="title" { div {
                    h1 { "Dashboard" }
                    p { "For brands: register products and see how often they are checked." }
                } }
                div class="split even" { (self.sign_in()) (self.new_brand()) }
            },
        )
    }

    fn focus(&self) -> Option<&'static str> {
        let brand = &self.brand;
        first_wrong(&[
            ("key", &self.key),
            ("name", &brand.name),
            ("domain", &brand.domain),
            ("industry", &brand.industry),
        ])
    }

    fn sign_in(&self) -> Markup {
        let key = Input {
            name: "key",
            label: "API key",
            hint: "It was shown when the brand was created.",
            required: true,
            most: 200,
            control: Control::Secret,
            autocomplete: Some("current-password"),
            ..Input::default()
        };
        // A key that was refused is not written into the page.
        let typed = Field {
            value: String::new(),
            error: self.key.error.clone(),
        };
        html! {
            section class="stack" aria-labelledby="sign-in" {
                h2 id="sign-in" { "Sign in" }
                form class="form panel" method="post" action="/dashboard/signin" {
                    (key.render(&typed, self.focus()))
                    div { button class="main" { "Sign in" } }
                }
            }
        }
    }

    fn new_brand(&self) -> Markup {
        let (brand, focus) = (&self.brand, self.focus());
        let name = Input {
            name: "name",
            label: "Name",
            hint: "As people read it on certificates.",
            required: true,
            most: 300,
            autocomplete: Some("organization"),
            ..Input::default()
        };
        let domain = Input {
            name: "domain",
            label: "Domain",
            hint: "Your website, such as maison.example.",
            required: true,
            most: 253,
            ..Input::default()
        };
        let industry = Input {
            name: "industry",
            label: "Industry",
            required: true,
            control: Control::Choice(INDUSTRIES),
            ..Input::default()
        };
        html! {
            section class="stack" aria-labelledby="new-brand" {
                h2 id="new-brand" { "Create a brand" }
                form class="form panel" method="post" action="/dashboard/brands" data-ask-before-leaving {
                    (name.render(&brand.name, focus))
                    div class="pair" { (domain.render(&brand.domain, focus)) (industry.render(&brand.industry, focus)) }
                    div { button class="main" { "Create brand" } }
                }
            }
        }
    }
}

impl NewKeyPage {
    /// A sample for tests.
    pub fn sample() -> Self {
        Self {
            signed_in: SignedIn::sample(),
            api_key: "gpk_0f9d2c7be1a84d35a6c2f17e90b3d4e8".into(),
        }
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "Your key · GenuProof",
            "The key of your new brand.",
            Place::Dashboard,
        );
        shell.signed_in = Some(&self.signed_in);
        shell.listed = false;
        shell.render(site, &html! {
            div class="narrow stack" {
                div {
                    h1 { "Keep this key" }
                    p class="lead" { (self.signed_in.brand_name) " is created, and you are signed in." }
                }
                div class="secret" {
                    code id="key" { (self.api_key) }
                    button class="needs-js small-button" type="button" data-copy=(self.api_key) { span data-label aria-live="polite" { "Copy key" } }
                }
                div class="notice warn" {
                    (icon::warning())
                    h2 { "It is not shown again" }
                    p { "We keep only a hash of it. You need the key to sign in here again, and your programs send it as " code { "Authorization: Bearer …" } "." }
                }
                div { a class="button main" href="/dashboard" { "I have kept it: open the dashboard" } }
            }
        })
    }
}

impl DashboardPage {
    /// Samples for tests: empty, filled, and with errors.
    pub fn samples() -> Vec<Self> {
        let empty = Self {
            signed_in: SignedIn::sample(),
            product_count: 0,
            scan_count: 0,
            open_count: 0,
            alerts: AlertList {
                alerts: Vec::new(),
                position: 0,
                ..AlertList::sample()
            },
            registered: None,
            form: ProductForm::default(),
            products: Vec::new(),
            is_later_page: false,
            next_cursor: None,
        };
        let mut filled = empty.clone();
        filled.product_count = 1204;
        filled.scan_count = 18_377;
        filled.open_count = 4;
        filled.alerts = AlertList::sample();
        filled.alerts.alerts.truncate(3);
        filled.registered = Some(Registered {
            name: "Field watch 38, brushed steel".into(),
            verification_code: "x7Kp-2mQ_9aZ".into(),
        });
        filled.products = ProductRow::samples();
        filled.is_later_page = true;
        filled.next_cursor = Some("eyJwayI6Mn0".into());
        let mut wrong = filled.clone();
        wrong.registered = None;
        wrong.form.name = Field::of("Field watch 38, brushed steel")
            .refused("A product with this name and SKU already exists. Change one of them.");
        wrong.form.sku = Field::of("MV-FW38-S");
        vec![empty, filled, wrong]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let title = format!("{} · GenuProof", self.signed_in.brand_name);
        let mut shell = Shell::new(&title, "Your products and their scans.", Place::Dashboard);
        shell.signed_in = Some(&self.signed_in);
        shell.listed = false;
        shell.script = Some(face::LIVE_SCRIPT);
        let figures = [
            (self.product_count, "products", "productCount"),
            (self.scan_count, "scans", "scanCount"),
            (self.open_count, "open alerts", "unresolvedThreats"),
        ];
        shell.render(site, &html! {
            div class="stack" {
                h1 { (self.signed_in.brand_name) }
                nav class="chips" aria-label="Places of the brand" {
                    a href="/analytics" { "Analytics" } a href="/audit" { "Audit" } a href="/ops-log" { "Operations log" }
                    a href="/dashboard/keys" { "Keys and webhooks" } a href="/integrations" { "Integrations" } a href="/explore" { "Explore" }
                }
                dl class="figures figure" {
                    @for (number, of, live) in figures { div { dt { (of) } dd data-live-number=(live) { (words::grouped(number)) } } }
                }
                @if let Some(product) = &self.registered { (product.render()) }
                (self.alerts.on_dashboard(&self.signed_in))
                div class="split wide" { (self.register()) (self.list()) }
            }
        })
    }

    fn register(&self) -> Markup {
        let form = &self.form;
        let focus = first_wrong(&[
            ("name", &form.name),
            ("sku", &form.sku),
            ("category", &form.category),
            ("manufacturingLocation", &form.manufacturing_location),
            ("description", &form.description),
        ]);
        let name = Input {
            name: "name",
            label: "Name",
            hint: "As on the product; it becomes part of the signed record.",
            required: true,
            most: 300,
            ..Input::default()
        };
        let sku = Input {
            name: "sku",
            label: "SKU",
            most: 100,
            ..Input::default()
        };
        let category = Input {
            name: "category",
            label: "Category",
            most: 100,
            ..Input::default()
        };
        let place = Input {
            name: "manufacturingLocation",
            label: "Place of manufacture",
            hint: "Stands in the first step of its history.",
            most: 200,
            ..Input::default()
        };
        let description = Input {
            name: "description",
            label: "Description",
            most: 5000,
            control: Control::Lines,
            ..Input::default()
        };
        html! {
            section class="stack-s" aria-labelledby="register" {
                h2 id="register" { "Register a product" }
                form class="form panel" method="post" action="/dashboard/products" data-ask-before-leaving {
                    input type="hidden" name=(csrf::FIELD) value=(self.signed_in.csrf);
                    (name.render(&form.name, focus))
                    div class="pair" { (sku.render(&form.sku, focus)) (category.render(&form.category, focus)) }
                    (place.render(&form.manufacturing_location, focus))
                    (description.render(&form.description, focus))
                    div { button class="main" { "Register product" } }
                }
            }
        }
    }

    fn list(&self) -> Markup {
        html! {
            section class="stack-s" aria-labelledby="products" {
                h2 id="products" { "Products" }
                div class="wide-table" role="region" aria-label="Table of products" tabindex="0" {
                    @if self.products.is_empty() {
                        div class="empty" {
                            strong { "No product yet" }
                            p { "Register the first one: it gets its code and QR code at once." }
                        }
                    } @else {
                        table {
                            thead { tr {
                                th scope="col" { "Product" } th scope="col" { "Status" }
                                th scope="col" class="number" { "Scans" } th scope="col" class="minor" { "Registered" }
                                th scope="col" { "Certificate" }
                            } }
                            tbody { @for product in &self.products { (product.render()) } }
                        }
                    }
                }
                @if self.is_later_page || self.next_cursor.is_some() {
                    nav class="pager" aria-label="Pages of products" {
                        @if self.is_later_page { a class="button" href="/dashboard" { "Newest" } } @else { span {} }
                        @if let Some(cursor) = &self.next_cursor {
                            a class="button" rel="next" href={ "/dashboard?cursor=" (link::value(cursor)) "#products" } { "Older" }
                        }
                    }
                }
            }
        }
    }
}

impl Registered {
    fn render(&self) -> Markup {
        let code = &self.verification_code;
        html! {
            div class="notice good" role="status" {
                (icon::pass())
                h2 { (self.name) " is registered" }
                p { "Its code is " code { (code) } "." }
                p class="row" { a href=(link::certificate(code)) { "Open its certificate" } a href=(link::diploma(code)) { "Print its QR code" } }
            }
        }
    }
}

impl ProductRow {
    fn render(&self) -> Markup {
        let code = &self.verification_code;
        html! {
            tr {
                th scope="row" { a href=(link::product(&self.product_id)) { (self.name) } @if let Some(sku) = &self.sku { " " span class="muted mono" { (sku) } } }
                td { (words::status(&self.status)) }
                td class="number" { (words::grouped(self.scan_count)) }
                td class="minor" { (words::day(self.created_at)) }
                td { div class="row" {
                    a href=(link::certificate(code)) aria-label={ "Verify " (self.name) } { "Verify" }
                    a href=(link::diploma(code)) aria-label={ "QR code of " (self.name) } { "QR" }
                } }
            }
        }
    }

    fn samples() -> Vec<Self> {
        [
            (
                "Field watch 38, brushed steel",
                Some("MV-FW38-S"),
                "active",
                12,
            ),
            ("Diver 41, black", Some("MV-D41-B"), "transferred", 1482),
            ("Strap, calf leather, 20 mm", None, "recalled", 0),
        ]
        .into_iter()
        .map(|(name, sku, status, scan_count)| Self {
            product_id: "e084595c97320cfcc85309943f345760".into(),
            name: name.into(),
            sku: sku.map(Into::into),
            status: status.into(),
            scan_count,
            created_at: Timestamp::from_second(1_772_357_400).unwrap_or_default(),
            verification_code: "x7Kp-2mQ_9aZ".into(),
        })
        .collect()
    }
}
