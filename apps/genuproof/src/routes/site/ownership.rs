//! `POST /verify/{code}/claim` and `/dispute`: what a consumer sends from a product's certificate.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use keyfold_web::body::FormBody;
use keyfold_web::csrf;
use keyfold_web::error::Failure;
use serde::Deserialize;

use super::certificate::{look, page, unknown};
use super::form::{body, field};
use crate::app::App;
use crate::domain::input::{BadInput, ClaimProduct, DisputeClaim};
use crate::pages::link;
use crate::pages::ownership::OwnershipForm;
use crate::routes::access::shown;
use crate::routes::request::{PathText, Visitor};
use crate::routes::{Access, Route};
use crate::store::{ClaimError, NewClaim, NewDispute, Verified};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Typed {
    #[serde(default)]
    consumer_name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    order_number: String,
    #[serde(default)]
    notes: String,
}

pub fn claim() -> Route {
    Route::action("/verify/{code}/claim", Access::Public, post(on_claim))
}

pub fn dispute() -> Route {
    Route::action("/verify/{code}/dispute", Access::Public, post(on_dispute))
}

async fn on_claim(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    PathText(code): PathText,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    csrf::check_anonymous(&headers)?;
    let Some(verified) = look(&app, &visitor, &code).await? else {
        return Ok(unknown(&app, shown(&app, &headers).await?, code));
    };
    let fields = typed.fields(&verified);
    let wanted = match ClaimProduct::parse(&body(&fields)) {
        Ok(wanted) => wanted,
        Err(refusal) => return again(&app, &headers, &code, &verified, typed, &refusal).await,
    };
    let claim = NewClaim {
        consumer_name: wanted.consumer_name,
        email: wanted.email,
    };
    let caller = visitor.caller();
    match app
        .store
        .claim_product(&verified.product_id, claim, caller)
        .await
    {
        // Whose it is, the page shows.
        Ok(_) | Err(ClaimError::Claimed { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let to = format!("{}?done=claimed#owner", link::certificate(&code));
    Ok(Redirect::to(&to).into_response())
}

async fn on_dispute(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    PathText(code): PathText,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    csrf::check_anonymous(&headers)?;
    let Some(verified) = look(&app, &visitor, &code).await? else {
        return Ok(unknown(&app, shown(&app, &headers).await?, code));
    };
    let fields = typed.fields(&verified);
    let wanted = match DisputeClaim::parse(&body(&fields)) {
        Ok(wanted) => wanted,
        Err(refusal) => return again(&app, &headers, &code, &verified, typed, &refusal).await,
    };
    let new = NewDispute {
        consumer_name: wanted.consumer_name,
        email: wanted.email,
        order_number: wanted.order_number,
        notes: wanted.notes,
    };
    let caller = visitor.caller();
    app.store
        .dispute_claim(&verified.product_id, &new, caller)
        .await?;
    let to = format!("{}?done=disputed#owner", link::certificate(&code));
    Ok(Redirect::to(&to).into_response())
}

impl Typed {
    fn fields<'a>(&'a self, verified: &'a Verified) -> [(&'static str, &'a str); 5] {
        [
            ("productId", verified.product_id.as_str()),
            ("consumerName", &self.consumer_name),
            ("email", &self.email),
            ("orderNumber", &self.order_number),
            ("notes", &self.notes),
        ]
    }
}

async fn again(
    app: &App,
    headers: &HeaderMap,
    code: &str,
    verified: &Verified,
    typed: Typed,
    refusal: &BadInput,
) -> Result<Response, Failure> {
    let mut page = page(app, headers, code, verified, None).await?;
    if let Some(ownership) = &mut page.ownership {
        let of = |name: &str, value: &str| field(name, value, Some(refusal));
        ownership.form = OwnershipForm {
            consumer_name: of("consumerName", &typed.consumer_name),
            email: of("email", &typed.email),
            order_number: of("orderNumber", &typed.order_number),
            notes: of("notes", &typed.notes),
        };
    }
    Ok((StatusCode::BAD_REQUEST, page.render(&app.site)).into_response())
}
