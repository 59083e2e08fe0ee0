//! `GET /compare?a=&b=`: two codes side by side. Comparing is no scan.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use keyfold_web::error::Failure;
use maud::Markup;

use super::verify::of_code;
use crate::app::App;
use crate::pages::compare::{Column, ComparePage};
use crate::routes::access::shown;
use crate::routes::request::{Query, Visitor};
use crate::routes::{Access, Route};

pub fn route() -> Route {
    Route::page("/compare", Access::Public, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    Query(query): Query,
) -> Result<Markup, Failure> {
    let typed = |name: &str| -> String {
        query
            .get(name)
            .map(str::trim)
            .unwrap_or_default()
            .chars()
            .take(64)
            .collect()
    };
    let codes = [typed("a"), typed("b")];
    let (one, two) = tokio::try_join!(
        column(&app, &visitor, &codes[0]),
        column(&app, &visitor, &codes[1]),
    )?;
    let page = ComparePage {
        signed_in: shown(&app, &headers).await?,
        codes,
        found: [one, two],
    };
    Ok(page.render(&app.site))
}

async fn column(
    app: &App,
    visitor: &Visitor,
    code: &str,
) -> Result<Option<Result<Column, ()>>, Failure> {
    if code.is_empty() {
        return Ok(None);
    }
    let looked = match of_code(code) {
        Some(target) => app.store.verify(&target, visitor.caller(), None).await?,
        None => None,
    };
    let Some(looked) = looked else {
        return Ok(Some(Err(())));
    };
    let product = &looked.product;
    let text = |stored: &crate::table::Text| stored.text().unwrap_or("—").to_owned();
    Ok(Some(Ok(Column {
        is_authentic: looked.verdict.authentic,
        brand: text(&product.brand_name),
        product: text(&product.name),
        sku: text(&product.sku),
        category: text(&product.category),
        status: text(&product.status),
        registered: text(&product.created_at),
        scans: looked.scan_count,
        events: looked.events.len(),
        is_signed: looked.verdict.signature_valid,
        is_whole: looked.verdict.chain.is_intact(),
        hash: text(&product.hash),
    })))
}
