//! `GET /ops-log` and `GET /audit`: of the brand that is signed in, or what everybody may see.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use keyfold_web::error::Failure;
use maud::Markup;

use crate::app::App;
use crate::domain::analyst::MODEL;
use crate::pages::SignedIn;
use crate::pages::logs::{AuditPage, AuditRow, OpsPage, OpsRow};
use crate::routes::access::signed_in;
use crate::routes::{Access, Route};
use crate::store::Audited;
use crate::table::OpsOfBrand;

const ENTRIES: u32 = 50;
const DAYS: u32 = 7;

pub fn ops() -> Route {
    Route::page("/ops-log", Access::Public, get(show_ops))
}

pub fn audit() -> Route {
    Route::page("/audit", Access::Public, get(show_audit))
}

async fn show_ops(State(app): State<App>, headers: HeaderMap) -> Result<Markup, Failure> {
    let found = signed_in(&app, &headers).await?;
    // What concerns a brand is shown to that brand alone.
    let entries = match &found {
        Some((_, brand)) => app.store.ops_of_brand(&brand.id, DAYS, ENTRIES).await?,
        None => Vec::new(),
    };
    let entries: Vec<OpsRow> = entries.iter().map(row).collect();
    let mean = |of: fn(&OpsRow) -> u64| {
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        let sum: u64 = entries.iter().map(of).sum();
        (sum + count / 2).checked_div(count).unwrap_or_default()
    };
    let by = |of: fn(&OpsRow) -> &String| {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for entry in &entries {
            *counts.entry(of(entry).clone()).or_default() += 1;
        }
        counts.into_iter().collect::<Vec<_>>()
    };
    let page = OpsPage {
        latency_ms: mean(|entry| entry.latency_ms),
        confidence: mean(|entry| entry.confidence),
        agents: by(|entry| &entry.agent),
        severities: by(|entry| &entry.severity),
        vectors: by(|entry| &entry.vector),
        model: MODEL.to_owned(),
        signed_in: found.map(|(session, brand)| SignedIn {
            csrf: app.sessions.csrf_token(&session),
            brand_name: brand.name,
        }),
        entries,
    };
    Ok(page.render(&app.site))
}

async fn show_audit(State(app): State<App>, headers: HeaderMap) -> Result<Markup, Failure> {
    let found = signed_in(&app, &headers).await?;
    let entries = match &found {
        Some((_, brand)) => app.store.audit_of(brand, ENTRIES).await?,
        None => app.store.audit_of_all(ENTRIES).await?,
    };
    let page = AuditPage {
        signed_in: found.map(|(session, brand)| SignedIn {
            csrf: app.sessions.csrf_token(&session),
            brand_name: brand.name,
        }),
        entries: entries.iter().map(line).collect(),
    };
    Ok(page.render(&app.site))
}

fn row(entry: &OpsOfBrand) -> OpsRow {
    let text = |stored: &crate::table::Text| stored.text().unwrap_or("—").to_owned();
    OpsRow {
        at: text(&entry.timestamp),
        agent: text(&entry.agent),
        severity: text(&entry.ai_severity),
        vector: text(&entry.ai_attack_vector),
        confidence: entry.ai_confidence.here().copied().unwrap_or_default(),
        latency_ms: entry.latency_ms.here().copied().unwrap_or_default(),
        product_id: text(&entry.product_id),
    }
}

fn line(entry: &Audited) -> AuditRow {
    let line = entry.line.clone();
    AuditRow {
        at: line.timestamp,
        kind: line.kind,
        action: line.action,
        who: line
            .actor
            .or(line.location)
            .or(line.severity)
            .unwrap_or_default(),
        product_id: line.product_id,
    }
}
