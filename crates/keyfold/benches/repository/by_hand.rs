//! The same calls as one writes them without a library: the same table, items, parameters.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

use crate::shop::{BRAND_LISTED, BRAND_LONG, Prepared, Product, TABLE};

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub async fn get(p: &Prepared) -> Product {
    let answer = p
        .client
        .get_item()
        .table_name(TABLE)
        .key("PK", text(format!("PRODUCT#{}", p.product.id)))
        .key("SK", text("META"))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    serde_dynamo::from_item(answer.item.unwrap()).unwrap()
}

pub async fn get_without_units(p: &Prepared) -> Product {
    let answer = p
        .client
        .get_item()
        .table_name(TABLE)
        .key("PK", text(format!("PRODUCT#{}", p.product.id)))
        .key("SK", text("META"))
        .send()
        .await
        .unwrap();
    serde_dynamo::from_item(answer.item.unwrap()).unwrap()
}

pub async fn put(p: &Prepared) {
    // A repository is given the product; so is this.
    let product = p.product.clone();
    let mut item: HashMap<String, AttributeValue> = serde_dynamo::to_item(&product).unwrap();
    item.insert("PK".to_owned(), text(format!("PRODUCT#{}", product.id)));
    item.insert("SK".to_owned(), text("META"));
    item.insert(
        "GSI1PK".to_owned(),
        text(format!("BRAND#{}", product.brand)),
    );
    item.insert(
        "GSI1SK".to_owned(),
        text(format!("PRODUCT#{}", product.created_at)),
    );
    p.client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(item))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
}

pub async fn query_all(p: &Prepared) -> Vec<Product> {
    let answer = p
        .client
        .query()
        .table_name(TABLE)
        .index_name("GSI1")
        .key_condition_expression("GSI1PK = :pk AND begins_with(GSI1SK, :sk)")
        .expression_attribute_values(":pk", text(format!("BRAND#{BRAND_LISTED}")))
        .expression_attribute_values(":sk", text("PRODUCT#"))
        .scan_index_forward(false)
        .limit(11)
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    serde_dynamo::from_items(answer.items.unwrap()).unwrap()
}

/// Ten of many, and where the next page begins: by hand that is the key itself, in clear.
pub async fn query_page(p: &Prepared) -> (Vec<Product>, String) {
    let answer = p
        .client
        .query()
        .table_name(TABLE)
        .index_name("GSI1")
        .key_condition_expression("GSI1PK = :pk AND begins_with(GSI1SK, :sk)")
        .expression_attribute_values(":pk", text(format!("BRAND#{BRAND_LONG}")))
        .expression_attribute_values(":sk", text("PRODUCT#"))
        .scan_index_forward(false)
        .limit(10)
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    let last: serde_json::Value =
        serde_dynamo::from_item(answer.last_evaluated_key.unwrap()).unwrap();
    let items = serde_dynamo::from_items(answer.items.unwrap()).unwrap();
    (items, last.to_string())
}
