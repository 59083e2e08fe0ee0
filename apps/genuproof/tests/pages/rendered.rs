//! What must hold for the text of every page.

use crate::gallery::{samples, site};
use genuproof::pages::certificate::CertificatePage;

#[test]
fn every_page_has_what_a_reader_and_a_screen_reader_need() {
    for sample in samples(&site(false)) {
        let (name, html) = (&sample.name, &sample.html);
        let count = |needle: &str| html.matches(needle).count();
        assert!(
            html.starts_with("<!DOCTYPE html><html lang=\"en\""),
            "{name}"
        );
        assert_eq!(count("<title>"), 1, "{name}");
        assert_eq!(count("<h1"), 1, "{name}");
        assert_eq!(count("<main"), 1, "{name}");
        assert!(html.contains("name=\"viewport\""), "{name}");
        let ids: Vec<_> = html
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let unique: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(
            ids.len(),
            unique.len(),
            "{name}: an id is used twice in {ids:?}"
        );
        for attribute in ["aria-labelledby=\"", "aria-describedby=\"", "<label for=\""] {
            for target in html
                .split(attribute)
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
            {
                assert!(
                    ids.contains(&target),
                    "{name}: {attribute}{target}\" points nowhere"
                );
            }
        }
        assert!(count("autofocus") <= 1, "{name}");
    }
}

#[test]
fn nothing_is_inline_and_nothing_comes_from_another_host() {
    for sample in samples(&site(false)) {
        let (name, html) = (&sample.name, &sample.html);
        assert!(
            !html.contains(" style=\"") && !html.contains("<style"),
            "{name}"
        );
        for script in html.split("<script").skip(1) {
            assert!(
                script.starts_with(" src=\"/assets/"),
                "{name}: {}",
                &script[..40]
            );
        }
        for (tag, attribute) in [
            ("<link", "href"),
            ("<img", "src"),
            ("<script", "src"),
            ("<form", "action"),
        ] {
            for element in html
                .split(tag)
                .skip(1)
                .filter_map(|rest| rest.split('>').next())
            {
                let value = element
                    .split(&format!(" {attribute}=\""))
                    .nth(1)
                    .unwrap_or("/");
                assert!(
                    value.starts_with('/') && !value.starts_with("//"),
                    "{name}: {tag}{element}"
                );
            }
        }
        assert!(
            !html.contains("onclick=") && !html.contains("javascript:"),
            "{name}"
        );
    }
}

#[test]
fn hostile_text_stays_text() {
    let site = site(false);
    let hostile = CertificatePage::samples().pop().unwrap();
    let html = hostile.render(&site).into_string();
    assert!(
        !html.contains("<script>alert"),
        "markup in a name was not escaped"
    );
    assert!(
        html.contains("hx-post=\"/verify/..%2F..%2F%3Cb%3E%23%3F%26%25/scan\""),
        "a code must stay one path segment"
    );
}

#[test]
fn link_previews_name_the_product_and_its_picture() {
    let html = CertificatePage::samples()
        .swap_remove(0)
        .render(&site(false))
        .into_string();
    assert!(html.contains("<title>Field watch 38, brushed steel by Maison Verrault"));
    assert!(html.contains(
        "property=\"og:title\" content=\"Field watch 38, brushed steel by Maison Verrault"
    ));
    assert!(html.contains("property=\"og:image\" content=\"https://genuproof.example/api/og?brand=Maison%20Verrault&amp;product="));
}

#[test]
fn forms_that_change_something_with_a_session_carry_its_token() {
    for sample in samples(&site(false)) {
        for form in sample
            .html
            .split("<form")
            .skip(1)
            .filter_map(|rest| rest.split("</form>").next())
        {
            if form.contains("action=\"/dashboard/products\"")
                || form.contains("action=\"/dashboard/signout\"")
            {
                assert!(
                    form.contains("name=\"csrf\" value=\"c2FtcGxlLXRva2Vu\""),
                    "{}",
                    sample.name
                );
            }
        }
    }
}

#[test]
fn the_open_mode_is_said_on_every_page() {
    for sample in samples(&site(true)) {
        assert!(
            sample.html.contains("Open demonstration"),
            "{}",
            sample.name
        );
    }
    assert!(
        samples(&site(false))
            .iter()
            .all(|sample| !sample.html.contains("Open demonstration"))
    );
}
