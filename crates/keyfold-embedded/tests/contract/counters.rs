//! Many writers at once.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::on::{On, item, key, n, outcome, s};

const WRITERS: usize = 100;

pub async fn a_hundred_increments_at_once_are_all_counted(on: &On) {
    let writers = (0..WRITERS).map(|_| {
        let update = on
            .client
            .update_item()
            .table_name(&on.table)
            .set_key(Some(key("COUNTER", "1")))
            .update_expression("ADD visits :one")
            .expression_attribute_values(":one", n(1));
        tokio::spawn(update.send())
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap().unwrap();
    }
    let counter = on.get("COUNTER", "1").await.unwrap();
    assert_eq!(counter["visits"], n(WRITERS));
}

pub async fn a_hundred_claims_at_once_have_one_winner(on: &On) {
    let claims = (0..WRITERS).map(|number| {
        let put = on.client.put_item().table_name(&on.table);
        let put = put
            .set_item(Some(item("CLAIM", "1", [("by", s(&number.to_string()))])))
            .condition_expression("attribute_not_exists(pk)");
        tokio::spawn(async move { outcome(&put.send().await).to_owned() })
    });
    let mut winners = Vec::new();
    for (number, claim) in claims.collect::<Vec<_>>().into_iter().enumerate() {
        match claim.await.unwrap().as_str() {
            "ok" => winners.push(AttributeValue::S(number.to_string())),
            refused => assert_eq!(refused, "ConditionalCheckFailedException"),
        }
    }
    let claimed = on.get("CLAIM", "1").await.unwrap();
    assert_eq!(winners, [claimed["by"].clone()]);
}
