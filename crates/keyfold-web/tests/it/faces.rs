use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use keyfold_web::error::{Failure, faced};
use keyfold_web::headers::{framed_anywhere, never_stored, secured};
use serde_json::{Value, json};

use crate::send;

fn router(https: bool) -> Router {
    let failing = || async {
        Err::<(), _>(
            Failure::conflict("the name already exists")
                .with("field", "name")
                .with_code("KF1002"),
        )
    };
    let badge = framed_anywhere(
        Router::new()
            .route("/badge", get(|| async { "badge" }))
            .route(
                "/badge/none",
                get(|| async { Failure::not_found("no such badge") }),
            ),
    );
    let private = never_stored(Router::new().route("/private", get(|| async { "mine" })));
    let router = Router::new()
        .route("/api/thing", get(failing))
        .route("/thing", get(failing))
        .route(
            "/busy",
            get(|| async { Failure::too_many("asked too often", 30) }),
        )
        .route("/api/panics", get(panics))
        .route("/panics", get(panics))
        .route("/apiary", get(failing))
        .merge(badge)
        .merge(private);
    secured(
        faced(router, |failure| {
            format!("<h1>{}</h1>{}", failure.status(), failure.message())
        }),
        https,
    )
}

async fn panics() -> &'static str {
    std::panic::panic_any("a customer's secret")
}

#[tokio::test]
async fn below_api_a_failure_is_json_and_elsewhere_a_page() {
    let router = router(false);
    let api = send(&router, "GET", "/api/thing", &[]).await;
    assert_eq!(
        (api.status, api.header("content-type")),
        (StatusCode::CONFLICT, "application/json")
    );
    let body: Value = serde_json::from_slice(&api.body).unwrap();
    assert_eq!(
        body,
        json!({ "error": "the name already exists", "field": "name", "code": "KF1002" })
    );
    for path in ["/thing", "/apiary"] {
        let page = send(&router, "GET", path, &[]).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (StatusCode::CONFLICT, "text/html; charset=utf-8")
        );
        assert_eq!(page.text(), "<h1>409 Conflict</h1>the name already exists");
    }
    let busy = send(&router, "GET", "/busy", &[]).await;
    assert_eq!(
        (busy.status, busy.header("retry-after")),
        (StatusCode::TOO_MANY_REQUESTS, "30")
    );
}

#[tokio::test]
async fn problem_details_go_to_who_asks_for_them() {
    let answer = send(
        &router(false),
        "GET",
        "/api/thing",
        &[("accept", "application/problem+json")],
    )
    .await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    let expect = json!({ "type": "urn:keyfold:error:KF1002", "title": "Conflict", "status": 409, "detail": "the name already exists", "field": "name" });
    assert_eq!(body, expect);
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_have_both_faces() {
    let router = router(false);
    for (method, path, status) in [
        ("GET", "/api/none", 404),
        ("DELETE", "/api/thing", 405),
        ("GET", "/none", 404),
        ("POST", "/thing", 405),
    ] {
        let answer = send(&router, method, path, &[]).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}");
        let kind = if path.starts_with("/api") {
            "application/json"
        } else {
            "text/html; charset=utf-8"
        };
        assert_eq!(answer.header("content-type"), kind, "{method} {path}");
        if status == 405 {
            assert_eq!(answer.header("allow"), "GET,HEAD", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_panic_is_a_500_that_repeats_nothing() {
    let router = router(false);
    for path in ["/api/panics", "/panics"] {
        let answer = send(&router, "GET", path, &[]).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(
            !answer.text().contains("secret") && answer.text().contains("our side"),
            "{}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn security_headers_are_on_every_answer() {
    let router = router(false);
    for path in ["/thing", "/api/none", "/panics", "/private"] {
        let answer = send(&router, "GET", path, &[]).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(
            answer.header("referrer-policy"),
            "strict-origin-when-cross-origin",
            "{path}"
        );
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
    }
    assert_eq!(
        send(&router, "GET", "/private", &[])
            .await
            .header("cache-control"),
        "no-store"
    );
}

#[tokio::test]
async fn a_badge_may_be_framed_and_https_is_remembered() {
    for path in ["/badge", "/badge/none"] {
        let badge = send(&router(true), "GET", path, &[]).await;
        assert_eq!(badge.header("x-frame-options"), "", "{path}");
        let policy = badge.header("content-security-policy");
        assert!(policy.contains("frame-ancestors *"), "{path}: {policy}");
        assert!(
            badge
                .header("strict-transport-security")
                .starts_with("max-age=")
        );
    }
}
