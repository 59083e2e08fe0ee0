//! How often somebody may ask.

use genuproof::limits::RateLimits;
use reqwest::Method;

use crate::http::site::{Answer, Site};

async fn bounded() -> Site {
    Site::with(|settings| {
        settings.rate_limits = RateLimits {
            per_minute: 60,
            burst: 5,
            loopback_is_exempt: false,
        };
    })
    .await
}

#[tokio::test]
async fn who_asks_too_often_waits_and_verification_works_for_others() {
    let site = bounded().await;
    let ask = |address: &'static str| {
        let path = "/api/products/verify?code=AAAAAAAAAAAA";
        let request = site
            .request(Method::GET, path)
            .header("x-forwarded-for", address);
        Answer::of(request)
    };
    for _ in 0..5 {
        ask("203.0.113.1").await.error(404);
    }
    let told = ask("203.0.113.1").await;
    told.error(429);
    let wait: u64 = told.header("retry-after").parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    ask("203.0.113.2").await.error(404);
    for address in [
        "2001:db8::1",
        "2001:db8::2",
        "2001:db8::3",
        "2001:db8::4",
        "2001:db8::5",
    ] {
        ask(address).await.error(404);
    }
    ask("2001:db8::6").await.error(429);
}

#[tokio::test]
async fn a_key_has_a_limit_of_its_own_and_guessing_keys_is_no_way_around_it() {
    let site = bounded().await;
    let brand = site.brand("Maison").await;
    let path = format!("/api/brands/stats?brandId={}", brand.id);
    let ask = |key: &str, address: &'static str| {
        let request = site
            .request(Method::GET, &path)
            .header("x-forwarded-for", address);
        Answer::of(request.header("x-api-key", key))
    };
    for _ in 0..5 {
        ask(&brand.key, "203.0.113.1").await.ok();
    }
    ask(&brand.key, "203.0.113.9").await.error(429);
    for number in 0..5 {
        ask(&format!("guess-{number}"), "203.0.113.2")
            .await
            .error(401);
    }
    ask("guess-6", "203.0.113.2").await.error(429);
}

#[tokio::test]
async fn this_machine_asks_as_often_as_it_likes_unless_told_otherwise() {
    let site = Site::with(|settings| settings.rate_limits.burst = 1).await;
    for _ in 0..50 {
        site.get("/api/health").await.ok();
    }
}
