//! Certificate, passport and the picture for previews.

use serde_json::json;

use crate::http::site::{Site, members, text};

#[tokio::test]
async fn certificate_and_passport_are_files_that_record_no_scan() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let body = json!({ "brandId": brand.id, "name": "Tote", "sku": "T-1", "category": "Handbags",
        "metadata": { "batchId": "B-7", "materials": ["leather"], "certifications": ["LWG"] } });
    let product = site
        .post_as(&brand, "/api/products/register", &body)
        .await
        .ok();
    let (id, code) = (
        text(&product["productId"]),
        text(&product["verificationCode"]),
    );
    let sale = json!({ "productId": id, "type": "sold", "actor": "Shop", "data": { "source": "pos_webhook" } });
    site.post_as(&brand, "/api/products/events", &sale)
        .await
        .ok();

    for query in [format!("code={code}"), format!("productId={id}")] {
        let answer = site
            .get(&format!("/api/products/certificate?{query}"))
            .await;
        assert_eq!(
            answer.header("content-disposition"),
            format!("attachment; filename=\"genuproof-certificate-{code}.json\"")
        );
        let file = answer.ok();
        assert_eq!(
            members(&file),
            [
                "cryptography",
                "issuedAt",
                "issuer",
                "product",
                "provenance",
                "verification",
                "version"
            ]
        );
        assert_eq!(file["cryptography"]["hashValid"], true);
        assert_eq!(file["cryptography"]["productHash"], product["hash"]);
        assert_eq!(file["provenance"]["eventCount"], 2);
        assert_eq!(file["provenance"]["chainValid"], true);
        assert_eq!(file["verification"]["authentic"], true);
        assert_eq!(
            text(&file["verification"]["verifyUrl"]),
            site.url(&format!("/verify/{code}"))
        );
        assert_eq!(file["verification"]["totalScans"], 0);

        let answer = site.get(&format!("/api/products/dpp-export?{query}")).await;
        assert_eq!(
            answer.header("content-disposition"),
            format!("attachment; filename=\"dpp-{code}.json\"")
        );
        let file = answer.ok();
        assert_eq!(file["@context"], "https://schema.org/");
        assert_eq!(file["dppStandard"], "ESPR-2024/1781");
        assert_eq!(
            file["identification"],
            json!({ "gtin": "T-1", "serialNumber": id, "verificationCode": code, "batchId": "B-7" })
        );
        assert_eq!(
            file["sustainability"],
            json!({ "carbonFootprint": null, "recyclability": null, "materials": ["leather"],
            "certifications": ["LWG"], "repairInstructions": null })
        );
        assert_eq!(file["manufacturer"]["brandId"], json!(brand.id));
        assert!(file["manufacturer"]["registeredAt"].is_string());
        let sources: Vec<_> = file["supplyChain"]["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["source"].clone())
            .collect();
        assert_eq!(sources, ["manual", "pos_webhook"]);
        assert_eq!(
            text(&file["verification"]["qrUrl"]),
            site.url(&format!("/api/products/qr?code={code}"))
        );
    }
    for path in ["certificate", "dpp-export"] {
        site.get(&format!("/api/products/{path}")).await.error(400);
        site.get(&format!("/api/products/{path}?code=AAAAAAAAAAAA"))
            .await
            .error(404);
        site.get(&format!("/api/products/{path}?productId=%23%22"))
            .await
            .error(404);
        site.get(&format!("/api/products/{path}?code={}", "A".repeat(65)))
            .await
            .error(400);
    }
}

#[tokio::test]
async fn previews_have_a_picture_that_differs_by_what_it_shows() {
    let site = Site::start().await;
    let mut pictures = Vec::new();
    for query in [
        "",
        "?product=Tote",
        "?product=Tote&status=recalled",
        "?product=Tote&brand=Maison",
        "?product=Tote&hash=ef5a98da",
    ] {
        let answer = site.get(&format!("/api/og{query}")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "image/png");
        let image = image::load_from_memory(&answer.body).unwrap();
        assert_eq!((image.width(), image.height()), (1_200, 630));
        pictures.push(answer.body);
    }
    pictures.sort();
    pictures.dedup();
    assert_eq!(pictures.len(), 5);
    site.get(&format!("/api/og?product={}", "x".repeat(301)))
        .await
        .error(400);
}
