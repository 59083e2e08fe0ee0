//! `POST /dashboard/products`: registers a product of the brand that is signed in.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use keyfold_web::body::FormBody;
use keyfold_web::csrf;
use keyfold_web::error::Failure;
use serde::Deserialize;

use super::dashboard;
use super::form::{body, field, required};
use crate::app::App;
use crate::domain::input::{BadInput, RegisterProduct};
use crate::pages::dashboard::ProductForm;
use crate::pages::link;
use crate::routes::access::signed_in;
use crate::routes::{Access, Route};
use crate::store::RegisterError;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Typed {
    csrf: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    sku: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    manufacturing_location: String,
}

pub fn route() -> Route {
    Route::action("/dashboard/products", Access::Session, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    let Some((session, brand)) = signed_in(&app, &headers).await? else {
        return Ok(Redirect::to("/dashboard").into_response());
    };
    csrf::check(&app.sessions, &session, &headers, typed.csrf.as_deref())?;
    let mut fields = typed.fields().to_vec();
    fields.push(("brandId", brand.id.as_str()));
    let (status, form) = match RegisterProduct::parse(&body(&fields)) {
        Err(refusal) => (StatusCode::BAD_REQUEST, typed.form(Some(&refusal))),
        Ok(wanted) => match app.store.register(&brand, wanted.product, false).await {
            Ok(product) => {
                let code = product.verification_code.text().unwrap_or_default();
                let to = format!("/dashboard?registered={}", link::value(code));
                return Ok(Redirect::to(&to).into_response());
            }
            Err(RegisterError::Duplicate) => {
                let mut form = typed.form(None);
                form.name = form.name.refused(
                    "A product with this name and SKU already exists. Change one of them.",
                );
                (StatusCode::CONFLICT, form)
            }
            Err(error) => return Err(error.into()),
        },
    };
    let csrf = app.sessions.csrf_token(&session);
    let mut page = dashboard::page(&app, &brand, csrf, None).await?;
    page.form = form;
    Ok((status, page.render(&app.site)).into_response())
}

impl Typed {
    fn fields(&self) -> [(&'static str, &str); 5] {
        [
            ("name", &self.name),
            ("sku", &self.sku),
            ("category", &self.category),
            ("description", &self.description),
            ("manufacturingLocation", &self.manufacturing_location),
        ]
    }

    fn form(&self, refusal: Option<&BadInput>) -> ProductForm {
        let [name, sku, category, description, manufacturing_location] = self
            .fields()
            .map(|(name, value)| field(name, value, refusal));
        let missing = required("name", &self.name);
        ProductForm {
            name: if missing.error.is_some() {
                missing
            } else {
                name
            },
            sku,
            category,
            description,
            manufacturing_location,
        }
    }
}
