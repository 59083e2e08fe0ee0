//! The main job of each page beside the dashboard, done in headless Chromium.

use std::time::Duration;

use fantoccini::Locator;
use keyfold_testkit::browser::Browser;
use serde_json::json;

use crate::http::browser::{arrived, keep, press};
use crate::http::receiver::Receiver;
use crate::http::site::{Brand, Site, text};

async fn signed_in(browser: &Browser, site: &Site, brand: &Brand) {
    browser.open(&site.url("/dashboard")).await.unwrap();
    let field = browser
        .client()
        .find(Locator::Css("[name=key]"))
        .await
        .unwrap();
    field
        .send_keys(&format!("{}\u{e007}", brand.key))
        .await
        .unwrap();
    arrived(browser, "Maison").await;
}

async fn fill(browser: &Browser, form: &str, name: &str, value: &str) {
    let place = format!("form[action='{form}'] [name={name}]");
    let field = browser.client().find(Locator::Css(&place)).await.unwrap();
    field.send_keys(value).await.unwrap();
}

async fn seen(browser: &Browser, text: &str) {
    let place = format!("//main//*[contains(normalize-space(.), \"{text}\")]");
    let wait = browser.client().wait().at_most(Duration::from_secs(20));
    wait.for_element(Locator::XPath(&place)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brand_simulates_a_journey_connects_a_source_and_sends_a_test_event() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let browser = Browser::start().await.unwrap();
    signed_in(&browser, &site, &brand).await;
    browser.open(&site.url("/integrations")).await.unwrap();
    fill(
        &browser,
        "/integrations/simulate",
        "productName",
        "Chronograph",
    )
    .await;
    fill(
        &browser,
        "/integrations/simulate",
        "journey",
        "Luxury Watch",
    )
    .await;
    press(&browser, "Simulate").await;
    arrived(&browser, "Chronograph has travelled").await;
    seen(&browser, "Fifth Avenue Boutique").await;
    keep(&browser, "simulated").await;
    press(&browser, "Verify it").await;
    arrived(&browser, "Authentic").await;

    browser.open(&site.url("/integrations")).await.unwrap();
    fill(&browser, "/integrations/connect", "type", "FedEx").await;
    press(&browser, "Connect").await;
    arrived(&browser, "Connected").await;
    seen(&browser, "/api/ingest/shipping").await;
    fill(&browser, "/integrations/test", "productId", "Chronograph").await;
    fill(&browser, "/integrations/test", "feed", "Shipping").await;
    press(&browser, "Send").await;
    arrived(&browser, "The event is in the chain").await;
    keep(&browser, "test-event").await;
    browser.open(&site.url("/integrations")).await.unwrap();
    fill(
        &browser,
        "/integrations/simulate",
        "productName",
        "Chronograph",
    )
    .await;
    fill(
        &browser,
        "/integrations/simulate",
        "journey",
        "Luxury Watch",
    )
    .await;
    press(&browser, "Simulate").await;
    arrived(&browser, "Nothing was written").await;
    let status = site
        .get_as(
            &brand,
            &format!("/api/integrations/status?brandId={}", brand.id),
        )
        .await
        .ok();
    assert_eq!(status["integrations"]["configured"][0]["eventCount"], 1);
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brand_makes_a_new_key_and_a_webhook_and_stays_signed_in() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let receiver = Receiver::start(|_, _| (200, String::new())).await;
    let browser = Browser::start().await.unwrap();
    signed_in(&browser, &site, &brand).await;
    press(&browser, "Keys and webhooks").await;
    arrived(&browser, "API keys").await;
    press(&browser, "Make a new key").await;
    arrived(&browser, "Your new key").await;
    let shown = browser
        .client()
        .find(Locator::Id("made"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let own = Brand {
        id: brand.id.clone(),
        key: shown,
    };
    let path = format!("/api/brands/stats?brandId={}", brand.id);
    site.get_as(&own, &path).await.ok();
    site.get_as(&brand, &path).await.ok();
    keep(&browser, "new-key").await;
    press(&browser, "End it now").await;
    arrived(&browser, "API keys").await;
    site.get_as(&brand, &path).await.error(401);

    fill(
        &browser,
        "/dashboard/webhooks",
        "url",
        "http://169.254.169.254/",
    )
    .await;
    press(&browser, "Add webhook").await;
    seen(&browser, "leads to an address that is not delivered to").await;
    let field = browser
        .client()
        .find(Locator::Css("[name=url]"))
        .await
        .unwrap();
    field.clear().await.unwrap();
    field.send_keys(&receiver.url("/hook")).await.unwrap();
    press(&browser, "Add webhook").await;
    arrived(&browser, "The secret of the new webhook").await;
    let product = site.product(&own, "Watch").await;
    site.get(&format!(
        "/api/products/verify?code={}",
        text(&product["verificationCode"])
    ))
    .await
    .ok();
    receiver.got(1).await;
    browser.open(&site.url("/dashboard/keys")).await.unwrap();
    keep(&browser, "keys").await;
    press(&browser, "Delete").await;
    arrived(&browser, "Webhooks").await;
    let hooks = site
        .get_as(&own, &format!("/api/webhooks?brandId={}", brand.id))
        .await
        .ok();
    assert_eq!(hooks["webhooks"], json!([]));
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_logs_status_prices_and_comparison_show_what_there_is() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Field watch").await;
    site.scan_around(&product).await;
    site.running.caught_up().await;
    let code = text(&product["verificationCode"]);
    let browser = Browser::start().await.unwrap();
    for (path, title, part) in [
        ("/analytics", "Analytics", "Scans of the last seven days"),
        ("/audit", "Audit", "verification scan"),
        ("/status", "Status", "Everything answers"),
        ("/pricing", "Pricing", "$299 a month"),
        ("/docs", "API", "/api/products/verify"),
        ("/mcp", "MCP", "products_verify"),
        (
            &format!("/compare?a={code}&b=AAAAAAAAAAAA"),
            "Compare",
            "No product has this code",
        ),
    ] {
        browser.open(&site.url(path)).await.unwrap();
        arrived(&browser, title).await;
        seen(&browser, part).await;
        let name = path.split(['?', '/']).nth(1).unwrap();
        keep(&browser, name).await;
    }
    signed_in(&browser, &site, &brand).await;
    browser.open(&site.url("/ops-log")).await.unwrap();
    seen(&browser, "threat_detector").await;
    keep(&browser, "ops-log").await;
    browser.open(&site.url("/pricing")).await.unwrap();
    press(&browser, "Choose Business").await;
    arrived(&browser, "The plan Business").await;
    seen(&browser, "Nothing was changed").await;

    browser
        .open(&site.url(&format!("/embed/{code}")))
        .await
        .unwrap();
    let badge = browser
        .client()
        .find(Locator::Css(".badge.good"))
        .await
        .unwrap();
    assert!(badge.text().await.unwrap().contains("Verified Authentic"));
    let before = site
        .get(&format!("/api/products/search?code={code}"))
        .await
        .ok();
    assert_eq!(
        before["product"]["scanCount"], 3,
        "badge and comparison are no scans"
    );
    assert_eq!(
        browser.console_errors().await.unwrap(),
        Vec::<String>::new()
    );
    let framed = site.get(&format!("/embed/{code}")).await;
    assert!(
        framed
            .header("content-security-policy")
            .contains("frame-ancestors *")
    );
    assert_eq!(framed.header("x-frame-options"), "");
    assert_eq!(site.get("/embed/AAAAAAAAAAAA").await.status, 404);
    browser.close().await.unwrap();
}
