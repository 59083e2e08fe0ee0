use std::io::Read as _;

use axum::Router;
use axum::http::StatusCode;
use keyfold_web::assets::{Assets, File, HTMX, STYLE};

use crate::{THEME, send};

const MARK: File = File {
    name: "mark.svg",
    bytes: b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
};

fn assets() -> (Assets, Router) {
    let assets = Assets::new(&THEME, &[MARK]);
    let router = assets.router();
    (assets, router)
}

#[tokio::test]
async fn a_hashed_url_is_kept_for_ever_and_a_plain_one_is_asked_about() {
    let (assets, router) = assets();
    let url = assets.url("mark.svg");
    assert!(
        url.starts_with("/assets/mark.") && url.len() > "/assets/mark.svg".len(),
        "{url}"
    );
    let hashed = send(&router, "GET", &url, &[]).await;
    assert_eq!(hashed.status, StatusCode::OK);
    assert_eq!(
        hashed.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(hashed.header("content-type"), "image/svg+xml");
    assert_eq!(hashed.body, MARK.bytes);
    let plain = send(&router, "GET", "/assets/mark.svg", &[]).await;
    assert_eq!(
        (plain.status, plain.header("cache-control")),
        (StatusCode::OK, "no-cache")
    );
}

#[tokio::test]
async fn a_known_tag_is_answered_without_a_body() {
    let (assets, router) = assets();
    let url = assets.url(STYLE);
    let tag = send(&router, "GET", &url, &[])
        .await
        .header("etag")
        .to_owned();
    for known in [
        tag.as_str(),
        tag.trim_start_matches("W/"),
        &format!("\"other\", {tag}"),
        "*",
    ] {
        let again = send(&router, "GET", &url, &[("if-none-match", known)]).await;
        assert_eq!(
            (again.status, again.body.len()),
            (StatusCode::NOT_MODIFIED, 0),
            "{known}"
        );
    }
    let other = send(&router, "GET", &url, &[("if-none-match", "\"other\"")]).await;
    assert_eq!(other.status, StatusCode::OK);
}

#[tokio::test]
async fn text_is_compressed_for_who_takes_it() {
    let (assets, router) = assets();
    let url = assets.url(HTMX);
    let plain = send(&router, "GET", &url, &[("accept-encoding", "br, gzip;q=0")]).await;
    assert_eq!(plain.header("content-encoding"), "");
    let packed = send(
        &router,
        "GET",
        &url,
        &[("accept-encoding", "br;q=1.0, gzip")],
    )
    .await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_eq!(packed.header("vary"), "accept-encoding");
    assert!(packed.body.len() * 2 < plain.body.len());
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(packed.body.as_slice())
        .read_to_end(&mut unpacked)
        .unwrap();
    assert!(unpacked == plain.body, "what is unpacked is the file");
}

#[tokio::test]
async fn the_stylesheet_names_files_by_their_hashed_url() {
    let (assets, router) = assets();
    let css = send(&router, "GET", &assets.url(STYLE), &[]).await;
    assert_eq!(css.header("content-type"), "text/css; charset=utf-8");
    assert!(
        css.text()
            .contains(&format!("--mark:url({})", assets.url("mark.svg")))
    );
    assert!(
        css.text().contains("--lost:url(/assets/lost.svg)"),
        "an unknown name stays readable"
    );
}

#[tokio::test]
async fn what_is_not_there_is_404_and_never_a_file_of_the_disk() {
    let (_, router) = assets();
    for path in [
        "/assets/nothing.css",
        "/assets/..%2f..%2fCargo.toml",
        "/assets/%00",
    ] {
        assert_eq!(
            send(&router, "GET", path, &[]).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_eq!(
        send(&router, "POST", "/assets/mark.svg", &[]).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}
