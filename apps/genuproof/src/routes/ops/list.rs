//! `GET /api/ops-log`: what an analyst judged, newest first, and sums over exactly these entries. A brand sees what concerned it;
//! everybody else an empty list.
//!
//! 400: a limit or days that are none. 401: a wrong key.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::analyst::MODEL;
use crate::domain::input::ListOps;
use crate::domain::stored::Stored;
use crate::routes::access::{Caller, visitor};
use crate::routes::request::Query;
use crate::routes::{Access, Route};
use crate::table::OpsOfBrand;

pub fn route() -> Route {
    let path = "/api/ops-log";
    Route::endpoint(Method::GET, path, Access::PublicOrKey, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    let asked = ListOps::parse(&query)?;
    let entries = entries(&app, &headers, asked).await?;
    Ok(Json(json!({
        "entries": entries.iter().map(shown).collect::<Vec<_>>(),
        "stats": stats(&entries),
    })))
}

async fn entries(
    app: &App,
    headers: &HeaderMap,
    asked: ListOps,
) -> Result<Vec<OpsOfBrand>, Failure> {
    let ListOps { limit, days } = asked;
    match visitor(app, headers).await? {
        None => Ok(Vec::new()),
        Some(Caller::Anybody) => {
            let entries = app.store.ops(days, limit).await?;
            Ok(entries.into_iter().map(OpsOfBrand::from).collect())
        }
        Some(Caller::Brands(brands)) => {
            let mut entries = Vec::new();
            for brand in &brands {
                entries.extend(app.store.ops_of_brand(&brand.id, days, limit).await?);
            }
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
            entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            Ok(entries)
        }
    }
}

fn shown(entry: &OpsOfBrand) -> Value {
    json!({
        "agent": entry.agent,
        "trigger": entry.trigger,
        "productId": entry.product_id,
        "brandId": entry.brand_id,
        "anomalyFlags": entry.anomaly_flags.here().cloned().unwrap_or_default(),
        "geminiModel": entry.gemini_model,
        "aiSeverity": entry.ai_severity,
        "aiAttackVector": entry.ai_attack_vector,
        "aiConfidence": entry.ai_confidence,
        "latencyMs": entry.latency_ms,
        "timestamp": entry.timestamp,
        "fallback": entry.is_fallback,
        "tokensIn": entry.tokens_in,
        "tokensOut": entry.tokens_out,
        "error": entry.error,
    })
}

fn stats(entries: &[OpsOfBrand]) -> Value {
    let by = |of: fn(&OpsOfBrand) -> &Stored<String>| {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for entry in entries {
            *counts
                .entry(of(entry).text().unwrap_or("unknown"))
                .or_default() += 1;
        }
        json!(counts)
    };
    let mean = |of: fn(&OpsOfBrand) -> &Stored<u64>| {
        let numbers: Vec<u64> = entries
            .iter()
            .filter_map(|entry| of(entry).here())
            .copied()
            .collect();
        let count = u64::try_from(numbers.len()).unwrap_or(u64::MAX);
        let sum: u64 = numbers
            .iter()
            .fold(0, |sum, number| sum.saturating_add(*number));
        // Rounded to the nearest.
        sum.saturating_add(count / 2)
            .checked_div(count)
            .unwrap_or_default()
    };
    json!({
        "totalOperations": entries.len(),
        "agentBreakdown": by(|entry| &entry.agent),
        "severityBreakdown": by(|entry| &entry.ai_severity),
        "attackVectorBreakdown": by(|entry| &entry.ai_attack_vector),
        "avgLatencyMs": mean(|entry| &entry.latency_ms),
        "avgConfidence": mean(|entry| &entry.ai_confidence),
        "geminiModel": MODEL,
    })
}
