//! `GET /api/products/qr`, `GET /api/health`, and what every answer carries.

use genuproof::routes::{self, Kind};
use reqwest::Method;
use serde_json::json;

use crate::http::site::{Answer, Site, members};

#[tokio::test]
async fn a_qr_code_leads_to_the_verification_of_its_code() {
    let site = Site::start().await;
    let answer = site.get("/api/products/qr?code=-Pn6-_z9_v8B").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "image/png");
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let image = image::load_from_memory(&answer.body).unwrap().into_luma8();
    assert_eq!(image.dimensions(), (400, 400));
    assert_eq!(read(&image), site.url("/verify/-Pn6-_z9_v8B"));

    let by_id = site.get("/api/products/qr?productId=0011&format=png").await;
    let image = image::load_from_memory(&by_id.body).unwrap().into_luma8();
    assert_eq!(read(&image), site.url("/verify?pid=0011"));

    let svg = site
        .get("/api/products/qr?code=a%2F..%2Fb&format=svg")
        .await;
    assert_eq!(svg.header("content-type"), "image/svg+xml");
    assert!(svg.text().starts_with("<svg "));

    for query in ["", "?code=", "?code=x&format=gif", "?code=.."] {
        site.get(&format!("/api/products/qr{query}"))
            .await
            .error(400);
    }
    site.get(&format!("/api/products/qr?code={}", "x".repeat(65)))
        .await
        .error(400);
}

#[tokio::test]
async fn health_tells_the_true_numbers() {
    let site = Site::start().await;
    let health = site.get("/api/health").await.ok();
    assert_eq!(
        members(&health),
        [
            "endpoints",
            "pages",
            "services",
            "status",
            "timestamp",
            "version"
        ]
    );
    assert_eq!(
        members(&health["services"]),
        ["api", "database", "dbLatency"]
    );
    assert_eq!(health["status"], "operational");
    assert_eq!(health["services"]["database"], "healthy");
    assert!(
        health["services"]["dbLatency"]
            .as_str()
            .unwrap()
            .ends_with("ms")
    );
    let of = |kind| {
        routes::all()
            .iter()
            .filter(|route| route.kind == kind)
            .count()
    };
    assert_eq!(health["endpoints"], of(Kind::Endpoint));
    assert_eq!(health["pages"], of(Kind::Page));
    assert_eq!(
        (&health["endpoints"], &health["pages"]),
        (&json!(60), &json!(19))
    );
}

#[tokio::test]
async fn health_is_degraded_and_still_200_without_the_table() {
    let site = Site::start().await;
    let client = site.engine.past_faults().client();
    client
        .delete_table()
        .table_name("authentik")
        .send()
        .await
        .unwrap();
    let health = site.get("/api/health").await.ok();
    assert_eq!(health["status"], "degraded");
    assert_eq!(health["services"]["database"], "unhealthy");
    let answer = site.get("/api/brands/list").await;
    let error = answer.error(500);
    assert!(!error.contains("authentik"), "{error}");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let site = Site::start().await;
    for path in [
        "/",
        "/verify/unknown",
        "/api/health",
        "/api/nothing",
        "/nothing",
        "/assets/style.css",
    ] {
        let answer = site.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert!(!answer.header("referrer-policy").is_empty(), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("script-src 'self'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert!(answer.header("strict-transport-security").is_empty());
    }
}

#[tokio::test]
async fn unknown_paths_are_404_and_known_ones_say_which_method_they_answer() {
    let site = Site::start().await;
    site.get("/api/nothing").await.error(404);
    let page = site.get("/nothing").await;
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").starts_with("text/html"));
    let wrong = Answer::of(site.request(Method::DELETE, "/api/brands")).await;
    wrong.error(405);
    for method in ["GET", "POST"] {
        assert!(
            wrong.header("allow").contains(method),
            "{}",
            wrong.header("allow")
        );
    }
    site.get("/api/products/register").await.error(405);
}

fn read(image: &image::GrayImage) -> String {
    let side = |pixels: u32| usize::try_from(pixels).unwrap();
    let (width, height) = (side(image.width()), side(image.height()));
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        let at = |pixel: usize| u32::try_from(pixel).unwrap();
        image.get_pixel(at(x), at(y)).0[0]
    });
    prepared.detect_grids()[0].decode().unwrap().1
}
