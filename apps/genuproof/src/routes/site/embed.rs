//! `GET /embed/{code}`: a badge for other people's sites. Showing it is no scan.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use keyfold_web::error::Failure;
use keyfold_web::headers::Framing;

use super::verify::of_code;
use crate::app::App;
use crate::pages::embed::{Badge, Says};
use crate::routes::request::{PathText, Visitor};
use crate::routes::{Access, Route};

pub fn route() -> Route {
    Route::page("/embed/{code}", Access::Public, get(handle))
}

async fn handle(
    State(app): State<App>,
    visitor: Visitor,
    PathText(code): PathText,
) -> Result<Response, Failure> {
    let looked = match of_code(&code) {
        Some(target) => app.store.verify(&target, visitor.caller(), None).await?,
        None => None,
    };
    let text = |stored: &crate::table::Text| stored.text().unwrap_or_default().to_owned();
    let (status, badge) = if let Some(looked) = looked {
        let says = if looked.verdict.authentic {
            Says::Authentic
        } else {
            Says::NotVerified
        };
        let (brand, name) = (&looked.product.brand_name, &looked.product.name);
        let product = format!("{} · {}", text(brand), text(name));
        (
            StatusCode::OK,
            Badge {
                code,
                says,
                product,
            },
        )
    } else {
        let badge = Badge {
            code: code.chars().take(64).collect(),
            says: Says::Unknown,
            product: String::new(),
        };
        (StatusCode::NOT_FOUND, badge)
    };
    let mut response = (status, badge.render(&app.site)).into_response();
    response.extensions_mut().insert(Framing::Anywhere);
    Ok(response)
}
