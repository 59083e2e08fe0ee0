//! Conditional writes.

use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure as OnFailure,
};

use crate::on::{Engine, On, item, key, n, outcome, s};

const REFUSED: &str = "ConditionalCheckFailedException";

pub async fn an_item_is_created_once(on: &On) {
    let create = async |value: &str| {
        let put = on.client.put_item().table_name(&on.table);
        put.set_item(Some(item("A", "1", [("value", s(value))])))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await
    };
    assert_eq!(outcome(&create("first").await), "ok");
    assert_eq!(outcome(&create("second").await), REFUSED);
    assert_eq!(on.get("A", "1").await.unwrap()["value"], s("first"));
}

pub async fn a_refused_write_changes_nothing(on: &On) {
    on.put(item("A", "1", [("version", n(3))])).await;
    let updated = on
        .client
        .update_item()
        .table_name(&on.table)
        .set_key(Some(key("A", "1")))
        .update_expression("SET version = :next, added = :next")
        .condition_expression("version = :old")
        .expression_attribute_values(":old", n(2))
        .expression_attribute_values(":next", n(4))
        .send()
        .await;
    assert_eq!(outcome(&updated), REFUSED);
    let deleted = on
        .client
        .delete_item()
        .table_name(&on.table)
        .set_key(Some(key("A", "1")))
        .condition_expression("version < :old")
        .expression_attribute_values(":old", n(3))
        .send()
        .await;
    assert_eq!(outcome(&deleted), REFUSED);
    let expected = Some(item("A", "1", [("version", n(3))]));
    assert_eq!(on.get("A", "1").await, expected);
    // A condition on an item that is not there creates none.
    let updated = on
        .client
        .update_item()
        .table_name(&on.table)
        .set_key(Some(key("A", "2")))
        .update_expression("SET version = :one")
        .condition_expression("attribute_exists(pk)")
        .expression_attribute_values(":one", n(1))
        .send()
        .await;
    assert_eq!(outcome(&updated), REFUSED);
    assert_eq!(on.get("A", "2").await, None);
}

pub async fn a_refused_write_shows_the_item_when_asked(on: &On) {
    on.put(item("A", "1", [("version", n(3))])).await;
    let refused = async |asked| {
        let put = on.client.put_item().table_name(&on.table);
        let refused = put
            .set_item(Some(key("A", "1")))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(asked)
            .send()
            .await
            .unwrap_err()
            .into_service_error();
        let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(
            refused,
        ) = refused
        else {
            panic!("{refused:?}");
        };
        refused.item
    };
    on.documented(Some(item("A", "1", [("version", n(3))])))
        .differs(
            Engine::DynamoDbLocal,
            "A refused single write does not show the item",
            None,
        )
        .is(&refused(OnFailure::AllOld).await);
    assert_eq!(refused(OnFailure::None).await, None);
}

pub async fn a_condition_compares_by_type_and_value(on: &On) {
    let tags = AttributeValue::Ss(vec!["a".into(), "b".into()]);
    let list = AttributeValue::L(vec![n(1), s("b")]);
    let all = [
        ("count", n("10.0")),
        ("name", s("straße")),
        ("tags", tags),
        ("list", list),
    ];
    on.put(item("A", "1", all)).await;
    for (condition, value, holds) in [
        ("#count = :v", n("1E1"), true),
        ("#count = :v", s("10"), false),
        ("#count > :v", n(9), true),
        // Of another type: neither less nor greater.
        ("#count > :v", s("9"), false),
        ("#count < :v", s("9"), false),
        ("#count <> :v", s("10"), true),
        ("#count BETWEEN :v AND :v", n(10), true),
        ("#count IN (:v)", n("10.00"), true),
        ("begins_with(#name, :v)", s("stra"), true),
        ("contains(#name, :v)", s("ß"), true),
        ("contains(#tags, :v)", s("b"), true),
        ("contains(#list, :v)", s("b"), true),
        ("contains(#list, :v)", s("a"), false),
        // In characters, where limits and units count bytes.
        ("size(#name) = :v", n(6), true),
        ("size(#tags) = :v", n(2), true),
        ("attribute_type(#tags, :v)", s("SS"), true),
        ("attribute_type(#tags, :v)", s("L"), false),
        ("#list[0] = :v", n(1), true),
        ("NOT #list[9] = :v", n(1), true),
        ("#nothing <> :v", n(1), true),
        ("#nothing = :v", n(1), false),
        (
            "#count = :v OR #nothing = :v AND #nothing = :v",
            n(10),
            true,
        ),
    ] {
        let mut check = on
            .client
            .update_item()
            .table_name(&on.table)
            .set_key(Some(key("A", "1")))
            .update_expression("SET seen = :v")
            .condition_expression(condition)
            .expression_attribute_values(":v", value.clone());
        for name in ["count", "name", "tags", "list", "nothing"] {
            let placeholder = format!("#{name}");
            if condition.contains(&placeholder) {
                check = check.expression_attribute_names(placeholder, name);
            }
        }
        let expected = if holds { "ok" } else { REFUSED };
        let result = check.send().await;
        assert_eq!(outcome(&result), expected, "{condition} with {value:?}");
    }
}

pub async fn returned_values_are_those_asked_for(on: &On) {
    use ReturnValue::{AllNew, AllOld, None as Nothing, UpdatedNew, UpdatedOld};

    for (asked, expected) in [
        (Nothing, None),
        (AllOld, Some(item("A", "1", [("a", n(1)), ("b", n(1))]))),
        (AllNew, Some(item("A", "1", [("a", n(2)), ("b", n(1))]))),
        (UpdatedOld, Some([("a".to_owned(), n(1))].into())),
        (UpdatedNew, Some([("a".to_owned(), n(2))].into())),
    ] {
        on.put(item("A", "1", [("a", n(1)), ("b", n(1))])).await;
        let updated = on
            .client
            .update_item()
            .table_name(&on.table)
            .set_key(Some(key("A", "1")))
            .update_expression("ADD a :one")
            .expression_attribute_values(":one", n(1))
            .return_values(asked.clone())
            .send()
            .await
            .unwrap();
        assert_eq!(updated.attributes, expected, "{asked:?}");
    }
}
