//! From the dashboard to the verdict, in headless Chromium.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use fantoccini::Locator;
use keyfold_testkit::browser::{Browser, ColorScheme};

use genuproof::server;
use genuproof::settings::{Settings, Storage};
use serde_json::json;

use crate::http::site::{Site, settings, text};

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
    assert!(
        client.find(Locator::Id("owner")).await.is_err(),
        "a brand claims nothing of its own"
    );
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

#[tokio::test(flavor = "multi_thread")]
async fn scans_from_three_countries_are_an_alert_on_the_open_dashboard_also_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let start = async |listen| start_on(folder.path(), listen).await;
    let site = start(([127, 0, 0, 1], 0).into()).await;
    let address = site.running.address;
    let brand = site.brand("Maison Verrault").await;
    let mut products = Vec::new();
    for name in ["Field watch 38", "Diver 41", "Strap, calf leather", "Clasp"] {
        products.push(site.product(&brand, name).await);
    }
    let browser = Browser::start().await.unwrap();
    let client = browser.client();
    browser.open(&site.url("/dashboard")).await.unwrap();
    let field = client.find(Locator::Css("[name=key]")).await.unwrap();
    let key_and_enter = format!("{}\u{e007}", brand.key);
    field.send_keys(&key_and_enter).await.unwrap();
    arrived(&browser, "Maison Verrault").await;
    let wait = || client.wait().at_most(Duration::from_secs(20));
    let live = Locator::Css("[data-live-state=live]");
    wait().for_element(live).await.unwrap();
    keep(&browser, "dashboard-quiet").await;
    // What would be gone after a reload.
    client
        .execute("window.stays = true", Vec::new())
        .await
        .unwrap();

    site.scan_around(&products[0]).await;
    let alerts = async |count: usize| {
        let place = format!("//li[@data-alert and count(../li)={count}]");
        wait().for_element(Locator::XPath(&place)).await.unwrap();
        let rows = client
            .find_all(Locator::Css("[data-live-list] > li"))
            .await
            .unwrap();
        let mut texts = Vec::new();
        for row in rows {
            texts.push(row.text().await.unwrap());
        }
        texts
    };
    let shown = alerts(1).await;
    for part in [
        "High",
        "Scanned in many countries",
        "Field watch 38",
        "DE, FR, NG",
        "São Paulo, NG",
    ] {
        assert!(shown[0].contains(part), "{part}: {shown:?}");
    }
    for (number, of) in [(1, "unresolvedThreats"), (3, "scanCount")] {
        let place = format!("//dd[@data-live-number='{of}' and .='{number}']");
        wait().for_element(Locator::XPath(&place)).await.unwrap();
    }

    // While the list is read, new ones wait.
    let list = client
        .find(Locator::Css("[data-live-list] a"))
        .await
        .unwrap();
    client
        .execute(
            "arguments[0].focus()",
            vec![serde_json::to_value(&list).unwrap()],
        )
        .await
        .unwrap();
    site.scan_around(&products[1]).await;
    let show = Locator::XPath("//button[.='Show 1 new alert']");
    let show = wait().for_element(show).await.unwrap();
    assert_eq!(alerts(1).await.len(), 1);
    show.click().await.unwrap();
    assert!(alerts(2).await[0].contains("Diver 41"));
    keep(&browser, "dashboard-alerts").await;

    site.stop().await;
    let lost = Locator::Css("[data-live-state=lost]");
    wait().for_element(lost).await.unwrap();
    let site = start(address).await;
    // Before the browser is back.
    site.scan_around(&products[2]).await;
    wait().for_element(live).await.unwrap();
    site.scan_around(&products[3]).await;
    let shown = alerts(4).await;
    for (row, product) in shown.iter().zip(["Clasp", "Strap", "Diver", "Field"]) {
        assert!(row.contains(product), "{shown:?}");
    }
    site.running.caught_up().await;
    assert_eq!(alerts(4).await.len(), 4, "none is repeated");
    let stays = client
        .execute("return window.stays", Vec::new())
        .await
        .unwrap();
    assert_eq!(stays, true, "the page was never loaded again");

    look_around(&browser, &site).await;
    let errors = browser.console_errors().await.unwrap();
    let others: Vec<_> = errors
        .iter()
        .filter(|error| !error.contains("/api/stream"))
        .collect();
    assert!(others.is_empty(), "{others:?}");
    browser.close().await.unwrap();
    site.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_claims_a_product_and_another_one_disputes_it() {
    let site = Site::start().await;
    let brand = site.brand("Maison Verrault").await;
    let product = site.product(&brand, "Field watch 38").await;
    let code = text(&product["verificationCode"]);
    let browser = Browser::start().await.unwrap();
    let client = browser.client();
    let certificate = site.url(&format!("/verify/{code}"));
    browser.open(&certificate).await.unwrap();
    let open = async |summary: &str| {
        let place = format!("//summary[.='{summary}']");
        client
            .find(Locator::XPath(&place))
            .await
            .unwrap()
            .click()
            .await
            .unwrap();
    };
    open("Claim this product").await;
    let typed = async |name: &str, value: &str| {
        let place = format!("#owner [name={name}]");
        client
            .find(Locator::Css(&place))
            .await
            .unwrap()
            .send_keys(value)
            .await
            .unwrap();
    };
    typed("consumerName", "Jane Doe").await;
    typed("email", "jane").await;
    keep(&browser, "claim").await;
    press(&browser, "Claim it").await;
    let wait = || client.wait().at_most(Duration::from_secs(20));
    let wrong =
        Locator::XPath("//p[contains(@class, 'wrong') and contains(., 'must be an address')]");
    wait().for_element(wrong).await.unwrap();
    typed("email", "@mail.example").await;
    press(&browser, "Claim it").await;
    let yours = Locator::XPath("//section[@id='owner']//p[contains(., 'It is yours')]");
    wait().for_element(yours).await.unwrap();
    keep(&browser, "claimed").await;

    // Another device: the claim is that of an address and a browser.
    let agent = json!({ "userAgent": "Another browser" });
    browser
        .cdp("Emulation.setUserAgentOverride", agent)
        .await
        .unwrap();
    browser.open(&certificate).await.unwrap();
    let warned = Locator::XPath("//li[contains(., 'registered to another consumer')]");
    wait().for_element(warned).await.unwrap();
    open("It is mine: dispute the claim").await;
    typed("orderNumber", "O-7").await;
    press(&browser, "Open a dispute").await;
    let opened = Locator::XPath("//section[@id='owner']//p[contains(., 'Your dispute is open')]");
    wait().for_element(opened).await.unwrap();
    keep(&browser, "disputed").await;
    site.running.caught_up().await;
    let mut kinds: Vec<_> = site
        .threats(&brand)
        .await
        .iter()
        .map(|threat| text(&threat["type"]))
        .collect();
    kinds.sort();
    assert_eq!(kinds, ["claimed_product_scan", "ownership_dispute"]);
    browser.close().await.unwrap();
}

/// A server on a folder.
async fn start_on(folder: &Path, listen: SocketAddr) -> Site {
    let storage = Storage::Folder(folder.to_owned());
    let settings = Settings {
        listen,
        ..settings(storage)
    };
    Site::on(server::start(settings).await.unwrap())
}

/// Resolves an alert and looks at the pages beside the dashboard.
async fn look_around(browser: &Browser, site: &Site) {
    let client = browser.client();
    let wait = || client.wait().at_most(Duration::from_secs(20));
    let live = Locator::Css("[data-live-state=live]");
    press(browser, "Resolve: Scanned in many countries, Clasp").await;
    let done = Locator::Css(".alert.done");
    wait().for_element(done).await.unwrap();
    press(browser, "All alerts").await;
    arrived(browser, "Alerts").await;
    wait().for_element(live).await.unwrap();
    keep(browser, "alerts").await;
    browser.open(&site.url("/explore")).await.unwrap();
    arrived(browser, "Explore").await;
    keep(browser, "explore").await;
    press(browser, "Field watch 38").await;
    arrived(browser, "For your brand").await;
    let fold = Locator::XPath("//summary[starts-with(., 'Scans')]");
    client.find(fold).await.unwrap().click().await.unwrap();
    keep(browser, "product").await;
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
pub async fn press(browser: &Browser, text: &str) {
    let place = format!("//button[normalize-space()='{text}'] | //a[normalize-space()='{text}']");
    let button = browser.client().find(Locator::XPath(&place)).await.unwrap();
    button.click().await.unwrap();
}

/// Waits for a title with this text.
pub async fn arrived(browser: &Browser, text: &str) {
    let place = format!("//*[self::h1 or self::h2][contains(., '{text}')]");
    let wait = browser.client().wait().at_most(Duration::from_secs(20));
    wait.for_element(Locator::XPath(&place)).await.unwrap();
}

/// Pictures of the page as it is, at both widths.
pub async fn keep(browser: &Browser, name: &str) {
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
