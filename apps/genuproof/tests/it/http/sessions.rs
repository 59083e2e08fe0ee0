//! Signing in and out, and what a session's cookie may.

use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::http::site::{Answer, Site, encoded, text};

fn form(site: &Site, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
    let body = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect::<Vec<_>>()
        .join("&");
    site.request(Method::POST, path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}

/// The token of the forms on a page.
fn token(html: &str) -> String {
    let (_, rest) = html.split_once("name=\"csrf\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn page(site: &Site, cookie: &str) -> String {
    let request = site.request(Method::GET, "/dashboard");
    Answer::of(request.header("cookie", cookie)).await.text()
}

#[tokio::test]
async fn a_key_is_exchanged_for_a_session_that_ends() {
    let site = Site::start().await;
    let brand = site.brand("Maison & Fils").await;
    let wrong = Answer::of(form(&site, "/dashboard/signin", &[("key", "gpk_wrong")])).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text().contains("No brand has this key"));
    assert!(
        !wrong.text().contains("gpk_wrong"),
        "what was typed is not repeated"
    );

    let answer = Answer::of(form(&site, "/dashboard/signin", &[("key", &brand.key)])).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (303, "/dashboard")
    );
    let set = answer.header("set-cookie");
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Lax") && !set.contains("Secure"),
        "{set}"
    );
    let cookie = answer.cookie();
    let html = page(&site, &cookie).await;
    assert!(html.contains("Maison &amp; Fils") && html.contains("Register a product"));

    let token = token(&html);
    let out = |fields: &[(&str, &str)]| {
        form(&site, "/dashboard/signout", fields).header("cookie", &cookie)
    };
    assert_eq!(Answer::of(out(&[])).await.status, 403);
    assert_eq!(Answer::of(out(&[("csrf", "nonsense")])).await.status, 403);
    let ended = Answer::of(out(&[("csrf", &token)])).await;
    assert_eq!(ended.status, 303);
    assert!(ended.header("set-cookie").contains("Max-Age=0"));

    let last = if cookie.ends_with('x') { 'y' } else { 'x' };
    let altered = format!("{}{last}", &cookie[..cookie.len() - 1]);
    assert!(page(&site, &altered).await.contains("Sign in"));
}

#[tokio::test]
async fn a_new_brands_creator_is_signed_in_and_shown_the_key() {
    let site = Site::start().await;
    let fields = [
        ("name", "Maison"),
        ("domain", "maison.example"),
        ("industry", "fashion"),
    ];
    let answer = Answer::of(form(&site, "/dashboard/brands", &fields)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let html = answer.text();
    let start = html.find("gpk_").unwrap();
    let key: String = html[start..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    assert!(
        page(&site, &answer.cookie())
            .await
            .contains("Register a product")
    );
    let brands = site.get("/api/brands/list").await.ok();
    let id = text(&brands["brands"][0]["id"]);
    let stats = site.request(Method::GET, &format!("/api/brands/stats?brandId={id}"));
    Answer::of(stats.bearer_auth(key)).await.ok();

    let wrong = [
        ("name", " "),
        ("domain", &*"d".repeat(300)),
        ("industry", ""),
    ];
    let answer = Answer::of(form(&site, "/dashboard/brands", &wrong)).await;
    assert_eq!(answer.status, 400);
    let html = answer.text();
    assert!(
        html.contains("Fill in the name.") && html.contains("aria-invalid"),
        "{html}"
    );
    assert_eq!(site.get("/api/brands/list").await.ok()["count"], 1);
}

#[tokio::test]
async fn a_cookie_changes_something_only_with_a_proof_that_our_page_sent_it() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let other = site.brand("Other").await;
    let signed_in = Answer::of(form(&site, "/dashboard/signin", &[("key", &brand.key)])).await;
    let cookie = signed_in.cookie();
    let token = token(&page(&site, &cookie).await);
    let register = |name: &str| {
        site.request(Method::POST, "/api/products/register")
            .header("cookie", &cookie)
            .json(&json!({ "brandId": brand.id, "name": name }))
    };
    Answer::of(register("a")).await.error(403);
    Answer::of(register("a").header("x-csrf-token", "nonsense"))
        .await
        .error(403);
    let foreign = register("a").header("origin", "https://evil.example");
    Answer::of(foreign).await.error(403);
    let foreign = register("a").header("sec-fetch-site", "cross-site");
    Answer::of(foreign).await.error(403);
    assert_eq!(
        site.get(&format!("/api/brands?id={}", brand.id)).await.ok()["productCount"],
        0
    );
    Answer::of(register("a").header("x-csrf-token", &token))
        .await
        .ok();
    Answer::of(register("b").header("sec-fetch-site", "same-origin"))
        .await
        .ok();

    let read = |id: &str| {
        site.request(Method::GET, &format!("/api/products/list?brandId={id}"))
            .header("cookie", &cookie)
    };
    Answer::of(read(&brand.id)).await.ok();
    Answer::of(read(&other.id)).await.error(403);

    let form_of = |token: &str, name: &str| {
        form(
            &site,
            "/dashboard/products",
            &[("csrf", token), ("name", name)],
        )
        .header("cookie", &cookie)
    };
    assert_eq!(Answer::of(form_of("nonsense", "c")).await.status, 403);
    let done = Answer::of(form_of(&token, "c")).await;
    assert_eq!(done.status, 303);
    assert!(
        done.header("location")
            .starts_with("/dashboard?registered=")
    );
    let request = site.request(Method::GET, done.header("location"));
    let html = Answer::of(request.header("cookie", &cookie)).await.text();
    assert!(html.contains("c is registered"));
    let again = Answer::of(form_of(&token, "c")).await;
    assert_eq!(again.status, 409);
    assert!(again.text().contains("already exists"));
    let empty = Answer::of(form_of(&token, "")).await;
    assert_eq!(empty.status, 400);
    assert!(empty.text().contains("Fill in the name."));
    let stranger = Answer::of(form(&site, "/dashboard/products", &[("name", "d")])).await;
    assert_eq!(
        (stranger.status.as_u16(), stranger.header("location")),
        (303, "/dashboard")
    );
}

#[tokio::test]
async fn other_sites_cannot_sign_anybody_in_or_scan_in_their_name() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Watch").await;
    let code = text(&product["verificationCode"]);
    let scan = format!("/verify/{code}/scan");
    for (path, fields) in [
        ("/dashboard/signin", vec![("key", brand.key.as_str())]),
        (
            "/dashboard/brands",
            vec![("name", "x"), ("domain", "x"), ("industry", "x")],
        ),
        (scan.as_str(), vec![]),
    ] {
        let foreign = form(&site, path, &fields).header("origin", "https://evil.example");
        let answer = Answer::of(foreign).await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.header("set-cookie").is_empty());
    }
    let found = site
        .get(&format!("/api/products/search?code={code}"))
        .await
        .ok();
    assert_eq!(found["product"]["scanCount"], 0);
}
