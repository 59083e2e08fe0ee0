//! `POST /dashboard/brands`: a new brand, whose creator is signed in and shown the key.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use keyfold_web::body::FormBody;
use keyfold_web::csrf;
use keyfold_web::error::Failure;
use serde::Deserialize;

use super::form::{body, field, required};
use super::sign_in::open;
use crate::app::App;
use crate::domain::input::{BadInput, CreateBrand};
use crate::pages::SignedIn;
use crate::pages::dashboard::{BrandForm, NewKeyPage, SignInPage};
use crate::routes::{Access, Route};

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    name: String,
    #[serde(default)]
    domain: String,
    #[serde(default)]
    industry: String,
}

pub fn route() -> Route {
    Route::action("/dashboard/brands", Access::Public, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    csrf::check_anonymous(&headers)?;
    let fields = typed.fields();
    let wanted = match CreateBrand::parse(&body(&fields)) {
        Ok(wanted) => wanted,
        Err(refusal) => {
            let page = SignInPage {
                brand: typed.refused(&refusal),
                ..SignInPage::default()
            };
            return Ok((StatusCode::BAD_REQUEST, page.render(&app.site)).into_response());
        }
    };
    let new = app.store.create_brand(wanted).await?;
    let (session, cookie) = open(&app, &new.brand)?;
    let page = NewKeyPage {
        signed_in: SignedIn {
            brand_name: new.brand.name,
            csrf: app.sessions.csrf_token(&session),
        },
        api_key: new.api_key.reveal().to_owned(),
    };
    Ok(([(SET_COOKIE, cookie)], page.render(&app.site)).into_response())
}

impl Typed {
    fn fields(&self) -> [(&'static str, &str); 3] {
        [
            ("name", &self.name),
            ("domain", &self.domain),
            ("industry", &self.industry),
        ]
    }

    fn refused(&self, refusal: &BadInput) -> BrandForm {
        let [name, domain, industry] = self.fields().map(|(name, value)| {
            let missing = required(name, value);
            if missing.error.is_some() {
                missing
            } else {
                field(name, value, Some(refusal))
            }
        });
        BrandForm {
            name,
            domain,
            industry,
        }
    }
}
