//! Pages over HTTP, without a browser.

use reqwest::Method;

use crate::http::site::{Answer, Site, text};

#[tokio::test]
async fn pages_answer_with_a_title_and_files_that_exist() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Field <Watch>").await;
    let code = text(&product["verificationCode"]);
    for path in [
        "/".to_owned(),
        "/verify".to_owned(),
        format!("/verify/{code}"),
        format!("/qr/{code}"),
        "/dashboard".to_owned(),
    ] {
        let answer = site.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        let html = answer.text();
        assert!(html.contains("<title>"), "{path}");
        for part in html
            .split(['"', '\''])
            .filter(|part| part.starts_with("/assets/"))
        {
            assert_eq!(site.get(part).await.status, 200, "{path}: {part}");
        }
    }
}

#[tokio::test]
async fn a_certificate_names_its_product_for_previews_and_opening_it_records_nothing() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Field Watch").await;
    let code = text(&product["verificationCode"]);
    let html = site.get(&format!("/verify/{code}")).await.text();
    assert!(html.contains("<title>Field Watch by Maison"), "{html}");
    assert!(html.contains("property=\"og:title\" content=\"Field Watch by Maison"));
    let image = format!(
        "property=\"og:image\" content=\"{}/api/og?",
        site.running.base_url
    );
    assert!(html.contains(&image), "{html}");
    let found = site
        .get(&format!("/api/products/search?code={code}"))
        .await
        .ok();
    assert_eq!(found["product"]["scanCount"], 0);

    let scan = site.request(Method::POST, &format!("/verify/{code}/scan"));
    let fragment = Answer::of(scan).await;
    assert_eq!(fragment.status, 200);
    assert!(fragment.text().contains("This is the first recorded scan."));
    let found = site
        .get(&format!("/api/products/search?code={code}"))
        .await
        .ok();
    assert_eq!(found["product"]["scanCount"], 1);
}

#[tokio::test]
async fn what_names_nothing_is_a_page_with_404() {
    let site = Site::start().await;
    for code in [
        "AAAAAAAAAAAA",
        "x",
        "%23%22",
        "%ff%fe",
        "a%2Fb",
        &"x".repeat(300),
    ] {
        for path in [format!("/verify/{code}"), format!("/qr/{code}")] {
            let answer = site.get(&path).await;
            assert_eq!(answer.status, 404, "{path}");
            assert!(answer.text().contains("No product has this code"), "{path}");
        }
        let scan = site.request(Method::POST, &format!("/verify/{code}/scan"));
        assert_eq!(Answer::of(scan).await.status, 404);
    }
    let unknown = site
        .get("/verify?pid=00112233445566778899aabbccddeeff")
        .await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text().contains("not registered here"));
    let long = site.get(&format!("/verify?code={}", "x".repeat(65))).await;
    assert_eq!(long.status, 400);
    assert!(long.text().contains("too long"));
}

#[tokio::test]
async fn the_field_and_the_printed_id_lead_to_the_certificate() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Field Watch").await;
    let code = text(&product["verificationCode"]);
    let certificate = format!("/verify/{code}");
    for query in [
        format!("code=+{code}+"),
        format!("pid={}", text(&product["productId"])),
    ] {
        let answer = site.get(&format!("/verify?{query}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, &*certificate)
        );
    }
    let odd = site.get("/verify?code=a%2F..%2Fb").await;
    assert_eq!(odd.header("location"), "/verify/a%2F..%2Fb");
}
