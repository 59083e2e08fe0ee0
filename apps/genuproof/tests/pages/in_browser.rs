//! Every page in headless Chromium: at both widths, light and dark, with and without scripts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fantoccini::Locator;
use keyfold_testkit::browser::{Browser, ColorScheme};

use crate::gallery;

#[tokio::test]
async fn every_page_fits_both_widths_and_says_nothing_on_the_console() {
    let address = gallery::serve(Arc::default()).await;
    let browser = Browser::start().await.unwrap();
    for sample in gallery::samples(&gallery::site(false)) {
        let name = &sample.name;
        for (width, height) in [(1280, 800), (360, 800)] {
            browser.size(width, height).await.unwrap();
            browser
                .open(&format!("http://{address}/{name}"))
                .await
                .unwrap();
            for (scheme, word) in [(ColorScheme::Light, "light"), (ColorScheme::Dark, "dark")] {
                browser.color_scheme(scheme).await.unwrap();
                browser
                    .screenshot(&format!("genuproof/{name}-{width}-{word}"))
                    .await
                    .unwrap();
            }
            assert_eq!(
                browser.sideways_px().await.unwrap(),
                0,
                "{name} scrolls sideways at {width} px"
            );
        }
        assert_eq!(
            browser.console_errors().await.unwrap(),
            Vec::<String>::new(),
            "{name}"
        );
    }
    browser.close().await.unwrap();
}

/// Needs axe-core's `axe.min.js` (from npm), named by `KEYFOLD_AXE`; without it there is nothing to run.
#[tokio::test]
async fn every_page_passes_the_accessibility_checker() {
    let Some(axe) = std::env::var_os("KEYFOLD_AXE") else {
        eprintln!("skipped: KEYFOLD_AXE does not name axe-core's axe.min.js");
        return;
    };
    let axe = std::fs::read_to_string(axe).unwrap();
    let address = gallery::serve(Arc::default()).await;
    let browser = Browser::start().await.unwrap();
    let mut found = Vec::new();
    for sample in gallery::samples(&gallery::site(false)) {
        for (width, scheme) in [
            (1280, ColorScheme::Light),
            (1280, ColorScheme::Dark),
            (360, ColorScheme::Light),
        ] {
            browser.size(width, 800).await.unwrap();
            browser.color_scheme(scheme).await.unwrap();
            browser
                .open(&format!("http://{address}/{}", sample.name))
                .await
                .unwrap();
            browser.settle().await.unwrap();
            let here = browser.accessibility(&axe).await.unwrap();
            found.extend(
                here.into_iter()
                    .map(|what| format!("{} at {width} px, {scheme:?}: {what}", sample.name)),
            );
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_certificate_records_one_scan_with_a_script_and_none_without() {
    let scans = Arc::new(AtomicUsize::new(0));
    let address = gallery::serve(Arc::clone(&scans)).await;
    let url = format!("http://{address}/certificate-0");
    let browser = Browser::start().await.unwrap();

    browser.scripts(false).await.unwrap();
    browser.client().goto(&url).await.unwrap();
    let text = browser.client().source().await.unwrap();
    assert!(
        text.contains("Authentic") && text.contains("12 scans so far"),
        "the verdict is there without a script"
    );
    assert_eq!(scans.load(Ordering::SeqCst), 0);

    browser.scripts(true).await.unwrap();
    browser.open(&url).await.unwrap();
    let recorded = Locator::XPath("//p[contains(., 'This scan was recorded')]");
    browser.client().wait().for_element(recorded).await.unwrap();
    let total = browser
        .client()
        .find(Locator::Id("total-scans"))
        .await
        .unwrap();
    assert_eq!(total.text().await.unwrap(), "13");
    assert_eq!(scans.load(Ordering::SeqCst), 1);
    browser.close().await.unwrap();
}

#[tokio::test]
async fn the_button_waits_for_a_code_and_the_theme_is_remembered() {
    let address = gallery::serve(Arc::default()).await;
    let browser = Browser::start().await.unwrap();
    browser
        .open(&format!("http://{address}/verify-0"))
        .await
        .unwrap();
    let client = browser.client();
    let button = client
        .find(Locator::Css("form[role=search] button"))
        .await
        .unwrap();
    assert!(!button.is_enabled().await.unwrap());
    client
        .find(Locator::Id("code"))
        .await
        .unwrap()
        .send_keys("x7Kp-2mQ_9aZ")
        .await
        .unwrap();
    assert!(button.is_enabled().await.unwrap());

    client
        .find(Locator::Css("[data-theme-switch]"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    browser
        .open(&format!("http://{address}/home-0"))
        .await
        .unwrap();
    let script = "return [document.documentElement.className, localStorage.getItem('genuproof-theme'), getComputedStyle(document.body).backgroundColor]";
    let state = browser.client().execute(script, Vec::new()).await.unwrap();
    assert_eq!(state[1], "dark");
    assert_eq!(state[2], "rgb(17, 17, 16)");
    browser.close().await.unwrap();
}

#[tokio::test]
async fn the_keyboard_alone_reaches_the_verdict_of_a_code() {
    let address = gallery::serve(Arc::default()).await;
    let browser = Browser::start().await.unwrap();
    browser
        .open(&format!("http://{address}/home-0"))
        .await
        .unwrap();
    let client = browser.client();
    let body = client.find(Locator::Css("body")).await.unwrap();
    body.send_keys("\u{e004}").await.unwrap(); // Tab
    let first = client.active_element().await.unwrap();
    assert_eq!(first.text().await.unwrap(), "Skip to the content");
    assert_eq!(
        first.css_value("outline-style").await.unwrap(),
        "solid",
        "the focus is seen"
    );
    first.send_keys("\u{e007}").await.unwrap(); // Enter
    let content = client.active_element().await.unwrap();
    content.send_keys("\u{e004}").await.unwrap();
    let field = client.active_element().await.unwrap();
    assert_eq!(field.attr("name").await.unwrap().as_deref(), Some("code"));
    field.send_keys("x7Kp-2mQ_9aZ\u{e007}").await.unwrap();
    let arrived = Locator::Css("h1");
    client.wait().for_element(arrived).await.unwrap();
    let url = client.current_url().await.unwrap();
    assert_eq!(
        (url.path(), url.query()),
        ("/verify", Some("code=x7Kp-2mQ_9aZ"))
    );
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_step_of_the_journey_opens_to_its_place_in_the_chain() {
    let address = gallery::serve(Arc::default()).await;
    let browser = Browser::start().await.unwrap();
    browser
        .open(&format!("http://{address}/certificate-2"))
        .await
        .unwrap();
    let client = browser.client();
    for summary in client
        .find_all(Locator::Css(".timeline summary"))
        .await
        .unwrap()
    {
        summary.click().await.unwrap();
    }
    let text = client
        .find(Locator::Css(".timeline"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        text.contains("Fits the step before") && text.contains("Does not fit the step before"),
        "{text}"
    );
    browser
        .screenshot("genuproof/journey-open-1280-light")
        .await
        .unwrap();
    browser.size(360, 800).await.unwrap();
    browser.color_scheme(ColorScheme::Dark).await.unwrap();
    browser
        .screenshot("genuproof/journey-open-360-dark")
        .await
        .unwrap();
    assert_eq!(browser.sideways_px().await.unwrap(), 0);
    browser.close().await.unwrap();
}

#[tokio::test]
async fn only_the_certificate_is_printed_and_on_white() {
    let address = gallery::serve(Arc::default()).await;
    let browser = Browser::start().await.unwrap();
    browser
        .open(&format!("http://{address}/diploma-0"))
        .await
        .unwrap();
    let media = serde_json::json!({ "media": "print", "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
    browser
        .cdp("Emulation.setEmulatedMedia", media)
        .await
        .unwrap();
    let client = browser.client();
    for hidden in [".bar", ".title"] {
        let shown = client
            .find(Locator::Css(hidden))
            .await
            .unwrap()
            .is_displayed()
            .await
            .unwrap();
        assert!(!shown, "{hidden} is printed");
    }
    let sheet = client.find(Locator::Css(".sheet")).await.unwrap();
    assert!(sheet.is_displayed().await.unwrap());
    assert_eq!(
        sheet.css_value("color").await.unwrap(),
        "rgba(26, 26, 24, 1)",
        "ink is dark"
    );
    browser.screenshot("genuproof/diploma-print").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_page_is_within_its_transfer_budget() {
    let address = gallery::serve(Arc::default()).await;
    let browser = Browser::start().await.unwrap();
    browser
        .open(&format!("http://{address}/certificate-0"))
        .await
        .unwrap();
    let script = "return performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))\
        .filter(entry => entry.initiatorType !== 'img').reduce((sum, entry) => sum + entry.encodedBodySize, 0)";
    let bytes = browser
        .client()
        .execute(script, Vec::new())
        .await
        .unwrap()
        .as_u64()
        .unwrap();
    assert!((50_000..150 * 1024).contains(&bytes), "{bytes} bytes");
    browser.close().await.unwrap();
}
