//! `GET /dashboard`: signing in, or the signed-in brand's numbers, form and products.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use keyfold_web::error::Failure;

use super::alerts;
use super::verdict::moment;
use super::verify::of_code;
use crate::app::App;
use crate::pages::SignedIn;
use crate::pages::dashboard::{DashboardPage, ProductForm, ProductRow, Registered, SignInPage};
use crate::routes::access::signed_in;
use crate::routes::answer::scan_count;
use crate::routes::request::Query;
use crate::routes::{Access, Route};
use crate::table::{Brand, BrandStats, Product};

/// Lines of one page of the list.
const PRODUCTS_A_PAGE: u32 = 20;
/// The newest alerts; all are on a page of their own.
const ALERTS: u32 = 6;

pub fn route() -> Route {
    Route::page("/dashboard", Access::Session, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Response, Failure> {
    let Some((session, brand)) = signed_in(&app, &headers).await? else {
        return Ok(SignInPage::default().render(&app.site).into_response());
    };
    let csrf = app.sessions.csrf_token(&session);
    let mut page = page(&app, &brand, csrf, query.get("cursor")).await?;
    page.registered = match query.get("registered").and_then(of_code) {
        Some(target) => app
            .store
            .product(&target)
            .await?
            .filter(|product| product.brand().as_ref() == Some(&brand.id))
            .map(|product| Registered {
                name: text(&product.name),
                verification_code: text(&product.verification_code),
            }),
        None => None,
    };
    Ok(page.render(&app.site).into_response())
}

/// The dashboard with an empty form.
pub(super) async fn page(
    app: &App,
    brand: &Brand,
    csrf: String,
    cursor: Option<&str>,
) -> Result<DashboardPage, Failure> {
    let (alerts, stats) = alerts::list(app, brand, ALERTS).await?;
    let products = app
        .store
        .products(&brand.id, PRODUCTS_A_PAGE, cursor)
        .await?;
    let count = |of: fn(&BrandStats) -> u64| stats.as_ref().map_or(0, of);
    Ok(DashboardPage {
        signed_in: SignedIn {
            brand_name: brand.name.clone(),
            csrf,
        },
        product_count: count(|stats| stats.product_count),
        scan_count: count(|stats| stats.scan_count),
        open_count: count(BrandStats::unresolved),
        alerts,
        registered: None,
        form: ProductForm::default(),
        products: products.items.iter().map(row).collect(),
        is_later_page: cursor.is_some(),
        next_cursor: products.next.map(|next| next.as_str().to_owned()),
    })
}

fn row(product: &Product) -> ProductRow {
    ProductRow {
        product_id: product.id.to_string(),
        name: text(&product.name),
        sku: product.sku.text().map(str::to_owned),
        status: text(&product.status),
        scan_count: scan_count(product),
        created_at: moment(&product.created_at),
        verification_code: text(&product.verification_code),
    }
}

fn text(stored: &crate::table::Text) -> String {
    stored.text().unwrap_or("—").to_owned()
}
