//! How large items and keys may be.

use crate::on::{On, key, outcome, sized};

const REFUSED: &str = "ValidationException";

pub async fn an_item_holds_400_kb(on: &On) {
    let put = async |bytes| {
        let put = on.client.put_item().table_name(&on.table);
        let put = put.set_item(Some(sized("A", "1", bytes))).send();
        outcome(&put.await).to_owned()
    };
    assert_eq!(put(400 * 1024).await, "ok");
    assert_eq!(put(400 * 1024 + 1).await, REFUSED);
    // By an update too.
    let update = on.client.update_item().table_name(&on.table);
    let update = update
        .set_key(Some(key("A", "1")))
        .update_expression("SET more = :more")
        .expression_attribute_values(":more", crate::on::s("x"));
    assert_eq!(outcome(&update.send().await), REFUSED);
}

pub async fn keys_hold_2048_and_1024_bytes(on: &On) {
    for (pk, sk, expected) in [(2048, 1024, "ok"), (2049, 1, REFUSED), (1, 1025, REFUSED)] {
        let put = on.client.put_item().table_name(&on.table);
        let item = key(&"p".repeat(pk), &"s".repeat(sk));
        let put = put.set_item(Some(item)).send().await;
        assert_eq!(outcome(&put), expected, "{pk} and {sk} bytes");
    }
    // Bytes, not characters.
    let put = on.client.put_item().table_name(&on.table);
    let put = put.set_item(Some(key("A", &"é".repeat(513)))).send().await;
    assert_eq!(outcome(&put), REFUSED);
}

pub async fn keys_are_not_empty(on: &On) {
    for (pk, sk) in [("", "1"), ("A", "")] {
        let put = on.client.put_item().table_name(&on.table);
        let put = put.set_item(Some(key(pk, sk))).send().await;
        assert_eq!(outcome(&put), REFUSED);
    }
}

pub async fn requests_name_a_table_and_its_key(on: &On) {
    let mut half = key("A", "1");
    half.remove("sk");
    let get = on.client.get_item().table_name(&on.table);
    assert_eq!(outcome(&get.set_key(Some(half)).send().await), REFUSED);
    let get = on.client.get_item().table_name("contract-there-is-none");
    let get = get.set_key(Some(key("A", "1"))).send().await;
    assert_eq!(outcome(&get), "ResourceNotFoundException");
    let mut numbers = key("A", "1");
    numbers.insert("sk".to_owned(), crate::on::n(1));
    let put = on.client.put_item().table_name(&on.table);
    let put = put.set_item(Some(numbers)).send().await;
    assert_eq!(outcome(&put), REFUSED);
}
