//! Rules of the design system that the stylesheet can be read for.

use keyfold_web::assets::{Assets, STYLE};

use crate::{PLAIN, THEME, send};

async fn css() -> String {
    let assets = Assets::new(&THEME, &[]);
    let answer = send(&assets.router(), "GET", &assets.url(STYLE), &[]).await;
    answer.text().to_owned()
}

#[test]
fn the_plain_palette_has_its_contrast() {
    assert_eq!(PLAIN.low_contrast(), []);
}

#[tokio::test]
async fn dark_follows_the_system_and_the_page_can_choose() {
    let css = css().await;
    assert!(css.contains("@media (prefers-color-scheme:dark){:root:not(.light){"));
    assert!(css.contains(":root.dark{"));
}

#[tokio::test]
async fn every_custom_property_that_is_used_is_set() {
    let css = css().await;
    let names = |needle: &str| -> std::collections::BTreeSet<String> {
        css.split(needle)
            .skip(1)
            .map(|rest| {
                rest.chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
                    .collect()
            })
            .collect()
    };
    let set: std::collections::BTreeSet<_> = css
        .match_indices("--")
        .filter_map(|(at, _)| {
            let name: String = css[at + 2..]
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
                .collect();
            css[at + 2 + name.len()..].starts_with(':').then_some(name)
        })
        .collect();
    // A face without patterns may leave these out: a missing mask shows nothing.
    let of_the_face = ["sheet-band", "sheet-rosette", "sheet-grain"];
    let unset: Vec<_> = names("var(--")
        .into_iter()
        .filter(|name| !set.contains(name) && !of_the_face.contains(&name.as_str()))
        .collect();
    assert_eq!(unset, Vec::<String>::new());
}

#[tokio::test]
async fn colours_are_roles_and_motion_can_be_refused() {
    let css = css().await;
    let (_, shared) = css.split_once("--page:").unwrap();
    for colour in shared
        .match_indices('#')
        .map(|(at, _)| &shared[at..shared.len().min(at + 4)])
    {
        // The paper of a QR code and of print is white whatever the face.
        assert!(["#fff", "#999"].contains(&colour), "{colour} is not a role");
    }
    assert!(css.contains("prefers-reduced-motion:reduce"));
    assert!(css.contains(":focus-visible{outline:2px solid var(--accent);outline-offset:2px"));
}

#[tokio::test]
async fn a_page_without_pictures_is_far_below_its_transfer_budget() {
    let assets = Assets::new(&THEME, &[]);
    let mut bytes = 0;
    for name in [STYLE, "theme.js", "page.js", "htmx.js"] {
        bytes += send(
            &assets.router(),
            "GET",
            &assets.url(name),
            &[("accept-encoding", "gzip")],
        )
        .await
        .body
        .len();
    }
    // Leaves the fonts of a face (about 63 KB) and the page itself: together below 150 KB.
    assert!(bytes < 32 * 1024, "{bytes} bytes");
}
