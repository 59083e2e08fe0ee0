//! A brand's keys: rotated, revoked, and the one before for a while.

use reqwest::Method;
use serde_json::json;

use crate::http::site::{Answer, Brand, Site, text};

#[tokio::test]
async fn a_rotated_key_counts_at_once_and_the_one_before_until_it_is_revoked() {
    let site = Site::start().await;
    let first = site.brand("Maison").await;
    let path = format!("/api/products/list?brandId={}", first.id);
    let body = json!({ "brandId": first.id, "graceHours": 2 });
    let answer = site.post_as(&first, "/api/brands/keys/rotate", &body).await;
    let rotated = answer.ok();
    assert_eq!(answer.header("cache-control"), "no-store");
    let second = Brand {
        id: first.id.clone(),
        key: text(&rotated["apiKey"]),
    };
    assert_ne!(first.key, second.key);
    site.get_as(&first, &path).await.ok();
    site.get_as(&second, &path).await.ok();

    let keys = format!("/api/brands/keys?brandId={}", first.id);
    let listed = site.get_as(&second, &keys).await.ok();
    assert_eq!(listed["count"], 2);
    assert_eq!(listed["keys"][0]["present"], true);
    assert_eq!(text(&listed["keys"][0]["prefix"]), second.key[..12]);
    assert_eq!(listed["keys"][1]["until"], rotated["previousUntil"]);
    assert!(!listed.to_string().contains(&second.key));

    let body = json!({ "brandId": first.id, "prefix": first.key[..12] });
    site.post_as(&second, "/api/brands/keys/revoke", &body)
        .await
        .ok();
    site.get_as(&first, &path).await.error(401);
    site.get_as(&second, &path).await.ok();
    let body = json!({ "brandId": first.id, "prefix": second.key[..12] });
    let error = site
        .post_as(&second, "/api/brands/keys/revoke", &body)
        .await
        .error(409);
    assert!(error.contains("graceHours"), "{error}");

    let body = json!({ "brandId": first.id, "graceHours": 0 });
    let third = site
        .post_as(&second, "/api/brands/keys/rotate", &body)
        .await
        .ok();
    assert!(third["previousUntil"].is_null());
    site.get_as(&second, &path).await.error(401);
}

#[tokio::test]
async fn a_key_that_was_rotated_twice_counts_no_longer_and_sessions_end_with_their_key() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let form = format!("key={}", brand.key);
    let request = site.request(Method::POST, "/dashboard/signin").body(form);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let cookie = Answer::of(request).await.cookie();
    let stats = format!("/api/brands/stats?brandId={}", brand.id);
    let with_cookie = || site.request(Method::GET, &stats).header("cookie", &cookie);
    Answer::of(with_cookie()).await.ok();
    let body = json!({ "brandId": brand.id });
    let second = site
        .post_as(&brand, "/api/brands/keys/rotate", &body)
        .await
        .ok();
    Answer::of(with_cookie()).await.error(401);
    let second = Brand {
        id: brand.id.clone(),
        key: text(&second["apiKey"]),
    };
    site.post_as(&second, "/api/brands/keys/rotate", &body)
        .await
        .ok();
    site.get_as(&second, &stats).await.ok();
    site.get_as(&brand, &stats).await.error(401);
    for wrong in [json!(-1), json!(721), json!("2"), json!(1.5)] {
        let body = json!({ "brandId": brand.id, "graceHours": wrong });
        let error = site
            .post_as(&second, "/api/brands/keys/rotate", &body)
            .await
            .error(400);
        assert!(error.contains("graceHours"), "{error}");
    }
}

#[tokio::test]
async fn of_keys_that_are_rotated_at_once_each_one_given_last_counts() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let body = json!({ "brandId": brand.id });
    let rotations = (0..8).map(|_| site.post_as(&brand, "/api/brands/keys/rotate", &body));
    let mut given = Vec::new();
    for answer in futures_of(rotations).await {
        // Whoever comes after the second one has a key that counts no longer.
        if answer.status == 200 {
            given.push(text(&answer.json()["apiKey"]));
        } else {
            answer.error(401);
        }
    }
    let stats = format!("/api/brands/stats?brandId={}", brand.id);
    let mut counting = 0;
    for key in given {
        let own = Brand {
            id: brand.id.clone(),
            key,
        };
        counting += usize::from(site.get_as(&own, &stats).await.status == 200);
    }
    assert!((1..=2).contains(&counting), "{counting}");
}

async fn futures_of<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<_> = futures.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(move |cx| {
        waiting.retain_mut(|future| match future.as_mut().poll(cx) {
            std::task::Poll::Ready(value) => {
                done.push(value);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() {
            std::task::Poll::Ready(std::mem::take(&mut done))
        } else {
            std::task::Poll::Pending
        }
    })
    .await
}
