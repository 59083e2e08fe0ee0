//! A small table with one of everything.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use keyfold::prelude::*;
use keyfold::{Clock, Condition, Hex16};

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", ttl = "expires", stream = new_and_old_images, patterns,
        index(Gsi1, name = "GSI1", pk = "GSI1PK", sk = "GSI1SK"),
        index(ByNumber, pk = "shop", sk = number("number")))]
pub struct Shop {
    pub customers: Repo<Customer>,
    pub emails: Repo<EmailClaim>,
    pub cards: Repo<Card>,
    pub orders: Repo<Order>,
    pub notes: Repo<Note>,
    pub sessions: Repo<Session>,
    pub totals: Repo<Totals>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "CUSTOMER#{id}", sk = "META")]
#[index(Gsi1, pk = "CITY#{city}", sk = "CUSTOMER#{joined}")]
#[unique(email, item = EmailClaim { email, customer: id })]
#[mirror(Card { customer: id, joined, name, visits })]
pub struct Customer {
    pub id: Id<Customer, Hex16>,
    pub email: String,
    pub name: String,
    pub city: Option<String>,
    #[serde(rename = "joinedAt")]
    pub joined: Timestamp,
    #[counter]
    pub visits: u64,
    #[version]
    pub version: u64,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "EMAIL#{email:lower}", sk = "META")]
pub struct EmailClaim {
    pub email: String,
    pub customer: Id<Customer, Hex16>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "CARDS", sk = "CARD#{joined:desc}#{customer}")]
pub struct Card {
    pub customer: Id<Customer, Hex16>,
    pub joined: Timestamp,
    pub name: String,
    #[counter]
    pub visits: u64,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "CUSTOMER#{customer}", sk = "ORDER#{placed}[#{suffix}]")]
#[index(ByNumber, pk = shop, sk = number)]
#[index(Gsi1, pk = "STATE#{state}", sk = "ORDER#{due}#{weight}")]
pub struct Order {
    pub customer: Id<Customer, Hex16>,
    pub placed: Timestamp,
    #[key_only]
    pub suffix: Option<String>,
    pub shop: String,
    pub number: Option<u32>,
    pub state: State,
    pub due: Timestamp,
    pub weight: u16,
    #[attr(omit_none)]
    pub coupon: Option<String>,
    pub lines: Vec<String>,
    #[updated]
    pub changed: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, KeyPart, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Open,
    InTransit,
}

/// Free text as a key of its own.
#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "NOTES#{folder}", sk = "NOTE#{title}")]
pub struct Note {
    #[key_only]
    pub folder: String,
    #[key_only]
    pub title: String,
    pub body: String,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "SESSION#{token}", sk = "META")]
pub struct Session {
    pub token: String,
    pub user: String,
    #[ttl]
    pub until: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "TOTALS#{city}", sk = "META")]
pub struct Totals {
    #[key_only]
    pub city: String,
    #[counter]
    pub orders: u64,
    #[counter]
    pub balance: i64,
    pub last: Option<String>,
    pub tags: Vec<String>,
    #[created]
    pub since: Timestamp,
    #[updated]
    pub changed: Timestamp,
}

#[derive(Debug, PartialEq, ItemCollection)]
#[collection(Customer)]
pub struct File {
    #[one]
    pub customer: Customer,
    #[many]
    pub orders: Vec<Order>,
}

#[access_patterns]
impl Shop {
    /// Customers of a city, the newest first.
    #[query(Customer, index = Gsi1, newest_first, page = 3)]
    pub fn customers_in(&self, city: &str) -> Pages<Customer>;

    /// All cards, the newest first by key.
    #[query(Card, page = 4)]
    pub fn cards(&self) -> Pages<Card>;

    /// Cards of customers who joined since a moment.
    #[query(Card)]
    pub fn cards_since(&self, #[from] joined: Timestamp) -> Pages<Card>;

    /// A customer's orders between two moments.
    #[query(Order)]
    pub fn orders_between(
        &self,
        customer: &Id<Customer, Hex16>,
        #[between] placed: std::ops::Range<Timestamp>,
    ) -> Pages<Order>;

    /// Orders in a state, due by a moment.
    #[query(Order, index = Gsi1)]
    pub fn orders_due(&self, state: State, #[to] due: Timestamp) -> Pages<Order>;

    /// Orders of a shop by number.
    #[query(Order, index = ByNumber)]
    pub fn orders_of(&self, shop: &str) -> Pages<Order>;

    /// Notes whose title begins so.
    #[query(Note)]
    pub fn notes_named(&self, folder: &str, #[begins] title: &str) -> Pages<Note>;

    /// A customer with all orders.
    #[query(File, max_items = 50)]
    pub fn file(&self, customer: &Id<Customer, Hex16>) -> Collect<File>;
}

/// A clock that stands until it is moved.
#[derive(Clone)]
pub struct Hands(Arc<AtomicI64>);

impl Hands {
    pub fn forward_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).expect("a moment")
    }
}

pub struct Open {
    pub db: Shop,
    pub client: aws_sdk_dynamodb::Client,
    pub hands: Hands,
}

pub async fn open() -> Open {
    let client = keyfold::embedded::memory().client();
    let hands = Hands(Arc::new(AtomicI64::new(1_772_357_400_000)));
    let db = Shop::builder(client.clone())
        .clock(hands.clone())
        .cursor_secret("shop shop shop!!")
        .build();
    db.create_table().await.expect("created");
    Open { db, client, hands }
}

pub fn customer(number: u128) -> Customer {
    Customer {
        id: Id::from_bits(number),
        email: format!("c{number}@mail.example"),
        name: format!("Customer {number}"),
        city: Some("Geneva".to_owned()),
        joined: moment(i64::try_from(number).expect("small") * 1_000),
        visits: 0,
        version: 1,
    }
}

pub fn order(customer: u128, minute: i64) -> Order {
    Order {
        customer: Id::from_bits(customer),
        placed: moment(minute * 60_000),
        suffix: None,
        shop: "main".to_owned(),
        number: u32::try_from(minute).ok(),
        state: State::Open,
        due: moment(minute * 60_000 + 1),
        weight: 7,
        coupon: None,
        lines: vec!["watch".to_owned()],
        changed: moment(0),
    }
}

pub fn moment(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_772_357_400_000 + ms).expect("a moment")
}

/// A raw item, read around the repositories.
pub async fn raw(client: &aws_sdk_dynamodb::Client, pk: &str, sk: &str) -> Option<keyfold::Item> {
    use aws_sdk_dynamodb::types::AttributeValue::S;
    let get = client
        .get_item()
        .table_name("shop")
        .key("PK", S(pk.to_owned()))
        .key("SK", S(sk.to_owned()));
    get.consistent_read(true).send().await.expect("read").item
}

pub async fn count(client: &aws_sdk_dynamodb::Client) -> i32 {
    client
        .scan()
        .table_name("shop")
        .consistent_read(true)
        .send()
        .await
        .expect("scanned")
        .count
}

pub fn never(_: CustomerFields) -> Condition {
    Customer::fields().name.eq("nobody has this name")
}
