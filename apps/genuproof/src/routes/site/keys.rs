//! `GET /dashboard/keys`, and what its forms send: keys and webhooks of the brand that is signed in.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use keyfold_web::body::FormBody;
use keyfold_web::csrf;
use keyfold_web::error::Failure;
use serde::Deserialize;

use super::form::{body, field};
use super::sign_in;
use crate::app::App;
use crate::domain::input::CreateWebhook;
use crate::pages::SignedIn;
use crate::pages::form::Field;
use crate::pages::keys::{HookRow, KeysPage};
use crate::routes::access::signed_in;
use crate::routes::{Access, Route};
use crate::table::{Brand, Webhook};

const PATH: &str = "/dashboard/keys";
const GRACE_HOURS: u32 = 24;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Typed {
    csrf: Option<String>,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    webhook_id: String,
}

pub fn page() -> Route {
    Route::page(PATH, Access::Session, get(show))
}

pub fn rotate() -> Route {
    Route::action("/dashboard/keys/rotate", Access::Session, post(make_key))
}

pub fn revoke() -> Route {
    Route::action("/dashboard/keys/revoke", Access::Session, post(end_key))
}

pub fn add_webhook() -> Route {
    Route::action("/dashboard/webhooks", Access::Session, post(make_webhook))
}

pub fn delete_webhook() -> Route {
    Route::action(
        "/dashboard/webhooks/delete",
        Access::Session,
        post(end_webhook),
    )
}

async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failure> {
    let Some((session, brand)) = signed_in(&app, &headers).await? else {
        return Ok(Redirect::to("/dashboard").into_response());
    };
    let page = filled(&app, &brand, app.sessions.csrf_token(&session)).await?;
    Ok(page.render(&app.site).into_response())
}

async fn make_key(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    let Some(brand) = allowed(&app, &headers, &typed).await? else {
        return Ok(Redirect::to("/dashboard").into_response());
    };
    let new = app.store.rotate_key(&brand.id, GRACE_HOURS).await?;
    // A session ends with its key: the one who made the new key goes on with a new session.
    let found = app.store.authenticate(&new.key).await?;
    let brand = found.ok_or_else(Failure::internal)?;
    let (session, cookie) = sign_in::open(&app, &brand)?;
    let mut page = filled(&app, &brand, app.sessions.csrf_token(&session)).await?;
    page.made = Some(("Your new key".to_owned(), new.key.reveal().to_owned()));
    Ok(([(SET_COOKIE, cookie)], page.render(&app.site)).into_response())
}

async fn end_key(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    if let Some(brand) = allowed(&app, &headers, &typed).await? {
        app.store.revoke_key(&brand.id, &typed.prefix).await?;
    }
    Ok(Redirect::to(PATH).into_response())
}

async fn make_webhook(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    let Some((session, brand)) = signed_in(&app, &headers).await? else {
        return Ok(Redirect::to("/dashboard").into_response());
    };
    csrf::check(&app.sessions, &session, &headers, typed.csrf.as_deref())?;
    let fields = [("brandId", brand.id.as_str()), ("url", typed.url.as_str())];
    let mut page = filled(&app, &brand, app.sessions.csrf_token(&session)).await?;
    match CreateWebhook::parse(&body(&fields), app.targets) {
        Err(refusal) => {
            page.url = field("url", &typed.url, Some(&refusal));
            Ok((StatusCode::BAD_REQUEST, page.render(&app.site)).into_response())
        }
        Ok(wanted) => {
            let new = app
                .store
                .create_webhook(&brand.id, &wanted.target, wanted.events)
                .await?;
            page.hooks.push(row(&new.webhook));
            page.made = Some(("The secret of the new webhook".to_owned(), new.secret));
            Ok(page.render(&app.site).into_response())
        }
    }
}

async fn end_webhook(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    if let Some(brand) = allowed(&app, &headers, &typed).await? {
        app.store
            .delete_webhook(&brand.id, &typed.webhook_id)
            .await?;
    }
    Ok(Redirect::to(PATH).into_response())
}

async fn allowed(app: &App, headers: &HeaderMap, typed: &Typed) -> Result<Option<Brand>, Failure> {
    let Some((session, brand)) = signed_in(app, headers).await? else {
        return Ok(None);
    };
    csrf::check(&app.sessions, &session, headers, typed.csrf.as_deref())?;
    Ok(Some(brand))
}

async fn filled(app: &App, brand: &Brand, csrf: String) -> Result<KeysPage, Failure> {
    let keys = brand.keys(app.store.now());
    Ok(KeysPage {
        signed_in: SignedIn {
            csrf,
            brand_name: brand.name.clone(),
        },
        keys: keys
            .into_iter()
            .map(|key| (key.prefix, key.until.map(|until| until.to_string())))
            .collect(),
        hooks: app
            .store
            .webhooks(&brand.id)
            .await?
            .iter()
            .map(row)
            .collect(),
        made: None,
        url: Field::default(),
    })
}

fn row(hook: &Webhook) -> HookRow {
    let state = match (hook.active, hook.paused_at, hook.failing_since) {
        (false, ..) => "Off".to_owned(),
        (true, Some(at), _) => format!("Paused since {at}: nothing came through for days"),
        (true, None, Some(at)) => format!("Failing since {at}"),
        (true, None, None) => "On".to_owned(),
    };
    HookRow {
        id: hook.id.clone(),
        url: hook.url.clone(),
        events: hook.events.join(", "),
        state,
        deliveries: hook.delivery_count,
    }
}
