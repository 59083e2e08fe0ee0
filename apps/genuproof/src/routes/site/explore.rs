//! `GET /explore`: the gallery of products in their first hands; with `?category=` those of a category.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use keyfold_web::error::Failure;
use maud::Markup;

use super::verdict::moment;
use crate::app::App;
use crate::pages::explore::{Card, ExplorePage};
use crate::routes::access::shown;
use crate::routes::request::Query;
use crate::routes::{Access, Route};
use crate::table::ProductListing;

const CARDS: u32 = 50;
/// Categories that are offered: those with most products.
const CATEGORIES_MAX: usize = 24;

pub fn route() -> Route {
    Route::page("/explore", Access::Public, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Markup, Failure> {
    let category = query
        .get("category")
        .map(|name| name.chars().take(100).collect::<String>());
    // Read whole, because the categories are counted over all.
    let found = app
        .store
        .whole_gallery(CARDS, "active", category.as_deref())
        .await?;
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let mut categories: Vec<_> = found.categories.into_iter().collect();
    categories.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    categories.truncate(CATEGORIES_MAX);
    categories.sort();
    let page = ExplorePage {
        signed_in: shown(&app, &headers).await?,
        categories: categories
            .into_iter()
            .map(|(name, number)| (name, count(number)))
            .collect(),
        category,
        total: count(found.total),
        products: found.products.iter().map(card).collect(),
    };
    Ok(page.render(&app.site))
}

fn card(product: &ProductListing) -> Card {
    let text = |stored: &crate::table::Text| stored.text().unwrap_or("—").to_owned();
    Card {
        product_id: product.id.to_string(),
        name: text(&product.name),
        brand_name: text(&product.brand_name),
        category: product.category.text().map(str::to_owned),
        description: product.description.text().map(str::to_owned),
        verification_code: text(&product.verification_code),
        created_at: moment(&product.created_at),
        scan_count: product.scan_count.here().copied().unwrap_or_default(),
    }
}
