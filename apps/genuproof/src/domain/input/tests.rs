use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::event::EventKind;
use crate::domain::ids::{BrandId, Form, ProductId, Ref, VerificationCode};
use crate::domain::links::BaseUrl;

const BRAND: &str = "3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55";
const PRODUCT: &str = "00112233445566778899aabbccddeeff";

fn brand_body() -> Value {
    json!({"name": "Maison Test", "domain": "maison.example", "industry": "fashion"})
}

fn product_body() -> Value {
    json!({"brandId": BRAND, "name": "Régate"})
}

fn event_body() -> Value {
    json!({"productId": PRODUCT, "type": "shipped", "actor": "FedEx"})
}

fn with(mut body: Value, field: &str, value: Value) -> Vec<u8> {
    body[field] = value;
    body.to_string().into_bytes()
}

fn message<T: std::fmt::Debug>(result: Result<T, BadInput>) -> String {
    result.unwrap_err().to_string()
}

/// Every parser of bodies, with a body that it accepts.
type Parser = fn(&[u8]) -> Result<(), BadInput>;
type Good = fn() -> Value;
const PARSERS: [(Good, Parser, &[&str]); 3] = [
    (
        brand_body,
        |bytes| CreateBrand::parse(bytes).map(drop),
        &["name", "domain", "industry"],
    ),
    (
        product_body,
        |bytes| RegisterProduct::parse(bytes).map(drop),
        &["brandId", "name"],
    ),
    (
        event_body,
        |bytes| AppendEvent::parse(bytes).map(drop),
        &["productId", "type", "actor"],
    ),
];

#[test]
fn complete_bodies_are_read() {
    let brand = CreateBrand::parse(&with(
        brand_body(),
        "logoUrl",
        json!("https://maison.example/logo.png"),
    ))
    .unwrap();
    assert_eq!(brand.name, "Maison Test");
    assert_eq!(
        brand.logo_url.as_deref(),
        Some("https://maison.example/logo.png")
    );

    let body = json!({
        "brandId": BRAND, "name": " Régate \"42\" 腕時計 ", "sku": "RG-42", "category": "Watches", "description": "", "imageUrl": null,
        "metadata": {"b": 1, "a": [1.5, null]}, "manufacturingLocation": "Geneva, Switzerland", "unknown": [1, {"x": "\u{0}"}],
    });
    let spaced = format!(" \r\n{body}\n");
    let RegisterProduct { brand, product } = RegisterProduct::parse(spaced.as_bytes()).unwrap();
    assert_eq!(brand, Ref::Named(BrandId::parse(BRAND).unwrap()));
    assert_eq!(product.name, " Régate \"42\" 腕時計 ", "kept as sent");
    assert_eq!(
        (product.description, product.image_url),
        (None, None),
        "empty is absent"
    );
    assert_eq!(
        Value::Object(product.metadata),
        json!({"b": 1, "a": [1.5, null]})
    );

    let body = json!({
        "productId": PRODUCT, "type": "inspected", "actor": "COSC", "location": "", "coordinates": {"lat": -90, "lng": 180.0},
        "data": {"grade": "A"},
    });
    let event = AppendEvent::parse(body.to_string().as_bytes()).unwrap();
    assert_eq!(event.kind, EventKind::Inspected);
    assert_eq!(event.location, None);
    assert_eq!(
        event.coordinates,
        Some(Coordinates {
            lat: -90.0,
            lng: 180.0
        })
    );
    let event = AppendEvent::parse(event_body().to_string().as_bytes()).unwrap();
    assert!(event.data.is_empty() && event.coordinates.is_none());
}

#[test]
fn a_missing_required_field_is_called_required() {
    for (body, parse, required) in PARSERS {
        parse(body().to_string().as_bytes()).unwrap();
        for field in required {
            for missing in [Value::Null, json!("")] {
                let text = parse(&with(body(), field, missing))
                    .unwrap_err()
                    .to_string();
                assert_eq!(text, format!("{field} is required"));
            }
            let mut body = body();
            body.as_object_mut().unwrap().remove(*field);
            assert!(
                parse(body.to_string().as_bytes())
                    .unwrap_err()
                    .to_string()
                    .contains("required")
            );
        }
        let all = parse(b"{}").unwrap_err().to_string();
        assert!(
            required.iter().all(|field| all.contains(field)) && all.contains("required"),
            "{all}"
        );
    }
}

#[test]
fn what_is_not_an_object_is_refused() {
    for (_, parse, _) in PARSERS {
        for body in [
            &b""[..],
            b" \n",
            b"null",
            b"[]",
            b"[{}]",
            b"\"text\"",
            b"7",
            b"{",
            b"{}{}",
            b"{\"name\":}",
            b"name=x&domain=y",
            b"{\"name\":\"\xff\"}",
            b"\xef\xbb\xbf{}",
            b"{\"\\ud800\":1}",
            b"{'name':'x'}",
            b"{\"name\":NaN}",
        ] {
            assert!(
                !message(parse(body)).is_empty(),
                "{}",
                String::from_utf8_lossy(body)
            );
        }
        let deep = "[".repeat(500_000);
        assert!(parse(deep.as_bytes()).is_err());
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(
            message(parse(deep.as_bytes())).contains("required"),
            "an unknown member is ignored, however deep"
        );
    }
}

#[test]
fn a_field_of_the_wrong_type_is_named() {
    for (body, parse, _) in PARSERS {
        for field in [
            "name",
            "domain",
            "industry",
            "logoUrl",
            "brandId",
            "sku",
            "category",
            "description",
            "imageUrl",
            "manufacturingLocation",
            "productId",
            "type",
            "actor",
            "location",
        ] {
            for wrong in [
                json!(7),
                json!(true),
                json!(["x"]),
                json!({"x": 1}),
                json!([null]),
            ] {
                if let Err(error) = parse(&with(body(), field, wrong.clone())) {
                    assert_eq!(
                        error.to_string(),
                        format!("{field} must be text"),
                        "{wrong}"
                    );
                } else {
                    assert!(
                        body()[field].is_null(),
                        "{field} of the wrong type was accepted"
                    );
                }
            }
        }
    }
    for wrong in [json!("x"), json!([]), json!(1), json!(false), json!([null])] {
        assert_eq!(
            message(RegisterProduct::parse(&with(
                product_body(),
                "metadata",
                wrong.clone()
            ))),
            "metadata must be an object"
        );
        assert_eq!(
            message(AppendEvent::parse(&with(
                event_body(),
                "data",
                wrong.clone()
            ))),
            "data must be an object"
        );
        assert!(
            message(AppendEvent::parse(&with(
                event_body(),
                "coordinates",
                wrong
            )))
            .contains("coordinates must be")
        );
    }
    assert_eq!(
        message(RegisterProduct::parse(&with(
            product_body(),
            "sku",
            json!(7)
        ))),
        "sku must be text"
    );
    assert_eq!(
        message(CreateBrand::parse(&with(
            brand_body(),
            "logoUrl",
            json!({})
        ))),
        "logoUrl must be text"
    );
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    let body = format!(r#"{{"brandId":"{BRAND}","name":"a\ud800b"}}"#);
    assert!(message(RegisterProduct::parse(body.as_bytes())).contains("surrogate"));
    let body = format!(r#"{{"brandId":"{BRAND}","name":"a","metadata":{{"a":"\udc00"}}}}"#);
    assert!(message(RegisterProduct::parse(body.as_bytes())).contains("metadata"));
    let body = format!(r#"{{"brandId":"{BRAND}","name":"\ud83d\ude00"}}"#);
    assert_eq!(
        RegisterProduct::parse(body.as_bytes())
            .unwrap()
            .product
            .name,
        "😀"
    );
}

#[test]
fn text_is_bounded_in_characters() {
    let bounds: [(Good, Parser, &str, usize); 11] = [
        (brand_body, PARSERS[0].1, "name", 300),
        (brand_body, PARSERS[0].1, "domain", 253),
        (brand_body, PARSERS[0].1, "industry", 100),
        (product_body, PARSERS[1].1, "name", 300),
        (product_body, PARSERS[1].1, "sku", 100),
        (product_body, PARSERS[1].1, "category", 100),
        (product_body, PARSERS[1].1, "description", 5_000),
        (product_body, PARSERS[1].1, "manufacturingLocation", 200),
        (product_body, PARSERS[1].1, "brandId", 128),
        (event_body, PARSERS[2].1, "actor", 200),
        (event_body, PARSERS[2].1, "location", 200),
    ];
    for (body, parse, field, max) in bounds {
        for character in ["x", "é", "😀"] {
            parse(&with(body(), field, json!(character.repeat(max)))).unwrap();
            let text = message(parse(&with(
                body(),
                field,
                json!(character.repeat(max + 1)),
            )));
            assert!(
                text.contains(field) && text.contains(&max.to_string()),
                "{text}"
            );
        }
    }
    assert!(CreateBrand::parse(&with(brand_body(), "name", json!(" \t\u{a0}"))).is_err());
}

#[test]
fn urls_are_web_urls() {
    let logo = |url: &str| CreateBrand::parse(&with(brand_body(), "logoUrl", json!(url)));
    logo("HTTP://maison.example:8080/a?b#c").unwrap();
    logo(&format!("https://a.example/{}", "x".repeat(2_048 - 18))).unwrap();
    for bad in [
        "maison.example",
        "javascript:alert(1)",
        "ftp://a.example",
        "https://",
        "https:// a",
        "data:text/html,x",
        "//a.example",
    ] {
        assert!(message(logo(bad)).contains("logoUrl"), "{bad}");
    }
    assert!(message(logo(&format!("https://a.example/{}", "x".repeat(2_048)))).contains("2048"));
}

#[test]
fn ids_that_cannot_exist_are_unknown_and_overlong_ones_refused() {
    for text in ["x", "#", "'\"", "BRAND#1", "../..", "é"] {
        assert_eq!(
            RegisterProduct::parse(&with(product_body(), "brandId", json!(text)))
                .unwrap()
                .brand,
            Ref::Unknown
        );
        assert_eq!(
            AppendEvent::parse(&with(event_body(), "productId", json!(text)))
                .unwrap()
                .product,
            Ref::Unknown
        );
    }
}

#[test]
fn event_types_are_those_of_the_list() {
    for text in ["Shipped", "stolen", "constructor", "shipped#1"] {
        let text = message(AppendEvent::parse(&with(event_body(), "type", json!(text))));
        assert!(
            text.contains("manufactured, shipped") && text.contains("or custom"),
            "{text}"
        );
    }
}

#[test]
fn coordinates_lie_on_the_earth() {
    let point = |point: Value| AppendEvent::parse(&with(event_body(), "coordinates", point));
    for good in [
        json!({"lat": 46.2, "lng": 6.15}),
        json!({"lat": 0, "lng": -180, "alt": "x"}),
        Value::Null,
    ] {
        point(good).unwrap();
    }
    for bad in [
        json!({"lat": 90.1, "lng": 0}),
        json!({"lat": 0, "lng": -180.5}),
        json!({"lat": "46", "lng": 6}),
        json!({"lat": 46}),
        json!({"lat": null, "lng": 0}),
        json!({"lat": 1e-200, "lng": 0}),
        json!({}),
    ] {
        assert!(
            message(point(bad.clone())).contains("coordinates."),
            "{bad}"
        );
    }
}

#[test]
fn free_form_objects_are_bounded() {
    let metadata = |json: &str| {
        let body = format!(r#"{{"brandId":"{BRAND}","name":"x","metadata":{json}}}"#);
        RegisterProduct::parse(body.as_bytes()).map(|request| request.product.metadata)
    };
    let nested = |levels: usize| {
        format!(
            "{}{}{}",
            r#"{"a":"#.repeat(levels - 1),
            r#"{"[":"{\"{"}"#,
            "}".repeat(levels - 1)
        )
    };
    metadata(&nested(10)).unwrap();
    assert!(message(metadata(&nested(11))).contains("10 levels"));
    assert!(
        message(metadata(&format!(
            "{{\"a\":{}{}}}",
            "[".repeat(10),
            "]".repeat(10)
        )))
        .contains("10 levels")
    );
    assert!(
        message(metadata(&format!(
            "{{\"a\":{}{}}}",
            "[".repeat(100_000),
            "]".repeat(100_000)
        )))
        .contains("10 levels")
    );
    let sized = |bytes: usize| {
        format!(
            r#"{{ "a" : "{}" }}"#,
            "x".repeat(bytes - r#"{"a":""}"#.len())
        )
    };
    metadata(&sized(16 * 1024)).unwrap();
    assert!(message(metadata(&sized(16 * 1024 + 1))).contains("16384"));
    assert!(message(metadata(r#"{"a":{"":1}}"#)).contains("empty name"));
}

#[test]
fn numbers_that_would_come_back_changed_are_refused() {
    let data = |number: &str| {
        let body = format!(
            r#"{{"productId":"{PRODUCT}","type":"custom","actor":"x","data":{{"n":[{number}]}}}}"#
        );
        AppendEvent::parse(body.as_bytes())
    };
    for good in ["1e21", "1.0", "-0", "0.1", "9007199254740991"] {
        data(good).unwrap();
    }
    for bad in [
        "9007199254740993",
        "1e200",
        "1e-200",
        "1e400",
        "0.12345678901234567890123",
        "123456789012345678901234567890",
    ] {
        let text = message(data(bad));
        assert!(
            text.starts_with("data has") && text.contains("number"),
            "{bad}: {text}"
        );
    }
}

fn query(raw: &str) -> Query {
    Query::parse(raw)
}

#[test]
fn query_values_are_decoded() {
    let query = query("a=b+c%20d%C3%A9&a=second&empty=&bare&%61b=%FFx&=x&&k=v=w");
    assert_eq!(query.get("a"), Some("b c dé"));
    assert_eq!(query.get("empty"), None);
    assert_eq!(query.get("bare"), None);
    assert_eq!(query.get("ab"), Some("\u{fffd}x"));
    assert_eq!(query.get("k"), Some("v=w"));
}

#[test]
fn limits_are_plain_integers_within_bounds() {
    let limit = |text: &str| ListBrands::parse(&query(text)).map(|list| list.limit);
    for (text, expect) in [
        ("", 100),
        ("limit=1", 1),
        ("limit=200", 200),
        ("limit=201", 200),
        ("limit=99999999999999999999", 200),
    ] {
        assert_eq!(limit(text).unwrap(), expect, "{text}");
    }
    for text in [
        "0", "-1", "1.5", "1e3", "abc", "", "+5", "%2B5", " 5", "0x10", "٥", "NaN", "00",
    ] {
        assert!(
            message(limit(&format!("limit={text}"))).contains("limit"),
            "{text}"
        );
    }
    let product = format!("productId={PRODUCT}");
    assert_eq!(ListScans::parse(&query(&product)).unwrap().limit, 50);
    assert_eq!(
        ListScans::parse(&query(&format!("{product}&limit=5000")))
            .unwrap()
            .limit,
        500
    );
    let brand = format!("brandId={BRAND}&limit=5000&cursor=abc");
    let list = ListProducts::parse(&query(&brand)).unwrap();
    assert_eq!((list.limit, list.cursor.as_deref()), (200, Some("abc")));
    assert!(ListBrands::parse(&query(&format!("cursor={}", "x".repeat(2_049)))).is_err());
}

#[test]
fn queries_without_what_they_need_are_called_required() {
    let empty = query("brandId=&id=&productId=&code=");
    for text in [
        message(brand_of(&empty, "id")),
        message(brand_of(&empty, "brandId")),
        message(product_of(&empty)),
        message(ListProducts::parse(&empty)),
        message(ListScans::parse(&empty)),
        message(Verify::parse(&empty)),
        message(Search::parse(&empty)),
        message(Qr::parse(&empty)),
    ] {
        assert!(text.contains("required"), "{text}");
    }
}

#[test]
fn a_product_is_named_by_code_before_id() {
    let code = Target::Code(Ref::Named(VerificationCode::parse("-Pn6-_z9_v8B").unwrap()));
    let both = format!("productId={PRODUCT}&code=-Pn6-_z9_v8B");
    assert_eq!(
        Verify::parse(&query(&both)).unwrap(),
        Verify {
            target: code.clone(),
            is_scan: true
        }
    );
    assert_eq!(
        Search::parse(&query(&format!("{both}&brandId=x"))).unwrap(),
        Search::One(code)
    );
    let product = Target::Product(Ref::Named(ProductId::parse(PRODUCT).unwrap()));
    let look = Verify::parse(&query(&format!("productId={PRODUCT}&metadata=true"))).unwrap();
    assert_eq!(
        look,
        Verify {
            target: product,
            is_scan: false
        }
    );
    assert!(Verify::parse(&query("code=x&metadata=1")).unwrap().is_scan);
    assert_eq!(
        Search::parse(&query(&format!("brandId={BRAND}"))).unwrap(),
        Search::Brand(Ref::Named(BrandId::parse(BRAND).unwrap()))
    );
}

#[test]
fn codes_that_cannot_exist_are_unknown_and_overlong_ones_refused() {
    for text in ["%23", "a", "%22%27", "%F0%9F%98%80", &"x".repeat(64)] {
        assert_eq!(
            Verify::parse(&query(&format!("code={text}")))
                .unwrap()
                .target,
            Target::Code(Ref::Unknown)
        );
        assert_eq!(
            Verify::parse(&query(&format!("productId={text}")))
                .unwrap()
                .target,
            Target::Product(Ref::Unknown)
        );
    }
    assert!(message(Verify::parse(&query(&format!("code={}", "x".repeat(65))))).contains("64"));
    assert!(
        message(Verify::parse(&query(&format!(
            "productId={}",
            "x".repeat(129)
        ))))
        .contains("128")
    );
    assert!(message(brand_of(&query(&format!("id={}", "x".repeat(5_000))), "id")).contains("128"));
}

#[test]
fn a_printed_code_leads_to_its_page_and_nowhere_else() {
    let base = BaseUrl::parse("https://genuproof.com").unwrap();
    let link = |raw: &str| Qr::parse(&query(raw)).map(|qr| (qr.link(&base), qr.format));
    assert_eq!(
        link("code=-Pn6-_z9_v8B").unwrap(),
        (
            "https://genuproof.com/verify/-Pn6-_z9_v8B".into(),
            QrFormat::Png
        )
    );
    assert_eq!(
        link("code=a%2F..%2Fb&format=svg").unwrap(),
        (
            "https://genuproof.com/verify/a%2F..%2Fb".into(),
            QrFormat::Svg
        )
    );
    assert_eq!(
        link(&format!("productId={PRODUCT}&format=png")).unwrap().0,
        format!("https://genuproof.com/verify?pid={PRODUCT}")
    );
    for bad in [
        "code=..",
        "code=.",
        "code=%2E%2E",
        "code=x&format=gif",
        "format=png",
    ] {
        assert!(link(bad).is_err(), "{bad}");
    }
    assert!(link(&format!("code={}", "x".repeat(65))).is_err());
    assert!(link(&format!("productId={}", "x".repeat(129))).is_err());
}

fn hostile() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        (0_usize..6_000).prop_map(|count| Value::from("😀".repeat(count))),
    ];
    leaf.prop_recursive(6, 30, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for (_, parse, _) in PARSERS {
            prop_assert!(parse(&bytes).is_err());
        }
    }

    #[test]
    fn a_good_body_cut_or_garbled_anywhere_is_refused_or_read(at in 0_usize..100, byte: u8) {
        for (body, parse, _) in PARSERS {
            let mut bytes = body().to_string().into_bytes();
            let at = at % bytes.len();
            let cut = parse(&bytes[..at]);
            prop_assert!(cut.is_err());
            bytes[at] = byte;
            if let Err(error) = parse(&bytes) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn any_value_in_any_field_is_read_or_refused(
        field in prop::sample::select(&["name", "domain", "logoUrl", "brandId", "sku", "metadata", "data", "coordinates", "type", "actor"][..]),
        value in hostile(),
    ) {
        for (body, parse, _) in PARSERS {
            if let Err(error) = parse(&with(body(), field, value.clone())) {
                let text = error.to_string();
                prop_assert!(text.contains(field), "{}", text);
                prop_assert!(text.len() < 300);
            }
        }
    }

    #[test]
    fn metadata_that_is_accepted_hashes_as_it_was_sent(value in hostile()) {
        let sent = json!({"m": value});
        let body = with(product_body(), "metadata", sent.clone());
        if let Ok(request) = RegisterProduct::parse(&body) {
            prop_assert_eq!(
                crate::domain::canonical::text_of_object(&request.product.metadata),
                crate::domain::canonical::text_of(&sent)
            );
        }
    }

    #[test]
    fn any_query_is_read_or_refused(raw: String) {
        let query = Query::parse(&raw);
        _ = (Verify::parse(&query), Search::parse(&query), Qr::parse(&query), ListProducts::parse(&query), ListScans::parse(&query));
    }
}
