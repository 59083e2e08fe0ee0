//! `GET /api/catalog/…`: what is offered for choosing.

use axum::Json;
use axum::http::Method;
use axum::routing::get;
use serde_json::{Map, Value, json};

use crate::domain::catalogue::{ACTORS, CATEGORIES, Group, LOCATIONS, Location, chosen};
use crate::routes::request::Query;
use crate::routes::{Access, Route};

pub fn categories() -> Route {
    let path = "/api/catalog/categories";
    let handler = async || Json(json!({ "categories": CATEGORIES, "count": CATEGORIES.len() }));
    Route::endpoint(Method::GET, path, Access::Public, get(handler))
}

pub fn actors() -> Route {
    let path = "/api/catalog/actors";
    Route::endpoint(Method::GET, path, Access::Public, get(list_actors))
}

pub fn locations() -> Route {
    let path = "/api/catalog/locations";
    Route::endpoint(Method::GET, path, Access::Public, get(list_locations))
}

async fn list_actors(Query(query): Query) -> Json<Value> {
    let word = query.get("type");
    Json(grouped("actors", &ACTORS, word, |_| true))
}

async fn list_locations(Query(query): Query) -> Json<Value> {
    let region = query.get("region");
    let fits = |place: &Location| region.is_none_or(|region| place.region == region);
    Json(grouped("locations", &LOCATIONS, query.get("type"), fits))
}

/// One group with its number, or all of them with the number of each.
fn grouped<T: Copy + serde::Serialize>(
    name: &str,
    groups: &[Group<T>],
    word: Option<&str>,
    fits: impl Fn(&T) -> bool,
) -> Value {
    let entries = |group: &[T]| group.iter().copied().filter(&fits).collect::<Vec<_>>();
    if let Some((word, group)) = chosen(groups, word) {
        let entries = entries(group);
        return json!({ "type": word, name: entries, "count": entries.len() });
    }
    let (mut all, mut counts, mut total) = (Map::new(), Map::new(), 0);
    for (word, group) in groups {
        let entries = entries(group);
        total += entries.len();
        counts.insert((*word).to_owned(), entries.len().into());
        all.insert((*word).to_owned(), json!(entries));
    }
    counts.insert("total".to_owned(), total.into());
    json!({ name: all, "count": counts })
}
