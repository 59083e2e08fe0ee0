//! `GET /product/{id}`: everything about a product. Opening it records nothing.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use keyfold_web::error::Failure;

use super::verdict;
use crate::app::App;
use crate::domain::ids::{Form as _, ProductId, Ref};
use crate::domain::input::Target;
use crate::domain::product::Status;
use crate::pages::SignedIn;
use crate::pages::product::{CustodyForm, ProductPage, ScanRow, UnknownProductPage};
use crate::routes::access::signed_in;
use crate::routes::request::{PathText, Visitor};
use crate::routes::{Access, Route};
use crate::table::{Brand, Scan};

/// Scans that are listed.
const SCANS: u32 = 20;

pub fn route() -> Route {
    Route::page("/product/{id}", Access::Public, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    PathText(id): PathText,
) -> Result<Response, Failure> {
    let session = signed_in(&app, &headers).await?;
    let (shown, brand) = match session {
        Some((session, brand)) => {
            let shown = SignedIn {
                csrf: app.sessions.csrf_token(&session),
                brand_name: brand.name.clone(),
            };
            (Some(shown), Some(brand))
        }
        None => (None, None),
    };
    let page = match ProductId::parse(&id) {
        Some(id) => page(&app, &visitor, &id, shown.clone(), brand.as_ref()).await?,
        None => None,
    };
    Ok(match page {
        Some(page) => page.render(&app.site).into_response(),
        None => unknown(&app, shown),
    })
}

pub(super) fn unknown(app: &App, signed_in: Option<SignedIn>) -> Response {
    let page = UnknownProductPage { signed_in };
    (StatusCode::NOT_FOUND, page.render(&app.site)).into_response()
}

/// The page of a product; for its brand with what it can do.
pub(super) async fn page(
    app: &App,
    visitor: &Visitor,
    id: &ProductId,
    signed_in: Option<SignedIn>,
    brand: Option<&Brand>,
) -> Result<Option<ProductPage>, Failure> {
    let target = Target::Product(Ref::Named(id.clone()));
    let (verified, scans, product) = tokio::try_join!(
        app.store.verify(&target, visitor.caller(), None),
        app.store.scans(id, SCANS),
        app.store.product_by_id(id),
    )?;
    let (Some(verified), Some(scans), Some(product)) = (verified, scans, product) else {
        return Ok(None);
    };
    let is_own = brand.is_some_and(|brand| product.brand().as_ref() == Some(&brand.id));
    let is_recalled = product.status.text() == Some(Status::Recalled.as_str());
    let text = |stored: &crate::table::Text| stored.text().unwrap_or("—").to_owned();
    let owner = product.current_owner.text().or(product.brand_name.text());
    Ok(Some(ProductPage {
        signed_in,
        id: id.to_string(),
        code: text(&product.verification_code),
        signature: text(&product.signature),
        authentic: verified.verdict.authentic,
        owner: owner.unwrap_or("—").to_owned(),
        scan_count: verified.scan_count,
        scans: scans.scans.iter().map(row).collect(),
        events: verdict::events(&verified),
        custody: (is_own && !is_recalled).then(CustodyForm::default),
        product: verdict::product(&verified),
    }))
}

fn row(scan: &Scan) -> ScanRow {
    let text = |stored: &crate::table::Text| stored.text().unwrap_or("Unknown").to_owned();
    ScanRow {
        timestamp: Timestamp::from_millisecond(scan.at.as_millisecond()).unwrap_or_default(),
        country: text(&scan.country),
        city: text(&scan.city),
        result: text(&scan.result),
    }
}
