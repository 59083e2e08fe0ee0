//! Pages of a Query or Scan.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;

use crate::on::{BY_STATUS, Engine, On, item, key, n, s, sized, texts};

fn query(on: &On) -> QueryFluentBuilder {
    let query = on.client.query().table_name(&on.table);
    query
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", s("A"))
}

fn names(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| format!("{number:03}")).collect()
}

pub async fn a_page_ends_at_1_mb(on: &On) {
    for sk in names(0..50) {
        on.put(sized("A", &sk, 50_000)).await;
    }
    let mut pages = Vec::new();
    let (mut found, mut start) = (Vec::new(), None);
    loop {
        let page = query(on)
            .set_exclusive_start_key(start)
            .send()
            .await
            .unwrap();
        assert_eq!(page.count, page.scanned_count);
        assert_eq!(usize::try_from(page.count).unwrap(), page.items().len());
        found.extend(texts(page.items(), "sk"));
        pages.push(page.count);
        start = page.last_evaluated_key;
        let Some(last) = &start else { break };
        assert_eq!(*last, key("A", found.last().unwrap()));
    }
    assert_eq!(found, names(0..50));
    // 1,048,576 bytes hold 20 items.
    on.documented(vec![20, 20, 10])
        .differs(
            Engine::DynamoDbLocal,
            "A page of 1 MB has the item that exceeds it, too",
            vec![21, 21, 8],
        )
        .is(&pages);
}

pub async fn a_filter_is_applied_after_the_page_is_read(on: &On) {
    for number in 0..10_usize {
        on.put(item(
            "A",
            &format!("{number:03}"),
            [("even", n(number % 2))],
        ))
        .await;
    }
    let page = query(on)
        .limit(4)
        .filter_expression("even = :even")
        .expression_attribute_values(":even", n(0))
        .send()
        .await
        .unwrap();
    assert_eq!((page.count, page.scanned_count), (2, 4));
    assert_eq!(page.last_evaluated_key, Some(key("A", "003")));
    // Nothing found is no end.
    let page = query(on)
        .limit(4)
        .filter_expression("even = :even")
        .expression_attribute_values(":even", n(9))
        .send()
        .await
        .unwrap();
    assert_eq!((page.count, page.scanned_count), (0, 4));
    assert_eq!(page.last_evaluated_key, Some(key("A", "003")));
}

pub async fn a_limit_ends_a_page_also_where_nothing_follows(on: &On) {
    for sk in names(0..3) {
        on.put(item("A", &sk, [("status", s("open"))])).await;
    }
    let page = query(on).limit(3).send().await.unwrap();
    assert_eq!(page.count, 3);
    assert_eq!(page.last_evaluated_key, Some(key("A", "002")));
    let page = query(on)
        .limit(3)
        .set_exclusive_start_key(page.last_evaluated_key)
        .send()
        .await
        .unwrap();
    assert_eq!((page.count, page.last_evaluated_key), (0, None));
    assert_eq!(query(on).send().await.unwrap().last_evaluated_key, None);
    // A page of an index goes on from its key and the table's.
    let expected = Some(item("A", "001", [("status", s("open"))]));
    on.eventually(expected, async || {
        let page = on.client.query().table_name(&on.table);
        let page = page.index_name(BY_STATUS).limit(2);
        let page = page
            .key_condition_expression("#status = :open")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":open", s("open"));
        page.send().await.unwrap().last_evaluated_key
    })
    .await;
}

pub async fn pages_run_backwards_too(on: &On) {
    for sk in names(0..9) {
        on.put(key("A", &sk)).await;
    }
    let (mut found, mut start) = (Vec::new(), None);
    loop {
        let page = query(on).scan_index_forward(false).limit(2);
        let page = page.set_exclusive_start_key(start).send().await.unwrap();
        found.extend(texts(page.items(), "sk"));
        start = page.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    found.reverse();
    assert_eq!(found, names(0..9));
}

pub async fn a_scan_in_segments_sees_each_item_once(on: &On) {
    for pk in names(0..40) {
        on.put(key(&pk, "1")).await;
    }
    let mut found = Vec::new();
    for segment in 0..4 {
        let mut start = None;
        loop {
            let page = on.client.scan().table_name(&on.table).limit(3);
            let page = page.segment(segment).total_segments(4);
            let page = page.set_exclusive_start_key(start).send().await.unwrap();
            found.extend(texts(page.items(), "pk"));
            start = page.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
    }
    found.sort();
    assert_eq!(found, names(0..40));
}
