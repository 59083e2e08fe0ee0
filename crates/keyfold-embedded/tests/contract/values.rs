//! Numbers, sets and what is empty.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::on::{Engine, On, item, key, n, outcome, s};

const REFUSED: &str = "ValidationException";

async fn put(on: &On, value: AttributeValue) -> String {
    let put = on.client.put_item().table_name(&on.table);
    let put = put.set_item(Some(item("A", "1", [("value", value)])));
    outcome(&put.send().await).to_owned()
}

async fn stored(on: &On) -> AttributeValue {
    on.get("A", "1").await.unwrap()["value"].clone()
}

pub async fn a_number_has_38_digits(on: &On) {
    let digits = "12345678901234567890123456789012345678";
    for number in [
        digits.to_owned(),
        format!("-{digits}"),
        format!("0.{digits}"),
        format!("1234567890.{}", &digits[10..]),
    ] {
        assert_eq!(put(on, n(&number)).await, "ok", "{number}");
        assert_eq!(stored(on).await, n(&number));
    }
    assert_eq!(put(on, n(format!("{digits}9"))).await, REFUSED);
    for (number, expected) in [
        ("9.9999999999999999999999999999999999999E+125", "ok"),
        ("1E+126", REFUSED),
        ("1E-130", "ok"),
        ("1E-131", REFUSED),
        ("", REFUSED),
        ("one", REFUSED),
        ("NaN", REFUSED),
        ("Infinity", REFUSED),
    ] {
        assert_eq!(put(on, n(number)).await, expected, "{number}");
    }
}

pub async fn a_number_is_stored_by_value(on: &On) {
    for (given, kept) in [
        ("1.00", "1"),
        ("007", "7"),
        ("-0", "0"),
        ("1E2", "100"),
        ("12.50", "12.5"),
        ("0.000100", "0.0001"),
        ("1000000000000000000000", "1000000000000000000000"),
    ] {
        assert_eq!(put(on, n(given)).await, "ok", "{given}");
        assert_eq!(stored(on).await, n(kept), "{given}");
    }
}

pub async fn numbers_are_added_exactly(on: &On) {
    for (start, add, sum) in [
        ("0.1", "0.2", "0.3"),
        (
            "99999999999999999999999999999999999998",
            "1",
            "99999999999999999999999999999999999999",
        ),
        ("12345678901234567890", "-12345678901234567889", "1"),
        ("9007199254740993", "0.5", "9007199254740993.5"),
    ] {
        assert_eq!(put(on, n(start)).await, "ok");
        let update = on.client.update_item().table_name(&on.table);
        update
            .set_key(Some(key("A", "1")))
            .update_expression("SET #value = #value + :add")
            .expression_attribute_names("#value", "value")
            .expression_attribute_values(":add", n(add))
            .send()
            .await
            .unwrap();
        assert_eq!(stored(on).await, n(sum), "{start} + {add}");
    }
}

pub async fn sets_have_no_order_no_duplicates_and_are_not_empty(on: &On) {
    let strings =
        |values: &[&str]| AttributeValue::Ss(values.iter().map(ToString::to_string).collect());
    let numbers =
        |values: &[&str]| AttributeValue::Ns(values.iter().map(ToString::to_string).collect());
    for (value, expected) in [
        (strings(&["a", "a"]), REFUSED),
        (numbers(&["1", "1.0"]), REFUSED),
        (strings(&[]), REFUSED),
        (numbers(&["2", "1"]), "ok"),
        (strings(&["b", "a"]), "ok"),
    ] {
        assert_eq!(put(on, value.clone()).await, expected, "{value:?}");
    }
    let update = async |expression: &str, value: AttributeValue| {
        let update = on.client.update_item().table_name(&on.table);
        let update = update.set_key(Some(key("A", "1")));
        update
            .update_expression(expression)
            .condition_expression("#value = :before")
            .expression_attribute_names("#value", "value")
            .expression_attribute_values(":before", strings(&["a", "b"]))
            .expression_attribute_values(":value", value)
            .send()
            .await
    };
    // Equal in any order; adding what is there changes nothing.
    let added = update("ADD #value :value", strings(&["a", "b"])).await;
    assert_eq!(outcome(&added), "ok");
    let removed = update("DELETE #value :value", strings(&["b", "c", "a"])).await;
    assert_eq!(outcome(&removed), "ok");
    // A set without elements is no attribute.
    assert_eq!(on.get("A", "1").await, Some(key("A", "1")));
}

pub async fn empty_values_are_values(on: &On) {
    let binary = AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new(Vec::new()));
    for value in [s(""), binary] {
        on.documented("ok".to_owned())
            .differs(
                Engine::DynamoDbLocal,
                "Empty strings and empty binaries are refused",
                REFUSED.to_owned(),
            )
            .is(&put(on, value).await);
    }
    for value in [
        AttributeValue::L(Vec::new()),
        AttributeValue::M([].into()),
        AttributeValue::Null(true),
    ] {
        assert_eq!(put(on, value.clone()).await, "ok");
        assert_eq!(stored(on).await, value);
    }
}
