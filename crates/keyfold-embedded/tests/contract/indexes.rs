//! What is in an index.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;

use crate::on::{
    BY_AMOUNT, BY_REGION, BY_STATUS, Engine, Item, On, item, key, n, outcome, s, texts,
};

const REFUSED: &str = "ValidationException";

fn query(on: &On, index: &str, attribute: &str, value: &str) -> QueryFluentBuilder {
    let query = on.client.query().table_name(&on.table).index_name(index);
    query
        .key_condition_expression("#key = :value")
        .expression_attribute_names("#key", attribute)
        .expression_attribute_values(":value", s(value))
}

async fn of_status(on: &On, status: &str) -> Vec<Item> {
    let found = query(on, BY_STATUS, "status", status).send().await;
    found.unwrap().items.unwrap()
}

async fn update(on: &On, expression: &str, values: &[(&str, &str)]) {
    let mut update = on
        .client
        .update_item()
        .table_name(&on.table)
        .set_key(Some(key("A", "1")))
        .update_expression(expression);
    if expression.contains("#status") {
        update = update.expression_attribute_names("#status", "status");
    }
    for (name, value) in values {
        update = update.expression_attribute_values(*name, s(value));
    }
    update.send().await.unwrap();
}

pub async fn an_index_follows_its_items(on: &On) {
    let open = |note: &str| item("A", "1", [("status", s("open")), ("note", s(note))]);
    on.put(open("first")).await;
    on.eventually(vec![open("first")], async || of_status(on, "open").await)
        .await;
    // Another attribute of the item is the index's too.
    update(on, "SET note = :note", &[(":note", "second")]).await;
    on.eventually(vec![open("second")], async || of_status(on, "open").await)
        .await;
    // Its key: it moves.
    update(on, "SET #status = :status", &[(":status", "closed")]).await;
    on.eventually((0, 1), async || {
        let (open, closed) = (of_status(on, "open").await, of_status(on, "closed").await);
        (open.len(), closed.len())
    })
    .await;
    update(on, "REMOVE #status", &[]).await;
    on.eventually(0, async || of_status(on, "closed").await.len())
        .await;
    on.put(open("again")).await;
    on.eventually(1, async || of_status(on, "open").await.len())
        .await;
    let delete = on.client.delete_item().table_name(&on.table);
    delete.set_key(Some(key("A", "1"))).send().await.unwrap();
    on.eventually(0, async || of_status(on, "open").await.len())
        .await;
}

pub async fn an_item_without_the_key_is_not_in_the_index(on: &On) {
    on.put(key("A", "1")).await;
    on.put(item("A", "2", [("status", s("open"))])).await;
    on.eventually(vec!["2".to_owned()], async || {
        let scan = on.client.scan().table_name(&on.table);
        let scan = scan.index_name(BY_STATUS).send().await.unwrap();
        texts(&scan.items.unwrap(), "sk")
    })
    .await;
}

pub async fn a_projection_has_its_keys_and_no_more(on: &On) {
    on.put(item("A", "1", [("region", s("eu")), ("note", s("x"))]))
        .await;
    let expected = vec![item("A", "1", [("region", s("eu"))])];
    on.eventually(expected, async || {
        let found = query(on, BY_REGION, "region", "eu").send().await;
        found.unwrap().items.unwrap()
    })
    .await;
    // What is not projected cannot be asked of a global index.
    let asked = query(on, BY_REGION, "region", "eu");
    let asked = asked.select(aws_sdk_dynamodb::types::Select::AllAttributes);
    on.documented(REFUSED.to_owned())
        .differs(
            Engine::DynamoDbLocal,
            "All attributes may be asked of an index that has only the keys",
            "ok".to_owned(),
        )
        .is(&outcome(&asked.send().await).to_owned());
}

pub async fn a_key_of_another_type_is_refused(on: &On) {
    let put = on.client.put_item().table_name(&on.table);
    let put = put.set_item(Some(item("A", "1", [("status", n(1))])));
    assert_eq!(outcome(&put.send().await), REFUSED);
    let put = on.client.put_item().table_name(&on.table);
    let put = put.set_item(Some(item("A", "1", [("status", s(""))])));
    assert_eq!(outcome(&put.send().await), REFUSED);
    assert_eq!(on.get("A", "1").await, None);
}

pub async fn a_strong_read_of_a_global_index_is_refused(on: &On) {
    let strong = query(on, BY_STATUS, "status", "open").consistent_read(true);
    assert_eq!(outcome(&strong.send().await), REFUSED);
    // Of a local one it is served.
    let strong = query(on, BY_AMOUNT, "pk", "A").consistent_read(true);
    assert_eq!(outcome(&strong.send().await), "ok");
}

pub async fn numbers_sort_as_numbers(on: &On) {
    let sorted = ["-1E10", "-2.5", "-2", "0", "1E-5", "0.5", "7", "10", "1E30"];
    for (number, amount) in sorted.iter().enumerate().rev() {
        let sk = number.to_string();
        on.put(item("A", &sk, [("amount", n(amount))])).await;
    }
    let found = query(on, BY_AMOUNT, "pk", "A").consistent_read(true);
    let found = found.send().await.unwrap().items.unwrap();
    let expected: Vec<_> = (0..sorted.len()).map(|sk| sk.to_string()).collect();
    assert_eq!(texts(&found, "sk"), expected);
}
