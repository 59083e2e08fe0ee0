//! What an item can hold: numbers of 38 digits, bytes, enums with data, identifiers of several forms.

use aws_sdk_dynamodb::types::AttributeValue;
use keyfold::prelude::*;

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", patterns)]
pub struct Bank {
    pub payments: Repo<Payment>,
    pub events: Repo<Event>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "ACCOUNT#{account}", sk = "PAYMENT#{id}")]
pub struct Payment {
    pub account: u64,
    pub id: Id<Payment>,
    pub amount: Number,
    pub rate: Option<Number>,
    pub receipt: Bytes,
    pub method: Method,
    pub large: i128,
}

/// Variants with data, each in its own way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Cash,
    Card { last_four: String, network: Network },
    Transfer(String, Number),
    Voucher(Bytes),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Network {
    Visa { fee: Number },
    Other { name: String },
}

/// A UUID of version 7 sorts by time as a ULID does.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "EVENTS", sk = "EVENT#{id}")]
pub struct Event {
    pub id: Id<Event, UuidV7Format>,
}

#[access_patterns]
impl Bank {
    /// Payments of an account.
    #[query(Payment)]
    pub fn payments_of(&self, account: u64) -> Pages<Payment>;

    /// All events, in order.
    #[query(Event)]
    pub fn all_events(&self) -> Pages<Event>;
}

async fn open() -> Bank {
    let db = Bank::builder(keyfold::embedded::memory().client()).build();
    db.create_table().await.expect("created");
    db
}

fn number(text: &str) -> Number {
    text.parse().expect("a number")
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_was_written() {
    let db = open().await;
    let methods = [
        Method::Cash,
        Method::Card {
            last_four: "1234".to_owned(),
            network: Network::Visa {
                fee: number("0.12345678901234567890123456789012345678"),
            },
        },
        Method::Card {
            last_four: String::new(),
            network: Network::Other {
                name: "Überweisung".to_owned(),
            },
        },
        Method::Transfer("CH93".to_owned(), number("1e125")),
        Method::Voucher(Bytes::from(vec![0, 255])),
    ];
    let mut written = Vec::new();
    for method in methods {
        let payment = Payment {
            account: u64::MAX,
            id: db.new_id(),
            amount: number("-99999999999999999999999999999999999999"),
            rate: Some(number("0.000000000000000000000000000000000001")),
            receipt: Bytes::from(vec![7; 1_000]),
            method,
            large: -10_i128.pow(37),
        };
        db.payments.create(payment.clone()).await.expect("created");
        let read = db.payments.get(&payment).consistent().await.expect("read");
        assert_eq!(read, payment);
        written.push(payment);
    }
    written.sort_by_key(|payment| payment.id);
    let listed = db.payments_of(u64::MAX).page().await;
    assert_eq!(listed.expect("listed").items, written);
}

#[tokio::test]
async fn numbers_are_stored_as_numbers_and_bytes_as_bytes() {
    let db = open().await;
    let payment = Payment {
        account: 1,
        id: db.new_id(),
        amount: number("10.50"),
        rate: None,
        receipt: Bytes::from([1, 2, 3]),
        method: Method::Cash,
        large: 7,
    };
    db.payments.create(payment.clone()).await.expect("created");
    let item = db.client().scan().table_name(db.table_name()).send().await;
    let item = item.expect("scanned").items()[0].clone();
    assert_eq!(item["amount"], AttributeValue::N("10.5".into()));
    assert_eq!(item["rate"], AttributeValue::Null(true));
    assert_eq!(item["receipt"], AttributeValue::B(vec![1, 2, 3].into()));
    assert_eq!(item["method"], AttributeValue::S("cash".into()));
}

#[tokio::test]
async fn conditions_compare_numbers_by_all_their_digits() {
    let db = open().await;
    let payment = Payment {
        account: 1,
        id: db.new_id(),
        amount: number("12345678901234567890.1"),
        rate: None,
        receipt: Bytes::default(),
        method: Method::Cash,
        large: 0,
    };
    db.payments.create(payment.clone()).await.expect("created");
    let set = |than: &str| {
        let than = number(than);
        let patch = db.payments.patch(&payment).large(1);
        patch.when(move |p| p.amount.gt(than)).send()
    };
    set("12345678901234567890.0").await.expect("greater");
    let refused = set("12345678901234567890.1")
        .await
        .expect_err("not greater");
    assert!(refused.is_condition_failed(), "{refused}");
}

#[tokio::test]
async fn what_dynamodb_cannot_hold_is_refused_before_it_is_sent() {
    let db = open().await;
    let payment = Payment {
        account: 1,
        id: db.new_id(),
        amount: number("1"),
        rate: None,
        receipt: Bytes::default(),
        method: Method::Cash,
        large: i128::MAX,
    };
    let error = db.payments.create(payment).await.expect_err("39 digits");
    assert!(error.to_string().contains("KF1006"), "{error}");
}

#[tokio::test]
async fn identifiers_of_both_forms_sort_by_time() {
    let db = open().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        let id = db.new_id();
        db.events.create(Event { id }).await.expect("created");
        ids.push(id);
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let listed = db.all_events().page().await.expect("listed").items;
    let listed: Vec<_> = listed.into_iter().map(|event| event.id).collect();
    assert_eq!(listed, ids);
    assert_eq!(ids[0].to_string().len(), 36);
    let uuid: uuid::Uuid = ids[0].to_string().parse().expect("a UUID");
    assert_eq!(uuid.get_version_num(), 7);
}
