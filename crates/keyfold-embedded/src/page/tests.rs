//! Against the plain path: the same request, given to the engine as it is.

use dynoxide::actions::{create_table, put_item};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn storage(items: &[(u8, u16, usize, bool)]) -> Storage {
    let storage = Storage::memory().unwrap();
    let string = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
    let keys = |hash: &str, range: &str| {
        json!([
            {"AttributeName": hash, "KeyType": "HASH"},
            {"AttributeName": range, "KeyType": "RANGE"}
        ])
    };
    let table = json!({
        "TableName": "Orders",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [string("pk"), string("sk"), string("status"), string("rank")],
        "KeySchema": keys("pk", "sk"),
        "GlobalSecondaryIndexes": [
            {"IndexName": "whole", "KeySchema": keys("status", "sk"),
             "Projection": {"ProjectionType": "ALL"}},
            {"IndexName": "sparse", "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}],
             "Projection": {"ProjectionType": "KEYS_ONLY"}}
        ],
        "LocalSecondaryIndexes": [
            {"IndexName": "ranked", "KeySchema": keys("pk", "rank"),
             "Projection": {"ProjectionType": "KEYS_ONLY"}}
        ]
    });
    let table = serde_json::from_value(table).unwrap();
    pollster::block_on(create_table::execute(&storage, table)).unwrap();
    for (number, (pk, rank, bytes, open)) in items.iter().enumerate() {
        let mut item = json!({
            "pk": {"S": format!("PK{pk}")},
            "sk": {"S": format!("SK#{number:04}")},
            "rank": {"S": format!("{rank:05}")},
            "padding": {"S": "x".repeat(*bytes)},
        });
        if *open {
            item["status"] = json!({"S": "open"});
        }
        let put = json!({"TableName": "Orders", "Item": item});
        let put = serde_json::from_value(put).unwrap();
        pollster::block_on(put_item::execute(&storage, put)).unwrap();
    }
    storage
}

/// What is asked, without what shapes the answer.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a member of the request"
)]
struct Ask {
    scan: bool,
    index: Option<&'static str>,
    range: bool,
    forward: bool,
    consistent: bool,
    limit: Option<usize>,
    filter: Option<&'static str>,
    projection: bool,
    select: Option<&'static str>,
    capacity: Option<&'static str>,
    segment: Option<u32>,
    start_after: Option<usize>,
    learnt: Option<f64>,
}

impl Ask {
    fn request(&self, start: Option<&Value>, shaped: bool) -> Value {
        let mut request = json!({"TableName": "Orders"});
        let (mut names, mut values) = (json!({}), json!({}));
        if let Some(index) = self.index {
            request["IndexName"] = json!(index);
        }
        if self.scan {
            if let Some(segment) = self.segment {
                request["Segment"] = json!(segment);
                request["TotalSegments"] = json!(3);
            }
        } else {
            let (key, value) = match self.index {
                Some("whole" | "sparse") => ("status", "open"),
                _ => ("pk", "PK0"),
            };
            let mut condition = "#key = :key".to_owned();
            names["#key"] = json!(key);
            values[":key"] = json!({"S": value});
            let range = match self.index {
                None | Some("whole") => Some(("sk", "SK#0020", "SK#0900")),
                Some("ranked") => Some(("rank", "00100", "60000")),
                _ => None,
            };
            if self.range
                && let Some((name, from, to)) = range
            {
                condition.push_str(" AND #range BETWEEN :from AND :to");
                names["#range"] = json!(name);
                values[":from"] = json!({"S": from});
                values[":to"] = json!({"S": to});
            }
            request["KeyConditionExpression"] = json!(condition);
            request["ScanIndexForward"] = json!(self.forward);
        }
        let global = matches!(self.index, Some("whole" | "sparse"));
        if self.consistent && !global {
            request["ConsistentRead"] = json!(true);
        }
        if let Some(start) = start {
            request["ExclusiveStartKey"] = start.clone();
        }
        if let Some(limit) = self.limit {
            request["Limit"] = json!(limit);
        }
        // It decides what a row measures, so it is no mere shape.
        if self.select == Some("ALL_ATTRIBUTES") && self.index != Some("sparse") {
            request["Select"] = json!("ALL_ATTRIBUTES");
        }
        if shaped {
            if let Some(filter) = self.filter {
                request["FilterExpression"] = json!(filter);
                names["#filtered"] = json!("padding");
                if filter.contains(":bytes") {
                    values[":bytes"] = json!({"N": "5000"});
                }
            }
            if self.projection && request.get("Select").is_none() {
                request["ProjectionExpression"] = json!("#projected, sk");
                names["#projected"] = json!("rank");
            } else if self.select == Some("COUNT") {
                request["Select"] = json!("COUNT");
            }
            if let Some(capacity) = self.capacity {
                request["ReturnConsumedCapacity"] = json!(capacity);
            }
        }
        if names != json!({}) {
            request["ExpressionAttributeNames"] = names;
        }
        if values != json!({}) {
            request["ExpressionAttributeValues"] = values;
        }
        request
    }

    fn plain(&self, storage: &Storage, request: &Value) -> Value {
        fn run<P: Paged>(storage: &Storage, request: &Value) -> Value {
            let request: P = serde_json::from_value(request.clone()).unwrap();
            serde_json::to_value(request.execute(storage).unwrap()).unwrap()
        }
        if self.scan {
            run::<ScanRequest>(storage, request)
        } else {
            run::<QueryRequest>(storage, request)
        }
    }

    fn paged(&self, storage: &Storage, request: &Value) -> (Value, Option<Value>) {
        fn run<P: Paged>(
            storage: &Storage,
            request: &Value,
            sizes: &RowSizes,
        ) -> (Value, Option<Value>) {
            let payload = Payload::Bytes(request.to_string().into());
            let looked = match look::<P>(storage, &payload, sizes).unwrap() {
                Looked::Answered(answer) => Some(serde_json::from_slice(&answer).unwrap()),
                Looked::Long => None,
            };
            let page = page::<P>(storage, &payload, sizes).unwrap();
            (serde_json::from_slice(&page).unwrap(), looked)
        }
        let sizes = RowSizes::default();
        if let Some(bytes) = self.learnt {
            sizes.learn("Orders", self.index, bytes);
        }
        if self.scan {
            run::<ScanRequest>(storage, request, &sizes)
        } else {
            run::<QueryRequest>(storage, request, &sizes)
        }
    }
}

fn items() -> impl Strategy<Value = Vec<(u8, u16, usize, bool)>> {
    let bytes = prop_oneof![
        3 => 0..200_usize,
        3 => 1_000..9_000_usize,
        2 => 20_000..70_000_usize,
        1 => Just(390_000_usize),
    ];
    let item = (
        prop_oneof![4 => Just(0_u8), 1 => Just(1)],
        any::<u16>(),
        bytes,
        prop::bool::weighted(0.8),
    );
    prop::collection::vec(item, 0..160)
}

fn asks() -> impl Strategy<Value = Ask> {
    let what = (
        prop::bool::weighted(0.3),
        prop::option::of(prop::sample::select(vec!["whole", "sparse", "ranked"])),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        prop::option::of(prop_oneof![1..60_usize, 60..200_usize, Just(100_000)]),
    );
    let how = (
        prop::option::of(prop::sample::select(vec![
            "size(#filtered) > :bytes",
            "attribute_exists(#filtered)",
            "attribute_not_exists(#filtered)",
        ])),
        any::<bool>(),
        prop::option::of(prop::sample::select(vec!["COUNT", "ALL_ATTRIBUTES"])),
        prop::option::of(prop::sample::select(vec!["NONE", "TOTAL", "INDEXES"])),
        prop::option::of(0..3_u32),
        prop::option::of(1..40_usize),
        prop::option::of(prop::sample::select(vec![1.0, 300.0, 5_000.0, 400_000.0])),
    );
    (what, how).prop_map(
        |(
            (scan, index, range, forward, consistent, limit),
            (filter, projection, select, capacity, segment, start_after, learnt),
        )| Ask {
            scan,
            index,
            range,
            forward,
            consistent,
            limit,
            filter,
            projection,
            select,
            capacity,
            segment,
            start_after,
            learnt,
        },
    )
}

fn check(storage: &Storage, ask: &Ask) {
    // A key to start after, as an earlier page would have ended.
    let start = ask.start_after.and_then(|rows| {
        let earlier = Ask {
            limit: Some(rows),
            ..ask.clone()
        };
        let page = ask.plain(storage, &earlier.request(None, false));
        page.get("LastEvaluatedKey").cloned()
    });
    let request = ask.request(start.as_ref(), true);
    let mut expected = ask.plain(storage, &request);
    // What a page evaluates is what it returns when nothing is filtered away. The engine counts the
    // row that did not fit as well; DynamoDB does not.
    let unshaped = ask.plain(storage, &ask.request(start.as_ref(), false));
    let evaluated = unshaped["Items"].as_array().unwrap().len();
    let counted = expected["ScannedCount"].as_u64().unwrap();
    assert!(counted == evaluated as u64 || counted == evaluated as u64 + 1);
    expected["ScannedCount"] = json!(evaluated);

    let (paged, looked) = ask.paged(storage, &request);
    assert_eq!(paged, expected, "{ask:?}");
    if let Some(looked) = looked {
        assert_eq!(looked, expected, "at first look: {ask:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_page_is_what_the_plain_path_gives(
        items in items(),
        asks in prop::collection::vec(asks(), 12),
    ) {
        let storage = storage(&items);
        for ask in &asks {
            check(&storage, ask);
        }
    }
}

fn plain_ask() -> Ask {
    Ask {
        scan: false,
        index: None,
        range: false,
        forward: true,
        consistent: false,
        limit: None,
        filter: None,
        projection: false,
        select: None,
        capacity: Some("TOTAL"),
        segment: None,
        start_after: None,
        learnt: None,
    }
}

#[test]
fn a_page_cut_at_the_last_row_asked_for_counts_what_it_returns() {
    // Three of 390 KB do not fit into 1 MB.
    let storage = storage(&[(0, 0, 390_000, true); 4]);
    let ask = Ask {
        limit: Some(3),
        ..plain_ask()
    };
    let (page, looked) = ask.paged(&storage, &ask.request(None, true));
    assert!(looked.is_none());
    assert_eq!(page["Count"], 2);
    assert_eq!(page["ScannedCount"], 2);
    check(&storage, &ask);
}

#[test]
fn a_page_is_read_no_further_than_it_reaches() {
    // A row far beyond the first page is one that cannot be read at all.
    let storage = storage(&[(0, 0, 20_000, true); 200]);
    storage
        .conn()
        .execute_batch("UPDATE \"Orders\" SET item_json = X'00' WHERE sk LIKE '%0199'")
        .unwrap();
    for scan in [false, true] {
        let ask = Ask {
            scan,
            ..plain_ask()
        };
        let request = ask.request(None, true);
        let (page, _) = ask.paged(&storage, &request);
        assert_eq!(page["Count"], 52, "1 MB of 20 KB rows");

        // Without a limit the engine reads it, and fails: that is what the limit is for.
        let plain = if scan {
            let request: ScanRequest = serde_json::from_value(request).unwrap();
            request.execute(&storage).err()
        } else {
            let request: QueryRequest = serde_json::from_value(request).unwrap();
            request.execute(&storage).err()
        };
        assert_eq!(plain.unwrap().status_code(), 500);
    }
}
