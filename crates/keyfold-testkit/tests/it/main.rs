//! The browser, driven for real.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends by panicking, in its helpers too"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use keyfold_testkit::browser::{Browser, ColorScheme};

const PAGE: &str = "data:text/html,<meta name=viewport content=width%3Ddevice-width>\
    <style>body{background:white}@media(prefers-color-scheme:dark){body{background:black}}p{width:500px}</style>\
    <p id=p>text</p><script>document.getElementById('p').textContent = innerWidth</script>";

#[tokio::test]
async fn the_page_has_the_size_and_the_colours_that_were_set() {
    let browser = Browser::start().await.unwrap();
    for (width, sideways) in [(1280, false), (360, true)] {
        browser.size(width, 800).await.unwrap();
        browser.open(PAGE).await.unwrap();
        let seen = text_of(&browser).await;
        assert_eq!(seen, width.to_string());
        assert_eq!(
            browser.sideways_px().await.unwrap() > 0,
            sideways,
            "{width}"
        );
    }
    for (scheme, colour) in [
        (ColorScheme::Dark, "rgb(0, 0, 0)"),
        (ColorScheme::Light, "rgb(255, 255, 255)"),
    ] {
        browser.color_scheme(scheme).await.unwrap();
        let script = "return getComputedStyle(document.body).backgroundColor";
        assert_eq!(
            browser.client().execute(script, Vec::new()).await.unwrap(),
            colour
        );
    }
    browser.scripts(false).await.unwrap();
    browser.client().goto(PAGE).await.unwrap();
    assert!(
        browser
            .client()
            .source()
            .await
            .unwrap()
            .contains(">text</p>")
    );
    browser.close().await.unwrap();
}

#[tokio::test]
async fn errors_on_the_console_are_seen_once() {
    let browser = Browser::start().await.unwrap();
    browser
        .open("data:text/html,<script>console.log('fine'); console.error('not fine')</script>")
        .await
        .unwrap();
    let errors = browser.console_errors().await.unwrap();
    assert!(
        matches!(errors.as_slice(), [one] if one.contains("not fine")),
        "{errors:?}"
    );
    assert!(browser.console_errors().await.unwrap().is_empty());
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_screenshot_is_a_picture_of_the_whole_page() {
    let browser = Browser::start().await.unwrap();
    browser
        .open("data:text/html,<body style='margin:0;height:2000px'>")
        .await
        .unwrap();
    let path = browser.screenshot("testkit/whole-page").await.unwrap();
    let picture = std::fs::read(&path).unwrap();
    assert!(picture.starts_with(b"\x89PNG"));
    let number = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
    assert_eq!((number(16), number(20)), (1280, 2000));
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_browser_that_is_dropped_leaves_no_process_and_no_profile() {
    let browser = Browser::start().await.unwrap();
    let profile = browser.profile().to_owned();
    assert!(profile.exists());
    assert!(has_process(&profile));
    drop(browser);
    let until = Instant::now() + Duration::from_secs(10);
    while has_process(&profile) {
        assert!(
            Instant::now() < until,
            "a process of the browser is still there"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!profile.exists(), "the profile is removed");
}

async fn text_of(browser: &Browser) -> String {
    let found = browser
        .client()
        .find(fantoccini::Locator::Id("p"))
        .await
        .unwrap();
    found.text().await.unwrap()
}

/// Whether any process names the profile on its command line.
fn has_process(profile: &Path) -> bool {
    let name = profile.to_string_lossy().into_owned();
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    lines
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .any(|line| line.contains(&name))
}
