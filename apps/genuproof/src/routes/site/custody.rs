//! `POST /product/{id}/transfer` and `/recall`: the brand that is signed in hands its product on, or calls it back.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use keyfold_web::body::FormBody;
use keyfold_web::csrf;
use keyfold_web::error::Failure;
use serde::Deserialize;

use super::form::{body, field};
use super::product;
use crate::app::App;
use crate::domain::ids::{Form as _, ProductId};
use crate::domain::input::{BadInput, RecallProduct, TransferProduct};
use crate::pages::form::Field;
use crate::pages::product::CustodyForm;
use crate::pages::{SignedIn, link};
use crate::routes::access::signed_in;
use crate::routes::request::{PathText, Visitor};
use crate::routes::{Access, Route};
use crate::store::{Recall, Transfer};
use crate::table::Brand;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Typed {
    csrf: Option<String>,
    #[serde(default)]
    new_owner: String,
    #[serde(default)]
    location: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    recall_reason: String,
}

pub fn transfer() -> Route {
    Route::action("/product/{id}/transfer", Access::Session, post(hand_on))
}

pub fn recall() -> Route {
    Route::action("/product/{id}/recall", Access::Session, post(call_back))
}

async fn hand_on(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    PathText(id): PathText,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    let Some((shown, brand)) = allowed(&app, &headers, &id, &typed).await? else {
        return Ok(Redirect::to("/dashboard").into_response());
    };
    let fields = [
        ("productId", id.as_str()),
        ("newOwner", &typed.new_owner),
        ("location", &typed.location),
        ("reason", &typed.reason),
    ];
    let wanted = match TransferProduct::parse(&body(&fields)) {
        Ok(wanted) => wanted,
        Err(refusal) => {
            let form = CustodyForm {
                new_owner: field("newOwner", &typed.new_owner, Some(&refusal)),
                location: field("location", &typed.location, Some(&refusal)),
                reason: field("reason", &typed.reason, Some(&refusal)),
                recall_reason: Field::default(),
            };
            return again(&app, &visitor, &id, shown, &brand, form).await;
        }
    };
    if let Some(id) = ProductId::parse(&id) {
        let transfer = Transfer {
            new_owner: wanted.new_owner,
            location: wanted.location,
            reason: wanted.reason,
        };
        app.store.transfer(&id, &transfer).await?;
    }
    Ok(Redirect::to(&link::product(&id)).into_response())
}

async fn call_back(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    PathText(id): PathText,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    let Some((shown, brand)) = allowed(&app, &headers, &id, &typed).await? else {
        return Ok(Redirect::to("/dashboard").into_response());
    };
    let fields = [("productId", id.as_str()), ("reason", &typed.recall_reason)];
    let wanted = match RecallProduct::parse(&body(&fields)) {
        Ok(wanted) => wanted,
        Err(refusal) => {
            let form = CustodyForm {
                recall_reason: recall_field(&typed.recall_reason, &refusal),
                ..CustodyForm::default()
            };
            return again(&app, &visitor, &id, shown, &brand, form).await;
        }
    };
    if let Some(id) = ProductId::parse(&id) {
        let recall = Recall {
            reason: wanted.reason,
            issued_by: Some(brand.name),
        };
        app.store.recall(&id, recall).await?;
    }
    Ok(Redirect::to(&link::product(&id)).into_response())
}

/// The API calls the field of a recall `reason`, which on this page is that of a transfer.
fn recall_field(typed: &str, refusal: &BadInput) -> Field {
    field("reason", typed, Some(refusal))
}

/// The brand that is signed in, if the product is its own; none when nobody is signed in.
async fn allowed(
    app: &App,
    headers: &HeaderMap,
    id: &str,
    typed: &Typed,
) -> Result<Option<(SignedIn, Brand)>, Failure> {
    let Some((session, brand)) = signed_in(app, headers).await? else {
        return Ok(None);
    };
    csrf::check(&app.sessions, &session, headers, typed.csrf.as_deref())?;
    let product = match ProductId::parse(id) {
        Some(id) => app.store.product_by_id(&id).await?,
        None => None,
    };
    // Somebody else's product is none of theirs: as if there were none.
    let own = product.filter(|product| product.brand().as_ref() == Some(&brand.id));
    own.ok_or_else(crate::routes::answer::unknown_product)?;
    let shown = SignedIn {
        csrf: app.sessions.csrf_token(&session),
        brand_name: brand.name.clone(),
    };
    Ok(Some((shown, brand)))
}

async fn again(
    app: &App,
    visitor: &Visitor,
    id: &str,
    shown: SignedIn,
    brand: &Brand,
    form: CustodyForm,
) -> Result<Response, Failure> {
    let page = match ProductId::parse(id) {
        Some(id) => product::page(app, visitor, &id, Some(shown.clone()), Some(brand)).await?,
        None => None,
    };
    let Some(mut page) = page else {
        return Ok(product::unknown(app, Some(shown)));
    };
    page.custody = page.custody.map(|_| form);
    Ok((StatusCode::BAD_REQUEST, page.render(&app.site)).into_response())
}
