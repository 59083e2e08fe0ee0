//! `GET /api/integrations/journeys`: the journeys that can be simulated.

use axum::Json;
use axum::http::Method;
use axum::routing::get;
use serde_json::{Value, json};

use crate::domain::journey::{JOURNEYS, Journey};
use crate::routes::{Access, Route};

pub fn route() -> Route {
    let path = "/api/integrations/journeys";
    let handler = async || {
        let journeys: Vec<_> = JOURNEYS.iter().map(shown).collect();
        Json(json!({ "journeys": journeys, "count": JOURNEYS.len() }))
    };
    Route::endpoint(Method::GET, path, Access::Public, get(handler))
}

fn shown(journey: &Journey) -> Value {
    let stages = journey.stages.iter();
    let stages = stages.map(
        |stage| json!({ "type": stage.kind, "actor": stage.actor, "location": stage.location }),
    );
    json!({
        "id": journey.id,
        "name": journey.name,
        "category": journey.category,
        "steps": journey.stages.len(),
        "route": journey.route,
        "description": journey.description,
        "carriers": journey.carriers,
        "platforms": journey.platforms,
        "stages": stages.collect::<Vec<_>>(),
    })
}
