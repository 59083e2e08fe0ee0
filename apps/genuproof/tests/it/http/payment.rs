//! Plans, their limits, and paying for them, at a server that speaks the payment service's protocol.

use genuproof::domain::hook::mac;
use genuproof::domain::links::BaseUrl;
use reqwest::Method;
use serde_json::{Value, json};

use crate::http::receiver::Receiver;
use crate::http::site::{Answer, Brand, Site, members, text};

const WEBHOOK_SECRET: &str = "whsec_test";

async fn paying(service: &Receiver) -> Site {
    let base = BaseUrl::parse(&service.url("")).unwrap();
    Site::with(|settings| {
        settings.stripe.secret_key = Some("sk_test_1".to_owned().into());
        settings.stripe.webhook_secret = Some(WEBHOOK_SECRET.to_owned().into());
        settings.stripe.api_base = base;
        settings.stripe.business_price = Some("price_business".to_owned());
        settings.enforces_plans = true;
    })
    .await
}

async fn told(site: &Site, event: &Value, age_s: i64, secret: &str) -> Answer {
    let body = event.to_string();
    let now: jiff::Timestamp = text(&site.get("/api/health").await.ok()["timestamp"])
        .parse()
        .unwrap();
    let seconds = now.as_second() - age_s;
    let header = format!(
        "t={seconds},v1={},v0=ignored",
        mac(secret, &format!("{seconds}.{body}"))
    );
    let request = site.request(Method::POST, "/api/stripe/webhook").body(body);
    Answer::of(request.header("stripe-signature", header)).await
}

async fn plan(site: &Site, brand: &Brand) -> String {
    text(&site.get(&format!("/api/brands?id={}", brand.id)).await.ok()["plan"])
}

#[tokio::test]
async fn the_plans_are_listed_and_unknown_ones_are_none() {
    let site = Site::start().await;
    let plans = site.get("/api/stripe/checkout").await.ok();
    assert_eq!(members(&plans["plans"]), ["brand", "business", "starter"]);
    assert_eq!(plans["plans"]["brand"]["amount"], 9_900);
    let free = site
        .post("/api/stripe/checkout", &json!({ "plan": "starter" }))
        .await
        .ok();
    assert_eq!(free, json!({ "url": "/dashboard", "free": true }));
    let unset = site
        .post("/api/stripe/checkout", &json!({ "plan": "brand" }))
        .await
        .ok();
    assert_eq!(unset["plan"]["name"], "Brand");
    assert!(!text(&unset["message"]).is_empty());
    for plan in [
        json!("constructor"),
        json!("__proto__"),
        json!("Brand"),
        json!(1),
        Value::Null,
    ] {
        site.post("/api/stripe/checkout", &json!({ "plan": plan }))
            .await
            .error(400);
    }
    site.post("/api/stripe/webhook", &json!({ "id": "evt_1" }))
        .await
        .error(400);
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "a subscription's life, event by event"
)]
async fn a_plan_is_paid_for_and_set_by_signed_events_each_once() {
    let service = Receiver::start(|_, request| {
        assert_eq!(request.path, "/v1/checkout/sessions");
        (
            200,
            json!({ "id": "cs_1", "url": "https://checkout.stripe.example/c/cs_1" }).to_string(),
        )
    })
    .await;
    let site = paying(&service).await;
    let (brand, other) = (site.brand("Maison").await, site.brand("Other").await);
    let body = json!({ "plan": "business", "brandId": brand.id, "email": "ada@maison.example" });
    site.post("/api/stripe/checkout", &body).await.error(401);
    site.post_as(&other, "/api/stripe/checkout", &body)
        .await
        .error(403);
    let page = site
        .post_as(&brand, "/api/stripe/checkout", &body)
        .await
        .ok();
    assert_eq!(page["url"], "https://checkout.stripe.example/c/cs_1");
    let asked = service.got(1).await.remove(0);
    assert_eq!(asked.header("authorization"), "Bearer sk_test_1");
    let decoded = percent_encoding::percent_decode_str(&asked.body.replace('+', " "))
        .decode_utf8()
        .unwrap()
        .into_owned();
    for part in [
        "mode=subscription",
        "line_items[0][price]=price_business",
        "customer_email=ada@maison.example",
        &format!("metadata[brandId]={}", brand.id),
        "metadata[plan]=business",
        &format!("subscription_data[metadata][brandId]={}", brand.id),
        &format!(
            "success_url={}/dashboard?plan=business&success=true",
            site.running.base_url
        ),
        &format!("cancel_url={}/pricing", site.running.base_url),
    ] {
        assert!(decoded.contains(part), "{part}: {decoded}");
    }

    let metadata = json!({ "brandId": brand.id, "plan": "business" });
    let completed = json!({ "id": "evt_1", "type": "checkout.session.completed",
        "data": { "object": { "customer": "cus_1", "subscription": "sub_1", "metadata": metadata } } });
    told(&site, &completed, 0, "whsec_wrong").await.error(400);
    told(&site, &completed, 301, WEBHOOK_SECRET)
        .await
        .error(400);
    site.post("/api/stripe/webhook", &completed)
        .await
        .error(400);
    assert_eq!(plan(&site, &brand).await, "free");
    told(&site, &completed, 0, WEBHOOK_SECRET).await.ok();
    assert_eq!(plan(&site, &brand).await, "business");
    let listed = site.get("/api/brands/list").await.ok();
    assert!(
        listed["brands"]
            .as_array()
            .unwrap()
            .iter()
            .any(|own| own["plan"] == "business")
    );

    let subscription = |event: &str, kind: &str, id: &str, status: &str, plan: &str| {
        json!({ "id": event, "type": format!("customer.subscription.{kind}"),
            "data": { "object": { "id": id, "status": status, "metadata": { "brandId": brand.id, "plan": plan } } } })
    };
    told(
        &site,
        &subscription("evt_2", "updated", "sub_1", "active", "brand"),
        0,
        WEBHOOK_SECRET,
    )
    .await
    .ok();
    assert_eq!(plan(&site, &brand).await, "brand");
    told(&site, &completed, 0, WEBHOOK_SECRET).await.ok();
    assert_eq!(
        plan(&site, &brand).await,
        "brand",
        "a repeated event has no further effect"
    );
    told(
        &site,
        &subscription("evt_3", "deleted", "sub_0", "canceled", "business"),
        0,
        WEBHOOK_SECRET,
    )
    .await
    .ok();
    assert_eq!(
        plan(&site, &brand).await,
        "brand",
        "an older subscription ends"
    );
    told(
        &site,
        &subscription("evt_4", "deleted", "sub_1", "canceled", "brand"),
        0,
        WEBHOOK_SECRET,
    )
    .await
    .ok();
    assert_eq!(plan(&site, &brand).await, "free");
    let unknown = json!({ "id": "evt_5", "type": "charge.succeeded", "data": { "object": {} } });
    told(&site, &unknown, 0, WEBHOOK_SECRET).await.ok();
    assert_eq!(plan(&site, &other).await, "free");
}

#[tokio::test]
async fn a_payment_service_that_does_not_answer_is_a_502_without_its_words() {
    let service = Receiver::start(|_, _| (500, "sk_test_1 is secret".to_owned())).await;
    let site = paying(&service).await;
    let answer = site
        .post("/api/stripe/checkout", &json!({ "plan": "brand" }))
        .await;
    assert!(!answer.error(502).contains("secret"));
}

#[tokio::test]
async fn a_plan_is_never_exceeded_also_by_registrations_at_once() {
    let site = Site::with(|settings| settings.enforces_plans = true).await;
    let brand = site.brand("Maison").await;
    let batch = |from: usize, count: usize| {
        let products: Vec<_> = (from..from + count)
            .map(|n| json!({ "name": format!("P {n}") }))
            .collect();
        json!({ "brandId": brand.id, "products": products })
    };
    site.post_as(&brand, "/api/products/batch", &batch(0, 9))
        .await
        .ok();
    site.post_as(&brand, "/api/products/batch", &batch(10, 2))
        .await
        .error(402);
    let register = |name: &'static str| {
        let body = json!({ "brandId": brand.id, "name": name });
        async {
            let body = body;
            site.post_as(&brand, "/api/products/register", &body)
                .await
                .status
                .as_u16()
        }
    };
    let (a, b, c, d) = tokio::join!(register("a"), register("b"), register("c"), register("d"));
    let mut answers = [a, b, c, d];
    answers.sort_unstable();
    assert_eq!(answers, [200, 402, 402, 402]);
    let simulated = json!({ "brandId": brand.id, "productName": "S", "journey": "electronics" });
    site.post_as(&brand, "/api/integrations/simulate", &simulated)
        .await
        .error(402);
    let stats = site
        .get_as(&brand, &format!("/api/brands/stats?brandId={}", brand.id))
        .await
        .ok();
    assert_eq!(stats["productCount"], 10);
    // Reading and recalling never depend on a plan.
    let listed = site
        .get_as(&brand, &format!("/api/products/list?brandId={}", brand.id))
        .await
        .ok();
    let body = json!({ "productId": listed["products"][0]["productId"], "reason": "Water" });
    site.post_as(&brand, "/api/products/recall", &body)
        .await
        .ok();

    let open = Site::start().await;
    let brand = open.brand("Maison").await;
    for number in 0..12 {
        open.product(&brand, &format!("P {number}")).await;
    }
}
