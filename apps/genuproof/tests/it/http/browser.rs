//! From the dashboard to the verdict, in headless Chromium.

use std::time::Duration;

use fantoccini::Locator;
use keyfold_testkit::browser::{Browser, ColorScheme};

use crate::http::site::{Site, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_registered_in_the_dashboard_and_verified_by_whoever_opens_its_page() {
    let site = Site::start().await;
    let browser = Browser::start().await.unwrap();
    let client = browser.client();
    browser.open(&site.url("/dashboard")).await.unwrap();
    keep(&browser, "sign-in").await;
    fill(&browser, "name", "Maison Verrault").await;
    fill(&browser, "domain", "maison.example").await;
    fill(&browser, "industry", "Fashion").await;
    press(&browser, "Create brand").await;
    arrived(&browser, "Keep this key").await;
    press(&browser, "I have kept it: open the dashboard").await;
    arrived(&browser, "Register a product").await;
    fill(&browser, "name", "Field watch 38").await;
    fill(&browser, "sku", "FW-38").await;
    fill(&browser, "category", "Watches").await;
    fill(&browser, "manufacturingLocation", "Besançon, France").await;
    press(&browser, "Register product").await;
    arrived(&browser, "Field watch 38 is registered").await;
    keep(&browser, "dashboard").await;

    press(&browser, "Open its certificate").await;
    arrived(&browser, "Authentic").await;
    let recorded = Locator::XPath("//p[contains(., 'This is the first recorded scan')]");
    let wait = client.wait().at_most(Duration::from_secs(20));
    wait.for_element(recorded).await.unwrap();
    let page = client
        .find(Locator::Css("main"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for part in [
        "Field watch 38",
        "by Maison Verrault",
        "Journey",
        "Manufactured",
        "Besançon, France",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let journey = client.find(Locator::Css(".timeline")).await.unwrap();
    assert!(journey.is_displayed().await.unwrap());
    let total = client.find(Locator::Id("total-scans")).await.unwrap();
    assert_eq!(total.text().await.unwrap(), "1");
    keep(&browser, "certificate").await;

    let brands = site.get("/api/brands/list").await.ok();
    let id = text(&brands["brands"][0]["id"]);
    let url = client.current_url().await.unwrap();
    let code = url.path().rsplit('/').next().unwrap().to_owned();
    let count = async || {
        let found = site
            .get(&format!("/api/products/search?code={code}"))
            .await
            .ok();
        let brand = site.get(&format!("/api/brands?id={id}")).await.ok();
        assert_eq!(found["product"]["scanCount"], brand["scanCount"]);
        found["product"]["scanCount"].as_u64().unwrap()
    };
    assert_eq!(count().await, 1, "exactly one scan was recorded");

    press(&browser, "QR certificate").await;
    arrived(&browser, "Field watch 38").await;
    let loaded =
        "const image = document.querySelector('img'); return image.complete && image.naturalWidth";
    let width = client.execute(loaded, Vec::new()).await.unwrap();
    assert_eq!(width, 400, "the QR code is shown");
    keep(&browser, "diploma").await;
    assert_eq!(count().await, 1, "the page to print records none");

    browser
        .open(&site.url("/verify/AAAAAAAAAAAA"))
        .await
        .unwrap();
    arrived(&browser, "No product has this code").await;
    keep(&browser, "unknown").await;
    browser.open(&site.url("/")).await.unwrap();
    keep(&browser, "home").await;
    let errors = browser.console_errors().await.unwrap();
    let others: Vec<_> = errors
        .iter()
        .filter(|error| !error.contains("404 (Not Found)"))
        .collect();
    assert!(others.is_empty(), "{others:?}");
    browser.close().await.unwrap();
}

/// Types into a field of the dashboard's forms, or chooses there.
async fn fill(browser: &Browser, name: &str, value: &str) {
    let field = ["products", "brands"]
        .map(|form| format!("form[action='/dashboard/{form}'] [name={name}]"))
        .join(", ");
    let field = browser.client().find(Locator::Css(&field)).await.unwrap();
    field.send_keys(value).await.unwrap();
}

/// Presses the button or follows the link with this text.
async fn press(browser: &Browser, text: &str) {
    let place = format!("//button[normalize-space()='{text}'] | //a[normalize-space()='{text}']");
    let button = browser.client().find(Locator::XPath(&place)).await.unwrap();
    button.click().await.unwrap();
}

/// Waits for a title with this text.
async fn arrived(browser: &Browser, text: &str) {
    let place = format!("//*[self::h1 or self::h2][contains(., '{text}')]");
    let wait = browser.client().wait().at_most(Duration::from_secs(20));
    wait.for_element(Locator::XPath(&place)).await.unwrap();
}

/// Pictures of the page as it is, at both widths.
async fn keep(browser: &Browser, name: &str) {
    for (width, scheme) in [(360, ColorScheme::Dark), (1280, ColorScheme::Light)] {
        browser.size(width, 800).await.unwrap();
        browser.color_scheme(scheme).await.unwrap();
        browser
            .screenshot(&format!("genuproof/live/{name}-{width}"))
            .await
            .unwrap();
        assert_eq!(
            browser.sideways_px().await.unwrap(),
            0,
            "{name} scrolls sideways at {width} px"
        );
    }
}
