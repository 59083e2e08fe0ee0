//! Every page in headless Chromium: at both widths, light and dark, with and without scripts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    let recorded = fantoccini::Locator::XPath("//p[contains(., 'This scan was recorded')]");
    browser.client().wait().for_element(recorded).await.unwrap();
    let total = browser
        .client()
        .find(fantoccini::Locator::Id("total-scans"))
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
        .find(fantoccini::Locator::Css("form[role=search] button"))
        .await
        .unwrap();
    assert!(!button.is_enabled().await.unwrap());
    client
        .find(fantoccini::Locator::Id("code"))
        .await
        .unwrap()
        .send_keys("x7Kp-2mQ_9aZ")
        .await
        .unwrap();
    assert!(button.is_enabled().await.unwrap());

    client
        .find(fantoccini::Locator::Css("[data-theme-switch]"))
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
